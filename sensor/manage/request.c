// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/manage/request.h"
#include <string.h>

struct reader {
	const uint8_t *at, *end;
};

static void skip_blanks(struct reader *reader)
{
	while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\r'))
		reader->at++;
}

static bool skip_to(struct reader *reader, char wanted)
{
	skip_blanks(reader);
	if (reader->at == reader->end || *reader->at != (uint8_t)wanted)
		return false;
	reader->at++;
	return true;
}

// A text in quotes. False: none, or one with escapes or controls.
static bool read_text(struct reader *reader, struct span *out)
{
	if (!skip_to(reader, '"'))
		return false;
	const uint8_t *start = reader->at;
	for (; reader->at < reader->end; reader->at++) {
		if (*reader->at == '"') {
			*out = (struct span) { start, (uint32_t)(reader->at - start) };
			reader->at++;
			return true;
		}
		if (*reader->at == '\\' || *reader->at < 0x20)
			return false;
	}
	return false;
}

static bool is(struct span text, const char *word)
{
	return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

static bool keep(struct span text, char out[REQUEST_WORD_MAX])
{
	if (text.len >= REQUEST_WORD_MAX || out[0])
		return false;
	memcpy(out, text.data, text.len);
	out[text.len] = '\0';
	return true;
}

static bool read_member(struct reader *reader, struct control_request *out, const char **reason)
{
	struct span key, value;
	if (!read_text(reader, &key) || !skip_to(reader, ':') || !read_text(reader, &value)) {
		*reason = "expected \"key\":\"value\", both without escapes";
		return false;
	}
	char *place = is(key, "command") ? out->command : is(key, "version") ? out->version : NULL;
	if (!place || !keep(value, place)) {
		*reason = place ? "a value is too long or given twice" : "unknown key; expected \"command\"";
		return false;
	}
	return true;
}

bool request_read(struct span line, struct control_request *out, const char **reason)
{
	struct reader reader = { line.data, line.data + line.len };
	*out = (struct control_request) { 0 };
	if (!skip_to(&reader, '{')) {
		*reason = "expected a JSON object such as {\"command\":\"uptime\"}";
		return false;
	}
	do {
		if (!read_member(&reader, out, reason))
			return false;
	} while (skip_to(&reader, ','));
	bool closed = skip_to(&reader, '}');
	skip_blanks(&reader);
	if (!closed || reader.at != reader.end) {
		*reason = "expected } and the end of the line";
		return false;
	}
	return true;
}
