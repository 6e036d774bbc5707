// SPDX-License-Identifier: GPL-3.0-or-later
// Small grammars inside header values: parameters (RFC 9110 5.6.6, Content-Disposition RFC 6266) and Content-Range (RFC 9110 14.4).
#include "decoders/app/http/http_internal.h"

// End of the parameter that starts at from: the next semicolon outside quotes, or the value's end.
static uint32_t parameter_end(struct span header, uint32_t from)
{
	bool quoted = false;
	for (uint32_t i = from; i < header.len; i++) {
		uint8_t c = header.data[i];
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (c == ';' && !quoted)
			return i;
	}
	return header.len;
}

bool http_parameter(struct span header, const char *name, struct span *out)
{
	for (uint32_t at = 0; at < header.len;) {
		uint32_t end = parameter_end(header, at);
		struct span part = span_trim(span_slice(header, at, end - at));
		at = end + 1;
		uint32_t equals = span_find(part, '=', 0);
		if (equals == part.len || !span_is_nocase(span_trim(span_slice(part, 0, equals)), name))
			continue;
		struct span value = span_trim(span_from(part, equals + 1));
		if (value.len && value.data[0] == '"') {
			value = span_from(value, 1);
			if (value.len && value.data[value.len - 1] == '"')
				value.len--;
		}
		*out = value;
		return true;
	}
	return false;
}

static bool read_number(struct span *text, int64_t *out)
{
	uint32_t digits = 0;
	int64_t value = 0;
	while (digits < text->len && text->data[digits] >= '0' && text->data[digits] <= '9') {
		if (digits == 18)
			return false;
		value = value * 10 + (text->data[digits++] - '0');
	}
	*out = value;
	*text = span_from(*text, digits);
	return digits > 0;
}

static bool skip(struct span *text, char c)
{
	if (text->len == 0 || text->data[0] != c)
		return false;
	*text = span_from(*text, 1);
	return true;
}

bool http_range_parse(struct span value, struct http_range *out)
{
	*out = (struct http_range) { -1, -1, -1 };
	value = span_trim(value);
	if (!span_starts_nocase(value, "bytes"))
		return false;
	value = span_trim(span_from(value, 5));
	if (!skip(&value, '*'))
		if (!read_number(&value, &out->start) || !skip(&value, '-') || !read_number(&value, &out->end))
			return false;
	if (!skip(&value, '/'))
		return false;
	if (!skip(&value, '*') && !read_number(&value, &out->size))
		return false;
	return value.len == 0 &&
	       (out->start == -1 || (out->end >= out->start && (out->size == -1 || out->end < out->size)));
}
