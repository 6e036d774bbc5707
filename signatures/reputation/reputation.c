// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/reputation.h"
#include <stdlib.h>
#include "decoders/base/log.h"
#include "signatures/reputation/reputation_list.h"
#include "signatures/reputation/reputation_told.h"

#define HITS_MAX  8   // told of one packet; more are counted as lost
#define VALUE_MAX 256 // bytes of a name shown

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
	bool passed; // a pass rule holds for the packet at hand
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

static void look_up_address(const struct look *look, const struct named *named)
{
	const struct reputation *reputation = look->worker->reputation;
	const struct address *address = &named->address;
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
	tell(look, found, named_place_names[named->place], span_of(text, len));
}

static void look_up_name(const struct look *look, const struct named *named)
{
	const struct reputation *reputation = look->worker->reputation;
	look->worker->counters[REPUTATION_COUNT_CHECKS]++;
	const struct reputation_indicator *found = reputation_list_find_domain(reputation->bad, named->value);
	if (!found)
		return;
	if (reputation_list_find_domain(reputation->allow, named->value)) {
		look->worker->counters[REPUTATION_COUNT_ALLOWED]++;
		return;
	}
	tell(look, found, named_place_names[named->place], named->value);
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

void reputation_begin(
	struct reputation_worker *worker, const struct inspection *inspection, const struct findings *findings)
{
	worker->hit_count = 0;
	worker->passed = is_passed(inspection, findings);
}

void reputation_take(struct reputation_worker *worker, const struct inspection *inspection, const struct named *named,
	struct findings *findings)
{
	const struct look look = { worker, inspection, findings, named->tx };
	if (worker->passed)
		return;
	if (named->kind == INDICATOR_ADDRESS)
		look_up_address(&look, named);
	else if (named->kind == INDICATOR_DOMAIN)
		look_up_name(&look, named);
}
