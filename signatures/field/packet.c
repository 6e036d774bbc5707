// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/packet.h"

static bool give(struct field_value *value, const uint8_t *data, size_t len)
{
	*value = (struct field_value) { .data = span_of(data, len), .first = true, .last = true };
	return true;
}

static bool get_ipv4(const struct field_source *source, unsigned index, struct field_value *value)
{
	const struct packet *p = source->packet;
	return index == 0 && p && p->ip_version == 4 && p->ip && give(value, p->ip, p->ip_header_len);
}

// With its extension headers.
static bool get_ipv6(const struct field_source *source, unsigned index, struct field_value *value)
{
	const struct packet *p = source->packet;
	if (index != 0 || !p || p->ip_version != 6 || !p->ip)
		return false;
	return give(value, p->ip, p->l4 && p->l4 > p->ip ? (size_t)(p->l4 - p->ip) : p->ip_header_len);
}

static bool get_l4(const struct field_source *source, unsigned index, uint8_t proto, struct field_value *value)
{
	const struct packet *p = source->packet;
	return index == 0 && p && p->l4 && p->proto == proto && give(value, p->l4, p->l4_header_len);
}

static bool get_tcp(const struct field_source *source, unsigned index, struct field_value *value)
{
	return get_l4(source, index, PROTO_TCP, value);
}

static bool get_udp(const struct field_source *source, unsigned index, struct field_value *value)
{
	return get_l4(source, index, PROTO_UDP, value);
}

static bool get_icmpv4(const struct field_source *source, unsigned index, struct field_value *value)
{
	return get_l4(source, index, PROTO_ICMP, value);
}

static bool get_icmpv6(const struct field_source *source, unsigned index, struct field_value *value)
{
	return get_l4(source, index, PROTO_ICMPV6, value);
}

// 4 or 16 bytes, network order.
static bool give_address(const struct packet *p, const struct address *address, struct field_value *value)
{
	return p->ip_version == 4 ? give(value, address->bytes + 12, 4) : give(value, address->bytes, 16);
}

static bool get_src(const struct field_source *source, unsigned index, struct field_value *value)
{
	const struct packet *p = source->packet;
	return index == 0 && p && p->ip_version && give_address(p, &p->src, value);
}

static bool get_dst(const struct field_source *source, unsigned index, struct field_value *value)
{
	const struct packet *p = source->packet;
	return index == 0 && p && p->ip_version && give_address(p, &p->dst, value);
}

#define HEADER_FIELD(variable, keyword, text, getter)                                                      \
	static const struct field_reader variable##_readers[] = {                                          \
		{ .proto = APP_UNKNOWN, .direction = TO_SERVER, .get = getter },                           \
		{ .proto = APP_UNKNOWN, .direction = TO_CLIENT, .get = getter },                           \
		{ 0 },                                                                                     \
	};                                                                                                 \
	const struct field_buffer variable = {                                                             \
		.name = keyword, .description = text, .level = FIELD_PACKET, .readers = variable##_readers \
	};

HEADER_FIELD(field_ipv4_hdr, "ipv4.hdr", "IPv4 header with its options", get_ipv4)
HEADER_FIELD(field_ipv6_hdr, "ipv6.hdr", "IPv6 header with its extension headers", get_ipv6)
HEADER_FIELD(field_tcp_hdr, "tcp.hdr", "TCP header with its options", get_tcp)
HEADER_FIELD(field_udp_hdr, "udp.hdr", "UDP header", get_udp)
HEADER_FIELD(field_icmpv4_hdr, "icmpv4.hdr", "ICMP header", get_icmpv4)
HEADER_FIELD(field_icmpv6_hdr, "icmpv6.hdr", "ICMPv6 header", get_icmpv6)
HEADER_FIELD(field_ip_src, "ip.src", "source address, 4 or 16 bytes", get_src)
HEADER_FIELD(field_ip_dst, "ip.dst", "destination address, 4 or 16 bytes", get_dst)
