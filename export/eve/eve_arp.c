// SPDX-License-Identifier: GPL-3.0-or-later
// ARP messages (RFC 826) of IPv4 on Ethernet; others were told as decode events.
#include "decoders/base/cursor.h"
#include "export/eve/eve_header.h"

#define ARP_HARDWARE_ETHERNET 1
#define ARP_PROTOCOL_IPV4     0x0800

// Operations (IANA "Operation Codes (op)").
static const char *opcode_name(uint16_t opcode)
{
	static const char *const names[] = { [1] = "request",
		[2] = "reply",
		[3] = "request_reverse",
		[4] = "reply_reverse",
		[8] = "in_request",
		[9] = "in_reply" };
	return opcode < sizeof(names) / sizeof(names[0]) ? names[opcode] : NULL;
}

bool eve_arp(struct eve_writer *writer, struct json *json, struct record *record, const struct packet *packet)
{
	struct cursor c = cursor_on(packet->arp);
	uint16_t hardware = cursor_be16(&c), protocol = cursor_be16(&c);
	uint8_t hardware_size = cursor_u8(&c), protocol_size = cursor_u8(&c);
	const char *opcode = opcode_name(cursor_be16(&c));
	struct span src_mac = cursor_span(&c, 6), src = cursor_span(&c, 4), dst_mac = cursor_span(&c, 6),
		    dst = cursor_span(&c, 4);
	if (!writer->config->arp || !cursor_ok(&c) || !opcode || hardware != ARP_HARDWARE_ETHERNET ||
		protocol != ARP_PROTOCOL_IPV4 || hardware_size != 6 || protocol_size != 4)
		return false;
	const struct eve_event event = { .type = RECORD_ARP, .name = "arp", .packet = packet, .ts_ns = packet->ts_ns };
	struct address src_address = address_v4(src.data), dst_address = address_v4(dst.data);
	eve_header(writer, json, record, &event);
	json_put_object(json, "arp");
	json_put_text(json, "hw_type", "ethernet");
	json_put_text(json, "proto_type", "ipv4");
	json_put_text(json, "opcode", opcode);
	eve_mac(json, "src_mac", src_mac.data);
	json_put_address(json, "src_ip", &src_address);
	eve_mac(json, "dest_mac", dst_mac.data);
	json_put_address(json, "dest_ip", &dst_address);
	json_object_end(json);
	return true;
}
