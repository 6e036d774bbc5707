// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/flowbit_needs.h"
#include <stdlib.h>
#include <string.h>

struct use {
	struct span name; // in the rule's text
	uint32_t rule;
	uint32_t bit; // number of the name
	bool sets;
};

struct uses {
	struct use *items;
	size_t count, room;
	bool failed;
};

static bool is_setter(struct span op)
{
	return span_is(op, "set") || span_is(op, "setx") || span_is(op, "unset") || span_is(op, "toggle");
}

static void add_use(struct uses *uses, uint32_t rule, bool sets, struct span name)
{
	if (uses->count == uses->room) {
		size_t room = 2 * uses->room + 256;
		struct use *items = realloc(uses->items, room * sizeof(*items));
		if (!items) {
			uses->failed = true;
			return;
		}
		uses->items = items;
		uses->room = room;
	}
	uses->items[uses->count++] = (struct use) { name, rule, 0, sets };
}

// "isset,a|b", "set, a".
static void add_option(struct uses *uses, uint32_t rule, struct span value)
{
	uint32_t comma = span_find(value, ',', 0);
	struct span op = span_trim(span_slice(value, 0, comma)), names = span_from(value, comma + 1);
	bool sets = is_setter(op);
	if (comma == value.len || (!sets && !span_is(op, "isset") && !span_is(op, "isnotset")))
		return;
	while (names.len) {
		uint32_t end = 0;
		while (end < names.len && names.data[end] != '|' && names.data[end] != '&')
			end++;
		add_use(uses, rule, sets, span_trim(span_slice(names, 0, end)));
		names = span_from(names, end + 1);
	}
}

static int compare_names(const void *a, const void *b)
{
	const struct span *x = &((const struct use *)a)->name, *y = &((const struct use *)b)->name;
	uint32_t len = x->len < y->len ? x->len : y->len;
	int order = len ? memcmp(x->data, y->data, len) : 0;
	return order ? order : (x->len > y->len) - (x->len < y->len);
}

// One round; gives how many rules it turned on.
static uint32_t turn_on(struct rule_lines *lines, const struct uses *uses, bool *asked)
{
	uint32_t count = 0;
	for (size_t i = 0; i < uses->count; i++)
		if (!uses->items[i].sets && lines->items[uses->items[i].rule].enabled)
			asked[uses->items[i].bit] = true;
	for (size_t i = 0; i < uses->count; i++) {
		struct rule_line *line = &lines->items[uses->items[i].rule];
		if (!uses->items[i].sets || line->enabled || !asked[uses->items[i].bit])
			continue;
		line->enabled = line->noalert = true;
		count++;
	}
	return count;
}

bool flowbit_needs(struct rule_lines *lines, uint32_t *turned_on)
{
	struct uses uses = { 0 };
	*turned_on = 0;
	for (size_t i = 0; i < lines->count; i++) {
		struct span name, value;
		for (size_t at = 0; lines->items[i].rule && rule_line_option(lines->items[i].text, &at, &name, &value);)
			if (span_is(name, "flowbits"))
				add_option(&uses, (uint32_t)i, value);
	}
	if (uses.count)
		qsort(uses.items, uses.count, sizeof(*uses.items), compare_names);
	for (size_t i = 1; i < uses.count; i++)
		uses.items[i].bit = uses.items[i - 1].bit + (compare_names(&uses.items[i - 1], &uses.items[i]) != 0);
	bool *asked = calloc(uses.count + 1, sizeof(*asked));
	bool good = asked && !uses.failed;
	for (uint32_t more = 1; good && more; *turned_on += more)
		more = turn_on(lines, &uses, asked);
	free(asked);
	free(uses.items);
	return good;
}
