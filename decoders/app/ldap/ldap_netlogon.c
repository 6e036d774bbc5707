// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ldap/ldap_netlogon.h"
#include "decoders/base/cursor.h"

#define RESPONSE_EX     23
#define UNKNOWN_USER_EX 25
#define LABELS_MAX      128 // of a name, pointers followed included

// A name as in DNS (RFC 1035 section 4.1.4), its pointers counted from the value's start. False: not one.
static bool read_name(struct span value, struct cursor *c, uint8_t *out, uint8_t *out_len)
{
	uint32_t at = cursor_offset(c), len = 0;
	bool jumped = false;
	for (unsigned labels = 0; labels < LABELS_MAX; labels++) {
		work_step(1);
		if (at >= value.len)
			return false;
		uint8_t size = value.data[at];
		if (size >= 0xc0) {
			if (at + 1 >= value.len)
				return false;
			if (!jumped)
				cursor_skip(c, at + 2 - cursor_offset(c));
			at = (uint32_t)(size & 0x3f) << 8 | value.data[at + 1];
			jumped = true;
			continue;
		}
		if (size == 0) {
			if (!jumped)
				cursor_skip(c, at + 1 - cursor_offset(c));
			*out_len = (uint8_t)len;
			return true;
		}
		if (size > 63 || at + 1 + size > value.len || len + size + 1 > LDAP_NETLOGON_NAME_MAX)
			return false;
		if (len)
			out[len++] = '.';
		memcpy(out + len, value.data + at + 1, size);
		len += size;
		at += 1u + size;
	}
	return false;
}

bool ldap_netlogon_read(struct span value, struct ldap_netlogon *out)
{
	struct cursor c = cursor_on(value);
	*out = (struct ldap_netlogon) { .opcode = cursor_le16(&c) };
	if (out->opcode < RESPONSE_EX || out->opcode > UNKNOWN_USER_EX)
		return false;
	cursor_skip(&c, 2);
	out->flags = cursor_le32(&c);
	struct span guid = cursor_span(&c, sizeof(out->guid));
	if (!cursor_ok(&c))
		return false;
	memcpy(out->guid, guid.data, sizeof(out->guid));
	for (unsigned i = 0; i < LDAP_NETLOGON_NAMES; i++)
		if (!read_name(value, &c, out->names[i].text, &out->names[i].len))
			return false;
	return true;
}
