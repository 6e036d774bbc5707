// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/hunt/hunt_query.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "sensor/feeds/feed_value.h"
#include "sensor/sightings/sighting_store.h"
#include "signatures/reputation/canonical.h"

#define EPOCH_DIGITS 9  // of seconds of the epoch; "5" is something else forgotten
#define HASH_LIKE    24 // hexadecimal digits without a dot

// A range of kind that begins with low; its end is the caller's.
static struct hunt_range *add(struct hunt_query *query, unsigned kind, struct span low)
{
	struct hunt_range *range = &query->ranges[query->range_count++];
	low = span_slice(low, 0, SIGHTING_VALUE_MAX);
	*range = (struct hunt_range) { .kind = kind, .low_len = low.len };
	if (low.len)
		memcpy(range->low, low.data, low.len);
	return range;
}

// The least text after all that begin with the first len bytes of high: none when they are all 0xff (or there are none).
static void end_of_prefix(struct hunt_range *range, const uint8_t *bytes, uint32_t len)
{
	memcpy(range->high, bytes, len);
	while (len && range->high[len - 1] == 0xff)
		len--;
	range->high_len = len;
	if (len)
		range->high[len - 1]++;
	else
		memset(range->high, 0xff, range->high_len = HUNT_BLOB_MAX);
}

static void add_exact(struct hunt_query *query, unsigned kind, struct span value)
{
	struct hunt_range *range = add(query, kind, value);
	memcpy(range->high, range->low, range->low_len);
	range->high_len = range->low_len + 1; // with a zero byte: the next text there is
}

static void add_prefix(struct hunt_query *query, unsigned kind, struct span value)
{
	struct hunt_range *range = add(query, kind, value);
	end_of_prefix(range, range->low, range->low_len);
}

static void add_network(struct hunt_query *query, const struct indicator *indicator)
{
	uint8_t last[16];
	memcpy(last, indicator->value.data, 16);
	for (unsigned bit = indicator->bits; bit < 128; bit++)
		last[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	struct hunt_range *range = add(query, INDICATOR_ADDRESS, indicator->value);
	end_of_prefix(range, last, sizeof(last));
}

static void add_endpoint(struct hunt_query *query, const struct indicator *indicator)
{
	uint8_t value[SIGHTING_PLAIN_LEN + 2];
	memcpy(value, indicator->value.data, SIGHTING_PLAIN_LEN);
	value[SIGHTING_PLAIN_LEN] = (uint8_t)(indicator->port >> 8);
	value[SIGHTING_PLAIN_LEN + 1] = (uint8_t)indicator->port;
	add_exact(query, INDICATOR_ADDRESS, span_of(value, sizeof(value)));
}

// Names lie backwards: what is below one begins with it and a dot.
static void add_domain(struct hunt_query *query, struct span name, bool only_below)
{
	uint8_t back[CANONICAL_NAME_MAX + 1];
	uint32_t len = 0;
	for (name = span_slice(name, 0, CANONICAL_NAME_MAX); len < name.len; len++)
		back[len] = name.data[name.len - 1 - len];
	if (!only_below)
		add_exact(query, INDICATOR_DOMAIN, span_of(back, len));
	back[len] = '.';
	add_prefix(query, INDICATOR_DOMAIN, span_of(back, len + 1));
}

// What cannot be a name is a slip: to say that nobody met it would mislead. NULL: it may be one.
static const char *no_name(struct span name)
{
	uint32_t digits = 0, hex = 0, last = name.len;
	while (last && name.data[last - 1] != '.')
		last--;
	for (uint32_t i = last; i < name.len; i++) {
		digits += isdigit(name.data[i]) != 0;
		hex += isxdigit(name.data[i]) != 0;
	}
	if (digits == name.len - last)
		return "neither an address nor a name (a network is written 203.0.113.0/24)";
	if (!last && hex == name.len && hex >= HASH_LIKE)
		return "neither a name nor a hash, which has 32, 40 or 64 digits";
	return NULL;
}

// "sha256:DIGITS", as some reports have it.
static struct span without_label(struct span text, unsigned *kind)
{
	static const struct {
		const char *label;
		unsigned kind;
	} labels[] = { { "md5:", INDICATOR_FILE_MD5 }, { "sha1:", INDICATOR_FILE_SHA1 },
		{ "sha256:", INDICATOR_FILE_SHA256 }, { "ja3:", INDICATOR_JA3 }, { "ja4:", INDICATOR_JA4 } };
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		if (*kind != INDICATOR_KINDS || !span_starts_nocase(text, labels[i].label))
			continue;
		*kind = labels[i].kind;
		return span_trim(span_from(text, (uint32_t)strlen(labels[i].label)));
	}
	return text;
}

// A name that no feed may list can be asked for all the same ("com").
static const char *take_name(struct hunt_query *query, struct span text, const char *wrong)
{
	uint8_t name[CANONICAL_NAME_MAX];
	bool below = span_starts(text, "*.");
	uint32_t len = canonical_name(span_from(text, below ? 2 : 0), name);
	if (!len)
		return wrong;
	if (no_name(span_of(name, len)))
		return no_name(span_of(name, len));
	add_domain(query, span_of(name, len), below);
	return NULL;
}

static const char *take_url(struct hunt_query *query, struct span text)
{
	uint8_t bytes[INDICATOR_VALUE_MAX];
	struct canonical_url url;
	if (!canonical_url(text, bytes, &url))
		return "not a URL";
	if (url.host.len) {
		add_prefix(query, INDICATOR_URL, url.whole);
		return NULL;
	}
	struct span path = span_slice(url.whole, 0, SIGHTING_VALUE_MAX);
	memcpy(query->path, path.data, path.len);
	query->path_len = path.len;
	add_prefix(query, INDICATOR_URL, span_of(NULL, 0));
	return NULL;
}

// No path: all URLs of the host.
static void add_urls_of(struct hunt_query *query, const struct indicator *host)
{
	char text[CANONICAL_NAME_MAX + 2];
	size_t len = feed_value_text(host, text, sizeof(text) - 1);
	text[len++] = '/';
	add_prefix(query, INDICATOR_URL, span_of(text, len));
}

static void take(struct hunt_query *query, const struct indicator *indicator, bool any_hash)
{
	static const uint8_t alike[][3] = {
		[INDICATOR_FILE_MD5] = { INDICATOR_FILE_MD5, INDICATOR_JA3, INDICATOR_JA3S },
		[INDICATOR_FILE_SHA1] = { INDICATOR_FILE_SHA1, INDICATOR_CERT_SHA1 },
		[INDICATOR_FILE_SHA256] = { INDICATOR_FILE_SHA256, INDICATOR_CERT_SHA256 },
	};
	switch (indicator->kind) {
	case INDICATOR_ADDRESS: add_prefix(query, INDICATOR_ADDRESS, indicator->value); break;
	case INDICATOR_NETWORK: add_network(query, indicator); break;
	case INDICATOR_ENDPOINT: add_endpoint(query, indicator); break;
	case INDICATOR_DOMAIN: add_domain(query, indicator->value, indicator->flags & INDICATOR_BELOW); break;
	case INDICATOR_USER_AGENT: add_prefix(query, INDICATOR_USER_AGENT, indicator->value); break;
	case INDICATOR_FILE_MD5:
	case INDICATOR_FILE_SHA1:
	case INDICATOR_FILE_SHA256:
		for (unsigned i = 0; any_hash && i < 3 && (i == 0 || alike[indicator->kind][i]); i++)
			add_exact(query, alike[indicator->kind][i], indicator->value);
		if (any_hash)
			break;
		// fall through
	default: add_exact(query, indicator->kind, indicator->value);
	}
}

bool hunt_network_parse(struct span text, struct address *out, unsigned *bits, const char **wrong)
{
	uint32_t slash = span_find(text, '/', 0), number = 0;
	struct span digits = span_from(text, slash + 1);
	if (slash >= text.len || !digits.len || digits.len > 3 || !address_parse_span(span_slice(text, 0, slash), out))
		return false;
	for (uint32_t i = 0; i < digits.len; i++) {
		if (!isdigit(digits.data[i]))
			return false;
		number = 10 * number + (digits.data[i] - '0');
	}
	unsigned most = address_is_v4(out) ? 32 : 128;
	*wrong = number <= most ? NULL
		 : most == 32   ? "a network of IPv4 has at most 32 bits"
				: "a network of IPv6 has at most 128 bits";
	*bits = number + 128 - most;
	for (unsigned bit = *bits; bit < 128; bit++)
		out->bytes[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
	return true;
}

const char *hunt_query_parse(struct span text, unsigned kind, struct hunt_query *out)
{
	struct feed_value value;
	out->range_count = out->path_len = 0;
	struct address network;
	unsigned bits;
	const char *bad;
	text = without_label(span_trim(text), &kind);
	if ((kind == INDICATOR_KINDS || kind == INDICATOR_NETWORK) && hunt_network_parse(text, &network, &bits, &bad)) {
		if (!bad)
			add_network(out,
				&(struct indicator) { .value = span_of(network.bytes, 16), .bits = (uint8_t)bits });
		return bad;
	}
	bool any = kind == INDICATOR_KINDS;
	if (any && span_find(text, ' ', 0) < text.len)
		kind = INDICATOR_USER_AGENT;
	const char *wrong = feed_value_parse(text, kind, NULL, true, &value);
	bool slash = span_find(text, '/', 0) < text.len;
	bool url = kind == INDICATOR_URL || (any && slash);
	if (!wrong && value.indicator.kind == INDICATOR_URL) // its text: with a name in Unicode as A-labels
		return take_url(out, value.indicator.value);
	if (wrong && (kind == INDICATOR_DOMAIN || (any && !slash)))
		return take_name(out, text, wrong);
	if (wrong)
		return url ? take_url(out, text) : wrong;
	if (any && value.indicator.kind == INDICATOR_DOMAIN && no_name(value.indicator.value))
		return no_name(value.indicator.value);
	if (!(url && !any))
		take(out, &value.indicator, any);
	if (url && (value.indicator.kind == INDICATOR_DOMAIN || value.indicator.kind == INDICATOR_ADDRESS))
		add_urls_of(out, &value.indicator);
	return out->range_count ? NULL : "not a URL";
}

bool hunt_time_parse(const char *text, uint64_t now_s, uint64_t *out_s)
{
	static const struct {
		char unit;
		uint32_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 } };
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d" };
	char *end;
	if (text[0] < '0' || text[0] > '9')
		return false;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm time = { 0 };
		const char *rest = strptime(text, forms[i], &time);
		if (!rest || (*rest && strcmp(rest, "Z") != 0))
			continue;
		struct tm again = time;
		time_t s = timegm(&again);
		if (again.tm_mday != time.tm_mday || again.tm_mon != time.tm_mon) // there is no such day
			return false;
		*out_s = s > 0 ? (uint64_t)s : 0;
		return true;
	}
	errno = 0;
	unsigned long long number = strtoull(text, &end, 10);
	if (errno == ERANGE || (!*end && end - text < EPOCH_DIGITS))
		return false;
	if (!*end) {
		*out_s = number;
		return true;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (*end != units[i].unit || end[1])
			continue;
		bool before = number < now_s / units[i].seconds;
		*out_s = before ? now_s - number * units[i].seconds : 0;
		return true;
	}
	return false;
}
