// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/match/regex.h"
#include <stdlib.h>
#include <time.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define REGEX_GROUPS    32
#define REGEX_HEAP_KIB  512
#define REGEX_JIT_STACK (256u << 10)

struct regex_runner {
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
	int groups; // of the last match
	bool timed;
	uint64_t ns;
};

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void regex_runner_time(struct regex_runner *runner)
{
	runner->timed = true;
}

uint64_t regex_runner_ns(const struct regex_runner *runner)
{
	return runner->ns;
}

struct regex_runner *regex_runner_new(uint64_t match_limit, uint64_t recursion_limit)
{
	struct regex_runner *runner = calloc(1, sizeof(*runner));
	if (!runner)
		return NULL;
	runner->data = pcre2_match_data_create(REGEX_GROUPS, NULL);
	runner->context = pcre2_match_context_create(NULL);
	runner->stack = pcre2_jit_stack_create(32u << 10, REGEX_JIT_STACK, NULL);
	if (!runner->data || !runner->context) {
		regex_runner_free(runner);
		return NULL;
	}
	if (match_limit)
		pcre2_set_match_limit(runner->context, match_limit > UINT32_MAX ? UINT32_MAX : (uint32_t)match_limit);
	if (recursion_limit)
		pcre2_set_depth_limit(
			runner->context, recursion_limit > UINT32_MAX ? UINT32_MAX : (uint32_t)recursion_limit);
	pcre2_set_heap_limit(runner->context, REGEX_HEAP_KIB);
	if (runner->stack)
		pcre2_jit_stack_assign(runner->context, NULL, runner->stack);
	return runner;
}

void regex_runner_free(struct regex_runner *runner)
{
	if (!runner)
		return;
	pcre2_match_data_free(runner->data);
	pcre2_match_context_free(runner->context);
	pcre2_jit_stack_free(runner->stack);
	free(runner);
}

enum regex_result regex_run(struct regex_runner *runner, const void *code, struct span subject, uint32_t start,
	uint32_t *start_out, uint32_t *end_out)
{
	static const uint8_t nothing[1] = { 0 };
	const uint8_t *text = subject.data ? subject.data : nothing;
	runner->groups = 0;
	if (!code || start > subject.len)
		return REGEX_NO_MATCH;
	uint64_t begun = runner->timed ? now_ns() : 0;
	int result = pcre2_match(code, text, subject.len, start, 0, runner->data, runner->context);
	runner->ns += runner->timed ? now_ns() - begun : 0;
	if (result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT || result == PCRE2_ERROR_HEAPLIMIT ||
		result == PCRE2_ERROR_JIT_STACKLIMIT)
		return REGEX_LIMIT;
	if (result < 0)
		return REGEX_NO_MATCH;
	const PCRE2_SIZE *bounds = pcre2_get_ovector_pointer(runner->data);
	runner->groups = result ? result : REGEX_GROUPS;
	*start_out = (uint32_t)bounds[0];
	*end_out = (uint32_t)bounds[1];
	return REGEX_MATCH;
}

bool regex_group(const struct regex_runner *runner, unsigned n, uint32_t *start, uint32_t *end)
{
	const PCRE2_SIZE *bounds = pcre2_get_ovector_pointer(runner->data);
	if (n >= (unsigned)runner->groups || bounds[2 * n] == PCRE2_UNSET || bounds[2 * n + 1] < bounds[2 * n])
		return false;
	*start = (uint32_t)bounds[2 * n];
	*end = (uint32_t)bounds[2 * n + 1];
	return true;
}
