// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/reputation.h"
#include <stdlib.h>
#include "decoders/app/dns/dns.h"
#include "decoders/app/http/http.h"
#include "decoders/app/tls/tls.h"
#include "decoders/base/log.h"
#include "signatures/reputation/reputation_list.h"
#include "signatures/reputation/reputation_told.h"

#define HITS_MAX    8   // told of one packet; more are counted as lost
#define ANSWERS_MAX 256 // records of a DNS message looked at
#define NAMES_MAX   16  // questions of a DNS message looked at
#define VALUE_MAX   256 // bytes of a name shown

#define AT(member) offsetof(struct reputation_config, member)

const struct option reputation_options[] = {
	{ "reputation.enabled", OPTION_BOOL, AT(enabled), "yes", 0, 0, NULL, CHANGE_RELOAD,
		"look up addresses and names in reputation.lists; without lists it costs nothing" },
	{ "reputation.lists", OPTION_LIST, AT(lists), NULL, 0, 0, NULL, CHANGE_RELOAD,
		"files of known bad addresses, networks and domains, one a line" },
	{ "reputation.allow", OPTION_LIST, AT(allow), NULL, 0, 0, NULL, CHANGE_RELOAD,
		"files of the same form with what is never told of; they win over reputation.lists" },
	{ NULL, OPTION_BOOL, 0, NULL, 0, 0, NULL, CHANGE_RESTART, NULL },
};

#define REPUTATION_COUNTER_NAME(constant, name) [constant] = name,
const char *const reputation_counter_names[REPUTATION_COUNTERS_END] = { REPUTATION_COUNTERS(REPUTATION_COUNTER_NAME) };

struct reputation {
	struct reputation_list *bad, *allow;
};

struct hit {
	struct finding_detail detail;
	uint8_t value[VALUE_MAX];
};

struct reputation_worker {
	const struct reputation *reputation;
	uint64_t counters[REPUTATION_COUNTERS_END];
	struct told_table told;
	unsigned hit_count;
	struct hit hits[HITS_MAX];
};

// Generation ---------------------------------------------------------------------------------------------------------------------

static struct reputation_list *load_list(const struct option_list *paths)
{
	struct reputation_list *list = reputation_list_new();
	bool good = list != NULL;
	for (size_t i = 0; good && i < paths->count; i++)
		good = reputation_list_read_file(list, paths->values[i]);
	if (good && reputation_list_finish(list))
		return list;
	reputation_list_free(list);
	return NULL;
}

struct reputation *reputation_load(const struct reputation_config *config)
{
	struct reputation *reputation = calloc(1, sizeof(*reputation));
	if (reputation && (reputation->bad = load_list(&config->lists)) &&
		(reputation->allow = load_list(&config->allow)))
		return reputation;
	log_error("reputation lists cannot be loaded");
	reputation_free(reputation);
	return NULL;
}

void reputation_free(struct reputation *reputation)
{
	if (!reputation)
		return;
	reputation_list_free(reputation->bad);
	reputation_list_free(reputation->allow);
	free(reputation);
}

void reputation_facts(const struct reputation *reputation, struct reputation_facts *out)
{
	*out = (struct reputation_facts) {
		.indicators = reputation_list_count(reputation->bad),
		.allowed = reputation_list_count(reputation->allow),
		.bad_lines = reputation_list_bad_lines(reputation->bad) + reputation_list_bad_lines(reputation->allow),
	};
}

struct reputation_worker *reputation_worker_new(const struct reputation *reputation)
{
	struct reputation_worker *worker = calloc(1, sizeof(*worker));
	if (!worker || !told_table_init(&worker->told)) {
		free(worker);
		return NULL;
	}
	worker->reputation = reputation;
	return worker;
}

void reputation_worker_set(struct reputation_worker *worker, const struct reputation *reputation)
{
	worker->reputation = reputation;
}

void reputation_worker_free(struct reputation_worker *worker)
{
	free(worker);
}

const uint64_t *reputation_worker_counters(const struct reputation_worker *worker)
{
	return worker->counters;
}

// Findings -----------------------------------------------------------------------------------------------------------------------

static const struct rule_pair technique[] = {
	{ "mitre_tactic_id", "TA0011" },
	{ "mitre_tactic_name", "Command_And_Control" },
	{ "mitre_technique_id", "T1071" },
	{ "mitre_technique_name", "Application_Layer_Protocol" },
	{ "confidence", "Medium" },
	{ "signature_severity", "Major" },
};

#define REPUTATION_RULE(number, text)                                                                                  \
	{                                                                                                              \
		.gid = REPUTATION_GID, .sid = number, .rev = 1, .action = RULE_ALERT, .type = RULE_TYPE_PACKET,        \
		.priority = 2, .msg = text, .classtype = "bad-host", .category = "Known Bad Address or Domain",        \
		.metadata = (struct rule_pair *)technique, .metadata_count = sizeof(technique) / sizeof(technique[0]), \
	}
static const struct rule address_rule = REPUTATION_RULE(1, "REPUTATION listed address met");
static const struct rule domain_rule = REPUTATION_RULE(2, "REPUTATION listed domain met");

static const char *const kind_names[REPUTATION_KINDS] = {
	[REPUTATION_ADDRESS] = "address",
	[REPUTATION_NETWORK] = "network",
	[REPUTATION_DOMAIN] = "domain",
};

// One look at a packet: where its findings go, and what it is about.
struct look {
	struct reputation_worker *worker;
	const struct inspection *inspection;
	struct findings *findings;
	struct app_tx *tx; // NULL: the flow's ends
};

static void fill(struct hit *hit, const struct reputation_list *list, const struct reputation_indicator *indicator,
	const struct told_entry *told, const char *where, struct span value)
{
	uint32_t len = value.len < VALUE_MAX ? value.len : VALUE_MAX;
	memcpy(hit->value, value.data, len);
	struct finding_detail *detail = &hit->detail;
	*detail = (struct finding_detail) { .family = "reputation" };
	detail_text(detail, "indicator", reputation_list_text(list, indicator));
	detail_text(detail, "kind", span_text(kind_names[indicator->kind]));
	detail_text(detail, "list", span_text(reputation_list_file(list, indicator)));
	detail_text(detail, "where", span_text(where));
	detail_text(detail, "value", span_of(hit->value, len));
	detail_time(detail, "first_seen", told->first_ns);
	detail_number(detail, "repeats", told->repeats);
}

static void tell(
	const struct look *look, const struct reputation_indicator *indicator, const char *where, struct span value)
{
	struct reputation_worker *worker = look->worker;
	struct findings *findings = look->findings;
	const struct packet *packet = look->inspection->packet;
	const struct reputation_list *list = worker->reputation->bad;
	worker->counters[REPUTATION_COUNT_HITS]++;
	bool room = worker->hit_count < HITS_MAX && findings->count < FINDINGS_MAX;
	struct told_entry told;
	// The text's place names the indicator: the same for all workers
	if (!told_table_ask(&worker->told, &packet->src, &packet->dst, indicator->text_offset, packet->ts_ns,
		    room ? &told : NULL)) {
		worker->counters[REPUTATION_COUNT_SUPPRESSED]++;
		return;
	}
	if (!room) {
		findings->lost++;
		return;
	}
	struct hit *hit = &worker->hits[worker->hit_count++];
	fill(hit, list, indicator, &told, where, value);
	findings->items[findings->count++] = (struct finding) {
		.rule = indicator->kind == REPUTATION_DOMAIN ? &domain_rule : &address_rule,
		.tx = look->tx,
		.tx_id = look->tx ? look->tx->id : 0,
		.where = look->tx ? FOUND_TX : FOUND_PACKET,
		.action = RULE_ALERT,
		.direction = packet->direction,
		.detail = &hit->detail,
	};
}

// Lookups ------------------------------------------------------------------------------------------------------------------------

// Addresses that belong to nobody on the Internet: what a list says of them is not about the host here.
static bool is_own(const struct address *address)
{
	static const struct {
		struct address net;
		uint8_t bits;
	} own[] = {
		{ { .bytes = { [10] = 0xff, 0xff, 0 } }, 104 },  // 0.0.0.0/8
		{ { .bytes = { [10] = 0xff, 0xff, 10 } }, 104 }, // RFC 1918
		{ { .bytes = { [10] = 0xff, 0xff, 172, 16 } }, 108 },
		{ { .bytes = { [10] = 0xff, 0xff, 192, 168 } }, 112 },
		{ { .bytes = { [10] = 0xff, 0xff, 100, 64 } }, 106 }, // RFC 6598
		{ { .bytes = { [10] = 0xff, 0xff, 127 } }, 104 },
		{ { .bytes = { [10] = 0xff, 0xff, 169, 254 } }, 112 },
		{ { .bytes = { [10] = 0xff, 0xff, 224 } }, 99 }, // multicast, reserved, broadcast
		{ { .bytes = { 0 } }, 96 },                      // ::, ::1, and IPv4 the old way
		{ { .bytes = { 0xfc } }, 7 },                    // RFC 4193
		{ { .bytes = { 0xfe, 0x80 } }, 10 },
		{ { .bytes = { 0xff } }, 8 },
	};
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (address_in(address, &own[i].net, own[i].bits))
			return true;
	return false;
}

static void look_up_address(const struct look *look, const struct address *address, const char *where)
{
	const struct reputation *reputation = look->worker->reputation;
	if (is_own(address))
		return;
	look->worker->counters[REPUTATION_COUNT_CHECKS]++;
	const struct reputation_indicator *found = reputation_list_find_address(reputation->bad, address);
	if (!found)
		return;
	if (reputation_list_find_address(reputation->allow, address)) {
		look->worker->counters[REPUTATION_COUNT_ALLOWED]++;
		return;
	}
	char text[ADDRESS_TEXT_SIZE];
	unsigned len = address_format(address, true, text);
	tell(look, found, where, span_of(text, len));
}

static void look_up_name(const struct look *look, struct span name, const char *where)
{
	const struct reputation *reputation = look->worker->reputation;
	if (!name.len)
		return;
	look->worker->counters[REPUTATION_COUNT_CHECKS]++;
	const struct reputation_indicator *found = reputation_list_find_domain(reputation->bad, name);
	if (!found)
		return;
	if (reputation_list_find_domain(reputation->allow, name)) {
		look->worker->counters[REPUTATION_COUNT_ALLOWED]++;
		return;
	}
	tell(look, found, where, name);
}

static void look_at_questions(const struct look *look, const struct dns_message *message)
{
	unsigned count;
	const struct dns_record *records = dns_message_section(message, DNS_QUERIES, &count);
	struct dns_name name;
	for (unsigned i = 0; i < count && i < NAMES_MAX; i++)
		if (dns_name_read(message->bytes, records[i].name, message->bytes.len, &name))
			look_up_name(look, span_of(name.text, name.len), "dns question");
}

static void look_at_answers(const struct look *look, const struct dns_message *message)
{
	unsigned count;
	const struct dns_record *records = dns_message_section(message, DNS_ANSWERS, &count);
	struct dns_name name;
	uint32_t last = UINT32_MAX; // names of a message repeat: by the place they are read from
	for (unsigned i = 0; i < count && i < ANSWERS_MAX; i++) {
		const struct dns_record *record = &records[i];
		struct span data = dns_record_data(message, record);
		if (record->type == DNS_A && data.len == 4) {
			struct address address = address_v4(data.data);
			look_up_address(look, &address, "dns answer");
		} else if (record->type == DNS_AAAA && data.len == 16) {
			struct address address = address_v6(data.data);
			look_up_address(look, &address, "dns answer");
		} else if (dns_record_data_name(message, record, &name)) {
			look_up_name(look, span_of(name.text, name.len), "dns answer");
		}
		if (record->name != last && dns_name_read(message->bytes, record->name, message->bytes.len, &name))
			look_up_name(look, span_of(name.text, name.len), "dns answer");
		last = record->name;
	}
}

static bool look_at_dns(const struct look *look, enum direction direction)
{
	const struct dns_tx *dns = dns_tx_of(look->tx);
	if (!(look->tx->direction_mask >> direction & 1))
		return true;
	look_at_questions(look, &dns->message);
	if (dns->response)
		look_at_answers(look, &dns->message);
	return true;
}

// The client's hello is one message: its name is there with it.
static bool look_at_tls(const struct look *look, enum direction direction)
{
	const struct tls_tx *tls = (const struct tls_tx *)(const void *)look->tx;
	if (direction == TO_CLIENT)
		return true;
	if (!tls->side[TO_SERVER].has_hello)
		return false;
	look_up_name(look, bytes_span(&tls->side[TO_SERVER].sni), "tls sni");
	return true;
}

static bool look_at_http(const struct look *look, enum direction direction)
{
	struct span host;
	if (direction == TO_CLIENT)
		return true;
	if (look->tx->progress[TO_SERVER] < HTTP_BODY)
		return false;
	if (!http_part(look->tx, HTTP_PART_HOST, &host) || !host.len)
		return true;
	char text[ADDRESS_TEXT_SIZE + 2];
	struct span inner =
		host.data[0] == '[' && host.data[host.len - 1] == ']' ? span_slice(host, 1, host.len - 2) : host;
	struct address address;
	if (inner.len < sizeof(text)) {
		memcpy(text, inner.data, inner.len);
		text[inner.len] = 0;
		if (address_parse(text, &address)) {
			look_up_address(look, &address, "http host");
			return true;
		}
	}
	look_up_name(look, host, "http host");
	return true;
}

static const struct {
	const struct app_parser *parser;
	bool (*look)(const struct look *look, enum direction direction); // false: what it looks for is not there yet
} names[] = {
	{ &dns_parser, look_at_dns },
	{ &tls_parser, look_at_tls },
	{ &http_parser, look_at_http },
};

static void look_at_transactions(struct look *look, const struct flow *flow, enum direction direction)
{
	size_t which = 0;
	while (which < sizeof(names) / sizeof(names[0]) && names[which].parser != flow->app.parser)
		which++;
	if (which == sizeof(names) / sizeof(names[0]))
		return;
	uint8_t bit = (uint8_t)(1u << direction);
	for (look->tx = flow->app.tx_first; look->tx; look->tx = look->tx->next)
		if (!(look->tx->named & bit) && names[which].look(look, direction))
			look->tx->named |= bit;
}

// A pass rule, of the flow or in this packet, takes from detectors what it takes from rules.
static bool is_passed(const struct inspection *inspection, const struct findings *findings)
{
	if (inspection->packet->flags & PACKET_NO_INSPECT ||
		(inspection->flow && inspection->flow->flags & (FLOW_PASSED | FLOW_DROPPED)))
		return true;
	for (uint32_t i = 0; i < findings->count; i++)
		if (findings->items[i].action == RULE_PASS)
			return true;
	return false;
}

void reputation_inspect(
	struct reputation_worker *worker, const struct inspection *inspection, struct findings *findings)
{
	struct packet *packet = inspection->packet;
	const struct flow *flow = inspection->flow;
	worker->hit_count = 0;
	bool first = packet->flags & PACKET_FLOW_FIRST;
	if (!flow || (!first && !flow->app.tx_first) || is_passed(inspection, findings))
		return;
	struct look look = { worker, inspection, findings, NULL };
	if (first) {
		look_up_address(&look, &packet->src, "source address");
		look_up_address(&look, &packet->dst, "destination address");
	}
	if (flow->app.tx_first)
		look_at_transactions(&look, flow, packet->direction);
}
