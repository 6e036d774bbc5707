// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/rules/profile_sums.h"
#include <stdlib.h>
#include <string.h>
#include "sensor/pipeline/pipeline.h"
#include "signatures/rule/rule_set.h"

const char *const profile_order_names[PROFILE_ORDERS] = { "time", "average", "checks", "matches", "over" };

static void add_cost(struct engine_profile *to, const struct engine_profile *cost)
{
	to->checks += cost->checks;
	to->matches += cost->matches;
	to->ns += cost->ns;
	to->steps_over += cost->steps_over;
	to->pcre_over += cost->pcre_over;
}

static void add_worker(struct profile_sums *sums, struct engine_profile *costs, const struct engine_worker *worker)
{
	const struct engine_profile *profile = engine_worker_profile(worker);
	struct engine_stages stages;
	for (uint32_t i = 0; profile && i < sums->rules; i++)
		add_cost(&costs[i], &profile[i]);
	engine_worker_stages(worker, &stages);
	sums->stages.inspect_ns += stages.inspect_ns;
	sums->stages.prefilter_ns += stages.prefilter_ns;
	sums->stages.evaluate_ns += stages.evaluate_ns;
	sums->stages.pcre_ns += stages.pcre_ns;
}

void profile_sums_take(void *context, const struct run_outcome *outcome)
{
	struct profile_sums *sums = context;
	sums->rules = outcome->rules->count;
	sums->packets = outcome->packets;
	sums->read_s = outcome->read_s;
	struct engine_profile *costs = calloc(sums->rules + 1, sizeof(*costs));
	sums->rows = calloc(sums->rules + 1, sizeof(*sums->rows));
	sums->failed = !costs || !sums->rows;
	for (unsigned i = 0; !sums->failed && i < outcome->workers; i++)
		add_worker(sums, costs, pipeline_inspector(outcome->pipelines[i]));
	for (uint32_t i = 0; !sums->failed && i < sums->rules; i++) {
		const struct rule *rule = outcome->rules->rules[i];
		if (!costs[i].checks && !costs[i].matches)
			continue;
		sums->rows[sums->count++] = (struct profile_row) { rule->sid, rule->gid, rule->rev,
			strdup(rule->msg ? rule->msg : ""), costs[i] };
		sums->rules_ns += costs[i].ns;
	}
	free(costs);
}

static uint64_t average_of(const struct engine_profile *cost)
{
	return cost->checks ? cost->ns / cost->checks : 0;
}

static uint64_t over_of(const struct engine_profile *cost)
{
	return cost->steps_over + cost->pcre_over;
}

// The larger first; what is alike by time, then as in the set.
static int compare(uint64_t x, uint64_t y, const struct profile_row *a, const struct profile_row *b)
{
	if (x != y)
		return x > y ? -1 : 1;
	if (a->cost.ns != b->cost.ns)
		return a->cost.ns > b->cost.ns ? -1 : 1;
	return a->sid < b->sid ? -1 : a->sid > b->sid;
}

#define ORDER(name, expression)                                \
	static int name(const void *one, const void *other)    \
	{                                                      \
		const struct profile_row *a = one, *b = other; \
		const struct engine_profile *cost = &a->cost;  \
		uint64_t x = (expression);                     \
		cost = &b->cost;                               \
		return compare(x, (expression), a, b);         \
	}
ORDER(by_time, cost->ns)
ORDER(by_average, average_of(cost))
ORDER(by_checks, cost->checks)
ORDER(by_matches, cost->matches)
ORDER(by_over, over_of(cost))

void profile_sums_sort(struct profile_sums *sums, enum profile_order order)
{
	static int (*const orders[PROFILE_ORDERS])(
		const void *, const void *) = { by_time, by_average, by_checks, by_matches, by_over };
	if (sums->count)
		qsort(sums->rows, sums->count, sizeof(*sums->rows), orders[order]);
}

void profile_sums_free(struct profile_sums *sums)
{
	for (uint32_t i = 0; i < sums->count; i++)
		free(sums->rows[i].msg);
	free(sums->rows);
	*sums = (struct profile_sums) { 0 };
}
