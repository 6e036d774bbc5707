// SPDX-License-Identifier: GPL-3.0-or-later
// Recognisers of protocols whose content alone is too weak: asked on their ports only.
#include "decoders/app/identify/recognise.h"
#include "decoders/base/cursor.h"

static enum app_probe by_role(enum direction direction, bool from_client)
{
	return (direction == TO_SERVER) == from_client ? APP_PROBE_YES : APP_PROBE_REVERSED;
}

// Length of a BER element whose tag was read (X.690 section 8.1.3); indefinite is refused.
static uint32_t ber_length(struct cursor *c)
{
	uint8_t first = cursor_u8(c);
	if (!(first & 0x80))
		return first;
	uint32_t len = 0;
	if ((first & 0x7f) == 0 || (first & 0x7f) > 4)
		c->failed = true;
	for (int i = 0; i < (first & 0x7f) && i < 4; i++)
		len = len << 8 | cursor_u8(c);
	return len;
}

// RFC 4120 messages; over TCP behind their length (section 7.2.2).
enum app_probe recognise_krb5(enum direction direction, struct span data, const struct flow *flow)
{
	struct cursor c = cursor_on(data);
	if (flow->key.proto == PROTO_TCP) {
		uint32_t len = cursor_be32(&c);
		if (cursor_ok(&c) && (len < 10 || len > 1 << 20))
			return APP_PROBE_NO;
	}
	uint8_t tag = cursor_u8(&c);
	ber_length(&c);
	uint8_t sequence = cursor_u8(&c);
	if (!cursor_ok(&c))
		return data.len < 16 ? APP_PROBE_MORE : APP_PROBE_NO;
	bool request = tag == 0x6a || tag == 0x6c || tag == 0x6e,
	     answer = tag == 0x6b || tag == 0x6d || tag == 0x6f || tag == 0x7e;
	return sequence == 0x30 && (request || answer) ? by_role(direction, request) : APP_PROBE_NO;
}

// RFC 1157, 3416, 3412: SEQUENCE with the version first.
enum app_probe recognise_snmp(enum direction direction, struct span data, const struct flow *flow)
{
	(void)direction, (void)flow;
	struct cursor c = cursor_on(data);
	uint8_t tag = cursor_u8(&c);
	ber_length(&c);
	uint32_t version = cursor_be24(&c);
	if (!cursor_ok(&c) || tag != 0x30)
		return APP_PROBE_NO;
	return version == 0x020100 || version == 0x020101 || version == 0x020103 ? APP_PROBE_YES : APP_PROBE_NO;
}

// RFC 4511 section 4.1.1: message id, then one of the operations.
enum app_probe recognise_ldap(enum direction direction, struct span data, const struct flow *flow)
{
	(void)flow;
	struct cursor c = cursor_on(data);
	uint8_t tag = cursor_u8(&c);
	if (data.len && tag != 0x30)
		return APP_PROBE_NO;
	ber_length(&c);
	uint8_t integer = cursor_u8(&c), len = cursor_u8(&c);
	cursor_skip(&c, len);
	uint8_t operation = cursor_u8(&c);
	if (!cursor_ok(&c))
		return data.len < 20 ? APP_PROBE_MORE : APP_PROBE_NO;
	if (integer != 2 || len < 1 || len > 4)
		return APP_PROBE_NO;
	switch (operation) {
	case 0x60:
	case 0x42:
	case 0x63:
	case 0x66:
	case 0x68:
	case 0x4a:
	case 0x6c:
	case 0x6e:
	case 0x50:
	case 0x77: return by_role(direction, true);
	case 0x61:
	case 0x64:
	case 0x65:
	case 0x67:
	case 0x69:
	case 0x6b:
	case 0x6d:
	case 0x6f:
	case 0x73:
	case 0x78:
	case 0x79: return by_role(direction, false);
	default: return APP_PROBE_NO;
	}
}

enum app_probe recognise_ntp(enum direction direction, struct span data, const struct flow *flow)
{
	(void)direction, (void)flow;
	if (data.len < 12)
		return APP_PROBE_NO;
	unsigned version = data.data[0] >> 3 & 7, mode = data.data[0] & 7;
	if (version < 1 || version > 4 || mode == 0)
		return APP_PROBE_NO;
	return mode >= 6 || data.len >= 48 ? APP_PROBE_YES : APP_PROBE_NO;
}

// RFC 2131: BOOTP message with the magic cookie.
enum app_probe recognise_dhcp(enum direction direction, struct span data, const struct flow *flow)
{
	(void)direction, (void)flow;
	if (data.len < 240 || be32_at(data.data + 236) != 0x63825363)
		return APP_PROBE_NO;
	return data.data[0] == 1 || data.data[0] == 2 ? APP_PROBE_YES : APP_PROBE_NO;
}

// Read and write requests (RFC 1350 section 5): opcode, name, mode.
enum app_probe recognise_tftp(enum direction direction, struct span data, const struct flow *flow)
{
	(void)direction, (void)flow;
	if (data.len < 6 || data.data[0] != 0 || (data.data[1] != 1 && data.data[1] != 2))
		return APP_PROBE_NO;
	uint32_t name_end = span_find(data, 0, 2), mode_end = span_find(data, 0, name_end + 1);
	if (name_end == 2 || mode_end >= data.len)
		return APP_PROBE_NO;
	struct span mode = span_slice(data, name_end + 1, mode_end - name_end - 1);
	return span_is_nocase(mode, "octet") || span_is_nocase(mode, "netascii") || span_is_nocase(mode, "mail")
		       ? APP_PROBE_YES
		       : APP_PROBE_NO;
}
