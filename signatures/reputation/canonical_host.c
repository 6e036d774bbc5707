// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/base/ascii.h"
#include "decoders/base/hex.h"
#include "signatures/reputation/canonical.h"
#include "signatures/reputation/canonical_part.h"

// One number of inet_aton: decimal, octal ("017") or hexadecimal ("0xf"). False: none, or past limit.
static bool aton_number(struct span text, uint64_t limit, uint64_t *out)
{
	unsigned base = 10;
	if (text.len > 1 && text.data[0] == '0') {
		base = ascii_lower(text.data[1]) == 'x' ? 16 : 8;
		text = span_from(text, base == 16 ? 2 : 1); // "0x" alone is 0, as browsers have it
	} else if (!text.len)
		return false;
	*out = 0;
	for (uint32_t i = 0; i < text.len; i++) {
		int digit = hex_value(text.data[i]);
		if (digit < 0 || digit >= (int)base)
			return false;
		*out = *out * base + (unsigned)digit;
		if (*out > limit)
			return false;
	}
	return true;
}

// Any of inet_aton's forms: a, a.b, a.b.c, a.b.c.d; the last number fills what is left.
static bool aton(struct span text, struct address *out)
{
	uint64_t whole = 0;
	unsigned parts = 0;
	for (uint32_t i = 0, end; i <= text.len; i = end + 1) {
		end = span_find(text, '.', i);
		bool last = end == text.len;
		uint64_t number;
		if (parts == 4 ||
			!aton_number(span_slice(text, i, end - i), last ? UINT32_MAX >> (8 * parts) : 255, &number))
			return false;
		whole |= last ? number : number << (24 - 8 * parts);
		parts++;
	}
	*out = address_v4((const uint8_t[]) {
		(uint8_t)(whole >> 24), (uint8_t)(whole >> 16), (uint8_t)(whole >> 8), (uint8_t)whole });
	return true;
}

// A name whose last label is a number is no name (and, where aton fails, no address either).
static bool ends_in_number(struct span name)
{
	for (uint32_t i = name.len; i-- > 0 && name.data[i] != '.';)
		if (name.data[i] < '0' || name.data[i] > '9')
			return false;
	return true;
}

static bool put_address(struct canonical_writer *w, struct canonical_url *url)
{
	char text[ADDRESS_TEXT_SIZE];
	bool v6 = !address_is_v4(&url->address);
	unsigned len = address_format(&url->address, true, text);
	if (v6)
		canonical_put_byte(w, '[');
	url->host = span_of(w->out + w->len, len);
	canonical_put(w, (const uint8_t *)text, len);
	if (v6)
		canonical_put_byte(w, ']');
	url->host_is_address = true;
	return true;
}

// "[...]" with its zone, if it has one (RFC 6874), dropped.
static bool put_literal(struct canonical_writer *w, struct span literal, struct canonical_url *url)
{
	literal.len = span_find(literal, '%', 0);
	return span_find(literal, ':', 0) < literal.len && address_parse_span(literal, &url->address) &&
	       put_address(w, url);
}

// The host, escapes undone. loose: what is no name may still end in one.
static bool put_host(struct canonical_writer *w, struct span host, bool loose, struct canonical_url *url)
{
	if (host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']')
		return put_literal(w, span_slice(host, 1, host.len - 2), url);
	if (host.len > 3 * (CANONICAL_NAME_MAX + 1))
		host = span_from(host, loose ? host.len - CANONICAL_NAME_MAX - 1 : host.len);
	uint8_t raw[3 * (CANONICAL_NAME_MAX + 1)];
	uint32_t len = 0;
	for (uint32_t i = 0; i < host.len; i++) {
		int value = canonical_percent(host, i);
		raw[len++] = value >= 0 ? (uint8_t)value : host.data[i];
		i += value >= 0 ? 2 : 0;
	}
	struct span name = canonical_without_dots(span_of(raw, len));
	if (aton(name, &url->address))
		return put_address(w, url);
	uint8_t text[CANONICAL_NAME_MAX];
	uint32_t text_len = canonical_name(name, text);
	if (text_len && aton(span_of(text, text_len), &url->address)) // in full width
		return put_address(w, url);
	if (!text_len && loose)
		text_len = canonical_name_end(name, text);
	if (!text_len || ends_in_number(span_of(text, text_len)))
		return false;
	url->host = span_of(w->out + w->len, text_len);
	canonical_put(w, text, text_len);
	return true;
}

// ":port" after the host; empty is fine. False: it is none.
static bool port_of(struct span text, uint16_t *port)
{
	uint32_t value = 0;
	for (uint32_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		value = 10 * value + (text.data[i] - '0');
		if (value > UINT16_MAX)
			return false;
	}
	*port = (uint16_t)value;
	return !text.len || value;
}

static const struct {
	const char *name;
	uint16_t port, also; // what goes without saying
} schemes[] = {
	{ "", 80, 443 }, // said by nobody: either of the two
	{ "http", 80, 80 },
	{ "https", 443, 443 },
	{ "ws", 80, 80 },
	{ "wss", 443, 443 },
	{ "ftp", 21, 21 },
};

static bool is_default(struct span scheme, uint16_t port)
{
	for (unsigned i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (span_is_nocase(scheme, schemes[i].name))
			return port == schemes[i].port || port == schemes[i].also;
	return false;
}

bool canonical_put_authority(
	struct canonical_writer *w, struct span scheme, struct span authority, bool loose, struct canonical_url *url)
{
	uint32_t colon = authority.len, digits = 0;
	while (digits < authority.len && authority.data[authority.len - 1 - digits] != ':' &&
		authority.data[authority.len - 1 - digits] != ']')
		digits++;
	if (digits < authority.len && authority.data[authority.len - 1 - digits] == ':')
		colon = authority.len - 1 - digits;
	uint16_t port = 0;
	if (!port_of(span_from(authority, colon + 1), &port) && !loose)
		return false;
	if (!put_host(w, span_slice(authority, 0, colon), loose, url))
		return false;
	if (!port || is_default(scheme, port))
		return true;
	url->port = port;
	uint8_t text[6], at = sizeof(text);
	for (; port; port /= 10)
		text[--at] = (uint8_t)('0' + port % 10);
	text[--at] = ':';
	canonical_put(w, text + at, sizeof(text) - at);
	return true;
}
