// SPDX-License-Identifier: GPL-3.0-or-later
// Packet bytes in events, and events of tagged packets.
#include "export/eve/eve_header.h"

// Names of link types as readers of EVE know them: libpcap's, but for IPv4 and IPv6.
static const char *linktype_name(uint16_t linktype)
{
	static const struct {
		uint16_t linktype;
		const char *name;
	} names[] = {
		{ LINK_NULL, "NULL" },
		{ LINK_ETHERNET, "EN10MB" },
		{ LINK_PPP, "PPP" },
		{ LINK_RAW_BSD, "RAW" },
		{ LINK_RAW_OPENBSD, "RAW" },
		{ LINK_PPP_SERIAL, "PPP_SERIAL" },
		{ LINK_PPP_ETHER, "PPP_ETHER" },
		{ LINK_RAW, "RAW" },
		{ LINK_CHDLC, "C_HDLC" },
		{ LINK_LOOP, "LOOP" },
		{ LINK_SLL, "LINUX_SLL" },
		{ LINK_IPV4, "IPv4" },
		{ LINK_IPV6, "IPv6" },
		{ LINK_SLL2, "LINUX_SLL2" },
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].linktype == linktype)
			return names[i].name;
	return "n/a";
}

void eve_packet_bytes(struct json *json, const struct packet *packet)
{
	json_put_base64(json, "packet", packet->frame);
	json_put_object(json, "packet_info");
	json_put_uint(json, "linktype", packet->linktype);
	json_put_text(json, "linktype_name", linktype_name(packet->linktype));
	json_object_end(json);
}

bool eve_packet(struct eve_writer *writer, struct json *json, struct record *record, const struct packet *packet,
	const struct flow *flow)
{
	const struct eve_event event = {
		.type = RECORD_PACKET, .name = "packet", .packet = packet, .flow = flow, .ts_ns = packet->ts_ns
	};
	if (packet->flags & PACKET_PSEUDO)
		return false;
	eve_header(writer, json, record, &event);
	eve_packet_bytes(json, packet);
	return true;
}
