// SPDX-License-Identifier: GPL-3.0-or-later
// Literals in payload are spread over several databases: by port where the rule names few, by the depth they must end in, and by how early in a
// session they can match.
#include "signatures/engine/group.h"

#define NARROW_PORTS 4096 // a rule for more ports than this is one for any

enum part { PART_WHOLE, PART_HEAD, PART_EARLY, PART_DPORT, PART_SPORT, PARTS };

static bool is_narrow(const struct port_set *ports)
{
	uint32_t count = 0;
	if (ports->any)
		return false;
	for (unsigned i = 0; i < ports->count; i++)
		count += 1u + ports->ranges[i].high - ports->ranges[i].low;
	return count <= NARROW_PORTS;
}

// Does the rule hold only while the server has sent less than EARLY_BYTES?
static bool is_early(const struct rule *rule)
{
	for (unsigned i = 0; i < rule->test_count; i++) {
		const struct rule_test *test = &rule->tests[i];
		const struct number_match *number = &test->stream_size.number;
		if (test->kind == TEST_STREAM_SIZE && !test->negated &&
			(test->stream_size.side == 1 || test->stream_size.side == 2) && number->low <= EARLY_BYTES &&
			(number->op == OP_LT || number->op == OP_LE || number->op == OP_EQ))
			return true;
	}
	return false;
}

static enum part part_of(const struct plan *plan, bool to_server)
{
	const struct rule *rule = plan->rule;
	bool dport = is_narrow(rule->dport), sport = is_narrow(rule->sport);
	if (!(rule->flags & RULE_BIDIRECTIONAL) && (dport || sport))
		return dport && (to_server || !sport) ? PART_DPORT : PART_SPORT;
	if (is_early(rule))
		return PART_EARLY;
	return plan->pattern.max_end && plan->pattern.max_end <= HEAD_BYTES ? PART_HEAD : PART_WHOLE;
}

static const struct prefilter *add(struct prefilter_store *store, struct region *region, const struct plan_set *plans,
	const uint32_t *rules, uint32_t count)
{
	return count ? prefilter_add(store, region, plans, rules, count) : NULL;
}

static bool add_ports(struct port_filter *filter, struct prefilter_store *store, struct region *region,
	const struct plan_set *plans, uint32_t *rules, uint32_t count, bool src)
{
	if (count == 0)
		return true;
	if (!port_lists_build(&filter->ports, region, plans, rules, count, src))
		return false;
	filter->prefilters = region_take(region, filter->ports.count * sizeof(*filter->prefilters));
	for (uint32_t i = 0; filter->prefilters && i < filter->ports.count; i++) {
		const struct rule_list *list = &filter->ports.lists[i];
		for (uint32_t r = 0; r < list->count; r++)
			rules[r] = list->rules[r].rule;
		filter->prefilters[i] = add(store, region, plans, rules, list->count);
		if (list->count && !filter->prefilters[i])
			return false;
	}
	return !region->failed;
}

bool payload_filter_build(struct payload_filter *filter, struct prefilter_store *store, struct region *region,
	const struct plan_set *plans, const uint32_t *rules, uint32_t count, bool to_server)
{
	uint32_t *picked[PARTS], counts[PARTS] = { 0 };
	bool good = true;
	for (unsigned part = 0; part < PARTS; part++)
		good &= (picked[part] = calloc(count + 1, sizeof(uint32_t))) != NULL;
	for (uint32_t i = 0; good && i < count; i++) {
		enum part part = part_of(&plans->plans[rules[i]], to_server);
		picked[part][counts[part]++] = rules[i];
	}
	if (good) {
		filter->whole = add(store, region, plans, picked[PART_WHOLE], counts[PART_WHOLE]);
		filter->head = add(store, region, plans, picked[PART_HEAD], counts[PART_HEAD]);
		filter->early = add(store, region, plans, picked[PART_EARLY], counts[PART_EARLY]);
		good = add_ports(
			       &filter->dports, store, region, plans, picked[PART_DPORT], counts[PART_DPORT], false) &&
		       add_ports(&filter->sports, store, region, plans, picked[PART_SPORT], counts[PART_SPORT], true);
		good &= (filter->whole || !counts[PART_WHOLE]) && (filter->head || !counts[PART_HEAD]) &&
			(filter->early || !counts[PART_EARLY]);
	}
	for (unsigned part = 0; part < PARTS; part++)
		free(picked[part]);
	return good;
}
