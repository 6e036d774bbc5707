// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/eve_header.h"
#include <stdio.h>
#include "export/eve/ip_proto.h"

// Both ends of an event, as its view orders them.
struct ends {
	struct address src, dst;
	uint16_t sport, dport;
	uint8_t proto, ip_version;
	bool swapped; // against the packet's own order
};

static struct ends ends_of_flow(const struct flow *flow, bool swapped)
{
	const struct flow_key *key = &flow->key;
	struct ends ends = { key->src, key->dst, key->sport, key->dport, key->proto, key->ip_version, swapped };
	if (swapped) {
		ends.src = key->dst;
		ends.dst = key->src;
		ends.sport = key->dport;
		ends.dport = key->sport;
	}
	return ends;
}

static struct ends ends_of(const struct eve_event *event)
{
	const struct packet *packet = event->packet;
	if (!packet || ((packet->flags & PACKET_PSEUDO) && event->flow)) {
		bool to_client = event->view == EVE_AS_PACKET ? packet && packet->direction == TO_CLIENT
							      : event->view == EVE_TO_CLIENT;
		return ends_of_flow(event->flow, to_client);
	}
	struct ends ends = { packet->src, packet->dst, packet->sport, packet->dport, packet->proto, packet->ip_version,
		false };
	if (event->view != EVE_AS_PACKET && event->flow &&
		(packet->direction == TO_CLIENT) != (event->view == EVE_TO_CLIENT)) {
		ends.src = packet->dst;
		ends.dst = packet->src;
		ends.sport = packet->dport;
		ends.dport = packet->sport;
		ends.swapped = true;
	}
	return ends;
}

static bool has_ports(uint8_t proto)
{
	return proto == PROTO_TCP || proto == PROTO_UDP || proto == PROTO_SCTP;
}

void eve_proto(struct json *json, uint8_t proto)
{
	char number[8];
	const char *name = ip_proto_name(proto);
	if (!name) {
		snprintf(number, sizeof(number), "%03u", proto);
		name = number;
	}
	json_put_text(json, "proto", name);
}

static void write_icmp(struct json *json, const struct eve_event *event, const struct ends *ends)
{
	if (ends->proto != (ends->ip_version == 4 ? PROTO_ICMP : PROTO_ICMPV6))
		return;
	if (event->packet && !(event->packet->flags & PACKET_PSEUDO)) {
		if (!event->packet->l4)
			return;
		json_put_uint(json, "icmp_type", event->packet->icmp_type);
		json_put_uint(json, "icmp_code", event->packet->icmp_code);
		return;
	}
	if (!event->flow) // a finding about many
		return;
	json_put_uint(json, "icmp_type", event->flow->icmp_type);
	json_put_uint(json, "icmp_code", event->flow->icmp_code);
	if (event->flow->icmp_reply_seen) {
		json_put_uint(json, "response_icmp_type", event->flow->icmp_reply_type);
		json_put_uint(json, "response_icmp_code", event->flow->icmp_reply_code);
	}
}

static void write_ends(struct json *json, const struct eve_event *event, const struct ends *ends)
{
	bool ports = has_ports(ends->proto);
	if (event->packet && !event->packet->l4 && !(event->packet->flags & PACKET_PSEUDO))
		ports = false; // a fragment or a broken header: its ports are not known
	bool to_client = event->view == EVE_AS_PACKET ? event->packet && event->packet->direction == TO_CLIENT
						      : event->view == EVE_TO_CLIENT;
	json_put_address(json, "src_ip", event->client && !to_client ? event->client : &ends->src);
	if (ports)
		json_put_uint(json, "src_port", ends->sport);
	json_put_address(json, "dest_ip", event->client && to_client ? event->client : &ends->dst);
	if (ports)
		json_put_uint(json, "dest_port", ends->dport);
	eve_proto(json, ends->proto);
	json_put_uint(json, "ip_v", ends->ip_version);
	write_icmp(json, event, ends);
	if (ends->proto == PROTO_ESP)
		json_put_uint(json, "spi", (uint32_t)ends->sport << 16 | ends->dport);
}

void eve_mac(struct json *json, const char *key, const uint8_t mac[6])
{
	json_put_hex(json, key, span_of(mac, 6), ':');
}

static void write_ether(struct json *json, const struct eve_event *event, const struct ends *ends)
{
	const struct packet *packet = event->packet;
	if (packet && (packet->flags & PACKET_ETHERNET)) {
		json_put_object(json, "ether");
		eve_mac(json, "src_mac", packet->ether + (ends->swapped ? 0 : 6));
		eve_mac(json, "dest_mac", packet->ether + (ends->swapped ? 6 : 0));
		json_object_end(json);
	} else if (event->flow && event->flow->has_ether && (!packet || (packet->flags & PACKET_PSEUDO))) {
		json_put_object(json, "ether");
		json_put_array(json, "dest_macs");
		eve_mac(json, NULL, ends->swapped ? event->flow->ether_src : event->flow->ether_dst);
		json_array_end(json);
		json_put_array(json, "src_macs");
		eve_mac(json, NULL, ends->swapped ? event->flow->ether_dst : event->flow->ether_src);
		json_array_end(json);
		json_object_end(json);
	}
}

// Flow bits "traffic/id/X" and "traffic/label/X" say what rules hold the traffic for: the field tells them apart too.
#define TRAFFIC       "traffic/"
#define TRAFFIC_ID    "traffic/id/"
#define TRAFFIC_LABEL "traffic/label/"

struct variables {
	struct json *json;
	const char *key, *prefix; // those that begin with prefix go under key
	enum engine_var_kind kind;
	bool any;
	bool traffic; // some name begins with TRAFFIC
};

static void write_text_variable(struct json *json, const struct engine_var *var)
{
	char name[256];
	struct span key = span_slice(var->name, 0, sizeof(name) - 1);
	for (uint32_t i = 0; i < key.len; i++)
		name[i] = key.data[i] >= 0x20 && key.data[i] < 0x7f ? (char)key.data[i] : '.';
	name[key.len] = 0;
	json_put_printable(json, name, var->text);
}

static void write_variable(void *context, const struct engine_var *var)
{
	struct variables *variables = context;
	struct json *json = variables->json;
	uint32_t prefix_len = (uint32_t)strlen(variables->prefix);
	bool object = var->kind == VAR_INT || var->kind == VAR_ENTROPY;
	if (var->kind != variables->kind || (prefix_len && !span_starts(var->name, variables->prefix)))
		return;
	variables->traffic |= var->kind == VAR_BIT && span_starts(var->name, TRAFFIC);
	if (!variables->any && object)
		json_put_object(json, variables->key);
	else if (!variables->any)
		json_put_array(json, variables->key);
	variables->any = true;
	switch (var->kind) {
	case VAR_INT: json_put_uint(json, (const char *)var->name.data, var->number); break;
	case VAR_ENTROPY: json_put_real(json, (const char *)var->name.data, var->real); break;
	case VAR_BIT: json_put_span(json, NULL, span_from(var->name, prefix_len)); break;
	default:
		json_put_object(json, NULL);
		write_text_variable(json, var);
		json_object_end(json);
	}
}

// Ends what write_variable began.
static bool end_variables(struct variables *variables)
{
	if (variables->any && (variables->kind == VAR_INT || variables->kind == VAR_ENTROPY))
		json_object_end(variables->json);
	else if (variables->any)
		json_array_end(variables->json);
	return variables->any;
}

static bool write_variables(const struct eve_writer *writer, struct json *json, const struct flow *flow,
	const char *key, const char *prefix, enum engine_var_kind kind)
{
	struct variables variables = { .json = json, .key = key, .prefix = prefix, .kind = kind };
	engine_flow_vars(writer->engine, flow, 1u << kind, write_variable, &variables);
	return end_variables(&variables);
}

static bool write_bits(const struct eve_writer *writer, struct json *json, const struct flow *flow, bool *traffic)
{
	struct variables variables = { .json = json, .key = "flowbits", .prefix = "", .kind = VAR_BIT };
	engine_flow_vars(writer->engine, flow, 1u << VAR_BIT, write_variable, &variables);
	*traffic = variables.traffic;
	return end_variables(&variables);
}

static bool write_packet_variables(const struct eve_writer *writer, struct json *json, const struct packet *packet)
{
	struct variables variables = { .json = json, .key = "pktvars", .prefix = "", .kind = VAR_TEXT };
	if (packet)
		engine_packet_vars(writer->engine, packet, NULL, write_variable, &variables);
	return end_variables(&variables);
}

static void write_metadata(
	const struct eve_writer *writer, struct json *json, const struct packet *packet, const struct flow *flow)
{
	if (!writer->engine || (!flow && !packet))
		return;
	struct json_mark mark = json_mark(json);
	json_put_object(json, "metadata");
	bool traffic = false;
	bool bits = flow && write_bits(writer, json, flow, &traffic);
	bool others = flow && write_variables(writer, json, flow, "flowints", "", VAR_INT);
	others |= flow && write_variables(writer, json, flow, "flowvars", "", VAR_TEXT);
	others |= flow && write_variables(writer, json, flow, "entropy", "", VAR_ENTROPY);
	others |= write_packet_variables(writer, json, packet);
	json_object_end(json);
	if (!bits && !others)
		json_rewind(json, mark);
	if (!traffic)
		return;
	mark = json_mark(json);
	json_put_object(json, "traffic");
	bool ids = write_variables(writer, json, flow, "id", TRAFFIC_ID, VAR_BIT);
	bool labels = write_variables(writer, json, flow, "label", TRAFFIC_LABEL, VAR_BIT);
	json_object_end(json);
	if (!ids && !labels)
		json_rewind(json, mark);
}

static void write_context_variable(void *context, const struct engine_var *var)
{
	char key[128];
	if (var->kind == VAR_JSON) {
		snprintf(key, sizeof(key), "%.*s", (int)var->name.len, (const char *)var->name.data);
		json_put_raw(context, key, (const char *)var->text.data, var->text.len);
		return;
	}
	write_text_variable(context, var);
}

bool eve_context_variables(
	const struct eve_writer *writer, struct json *json, const struct packet *packet, const struct finding *finding)
{
	char *before = json->at;
	if (writer->engine)
		engine_packet_vars(writer->engine, packet, finding, write_context_variable, json);
	return json->at != before;
}

const char *eve_packet_source(const struct packet *packet)
{
	static const char *const tunnels[] = {
		[TUNNEL_GRE] = "gre tunnel",
		[TUNNEL_ERSPAN] = "gre tunnel",
		[TUNNEL_VXLAN] = "vxlan encapsulation",
		[TUNNEL_GENEVE] = "geneve encapsulation",
		[TUNNEL_TEREDO] = "teredo tunnel",
		[TUNNEL_GTPU] = "gtp-u tunnel",
		[TUNNEL_DEFRAG] = "defrag",
	};
	if (packet->flags & PACKET_PSEUDO)
		return "stream (flow timeout)";
	if (packet->tunnel == TUNNEL_IPIP) { // named for what carries
		const struct packet *outer = packet - packet->index + packet->outer;
		return outer->ip_version == 6 ? "ipv6 tunnel" : "ipv4 tunnel";
	}
	if (packet->tunnel < sizeof(tunnels) / sizeof(tunnels[0]) && tunnels[packet->tunnel])
		return tunnels[packet->tunnel];
	return "wire/pcap";
}

static void write_vlan(struct json *json, const uint16_t *vlan, unsigned count)
{
	if (!count)
		return;
	json_put_array(json, "vlan");
	for (unsigned i = 0; i < count && i < PACKET_VLANS_MAX; i++)
		json_put_uint(json, NULL, vlan[i]);
	json_array_end(json);
}

// The internal host: the client when both or neither are inside and the client is, else whichever is.
static void fill_host(
	const struct eve_writer *writer, struct record *record, const struct eve_event *event, const struct ends *ends)
{
	if (!writer->home)
		return;
	const struct address *client = event->flow ? &event->flow->key.src : &ends->src;
	const struct address *server = event->flow ? &event->flow->key.dst : &ends->dst;
	record->has_host = true;
	if (address_set_has(writer->home, client))
		record->host = *client;
	else if (address_set_has(writer->home, server))
		record->host = *server;
	else
		record->has_host = false;
}

static void write_flow_part(
	struct eve_writer *writer, struct json *json, struct record *record, const struct flow *flow)
{
	if (writer->community) {
		static_assert(sizeof(record->community_id) >= COMMUNITY_ID_SIZE, "room for an id");
		community_id(writer->community, flow, record->community_id);
		json_put_text(json, "community_id", record->community_id);
	}
}

void eve_header(struct eve_writer *writer, struct json *json, struct record *record, const struct eve_event *event)
{
	const struct packet *packet = event->packet;
	const struct flow *flow = event->flow;
	struct ends ends = packet || flow ? ends_of(event) : (struct ends) { 0 };
	record->type = (uint8_t)event->type;
	record->ts_ns = event->ts_ns;
	record->flow_id = flow ? flow->id : 0;
	size_t name_len = strnlen(event->name, sizeof(record->app_type) - 1);
	memcpy(record->app_type, event->name, name_len);
	record->app_type[name_len] = 0;

	json_put_time(json, "timestamp", event->ts_ns);
	if (flow) {
		json_put_uint(json, "flow_id", flow->id);
		if (flow->parent_id)
			json_put_uint(json, "parent_id", flow->parent_id);
	}
	json_put_text(json, "in_iface", writer->interface);
	if (packet && packet->number && !(packet->flags & PACKET_PSEUDO))
		json_put_uint(json, "pcap_cnt", packet->number);
	json_put_text(json, "event_type", event->name);
	if (packet && !(packet->flags & PACKET_PSEUDO))
		write_vlan(json, packet->vlan, packet->vlan_count);
	else if (flow)
		write_vlan(json, flow->vlan, flow->vlan_count);
	if (ends.ip_version)
		write_ends(json, event, &ends);
	if (packet)
		json_put_text(json, "pkt_src", eve_packet_source(packet));
	if (writer->config->ethernet)
		write_ether(json, event, &ends);
	if (flow)
		write_flow_part(writer, json, record, flow);
	if (writer->config->metadata)
		write_metadata(writer, json, packet, flow && flow->inspect ? flow : NULL);
	if (event->tx)
		json_put_uint(json, "tx_id", event->tx->id);
	json_put_text(json, "host", writer->config->sensor_name);
	// A flow's end is told while any later file is read: which one would depend on the number of workers.
	if (writer->config->pcap_file && packet && !(packet->flags & PACKET_PSEUDO))
		json_put_text(json, "pcap_filename", writer->file);
	if (ends.ip_version)
		fill_host(writer, record, event, &ends);
}

void eve_app_protos(struct json *json, const struct flow *flow)
{
	const struct app_flow *app = &flow->app;
	const struct {
		const char *key;
		uint8_t proto;
	} others[] = {
		{ "app_proto_ts", app->proto_dir[TO_SERVER] },
		{ "app_proto_tc", app->proto_dir[TO_CLIENT] },
		{ "app_proto_orig", app->proto_original },
		{ "app_proto_expected", app->proto_expected },
	};
	if (app->proto != APP_UNKNOWN)
		json_put_text(json, "app_proto", app_proto_eve_name(app->proto));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].proto != APP_UNKNOWN && others[i].proto != app->proto)
			json_put_text(json, others[i].key, app_proto_eve_name(others[i].proto));
}
