// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/engine/group.h"

struct builder {
	struct groups *groups;
	struct prefilter_store *store;
	struct region *region;
	const struct plan_set *plans;
	uint32_t *picked; // room for all rules
	bool good;
};

struct rule_list rule_list_make(
	struct region *region, const struct plan_set *plans, const uint32_t *rules, uint32_t count)
{
	struct listed_rule *list = region_take(region, count * sizeof(*list));
	for (uint32_t i = 0; list && i < count; i++) {
		const struct plan *plan = &plans->plans[rules[i]];
		list[i] = (struct listed_rule) { rules[i], plan->need, plan->refuse, plan->size_min, plan->size_max };
	}
	return (struct rule_list) { list ? count : 0, list };
}

// Rules with neither a literal nor address-only: what they ask of ports decides where they are listed.
enum listing { LIST_NONE, LIST_ALWAYS, LIST_EVENTS, LIST_DPORT, LIST_SPORT };

static bool asks_event(const struct rule *rule)
{
	for (unsigned i = 0; i < rule->test_count; i++)
		if ((rule->tests[i].kind == TEST_DECODE_EVENT || rule->tests[i].kind == TEST_STREAM_EVENT) &&
			!rule->tests[i].negated)
			return true;
	return false;
}

static enum listing listing_of(const struct plan *plan)
{
	const struct rule *rule = plan->rule;
	if (rule->flags & RULE_IP_ONLY || plan->tx || plan->frame_count || plan->pattern.place != PATTERN_NONE)
		return LIST_NONE;
	if (asks_event(rule))
		return LIST_EVENTS;
	if (rule->flags & RULE_BIDIRECTIONAL)
		return LIST_ALWAYS;
	return !rule->dport->any ? LIST_DPORT : !rule->sport->any ? LIST_SPORT : LIST_ALWAYS;
}

static bool in_group(const struct plan *plan, unsigned class, unsigned direction)
{
	return plan->proto_bits & 1u << class && plan->directions & 1u << direction;
}

static uint32_t pick_listed(struct builder *b, unsigned class, unsigned direction, enum listing listing)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < b->plans->count; i++)
		if (in_group(&b->plans->plans[i], class, direction) && listing_of(&b->plans->plans[i]) == listing)
			b->picked[count++] = i;
	return count;
}

static void add_payload(
	struct builder *b, struct payload_filter *filter, unsigned class, unsigned direction, uint8_t kind)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < b->plans->count; i++) {
		const struct plan *plan = &b->plans->plans[i];
		if (plan->pattern.place == PATTERN_PAYLOAD && in_group(plan, class, direction) && plan->payload & kind)
			b->picked[count++] = i;
	}
	if (count)
		b->good &= payload_filter_build(
			filter, b->store, b->region, b->plans, b->picked, count, direction == TO_SERVER);
}

static void field_prefilters(struct builder *b, struct packet_group *group, unsigned class, unsigned direction)
{
	group->fields = region_take(b->region, b->plans->key_count * sizeof(*group->fields));
	for (uint32_t key = 0; group->fields && key < b->plans->key_count; key++) {
		uint32_t count = 0;
		if (b->plans->keys[key].field->level != FIELD_PACKET)
			continue;
		for (uint32_t i = 0; i < b->plans->count; i++) {
			const struct plan *plan = &b->plans->plans[i];
			if (plan->pattern.place == PATTERN_FIELD && plan->pattern.key == key &&
				in_group(plan, class, direction))
				b->picked[count++] = i;
		}
		if (count == 0)
			continue;
		const struct prefilter *prefilter = prefilter_add(b->store, b->region, b->plans, b->picked, count);
		b->good &= prefilter != NULL;
		group->fields[group->field_count].key = (uint16_t)key;
		group->fields[group->field_count++].prefilter = prefilter;
	}
}

static void build_packet_group(struct builder *b, unsigned class, unsigned direction)
{
	struct packet_group *group = &b->groups->packets[class][direction];
	bool tcp = 1u << class == RULE_PROTO_TCP;
	add_payload(b, &group->packet, class, direction, tcp ? PAYLOAD_PACKET : PAYLOAD_PACKET | PAYLOAD_STREAM);
	if (tcp)
		add_payload(b, &group->stream, class, direction, PAYLOAD_STREAM);
	field_prefilters(b, group, class, direction);
	uint32_t count = pick_listed(b, class, direction, LIST_ALWAYS);
	group->always = rule_list_make(b->region, b->plans, b->picked, count);
	count = pick_listed(b, class, direction, LIST_EVENTS);
	group->events = rule_list_make(b->region, b->plans, b->picked, count);
	count = pick_listed(b, class, direction, LIST_DPORT);
	b->good &= port_lists_build(&group->dports, b->region, b->plans, b->picked, count, false);
	count = pick_listed(b, class, direction, LIST_SPORT);
	b->good &= port_lists_build(&group->sports, b->region, b->plans, b->picked, count, true);
	b->groups->group_count++;
}

// Transactions ------------------------------------------------------------------------------------------------------------------

static uint8_t progress_of(struct builder *b, uint32_t rule, enum app_proto proto, enum direction direction)
{
	const struct plan *plan = &b->plans->plans[rule];
	uint8_t least = UINT8_MAX, progress;
	for (unsigned i = 0; i < plan->tx_count; i++)
		if (condition_readable(b->plans, plan->rule, &plan->tx_conditions[i], proto, direction, &progress) &&
			progress < least)
			least = progress;
	return least;
}

static int compare_engines(const void *left, const void *right)
{
	const struct tx_engine *a = left, *b = right;
	return a->progress != b->progress ? a->progress - b->progress : a->key - b->key;
}

static uint32_t add_databases(struct builder *b, struct tx_engine *engines, const uint32_t *fit, uint32_t fit_count,
	enum app_proto proto, enum direction direction)
{
	uint32_t made = 0;
	for (uint32_t key = 0; key < b->plans->key_count; key++) {
		const struct field_reader *reader = b->plans->keys[key].readers[proto][direction];
		uint32_t count = 0;
		for (uint32_t i = 0; reader && i < fit_count; i++) {
			const struct plan *plan = &b->plans->plans[fit[i]];
			if (plan->pattern.place == PATTERN_TX && plan->pattern.key == key)
				b->picked[count++] = fit[i];
		}
		if (count == 0)
			continue;
		const struct prefilter *prefilter = prefilter_add(b->store, b->region, b->plans, b->picked, count);
		b->good &= prefilter != NULL;
		engines[made++] = (struct tx_engine) {
			.progress = reader->progress, .key = (uint16_t)key, .prefilter = prefilter
		};
	}
	return made;
}

static bool asks_app_event(const struct plan *plan)
{
	for (unsigned i = 0; i < plan->tx_count; i++)
		if (plan->tx_conditions[i].kind == CONDITION_EVENT &&
			!plan->rule->tests[plan->tx_conditions[i].index].negated)
			return true;
	return false;
}

// Rules without a literal, by the progress at which their first condition can be told.
static uint32_t add_rules(struct builder *b, struct tx_engine *engines, const uint32_t *fit, uint32_t fit_count,
	enum app_proto proto, enum direction direction)
{
	uint32_t made = 0, count = 0;
	for (uint32_t i = 0; i < fit_count; i++)
		if (asks_app_event(&b->plans->plans[fit[i]]))
			b->picked[count++] = fit[i];
	if (count)
		engines[made++] = (struct tx_engine) { .key = UINT16_MAX,
			.events = true,
			.count = count,
			.rules = region_copy(b->region, b->picked, count * sizeof(*b->picked)) };
	for (unsigned progress = 0; progress < UINT8_MAX; progress++) {
		count = 0;
		for (uint32_t i = 0; i < fit_count; i++)
			if (!asks_app_event(&b->plans->plans[fit[i]]) &&
				progress_of(b, fit[i], proto, direction) == progress)
				b->picked[count++] = fit[i];
		if (count)
			engines[made++] = (struct tx_engine) { .progress = (uint8_t)progress,
				.key = UINT16_MAX,
				.count = count,
				.rules = region_copy(b->region, b->picked, count * sizeof(*b->picked)) };
	}
	return made;
}

static void build_tx_group(struct builder *b, uint32_t *fit, enum app_proto proto, enum direction direction)
{
	struct tx_group *group = &b->groups->txs[proto][direction];
	uint32_t fit_count = 0, plain = 0;
	for (uint32_t i = 0; i < b->plans->count; i++)
		if (plan_fits_tx(b->plans, &b->plans->plans[i], proto, direction))
			fit[fit_count++] = i;
	if (fit_count == 0)
		return;
	struct tx_engine *engines = region_take(b->region, (b->plans->key_count + UINT8_MAX + 1) * sizeof(*engines));
	if (!engines)
		return;
	group->some = true;
	group->count = add_databases(b, engines, fit, fit_count, proto, direction);
	for (uint32_t i = 0; i < fit_count; i++)
		if (b->plans->plans[fit[i]].pattern.place == PATTERN_NONE)
			b->picked[plain++] = fit[i];
	if (plain) {
		memcpy(fit, b->picked, plain * sizeof(*fit));
		group->count += add_rules(b, engines + group->count, fit, plain, proto, direction);
	}
	qsort(engines, group->count, sizeof(*engines), compare_engines);
	group->engines = engines;
	b->groups->group_count++;
}

static bool is_narrow(const struct address_set *set)
{
	if (set->any || set->count == 0)
		return false;
	for (uint32_t i = 0; i < set->count; i++) // a stretch over half of all IPv4 addresses is no help
		if (memcmp(set->ranges[i].low.bytes, set->ranges[i].high.bytes, 12) != 0 ||
			set->ranges[i].high.bytes[12] - set->ranges[i].low.bytes[12] > 15)
			return false;
	return true;
}

static void build_address_lists(struct builder *b, uint32_t *src)
{
	uint32_t src_count = 0, dst_count = 0, always = 0;
	uint32_t *dst = calloc(b->plans->count + 1, sizeof(*dst));
	if (!dst) {
		b->good = false;
		return;
	}
	for (uint32_t i = 0; i < b->plans->count; i++) {
		const struct rule *rule = b->plans->plans[i].rule;
		if (!(rule->flags & RULE_IP_ONLY))
			continue;
		if (rule->flags & RULE_BIDIRECTIONAL)
			b->picked[always++] = i;
		else if (is_narrow(rule->src) && (!is_narrow(rule->dst) || rule->src->count >= rule->dst->count))
			src[src_count++] = i;
		else if (is_narrow(rule->dst))
			dst[dst_count++] = i;
		else
			b->picked[always++] = i;
	}
	b->groups->address_always = rule_list_make(b->region, b->plans, b->picked, always);
	b->good &= address_lists_build(&b->groups->by_src, b->region, b->plans, src, src_count, true) &&
		   address_lists_build(&b->groups->by_dst, b->region, b->plans, dst, dst_count, false);
	free(dst);
}

static bool asks_app(const struct rule *rule)
{
	for (unsigned i = 0; i < rule->test_count; i++)
		if (rule->tests[i].kind == TEST_APP_EVENT && rule->tests[i].app_event.proto == APP_UNKNOWN)
			return true;
	return rule->type == RULE_TYPE_PROTO_ONLY;
}

bool groups_build(
	struct groups *groups, struct prefilter_store *store, struct region *region, const struct plan_set *plans)
{
	uint32_t *fit = calloc(plans->count + 1, sizeof(*fit));
	struct builder b = { groups, store, region, plans, calloc(plans->count + 1, sizeof(uint32_t)), true };
	b.good = fit && b.picked;
	for (unsigned class = 0; b.good && class < PACKET_CLASSES; class ++)
		for (unsigned direction = 0; direction < 2; direction++)
			build_packet_group(&b, class, direction);
	for (unsigned proto = APP_HTTP; b.good && proto < APP_PROTOS_END; proto++)
		for (unsigned direction = 0; direction < 2; direction++)
			build_tx_group(&b, fit, (enum app_proto)proto, (enum direction)direction);
	for (unsigned proto = APP_HTTP; b.good && proto < APP_PROTOS_END; proto++)
		for (unsigned direction = 0; direction < 2; direction++)
			b.good &= frame_group_build(&groups->frames[proto][direction], store, region, plans, b.picked,
				(enum app_proto)proto, (enum direction)direction);
	if (b.good)
		build_address_lists(&b, fit);
	for (uint32_t i = 0; i < plans->count; i++) {
		groups->without_pattern += plans->plans[i].pattern.place == PATTERN_NONE;
		groups->asks_app |= asks_app(plans->plans[i].rule);
	}
	free(fit);
	free(b.picked);
	return b.good && !region->failed;
}
