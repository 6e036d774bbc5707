// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/rules/check_list.h"
#include <stdio.h>
#include <stdlib.h>

static bool names_id(const char *list, const char *id)
{
	size_t len = strlen(id);
	for (const char *at = list; at && *at;) {
		size_t part = strcspn(at, ",");
		if (part == len && memcmp(at, id, len) == 0)
			return true;
		at += part + (at[part] == ',');
	}
	return false;
}

static char *copy_of(struct check_list *list, const char *text)
{
	char *copy = text ? strdup(text) : NULL;
	list->failed |= text && !copy;
	return copy;
}

// NULL: filtered out, or no memory.
static struct check_row *row_add(struct check_list *list, const char *id, enum check_severity severity)
{
	if ((list->only && !names_id(list->only, id)) || names_id(list->ignore, id))
		return NULL;
	if (list->count == list->room) {
		uint32_t room = list->room ? list->room * 2 : 64;
		struct check_row *grown = realloc(list->rows, room * sizeof(*grown));
		if (!grown) {
			list->failed = true;
			return NULL;
		}
		list->rows = grown;
		list->room = room;
	}
	struct check_row *row = &list->rows[list->count];
	*row = (struct check_row) { .severity = (uint8_t)severity, .id = id, .order = list->count++ };
	list->counts[severity]++;
	return row;
}

const struct check check_list_told[] = {
	{ "syntax", CHECK_ERROR, "the rule cannot be taken apart" },
	{ "keyword", CHECK_ERROR, "a keyword's argument or place is wrong" },
	{ "pcre", CHECK_ERROR, "an expression that is wrong" },
	{ "unknown-keyword", CHECK_ERROR, "no such keyword" },
	{ "unknown-variable", CHECK_ERROR, "no such variable" },
	{ "unknown-reference", CHECK_ERROR, "no such system of references" },
	{ "unknown-classtype", CHECK_WARNING, "priority 3 is used" },
	{ "duplicate-sid", CHECK_ERROR, "sid and gid are there already with this or a later revision" },
	{ "replaced-sid", CHECK_WARNING, "a later revision of a rule takes its place" },
	{ "file", CHECK_ERROR, "a file that cannot be read" },
	{ NULL, 0, NULL },
};

bool check_list_knows(const char *id, size_t len)
{
	const struct check *const tables[] = { check_list_told, rule_checks };
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct check *check = tables[i]; check->id; check++)
			if (strlen(check->id) == len && memcmp(check->id, id, len) == 0)
				return true;
	return false;
}

// What the parser tells has no id of its own: it goes by what it is about.
static const char *id_of(const struct rule_error *error)
{
	static const struct {
		const char *keyword, *id;
	} ids[] = { { "classtype", "unknown-classtype" }, { "reference", "unknown-reference" }, { "pcre", "pcre" } };
	if (error->duplicate)
		return error->warning ? "replaced-sid" : "duplicate-sid";
	if (error->line == 0)
		return "file";
	if (strncmp(error->reason, "unknown keyword", 15) == 0)
		return "unknown-keyword";
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (strcasecmp(error->keyword, ids[i].keyword) == 0)
			return ids[i].id;
	if (strstr(error->reason, "the rule never matches"))
		return "unreachable";
	if (error->keyword[0])
		return "keyword";
	if (strstr(error->reason, "leaves no "))
		return "unreachable";
	return strncmp(error->reason, "variable ", 9) == 0 ? "unknown-variable" : "syntax";
}

void check_list_error(void *context, const struct rule_error *error)
{
	struct check_list *list = context;
	struct check_row *row = row_add(list, id_of(error), error->warning ? CHECK_WARNING : CHECK_ERROR);
	if (!row)
		return;
	row->file = copy_of(list, error->file);
	row->line = error->line;
	row->column = error->column;
	row->sid = error->sid;
	memcpy(row->keyword, error->keyword, sizeof(row->keyword));
	row->reason = copy_of(list, error->reason);
	row->first_file = copy_of(list, error->first_file);
	row->first_line = error->first_line;
}

void check_list_finding(void *context, const struct check_finding *finding)
{
	struct check_list *list = context;
	struct check_row *row = row_add(list, finding->check->id, (enum check_severity)finding->check->severity);
	if (!row)
		return;
	row->file = copy_of(list, finding->rule->file);
	row->line = finding->rule->line;
	row->column = finding->column;
	row->sid = finding->rule->sid;
	row->gid = finding->rule->gid;
	row->rev = finding->rule->rev;
	row->reason = copy_of(list, finding->reason);
}

static int by_place(const void *a, const void *b)
{
	const struct check_row *x = a, *y = b;
	int files = strcmp(x->file ? x->file : "", y->file ? y->file : "");
	if (files)
		return files;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

void check_list_sort(struct check_list *list)
{
	if (list->count)
		qsort(list->rows, list->count, sizeof(*list->rows), by_place);
}

void check_list_free(struct check_list *list)
{
	for (uint32_t i = 0; i < list->count; i++) {
		free(list->rows[i].file);
		free(list->rows[i].reason);
		free(list->rows[i].first_file);
	}
	free(list->rows);
	*list = (struct check_list) { 0 };
}
