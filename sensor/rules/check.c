// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho rules check`: what is wrong with rules, and what is doubtful.
#include <stdlib.h>
#include <string.h>
#include "decoders/base/log.h"
#include "sensor/rules/check_show.h"
#include "sensor/rules/tool_rules.h"
#include "sensor/rules/verbs.h"

static verb_run run;

const struct verb rules_check = { &rules_tool, "check", "[FILE...] [OPTION...]",
	"errors and doubtful places in rules, with file, line, column; exit code 1 when there are errors", run };

struct asked {
	bool json, strict, info, disabled, checks;
	const char *only, *ignore, *limit;
};

static void show_table(const struct check *check)
{
	for (; check->id; check++)
		printf("%-22s %-7s  %s\n", check->id, check_severity_name((enum check_severity)check->severity),
			check->what);
}

static void show_checks(void)
{
	show_table(check_list_told);
	show_table(rule_checks);
}

// A name that is mistyped would hide every error, or none.
static bool ids_known(const char *option, const char *list)
{
	for (const char *at = list; at && *at;) {
		size_t len = strcspn(at, ",");
		if (!check_list_knows(at, len)) {
			log_error("%s: no check %.*s (sekisho rules check --list-checks)", option, (int)len, at);
			return false;
		}
		at += len + (at[len] == ',');
	}
	return true;
}

static bool limit_good(const char *limit)
{
	if (!limit || (*limit && strspn(limit, "0123456789") == strlen(limit)))
		return true;
	log_error("--limit %s: expected a number", limit);
	return false;
}

static bool check_rules(struct check_list *list, const struct tool_rules *rules)
{
	bool good = rule_set_findings(rules->set, check_list_finding, list);
	check_list_sort(list);
	if (good && !list->failed)
		return true;
	log_error("no memory");
	return false;
}

static int answer(const struct check_list *list, const struct tool_rules *rules, const struct asked *asked)
{
	const struct rule_set *set = rules->set, *off = rules->off;
	struct check_sums sums = { set->count + (off ? off->count : 0), set->failed + (off ? off->failed : 0),
		set->skipped + (off ? off->skipped : 0) };
	uint32_t limit = asked->limit ? (uint32_t)strtoul(asked->limit, NULL, 10) : 0;
	if (!asked->json)
		check_show(list, &sums, asked->info ? CHECK_INFO : CHECK_WARNING, limit, stdout);
	else if (!check_show_json(list, &sums))
		return VERB_FOUND;
	return list->counts[CHECK_ERROR] || (asked->strict && list->counts[CHECK_WARNING]) ? VERB_FOUND : VERB_DONE;
}

static int run(int argc, char **argv)
{
	struct asked asked = { 0 };
	const struct verb_option own[] = {
		{ "json", &asked.json, NULL, "one JSON document instead of text" },
		{ "strict", &asked.strict, NULL, "warnings make the exit code 1 too" },
		{ "info", &asked.info, NULL, "show remarks as well" },
		{ "disabled", &asked.disabled, NULL, "parse the rules that are commented out too" },
		{ "only", NULL, &asked.only, "ID[,ID...]: these checks only" },
		{ "ignore", NULL, &asked.ignore, "ID[,ID...]: without these checks" },
		{ "limit", NULL, &asked.limit, "N: show the first N only" },
		{ "list-checks", &asked.checks, NULL, "the checks by id, and what they find" },
		{ 0 },
	};
	struct verb_line line;
	struct tool_rules rules;
	int result;
	if (!verb_parse(&line, &rules_check, own, argc, argv, &result))
		return result;
	if (asked.checks) {
		show_checks();
		return VERB_DONE;
	}
	if (!ids_known("--only", asked.only) || !ids_known("--ignore", asked.ignore) || !limit_good(asked.limit))
		return VERB_BAD;
	struct check_list list = { .only = asked.only, .ignore = asked.ignore };
	result = VERB_BAD;
	if (tool_rules_open(&rules, &line) &&
		tool_rules_load(&rules, &line, line.arguments, asked.disabled, check_list_error, &list))
		result = check_rules(&list, &rules) ? answer(&list, &rules, &asked) : VERB_FOUND;
	else if (list.count)
		check_show(&list, &(struct check_sums) { 0 }, CHECK_WARNING, 0, stderr);
	check_list_free(&list);
	tool_rules_close(&rules);
	return result;
}
