// SPDX-License-Identifier: GPL-3.0-or-later
// Verb: one command of a tool such as `sekisho rules` or `sekisho intel`, a file each (check.c, explain.c, ...); a tool is a list of them. What they share
// is here: the usage, and the options every verb takes, which say what configuration (and which rules) are meant.
//
// Life cycle   verb_command finds the verb by argv[1] and runs it; the verb calls verb_parse first
#pragma once
#include <stdio.h>
#include "sensor/config/configure.h"

enum verb_exit {
	VERB_DONE = 0,
	VERB_FOUND = 1, // errors in rules, failed tests, a refused pack, a listed value, a run-time fault
	VERB_BAD = 2,   // bad command line or configuration
};

// Result of a verb is an enum verb_exit. argv[0] is the verb's name.
typedef int verb_run(int argc, char **argv);

struct verb;

struct verb_tool {
	const char *name;                // "rules" of `sekisho rules`
	const struct verb *const *verbs; // NULL-terminated, in the order of the usage
	bool takes_rules;                // -S, -s and -r are options of all its verbs
};

struct verb {
	const struct verb_tool *tool;
	const char *name, *arguments, *summary; // name NULL: the tool is the verb (`sekisho hunt`)
	verb_run *run;
};

// argv[0] is the tool's name, argv[1] the verb's. The exit code.
int verb_command(const struct verb_tool *tool, int argc, char **argv);

// An option of a verb's own, without or with a value.
struct verb_option {
	const char *name;   // "json", without dashes; one of one letter is given with one dash ("-o")
	bool *flag;         // set when it is given; NULL for one with a value
	const char **value; // set to the value; NULL for a flag
	const char *help;
};

#define VERB_ARGUMENTS_MAX 256

// What a verb was given. Options of all: -c FILE, --set KEY=VALUE, -h; where the tool takes rules -S RULES, -s RULES, -r CAPTURE.
struct verb_line {
	struct command_line common;
	const char *arguments[VERB_ARGUMENTS_MAX + 1]; // what is no option, NULL-terminated; borrowed from argv
	unsigned count;
};

// Parses argv; what follows "--" is no option. own ends with a NULL name. False: done with the exit code in *result (help was shown, or a fault told).
bool verb_parse(struct verb_line *line, const struct verb *verb, const struct verb_option *own, int argc, char **argv,
	int *result);
