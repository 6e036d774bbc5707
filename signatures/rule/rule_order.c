// SPDX-License-Identifier: GPL-3.0-or-later
// The order rules are evaluated in, and so the order of their alerts: by action, then those that set what others read before these, then
// by priority, then as loaded.
#include "decoders/base/option.h"
#include "signatures/rule/rule_build.h"
#include <stdlib.h>

struct place {
	struct rule *rule;
	uint32_t keys[6];
	uint32_t loaded;
};

#define ACTIONS 4

struct action_ranks {
	uint32_t pass, drop, reject, alert;
};

static uint32_t action_rank(const struct action_ranks *ranks, uint8_t action)
{
	switch (action) {
	case RULE_PASS: return ranks->pass;
	case RULE_DROP: return ranks->drop;
	case RULE_REJECT:
	case RULE_REJECT_DST:
	case RULE_REJECT_BOTH: return ranks->reject;
	case RULE_ALERT: return ranks->alert;
	default: return ACTIONS; // config
	}
}

static bool read_order(const struct option_list *names, struct action_ranks *ranks)
{
	static const char *const words[ACTIONS] = { "pass", "drop", "reject", "alert" };
	uint32_t *const places[ACTIONS] = { &ranks->pass, &ranks->drop, &ranks->reject, &ranks->alert };
	unsigned seen = 0;
	*ranks = (struct action_ranks) { 0, 1, 2, 3 };
	if (!names || names->count == 0)
		return true;
	for (uint32_t i = 0; i < names->count; i++)
		for (unsigned k = 0; k < ACTIONS; k++)
			if (strcasecmp(names->values[i], words[k]) == 0) {
				*places[k] = i;
				seen |= 1u << k;
			}
	return names->count == ACTIONS && seen == (1u << ACTIONS) - 1;
}

// 0 sets, 1 sets and reads, 2 reads, 3 has nothing to do with it.
static uint32_t state_rank(const struct rule *rule, enum test_kind kind, int track)
{
	bool sets = false, reads = false;
	for (unsigned i = 0; i < rule->action_count; i++)
		sets = sets || (rule->actions[i].kind == kind &&
				       (track < 0 || (rule->actions[i].xbits.track == 2) == (track == 2)));
	for (unsigned i = 0; i < rule->test_count; i++)
		reads = reads || (rule->tests[i].kind == kind &&
					 (track < 0 || (rule->tests[i].xbits.track == 2) == (track == 2)));
	return sets ? (reads ? 1 : 0) : reads ? 2 : 3;
}

static int by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	for (unsigned i = 0; i < sizeof(x->keys) / sizeof(x->keys[0]); i++)
		if (x->keys[i] != y->keys[i])
			return x->keys[i] < y->keys[i] ? -1 : 1;
	return x->loaded < y->loaded ? -1 : 1;
}

void rule_order(struct rule_set *set)
{
	struct action_ranks ranks;
	if (!read_order(set->own->options.action_order, &ranks)) {
		rule_report(set->own, "action-order", 0, true,
			"expected pass, drop, reject and alert, each once; the usual order is used");
		ranks = (struct action_ranks) { 0, 1, 2, 3 };
	}
	struct place *places = rule_malloc(set->count * sizeof(*places));
	for (uint32_t i = 0; i < set->count; i++) {
		struct rule *rule = set->rules[i];
		places[i] = (struct place) {
			.rule = rule,
			.keys = { action_rank(&ranks, rule->action), state_rank(rule, TEST_FLOWBITS, -1),
				state_rank(rule, TEST_FLOWINT, -1), state_rank(rule, TEST_XBITS, 0),
				state_rank(rule, TEST_XBITS, 2), rule->priority },
			.loaded = rule->index,
		};
	}
	if (set->count)
		qsort(places, set->count, sizeof(*places), by_place);
	for (uint32_t i = 0; i < set->count; i++) {
		set->rules[i] = places[i].rule;
		set->rules[i]->index = i;
	}
	free(places);
}
