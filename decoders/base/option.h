// SPDX-License-Identifier: GPL-3.0-or-later
// Option row: how a module says which settings it has. Each module exports a const table of these over a struct of its
// own; sensor/config/schema.c joins the tables, and the YAML reader, --set, --dump-config, --help and docs work from them.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {
	OPTION_BOOL,    // bool: yes/no, true/false, on/off, 1/0
	OPTION_UINT,    // uint64_t within min..max
	OPTION_SIZE,    // uint64_t bytes: "64 MiB", "8kb", "1gb", plain bytes
	OPTION_SECONDS, // uint64_t seconds
	OPTION_STRING,  // char *, owned by the config; NULL when unset
	OPTION_CHOICE,  // int: one of choices
	OPTION_LIST,    // struct option_list: a YAML sequence of scalars; KEY.N=VALUE sets one
	OPTION_DOMAINS, // as OPTION_LIST, of domain names: lower case, A-labels, no dots at the ends
	OPTION_MAP, // struct option_map: key ends in ".*"; every setting below it, key (without the prefix) and value
};

enum option_change {
	CHANGE_LIVE,    // may change while running
	CHANGE_RELOAD,  // takes a rule reload
	CHANGE_RESTART, // takes a restart
};

struct option_choice {
	const char *name;
	int value;
};

struct option_list {
	char **values;
	size_t count;
};

struct option_pair {
	char *key;
	char *value;
};

struct option_map {
	struct option_pair *pairs;
	size_t count;
};

struct option {
	const char *key; // dotted path as in YAML; "a.b.*" for a map; NULL ends a table
	enum option_type type;
	size_t offset;                       // of the value in the module's struct
	const char *preset;                  // as a user would write it; NULL: unset / empty
	uint64_t min, max;                   // OPTION_UINT, OPTION_SIZE, OPTION_SECONDS; max 0: no bound
	const struct option_choice *choices; // name NULL ends
	enum option_change change;
	const char *help; // one sentence, unit included
};

static inline bool option_is_list(const struct option *option)
{
	return option->type == OPTION_LIST || option->type == OPTION_DOMAINS;
}
