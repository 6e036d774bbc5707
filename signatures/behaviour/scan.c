// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/behaviour/scan.h"
#include <stdio.h>
#include <stdlib.h>
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "decoders/packet/packet.h"
#include "signatures/behaviour/lru_table.h"

#define FAST_NS          (60 * NS_PER_S)
#define SLOW_NS          (3600 * NS_PER_S)
#define SLOW_FACTOR      2
#define REPEAT_NS        (600 * NS_PER_S) // between two alerts of one situation
#define CHUNK_ITEMS      10
#define EXAMPLES_MAX     8
#define SYSTEM_PORTS     1024 // RFC 6335 6: below
#define TRACEROUTE_FIRST 33434
#define TRACEROUTE_LAST  33534

static const struct rule_pair vertical_metadata[] = {
	{ "mitre_tactic_id", "TA0007" },
	{ "mitre_tactic_name", "Discovery" },
	{ "mitre_technique_id", "T1046" },
	{ "mitre_technique_name", "Network_Service_Discovery" },
	{ "confidence", "High" },
	{ "signature_severity", "Minor" },
};

static const struct rule_pair horizontal_metadata[] = {
	{ "mitre_tactic_id", "TA0007" },
	{ "mitre_tactic_name", "Discovery" },
	{ "mitre_technique_id", "T1046" },
	{ "mitre_technique_id", "T1018" },
	{ "mitre_technique_name", "Network_Service_Discovery" },
	{ "mitre_technique_name", "Remote_System_Discovery" },
	{ "confidence", "Medium" },
	{ "signature_severity", "Minor" },
};

#define SCAN_RULE(number, text, pairs)                                                                          \
	{                                                                                                       \
		.sid = (number), .gid = SCAN_GID, .rev = 1, .action = RULE_ALERT, .priority = 4, .msg = (text), \
		.classtype = "network-scan", .category = "Detection of a Network Scan",                         \
		.metadata = (struct rule_pair *)(pairs), .metadata_count = sizeof(pairs) / sizeof((pairs)[0]),  \
	}

static const struct rule rules[SCAN_KINDS] = {
	SCAN_RULE(SCAN_VERTICAL, "SCAN many ports of one host", vertical_metadata),
	SCAN_RULE(SCAN_HORIZONTAL, "SCAN one service on many hosts", horizontal_metadata),
};

const struct rule *scan_rule(enum scan_sid sid)
{
	return &rules[sid - 1];
}

// A port (in the last word) or a target.
struct item {
	struct address what;
	uint64_t tried_ns;
};

struct chunk {
	struct item items[CHUNK_ITEMS];
	uint32_t next; // number of the next one, 0 none; of the next free one
};

// Keys have no gaps: they are compared as bytes.
struct series_key {
	struct address source, target; // target zero: horizontal
	uint16_t port;                 // 0: vertical
	uint8_t proto, sid;
	uint32_t reserved;
};

struct series {
	struct series_key key;
	uint64_t newest_ns; // latest opening
	uint32_t silent, refused, probes;
	uint32_t count; // items held, in the chunks in order
	uint32_t first, last;
	bool told; // part of the situation
};

struct situation_key {
	struct address source;
	uint64_t sid;
};

struct situation {
	struct situation_key key;
	uint64_t first_ns, last_ns, told_ns;
	uint64_t silent, refused, probes;
	uint32_t series, alerts;
};

struct network {
	struct address address;
	unsigned prefix_bits;
};

struct scan {
	struct scan_config config;
	struct lru_table *series, *situations;
	struct chunk *chunks; // [0] unused
	uint32_t chunk_capacity, chunks_cut, chunk_free;
	struct network *ignore;
	size_t ignore_count;
	struct scan_counts counts;
};

// "192.0.2.0/24", "2001:db8::1".
static bool parse_network(const char *text, struct network *network)
{
	char address[ADDRESS_TEXT_SIZE];
	size_t len = strcspn(text, "/");
	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = 0;
	if (!address_parse(address, &network->address))
		return false;
	network->prefix_bits = 128;
	if (!text[len])
		return true;
	char *end;
	unsigned long bits = strtoul(text + len + 1, &end, 10);
	unsigned before = address_is_v4(&network->address) ? 96 : 0;
	if (end == text + len + 1 || *end || bits > 128 - before)
		return false;
	network->prefix_bits = before + (unsigned)bits;
	return true;
}

static bool parse_ignored(struct scan *scan, const struct option_list *list)
{
	scan->ignore = calloc(list->count + 1, sizeof(*scan->ignore));
	for (size_t i = 0; scan->ignore && i < list->count; i++) {
		if (!parse_network(list->values[i], &scan->ignore[i])) {
			log_error("behaviour.scan.ignore: \"%s\" is neither an address nor a network", list->values[i]);
			return false;
		}
		scan->ignore_count++;
	}
	return scan->ignore != NULL;
}

struct scan *scan_new(const struct scan_config *config)
{
	struct scan *scan = calloc(1, sizeof(*scan));
	if (!scan)
		return NULL;
	scan->config = *config;
	size_t eighth = config->memcap_bytes / 8, chunks = 3 * eighth / sizeof(struct chunk);
	scan->chunk_capacity = chunks < 128 ? 128 : chunks > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uint32_t)chunks;
	scan->chunks = calloc((size_t)scan->chunk_capacity + 1, sizeof(*scan->chunks));
	scan->series = lru_table_new(sizeof(struct series), sizeof(struct series_key), 4 * eighth);
	scan->situations = lru_table_new(sizeof(struct situation), sizeof(struct situation_key), eighth);
	if (!scan->chunks || !scan->series || !scan->situations || !parse_ignored(scan, &config->ignore)) {
		scan_free(scan);
		return NULL;
	}
	return scan;
}

void scan_free(struct scan *scan)
{
	if (!scan)
		return;
	lru_table_free(scan->series);
	lru_table_free(scan->situations);
	free(scan->chunks);
	free(scan->ignore);
	free(scan);
}

static void clear_series(struct scan *scan, struct series *series)
{
	if (series->first) {
		scan->chunks[series->last].next = scan->chunk_free;
		scan->chunk_free = series->first;
	}
	struct series_key key = series->key;
	memset(series, 0, sizeof(*series));
	series->key = key;
}

// keeper is never the one that goes: it holds fewer chunks than there are.
static uint32_t take_chunk(struct scan *scan, const struct series *keeper)
{
	if (!scan->chunk_free && scan->chunks_cut < scan->chunk_capacity) {
		scan->chunks[++scan->chunks_cut].next = 0;
		return scan->chunks_cut;
	}
	while (!scan->chunk_free) {
		struct series *oldest = lru_table_evict(scan->series, keeper);
		if (!oldest)
			break; // every series holds a chunk: does not come here
		clear_series(scan, oldest);
	}
	uint32_t number = scan->chunk_free;
	if (number) {
		scan->chunk_free = scan->chunks[number].next;
		scan->chunks[number].next = 0;
	}
	return number;
}

// What the windows hold.
struct tried {
	uint32_t fast, slow;
	uint64_t first_ns; // of those
};

static bool within(uint64_t then_ns, uint64_t now_ns, uint64_t window_ns)
{
	return then_ns + window_ns > now_ns;
}

// Walks what series holds: counts what is in the windows, and enters what unless it is there. A place whose time is over is used again.
static struct tried enter(struct scan *scan, struct series *series, const struct address *what, uint64_t now_ns)
{
	struct tried tried = { .first_ns = now_ns };
	struct item *found = NULL, *stale = NULL;
	uint32_t left = series->count;
	for (uint32_t number = series->first; left; number = scan->chunks[number].next) {
		for (unsigned i = 0; i < CHUNK_ITEMS && left; i++, left--) {
			struct item *item = &scan->chunks[number].items[i];
			if (address_equal(&item->what, what)) {
				found = item;
				if (item->tried_ns < now_ns)
					item->tried_ns = now_ns;
			}
			if (!within(item->tried_ns, series->newest_ns, SLOW_NS)) {
				stale = item;
				continue;
			}
			tried.slow++;
			tried.fast += within(item->tried_ns, series->newest_ns, FAST_NS);
			if (item->tried_ns < tried.first_ns)
				tried.first_ns = item->tried_ns;
		}
	}
	if (found)
		return tried;
	if (!stale && series->count < SCAN_ITEMS_MAX) {
		if (series->count % CHUNK_ITEMS == 0) {
			uint32_t number = take_chunk(scan, series);
			if (!number)
				return tried;
			*(series->last ? &scan->chunks[series->last].next : &series->first) = number;
			series->last = number;
		}
		stale = &scan->chunks[series->last].items[series->count++ % CHUNK_ITEMS];
	}
	if (stale) {
		*stale = (struct item) { *what, now_ns };
		tried.slow++;
		tried.fast += within(now_ns, series->newest_ns, FAST_NS);
	}
	return tried;
}

static void write_examples(const struct scan *scan, const struct series *series, char text[SCAN_TEXT_MAX])
{
	size_t len = 0;
	text[0] = 0;
	for (unsigned i = 0; i < series->count && i < EXAMPLES_MAX; i++) {
		const struct chunk *chunk = &scan->chunks[series->first];
		if (i >= CHUNK_ITEMS)
			break;
		char one[ADDRESS_TEXT_SIZE + 2];
		if (series->key.sid == SCAN_VERTICAL)
			snprintf(one, sizeof(one), "%u", chunk->items[i].what.words[3]);
		else
			address_format(&chunk->items[i].what, true, one);
		int written = snprintf(text + len, SCAN_TEXT_MAX - len, "%s%s", len ? ", " : "", one);
		if (written < 0 || (size_t)written >= SCAN_TEXT_MAX - len) {
			text[len] = 0;
			return;
		}
		len += (size_t)written;
	}
}

static const char *proto_name(uint8_t proto)
{
	return proto == PROTO_TCP ? "tcp" : proto == PROTO_UDP ? "udp" : proto == PROTO_SCTP ? "sctp" : "icmp echo";
}

static void tell(const struct scan *scan, const struct series *series, const struct situation *situation,
	struct tried tried, const struct observation *observation, struct scan_finding *finding)
{
	bool vertical = series->key.sid == SCAN_VERTICAL;
	finding->rule = scan_rule(series->key.sid);
	finding->ends = *observation;
	finding->ends.sport = 0; // many
	if (vertical)
		finding->ends.dport = 0;
	write_examples(scan, series, finding->examples);
	bool fast = tried.fast >= (vertical ? scan->config.ports : scan->config.hosts);
	struct finding_detail *detail = &finding->detail;
	detail->family = "scan";
	detail->count = 0;
	detail_text(detail, "kind", span_text(vertical ? "vertical" : "horizontal"));
	detail_address(detail, "source", &series->key.source);
	detail_text(detail, "protocol", span_text(proto_name(series->key.proto)));
	if (vertical)
		detail_address(detail, "target", &series->key.target);
	else if (series->key.port)
		detail_number(detail, "port", series->key.port);
	detail_number(detail, "targets", vertical ? situation->series : fast ? tried.fast : tried.slow);
	detail_number(detail, "ports", vertical ? (fast ? tried.fast : tried.slow) : situation->series);
	detail_number(detail, "window_seconds", (fast ? FAST_NS : SLOW_NS) / NS_PER_S);
	detail_number(detail, "unanswered", situation->silent);
	detail_number(detail, "refused", situation->refused);
	detail_number(detail, "without_syn", situation->probes);
	detail_text(detail, "examples", span_text(finding->examples));
	detail_time(detail, "first_seen", situation->first_ns);
	detail_time(detail, "last_seen", situation->last_ns);
	detail_number(detail, "count", situation->silent + situation->refused + situation->probes);
	detail_number(detail, "alerts", situation->alerts);
}

enum opening_kind { OPENING_SILENT, OPENING_REFUSED, OPENING_PROBE };

// Is it another story: an hour of quiet, or a capture of another time?
static bool is_over(uint64_t last_ns, uint64_t now_ns)
{
	return now_ns > last_ns ? now_ns - last_ns >= SLOW_NS : last_ns - now_ns >= SLOW_NS;
}

// The situation series is part of, with this opening in it. Gives whether it is to be told.
static bool join_situation(struct scan *scan, struct series *series, struct tried tried, uint64_t now_ns,
	enum opening_kind opening, struct situation **joined)
{
	struct situation_key key = { series->key.source, series->key.sid };
	bool fresh;
	struct situation *situation = *joined = lru_table_get(scan->situations, &key, &fresh);
	if (fresh || is_over(situation->last_ns, now_ns)) {
		*situation = (struct situation) { .key = key, .first_ns = tried.first_ns, .last_ns = now_ns };
		series->told = false;
	}
	if (series->told) {
		situation->silent += opening == OPENING_SILENT;
		situation->refused += opening == OPENING_REFUSED;
		situation->probes += opening == OPENING_PROBE;
	} else {
		series->told = true;
		situation->series++;
		situation->silent += series->silent;
		situation->refused += series->refused;
		situation->probes += series->probes;
	}
	if (tried.first_ns < situation->first_ns)
		situation->first_ns = tried.first_ns;
	if (now_ns > situation->last_ns)
		situation->last_ns = now_ns;
	if (situation->alerts && situation->last_ns < situation->told_ns + REPEAT_NS)
		return false;
	situation->told_ns = situation->last_ns;
	situation->alerts++;
	return true;
}

// Gives whether finding was filled.
static bool follow(struct scan *scan, const struct series_key *key, const struct address *what,
	const struct observation *observation, struct scan_finding *finding)
{
	uint64_t now_ns = observation->start_ns;
	enum opening_kind opening = observation->kind == OBSERVATION_PROBE ? OPENING_PROBE
				    : observation->flags & OBSERVED_SILENT ? OPENING_SILENT
									   : OPENING_REFUSED;
	bool fresh;
	struct series *series = lru_table_get(scan->series, key, &fresh);
	if (fresh || is_over(series->newest_ns, now_ns))
		clear_series(scan, series);
	if (now_ns > series->newest_ns)
		series->newest_ns = now_ns;
	series->silent += opening == OPENING_SILENT;
	series->refused += opening == OPENING_REFUSED;
	series->probes += opening == OPENING_PROBE;
	struct tried tried = enter(scan, series, what, now_ns);
	uint64_t needed = key->sid == SCAN_VERTICAL ? scan->config.ports : scan->config.hosts;
	struct situation *situation;
	if (tried.fast < needed && tried.slow < SLOW_FACTOR * needed)
		return false;
	if (!join_situation(scan, series, tried, now_ns, opening, &situation))
		return false;
	tell(scan, series, situation, tried, observation, finding);
	return true;
}

static bool is_group_address(const struct address *address)
{
	if (!address_is_v4(address))
		return address->bytes[0] == 0xff;
	return address->bytes[12] >= 224; // multicast, reserved, broadcast
}

// Datagrams that nothing comes back to by trade: traceroute's, and answers of a service whose questions went another way.
static bool is_one_way(const struct observation *observation)
{
	if (observation->proto != PROTO_UDP)
		return false;
	return (observation->dport >= TRACEROUTE_FIRST && observation->dport <= TRACEROUTE_LAST) ||
	       (observation->sport && observation->sport < SYSTEM_PORTS && observation->dport >= SYSTEM_PORTS);
}

bool scan_wants(const struct observation *observation)
{
	if (is_group_address(&observation->dst) || is_one_way(observation))
		return false;
	return observation->kind == OBSERVATION_PROBE ||
	       (observation->kind == OBSERVATION_FLOW_END &&
		       observation->flags & (OBSERVED_SILENT | OBSERVED_REFUSED | OBSERVED_HALF_OPEN));
}

static bool is_ignored(const struct scan *scan, const struct address *source)
{
	for (size_t i = 0; i < scan->ignore_count; i++)
		if (address_in(source, &scan->ignore[i].address, scan->ignore[i].prefix_bits))
			return true;
	return false;
}

unsigned scan_observe(
	struct scan *scan, const struct observation *observation, struct scan_finding findings[SCAN_KINDS])
{
	if (!scan_wants(observation))
		return 0;
	if (is_ignored(scan, &observation->src)) {
		scan->counts.ignored++;
		return 0;
	}
	scan->counts.openings++;
	unsigned count = 0;
	struct series_key key = { .source = observation->src,
		.target = observation->dst,
		.proto = observation->proto,
		.sid = SCAN_VERTICAL };
	struct address port = { .words = { [3] = observation->dport } };
	if (observation->dport)
		count += follow(scan, &key, &port, observation, &findings[count]);
	key.target = (struct address) { 0 };
	key.port = observation->dport;
	key.sid = SCAN_HORIZONTAL;
	count += follow(scan, &key, &observation->dst, observation, &findings[count]);
	return count;
}

void scan_counts(const struct scan *scan, struct scan_counts *counts)
{
	*counts = scan->counts;
	counts->evicted += lru_table_evicted(scan->series) + lru_table_evicted(scan->situations);
}
