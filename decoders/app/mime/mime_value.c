// SPDX-License-Identifier: GPL-3.0-or-later
// Values of headers: parameters (RFC 2045 section 5.1, continued as in RFC 2231), encoded words (RFC 2047), lists of addresses.
#include "decoders/app/mime/mime.h"
#include "decoders/base/base64.h"
#include "decoders/base/hex.h"
#include "decoders/base/steps.h"

struct out {
	uint8_t *data;
	uint32_t room, len; // len goes on past room
};

static void put(struct out *out, uint8_t byte)
{
	if (out->len < out->room)
		out->data[out->len] = byte;
	out->len++;
}

static void put_base64(struct out *out, struct span text)
{
	uint32_t word = 0, bits = 0;
	for (uint32_t i = 0; i < text.len; i++) {
		int value = base64_letter(text.data[i]);
		if (value < 0)
			continue;
		word = word << 6 | (uint32_t)value;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		put(out, (uint8_t)(word >> bits));
	}
}

// Escapes of two hex digits behind mark: "=" of RFC 2047's Q, "%" of RFC 2231.
static void put_escaped(struct out *out, struct span text, uint8_t mark)
{
	for (uint32_t i = 0; i < text.len; i++) {
		int high = i + 2 < text.len ? hex_value(text.data[i + 1]) : -1;
		int low = high >= 0 ? hex_value(text.data[i + 2]) : -1;
		if (text.data[i] == mark && low >= 0) {
			put(out, (uint8_t)(high << 4 | low));
			i += 2;
		} else {
			put(out, mark == '=' && text.data[i] == '_' ? ' ' : text.data[i]);
		}
	}
}

// An encoded word at the start of text: "=?charset?B?...?=". Gives its length; 0: there is none.
static uint32_t put_word(struct out *out, struct span text)
{
	if (!span_starts(text, "=?"))
		return 0;
	uint32_t charset = span_find(text, '?', 2);
	if (charset + 3 >= text.len || text.data[charset + 2] != '?')
		return 0;
	uint32_t from = charset + 3, end = span_find(text, '?', from);
	if (end + 1 >= text.len || text.data[end + 1] != '=')
		return 0;
	struct span body = span_slice(text, from, end - from);
	uint8_t kind = text.data[charset + 1] | 0x20;
	if (kind == 'b')
		put_base64(out, body);
	else if (kind == 'q')
		put_escaped(out, body, '=');
	else
		return 0;
	return end + 2;
}

static void put_plain(struct out *out, struct span text)
{
	for (uint32_t i = 0; i < text.len; i++)
		put(out, text.data[i]);
}

static void put_words(struct out *out, struct span text)
{
	for (uint32_t i = 0; i < text.len;) {
		uint32_t used = text.data[i] == '=' ? put_word(out, span_from(text, i)) : 0;
		if (!used) {
			put(out, text.data[i++]);
			continue;
		}
		i += used;
		uint32_t blanks = 0;
		while (i + blanks < text.len && (text.data[i + blanks] == ' ' || text.data[i + blanks] == '\t'))
			blanks++;
		if (span_starts(span_from(text, i + blanks),
			    "=?")) // blanks between two words are not shown (RFC 2047 section 6.2)
			i += blanks;
	}
}

// The next "name=value" behind a semicolon; quotes go, and backslashes in them.
static bool parameter_next(struct span value, uint32_t *at, struct span *name, struct out *content)
{
	uint32_t i = *at;
	bool quoted = false;
	for (; i < value.len && (quoted || value.data[i] != ';'); i++)
		if (value.data[i] == '"')
			quoted = !quoted;
	if (i >= value.len)
		return false;
	i++;
	uint32_t from = i;
	while (i < value.len && value.data[i] != '=' && value.data[i] != ';')
		i++;
	*name = span_trim(span_slice(value, from, i - from));
	content->len = 0;
	if (i < value.len && value.data[i] == '=') {
		i++;
		while (i < value.len && (value.data[i] == ' ' || value.data[i] == '\t'))
			i++;
		if (i < value.len && value.data[i] == '"') {
			for (i++; i < value.len && value.data[i] != '"'; i++) {
				// Windows paths are sent with bare backslashes: only quotes and backslashes are unescaped
				if (value.data[i] == '\\' && i + 1 < value.len &&
					(value.data[i + 1] == '"' || value.data[i + 1] == '\\'))
					i++;
				put(content, value.data[i]);
			}
			i += i < value.len;
		} else {
			for (; i < value.len && value.data[i] != ';'; i++)
				put(content, value.data[i]);
			while (content->len && content->len <= content->room &&
				(content->data[content->len - 1] == ' ' || content->data[content->len - 1] == '\t'))
				content->len--;
		}
	}
	*at = i;
	return true;
}

static void put_extended(struct out *out, struct span text, bool first)
{
	if (first) { // charset'language'text
		uint32_t quote = span_find(text, '\'', 0);
		uint32_t second = quote < text.len ? span_find(text, '\'', quote + 1) : text.len;
		if (second < text.len)
			text = span_from(text, second + 1);
	}
	put_escaped(out, text, '%');
}

uint32_t mime_parameter(struct span value, const char *name, bool words, uint8_t *out, uint32_t room)
{
	uint8_t content_bytes[1024];
	struct out content = { content_bytes, sizeof(content_bytes), 0 }, all = { out, room, 0 };
	size_t name_len = strlen(name);
	struct span found;
	bool joined = false;
	work_step(value.len);
	for (uint32_t at = 0; parameter_next(value, &at, &found, &content);) {
		if (!span_starts_nocase(found, name))
			continue;
		struct span text = span_of(
			content_bytes, content.len < sizeof(content_bytes) ? content.len : sizeof(content_bytes));
		struct span rest = span_from(found, (uint32_t)name_len);
		if (rest.len == 0 && !joined) {
			all.len = 0;
			if (words)
				put_words(&all, text);
			else
				put_plain(&all, text);
			if (content.len > text.len)
				all.len += content.len - text.len;
			return all.len;
		}
		if (rest.len == 0 || rest.data[0] != '*')
			continue;
		bool extended = rest.data[rest.len - 1] == '*';
		bool first = rest.len == 1 || rest.data[1] == '0';
		if (first)
			all.len = 0;
		joined = true;
		if (extended)
			put_extended(&all, text, first);
		else
			put_plain(&all, text);
	}
	return all.len;
}

bool mime_address_next(struct span *rest, struct span *address)
{
	while (rest->len) {
		bool quoted = false;
		uint32_t i = 0;
		for (; i < rest->len && (quoted || rest->data[i] != ','); i++)
			if (rest->data[i] == '"')
				quoted = !quoted;
		*address = span_trim(span_slice(*rest, 0, i));
		*rest = span_from(*rest, i + 1);
		if (address->len)
			return true;
	}
	return false;
}
