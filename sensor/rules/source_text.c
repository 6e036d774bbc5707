// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/rules/source_text.h"
#include <ctype.h>
#include <stdlib.h>
#include <zlib.h>

struct source_text {
	char *text;
	size_t len;
	size_t *starts; // of lines; one more at the end
	uint32_t count, taken_at;
};

static bool read_all(struct source_text *source, const char *path)
{
	gzFile file = gzopen(path, "rb");
	size_t room = 1u << 16;
	int got = 0;
	if (!file)
		return false;
	source->text = malloc(room);
	while (source->text && source->len < SOURCE_TEXT_MAX &&
		(got = gzread(file, source->text + source->len, (unsigned)(room - source->len))) > 0) {
		source->len += (size_t)got;
		if (source->len < room)
			continue;
		char *grown = realloc(source->text, room *= 2);
		if (!grown)
			free(source->text);
		source->text = grown;
	}
	gzclose(file);
	return source->text && got >= 0;
}

static bool find_lines(struct source_text *source)
{
	size_t count = 1;
	for (size_t i = 0; i < source->len; i++)
		count += source->text[i] == '\n';
	source->starts = malloc((count + 1) * sizeof(*source->starts));
	if (!source->starts || count >= UINT32_MAX)
		return false;
	source->starts[source->count++] = 0;
	for (size_t i = 0; i < source->len; i++)
		if (source->text[i] == '\n')
			source->starts[source->count++] = i + 1;
	source->starts[source->count] = source->len + 1; // as if a line's end stood there
	return true;
}

struct source_text *source_text_open(const char *path)
{
	struct source_text *source = calloc(1, sizeof(*source));
	if (source && read_all(source, path) && find_lines(source))
		return source;
	source_text_close(source);
	return NULL;
}

void source_text_close(struct source_text *source)
{
	if (!source)
		return;
	free(source->starts);
	free(source->text);
	free(source);
}

struct span source_text_line(const struct source_text *source, uint32_t line)
{
	if (line == 0 || line > source->count)
		return (struct span) { NULL, 0 };
	size_t from = source->starts[line - 1], to = source->starts[line] - 1;
	while (to > from && source->text[to - 1] == '\r')
		to--;
	return span_of(source->text + from, to - from);
}

// A backslash at its end goes on in the next line.
static bool goes_on(const struct source_text *source, uint32_t line, struct span text)
{
	return line < source->count && text.len && text.data[text.len - 1] == '\\';
}

void source_text_place(const struct source_text *source, uint32_t *line, uint32_t *column)
{
	uint32_t left = *column ? *column - 1 : 0;
	bool begun = false;
	for (uint32_t number = *line;; number++) {
		struct span text = source_text_line(source, number);
		bool more = goes_on(source, number, text);
		uint32_t len = text.len - (more ? 1 : 0), at = 0;
		while (!begun && at < len && isspace(text.data[at]))
			at++;
		begun |= at < len;
		if (!more || (begun && left < len - at)) {
			*line = number;
			*column = at + (left < len - at ? left : len - at) + 1;
			return;
		}
		left -= begun ? len - at : 0;
	}
}

char *source_text_take(struct source_text *source, uint32_t *line)
{
	if (*line > source->count)
		return NULL;
	uint32_t last = *line;
	size_t room = 1, len = 0;
	while (goes_on(source, last, source_text_line(source, last)))
		room += source_text_line(source, last++).len;
	room += source_text_line(source, last).len;
	char *joined = malloc(room);
	if (!joined)
		return NULL;
	source->taken_at = *line;
	for (uint32_t number = *line; number <= last; number++) {
		struct span text = source_text_line(source, number);
		text.len -= number < last ? 1 : 0;
		if (text.len)
			memcpy(joined + len, text.data, text.len);
		len += text.len;
	}
	*line = last + 1;
	size_t start = 0;
	while (start < len && isspace((unsigned char)joined[start]))
		start++;
	while (len > start && isspace((unsigned char)joined[len - 1]))
		len--;
	memmove(joined, joined + start, len - start);
	len -= start;
	joined[len] = 0;
	for (size_t i = 0; i < len; i++)
		if (joined[i] == 0)
			joined[i] = ' ';
	return joined;
}

uint32_t source_text_taken_at(const struct source_text *source)
{
	return source->taken_at;
}
