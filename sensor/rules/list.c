// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho rules list`: rules by what they are.
#include <fnmatch.h>
#include <regex.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "decoders/base/plain_text.h"
#include "sensor/verb/tool_json.h"
#include "sensor/rules/tool_rules.h"
#include "sensor/rules/verbs.h"
#include "signatures/check/rule_option_text.h"

static verb_run run;

const struct verb rules_list = { &rules_tool, "list", "[FILE...] [OPTION...]",
	"rules that fit all filters given, as a table or JSON", run };

struct asked {
	bool json, enabled, disabled, text;
	const char *sid, *msg, *grep, *classtype, *proto, *action, *file, *keyword, *metadata, *severity;
	regex_t pattern; // of grep
};

// "2001-2010,2013". False: it is no such list.
static bool in_ranges(const char *text, uint32_t number, bool *in)
{
	*in = false;
	for (const char *at = text;;) {
		char *end;
		unsigned long low = strtoul(at, &end, 10), high = low;
		if (end == at)
			return false;
		if (*end == '-') {
			at = end + 1;
			high = strtoul(at, &end, 10);
			if (end == at)
				return false;
		}
		*in |= number >= low && number <= high;
		if (*end == 0)
			return true;
		if (*end != ',')
			return false;
		at = end + 1;
	}
}

static bool has_keyword(const struct rule *rule, const char *name)
{
	struct rule_option_text option;
	return rule->text && rule_option_text_find(span_text(rule->text), name, NULL, 0, &option);
}

static bool has_metadata(const struct rule *rule, const char *wanted)
{
	size_t key = strcspn(wanted, "=");
	const char *value = wanted[key] ? wanted + key + 1 : NULL;
	for (unsigned i = 0; i < rule->metadata_count; i++) {
		const struct rule_pair *pair = &rule->metadata[i];
		if (strlen(pair->key) == key && strncasecmp(pair->key, wanted, key) == 0 &&
			(!value || strcasecmp(pair->value ? pair->value : "", value) == 0))
			return true;
	}
	return false;
}

// A number is the priority, a word that of the metadata signature_severity.
static bool has_severity(const struct rule *rule, const char *wanted)
{
	char text[128];
	if (wanted[0] >= '0' && wanted[0] <= '9')
		return rule->priority == strtoul(wanted, NULL, 10);
	snprintf(text, sizeof(text), "signature_severity=%s", wanted);
	return has_metadata(rule, text);
}

static struct span word_of(const struct rule *rule, unsigned number)
{
	struct span rest = span_text(rule->text ? rule->text : ""), word = { NULL, 0 };
	for (unsigned i = 0; i <= number; i++) {
		rest = span_trim(rest);
		uint32_t end = 0;
		while (end < rest.len && rest.data[end] != ' ' && rest.data[end] != '\t')
			end++;
		word = span_slice(rest, 0, end);
		rest = span_from(rest, end);
	}
	return word;
}

static bool fits(const struct rule *rule, const struct asked *asked)
{
	bool in = true;
	if (asked->sid && (!in_ranges(asked->sid, rule->sid, &in) || !in))
		return false;
	if (asked->action && !span_is_nocase(word_of(rule, 0), asked->action))
		return false;
	if (asked->proto) {
		struct span proto = word_of(rule, 1);
		proto = span_slice(proto, 0, span_find(proto, ':', 0));
		if (!span_is_nocase(proto, asked->proto))
			return false;
	}
	if (asked->classtype && (!rule->classtype || strcasecmp(rule->classtype, asked->classtype) != 0))
		return false;
	if (asked->msg && (!rule->msg || !strcasestr(rule->msg, asked->msg)))
		return false;
	if (asked->file &&
		!(rule->file && (strstr(rule->file, asked->file) || fnmatch(asked->file, rule->file, 0) == 0)))
		return false;
	if ((asked->keyword && !has_keyword(rule, asked->keyword)) ||
		(asked->metadata && !has_metadata(rule, asked->metadata)) ||
		(asked->severity && !has_severity(rule, asked->severity)))
		return false;
	return !asked->grep || (rule->text && regexec(&asked->pattern, rule->text, 0, NULL, 0) == 0);
}

struct row {
	const struct rule *rule;
	bool off;
};

static int by_sid(const void *a, const void *b)
{
	const struct rule *x = ((const struct row *)a)->rule, *y = ((const struct row *)b)->rule;
	if (x->gid != y->gid)
		return x->gid < y->gid ? -1 : 1;
	return x->sid < y->sid ? -1 : x->sid > y->sid;
}

static uint32_t pick(const struct rule_set *set, bool off, const struct asked *asked, struct row *rows, uint32_t count)
{
	for (uint32_t i = 0; set && i < set->count; i++)
		if (fits(set->rules[i], asked))
			rows[count++] = (struct row) { set->rules[i], off };
	return count;
}

static void show_table(const struct row *rows, uint32_t count, bool text)
{
	struct winsize size;
	int width = isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 90
			    ? size.ws_col - 72
			    : 1000;
	if (!text)
		printf("%10s %4s  %-3s  %-10s %-10s %3s  %-26s %s\n", "SID", "REV", "ON", "ACTION", "PROTO", "PRI",
			"CLASSTYPE", "MSG");
	for (uint32_t i = 0; i < count; i++) {
		const struct rule *rule = rows[i].rule;
		struct span action = word_of(rule, 0), proto = word_of(rule, 1);
		if (text) {
			if (isatty(STDOUT_FILENO))
				plain_printf(stdout, "%s%s\n", rows[i].off ? "#" : "", rule->text);
			else
				printf("%s%s\n", rows[i].off ? "#" : "", rule->text);
			continue;
		}
		plain_printf(stdout, "%10u %4u  %-3s  %-10.*s %-10.*s %3u  %-26s %.*s\n", rule->sid, rule->rev,
			rows[i].off ? "no" : "yes", (int)action.len, (const char *)action.data, (int)proto.len,
			(const char *)proto.data, rule->priority, rule->classtype ? rule->classtype : "-", width,
			rule->msg ? rule->msg : "");
	}
	if (!text)
		fprintf(stderr, "%u rules\n", count);
}

static json_t *json_row(const struct row *row, bool text)
{
	const struct rule *rule = row->rule;
	json_t *object = json_object(), *metadata = json_object();
	tool_json_number(object, "sid", rule->sid);
	tool_json_number(object, "gid", rule->gid);
	tool_json_number(object, "rev", rule->rev);
	tool_json_bool(object, "enabled", !row->off);
	tool_json_span(object, "action", word_of(rule, 0));
	tool_json_span(object, "proto", word_of(rule, 1));
	tool_json_number(object, "priority", rule->priority);
	tool_json_text(object, "classtype", rule->classtype);
	tool_json_text(object, "msg", rule->msg);
	tool_json_text(object, "file", rule->file);
	tool_json_number(object, "line", rule->line);
	for (unsigned i = 0; i < rule->metadata_count; i++) {
		json_t *values = json_object_get(metadata, rule->metadata[i].key);
		if (!values && json_object_set_new(metadata, rule->metadata[i].key, json_array()) == 0)
			values = json_object_get(metadata, rule->metadata[i].key);
		if (values)
			tool_json_add(values, rule->metadata[i].value ? rule->metadata[i].value : "");
	}
	json_object_set_new(object, "metadata", metadata);
	if (text)
		tool_json_text(object, "text", rule->text);
	return object;
}

static int list(const struct tool_rules *rules, const struct asked *asked)
{
	const struct rule_set *off = asked->disabled ? rules->off : NULL;
	uint32_t room = rules->set->count + (off ? off->count : 0), count = 0;
	struct row *rows = calloc(room + 1, sizeof(*rows));
	if (!rows)
		return VERB_FOUND;
	if (asked->enabled || !asked->disabled)
		count = pick(rules->set, false, asked, rows, count);
	count = pick(off, true, asked, rows, count);
	qsort(rows, count, sizeof(*rows), by_sid);
	bool good = true;
	if (asked->json) {
		json_t *document = json_object(), *array = json_array();
		for (uint32_t i = 0; i < count; i++)
			json_array_append_new(array, json_row(&rows[i], asked->text));
		json_object_set_new(document, "rules", array);
		good = tool_json_print(document);
	} else {
		show_table(rows, count, asked->text);
	}
	free(rows);
	return good ? VERB_DONE : VERB_FOUND;
}

static bool filters_good(struct asked *asked)
{
	bool in;
	char reason[128];
	if (asked->sid && !in_ranges(asked->sid, 0, &in)) {
		log_error("--sid %s: expected N, N-M or several with commas between", asked->sid);
		return false;
	}
	int code = asked->grep ? regcomp(&asked->pattern, asked->grep, REG_EXTENDED | REG_ICASE | REG_NOSUB) : 0;
	if (code == 0)
		return true;
	regerror(code, &asked->pattern, reason, sizeof(reason));
	log_error("--grep %s: %s", asked->grep, reason);
	asked->grep = NULL;
	return false;
}

static int run(int argc, char **argv)
{
	struct asked asked = { 0 };
	const struct verb_option own[] = {
		{ "sid", NULL, &asked.sid, "N, N-M, several with commas between" },
		{ "msg", NULL, &asked.msg, "TEXT in the message, any case" },
		{ "grep", NULL, &asked.grep, "extended regular expression on the whole rule, any case" },
		{ "classtype", NULL, &asked.classtype, "CLASS" },
		{ "proto", NULL, &asked.proto, "protocol of the header" },
		{ "action", NULL, &asked.action, "alert, drop ..." },
		{ "file", NULL, &asked.file, "a part of the file's name, or a pattern" },
		{ "keyword", NULL, &asked.keyword, "rules that use this keyword" },
		{ "metadata", NULL, &asked.metadata, "KEY or KEY=VALUE" },
		{ "severity", NULL, &asked.severity, "priority, or signature_severity (major, critical ...)" },
		{ "enabled", &asked.enabled, NULL, "rules that are on (the preset)" },
		{ "disabled", &asked.disabled, NULL, "rules that are commented out; with --enabled both" },
		{ "text", &asked.text, NULL, "the rules as they are written" },
		{ "json", &asked.json, NULL, "one JSON document" },
		{ 0 },
	};
	struct verb_line line;
	struct tool_rules rules = { 0 };
	int result;
	if (!verb_parse(&line, &rules_list, own, argc, argv, &result))
		return result;
	result = VERB_BAD;
	if (filters_good(&asked) && tool_rules_open(&rules, &line) &&
		tool_rules_load(&rules, &line, line.arguments, asked.disabled, tool_rules_log, NULL))
		result = list(&rules, &asked);
	tool_rules_close(&rules);
	if (asked.grep)
		regfree(&asked.pattern);
	return result;
}
