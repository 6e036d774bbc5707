// SPDX-License-Identifier: GPL-3.0-or-later
// Regex: runs compiled PCRE2 patterns under limits.
//
// Life cycle   regex_runner_new -> regex_run ... -> regex_runner_free
// Memory       match data, stack and heap limits are taken at start; a run takes no more
// Threads      a runner belongs to one worker; codes are shared
#pragma once
#include "decoders/base/span.h"

struct regex_runner;

// NULL: no memory.
struct regex_runner *regex_runner_new(uint64_t match_limit, uint64_t recursion_limit);
void regex_runner_free(struct regex_runner *runner);

enum regex_result { REGEX_MATCH, REGEX_NO_MATCH, REGEX_LIMIT };

// code is a pcre2_code *. Searches subject from start; on a match start_out and end_out are its offsets.
enum regex_result regex_run(struct regex_runner *runner, const void *code, struct span subject, uint32_t start,
	uint32_t *start_out, uint32_t *end_out);
// From now on the time of runs is summed, machine time, nanoseconds; regex_runner_ns gives the sum.
void regex_runner_time(struct regex_runner *runner);
uint64_t regex_runner_ns(const struct regex_runner *runner);
// Bounds of capture group n of the last match. False when it took no part.
bool regex_group(const struct regex_runner *runner, unsigned n, uint32_t *start, uint32_t *end);
