// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ntlmssp/ntlmssp.h"

#define AV_PAIRS_MAX 64

// Identifiers of AV_PAIR (MS-NLMP section 2.2.2.1)
enum av_id { AV_END, AV_SERVER, AV_DOMAIN, AV_DNS_SERVER, AV_DNS_DOMAIN, AV_DNS_FOREST };

// Length, room and offset of a text in the message. One without length may point anywhere.
static struct span read_field(struct cursor *c, struct span blob, bool *malformed)
{
	uint16_t len = cursor_le16(c);
	cursor_skip(c, 2);
	uint32_t offset = cursor_le32(c);
	if (!cursor_ok(c) || len == 0)
		return (struct span) { 0 };
	if (offset > blob.len || len > blob.len - offset) {
		*malformed = true;
		return (struct span) { 0 };
	}
	return span_slice(blob, offset, len);
}

static void read_version(struct cursor *c, struct ntlmssp *out)
{
	if (!(out->flags & NTLMSSP_VERSION) || cursor_left(c) < 8)
		return;
	out->major = cursor_u8(c);
	out->minor = cursor_u8(c);
	out->build = cursor_le16(c);
	cursor_skip(c, 3);
	out->revision = cursor_u8(c);
	out->has_version = true;
}

static void read_target_info(struct span info, struct ntlmssp *out)
{
	struct cursor c = cursor_on(info);
	for (int i = 0; i < AV_PAIRS_MAX && cursor_left(&c) >= 4; i++) {
		uint16_t id = cursor_le16(&c), len = cursor_le16(&c);
		struct span value = cursor_span(&c, len);
		if (id == AV_END || !cursor_ok(&c))
			break;
		switch (id) {
		case AV_SERVER: out->server = value; break;
		case AV_DNS_SERVER: out->dns_server = value; break;
		case AV_DNS_DOMAIN: out->dns_domain = value; break;
		case AV_DNS_FOREST: out->dns_forest = value; break;
		default: break;
		}
	}
	out->malformed |= !cursor_ok(&c);
}

static void read_challenge(struct cursor *c, struct span blob, struct ntlmssp *out)
{
	out->target = read_field(c, blob, &out->malformed);
	out->flags = cursor_le32(c);
	struct span challenge = cursor_span(c, sizeof out->challenge);
	if (challenge.len)
		memcpy(out->challenge, challenge.data, sizeof out->challenge);
	out->malformed |= !cursor_ok(c);
	if (cursor_left(c) < 16)
		return; // the oldest form ends here
	cursor_skip(c, 8);
	read_target_info(read_field(c, blob, &out->malformed), out);
	read_version(c, out);
}

// Where a field's text begins and ends, whether it lies in the message or not.
static void peek_field(struct cursor c, uint64_t *start, uint64_t *end)
{
	uint16_t len = cursor_le16(&c);
	cursor_skip(&c, 2);
	*start = cursor_le32(&c);
	*end = *start + len;
}

static bool is_unordered(const struct cursor *fields)
{
	uint64_t start, end = 0;
	struct cursor c = *fields;
	for (int i = 0; i < 3; i++) { // domain, user, workstation
		uint64_t before = end;
		peek_field(c, &start, &end);
		if (i > 0 && start < before)
			return true;
		cursor_skip(&c, 8);
	}
	return false;
}

static void read_authenticate(struct cursor *c, struct span blob, struct ntlmssp *out)
{
	bool outside = false; // of the answers, which nobody reads
	out->lm_response_len = (uint16_t)read_field(c, blob, &outside).len;
	out->nt_response_len = (uint16_t)read_field(c, blob, &outside).len;
	out->unordered = cursor_left(c) >= 24 && is_unordered(c);
	out->domain = read_field(c, blob, &out->malformed);
	out->user = read_field(c, blob, &out->malformed);
	out->workstation = read_field(c, blob, &out->malformed);
	(void)read_field(c, blob, &outside); // session key
	out->flags = cursor_le32(c);
	out->malformed |= !cursor_ok(c);
	read_version(c, out);
}

static void read_negotiate(struct cursor *c, struct span blob, struct ntlmssp *out)
{
	bool outside = false; // many clients fill these in carelessly
	out->flags = cursor_le32(c);
	out->malformed |= !cursor_ok(c);
	if (cursor_left(c) < 16)
		return;
	out->domain = read_field(c, blob, &outside);
	out->workstation = read_field(c, blob, &outside);
	read_version(c, out);
}

bool ntlmssp_parse(struct span blob, struct ntlmssp *out)
{
	static const uint8_t signature[8] = "NTLMSSP";
	*out = (struct ntlmssp) { 0 };
	struct cursor c = cursor_on(blob);
	if (!span_equal(cursor_span(&c, sizeof signature), span_of(signature, sizeof signature)))
		return false;
	uint32_t type = cursor_le32(&c);
	if (!cursor_ok(&c) || type < NTLMSSP_NEGOTIATE || type > NTLMSSP_AUTHENTICATE)
		return false;
	out->type = (uint8_t)type;
	switch ((enum ntlmssp_type)type) {
	case NTLMSSP_NEGOTIATE: read_negotiate(&c, blob, out); break;
	case NTLMSSP_CHALLENGE: read_challenge(&c, blob, out); break;
	case NTLMSSP_AUTHENTICATE: read_authenticate(&c, blob, out); break;
	}
	return true;
}
