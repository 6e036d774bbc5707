// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/check/nested_repeat.h"
#include <ctype.h>

#define MANY_TIMES 16 // a bounded repetition of so many and more counts as one without bound

struct reader {
	struct span pattern;
	uint32_t at;
	unsigned depth;
	struct span found; // data NULL: nothing yet
};

// What is known of a piece of the pattern.
struct piece {
	bool empty;   // may match nothing
	bool stretch; // may match the same bytes as one run or as several
};

struct times {
	bool none, many, possessive, any; // any: there is a sign at all
};

static int peek(const struct reader *reader, uint32_t ahead)
{
	uint32_t at = reader->at + ahead;
	return at < reader->pattern.len ? reader->pattern.data[at] : -1;
}

static unsigned digits(const struct reader *reader, uint32_t *at)
{
	unsigned value = 0;
	while (*at < reader->pattern.len && isdigit(reader->pattern.data[*at])) {
		if (value < 100000)
			value = value * 10 + (unsigned)(reader->pattern.data[*at] - '0');
		++*at;
	}
	return value;
}

// "{2}", "{2,}", "{2,5}", "{,5}". False: a brace that stands for itself.
static bool read_braces(struct reader *reader, struct times *times)
{
	uint32_t at = reader->at + 1, start = at;
	unsigned low = digits(reader, &at), high = low;
	bool some = at > start, open = false;
	if (at < reader->pattern.len && reader->pattern.data[at] == ',') {
		start = ++at;
		high = digits(reader, &at);
		open = at == start;
		some |= !open;
	}
	if (!some || at >= reader->pattern.len || reader->pattern.data[at] != '}')
		return false;
	times->any = true;
	times->none = low == 0;
	times->many = open || (high > low && high >= MANY_TIMES);
	reader->at = at + 1;
	return true;
}

static struct times read_times(struct reader *reader)
{
	struct times times = { 0 };
	switch (peek(reader, 0)) {
	case '*': times = (struct times) { .none = true, .many = true, .any = true }; break;
	case '+': times = (struct times) { .many = true, .any = true }; break;
	case '?': times = (struct times) { .none = true, .any = true }; break;
	case '{':
		if (read_braces(reader, &times))
			reader->at--; // as after a sign of one character
		break;
	default: break;
	}
	if (!times.any)
		return times;
	reader->at++;
	if (peek(reader, 0) == '+')
		times.possessive = true;
	if (peek(reader, 0) == '+' || peek(reader, 0) == '?')
		reader->at++;
	return times;
}

static void skip_class(struct reader *reader)
{
	reader->at++; // [
	if (peek(reader, 0) == '^')
		reader->at++;
	if (peek(reader, 0) == ']')
		reader->at++;
	while (peek(reader, 0) >= 0 && peek(reader, 0) != ']') {
		bool posix = peek(reader, 0) == '[' && peek(reader, 1) == ':';
		if (peek(reader, 0) == '\\')
			reader->at++;
		reader->at++;
		while (posix && peek(reader, 0) >= 0 && !(peek(reader, 0) == ':' && peek(reader, 1) == ']'))
			reader->at++;
		reader->at += posix ? 2 : 0;
	}
	reader->at++;
}

// After a backslash. Zero-width ones may match nothing.
static struct piece read_escape(struct reader *reader)
{
	int c = peek(reader, 1);
	reader->at += 2;
	if (c == 'Q') {
		while (peek(reader, 0) >= 0 && !(peek(reader, 0) == '\\' && peek(reader, 1) == 'E'))
			reader->at++;
		reader->at += 2;
		return (struct piece) { 0 };
	}
	if (c == 'x' && peek(reader, 0) == '{') {
		while (peek(reader, 0) >= 0 && peek(reader, 0) != '}')
			reader->at++;
		reader->at++;
	} else if (c == 'x') {
		for (unsigned i = 0; i < 2 && peek(reader, 0) >= 0 && isxdigit(peek(reader, 0)); i++)
			reader->at++;
	}
	return (struct piece) { .empty = c > 0 && strchr("bBAzZGKE", c) != NULL };
}

static struct piece read_branches(struct reader *reader);

enum group_kind { GROUP_PLAIN, GROUP_ATOMIC, GROUP_LOOK, GROUP_NOTHING /* flags, comments, verbs: has no body */ };

static void skip_past(struct reader *reader, int c)
{
	while (peek(reader, 0) >= 0 && peek(reader, 0) != c)
		reader->at++;
	reader->at++;
}

// Past "(" and what says what kind of group it is.
static enum group_kind open_group(struct reader *reader)
{
	reader->at++;
	if (peek(reader, 0) == '*') {
		skip_past(reader, ')');
		return GROUP_NOTHING;
	}
	if (peek(reader, 0) != '?')
		return GROUP_PLAIN;
	int c = peek(reader, 1), next = peek(reader, 2);
	reader->at += 2;
	if (c == '>')
		return GROUP_ATOMIC;
	if (c == '=' || c == '!')
		return GROUP_LOOK;
	if (c == '<' && (next == '=' || next == '!')) {
		reader->at++;
		return GROUP_LOOK;
	}
	if (c == '<' || c == '\'') {
		skip_past(reader, c == '<' ? '>' : '\'');
		return GROUP_PLAIN;
	}
	if (c == 'P' && next == '<') {
		skip_past(reader, '>');
		return GROUP_PLAIN;
	}
	if (c == '#' || c == 'P' || c == '&' || c == 'R' || isdigit(c)) {
		skip_past(reader, ')');
		return GROUP_NOTHING;
	}
	for (reader->at--; peek(reader, 0) >= 0 && peek(reader, 0) != ':' && peek(reader, 0) != ')';)
		reader->at++; // letters: (?i) or (?i:...)
	reader->at++;
	return reader->pattern.len >= reader->at && reader->pattern.data[reader->at - 1] == ')' ? GROUP_NOTHING
												: GROUP_PLAIN;
}

static struct piece read_group(struct reader *reader, bool *is_group)
{
	enum group_kind kind = open_group(reader);
	struct piece body = { .empty = true };
	*is_group = kind == GROUP_PLAIN;
	if (kind == GROUP_NOTHING)
		return body;
	reader->depth++;
	body = read_branches(reader);
	reader->depth--;
	reader->at++; // )
	if (kind == GROUP_LOOK)
		return (struct piece) { .empty = true };
	if (kind == GROUP_ATOMIC)
		body.stretch = false;
	return body;
}

static struct piece read_item(struct reader *reader)
{
	uint32_t start = reader->at;
	bool group = false;
	struct piece piece = { 0 };
	switch (peek(reader, 0)) {
	case '(': piece = read_group(reader, &group); break;
	case '[': skip_class(reader); break;
	case '\\': piece = read_escape(reader); break;
	case '^':
	case '$':
		piece.empty = true;
		reader->at++;
		break;
	default: reader->at++;
	}
	bool one = !piece.empty || group; // something there is to repeat
	struct times times = read_times(reader);
	if (times.many && piece.stretch && !times.possessive && !reader->found.data)
		reader->found = span_slice(reader->pattern, start, reader->at - start);
	piece.stretch = (piece.stretch || (times.many && one)) && !times.possessive;
	piece.empty |= times.none;
	return piece;
}

static struct piece read_branches(struct reader *reader)
{
	struct piece all = { 0 };
	if (reader->depth > NESTED_DEPTH_MAX) {
		reader->at = reader->pattern.len;
		return all;
	}
	for (;;) {
		unsigned needed = 0, stretches = 0, needed_stretches = 0;
		while (peek(reader, 0) >= 0 && peek(reader, 0) != '|' && peek(reader, 0) != ')') {
			struct piece item = read_item(reader);
			needed += !item.empty;
			stretches += item.stretch;
			needed_stretches += item.stretch && !item.empty;
		}
		all.empty |= needed == 0;
		all.stretch |= stretches && needed == (needed_stretches ? 1u : 0u);
		if (peek(reader, 0) != '|')
			return all;
		reader->at++;
	}
}

bool nested_repeat_find(struct span pattern, struct span *group)
{
	struct reader reader = { .pattern = pattern };
	while (reader.at < pattern.len) {
		read_branches(&reader);
		reader.at++; // a ")" too many
	}
	*group = reader.found;
	return reader.found.data != NULL;
}
