// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho rules keywords`: all that rules may say, by group, and whether it works or waits for a parser.
#include <stdlib.h>
#include <string.h>
#include "decoders/base/log.h"
#include "export/eve/json.h"
#include "sensor/rules/verbs.h"
#include "signatures/rule/keyword_list.h"

#define JSON_BYTES (1u << 20)

struct listing {
	const struct keyword_row *rows;
	unsigned count;
	const char *const *wanted; // groups or beginnings of names; NULL ends; none: all
};

static bool is_wanted(const struct listing *listing, const struct keyword_row *row)
{
	for (const char *const *wanted = listing->wanted; *wanted; wanted++)
		if (strcmp(row->group, *wanted) == 0 || strncmp(row->name, *wanted, strlen(*wanted)) == 0 ||
			(*row->also && strcmp(row->also, *wanted) == 0))
			return true;
	return !*listing->wanted;
}

static void print_table(const struct listing *listing)
{
	unsigned bound = 0, waits = 0, shown = 0;
	for (unsigned i = 0; i < listing->count; i++) {
		const struct keyword_row *row = &listing->rows[i];
		if (!is_wanted(listing, row))
			continue;
		shown++;
		bound += row->state == KEYWORD_BOUND;
		waits += row->state == KEYWORD_WAITS;
		printf("%-10s %-32s %-8s %-8s %s%s%s%s\n", row->group, row->name, row->kind,
			keyword_state_name(row->state), row->about, *row->also ? " (also " : "", row->also,
			*row->also ? ")" : "");
	}
	printf("%u keywords: %u bound, %u wait for a parser, %u refused\n", shown, bound, waits, shown - bound - waits);
}

// A cell of a table: "|" would end it.
static void print_cell(const char *text)
{
	for (; *text; text++)
		printf(*text == '|' ? "\\|" : "%c", *text);
}

static void print_markdown(const struct listing *listing)
{
	const char *group = "";
	for (unsigned i = 0; i < listing->count; i++) {
		const struct keyword_row *row = &listing->rows[i];
		if (!is_wanted(listing, row))
			continue;
		if (strcmp(group, row->group) != 0) {
			printf("%s### %s\n\n| keyword | also | kind | what it is | state |\n|---|---|---|---|---|\n",
				*group ? "\n" : "", row->group);
			group = row->group;
		}
		printf("| `%s` | %s | %s | ", row->name, row->also, row->kind);
		print_cell(row->about);
		printf(" | %s |\n", keyword_state_name(row->state));
	}
}

static bool print_json(const struct listing *listing)
{
	char *memory = malloc(JSON_BYTES);
	struct json json;
	if (!memory)
		return false;
	json_begin(&json, memory, JSON_BYTES);
	json_put_array(&json, "keywords");
	for (unsigned i = 0; i < listing->count; i++) {
		const struct keyword_row *row = &listing->rows[i];
		if (!is_wanted(listing, row))
			continue;
		json_put_object(&json, NULL);
		json_put_text(&json, "name", row->name);
		if (*row->also)
			json_put_text(&json, "also", row->also);
		json_put_text(&json, "group", row->group);
		json_put_text(&json, "kind", row->kind);
		json_put_text(&json, "about", row->about);
		json_put_text(&json, "state", keyword_state_name(row->state));
		json_object_end(&json);
	}
	json_array_end(&json);
	size_t len = json_end(&json);
	bool good = len && fwrite(memory, 1, len, stdout) == len;
	free(memory);
	return good;
}

static int run(int argc, char **argv)
{
	bool as_json = false, as_markdown = false;
	const struct verb_option own[] = { { "json", &as_json, NULL, "one JSON object" },
		{ "markdown", &as_markdown, NULL, "tables as in docs/rules.md" }, { NULL, NULL, NULL, NULL } };
	struct verb_line line;
	int result;
	if (!verb_parse(&line, &rules_keywords, own, argc, argv, &result))
		return result;
	struct keyword_row *rows = calloc(KEYWORD_ROWS_MAX, sizeof(*rows));
	if (!rows) {
		log_error("out of memory");
		return VERB_FOUND;
	}
	const struct listing listing = { rows, keyword_list(rows, KEYWORD_ROWS_MAX), line.arguments };
	bool good = false;
	for (unsigned i = 0; i < listing.count && !good; i++)
		good = is_wanted(&listing, &listing.rows[i]);
	if (!good)
		log_error("no keyword and no group has that name (sekisho rules keywords lists them)");
	else if (as_json)
		good = print_json(&listing);
	else if (as_markdown)
		print_markdown(&listing);
	else
		print_table(&listing);
	free(rows);
	return good ? VERB_DONE : VERB_FOUND;
}

const struct verb rules_keywords = {
	.tool = &rules_tool,
	.name = "keywords",
	.arguments = "[GROUP|NAME ...]",
	.summary = "list what rules may say, and what waits for a parser",
	.run = run,
};
