// SPDX-License-Identifier: GPL-3.0-or-later
// Rules on frames, by protocol and direction: one database a frame type and its transforms, and the rules without a literal.
#include "signatures/engine/group.h"
#include "signatures/field/frame.h"

static const struct frame_field *field_of(const struct plan *plan)
{
	return frame_field_of(plan->rule->buffers[plan->frame_conditions[0].index].field);
}

static bool fits(const struct plan *plan, enum app_proto proto, enum direction direction)
{
	return plan->frame_count && plan->directions & 1u << direction && field_of(plan)->proto == proto;
}

// Rules of one key with a literal (with false: without, of that frame type) into picked.
static uint32_t pick(const struct plan_set *plans, uint32_t *picked, enum app_proto proto, enum direction direction,
	bool literal, uint32_t which)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < plans->count; i++) {
		const struct plan *plan = &plans->plans[i];
		if (!fits(plan, proto, direction) || (plan->pattern.place == PATTERN_FRAME) != literal)
			continue;
		if (literal ? plan->pattern.key == which : field_of(plan)->type == which)
			picked[count++] = i;
	}
	return count;
}

bool frame_group_build(struct frame_group *group, struct prefilter_store *store, struct region *region,
	const struct plan_set *plans, uint32_t *picked, enum app_proto proto, enum direction direction)
{
	for (uint32_t i = 0; i < plans->count; i++)
		if (fits(&plans->plans[i], proto, direction))
			group->types |= FRAME_TYPE_BIT(field_of(&plans->plans[i])->type);
	if (!group->types)
		return true;
	group->engines = region_take(region, (plans->key_count + FRAME_TYPES_MAX) * sizeof(*group->engines));
	if (!group->engines)
		return false;
	for (uint32_t key = 0; key < plans->key_count; key++) {
		uint32_t count = pick(plans, picked, proto, direction, true, key);
		if (count == 0)
			continue;
		struct frame_engine *engine = &group->engines[group->count++];
		engine->type = frame_field_of(plans->keys[key].field)->type;
		engine->key = (uint16_t)key;
		engine->prefilter = prefilter_add(store, region, plans, picked, count);
		if (!engine->prefilter)
			return false;
	}
	for (unsigned bit = 0; bit < FRAME_TYPES_MAX; bit++) {
		uint8_t type = bit == FRAME_TYPES_MAX - 1 ? FRAME_STREAM : (uint8_t)bit;
		uint32_t count = pick(plans, picked, proto, direction, false, type);
		if (count == 0)
			continue;
		struct frame_engine *engine = &group->engines[group->count++];
		*engine = (struct frame_engine) {
			.type = type, .rules = region_copy(region, picked, count * sizeof(*picked)), .count = count
		};
	}
	return !region->failed;
}
