// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/engine/plan.h"
#include "decoders/app/app_layer.h"
#include "signatures/rule/rule_set.h"

static bool transforms_equal(const struct transform *a, const struct transform *b, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (a[i].kind != b[i].kind || !span_equal(a[i].argument, b[i].argument) || a[i].bytes != b[i].bytes ||
			a[i].offset != b[i].offset || a[i].mode != b[i].mode)
			return false;
	return true;
}

// A reader knows the transactions of its own protocol only.
static void key_readers(struct buffer_key *key)
{
	for (const struct field_reader *reader = key->field->readers; reader && reader->get; reader++)
		for (unsigned proto = 0; proto < APP_PROTOS_END; proto++)
			if (reader->proto == (enum app_proto)proto ||
				(field_reads(reader->proto, (enum app_proto)proto) &&
					!key->readers[proto][reader->direction]))
				key->readers[proto][reader->direction] = reader;
}

// Number of the key of a rule's buffer; made when it is new.
static uint16_t key_of(struct plan_set *plans, const struct rule_buffer *buffer)
{
	for (uint32_t i = 0; i < plans->key_count; i++) {
		const struct buffer_key *key = &plans->keys[i];
		if (key->field == buffer->field && key->transform_count == buffer->transform_count &&
			transforms_equal(key->transforms, buffer->transforms, buffer->transform_count))
			return (uint16_t)i;
	}
	if (plans->key_count == UINT16_MAX)
		return 0;
	if ((plans->key_count & (plans->key_count - 1)) == 0) {
		uint32_t room = plans->key_count ? plans->key_count * 2 : 1;
		struct buffer_key *grown = realloc(plans->keys, room * sizeof(*grown));
		if (!grown)
			return 0;
		plans->keys = grown;
	}
	struct buffer_key *key = &plans->keys[plans->key_count];
	*key = (struct buffer_key) {
		.field = buffer->field, .transforms = buffer->transforms, .transform_count = buffer->transform_count
	};
	key_readers(key);
	return (uint16_t)plans->key_count++;
}

// Where the rule's payload conditions are looked for. Packets that no stream carries are always looked at.
static uint8_t payload_of(const struct rule *rule)
{
	bool some = false;
	for (unsigned i = 0; i < rule->buffer_count; i++)
		some |= rule->buffers[i].place == PLACE_PAYLOAD;
	if (!some)
		return 0;
	if (!(rule->flags & RULE_HAS_STREAM))
		return PAYLOAD_PACKET;
	return rule->flags & RULE_HAS_PACKET ? PAYLOAD_PACKET | PAYLOAD_STREAM : PAYLOAD_STREAM;
}

static void add_condition(
	struct plan *plan, struct condition *tx, struct condition *packet, bool is_tx, struct condition condition)
{
	if (is_tx && plan->tx_count < CONDITIONS_MAX)
		tx[plan->tx_count++] = condition;
	else if (!is_tx && plan->packet_count < CONDITIONS_MAX)
		packet[plan->packet_count++] = condition;
}

static void collect_conditions(struct plan_set *plans, struct plan *plan, struct condition *tx,
	struct condition *packet, struct condition *frame)
{
	const struct rule *rule = plan->rule;
	if (rule->hook.set)
		add_condition(plan, tx, packet, true, (struct condition) { .kind = CONDITION_HOOK });
	for (unsigned i = 0; i < rule->buffer_count; i++) {
		const struct rule_buffer *buffer = &rule->buffers[i];
		if (buffer->place == PLACE_FIELD && buffer->field->level == FIELD_FRAME) {
			if (plan->frame_count < CONDITIONS_MAX)
				frame[plan->frame_count++] = (struct condition) {
					.kind = CONDITION_BUFFER, .index = (uint16_t)i, .key = key_of(plans, buffer)
				};
		} else if (buffer->place == PLACE_FIELD)
			add_condition(plan, tx, packet, buffer->field->level != FIELD_PACKET,
				(struct condition) { .kind = CONDITION_BUFFER,
					.body = buffer->field->level == FIELD_BODY,
					.index = (uint16_t)i,
					.key = key_of(plans, buffer) });
	}
	for (unsigned i = 0; i < rule->number_count; i++)
		add_condition(plan, tx, packet, rule->numbers[i].field->level != FIELD_PACKET,
			(struct condition) { .kind = CONDITION_NUMBER, .index = (uint16_t)i });
	for (unsigned i = 0; i < rule->field_test_count; i++)
		add_condition(plan, tx, packet, rule->field_tests[i].field->level != FIELD_PACKET,
			(struct condition) { .kind = CONDITION_TEST, .index = (uint16_t)i });
	for (unsigned i = 0; i < rule->test_count; i++)
		if (rule->tests[i].kind == TEST_APP_EVENT && rule->tests[i].app_event.proto != APP_UNKNOWN)
			add_condition(plan, tx, packet, true,
				(struct condition) { .kind = CONDITION_EVENT, .index = (uint16_t)i });
		else if (rule->tests[i].kind == TEST_APP_STATE)
			add_condition(plan, tx, packet, true,
				(struct condition) { .kind = CONDITION_STATE, .index = (uint16_t)i });
}

static void header_masks(struct plan *plan)
{
	const struct rule *rule = plan->rule;
	static const struct {
		uint64_t flag;
		uint32_t need, refuse;
	} masks[] = {
		{ RULE_FLOW_TO_SERVER, TRAIT_FLOW | TRAIT_TO_SERVER, 0 },
		{ RULE_FLOW_TO_CLIENT, TRAIT_FLOW | TRAIT_TO_CLIENT, 0 },
		{ RULE_FLOW_ESTABLISHED, TRAIT_FLOW | TRAIT_ESTABLISHED, 0 },
		{ RULE_FLOW_NOT_ESTABLISHED, TRAIT_FLOW, TRAIT_ESTABLISHED },
		{ RULE_IPV4_ONLY, TRAIT_IPV4, 0 },
		{ RULE_IPV6_ONLY, TRAIT_IPV6, 0 },
		{ RULE_ONLY_FRAG, TRAIT_FRAGMENT, 0 },
		{ RULE_NO_FRAG, 0, TRAIT_FRAGMENT },
	};
	for (unsigned i = 0; i < sizeof(masks) / sizeof(*masks); i++)
		if (rule->flags & masks[i].flag) {
			plan->need |= masks[i].need;
			plan->refuse |= masks[i].refuse;
		}
	if (rule->flags & RULE_TX_BIDIRECTIONAL) // its direction is the transaction's
		plan->need &= ~(uint32_t)(TRAIT_TO_SERVER | TRAIT_TO_CLIENT);
	plan->directions = 3;
	if ((plan->need & (TRAIT_TO_SERVER | TRAIT_TO_CLIENT)) == TRAIT_TO_SERVER)
		plan->directions = 1;
	else if ((plan->need & (TRAIT_TO_SERVER | TRAIT_TO_CLIENT)) == TRAIT_TO_CLIENT)
		plan->directions = 2;
}

static uint16_t clamped(uint64_t value)
{
	return value < UINT16_MAX ? (uint16_t)value : UINT16_MAX;
}

// A payload longer than what 16 bits hold counts as that long.
static void narrow_sizes(struct plan *plan, const struct number_match *number)
{
	uint64_t min = 0, max = UINT16_MAX;
	switch (number->op) {
	case OP_EQ: min = max = number->low; break;
	case OP_LT: max = number->low ? number->low - 1 : 0; break;
	case OP_LE: max = number->low; break;
	case OP_GT: min = number->low + 1; break;
	case OP_GE: min = number->low; break;
	case OP_RANGE:
		min = number->low + 1;
		max = number->high ? number->high - 1 : 0;
		break;
	default: return;
	}
	plan->size_min = clamped(min) > plan->size_min ? clamped(min) : plan->size_min;
	plan->size_max = clamped(max) < plan->size_max ? clamped(max) : plan->size_max;
}

uint16_t plan_proto_bit(uint64_t proto)
{
	switch (proto) {
	case PROTO_TCP: return RULE_PROTO_TCP;
	case PROTO_UDP: return RULE_PROTO_UDP;
	case PROTO_ICMP: return RULE_PROTO_ICMP;
	case PROTO_ICMPV6: return RULE_PROTO_ICMPV6;
	case PROTO_SCTP: return RULE_PROTO_SCTP;
	default: return RULE_PROTO_OTHER;
	}
}

// What conditions say of every packet they can hold for, known before any of them is looked at.
static void narrow_packets(struct plan *plan)
{
	const struct rule *rule = plan->rule;
	plan->proto_bits = rule->proto_bits;
	plan->size_max = UINT16_MAX;
	for (unsigned i = 0; i < rule->test_count; i++) {
		const struct rule_test *test = &rule->tests[i];
		if (test->negated)
			continue;
		if (test->kind == TEST_IP_PROTO && test->number.op == OP_EQ)
			plan->proto_bits &= plan_proto_bit(test->number.low);
		if (test->kind == TEST_DSIZE)
			narrow_sizes(plan, &test->number);
	}
	if (rule->app_proto != APP_UNKNOWN && !app_proto_matches(rule->app_proto, APP_UNKNOWN))
		plan->need |= TRAIT_APP;
}

static uint16_t address_id(struct plan_set *plans, const struct address_set *set)
{
	// Sets are shared between rules, so that the newest ones are the likely ones.
	for (uint32_t i = plans->address_count; i > 0; i--)
		if (plans->addresses[i - 1] == set)
			return (uint16_t)(i - 1);
	if (plans->address_count == UINT16_MAX)
		return UINT16_MAX;
	if ((plans->address_count & (plans->address_count - 1)) == 0) {
		uint32_t room = plans->address_count ? plans->address_count * 2 : 1;
		const struct address_set **grown = realloc(plans->addresses, room * sizeof(*grown));
		if (!grown)
			return UINT16_MAX;
		plans->addresses = grown;
	}
	plans->addresses[plans->address_count] = set;
	return (uint16_t)plans->address_count++;
}

static bool plan_fill(struct plan_set *plans, struct plan *plan, struct region *region, const struct rule *rule)
{
	struct condition tx[CONDITIONS_MAX], packet[CONDITIONS_MAX], frame[CONDITIONS_MAX];
	plan->rule = rule;
	collect_conditions(plans, plan, tx, packet, frame);
	plan->tx = plan->tx_count != 0;
	plan->tx_conditions = region_copy(region, tx, plan->tx_count * sizeof(*tx));
	plan->packet_conditions = region_copy(region, packet, plan->packet_count * sizeof(*packet));
	plan->frame_conditions = region_copy(region, frame, plan->frame_count * sizeof(*frame));
	if (region->failed)
		return false;
	plan->payload = payload_of(rule);
	header_masks(plan);
	narrow_packets(plan);
	plan->src_id = address_id(plans, rule->src);
	plan->dst_id = address_id(plans, rule->dst);
	plan->whole_flow = plan->frame_count || rule->type == RULE_TYPE_IP_ONLY ||
			   rule->type == RULE_TYPE_LIKE_IP_ONLY || rule->type == RULE_TYPE_PROTO_ONLY ||
			   rule->type == RULE_TYPE_APP || rule->type == RULE_TYPE_TX;
	plan_choose_pattern(plan);
	return true;
}

bool plans_build(struct plan_set *plans, struct region *region, const struct rule_set *set)
{
	plans->count = set->count;
	plans->plans = region_take(region, set->count * sizeof(*plans->plans));
	for (uint32_t i = 0; plans->plans && i < set->count; i++)
		if (!plan_fill(plans, &plans->plans[i], region, set->rules[i]))
			return false;
	return plans->plans != NULL;
}

void plans_free(struct plan_set *plans)
{
	free(plans->keys);
	free(plans->addresses);
}

// What asks for all values, or how many there are, is told once no more will come.
static uint8_t number_progress(const struct rule_number *number, const struct field_number_reader *reader)
{
	const struct app_parser *parser = number->how == NUMBER_ANY ? NULL : app_parser_of(reader->proto);
	uint8_t complete = parser ? parser->complete[reader->direction] : 0;
	return complete > reader->progress ? complete : reader->progress;
}

bool condition_readable(const struct plan_set *plans, const struct rule *rule, const struct condition *condition,
	enum app_proto proto, enum direction direction, uint8_t *progress)
{
	*progress = 0;
	switch (condition->kind) {
	case CONDITION_BUFFER: {
		const struct rule_buffer *buffer = &rule->buffers[condition->index];
		const struct field_reader *reader = plans->keys[condition->key].readers[proto][direction];
		if (!reader || (buffer->has_direction && buffer->direction != direction))
			return false;
		*progress = reader->progress;
		return true;
	}
	case CONDITION_NUMBER:
		if (rule->numbers[condition->index].has_direction &&
			rule->numbers[condition->index].direction != direction)
			return false;
		for (const struct field_number_reader *reader = rule->numbers[condition->index].field->readers;
			reader && reader->get; reader++)
			if (field_reads(reader->proto, proto) && reader->direction == direction) {
				*progress = number_progress(&rule->numbers[condition->index], reader);
				return true;
			}
		return false;
	case CONDITION_TEST:
		if (rule->field_tests[condition->index].has_direction &&
			rule->field_tests[condition->index].direction != direction)
			return false;
		for (const struct field_test_reader *reader = rule->field_tests[condition->index].field->readers;
			reader && reader->match; reader++)
			if (field_reads(reader->proto, proto) && reader->direction == direction) {
				*progress = reader->progress;
				return true;
			}
		return false;
	case CONDITION_STATE: {
		const struct rule_test *test = &rule->tests[condition->index];
		// Before it: looked at from the start; at or past it: once it is reached
		*progress = test->app_state.op == OP_LT
				    ? 0
				    : (uint8_t)(test->app_state.progress + (test->app_state.op == OP_GT));
		return test->app_state.direction == direction;
	}
	case CONDITION_HOOK: *progress = rule->hook.progress; return rule->hook.direction == direction;
	default: return field_reads(rule->tests[condition->index].app_event.proto, proto);
	}
}

bool plan_fits_tx(const struct plan_set *plans, const struct plan *plan, enum app_proto proto, enum direction direction)
{
	const struct rule *rule = plan->rule;
	bool both = rule->flags & RULE_TX_BIDIRECTIONAL, some = false;
	uint8_t progress;
	if (!plan->tx || !(plan->directions & 1u << direction))
		return false;
	if (rule->app_proto != APP_UNKNOWN && !app_proto_matches(rule->app_proto, proto))
		return false;
	for (unsigned i = 0; i < plan->tx_count; i++) {
		bool here = condition_readable(plans, rule, &plan->tx_conditions[i], proto, direction, &progress);
		if (!here && !(both && condition_readable(plans, rule, &plan->tx_conditions[i], proto,
					       direction_other(direction), &progress)))
			return false;
		some |= here;
	}
	return some;
}
