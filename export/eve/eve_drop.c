// SPDX-License-Identifier: GPL-3.0-or-later
// Drops: packets that do not pass, inline or simulated, and why.
#include "decoders/base/cursor.h"
#include "export/eve/eve_header.h"

static void write_ip(struct json *json, const struct packet *packet)
{
	if (packet->ip_version == 4 && packet->ip) {
		json_put_uint(json, "len", be16_at(packet->ip + 2));
		json_put_uint(json, "tos", packet->tos);
		json_put_uint(json, "ttl", packet->ttl);
		json_put_uint(json, "ipid", packet->ip_id);
	} else if (packet->ip_version == 6 && packet->ip) {
		json_put_uint(json, "len", be16_at(packet->ip + 4));
		json_put_uint(json, "tc", packet->tos);
		json_put_uint(json, "hoplimit", packet->ttl);
		json_put_uint(json, "flowlbl", be32_at(packet->ip) & 0xfffff);
	}
}

static void write_tcp(struct json *json, const struct packet *packet)
{
	static const struct {
		const char *name;
		uint8_t flag;
	} flags[] = { { "syn", TCP_SYN }, { "ack", TCP_ACK }, { "psh", TCP_PSH }, { "rst", TCP_RST },
		{ "urg", TCP_URG }, { "fin", TCP_FIN } };
	json_put_uint(json, "tcpseq", packet->tcp.seq);
	json_put_uint(json, "tcpack", packet->tcp.ack);
	json_put_uint(json, "tcpwin", packet->tcp.window);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		json_put_bool(json, flags[i].name, packet->tcp.flags & flags[i].flag);
	json_put_uint(json, "tcpres", 0);
	json_put_uint(json, "tcpurgp", packet->tcp.urgent);
}

static void write_transport(struct json *json, const struct packet *packet)
{
	if (!packet->l4)
		return;
	switch (packet->proto) {
	case PROTO_TCP: write_tcp(json, packet); break;
	case PROTO_UDP: json_put_uint(json, "udplen", be16_at(packet->l4 + 4)); break;
	case PROTO_ICMP:
	case PROTO_ICMPV6:
		json_put_uint(json, "icmp_id", packet->icmp_id);
		json_put_uint(json, "icmp_seq", packet->icmp_seq);
		break;
	default: break;
	}
}

// The finding that decided, to be told with the drop.
static const struct finding *deciding(const struct verdict *verdict, const struct findings *findings)
{
	for (uint32_t i = 0; findings && verdict->rule && i < findings->count; i++)
		if (findings->items[i].rule == verdict->rule)
			return &findings->items[i];
	return NULL;
}

bool eve_drop(struct eve_writer *writer, struct json *json, struct record *record, const struct packet *packet,
	const struct flow *flow, const struct verdict *verdict, const struct findings *findings)
{
	if (!writer->config->drop || (packet->flags & PACKET_PSEUDO))
		return false;
	const struct eve_event event = {
		.type = RECORD_DROP, .name = "drop", .packet = packet, .flow = flow, .ts_ns = packet->ts_ns
	};
	eve_header(writer, json, record, &event);
	json_put_object(json, "drop");
	write_ip(json, packet);
	write_transport(json, packet);
	if (verdict->reason != DROP_NONE)
		json_put_text(json, "reason", drop_reason_name(verdict->reason));
	json_object_end(json);
	if (flow)
		json_put_text(json, "direction", packet->direction == TO_SERVER ? "to_server" : "to_client");
	eve_verdict(writer, json, packet, verdict);
	const struct finding *finding = deciding(verdict, findings);
	if (finding)
		eve_alert_object(writer, json, packet, finding, NULL);
	return true;
}
