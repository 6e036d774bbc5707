// SPDX-License-Identifier: GPL-3.0-or-later
// PPP (RFC 1661, 1662) and PPPoE (RFC 2516).
#include "decoders/packet/decoding.h"

#define PPPOE_LEN     6
#define PPPOE_TAG_LEN 4

enum ppp_protocol {
	PPP_IPV4 = 0x21,
	PPP_VJ_COMPRESSED = 0x2d,
	PPP_VJ_UNCOMPRESSED = 0x2f, // IPv4, its protocol field replaced by a connection number (RFC 1144)
	PPP_IPV6 = 0x57,
};

// Protocols that are known and hold nothing we look at.
static const uint16_t not_ip[] = { 0x23, 0x25, 0x27, 0x29, 0x2b, PPP_VJ_COMPRESSED, 0x31, 0x33, 0x35, 0x3d, 0x4b,
	0x0201, 0x0203, 0x0231, 0x8021, 0x8023, 0x8025, 0x8027, 0x8029, 0x802b, 0x8031, 0x8033, 0x8035, 0x803d, 0x8057,
	0x80fd, 0xc021, 0xc023, 0xc025, 0xc223 };

static bool decode_ppp_payload(struct packet_decoder *d, struct packet *p, uint16_t protocol, struct span bytes)
{
	switch (protocol) {
	case PPP_IPV4:
		if (bytes.len < IPV4_HEADER_LEN)
			return decode_reject(d, p, DECODE_PPP_IP4_PKT_TOO_SMALL);
		return decode_ipv4(d, p, bytes);
	case PPP_IPV6:
		if (bytes.len < IPV6_HEADER_LEN)
			return decode_reject(d, p, DECODE_PPP_IP6_PKT_TOO_SMALL);
		return decode_ipv6(d, p, bytes);
	case PPP_VJ_UNCOMPRESSED:
		if (bytes.len < IPV4_HEADER_LEN)
			return decode_reject(d, p, DECODE_PPP_VJU_PKT_TOO_SMALL);
		return decode_ipv4(d, p, bytes);
	default: break;
	}
	for (unsigned i = 0; i < sizeof(not_ip) / sizeof(*not_ip); i++)
		if (not_ip[i] == protocol) {
			decode_event(d, p, DECODE_PPP_UNSUP_PROTO);
			return true;
		}
	return decode_reject(d, p, DECODE_PPP_WRONG_TYPE);
}

// The protocol field is one byte when it may be compressed and is odd (RFC 1661 section 6.5), else two.
static bool decode_ppp_protocol(struct packet_decoder *d, struct packet *p, struct span bytes, uint16_t too_small)
{
	uint32_t len = bytes.len && (bytes.data[0] & 1) ? 1 : 2;
	if (bytes.len < len)
		return decode_reject(d, p, too_small);
	return decode_ppp_payload(d, p, len == 1 ? bytes.data[0] : be16_at(bytes.data), span_from(bytes, len));
}

bool decode_ppp(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_PPP);
	if (!decode_enter(d, p))
		return false;
	if (bytes.len >= 2 && bytes.data[0] == 0xff && bytes.data[1] == 0x03) // HDLC-like framing
		bytes = span_from(bytes, 2);
	return decode_ppp_protocol(d, p, bytes, DECODE_PPP_PKT_TOO_SMALL);
}

bool decode_pppoe_session(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_PPPOE);
	if (bytes.len < PPPOE_LEN + 1)
		return decode_reject(d, p, DECODE_PPPOE_PKT_TOO_SMALL);
	if (!decode_enter(d, p))
		return false;
	return decode_ppp_protocol(d, p, span_from(bytes, PPPOE_LEN), DECODE_PPPOE_PKT_TOO_SMALL);
}

bool decode_pppoe_discovery(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_PPPOE);
	if (bytes.len < PPPOE_LEN)
		return decode_reject(d, p, DECODE_PPPOE_PKT_TOO_SMALL);
	switch (bytes.data[1]) {
	case 0x09: // PADI
	case 0x07: // PADO
	case 0x19: // PADR
	case 0x65: // PADS
	case 0xa7: // PADT
		break;
	default: return decode_reject(d, p, DECODE_PPPOE_WRONG_CODE);
	}
	uint32_t len = be16_at(bytes.data + 4);
	struct span tags = span_from(bytes, PPPOE_LEN);
	if (len > tags.len)
		return decode_reject(d, p, DECODE_PPPOE_MALFORMED_TAGS);
	struct cursor c = cursor_on(span_slice(tags, 0, len));
	while (cursor_left(&c) >= PPPOE_TAG_LEN) {
		cursor_skip(&c, 2);
		cursor_skip(&c, cursor_be16(&c));
	}
	if (!cursor_ok(&c))
		return decode_reject(d, p, DECODE_PPPOE_MALFORMED_TAGS);
	return true;
}
