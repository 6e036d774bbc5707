// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/identify/detector.h"
#include <stdlib.h>

#define CANDIDATES_MAX 96
#define PORTS_MAX      24
#define EDGES_MAX      (2 * CANDIDATES_MAX * PORTS_MAX)
#define SETS_MAX       (EDGES_MAX + 1) // one more at each end of a range

struct candidate {
	const struct app_parser *parser;
	uint8_t port_count;
	struct app_port ports[PORTS_MAX];
};

// A bit a candidate of a transport.
struct set {
	uint64_t words[2];
};

static_assert(CANDIDATES_MAX <= 128, "sets have a bit for each");

// Those that may be asked over a transport, in the order of candidates.
struct transport {
	unsigned count;
	const struct app_parser *parsers[CANDIDATES_MAX];
	struct set anywhere;        // whose content alone can tell
	struct set sets[SETS_MAX];  // of those that share a port; the first is empty
	uint16_t by_port[1u << 16]; // which of them
};

struct app_detector {
	unsigned count;
	struct candidate candidates[CANDIDATES_MAX];
	struct transport tcp, udp;
};

static void add_port(struct candidate *c, uint8_t proto, uint16_t from, uint16_t to)
{
	if (c->port_count < PORTS_MAX)
		c->ports[c->port_count++] = (struct app_port) { proto, from, to };
}

static void add_port_of(struct candidate *c, bool tcp, bool udp, unsigned long from, unsigned long to)
{
	if (from > to || to > UINT16_MAX)
		return;
	if (tcp)
		add_port(c, PROTO_TCP, (uint16_t)from, (uint16_t)to);
	if (udp)
		add_port(c, PROTO_UDP, (uint16_t)from, (uint16_t)to);
}

// "53", "80-88", "[443, 8443]": numbers and ranges with anything between them.
static void read_ports(struct candidate *c, const char *text, bool tcp, bool udp)
{
	while (*text) {
		if (*text < '0' || *text > '9') {
			text++;
			continue;
		}
		char *end;
		unsigned long from = strtoul(text, &end, 10), to = from;
		if ((*end == '-' || *end == ':') && end[1] >= '0' && end[1] <= '9')
			to = strtoul(end + 1, &end, 10);
		add_port_of(c, tcp, udp, from, to);
		text = end;
	}
}

static bool read_port_setting(struct candidate *c, const struct app_config *config, const char *key, bool tcp, bool udp)
{
	const char *text = app_setting(config, app_proto_eve_name(c->parser->proto), key);
	if (text)
		read_ports(c, text, tcp, udp);
	return text != NULL;
}

static void fill_ports(struct candidate *c, const struct app_config *config)
{
	const struct app_parser *parser = c->parser;
	if (read_port_setting(c, config, "detection-ports.dp", parser->tcp, parser->udp))
		return;
	bool tcp_set = parser->tcp && read_port_setting(c, config, "tcp.detection-ports.dp", true, false);
	bool udp_set = parser->udp && read_port_setting(c, config, "udp.detection-ports.dp", false, true);
	for (const struct app_port *p = parser->ports; p && p->proto; p++)
		if (!(p->proto == PROTO_TCP ? tcp_set : udp_set))
			add_port(c, p->proto, p->from, p->to);
}

static void add(struct app_detector *d, const struct app_config *config, const struct app_parser *parser)
{
	if (d->count == CANDIDATES_MAX || !app_proto_enabled(config, parser->proto))
		return;
	struct candidate *c = &d->candidates[d->count++];
	c->parser = parser;
	fill_ports(c, config);
}

static bool has_port(const struct candidate *c, uint8_t proto, uint16_t port)
{
	for (unsigned i = 0; i < c->port_count; i++)
		if (c->ports[i].proto == proto && port >= c->ports[i].from && port <= c->ports[i].to)
			return true;
	return false;
}

static void set_put(struct set *set, unsigned bit)
{
	set->words[bit / 64] |= UINT64_C(1) << bit % 64;
}

static int by_number(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return (left > right) - (left < right);
}

// Ports at which a range begins, or before which one ended, in order. Gives their number.
static unsigned edges_of(
	const struct transport *t, const struct candidate *const *asked, uint8_t proto, uint32_t edges[EDGES_MAX])
{
	unsigned count = 0;
	for (unsigned i = 0; i < t->count; i++)
		for (unsigned r = 0; r < asked[i]->port_count; r++) {
			const struct app_port *range = &asked[i]->ports[r];
			if (range->proto != proto)
				continue;
			edges[count++] = range->from;
			edges[count++] = range->to + 1u;
		}
	qsort(edges, count, sizeof(*edges), by_number);
	return count;
}

// Gives every port the set of those that have it: between two edges all have the same.
static void fill_by_port(struct transport *t, const struct candidate *const *asked, uint8_t proto)
{
	static_assert(SETS_MAX <= UINT16_MAX, "by_port has their number");
	uint32_t edges[EDGES_MAX];
	unsigned set_count = 1, count = edges_of(t, asked, proto, edges);
	for (unsigned e = 0; e + 1 < count; e++) {
		if (edges[e] == edges[e + 1])
			continue;
		struct set set = { 0 };
		unsigned number = 0;
		for (unsigned i = 0; i < t->count; i++)
			if (has_port(asked[i], proto, (uint16_t)edges[e]))
				set_put(&set, i);
		while (number < set_count && memcmp(&t->sets[number], &set, sizeof(set)) != 0)
			number++;
		if (number == set_count)
			t->sets[set_count++] = set;
		for (uint32_t port = edges[e]; number && port < edges[e + 1]; port++)
			t->by_port[port] = (uint16_t)number;
	}
}

static void fill_transport(struct app_detector *d, struct transport *t, uint8_t proto)
{
	const struct candidate *asked[CANDIDATES_MAX];
	for (unsigned i = 0; i < d->count; i++) {
		const struct app_parser *parser = d->candidates[i].parser;
		if (!parser->probe || !(proto == PROTO_TCP ? parser->tcp : parser->udp))
			continue;
		if (!parser->hint_only)
			set_put(&t->anywhere, t->count);
		asked[t->count] = &d->candidates[i];
		t->parsers[t->count++] = parser;
	}
	fill_by_port(t, asked, proto);
}

struct app_detector *app_detector_new(const struct app_config *config)
{
	struct app_detector *d = calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	for (const struct app_parser *const *p = app_parsers; *p; p++)
		add(d, config, *p);
	for (const struct app_parser *p = app_recognisers; p->name; p++)
		if (!app_parser_of(p->proto))
			add(d, config, p);
	fill_transport(d, &d->tcp, PROTO_TCP);
	fill_transport(d, &d->udp, PROTO_UDP);
	return d;
}

void app_detector_free(struct app_detector *detector)
{
	free(detector);
}

// True: answer is final.
static bool ask_one(const struct app_parser *parser, struct flow *flow, enum direction direction, struct span data,
	bool final, struct app_answer *answer)
{
	switch (parser->probe(direction, data, flow)) {
	case APP_PROBE_YES: *answer = (struct app_answer) { .parser = parser }; return true;
	case APP_PROBE_REVERSED: *answer = (struct app_answer) { .parser = parser, .reversed = true }; return true;
	case APP_PROBE_MORE:
		if (!final && data.len < (parser->probe_bytes ? parser->probe_bytes : APP_DETECT_BYTES))
			answer->undecided = true;
		return false;
	default: return false;
	}
}

// Who is asked when: those with the server's port, with the client's, and the rest.
static void sort_questions(const struct transport *t, const struct flow_key *key, struct set rounds[3])
{
	bool has_ports = key->proto == PROTO_TCP || key->proto == PROTO_UDP;
	const struct set *server = &t->sets[has_ports ? t->by_port[key->dport] : 0];
	const struct set *client = &t->sets[has_ports ? t->by_port[key->sport] : 0];
	for (unsigned i = 0; i < 2; i++) {
		rounds[0].words[i] = server->words[i];
		rounds[1].words[i] = client->words[i] & ~server->words[i];
		rounds[2].words[i] = t->anywhere.words[i] & ~server->words[i] & ~client->words[i];
	}
}

// Asks in order. True: somebody's answer is final.
static bool ask_set(const struct transport *t, const struct set *set, struct flow *flow, enum direction direction,
	struct span data, bool final, struct app_answer *answer)
{
	for (unsigned i = 0; i < 2; i++)
		for (uint64_t left = set->words[i]; left; left &= left - 1)
			if (ask_one(t->parsers[i * 64 + (unsigned)__builtin_ctzll(left)], flow, direction, data, final,
				    answer))
				return true;
	return false;
}

struct app_answer app_detector_ask(const struct app_detector *detector, struct flow *flow, enum direction direction,
	struct span data, bool final, enum app_proto first)
{
	struct app_answer answer = { 0 };
	const struct app_parser *expected = first == APP_UNKNOWN ? NULL : app_detector_parser(detector, first);
	const struct transport *transport = flow->key.proto == PROTO_TCP ? &detector->tcp : &detector->udp;
	bool found = expected && expected->probe && ask_one(expected, flow, direction, data, final, &answer);
	struct set rounds[3];
	sort_questions(transport, &flow->key, rounds);
	for (unsigned round = 0; round < 3 && !found; round++) {
		flow->app.flags = round < 2 ? flow->app.flags | APP_HINTED : flow->app.flags & ~(uint32_t)APP_HINTED;
		found = ask_set(transport, &rounds[round], flow, direction, data, final, &answer);
	}
	flow->app.flags &= ~(uint32_t)APP_HINTED;
	if (found || data.len >= APP_DETECT_BYTES)
		answer.undecided = false;
	return answer;
}

bool app_detector_speaks_port(
	const struct app_detector *detector, struct flow *flow, enum direction direction, struct span data)
{
	struct app_answer answer = { 0 };
	const struct transport *transport = flow->key.proto == PROTO_TCP ? &detector->tcp : &detector->udp;
	struct set rounds[3];
	sort_questions(transport, &flow->key, rounds);
	flow->app.flags |= APP_HINTED;
	bool found = ask_set(transport, &rounds[0], flow, direction, data, false, &answer);
	flow->app.flags &= ~(uint32_t)APP_HINTED;
	return found;
}

const struct app_parser *app_detector_parser(const struct app_detector *detector, enum app_proto proto)
{
	for (unsigned i = 0; i < detector->count; i++)
		if (detector->candidates[i].parser->proto == proto)
			return detector->candidates[i].parser;
	return NULL;
}
