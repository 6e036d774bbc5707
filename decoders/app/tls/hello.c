// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/tls/hello.h"

// Extension types (IANA, RFC 6066 and others).
enum extension {
	EXT_SERVER_NAME = 0,
	EXT_GROUPS = 10,
	EXT_POINT_FORMATS = 11,
	EXT_SIG_ALGS = 13,
	EXT_ALPN = 16,
	EXT_SESSION_TICKET = 35,
	EXT_EARLY_DATA = 42,
	EXT_SUPPORTED_VERSIONS = 43,
};

#define DOMAIN_NAME_MAX 255

bool tls_next_extension(struct span extensions, uint32_t *at, uint16_t *type, struct span *value)
{
	struct cursor c = cursor_on(span_from(extensions, *at));
	if (cursor_left(&c) == 0)
		return false;
	*type = cursor_be16(&c);
	*value = cursor_span(&c, cursor_be16(&c));
	*at += cursor_offset(&c);
	return cursor_ok(&c);
}

bool tls_next_alpn(struct span alpn, uint32_t *at, struct span *name)
{
	struct cursor c = cursor_on(span_from(alpn, *at));
	if (cursor_left(&c) == 0)
		return false;
	*name = cursor_span(&c, cursor_u8(&c));
	*at += cursor_offset(&c);
	return cursor_ok(&c);
}

// RFC 6066 3: ServerNameList; of its entries only the first counts, and only host_name exists.
static bool read_sni(struct span value, struct tls_hello *out)
{
	if (out->has_sni) {
		out->faults |= HELLO_MANY_SNI;
		return true;
	}
	out->has_sni = true;
	if (!out->client || value.len == 0)
		return true; // a server answers with an empty one
	struct cursor c = cursor_on(value);
	cursor_skip(&c, 2);
	uint8_t type = cursor_u8(&c);
	uint16_t len = cursor_be16(&c);
	if (!cursor_ok(&c)) {
		out->faults |= HELLO_BAD_LENGTH;
		return false;
	}
	if (type != 0) {
		out->faults |= HELLO_BAD_SNI_TYPE;
		return true;
	}
	struct span name = cursor_span(&c, len);
	if (!cursor_ok(&c) || len == 0 || len > DOMAIN_NAME_MAX)
		out->faults |= HELLO_BAD_SNI_LENGTH;
	if (name.len == 0)
		return true;
	const uint8_t *zero = memchr(name.data, 0, name.len);
	out->sni = zero ? span_slice(name, 0, (uint32_t)(zero - name.data)) : name;
	return true;
}

// A list with a length of len_bytes before it.
static bool read_list(struct span value, unsigned len_bytes, struct span *out)
{
	struct cursor c = cursor_on(value);
	uint32_t len = len_bytes == 1 ? cursor_u8(&c) : cursor_be16(&c);
	struct span list = cursor_span(&c, len);
	if (!cursor_ok(&c))
		return false;
	*out = list;
	return true;
}

static bool is_version(uint16_t version)
{
	return (version >= 0x0300 && version <= 0x0304) || version >> 8 == 0x7f || version >> 8 == 0xfb ||
	       version >> 8 == 0xfe;
}

static bool read_versions(struct span value, struct tls_hello *out)
{
	out->has_versions = true;
	if (!out->client) {
		if (value.len < 2)
			return false;
		out->best_version = be16_at(value.data);
		return true;
	}
	struct span list;
	if (!read_list(value, 1, &list) || list.len < 2)
		return false;
	uint16_t best = 0;
	for (uint32_t i = 0; i + 2 <= list.len; i += 2) {
		uint16_t version = be16_at(list.data + i);
		if (!tls_is_grease(version) && is_version(version) && version > best)
			best = version;
	}
	if (best)
		out->best_version = best;
	return true;
}

static bool read_extension(uint16_t type, struct span value, struct tls_hello *out)
{
	switch (type) {
	case EXT_SERVER_NAME: return read_sni(value, out);
	case EXT_GROUPS: return value.len == 0 || read_list(value, 2, &out->groups);
	case EXT_POINT_FORMATS: return value.len == 0 || read_list(value, 1, &out->point_formats);
	case EXT_SIG_ALGS: return value.len == 0 || read_list(value, 2, &out->sig_algs);
	case EXT_ALPN: return value.len == 0 || read_list(value, 2, &out->alpn);
	case EXT_SESSION_TICKET: out->has_ticket = value.len > 0; return true;
	case EXT_EARLY_DATA: out->early_data = true; return true;
	case EXT_SUPPORTED_VERSIONS: return value.len == 0 || read_versions(value, out);
	default: return true;
	}
}

static bool read_extensions(struct tls_hello *out)
{
	uint32_t at = 0;
	uint16_t type;
	struct span value;
	while (at < out->extensions.len)
		if (!tls_next_extension(out->extensions, &at, &type, &value) || !read_extension(type, value, out))
			return false;
	return true;
}

bool tls_hello_read(struct span body, bool client, struct tls_hello *out)
{
	memset(out, 0, sizeof(*out));
	out->client = client;
	struct cursor c = cursor_on(body);
	out->version = out->best_version = cursor_be16(&c);
	out->random = cursor_span(&c, 32);
	// Drafts of TLS 1.3 before 22: a ServerHello has neither session id nor compression
	bool short_hello = !client && (out->version >> 8 == 0x7f || out->version == 0x0304);
	if (!short_hello)
		out->session_id = cursor_span(&c, cursor_u8(&c));
	uint32_t cipher_bytes = client ? cursor_be16(&c) : 2;
	out->ciphers = cursor_span(&c, cipher_bytes);
	if (!short_hello)
		cursor_skip(&c, client ? cursor_u8(&c) : 1);
	if (!cursor_ok(&c) || out->session_id.len > 32 || cipher_bytes % 2) {
		out->faults |= HELLO_BAD_LENGTH;
		return false;
	}
	if (cursor_left(&c) == 0)
		return true;
	if (cursor_left(&c) < 2) {
		out->faults |= HELLO_BAD_LENGTH;
		return false;
	}
	out->extensions = cursor_span(&c, cursor_be16(&c));
	if (!cursor_ok(&c) || !read_extensions(out))
		out->faults |= HELLO_BAD_LENGTH;
	return !(out->faults & HELLO_BAD_LENGTH);
}
