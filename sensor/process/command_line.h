// SPDX-License-Identifier: GPL-3.0-or-later
// Command line: what was asked for, as text. Knows nothing of the config (getopt's struct option and ours have one name).
#pragma once
#include <stdbool.h>

#define COMMAND_MANY_MAX 64 // -i, -s and --set given so often at most, each

struct command_line {
	const char *read_path, *config_file, *only_rules, *directory, *checksums;
	const char *sets[COMMAND_MANY_MAX + 1], *more_rules[COMMAND_MANY_MAX + 1],
		*interfaces[COMMAND_MANY_MAX + 1]; // NULL-terminated
	unsigned set_count, rule_count, interface_count, verbose;
	bool simulate_ips, test_only, dump, print_default, quiet;
};

enum command_result {
	COMMAND_RUN,
	COMMAND_DONE, // answered (--help, --version)
	COMMAND_BAD,  // told on standard error
};

enum command_result command_line_parse(struct command_line *command, int argc, char **argv);
