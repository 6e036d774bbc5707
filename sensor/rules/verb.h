// SPDX-License-Identifier: GPL-3.0-or-later
// Verb: one command of `sekisho rules`, a file each (check.c, explain.c, ...); rules_command.c has the list. What they share is here: the options every
// verb takes, which say what configuration and rules are meant.
#pragma once
#include <stdio.h>
#include "sensor/config/configure.h"

enum verb_exit {
	VERB_DONE = 0,
	VERB_FOUND = 1, // errors in rules, failed tests, a refused pack, a run-time fault
	VERB_BAD = 2,   // bad command line or configuration
};

// Result of a verb is an enum verb_exit. argv[0] is the verb's name.
typedef int verb_run(int argc, char **argv);

struct rules_verb {
	const char *name, *arguments, *summary;
	verb_run *run;
};

// An option of a verb's own, without or with a value.
struct verb_option {
	const char *name;   // "json", without dashes
	bool *flag;         // set when it is given; NULL for one with a value
	const char **value; // set to the value; NULL for a flag
	const char *help;
};

#define VERB_ARGUMENTS_MAX 256

// What a verb was given. Options of all: -c FILE, --set KEY=VALUE, -S RULES, -s RULES, -r CAPTURE, -h.
struct verb_line {
	struct command_line common;
	const char *arguments[VERB_ARGUMENTS_MAX + 1]; // what is no option, NULL-terminated; borrowed from argv
	unsigned count;
};

// Parses argv; own ends with a NULL name. False: done with the exit code in *result (help was shown, or a fault told).
bool verb_parse(struct verb_line *line, const struct rules_verb *verb, const struct verb_option *own, int argc,
	char **argv, int *result);
