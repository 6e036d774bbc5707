// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/rules/tool_rules.h"
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "decoders/base/log.h"
#include "sensor/reload/rules_load.h"
#include "sensor/rules/source_text.h"

bool tool_rules_open(struct tool_rules *rules, const struct verb_line *line)
{
	*rules = (struct tool_rules) { .config = config_new() };
	return rules->config && configure(rules->config, &line->common);
}

void tool_rules_close(struct tool_rules *rules)
{
	rule_set_free(rules->set);
	rule_set_free(rules->off);
	config_free(rules->config);
	*rules = (struct tool_rules) { 0 };
}

void tool_rules_log(void *context, const struct rule_error *error)
{
	(void)context;
	if (error->warning)
		return;
	char text[RULES_ERROR_TEXT];
	rules_error_text(error, text);
	log_error("%s", text);
}

// Calls each with every path the line names.
static unsigned for_each_file(const struct tool_rules *rules, const struct verb_line *line, const char *const *files,
	void (*each)(struct rule_set *set, const char *path), struct rule_set *set)
{
	const struct option_list *configured = &rules->config->rules.rule_files;
	unsigned count = 0;
	for (; files && *files; files++, count++)
		each(set, *files);
	if (!count && line->common.only_rules) {
		each(set, line->common.only_rules);
		count++;
	} else if (!count) {
		for (size_t i = 0; i < configured->count; i++, count++)
			each(set, configured->values[i]);
	}
	for (unsigned i = 0; i < line->common.rule_count; i++, count++)
		each(set, line->common.more_rules[i]);
	return count;
}

static void load(struct rule_set *set, const char *path)
{
	rule_set_load_file(set, path); // what went wrong is in the sink
}

// "#alert tcp ...": a rule that was switched off, and no remark.
static const char *switched_off(const char *text)
{
	static const char *const actions[] = { "alert ", "drop ", "pass ", "reject ", "rejectsrc ", "rejectdst ",
		"rejectboth ", "config " };
	if (*text != '#')
		return NULL;
	while (*text == '#' || *text == ' ' || *text == '\t')
		text++;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strncmp(text, actions[i], strlen(actions[i])) == 0)
			return strchr(text, '(') ? text : NULL;
	return NULL;
}

static void load_off_file(struct rule_set *set, const char *path)
{
	struct source_text *source = source_text_open(path);
	uint32_t line = 1;
	for (char *text; source && (text = source_text_take(source, &line));) {
		const char *rule = switched_off(text);
		if (rule)
			rule_set_add(set, rule, path, source_text_taken_at(source));
		free(text);
	}
	source_text_close(source);
}

static void load_off(struct rule_set *set, const char *path)
{
	char full[4096];
	struct stat about;
	bool folder = stat(path, &about) == 0 && S_ISDIR(about.st_mode);
	glob_t found;
	if (snprintf(full, sizeof(full), "%s%s", path, folder ? "/*.rules" : "") >= (int)sizeof(full))
		return;
	if (!strpbrk(full, "*?[")) {
		load_off_file(set, full);
		return;
	}
	if (glob(full, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		load_off_file(set, found.gl_pathv[i]);
	globfree(&found);
}

bool tool_rules_load(struct tool_rules *rules, const struct verb_line *line, const char *const *files, bool off,
	rule_error_sink *sink, void *context)
{
	struct rule_options options;
	rules_options(rules->config, &options);
	options.keep_text = true;
	options.on_error = sink;
	options.on_error_context = context;
	rules->set = rule_set_new(&options);
	if (!rules->set)
		return false;
	if (for_each_file(rules, line, files, load, rules->set) == 0) {
		log_error("no rules: name a file, or give -S, or -c with rule-files");
		return false;
	}
	rule_set_finish(rules->set);
	if (!off)
		return true;
	options.threshold_file = NULL; // its lines are about rules that are on
	rules->off = rule_set_new(&options);
	if (!rules->off)
		return false;
	for_each_file(rules, line, files, load_off, rules->off);
	rule_set_finish(rules->off);
	return true;
}
