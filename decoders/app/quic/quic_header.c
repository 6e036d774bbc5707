// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/quic/quic_header.h"

#define ID_MAX         20
#define HASH_BYTES     12 // Google's: over a packet that is not encrypted
#define Q043           0x51303433u
#define Q044           0x51303434u
#define Q045           0x51303435u
#define Q046           0x51303436u
#define LONG           0x80
#define GOOGLE_ID      0x08
#define GOOGLE_VERSION 0x01

static bool quic_version_google(uint32_t version)
{
	return version >= Q043 && version <= Q046;
}

bool quic_version_known(uint32_t version)
{
	return version == QUIC_V1 || version == QUIC_V2 || (version >= 0xff000017 && version <= 0xff000022) ||
	       version == 0xfaceb001 || version == 0xfaceb002 || version == 0xfaceb00e || quic_version_google(version);
}

uint64_t quic_varint(struct cursor *c)
{
	uint8_t first = cursor_u8(c);
	uint64_t value = first & 0x3f;
	for (unsigned left = (1u << (first >> 6)) - 1; left; left--)
		value = value << 8 | cursor_u8(c);
	return value;
}

static enum quic_type type_of(uint32_t version, uint8_t first)
{
	static const enum quic_type one[4] = { QUIC_INITIAL, QUIC_ZERO_RTT, QUIC_HANDSHAKE, QUIC_RETRY };
	static const enum quic_type two[4] = { QUIC_RETRY, QUIC_INITIAL, QUIC_ZERO_RTT, QUIC_HANDSHAKE };
	if (version == 0)
		return QUIC_NEGOTIATION;
	if (version == Q044 || version == Q045) {
		switch (first & 0x7f) {
		case 0x7f: return QUIC_INITIAL;
		case 0x7e: return QUIC_RETRY;
		case 0x7d: return QUIC_HANDSHAKE;
		default: return QUIC_ZERO_RTT;
		}
	}
	return version == QUIC_V2 ? two[first >> 4 & 3] : one[first >> 4 & 3];
}

// Public header of Q043: flags, id, version, number.
static bool read_public(struct cursor *c, uint8_t first, struct quic_header *out)
{
	static const uint8_t number_lens[4] = { 1, 2, 4, 6 };
	if (!(first & GOOGLE_VERSION) || !(first & GOOGLE_ID))
		return false;
	out->destination = cursor_span(c, 8);
	out->version = cursor_be32(c);
	if (!cursor_ok(c) || out->version != Q043)
		return false;
	out->type = QUIC_INITIAL;
	out->google = true;
	cursor_skip(c, number_lens[first >> 4 & 3] + HASH_BYTES);
	return cursor_ok(c);
}

// Connection ids: a byte each with its length, or in Google's versions both in halves of one.
static bool read_ids(struct cursor *c, struct quic_header *out)
{
	uint8_t len = cursor_u8(c), source;
	if (out->google) {
		source = len & 0x0f ? (uint8_t)((len & 0x0f) + 3) : 0;
		len = len >> 4 ? (uint8_t)((len >> 4) + 3) : 0;
		out->destination = cursor_span(c, len);
	} else {
		out->destination = cursor_span(c, len);
		source = cursor_u8(c);
	}
	cursor_skip(c, source);
	return cursor_ok(c) && (out->version == 0 || (len <= ID_MAX && source <= ID_MAX));
}

bool quic_header_read(struct span data, struct quic_header *out)
{
	struct cursor c = cursor_on(data);
	uint8_t first = cursor_u8(&c);
	*out = (struct quic_header) { .type = QUIC_SHORT, .end = data.len };
	if (!cursor_ok(&c))
		return false;
	if (!(first & LONG)) {
		if (!read_public(&c, first, out)) // what stands where Google's version would be is none
			*out = (struct quic_header) { .type = QUIC_SHORT, .end = data.len };
		out->number_at = cursor_offset(&c);
		return true;
	}
	out->version = cursor_be32(&c);
	out->google = quic_version_google(out->version);
	out->type = type_of(out->version, first);
	if (!read_ids(&c, out))
		return false;
	if (out->google) {
		cursor_skip(&c, (first & 3u) + 1 + HASH_BYTES);
	} else if (out->type == QUIC_INITIAL || out->type == QUIC_ZERO_RTT || out->type == QUIC_HANDSHAKE) {
		if (out->type == QUIC_INITIAL) {
			uint64_t token = quic_varint(&c);
			cursor_skip(&c, token < UINT32_MAX ? (uint32_t)token : UINT32_MAX);
		}
		uint64_t len = quic_varint(&c);
		if (!cursor_ok(&c) || len > cursor_left(&c))
			return false;
		out->end = cursor_offset(&c) + (uint32_t)len;
	}
	out->number_at = cursor_offset(&c);
	return cursor_ok(&c);
}
