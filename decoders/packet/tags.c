// SPDX-License-Identifier: GPL-3.0-or-later
// Tags between link and network: VLAN (802.1Q, QinQ, QinQinQ), provider backbone (802.1ah), VN-Tag, MPLS (RFC 3032), NSH (RFC 8300).
#include "decoders/packet/decoding.h"

#define VLAN_LEN  4
#define AH_LEN    18 // I-TAG, inner addresses and type
#define VNTAG_LEN 6
#define LABEL_LEN 4

enum mpls_label {
	LABEL_IPV4_NULL = 0,
	LABEL_ROUTER_ALERT = 1,
	LABEL_IPV6_NULL = 2,
	LABEL_IMPLICIT_NULL = 3,
	LABEL_FIRST_FREE = 16,
};

bool decode_vlan(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	static const enum packet_counter counters[PACKET_VLANS_MAX] = { PACKET_COUNT_VLAN, PACKET_COUNT_VLAN_QINQ,
		PACKET_COUNT_VLAN_QINQINQ };
	if (p->vlan_count < PACKET_VLANS_MAX)
		decode_count(d, counters[p->vlan_count]);
	if (bytes.len < VLAN_LEN)
		return decode_reject(d, p, DECODE_VLAN_HEADER_TOO_SMALL);
	if (!decode_enter(d, p))
		return false;
	if (p->vlan_count == PACKET_VLANS_MAX)
		return decode_reject(d, p, DECODE_VLAN_TOO_MANY_LAYERS);
	p->vlan[p->vlan_count++] = be16_at(bytes.data) & 0x0fff;
	bool known;
	bool good = decode_ether_type(d, p, be16_at(bytes.data + 2), span_from(bytes, VLAN_LEN), &known);
	return known ? good : decode_reject(d, p, DECODE_VLAN_UNKNOWN_TYPE);
}

bool decode_8021ah(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	if (bytes.len < AH_LEN)
		return decode_reject(d, p, DECODE_IEEE8021AH_HEADER_TOO_SMALL);
	if (!decode_enter(d, p))
		return false;
	bool known;
	return decode_ether_type(d, p, be16_at(bytes.data + 16), span_from(bytes, AH_LEN), &known);
}

bool decode_vntag(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_VNTAG);
	if (bytes.len < VNTAG_LEN)
		return decode_reject(d, p, DECODE_VNTAG_HEADER_TOO_SMALL);
	if (!decode_enter(d, p))
		return false;
	bool known;
	bool good = decode_ether_type(d, p, be16_at(bytes.data + 4), span_from(bytes, VNTAG_LEN), &known);
	return known ? good : decode_reject(d, p, DECODE_VNTAG_UNKNOWN_TYPE);
}

// No type says what follows an ordinary label: the first four bits do (RFC 4928 section 2; a pseudowire's control word has zero).
static bool decode_mpls_payload(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	if (bytes.len < LABEL_LEN)
		return decode_reject(d, p, DECODE_MPLS_PKT_TOO_SMALL);
	switch (bytes.data[0] >> 4) {
	case 4: return decode_ipv4(d, p, bytes);
	case 6: return decode_ipv6(d, p, bytes);
	case 0: return decode_ethernet(d, p, span_from(bytes, LABEL_LEN));
	default: return decode_reject(d, p, DECODE_MPLS_UNKNOWN_PAYLOAD_TYPE);
	}
}

bool decode_mpls(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_MPLS);
	if (!decode_enter(d, p))
		return false;
	uint32_t shim;
	do {
		if (bytes.len < LABEL_LEN)
			return decode_reject(d, p, DECODE_MPLS_HEADER_TOO_SMALL);
		shim = be32_at(bytes.data);
		bytes = span_from(bytes, LABEL_LEN);
	} while (!(shim & 0x100)); // bottom of the stack
	uint32_t label = shim >> 12;
	switch (label) {
	case LABEL_IPV4_NULL: return decode_ipv4(d, p, bytes);
	case LABEL_IPV6_NULL: return decode_ipv6(d, p, bytes);
	case LABEL_ROUTER_ALERT: return decode_reject(d, p, DECODE_MPLS_BAD_LABEL_ROUTER_ALERT);
	case LABEL_IMPLICIT_NULL: return decode_reject(d, p, DECODE_MPLS_BAD_LABEL_IMPLICIT_NULL);
	default: break;
	}
	if (label < LABEL_FIRST_FREE)
		return decode_reject(d, p, DECODE_MPLS_BAD_LABEL_RESERVED);
	return decode_mpls_payload(d, p, bytes);
}

bool decode_nsh(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_NSH);
	if (bytes.len < 8)
		return decode_reject(d, p, DECODE_NSH_HEADER_TOO_SMALL);
	if (!decode_enter(d, p))
		return false;
	uint16_t word = be16_at(bytes.data);
	if (word >> 14 != 0)
		return decode_reject(d, p, DECODE_NSH_UNSUPPORTED_VERSION);
	uint32_t header_len = (word & 0x3fu) * 4;
	if (header_len < 8 || header_len >= bytes.len)
		return decode_reject(d, p, DECODE_NSH_BAD_HEADER_LENGTH);
	uint8_t metadata = bytes.data[2] & 0x0f;
	if (metadata == 0 || metadata == 15)
		return decode_reject(d, p, DECODE_NSH_RESERVED_TYPE);
	if (metadata > 2)
		return decode_reject(d, p, DECODE_NSH_UNSUPPORTED_TYPE);
	struct span rest = span_from(bytes, header_len);
	switch (bytes.data[3]) {
	case 1: return decode_ipv4(d, p, rest);
	case 2: return decode_ipv6(d, p, rest);
	case 3: return decode_ethernet(d, p, rest);
	case 4: return decode_nsh(d, p, rest);
	case 5: return decode_mpls(d, p, rest);
	default: return decode_reject(d, p, DECODE_NSH_UNKNOWN_PAYLOAD);
	}
}
