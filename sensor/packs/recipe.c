// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/recipe.h"
#include <stdio.h>
#include <stdlib.h>
#include "sensor/packs/recipe_text.h"

#define FLOWS_MAX  10000
#define REPEAT_MAX 10000

enum flow_kind { FLOW_TCP, FLOW_UDP, FLOW_HTTP, FLOW_DNS, FLOW_PING, FLOW_KINDS };

static const struct {
	const char *key, *items;
	uint16_t server_port;
} kinds[FLOW_KINDS] = { [FLOW_TCP] = { "tcp", "send", 0 },
	[FLOW_UDP] = { "udp", "send", 0 },
	[FLOW_HTTP] = { "http", "requests", 80 },
	[FLOW_DNS] = { "dns", "queries", 53 },
	[FLOW_PING] = { "ping", "send", 0 } };

struct maker {
	const struct yaml_tree *tree;
	struct capture_writer *writer;
	uint16_t next_port, next_id;
};

struct flow_plan {
	enum flow_kind kind;
	const struct yaml_node *node, *items;
	struct writer_session session;
	char server[64]; // its address as text
	enum writer_close close;
	bool has_client_port;
};

// "10.0.0.5:80", "[2001:db8::1]:80", both also without a port.
static bool read_endpoint(const char *text, size_t len, struct endpoint *out, bool *has_port, char *name, size_t size)
{
	char address[64];
	const char *port = NULL;
	if (len == 0 || len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = 0;
	char *start = address, *end = strchr(address, ']');
	if (*start == '[') {
		if (!end || (end[1] && end[1] != ':'))
			return false;
		*end = 0;
		start++;
		port = end[1] ? end + 2 : NULL;
	} else {
		char *colon = strchr(address, ':');
		if (colon && !strchr(colon + 1, ':')) {
			*colon = 0;
			port = colon + 1;
		}
	}
	*has_port = port != NULL;
	if (port) {
		char *stop;
		unsigned long number = *port >= '0' && *port <= '9' ? strtoul(port, &stop, 10) : 70000;
		if (number > 65535 || *stop)
			return false;
		out->port = (uint16_t)number;
	}
	snprintf(name, size, "%s", start);
	return address_parse(start, &out->address);
}

static bool read_ends(struct maker *maker, struct flow_plan *flow, const struct yaml_node *node)
{
	char client[64];
	bool has_server_port = false;
	const char *arrow = node->kind == YAML_NODE_TEXT ? strchr(node->text, '>') : NULL;
	struct span left = arrow ? span_trim(span_of(node->text, (size_t)(arrow - node->text))) : (struct span) { 0 };
	struct span right = arrow ? span_trim(span_text(arrow + 1)) : (struct span) { 0 };
	struct endpoint *ends = flow->session.ends;
	bool ports = flow->kind != FLOW_PING;
	ends[1].port = kinds[flow->kind].server_port;
	if (!arrow ||
		!read_endpoint(
			(const char *)left.data, left.len, &ends[0], &flow->has_client_port, client, sizeof(client)) ||
		!read_endpoint((const char *)right.data, right.len, &ends[1], &has_server_port, flow->server,
			sizeof(flow->server)))
		return yaml_fail(maker->tree, node,
			"expected CLIENT[:PORT] > SERVER[:PORT], such as 10.0.0.5:40000 > 192.0.2.1:80");
	if (address_is_v4(&ends[0].address) != address_is_v4(&ends[1].address))
		return yaml_fail(maker->tree, node, "one address is IPv4, the other IPv6");
	if (ports && !has_server_port && !kinds[flow->kind].server_port)
		return yaml_fail(maker->tree, node, "the server's port is missing");
	return true;
}

static bool read_close(struct maker *maker, struct flow_plan *flow)
{
	const char *text = "fin";
	if (!yaml_text(maker->tree, flow->node, "end", &text))
		return false;
	static const char *const names[] = { "fin", "rst", "none" };
	for (unsigned i = 0; i < 3; i++)
		if (strcmp(names[i], text) == 0) {
			flow->close = (enum writer_close)i;
			return true;
		}
	return yaml_fail(maker->tree, flow->node, "end: expected fin, rst or none");
}

static void send_side(struct maker *maker, struct flow_plan *flow, unsigned side, struct span payload)
{
	const struct endpoint *from = &flow->session.ends[side], *to = &flow->session.ends[!side];
	switch (flow->kind) {
	case FLOW_UDP:
	case FLOW_DNS: writer_udp(maker->writer, from, to, payload); break;
	case FLOW_PING: writer_ping(maker->writer, from, to, side == 1, maker->next_id, payload); break;
	default: writer_tcp_send(maker->writer, &flow->session, side, payload); break;
	}
}

// One item of send: client, server or wait.
static bool send_item(struct maker *maker, struct flow_plan *flow, const struct yaml_node *item)
{
	static const char *const keys[] = { "client", "server", "wait", NULL };
	double wait = 0;
	if (!yaml_only(maker->tree, item, keys) || !yaml_seconds(maker->tree, item, "wait", &wait))
		return false;
	writer_wait(maker->writer, wait);
	for (const struct yaml_node *node = item->first; node; node = node->next) {
		if (strcmp(node->key, "wait") == 0)
			continue;
		struct recipe_text text = { 0 };
		bool good = recipe_text_add_escaped(&text, maker->tree, node);
		bool stream = flow->kind == FLOW_TCP;
		if (good && !stream && text.len > 65000)
			good = yaml_fail(maker->tree, node, "more than 65000 bytes in a packet");
		if (good)
			send_side(maker, flow, strcmp(node->key, "server") == 0, recipe_text_span(&text));
		recipe_text_fini(&text);
		if (!good)
			return false;
	}
	return true;
}

static bool message_item(struct maker *maker, struct flow_plan *flow, const struct yaml_node *item)
{
	struct recipe_text sides[2] = { 0 };
	bool good = flow->kind == FLOW_HTTP ? recipe_http(maker->tree, item, flow->server, sides)
					    : recipe_dns(maker->tree, item, maker->next_id, sides);
	if (good && (sides[0].failed || sides[1].failed || (flow->kind == FLOW_DNS && sides[1].len > 65000)))
		good = yaml_fail(maker->tree, item, "the message is too large");
	for (unsigned side = 0; good && side < 2; side++)
		if (sides[side].len)
			send_side(maker, flow, side, recipe_text_span(&sides[side]));
	recipe_text_fini(&sides[0]);
	recipe_text_fini(&sides[1]);
	return good;
}

static bool write_flow(struct maker *maker, struct flow_plan *flow)
{
	bool stream = flow->kind == FLOW_TCP || flow->kind == FLOW_HTTP;
	bool message = flow->kind == FLOW_HTTP || flow->kind == FLOW_DNS;
	if (stream)
		writer_tcp_open(maker->writer, &flow->session);
	for (const struct yaml_node *item = flow->items ? flow->items->first : NULL; item; item = item->next) {
		if (!(message ? message_item(maker, flow, item) : send_item(maker, flow, item)))
			return false;
		maker->next_id++;
		if (maker->writer->failed)
			return yaml_fail(maker->tree, item, "the capture would have more than %u packets or %u bytes",
				WRITER_PACKETS_MAX, WRITER_BYTES_MAX);
	}
	if (stream)
		writer_tcp_close(maker->writer, &flow->session, flow->close);
	return true;
}

static bool read_flow(struct maker *maker, const struct yaml_node *node, struct flow_plan *flow)
{
	if (node->kind != YAML_NODE_MAP)
		return yaml_fail(maker->tree, node, "a flow begins with tcp, udp, http, dns or ping");
	*flow = (struct flow_plan) { .kind = FLOW_KINDS, .node = node };
	const struct yaml_node *ends = NULL;
	for (unsigned kind = 0; kind < FLOW_KINDS; kind++) {
		const struct yaml_node *found = yaml_get(node, kinds[kind].key);
		if (found && ends)
			return yaml_fail(maker->tree, found, "a flow is one of tcp, udp, http, dns and ping");
		if (found) {
			ends = found;
			flow->kind = (enum flow_kind)kind;
		}
	}
	if (!ends)
		return yaml_fail(maker->tree, node, "a flow needs one of tcp, udp, http, dns and ping");
	const char *const keys[] = { kinds[flow->kind].key, kinds[flow->kind].items, "wait", "repeat", "every", "end",
		NULL };
	flow->items = yaml_get(node, kinds[flow->kind].items);
	if (flow->items && flow->items->kind != YAML_NODE_LIST)
		return yaml_fail(maker->tree, flow->items, "%s: expected a list", kinds[flow->kind].items);
	return yaml_only(maker->tree, node, keys) && read_ends(maker, flow, ends) && read_close(maker, flow);
}

static bool make_flow(struct maker *maker, const struct yaml_node *node)
{
	struct flow_plan flow;
	double wait = 0, every = 0;
	uint64_t repeat = 1;
	if (!read_flow(maker, node, &flow) || !yaml_seconds(maker->tree, node, "wait", &wait) ||
		!yaml_seconds(maker->tree, node, "every", &every) ||
		!yaml_number(maker->tree, node, "repeat", 1, REPEAT_MAX, &repeat))
		return false;
	writer_wait(maker->writer, wait);
	for (uint64_t i = 0; i < repeat; i++) {
		if (!flow.has_client_port)
			flow.session.ends[0].port = maker->next_port++;
		else if (i)
			flow.session.ends[0].port++;
		if (maker->next_port == 0)
			maker->next_port = 40000;
		if (i)
			writer_wait(maker->writer, every);
		if (!write_flow(maker, &flow))
			return false;
		if (maker->writer->failed)
			return yaml_fail(maker->tree, node, "the capture would have more than %u packets or %u bytes",
				WRITER_PACKETS_MAX, WRITER_BYTES_MAX);
	}
	return true;
}

bool recipe_write(const struct yaml_tree *tree, const struct yaml_node *node, struct capture_writer *writer)
{
	static const char *const keys[] = { "flows", NULL };
	struct maker maker = { tree, writer, 40000, 1 };
	const struct yaml_node *flows = node;
	if (node->kind == YAML_NODE_MAP) {
		if (!yaml_only(tree, node, keys))
			return false;
		flows = yaml_get(node, "flows");
	}
	if (!flows || flows->kind != YAML_NODE_LIST || !flows->count || flows->count > FLOWS_MAX)
		return yaml_fail(tree, flows ? flows : node, "expected a list of 1 to %u flows", FLOWS_MAX);
	for (const struct yaml_node *flow = flows->first; flow; flow = flow->next)
		if (!make_flow(&maker, flow))
			return false;
	return true;
}
