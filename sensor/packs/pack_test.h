// SPDX-License-Identifier: GPL-3.0-or-later
// Pack test: one file of a pack's tests/: a capture or recipe, and which sids must and must not fire on it. docs/rules.md has the format.
//
// Life cycle   pack_tests_run runs them all and tells each outcome
// Threads      the caller's; reading captures makes no others
#pragma once
#include "sensor/packs/pack.h"
#include "sensor/packs/why.h"
#include "sensor/process/command_line.h"

// One expectation that was not met.
struct pack_test_failure {
	uint32_t gid, sid;
	const char *msg;                               // of the rule; "" when the pack has none of that sid
	char expected[64];                             // "at least once", "3 times", "not at all"
	uint64_t alerts;                               //
	uint64_t packet;                               // of its first alert; 0 none
	char reason[WHY_TEXT_MAX], near[WHY_TEXT_MAX]; // "" when it fired more than it should
};

// What a run tells: began, then failures, then ended; error: the test could not be run.
struct pack_test_told {
	void *context;
	void (*failed)(void *context, const char *test, const struct pack_test_failure *failure);
	void (*ended)(void *context, const char *test, unsigned failures, const char *error);
};

struct pack_test_counts {
	unsigned tests, failed; // failed: with a failure, or that could not be run
	uint32_t rules, refused;
};

// command: the configuration to test with (its -s rules are loaded beside the pack's); NULL: presets. scratch: a folder for captures made from
// recipes, which exists. False: a rule of the pack was refused, or nothing could be run; the reason is in error.
bool pack_tests_run(const struct pack *pack, const struct command_line *command, const char *scratch,
	const struct pack_test_told *told, struct pack_test_counts *counts, struct pack_error *error);
