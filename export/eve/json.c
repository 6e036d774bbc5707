// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/json.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "decoders/base/clock.h"

static const char hex_digits[] = "0123456789abcdef";

void json_begin(struct json *json, char *memory, size_t size)
{
	*json = (struct json) { .start = memory, .at = memory, .end = memory + size };
	json_put_object(json, NULL);
}

static inline bool room(struct json *json, size_t len)
{
	if ((size_t)(json->end - json->at) >= len)
		return true;
	json->overflow = true;
	json->end = json->at; // nothing shorter may slip in after what was left out
	return false;
}

static inline void put(struct json *json, const char *bytes, size_t len)
{
	if (!room(json, len))
		return;
	memcpy(json->at, bytes, len);
	json->at += len;
}

static inline void put_char(struct json *json, char c)
{
	if (room(json, 1))
		*json->at++ = c;
}

static inline bool is_plain(uint8_t byte)
{
	return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

// Are eight bytes all plain? Each term has the high bit of a byte that is below 0x20, a quote, a backslash, 0x7f, or above;
// a borrow can set it in the bytes after such a one too, which changes no answer.
static inline bool are_plain(uint64_t word)
{
	uint64_t quote = word ^ EACH_BYTE('"'), backslash = word ^ EACH_BYTE('\\'), del = word ^ EACH_BYTE(0x7f);
	uint64_t found = (word - EACH_BYTE(0x20)) | (quote - EACH_BYTE(1)) | (backslash - EACH_BYTE(1)) |
			 (del - EACH_BYTE(1)) | word;
	return !(found & EACH_BYTE(0x80));
}

static inline uint64_t eight_at(const uint8_t *bytes)
{
	uint64_t word;
	memcpy(&word, bytes, sizeof(word));
	return word;
}

// All bytes of a text of up to seven, in any order and some twice.
static inline uint64_t short_word(const uint8_t *bytes, size_t len)
{
	uint32_t first, last;
	if (len < 4)
		return len ? EACH_BYTE('a') << 24 | bytes[0] | (uint64_t)bytes[len / 2] << 8 |
				       (uint64_t)bytes[len - 1] << 16
			   : EACH_BYTE('a');
	memcpy(&first, bytes, sizeof(first));
	memcpy(&last, bytes + len - sizeof(last), sizeof(last));
	return (uint64_t)first << 32 | last;
}

static inline size_t plain_run(const uint8_t *bytes, size_t len)
{
	size_t run = 0;
	while (len - run >= 8 && are_plain(eight_at(bytes + run)))
		run += 8;
	if (len - run < 8 && are_plain(short_word(bytes + run, len - run)))
		return len;
	while (run < len && is_plain(bytes[run]))
		run++;
	return run;
}

// Comma before all but the first of a level, then "key": when inside an object. Keys are our own text and need no escapes,
// but those that come from rules and settings do.
static void put_escaped(struct json *json, const uint8_t *bytes, size_t len);

static void put_key(struct json *json, const char *key)
{
	if (json->need_comma[json->depth])
		put_char(json, ',');
	json->need_comma[json->depth] = true;
	if (!key)
		return;
	size_t len = strlen(key);
	if ((size_t)(json->end - json->at) < len + 3 || plain_run((const uint8_t *)key, len) < len) {
		put_char(json, '"');
		put_escaped(json, (const uint8_t *)key, len);
		put(json, "\":", 2);
		return;
	}
	char *at = json->at;
	*at++ = '"';
	memcpy(at, key, len);
	at += len;
	*at++ = '"';
	*at++ = ':';
	json->at = at;
}

static void open_level(struct json *json, const char *key, char bracket)
{
	put_key(json, key);
	put_char(json, bracket);
	assert(json->depth + 1 < JSON_DEPTH_MAX);
	json->need_comma[++json->depth] = false;
}

static void close_level(struct json *json, char bracket)
{
	assert(json->depth > 0);
	json->depth--;
	put_char(json, bracket);
}

void json_put_object(struct json *json, const char *key)
{
	open_level(json, key, '{');
}

void json_object_end(struct json *json)
{
	close_level(json, '}');
}

void json_put_array(struct json *json, const char *key)
{
	open_level(json, key, '[');
}

void json_array_end(struct json *json)
{
	close_level(json, ']');
}

size_t json_end(struct json *json)
{
	assert(json->depth == 1);
	json_object_end(json);
	put_char(json, '\n');
	return json->overflow ? 0 : (size_t)(json->at - json->start);
}

// Length of the well-formed UTF-8 sequence (RFC 3629) at p, 0 when there is none: no overlong forms, no surrogates.
static unsigned utf8_sequence(const uint8_t *p, size_t left)
{
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		return left >= 2 && (p[1] & 0xc0) == 0x80 ? 2 : 0;
	if (p[0] >= 0xe0 && p[0] <= 0xef) {
		if (left < 3 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80)
			return 0;
		if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f))
			return 0;
		return 3;
	}
	if (p[0] >= 0xf0 && p[0] <= 0xf4) {
		if (left < 4 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80 || (p[3] & 0xc0) != 0x80)
			return 0;
		if ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
			return 0;
		return 4;
	}
	return 0;
}

static void put_escape(struct json *json, uint8_t byte)
{
	static const char short_forms[32] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r' };
	char text[6] = { '\\' };
	if (byte == '"' || byte == '\\') {
		text[1] = (char)byte;
		put(json, text, 2);
	} else if (byte < 32 && short_forms[byte]) {
		text[1] = short_forms[byte];
		put(json, text, 2);
	} else {
		memcpy(text + 1, "u00", 3);
		text[4] = hex_digits[byte >> 4];
		text[5] = hex_digits[byte & 15];
		put(json, text, 6);
	}
}

static bool is_utf8(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len;) {
		unsigned sequence = bytes[i] < 0x80 ? 1 : utf8_sequence(bytes + i, len - i);
		if (!sequence)
			return false;
		i += sequence;
	}
	return true;
}

// A text that is not UTF-8 throughout has all its bytes over 0x7f as \xNN in plain characters, as the field's readers know it.
static void put_escaped(struct json *json, const uint8_t *bytes, size_t len)
{
	bool checked = false, utf8 = true;
	for (size_t i = 0; i < len && !json->overflow;) {
		size_t run = plain_run(bytes + i, len - i);
		if (run) {
			put(json, (const char *)bytes + i, run);
			i += run;
			continue;
		}
		if (bytes[i] < 0x80) {
			put_escape(json, bytes[i++]);
			continue;
		}
		if (!checked)
			utf8 = is_utf8(bytes + i, len - i);
		checked = true;
		if (utf8) {
			unsigned sequence = utf8_sequence(bytes + i, len - i);
			put(json, (const char *)bytes + i, sequence);
			i += sequence;
		} else {
			char text[5] = { '\\', '\\', 'x', hex_digits[bytes[i] >> 4], hex_digits[bytes[i] & 15] };
			put(json, text, 5);
			i++;
		}
	}
}

void json_put_span(struct json *json, const char *key, struct span bytes)
{
	put_key(json, key);
	put_char(json, '"');
	put_escaped(json, bytes.data, bytes.len);
	put_char(json, '"');
}

void json_put_limited(struct json *json, const char *key, struct span bytes, uint32_t max)
{
	if (bytes.len <= max) {
		json_put_span(json, key, bytes);
		return;
	}
	char rest[48];
	int len = snprintf(rest, sizeof(rest), "[truncated %u additional bytes]", bytes.len - max);
	put_key(json, key);
	put_char(json, '"');
	put_escaped(json, bytes.data, max);
	put(json, rest, (size_t)len);
	put_char(json, '"');
}

void json_put_text(struct json *json, const char *key, const char *text)
{
	if (text)
		json_put_span(json, key, span_text(text));
}

void json_put_printable(struct json *json, const char *key, struct span bytes)
{
	put_key(json, key);
	put_char(json, '"');
	for (uint32_t i = 0; i < bytes.len && !json->overflow; i++) {
		uint32_t run = (uint32_t)plain_run(bytes.data + i, bytes.len - i);
		put(json, (const char *)bytes.data + i, run);
		if ((i += run) == bytes.len)
			break;
		uint8_t byte = bytes.data[i];
		if (byte == '"' || byte == '\\' || byte == '\r' || byte == '\n')
			put_escape(json, byte);
		else
			put_char(json, '.');
	}
	put_char(json, '"');
}

void json_put_hex(struct json *json, const char *key, struct span bytes, char separator)
{
	put_key(json, key);
	put_char(json, '"');
	size_t len = (size_t)bytes.len * (separator ? 3 : 2);
	if (room(json, len)) {
		char *at = json->at;
		for (uint32_t i = 0; i < bytes.len; i++) {
			if (i && separator)
				*at++ = separator;
			*at++ = hex_digits[bytes.data[i] >> 4];
			*at++ = hex_digits[bytes.data[i] & 15];
		}
		json->at = at;
	}
	put_char(json, '"');
}

// RFC 4648, section 4, with padding. Returns the end of what was written.
static char *write_base64(char *at, struct span bytes)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *from = bytes.data;
	uint32_t left = bytes.len;
	for (; left >= 3; left -= 3, from += 3, at += 4) {
		at[0] = alphabet[from[0] >> 2];
		at[1] = alphabet[(from[0] << 4 | from[1] >> 4) & 63];
		at[2] = alphabet[(from[1] << 2 | from[2] >> 6) & 63];
		at[3] = alphabet[from[2] & 63];
	}
	if (!left)
		return at;
	uint8_t second = left > 1 ? from[1] : 0;
	at[0] = alphabet[from[0] >> 2];
	at[1] = alphabet[(from[0] << 4 | second >> 4) & 63];
	at[2] = left > 1 ? alphabet[second << 2 & 63] : '=';
	at[3] = '=';
	return at + 4;
}

void json_put_base64(struct json *json, const char *key, struct span bytes)
{
	put_key(json, key);
	put_char(json, '"');
	if (room(json, ((size_t)bytes.len + 2) / 3 * 4))
		json->at = write_base64(json->at, bytes);
	put_char(json, '"');
}

static void put_uint(struct json *json, uint64_t value)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
				    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
				    "8081828384858687888990919293949596979899";
	char text[20];
	size_t at = sizeof(text);
	for (; value >= 100; value /= 100)
		memcpy(text + (at -= 2), pairs + 2 * (value % 100), 2);
	if (value >= 10)
		memcpy(text + (at -= 2), pairs + 2 * value, 2);
	else
		text[--at] = (char)('0' + value);
	put(json, text + at, sizeof(text) - at);
}

void json_put_uint(struct json *json, const char *key, uint64_t value)
{
	put_key(json, key);
	put_uint(json, value);
}

void json_put_int(struct json *json, const char *key, int64_t value)
{
	put_key(json, key);
	if (value < 0) {
		put_char(json, '-');
		put_uint(json, UINT64_C(0) - (uint64_t)value);
	} else {
		put_uint(json, (uint64_t)value);
	}
}

void json_put_real(struct json *json, const char *key, double value)
{
	put_key(json, key);
	char text[40];
	int len = snprintf(text, sizeof(text), "null");
	// The fewest digits that read back as the same number
	for (int digits = 15; isfinite(value) && digits <= 17; digits++) {
		len = snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	put(json, text, (size_t)len);
}

void json_put_bool(struct json *json, const char *key, bool value)
{
	put_key(json, key);
	if (value)
		put(json, "true", 4);
	else
		put(json, "false", 5);
}

void json_put_raw(struct json *json, const char *key, const char *text, size_t len)
{
	put_key(json, key);
	put(json, text, len);
}

void json_put_address(struct json *json, const char *key, const struct address *address)
{
	char text[ADDRESS_TEXT_SIZE];
	unsigned len = address_format(address, false, text);
	put_key(json, key);
	put_char(json, '"');
	put(json, text, len);
	put_char(json, '"');
}

static void put_digits(char *to, unsigned value, unsigned digits)
{
	while (digits--) {
		to[digits] = (char)('0' + value % 10);
		value /= 10;
	}
}

void json_put_time(struct json *json, const char *key, uint64_t ts_ns)
{
	uint64_t seconds = ts_ns / NS_PER_S;
	unsigned us = (unsigned)(ts_ns % NS_PER_S / NS_PER_US), second = (unsigned)(seconds % 86400);
	// Proleptic Gregorian date of a day number, in years that begin on 1 March (so that leap days come last).
	uint64_t day = seconds / 86400 + 719468;
	uint64_t era = day / 146097;
	unsigned era_day = (unsigned)(day % 146097);
	unsigned era_year = (era_day - era_day / 1460 + era_day / 36524 - era_day / 146096) / 365;
	unsigned year_day = era_day - (365 * era_year + era_year / 4 - era_year / 100);
	unsigned shifted = (5 * year_day + 2) / 153;
	unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
	unsigned year = (unsigned)(era_year + era * 400) + (month <= 2);

	char text[] = "\"0000-00-00T00:00:00.000000+0000\"";
	put_digits(text + 1, year, 4);
	put_digits(text + 6, month, 2);
	put_digits(text + 9, year_day - (153 * shifted + 2) / 5 + 1, 2);
	put_digits(text + 12, second / 3600, 2);
	put_digits(text + 15, second / 60 % 60, 2);
	put_digits(text + 18, second % 60, 2);
	put_digits(text + 21, us, 6);
	put_key(json, key);
	put(json, text, sizeof(text) - 1);
}

struct json_mark json_mark(const struct json *json)
{
	return (struct json_mark) { json->at, json->end, json->depth, json->need_comma[json->depth] };
}

// An overflow stays: what comes after the part taken back would be written into a line that already lost its end.
void json_rewind(struct json *json, struct json_mark mark)
{
	assert(mark.at <= json->at && mark.depth <= json->depth);
	json->at = mark.at;
	json->depth = mark.depth;
	json->need_comma[mark.depth] = mark.need_comma;
}

void json_keep_if_room(struct json *json, struct json_mark mark, size_t reserve)
{
	bool lost_before = mark.end == mark.at && json->overflow;
	if (lost_before || (!json->overflow && (size_t)(json->end - json->at) >= reserve))
		return;
	json_rewind(json, mark);
	json->end = mark.end;
	json->overflow = false;
}
