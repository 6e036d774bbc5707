// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/identify/detector.h"
#include <stdlib.h>

#define CANDIDATES_MAX 96
#define PORTS_MAX      24

struct candidate {
	const struct app_parser *parser;
	uint8_t port_count;
	struct app_port ports[PORTS_MAX];
};

struct app_detector {
	unsigned count;
	struct candidate candidates[CANDIDATES_MAX];
	// Those that may be asked, by transport, in the order of candidates
	unsigned tcp_count, udp_count;
	const struct candidate *tcp[CANDIDATES_MAX], *udp[CANDIDATES_MAX];
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
	if (parser->probe && parser->tcp)
		d->tcp[d->tcp_count++] = c;
	if (parser->probe && parser->udp)
		d->udp[d->udp_count++] = c;
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
	return d;
}

void app_detector_free(struct app_detector *detector)
{
	free(detector);
}

static bool has_port(const struct candidate *c, uint8_t proto, uint16_t port)
{
	for (unsigned i = 0; i < c->port_count; i++)
		if (c->ports[i].proto == proto && port >= c->ports[i].from && port <= c->ports[i].to)
			return true;
	return false;
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
struct questions {
	unsigned count[3];
	const struct app_parser *parsers[3][CANDIDATES_MAX];
};

static void sort_questions(const struct app_detector *detector, const struct flow *flow, struct questions *q)
{
	const struct flow_key *key = &flow->key;
	bool tcp = key->proto == PROTO_TCP;
	const struct candidate *const *candidates = tcp ? detector->tcp : detector->udp;
	unsigned count = tcp ? detector->tcp_count : detector->udp_count;
	q->count[0] = q->count[1] = q->count[2] = 0;
	for (unsigned i = 0; i < count; i++) {
		const struct candidate *c = candidates[i];
		unsigned round = has_port(c, key->proto, key->dport) ? 0 : has_port(c, key->proto, key->sport) ? 1 : 2;
		if (round < 2 || !c->parser->hint_only)
			q->parsers[round][q->count[round]++] = c->parser;
	}
}

struct app_answer app_detector_ask(const struct app_detector *detector, struct flow *flow, enum direction direction,
	struct span data, bool final, enum app_proto first)
{
	struct app_answer answer = { 0 };
	const struct app_parser *expected = first == APP_UNKNOWN ? NULL : app_detector_parser(detector, first);
	bool found = expected && expected->probe && ask_one(expected, flow, direction, data, final, &answer);
	struct questions q;
	if (!found)
		sort_questions(detector, flow, &q);
	for (unsigned round = 0; round < 3 && !found; round++) {
		flow->app.flags = round < 2 ? flow->app.flags | APP_HINTED : flow->app.flags & ~(uint32_t)APP_HINTED;
		for (unsigned i = 0; i < q.count[round] && !found; i++)
			found = ask_one(q.parsers[round][i], flow, direction, data, final, &answer);
	}
	flow->app.flags &= ~(uint32_t)APP_HINTED;
	if (found || data.len >= APP_DETECT_BYTES)
		answer.undecided = false;
	return answer;
}

const struct app_parser *app_detector_parser(const struct app_detector *detector, enum app_proto proto)
{
	for (unsigned i = 0; i < detector->count; i++)
		if (detector->candidates[i].parser->proto == proto)
			return detector->candidates[i].parser;
	return NULL;
}
