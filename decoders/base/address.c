// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/base/address.h"
#include <arpa/inet.h>
#include "decoders/base/hex.h"

// Hot: called for every event; decimal bytes by hand instead of printf.
static unsigned put_v4(const uint8_t *b, char *text)
{
	char *at = text;
	for (int i = 0; i < 4; i++) {
		unsigned v = b[i];
		if (i)
			*at++ = '.';
		if (v >= 100)
			*at++ = (char)('0' + v / 100);
		if (v >= 10)
			*at++ = (char)('0' + v / 10 % 10);
		*at++ = (char)('0' + v % 10);
	}
	*at = 0;
	return (unsigned)(at - text);
}

unsigned address_format(const struct address *a, bool compress, char text[ADDRESS_TEXT_SIZE])
{
	if (address_is_v4(a))
		return put_v4(a->bytes + 12, text);
	if (compress) {
		inet_ntop(AF_INET6, a->bytes, text, ADDRESS_TEXT_SIZE);
		return (unsigned)strlen(text);
	}
	char *at = text;
	for (int i = 0; i < 16; i += 2) {
		if (i)
			*at++ = ':';
		at = hex_put(at, a->bytes + i, 2);
	}
	*at = 0;
	return (unsigned)(at - text);
}

bool address_parse(const char *text, struct address *out)
{
	uint8_t raw[16];
	if (inet_pton(AF_INET, text, raw) == 1) {
		*out = address_v4(raw);
		return true;
	}
	if (inet_pton(AF_INET6, text, raw) == 1) {
		*out = address_v6(raw);
		return true;
	}
	return false;
}
bool address_parse_span(struct span text, struct address *out)
{
	char copy[ADDRESS_TEXT_SIZE];
	if (!text.len || text.len >= sizeof(copy) || memchr(text.data, 0, text.len))
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = 0;
	return address_parse(copy, out);
}
