// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a name, a URL, and (cut at the first line feed) as a request's host and target: what comes out is canonical, and stays so.
#include <stdlib.h>
#include "signatures/reputation/canonical.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool is_upper_hex(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

static bool inside(struct span part, struct span whole)
{
	return !part.len || (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

static void check_url(const struct canonical_url *url, const uint8_t *out)
{
	struct span whole = url->whole, path = url->path;
	must(whole.data == out && whole.len <= INDICATOR_VALUE_MAX);
	must(inside(url->host, whole) && inside(path, whole) && inside(url->query, whole));
	must(path.len && path.data[0] == '/');
	for (uint32_t i = 0; i < whole.len; i++) {
		uint8_t c = whole.data[i];
		must(c > ' ' && c < 0x7f && c != '#' && c != '"' && c != '\\');
		if (c == '%')
			must(whole.len - i >= 3 && is_upper_hex(whole.data[i + 1]) && is_upper_hex(whole.data[i + 2]));
	}
	for (uint32_t i = 0, end; i < path.len; i = end) {
		end = span_find(path, '/', i + 1);
		struct span segment = span_slice(path, i + 1, end - i - 1);
		// Unless it was cut there: an escape of three bytes did not fit
		bool cut = end == path.len && url->whole.len > INDICATOR_VALUE_MAX - 3;
		must(cut || (!span_is(segment, ".") && !span_is(segment, "..")));
	}
}

// With a scheme of which nothing goes without saying, and that the parser takes for one.
static void check_stays(const struct canonical_url *url)
{
	uint8_t text[INDICATOR_VALUE_MAX + 4], out[INDICATOR_VALUE_MAX];
	struct canonical_url again;
	if (span_starts(url->whole, "/"))
		return; // "/.//a" is "//a", which alone would be a host
	memcpy(text, "x://", 4);
	memcpy(text + 4, url->whole.data, url->whole.len);
	must(canonical_url(span_of(text, url->whole.len + 4), out, &again));
	must(span_equal(again.whole, url->whole) && span_equal(again.host, url->host) && again.port == url->port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of(data, size);
	uint8_t name[CANONICAL_NAME_MAX], again[CANONICAL_NAME_MAX], out[INDICATOR_VALUE_MAX];
	uint32_t len = canonical_name(text, name), end_len;
	must(len <= CANONICAL_NAME_MAX);
	if (len)
		must(canonical_name(span_of(name, len), again) == len && !memcmp(name, again, len));
	end_len = canonical_name_end(text, again);
	must(len ? end_len == len && !memcmp(name, again, len) : end_len <= CANONICAL_NAME_MAX);
	if (end_len)
		must(canonical_name(span_of(again, end_len), name) == end_len);
	struct canonical_url url;
	if (canonical_url(text, out, &url)) {
		check_url(&url, out);
		check_stays(&url);
	}
	uint32_t cut = span_find(text, '\n', 0);
	if (canonical_request(span_slice(text, 0, cut), span_from(text, cut + 1), out, &url))
		check_url(&url, out);
	return 0;
}
