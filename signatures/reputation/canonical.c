// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/canonical.h"
#include "decoders/base/ascii.h"
#include "decoders/base/hex.h"
#include "signatures/reputation/a_labels.h"

#define LABEL_MAX 63

// What a byte may be in a URL (RFC 3986 2.2, 2.3, 3.3), and in a name.
enum { UNRESERVED = 1, IN_PATH = 2, IN_QUERY = 4, IN_NAME = 8, IN_SCHEME = 16 };
#define LETTER (UNRESERVED | IN_PATH | IN_QUERY | IN_NAME | IN_SCHEME)
#define PCHAR  (IN_PATH | IN_QUERY)
static const uint8_t classes[256] = {
	['a' ... 'z'] = LETTER,
	['A' ... 'Z'] = LETTER,
	['0' ... '9'] = LETTER,
	['-'] = LETTER,
	['.'] = UNRESERVED | PCHAR | IN_SCHEME,
	['_'] = UNRESERVED | PCHAR | IN_NAME,
	['~'] = UNRESERVED | PCHAR,
	['!'] = PCHAR,
	['$'] = PCHAR,
	['&'] = PCHAR,
	['\''] = PCHAR,
	['('] = PCHAR,
	[')'] = PCHAR,
	['*'] = PCHAR,
	['+'] = PCHAR | IN_SCHEME,
	[','] = PCHAR,
	[';'] = PCHAR,
	['='] = PCHAR,
	[':'] = PCHAR,
	['@'] = PCHAR,
	['/'] = PCHAR,
	['?'] = IN_QUERY,
};

// Names --------------------------------------------------------------------------------------------------------------------------

static struct span without_dots(struct span name)
{
	while (name.len && name.data[name.len - 1] == '.')
		name.len--;
	return name;
}

// Where the longest end of name begins that is whole good labels; name.len: there is none.
static uint32_t good_from(struct span name)
{
	uint32_t good = name.len, label = 0;
	for (uint32_t i = name.len; i-- > 0;) {
		uint8_t c = name.data[i];
		if (name.len - i > CANONICAL_NAME_MAX)
			return good;
		if (c == '.') {
			if (!label)
				return good;
			good = i + 1;
			label = 0;
		} else if (!(classes[c] & IN_NAME) || ++label > LABEL_MAX)
			return good;
	}
	return label ? 0 : good;
}

uint32_t canonical_name(struct span name, uint8_t *out)
{
	name = without_dots(name);
	if (name.len > CANONICAL_NAME_MAX)
		return 0;
	uint32_t label = 0;
	for (uint32_t i = 0; i < name.len; i++) {
		if (classes[name.data[i]] & IN_NAME)
			label++;
		else if (name.data[i] >= 0x80)
			return a_labels(name, out);
		else if (name.data[i] != '.' || !label)
			return 0;
		else
			label = 0;
		if (label > LABEL_MAX)
			return 0;
	}
	ascii_lower_copy(out, name.data, name.len);
	return name.len;
}

// A name of traffic that has bytes beyond ASCII; 0: it has none, or is none.
static uint32_t unicode_name(struct span name, uint8_t *out)
{
	if (name.len > 3 * CANONICAL_NAME_MAX)
		return 0;
	for (uint32_t i = 0; i < name.len; i++)
		if (name.data[i] >= 0x80)
			return a_labels(name, out);
	return 0;
}

uint32_t canonical_name_end(struct span name, uint8_t *out)
{
	name = without_dots(name);
	uint32_t good = good_from(name);
	uint32_t len = good ? unicode_name(name, out) : 0;
	if (len)
		return len;
	name = span_from(name, good);
	ascii_lower_copy(out, name.data, name.len);
	return name.len;
}

// Writing ------------------------------------------------------------------------------------------------------------------------

struct writer {
	uint8_t *out;
	uint32_t len;
	uint32_t beyond; // segments of the path that begin past the end of out
	bool full;       // something did not fit: nothing more is written
};

static void put(struct writer *w, const uint8_t *bytes, uint32_t len)
{
	if (w->full || INDICATOR_VALUE_MAX - w->len < len) {
		w->full = true;
		return;
	}
	memcpy(w->out + w->len, bytes, len);
	w->len += len;
}

static void put_byte(struct writer *w, uint8_t byte)
{
	put(w, &byte, 1);
}

// The byte that "%xx" at offset at stands for; -1: it is no such thing.
static int percent_value(struct span text, uint32_t at)
{
	if (text.data[at] != '%' || text.len - at < 3)
		return -1;
	int high = hex_value(text.data[at + 1]), low = hex_value(text.data[at + 2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static void put_encoded(struct writer *w, uint8_t byte)
{
	static const uint8_t digits[] = "0123456789ABCDEF";
	put(w, (const uint8_t[]) { '%', digits[byte >> 4], digits[byte & 15] }, 3);
}

// What may stand there as it is, as much as fits.
static uint32_t put_run(struct writer *w, struct span text, uint8_t allowed)
{
	uint32_t len = 0, room = INDICATOR_VALUE_MAX - w->len;
	while (len < text.len && classes[text.data[len]] & allowed)
		len++;
	put(w, text.data, len < room ? len : room);
	w->full |= len > room;
	return len;
}

// RFC 3986 6.2.2.1 and 6.2.2.2. A '%' that begins no escape is a byte that may not stand there.
static void put_normal(struct writer *w, struct span text, uint8_t allowed)
{
	for (uint32_t i = 0; i < text.len && !w->full; i++) {
		i += put_run(w, span_from(text, i), allowed);
		if (i == text.len)
			return;
		int value = percent_value(text, i);
		i += value >= 0 ? 2 : 0;
		if (value >= 0 && classes[value] & UNRESERVED)
			put_byte(w, (uint8_t)value);
		else
			put_encoded(w, value >= 0 ? (uint8_t)value : text.data[i]);
	}
}

// 1 or 2: the segment is "." or "..", in any encoding.
static unsigned dots_of(struct span segment)
{
	unsigned dots = 0;
	for (uint32_t i = 0; i < segment.len; i++, dots++) {
		bool escaped = percent_value(segment, i) == '.';
		if ((segment.data[i] != '.' && !escaped) || dots == 2)
			return 0;
		i += escaped ? 2 : 0;
	}
	return dots;
}

static void begin_segment(struct writer *w)
{
	put_byte(w, '/');
	w->beyond += w->full;
}

// What "/.." takes away: the segment before it. One that lies past the end counts too, or two thousand bytes and "/.." would hide what follows.
static void drop_segment(struct writer *w, uint32_t base)
{
	if (w->beyond) {
		w->beyond--;
		return;
	}
	w->full = false;
	while (w->len > base && w->out[--w->len] != '/')
		;
}

// RFC 3986 5.2.4. A path that does not begin with '/' is taken as if it did.
static void put_path(struct writer *w, struct span path)
{
	uint32_t base = w->len;
	if (!path.len)
		put_byte(w, '/');
	for (uint32_t i = 0, end; i < path.len; i = end) {
		uint32_t start = i + (path.data[i] == '/');
		end = span_find(path, '/', start);
		struct span segment = span_slice(path, start, end - start);
		unsigned dots = dots_of(segment);
		if (dots == 2)
			drop_segment(w, base);
		if (!dots || end == path.len)
			begin_segment(w);
		if (!dots)
			put_normal(w, segment, IN_PATH);
	}
}

// Hosts --------------------------------------------------------------------------------------------------------------------------

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

static bool put_address(struct writer *w, struct canonical_url *url)
{
	char text[ADDRESS_TEXT_SIZE];
	bool v6 = !address_is_v4(&url->address);
	unsigned len = address_format(&url->address, true, text);
	if (v6)
		put_byte(w, '[');
	url->host = span_of(w->out + w->len, len);
	put(w, (const uint8_t *)text, len);
	if (v6)
		put_byte(w, ']');
	url->host_is_address = true;
	return true;
}

// "[...]" with its zone, if it has one (RFC 6874), dropped.
static bool put_literal(struct writer *w, struct span literal, struct canonical_url *url)
{
	literal.len = span_find(literal, '%', 0);
	return span_find(literal, ':', 0) < literal.len && address_parse_span(literal, &url->address) &&
	       put_address(w, url);
}

// The host, escapes undone. loose: what is no name may still end in one.
static bool put_host(struct writer *w, struct span host, bool loose, struct canonical_url *url)
{
	if (host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']')
		return put_literal(w, span_slice(host, 1, host.len - 2), url);
	if (host.len > 3 * (CANONICAL_NAME_MAX + 1))
		host = span_from(host, loose ? host.len - CANONICAL_NAME_MAX - 1 : host.len);
	uint8_t raw[3 * (CANONICAL_NAME_MAX + 1)];
	uint32_t len = 0;
	for (uint32_t i = 0; i < host.len; i++) {
		int value = percent_value(host, i);
		raw[len++] = value >= 0 ? (uint8_t)value : host.data[i];
		i += value >= 0 ? 2 : 0;
	}
	struct span name = without_dots(span_of(raw, len));
	if (aton(name, &url->address))
		return put_address(w, url);
	uint8_t text[CANONICAL_NAME_MAX];
	uint32_t text_len = loose ? canonical_name_end(name, text) : canonical_name(name, text);
	if (!text_len || ends_in_number(span_of(text, text_len)))
		return false;
	url->host = span_of(w->out + w->len, text_len);
	put(w, text, text_len);
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

static bool put_authority(
	struct writer *w, struct span scheme, struct span authority, bool loose, struct canonical_url *url)
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
	put(w, text + at, sizeof(text) - at);
	return true;
}

// URLs ---------------------------------------------------------------------------------------------------------------------------

// Takes "scheme:" from the front of text when "//" follows it.
static struct span take_scheme(struct span *text)
{
	uint32_t len = 0;
	while (len < text->len && classes[text->data[len]] & IN_SCHEME)
		len++;
	if (!len || !span_starts(span_from(*text, len), "://"))
		return (struct span) { text->data, 0 };
	struct span scheme = span_slice(*text, 0, len);
	*text = span_from(*text, len + 1);
	return scheme;
}

// Of "//authority/path?query": takes the authority, without its user. False: "//" is not there.
static bool take_authority(struct span *text, struct span *authority)
{
	if (!span_starts(*text, "//"))
		return false;
	uint32_t end = 2;
	while (end < text->len && text->data[end] != '/' && text->data[end] != '?' && text->data[end] != '#')
		end++;
	*authority = span_slice(*text, 2, end - 2);
	*text = span_from(*text, end);
	if (span_find(*authority, '\\', 0) < authority->len)
		authority->len = 0; // some take it for a '/', some for part of the user: no host that all agree on
	for (uint32_t i = authority->len; i-- > 0;)
		if (authority->data[i] == '@') {
			*authority = span_from(*authority, i + 1);
			break;
		}
	return true;
}

static void put_rest(struct writer *w, struct span rest, struct canonical_url *url)
{
	rest.len = span_find(rest, '#', 0);
	uint32_t path_len = span_find(rest, '?', 0), start = w->len;
	put_path(w, span_slice(rest, 0, path_len));
	url->path = span_of(w->out + start, w->len - start);
	if (path_len < rest.len) {
		put_byte(w, '?');
		start = w->len;
		put_normal(w, span_from(rest, path_len + 1), IN_QUERY);
		url->query = span_of(w->out + start, w->len - start);
	}
	url->whole = span_of(w->out, w->len);
}

// Of "authority/path?query" or "/path": takes the authority. False: it is none of these.
static bool take_bare_authority(struct span *text, bool link, struct span *authority)
{
	uint32_t end = 0;
	while (end < text->len && text->data[end] != '/' && text->data[end] != '?' && text->data[end] != '#')
		end++;
	*authority = span_slice(*text, 0, end);
	*text = span_from(*text, end);
	if (link)
		return true;
	// A user needs "//" before it; without, it is a mail address, or the opaque part of a "mailto:"
	return (end || (text->len && text->data[0] == '/')) && span_find(*authority, '@', 0) == authority->len;
}

// As browsers have it: a backslash is a slash, and who is named before '@' is no host.
static void cut_link(struct span *authority, struct span *rest)
{
	uint32_t end = span_find(*authority, '\\', 0);
	if (end < authority->len) {
		rest->len += authority->len - end - 1;
		rest->data = authority->data + end + 1;
		authority->len = end;
	}
	for (uint32_t i = authority->len; i-- > 0;)
		if (authority->data[i] == '@') {
			*authority = span_from(*authority, i + 1);
			return;
		}
}

bool canonical_url(struct span text, uint8_t *out, struct canonical_url *url)
{
	struct writer w = { .out = out };
	*url = (struct canonical_url) { 0 };
	struct span scheme = take_scheme(&text), authority;
	if (!take_authority(&text, &authority)) {
		if (!take_bare_authority(&text, false, &authority) ||
			(authority.len && !put_authority(&w, scheme, authority, false, url)))
			return false;
	} else if (!put_authority(&w, scheme, authority, false, url))
		return false;
	put_rest(&w, text, url);
	return !w.full;
}

bool canonical_link(struct span text, uint8_t *out, struct canonical_url *url)
{
	struct writer w = { .out = out };
	*url = (struct canonical_url) { 0 };
	struct span scheme = take_scheme(&text), authority;
	if (span_starts(text, "//"))
		text = span_from(text, 2);
	(void)take_bare_authority(&text, true, &authority);
	cut_link(&authority, &text);
	if (!put_authority(&w, scheme, authority, true, url))
		return false;
	put_rest(&w, text, url);
	return true;
}

// "host:443", as CONNECT has it.
static bool is_authority(struct span target)
{
	uint32_t at = target.len;
	while (at && target.data[at - 1] >= '0' && target.data[at - 1] <= '9')
		at--;
	return at < target.len && at > 1 && target.data[at - 1] == ':' && span_find(target, '/', 0) == target.len;
}

bool canonical_request(struct span host, struct span target, uint8_t *out, struct canonical_url *url)
{
	struct writer w = { .out = out };
	*url = (struct canonical_url) { 0 };
	struct span rest = target, scheme = take_scheme(&rest), authority;
	bool put_it = false;
	if (scheme.len && take_authority(&rest, &authority))
		put_it = put_authority(&w, scheme, authority, true, url);
	else if (is_authority(target)) {
		put_it = put_authority(&w, scheme, target, true, url);
		rest.len = 0;
	}
	if (!put_it && host.len) {
		scheme.len = 0;
		put_it = put_authority(&w, scheme, span_trim(host), true, url);
	}
	if (!put_it && !rest.len)
		return false;
	if (span_is(rest, "*")) // OPTIONS of the whole host
		rest.len = 0;
	put_rest(&w, rest, url);
	return true;
}
