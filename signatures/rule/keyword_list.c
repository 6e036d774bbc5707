// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/rule/keyword_list.h"
#include "signatures/rule/keyword.h"
#include "signatures/rule/rule_waiting.h"
#include <stdio.h>
#include <stdlib.h>

// The language's own tables, in the order they are shown. More may follow under the same name.
static const struct {
	const char *name;
	const struct keyword *keywords;
} groups[] = {
	{ "rule", keywords_meta },
	{ "content", keywords_content },
	{ "bytes", keywords_byte },
	{ "buffers", keywords_buffer },
	{ "packet", keywords_packet },
	{ "flow", keywords_flow },
	{ "state", keywords_state },
	{ "data", keywords_data },
	{ "data", keywords_dataset },
	{ "data", keywords_address },
};
#define GROUPS (sizeof(groups) / sizeof(groups[0]))

// Fields are shown with the protocol their name begins with, but for these beginnings.
static const struct {
	const char *start, *group;
} families[] = {
	{ "cip", "enip" },
	{ "dce", "dcerpc" },
	{ "file", "file" },
	{ "ftp", "ftp" },
	{ "ja3", "tls" },
	{ "ja4", "tls" },
	{ "ssl", "tls" },
	{ "urilen", "http" },
};

struct lister {
	struct keyword_row *rows;
	unsigned count, max;
};

static unsigned place_of(const char *group)
{
	for (unsigned i = 0; i < GROUPS; i++)
		if (strcmp(groups[i].name, group) == 0)
			return i;
	return GROUPS;
}

static void add_spelling(struct keyword_row *row, const char *spelling)
{
	size_t at = strlen(row->also);
	if (row->name && spelling)
		snprintf(row->also + at, sizeof(row->also) - at, "%s%s", at ? ", " : "", spelling);
}

static void add(struct lister *list, const struct keyword_row *row)
{
	if (list->count < list->max)
		list->rows[list->count++] = *row;
}

// A field by the name of a keyword is never reached by rules.
static void add_field(struct lister *list, const struct keyword_row *row)
{
	if (!keyword_find(span_text(row->name)))
		add(list, row);
}

static struct keyword_row field_row(const char *name, const char *kind, enum field_level level, bool waits)
{
	struct keyword_row row = {
		.name = name, .kind = kind, .about = keyword_about(name), .state = waits ? KEYWORD_WAITS : KEYWORD_BOUND
	};
	size_t len = strcspn(name, "._-");
	snprintf(row.group, sizeof(row.group), "%.*s", (int)len, level == FIELD_PACKET ? "packet" : name);
	if (level == FIELD_PACKET)
		snprintf(row.group, sizeof(row.group), "packet");
	for (size_t i = 0; level != FIELD_PACKET && i < sizeof(families) / sizeof(families[0]); i++)
		if (strncmp(name, families[i].start, strlen(families[i].start)) == 0)
			snprintf(row.group, sizeof(row.group), "%s", families[i].group);
	row.place = place_of(row.group);
	return row;
}

static void add_language(struct lister *list)
{
	for (unsigned g = 0; g < GROUPS; g++)
		for (const struct keyword *keyword = groups[g].keywords; keyword->name; keyword++) {
			struct keyword_row row = { .name = keyword->name,
				.kind = "keyword",
				.about = keyword_about(keyword->name),
				.state = keyword->flags & KEYWORD_NOT_DONE ? KEYWORD_REFUSED : KEYWORD_BOUND,
				.place = place_of(groups[g].name) };
			snprintf(row.group, sizeof(row.group), "%s", groups[g].name);
			add_spelling(&row, keyword->alias);
			add(list, &row);
		}
}

static void add_fields(struct lister *list)
{
	for (const struct field_buffer *const *b = field_buffers; *b; b++) {
		struct keyword_row row = field_row((*b)->name, "buffer", (*b)->level, field_buffer_waits(*b));
		row.about = (*b)->description ? (*b)->description : row.about;
		for (const char *const *spelling = (*b)->sticky; spelling && *spelling; spelling++)
			add_spelling(&row, *spelling);
		if ((*b)->modifier && !strstr(row.also, (*b)->modifier))
			add_spelling(&row, (*b)->modifier);
		add_field(list, &row);
	}
	for (const struct field_number *const *n = field_numbers; *n; n++) {
		struct keyword_row row = field_row((*n)->name, "number", (*n)->level, field_number_waits(*n));
		add_spelling(&row, (*n)->alias);
		add_field(list, &row);
	}
	for (const struct field_test *const *t = field_tests; *t; t++) {
		struct keyword_row row = field_row((*t)->name, "test", (*t)->level, field_test_waits(*t));
		add_spelling(&row, (*t)->alias);
		add_field(list, &row);
	}
}

static int by_group(const void *a, const void *b)
{
	const struct keyword_row *x = a, *y = b;
	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	int groups_differ = strcmp(x->group, y->group);
	return groups_differ ? groups_differ : strcmp(x->name, y->name);
}

unsigned keyword_list(struct keyword_row *rows, unsigned max)
{
	struct lister list = { .rows = rows, .max = max };
	add_language(&list);
	add_fields(&list);
	qsort(rows, list.count, sizeof(*rows), by_group);
	return list.count;
}

const char *keyword_state_name(enum keyword_state state)
{
	static const char *const names[] = { "bound", "waits", "refused" };
	return names[state];
}
