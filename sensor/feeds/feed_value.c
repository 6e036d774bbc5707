// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/feeds/feed_value.h"
#include <libpsl.h>
#include <stdlib.h>
#include <string.h>
#include "decoders/base/hex.h"
#include "sensor/files/domain_text.h"
#include "signatures/reputation/canonical.h"
#include "signatures/reputation/reserved.h"

#define V4_BITS         96 // in front of an IPv4 address in the 16-byte form
#define V4_LEAST_BITS   (V4_BITS + 8)
#define V6_LEAST_BITS   16
#define TEXT_MAX        INDICATOR_VALUE_MAX
#define BARE_PATH_LEAST 4  // bytes of a URL without a host: "/a" is on every server
#define HASH_BYTES_MAX  32 // SHA-256
#define ADDRESS_MAX     50 // bytes of one as text, with port and brackets

// Text -----------------------------------------------------------------------------------------------------------------------------

// The bracket that closes what c opens; 0: it opens nothing.
static inline uint8_t closing(uint8_t c)
{
	return c == '[' ? ']' : c == '(' ? ')' : c == '{' ? '}' : 0;
}

// Analysts write indicators so that nobody clicks on them: "hxxp://evil[.]example". Undone into out (zero-terminated), which it never makes longer; false: too
// long, or a zero byte inside.
static bool undo_defang(struct span text, char out[TEXT_MAX + 1], size_t *len)
{
	static const struct {
		const char *from, *to;
	} schemes[] = { { "hxxp", "http" }, { "h**p", "http" }, { "fxp", "ftp" } }, pairs[] = { { ".", "." },
		{ "dot", "." }, { ":", ":" }, { "at", "@" }, { "@", "@" }, { "://", "://" }, { "/", "/" } };
	size_t at = 0;
	uint32_t i = 0;
	if (text.len > TEXT_MAX || memchr(text.data, 0, text.len))
		return false;
	bool scheme = (text.data[0] | 0x20) == 'h' || (text.data[0] | 0x20) == 'f';
	for (size_t p = 0; scheme && p < sizeof(schemes) / sizeof(schemes[0]) && !i; p++)
		if (span_starts_nocase(text, schemes[p].from)) {
			i = (uint32_t)strlen(schemes[p].from);
			at = strlen(schemes[p].to);
			memcpy(out, schemes[p].to, at);
		}
	while (i < text.len) {
		struct span rest = span_from(text, i);
		uint8_t close = closing(rest.data[0]);
		size_t taken = 0;
		for (size_t p = 0; close && p < sizeof(pairs) / sizeof(pairs[0]) && !taken; p++) {
			size_t from = strlen(pairs[p].from), to = strlen(pairs[p].to);
			if (rest.len < from + 2 || rest.data[from + 1] != close ||
				!span_starts_nocase(span_from(rest, 1), pairs[p].from))
				continue;
			memcpy(out + at, pairs[p].to, to);
			at += to;
			taken = from + 2;
		}
		if (!taken) { // up to the next one
			for (taken = 1; taken < rest.len && !closing(rest.data[taken]);)
				taken++;
			memcpy(out + at, rest.data, taken);
			at += taken;
		}
		i += (uint32_t)taken;
	}
	out[at] = 0;
	*len = at;
	return true;
}

// "90:19:a6", as programs show certificates' hashes. False: it is no such text of that many bytes.
static bool without_colons(const char *text, size_t bytes, char *out)
{
	if (bytes > HASH_BYTES_MAX || strlen(text) != 3 * bytes - 1)
		return false;
	for (size_t i = 0; i < bytes; i++) {
		if (i && text[3 * i - 1] != ':')
			return false;
		memcpy(out + 2 * i, text + 3 * i, 2);
	}
	out[2 * bytes] = 0;
	return true;
}

static const char *take_hash(struct feed_value *out, unsigned kind, const char *text)
{
	size_t bytes = indicator_kind_bytes[kind];
	char plain[2 * HASH_BYTES_MAX + 1];
	if (without_colons(text, bytes, plain))
		text = plain;
	if (strlen(text) != 2 * bytes || !hex_take(text, out->bytes, bytes))
		return "not a hash of that kind, in hex";
	out->indicator.value = span_of(out->bytes, bytes);
	out->indicator.kind = (uint8_t)kind;
	return NULL;
}

// Addresses ------------------------------------------------------------------------------------------------------------------------

static void clear_host_bits(struct address *address, unsigned bits)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned kept = bits > 8 * i ? bits - 8 * i : 0;
		if (kept < 8)
			address->bytes[i] &= (uint8_t)(0xff00 >> kept);
	}
}

static const char *check_network(const struct address *first, unsigned bits, const struct feed_site *site, bool allow)
{
	static const struct address first_v4 = { .bytes = { [10] = 0xff, [11] = 0xff } };
	bool holds_v4 = bits <= V4_BITS && address_in(&first_v4, first, bits);
	bool in_v4 = bits > V4_BITS && address_is_v4(first);
	if (holds_v4 || bits < (in_v4 ? V4_LEAST_BITS : V6_LEAST_BITS))
		return "so wide a network says nothing: at least 8 bits of IPv4, 16 of IPv6";
	if (allow)
		return NULL;
	if (reserved_touches(first, bits))
		return "private, local or reserved: nobody on the Internet has it";
	if (site && site->is_own && site->is_own(site->context, first, bits))
		return "the site's own network";
	return NULL;
}

static const char *take_address(struct feed_value *out, const struct feed_site *site, bool allow, char *text)
{
	struct address address;
	char *slash = strchr(text, '/'), *end = NULL, *port = NULL;
	unsigned long bits = 128, number = 0;
	if (slash)
		*slash++ = 0;
	char *colon = strrchr(text, ':');
	size_t len = strlen(text);
	if (text[0] == '[' && text[len - 1] == ']') {
		text[len - 1] = 0;
		text++;
	} else if (text[0] == '[' && colon && colon > text && colon[-1] == ']') {
		colon[-1] = 0;
		port = colon + 1;
		text++;
	} else if (colon && strchr(text, ':') == colon) {
		*colon = 0;
		port = colon + 1;
	}
	if (!address_parse(text, &address))
		return "not an address";
	bool v4 = address_is_v4(&address);
	if (port) {
		number = strtoul(port, &end, 10);
		if (slash || port[0] < '0' || port[0] > '9' || *end || !number || number > 65535)
			return "not a port";
	}
	if (slash) {
		bool mapped = v4 && strchr(text, ':'); // ::ffff:192.0.2.0/120
		bits = strtoul(slash, &end, 10);
		if (slash[0] < '0' || slash[0] > '9' || *end || bits > (v4 && !mapped ? 32u : 128u) ||
			(mapped && bits < V4_BITS))
			return "a network ends in / and a number of bits";
		bits += v4 && !mapped ? V4_BITS : 0;
	}
	clear_host_bits(&address, (unsigned)bits);
	const char *wrong = check_network(&address, (unsigned)bits, site, allow);
	if (wrong)
		return wrong;
	memcpy(out->bytes, address.bytes, 16);
	out->indicator.value = span_of(out->bytes, 16);
	out->indicator.kind = number ? INDICATOR_ENDPOINT : bits < 128 ? INDICATOR_NETWORK : INDICATOR_ADDRESS;
	out->indicator.bits = (uint8_t)bits;
	out->indicator.port = (uint16_t)number;
	return NULL;
}

// Names ----------------------------------------------------------------------------------------------------------------------------

#define PUBLIC_SUFFIX "a public suffix: all who register below it would be listed"

static const char *check_name(struct span name, const struct feed_site *site, bool allow)
{
	char text[CANONICAL_NAME_MAX + 1];
	memcpy(text, name.data, name.len);
	text[name.len] = 0;
	const char *last = strrchr(text, '.');
	if (!last && psl_is_public_suffix2(psl_builtin(), text, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE))
		return PUBLIC_SUFFIX;
	if (!last || strspn(last + 1, "0123456789") == strlen(last + 1))
		return "not a domain name";
	if (psl_is_public_suffix(psl_builtin(), text))
		return PUBLIC_SUFFIX;
	for (const char *const *own = site && !allow ? site->own_domains : NULL; own && *own; own++) {
		size_t len = strlen(*own);
		// The own domain, a name in it, or a parent of it
		if ((name.len == len || (name.len > len && text[name.len - len - 1] == '.')) &&
			strcmp(text + name.len - len, *own) == 0)
			return "the site's own domain";
		if (len > name.len && (*own)[len - name.len - 1] == '.' && strcmp(*own + len - name.len, text) == 0)
			return "the site's own domain lies below it";
	}
	return NULL;
}

static const char *take_domain(struct feed_value *out, const struct feed_site *site, bool allow, const char *text)
{
	if (strncmp(text, "*.", 2) == 0 || (text[0] == '.' && text[1])) {
		out->indicator.flags |= text[0] == '*' ? INDICATOR_BELOW : 0;
		text += text[0] == '*' ? 2 : 1;
	}
	uint32_t len = domain_from_text(text, out->bytes);
	if (!len)
		return "not a domain name";
	out->indicator.value = span_of(out->bytes, len);
	out->indicator.kind = INDICATOR_DOMAIN;
	return check_name(out->indicator.value, site, allow);
}

static const char *take_email(struct feed_value *out, const struct feed_site *site, bool allow, const char *text)
{
	if (strncasecmp(text, "mailto:", 7) == 0)
		text += 7;
	const char *at = strrchr(text, '@');
	size_t local = at ? (size_t)(at - text) : 0;
	if (!local || local > 64 || strpbrk(text, " \t<>/"))
		return "not a mail address";
	uint32_t len = domain_from_text(at + 1, out->bytes + local + 1);
	if (!len)
		return "not a mail address";
	for (size_t i = 0; i < local; i++)
		out->bytes[i] = (uint8_t)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
	out->bytes[local] = '@';
	out->indicator.value = span_of(out->bytes, local + 1 + len);
	out->indicator.kind = INDICATOR_EMAIL;
	(void)site;
	(void)allow;
	return NULL;
}

// URLs -----------------------------------------------------------------------------------------------------------------------------

// The host of a URL in Unicode as A-labels, the rest as it is. False: it has none that can be written so, or the result is too long.
static bool ascii_host(const char *text, char out[TEXT_MAX + 1])
{
	const char *scheme = strstr(text, "://"), *host = scheme ? scheme + 3 : text;
	size_t before = (size_t)(host - text), host_len = strcspn(host, "/?#");
	const char *user = memchr(host, '@', host_len);
	if (user) {
		host_len -= (size_t)(user + 1 - host);
		host = user + 1;
		before = (size_t)(host - text);
	}
	size_t name_len = 0;
	while (name_len < host_len && host[name_len] != ':')
		name_len++;
	bool plain = true;
	for (size_t i = 0; i < name_len; i++)
		plain &= (unsigned char)host[i] < 0x80;
	char name[512];
	uint8_t ascii[CANONICAL_NAME_MAX];
	if (plain || name_len >= sizeof(name)) {
		memcpy(out, text, strlen(text) + 1);
		return plain;
	}
	memcpy(name, host, name_len);
	name[name_len] = 0;
	uint32_t len = domain_from_text(name, ascii);
	size_t rest = strlen(host + name_len);
	if (!len || before + len + rest > TEXT_MAX)
		return false;
	memcpy(out, text, before);
	memcpy(out + before, ascii, len);
	memcpy(out + before + len, host + name_len, rest + 1);
	return true;
}

static const char *take_url(struct feed_value *out, const struct feed_site *site, bool allow, const char *text)
{
	struct canonical_url url;
	char ascii[TEXT_MAX + 1];
	if (!ascii_host(text, ascii) || !canonical_url(span_text(ascii), out->bytes, &url))
		return "not a URL";
	if (!url.host.len && url.whole.len < BARE_PATH_LEAST)
		return "a path that short is on every server";
	if (url.host_is_address) {
		const char *wrong = check_network(&url.address, 128, site, allow);
		if (wrong)
			return wrong;
	} else if (url.host.len) {
		const char *wrong = check_name(url.host, site, allow);
		if (wrong)
			return wrong;
	}
	// A URL of nothing but a host says what the host alone would say, at any port and path
	bool bare = url.host.len && url.path.len <= 1 && !url.query.len && !url.port;
	out->indicator.value = bare ? url.host : url.whole;
	out->indicator.kind = INDICATOR_URL;
	if (bare && url.host_is_address) {
		memcpy(out->bytes, url.address.bytes, 16);
		out->indicator.value = span_of(out->bytes, 16);
		out->indicator.kind = INDICATOR_ADDRESS;
		out->indicator.bits = 128;
	} else if (bare) {
		out->indicator.kind = INDICATOR_DOMAIN;
	}
	return NULL;
}

// All ------------------------------------------------------------------------------------------------------------------------------

static bool is_ja4(const char *text)
{
	return strlen(text) == indicator_kind_bytes[INDICATOR_JA4] && strchr("tqd", text[0]) && text[10] == '_' &&
	       text[23] == '_';
}

static unsigned kind_of(const char *text, size_t len)
{
	struct address address;
	char head[ADDRESS_MAX];
	bool hex = (len == 32 || len == 40 || len == 64) && strspn(text, "0123456789abcdefABCDEF") == len;
	if (hex)
		return len == 32 ? INDICATOR_FILE_MD5 : len == 40 ? INDICATOR_FILE_SHA1 : INDICATOR_FILE_SHA256;
	if (is_ja4(text))
		return INDICATOR_JA4;
	if (strstr(text, "://") || text[0] == '/')
		return INDICATOR_URL;
	size_t head_len = strspn(text, "0123456789abcdefABCDEF.:[]");
	bool mask = text[head_len] == '/' && address_parse(text + head_len + 1, &address); // refused then: no URL
	if (head_len < sizeof(head) && (mask || strspn(text + head_len, "/0123456789") == len - head_len)) {
		memcpy(head, text, head_len);
		head[head_len] = 0;
		char *colon = strrchr(head, ':');
		if (address_parse(head, &address))
			return INDICATOR_ADDRESS;
		if (colon && head[0] == '[')
			return INDICATOR_ADDRESS;
		if (colon && strchr(head, ':') == colon && !strchr(text, '/')) {
			*colon = 0;
			if (address_parse(head, &address))
				return INDICATOR_ADDRESS;
		}
	}
	if (strpbrk(text, "/?"))
		return INDICATOR_URL;
	if (strchr(text, '@'))
		return INDICATOR_EMAIL;
	return strchr(text, ':') ? INDICATOR_URL : INDICATOR_DOMAIN;
}

static const char *take_agent(struct feed_value *out, const char *text, size_t len)
{
	if (len < 3)
		return "a user agent that short says nothing";
	memcpy(out->bytes, text, len);
	out->indicator.value = span_of(out->bytes, len);
	out->indicator.kind = INDICATOR_USER_AGENT;
	return NULL;
}

static const char *take_ja4(struct feed_value *out, const char *text)
{
	if (!is_ja4(text))
		return "not a JA4";
	size_t len = strlen(text);
	for (size_t i = 0; i < len; i++)
		out->bytes[i] = (uint8_t)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
	out->indicator.value = span_of(out->bytes, len);
	out->indicator.kind = INDICATOR_JA4;
	return NULL;
}

const char *feed_value_parse(
	struct span text, unsigned kind, const struct feed_site *site, bool allow, struct feed_value *out)
{
	char clean[TEXT_MAX + 1];
	size_t len;
	text = span_trim(text);
	// An address and port, no URL; a user agent is what it is
	if (kind != INDICATOR_USER_AGENT &&
		(span_starts_nocase(text, "tcp://") || span_starts_nocase(text, "udp://"))) {
		text = span_from(text, 6);
		text.len -= text.len && text.data[text.len - 1] == '/';
	}
	out->indicator = (struct indicator) { .flags = allow ? INDICATOR_ALLOW : 0 };
	if (!text.len)
		return "no value";
	if (!undo_defang(text, clean, &len))
		return "too long, or with a zero byte";
	if (kind == INDICATOR_KINDS)
		kind = kind_of(clean, len);
	switch (kind) {
	case INDICATOR_ADDRESS:
	case INDICATOR_NETWORK:
	case INDICATOR_ENDPOINT: return take_address(out, site, allow, clean);
	case INDICATOR_DOMAIN: return take_domain(out, site, allow, clean);
	case INDICATOR_URL: return take_url(out, site, allow, clean);
	case INDICATOR_EMAIL: return take_email(out, site, allow, clean);
	case INDICATOR_USER_AGENT:
		return take_agent(out, (const char *)text.data, text.len < TEXT_MAX ? text.len : TEXT_MAX);
	case INDICATOR_JA4: return take_ja4(out, clean);
	default: return take_hash(out, kind, clean);
	}
}

size_t feed_value_text(const struct indicator *indicator, char *out, size_t size)
{
	struct span value = indicator->value;
	char text[ADDRESS_TEXT_SIZE];
	struct address address;
	int len = 0;
	switch (indicator->kind) {
	case INDICATOR_ADDRESS:
	case INDICATOR_NETWORK:
	case INDICATOR_ENDPOINT: {
		memcpy(address.bytes, value.data, 16);
		bool v4 = address_is_v4(&address);
		address_format(&address, true, text);
		if (indicator->kind == INDICATOR_NETWORK)
			len = snprintf(out, size, "%s/%u", text, indicator->bits - (v4 ? V4_BITS : 0u));
		else if (indicator->kind == INDICATOR_ENDPOINT)
			len = snprintf(out, size, v4 ? "%s:%u" : "[%s]:%u", text, indicator->port);
		else
			len = snprintf(out, size, "%s", text);
		break;
	}
	case INDICATOR_DOMAIN:
		len = snprintf(out, size, "%s%.*s", indicator->flags & INDICATOR_BELOW ? "*." : "", (int)value.len,
			(const char *)value.data);
		break;
	case INDICATOR_URL: // a path that begins with "//" would be read as a host (RFC 3986 5.3)
		len = snprintf(out, size, "%s%.*s", span_starts(value, "//") ? "/." : "", (int)value.len,
			(const char *)value.data);
		break;
	default:
		if (!indicator_is_hash(indicator->kind)) {
			len = snprintf(out, size, "%.*s", (int)value.len, (const char *)value.data);
		} else if (2 * (size_t)value.len < size) {
			*hex_put(out, value.data, value.len) = 0;
			len = (int)(2 * value.len);
		}
	}
	return (size_t)len < size ? (size_t)len : size - 1;
}
