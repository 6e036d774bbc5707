// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/verb/verb.h"
#include <string.h>
#include "decoders/base/log.h"

static const char common_help[] = "  -c FILE           configuration; without it the presets are used\n"
				  "  --set KEY=VALUE   set one option, as in the config file (may be repeated)\n";
static const char rules_help[] = "  -S RULES          only these rules: a file, a pattern or a folder\n"
				 "  -s RULES          these rules too (may be repeated)\n";

// What it is called: "intel add", "hunt".
static const char *name_of(const struct verb *verb, char out[64])
{
	snprintf(out, 64, "%s%s%s", verb->tool->name, verb->name ? " " : "", verb->name ? verb->name : "");
	return out;
}

static void show_help(const struct verb *verb, const struct verb_option *own)
{
	char name[64];
	printf("sekisho %s %s\n  %s\n\n", name_of(verb, name), verb->arguments, verb->summary);
	for (; own && own->name; own++)
		printf("  %s%-*s %s\n", own->name[1] ? "--" : "-", own->name[1] ? 15 : 16, own->name, own->help);
	fputs(common_help, stdout);
	if (verb->tool->takes_rules)
		fputs(rules_help, stdout);
}

static bool push(const char **list, unsigned *count, unsigned max, const char *value, const char *what)
{
	if (*count == max) {
		log_error("more than %u times %s", max, what);
		return false;
	}
	list[(*count)++] = value;
	return true;
}

// The option a text such as "-S" or "--set" takes its value for; false with the fault told.
static bool take_common(struct verb_line *line, const char *option, const char *value)
{
	struct command_line *common = &line->common;
	if (strcmp(option, "-c") == 0)
		common->config_file = value;
	else if (strcmp(option, "-S") == 0)
		common->only_rules = value;
	else if (strcmp(option, "-r") == 0)
		common->read_path = value;
	else if (strcmp(option, "-s") == 0)
		return push(common->more_rules, &common->rule_count, COMMAND_MANY_MAX, value, option);
	else
		return push(common->sets, &common->set_count, COMMAND_MANY_MAX, value, option);
	return true;
}

static bool is_common(const struct verb_tool *tool, const char *option)
{
	static const char *const names[] = { "-c", "--set", "-S", "-s", "-r" };
	for (size_t i = 0; (i < 2 || tool->takes_rules) && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(option, names[i]) == 0)
			return true;
	return false;
}

static const struct verb_option *find_own(const struct verb_option *own, const char *option)
{
	for (; own && own->name; own++)
		if (strcmp(own->name, option) == 0)
			return own;
	return NULL;
}

// Of a value given twice one would be lost unseen.
static bool take_own(
	const struct verb_option *option, uint64_t *given, uint64_t bit, const char *name, const char *value)
{
	if (*given & bit) {
		log_error("%s: %s%s is given twice", name, option->name[1] ? "--" : "-", option->name);
		return false;
	}
	*given |= bit;
	*option->value = value;
	return true;
}

bool verb_parse(struct verb_line *line, const struct verb *verb, const struct verb_option *own, int argc, char **argv,
	int *result)
{
	char name[64];
	bool ended = false; // options are
	uint64_t given = 0; // a bit an own option
	*line = (struct verb_line) { 0 };
	*result = VERB_BAD;
	name_of(verb, name);
	for (int i = 1; i < argc; i++) {
		const char *text = argv[i];
		if (!ended && strcmp(text, "--") == 0) {
			ended = true;
			continue;
		}
		if (!ended && (strcmp(text, "-h") == 0 || strcmp(text, "--help") == 0)) {
			show_help(verb, own);
			*result = VERB_DONE;
			return false;
		}
		if (ended || text[0] != '-' || !text[1]) {
			if (!push(line->arguments, &line->count, VERB_ARGUMENTS_MAX, text, "an argument"))
				return false;
			continue;
		}
		bool word = text[1] == '-' && text[2] && text[3], letter = text[1] != '-' && !text[2];
		const struct verb_option *option = word || letter ? find_own(own, text + (word ? 2 : 1)) : NULL;
		if (option && option->flag) {
			*option->flag = true;
			continue;
		}
		if (!option && !is_common(verb->tool, text)) {
			log_error("%s: no option %s (sekisho %s --help)", name, text, name);
			return false;
		}
		if (++i == argc) {
			log_error("%s: %s needs a value", name, text);
			return false;
		}
		if (option ? !take_own(option, &given, 1ull << (option - own), name, argv[i])
			   : !take_common(line, text, argv[i]))
			return false;
	}
	return true;
}

// Usage ----------------------------------------------------------------------------------------------------------------------------

static void show_usage(const struct verb_tool *tool, FILE *out)
{
	fprintf(out, "sekisho %s VERB ...     (sekisho %s VERB --help says more)\n\n", tool->name, tool->name);
	for (unsigned i = 0; tool->verbs[i]; i++)
		fprintf(out, "  %-9s %-22s %s\n", tool->verbs[i]->name, tool->verbs[i]->arguments,
			tool->verbs[i]->summary);
}

int verb_command(const struct verb_tool *tool, int argc, char **argv)
{
	if (argc < 2) {
		show_usage(tool, stderr);
		return VERB_BAD;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		show_usage(tool, stdout);
		return VERB_DONE;
	}
	for (unsigned i = 0; tool->verbs[i]; i++)
		if (strcmp(tool->verbs[i]->name, argv[1]) == 0)
			return tool->verbs[i]->run(argc - 1, argv + 1);
	log_error("%s %s: no such verb (sekisho %s --help)", tool->name, argv[1], tool->name);
	return VERB_BAD;
}
