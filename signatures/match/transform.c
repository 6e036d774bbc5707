// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/match/transform.h"
#include <openssl/evp.h>
#include <zlib.h>
#include "decoders/base/hex.h"
#include "signatures/operand/base64.h"
#include "signatures/match/search.h"

#define INFLATE_BYTES_MAX (64u << 10)

struct work {
	struct transform_arena *arena;
	struct regex_runner *regex;
	const struct transform *transform;
};

static uint8_t *take(struct work *work, uint32_t len)
{
	struct transform_arena *arena = work->arena;
	if (arena->size - arena->used < len)
		return NULL;
	uint8_t *at = arena->bytes + arena->used;
	arena->used += len;
	return at;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool strip_whitespace(struct work *work, struct span *value)
{
	uint8_t *out = take(work, value->len);
	uint32_t len = 0;
	if (!out)
		return false;
	for (uint32_t i = 0; i < value->len; i++)
		if (!is_blank(value->data[i]))
			out[len++] = value->data[i];
	*value = (struct span) { out, len };
	return true;
}

// Runs of blanks become their first one.
static bool compress_whitespace(struct work *work, struct span *value)
{
	uint8_t *out = take(work, value->len);
	uint32_t len = 0;
	bool blank = false;
	if (!out)
		return false;
	for (uint32_t i = 0; i < value->len; i++) {
		if (!(blank && is_blank(value->data[i])))
			out[len++] = value->data[i];
		blank = is_blank(value->data[i]);
	}
	*value = (struct span) { out, len };
	return true;
}

static bool lowercase(struct work *work, struct span *value)
{
	uint8_t *out = take(work, value->len);
	if (!out)
		return false;
	for (uint32_t i = 0; i < value->len; i++)
		out[i] = ascii_lower(value->data[i]);
	value->data = out;
	return true;
}

static bool uppercase(struct work *work, struct span *value)
{
	uint8_t *out = take(work, value->len);
	if (!out)
		return false;
	for (uint32_t i = 0; i < value->len; i++)
		out[i] = value->data[i] >= 'a' && value->data[i] <= 'z' ? (uint8_t)(value->data[i] - 0x20)
									: value->data[i];
	value->data = out;
	return true;
}

static bool digest(struct work *work, struct span *value, const EVP_MD *kind)
{
	unsigned len = 0;
	uint8_t *out = take(work, EVP_MAX_MD_SIZE);
	if (!out || EVP_Digest(value->data, value->len, out, &len, kind, NULL) != 1)
		return false;
	*value = (struct span) { out, len };
	return true;
}

static bool to_md5(struct work *work, struct span *value)
{
	return digest(work, value, EVP_md5());
}

static bool to_sha1(struct work *work, struct span *value)
{
	return digest(work, value, EVP_sha1());
}

static bool to_sha256(struct work *work, struct span *value)
{
	return digest(work, value, EVP_sha256());
}

static bool dotprefix(struct work *work, struct span *value)
{
	if (value->len == 0)
		return true;
	uint8_t *out = take(work, value->len + 1);
	if (!out)
		return false;
	out[0] = '.';
	memcpy(out + 1, value->data, value->len);
	*value = (struct span) { out, value->len + 1 };
	return true;
}

// Second-level suffixes under which names are registered; the common ones, so that domain gives example.co.uk.
static bool is_registry_label(struct span label)
{
	static const char *const labels[] = { "co", "com", "net", "org", "gov", "edu", "ac", "or", "ne", "go", "gob",
		"mil", NULL };
	for (unsigned i = 0; labels[i]; i++)
		if (span_is_nocase(label, labels[i]))
			return true;
	return false;
}

static uint32_t label_start(struct span name, uint32_t end)
{
	while (end > 0 && name.data[end - 1] != '.')
		end--;
	return end;
}

// Where the public suffix of name starts ("uk", or "co.uk").
static uint32_t suffix_start(struct span name)
{
	uint32_t top = label_start(name, name.len);
	if (top < 2 || name.len - top != 2)
		return top;
	uint32_t second = label_start(name, top - 1);
	return second > 0 && is_registry_label(span_slice(name, second, top - 1 - second)) ? second : top;
}

static bool tld(struct work *work, struct span *value)
{
	(void)work;
	uint32_t start = suffix_start(*value);
	if (start == 0)
		return true;
	*value = span_from(*value, start);
	return true;
}

static bool domain(struct work *work, struct span *value)
{
	(void)work;
	uint32_t start = suffix_start(*value);
	if (start == 0)
		return true;
	*value = span_from(*value, label_start(*value, start - 1));
	return true;
}

static bool url_decode(struct work *work, struct span *value)
{
	uint8_t *out = take(work, value->len);
	uint32_t len = 0;
	if (!out)
		return false;
	for (uint32_t i = 0; i < value->len; i++) {
		uint8_t c = value->data[i];
		if (c == '%' && i + 2 < value->len && hex_value(value->data[i + 1]) >= 0 &&
			hex_value(value->data[i + 2]) >= 0) {
			c = (uint8_t)(hex_value(value->data[i + 1]) << 4 | hex_value(value->data[i + 2]));
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		out[len++] = c;
	}
	*value = (struct span) { out, len };
	return true;
}

static bool xor_key(struct work *work, struct span *value)
{
	struct span key = work->transform->argument;
	uint8_t *out = take(work, value->len);
	if (!out || key.len == 0)
		return false;
	for (uint32_t i = 0, k = 0; i < value->len; i++, k = k + 1 == key.len ? 0 : k + 1)
		out[i] = value->data[i] ^ key.data[k];
	value->data = out;
	return true;
}

// Header names in lower case, values as they are.
static bool header_lowercase(struct work *work, struct span *value)
{
	uint8_t *out = take(work, value->len);
	bool name = true;
	if (!out)
		return false;
	for (uint32_t i = 0; i < value->len; i++) {
		uint8_t c = value->data[i];
		name = c == '\n' ? true : c == ':' && i > 0 && value->data[i - 1] != '\n' ? false : name;
		out[i] = name ? ascii_lower(c) : c;
	}
	value->data = out;
	return true;
}

// Leaves out lines that start with ':' (HTTP/2 pseudo headers).
static bool strip_pseudo_headers(struct work *work, struct span *value)
{
	uint8_t *out = take(work, value->len);
	uint32_t len = 0, at = 0;
	if (!out)
		return false;
	while (at < value->len) {
		uint32_t end = span_find(*value, '\n', at);
		uint32_t next = end < value->len ? end + 1 : end;
		if (value->data[at] != ':') {
			memcpy(out + len, value->data + at, next - at);
			len += next - at;
		}
		at = next;
	}
	*value = (struct span) { out, len };
	return true;
}

static bool pcrexform(struct work *work, struct span *value)
{
	uint32_t start, end;
	if (regex_run(work->regex, work->transform->code, *value, 0, &start, &end) != REGEX_MATCH)
		return true;
	if (regex_group(work->regex, 1, &start, &end))
		*value = span_slice(*value, start, end - start);
	return true;
}

static bool from_base64(struct work *work, struct span *value)
{
	struct span text = span_slice(
		*value, work->transform->offset, work->transform->bytes ? work->transform->bytes : UINT32_MAX);
	uint32_t room = text.len / 4 * 3 + 3;
	uint8_t *out = take(work, room);
	if (!out)
		return false;
	uint32_t len = base64_decode(text, (enum base64_mode)work->transform->mode, out, room);
	if (len == 0)
		return true; // what is not base64 stays as it is
	*value = (struct span) { out, len };
	return true;
}

// window_bits as inflateInit2 has them. Output is cut at the transform's limit.
static bool inflate_value(struct work *work, struct span *value, int window_bits)
{
	uint32_t max = work->transform->bytes ? work->transform->bytes : 1024;
	if (max > INFLATE_BYTES_MAX)
		max = INFLATE_BYTES_MAX;
	uint8_t *out = take(work, max);
	z_stream stream = {
		.next_in = (Bytef *)(uintptr_t)value->data, .avail_in = value->len, .next_out = out, .avail_out = max
	};
	if (!out || inflateInit2(&stream, window_bits) != Z_OK)
		return false;
	int result = inflate(&stream, Z_SYNC_FLUSH);
	uint32_t len = max - stream.avail_out;
	inflateEnd(&stream);
	if ((result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) || len == 0)
		return false;
	*value = (struct span) { out, len };
	return true;
}

static bool gunzip(struct work *work, struct span *value)
{
	return inflate_value(work, value, 15 + 16);
}

static bool zlib_deflate(struct work *work, struct span *value)
{
	return inflate_value(work, value, 15);
}

static bool (*const functions[])(struct work *work, struct span *value) = {
	[TRANSFORM_STRIP_WHITESPACE] = strip_whitespace,
	[TRANSFORM_COMPRESS_WHITESPACE] = compress_whitespace,
	[TRANSFORM_TO_LOWERCASE] = lowercase,
	[TRANSFORM_TO_UPPERCASE] = uppercase,
	[TRANSFORM_TO_MD5] = to_md5,
	[TRANSFORM_TO_SHA1] = to_sha1,
	[TRANSFORM_TO_SHA256] = to_sha256,
	[TRANSFORM_DOTPREFIX] = dotprefix,
	[TRANSFORM_DOMAIN] = domain,
	[TRANSFORM_TLD] = tld,
	[TRANSFORM_URL_DECODE] = url_decode,
	[TRANSFORM_XOR] = xor_key,
	[TRANSFORM_HEADER_LOWERCASE] = header_lowercase,
	[TRANSFORM_STRIP_PSEUDO_HEADERS] = strip_pseudo_headers,
	[TRANSFORM_PCREXFORM] = pcrexform,
	[TRANSFORM_FROM_BASE64] = from_base64,
	[TRANSFORM_GUNZIP] = gunzip,
	[TRANSFORM_ZLIB_DEFLATE] = zlib_deflate,
};

bool transform_apply(const struct transform *transforms, unsigned count, struct transform_arena *arena,
	struct regex_runner *regex, struct span in, struct span *out)
{
	struct work work = { arena, regex, NULL };
	*out = in;
	for (unsigned i = 0; i < count; i++) {
		work.transform = &transforms[i];
		if (transforms[i].kind >= sizeof(functions) / sizeof(*functions) ||
			!functions[transforms[i].kind](&work, out))
			return false;
	}
	return true;
}
