// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/check/explain.h"
#include <stdio.h>
#include "decoders/app/app_layer.h"
#include "signatures/engine/plan.h"

struct explain {
	const struct rule_set *set;
	struct region region;
	struct plan_set plans;
};

static const struct {
	uint16_t bit;
	const char *name;
} classes[] = { { RULE_PROTO_TCP, "tcp" }, { RULE_PROTO_UDP, "udp" }, { RULE_PROTO_ICMP, "icmp" },
	{ RULE_PROTO_ICMPV6, "icmpv6" }, { RULE_PROTO_SCTP, "sctp" }, { RULE_PROTO_OTHER, "other IP protocols" },
	{ RULE_PROTO_NON_IP, "not IP" } };
#define CLASSES (sizeof(classes) / sizeof(classes[0]))

static const char *const sides[] = { "to the server", "to the client" };

struct explain *explain_new(const struct rule_set *set)
{
	struct explain *explain = calloc(1, sizeof(*explain));
	if (!explain)
		return NULL;
	explain->set = set;
	if (plans_build(&explain->plans, &explain->region, set))
		return explain;
	explain_free(explain);
	return NULL;
}

void explain_free(struct explain *explain)
{
	if (!explain)
		return;
	plans_free(&explain->plans);
	region_free(&explain->region);
	free(explain);
}

static bool address_alone(const struct plan *plan)
{
	return plan->rule->type == RULE_TYPE_IP_ONLY;
}

// Is the plan in the packet group of a class and direction, found there in the same way as like?
static bool shares_packets(const struct plan *plan, const struct plan *like, uint16_t bit, unsigned direction)
{
	return plan->rule->proto_bits & bit && plan->directions & 1u << direction &&
	       plan->pattern.place == like->pattern.place && !address_alone(plan) &&
	       (plan->pattern.place != PATTERN_FIELD || plan->pattern.key == like->pattern.key) &&
	       (plan->pattern.place != PATTERN_NONE || plan->tx == like->tx);
}

static uint32_t count_packets(const struct explain *explain, const struct plan *like, uint16_t bit, unsigned direction)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < explain->plans.count; i++)
		count += shares_packets(&explain->plans.plans[i], like, bit, direction);
	return count;
}

static unsigned packet_groups(
	const struct explain *explain, const struct plan *plan, struct explain_group *groups, unsigned max)
{
	const char *how = plan->pattern.place == PATTERN_PAYLOAD ? "literals in payload and stream"
			  : plan->pattern.place == PATTERN_FIELD ? explain->plans.keys[plan->pattern.key].field->name
								 : "rules without a literal";
	unsigned count = 0;
	for (unsigned c = 0; c < CLASSES; c++)
		for (unsigned d = 0; d < 2 && count < max; d++) {
			if (!shares_packets(plan, plan, classes[c].bit, d))
				continue;
			struct explain_group *group = &groups[count++];
			snprintf(group->text, sizeof(group->text), "packets %s %s: %s", classes[c].name, sides[d], how);
			group->rules = count_packets(explain, plan, classes[c].bit, d);
		}
	return count;
}

static bool shares_tx(const struct explain *explain, const struct plan *plan, const struct plan *like,
	enum app_proto proto, enum direction direction)
{
	return plan->tx && plan->pattern.place == like->pattern.place &&
	       (plan->pattern.place != PATTERN_TX || plan->pattern.key == like->pattern.key) &&
	       plan_fits_tx(&explain->plans, plan, proto, direction);
}

static unsigned tx_groups(
	const struct explain *explain, const struct plan *plan, struct explain_group *groups, unsigned max)
{
	unsigned count = 0;
	for (unsigned p = 0; p < APP_PROTOS_END; p++)
		for (unsigned d = 0; d < 2 && count < max; d++) {
			enum app_proto proto = (enum app_proto)p;
			if (!shares_tx(explain, plan, plan, proto, (enum direction)d))
				continue;
			struct explain_group *group = &groups[count++];
			const char *how = plan->pattern.place == PATTERN_TX
						  ? explain->plans.keys[plan->pattern.key].field->name
						  : "rules without a literal of transactions";
			snprintf(group->text, sizeof(group->text), "transactions %s %s: %s%s", app_proto_name(proto),
				sides[d], plan->pattern.place == PATTERN_TX ? "literals in " : "", how);
			group->rules = 0;
			for (uint32_t i = 0; i < explain->plans.count; i++)
				group->rules +=
					shares_tx(explain, &explain->plans.plans[i], plan, proto, (enum direction)d);
		}
	return count;
}

unsigned explain_groups(
	const struct explain *explain, const struct rule *rule, struct explain_group *groups, unsigned max)
{
	const struct plan *plan = &explain->plans.plans[rule->index];
	if (address_alone(plan) && max) {
		snprintf(groups->text, sizeof(groups->text), "addresses: asked once a flow and direction");
		groups->rules = 0;
		for (uint32_t i = 0; i < explain->plans.count; i++)
			groups->rules += address_alone(&explain->plans.plans[i]);
		return 1;
	}
	if (plan->pattern.place == PATTERN_TX || (plan->tx && plan->pattern.place == PATTERN_NONE))
		return tx_groups(explain, plan, groups, max);
	return packet_groups(explain, plan, groups, max);
}

static const struct match_content *content_of(
	const struct rule *rule, struct span bytes, unsigned *buffer, unsigned *all)
{
	const struct match_content *found = NULL;
	*all = 0;
	for (unsigned b = 0; b < rule->buffer_count; b++)
		for (unsigned i = 0; i < rule->buffers[b].match_count; i++) {
			const struct match *match = &rule->buffers[b].matches[i];
			const struct match_content *content = &match->content;
			if (match->kind != MATCH_CONTENT || match->negated)
				continue;
			++*all;
			if (!found && bytes.data >= content->bytes.data &&
				bytes.data < content->bytes.data + content->bytes.len) {
				found = content;
				*buffer = b;
			}
		}
	return found;
}

struct explain_pattern explain_pattern(const struct explain *explain, const struct rule *rule)
{
	const struct plan *plan = &explain->plans.plans[rule->index];
	struct explain_pattern out = { .some = plan->pattern.place != PATTERN_NONE };
	unsigned contents;
	if (!out.some) {
		out.why = address_alone(plan) ? "asks for addresses alone, which are looked up"
			  : plan->tx          ? "none: tried on every transaction of its protocol its header fits"
					      : "none: tried on every packet its header fits";
		return out;
	}
	const struct match_content *content = content_of(rule, plan->pattern.bytes, &out.buffer, &contents);
	out.bytes = plan->pattern.bytes;
	out.nocase = plan->pattern.nocase;
	out.max_end = plan->pattern.max_end;
	out.why = content && content->fast_pattern ? "the rule names it (fast_pattern)"
		  : contents == 1                  ? "the only content that is not negated"
		  : plan->pattern.place == PATTERN_TX
			  ? "the best of its contents by length, rarity and spread of bytes; those of transactions "
			    "come first"
			  : "the best of its contents by length, rarity and spread of bytes";
	return out;
}

static bool is_of_buffer(const struct rule *rule, const struct rule_part *part, unsigned buffer)
{
	if (part->kind != PART_BUFFER && part->kind != PART_MATCH)
		return false;
	return part->index == buffer || (rule->buffers[part->index].place == PLACE_BASE64 &&
						rule->buffers[part->index].base64_of == (int16_t)buffer);
}

// Is it asked of the same thing (packet, transaction) as buffer?
static bool is_beside(const struct rule *rule, const struct rule_part *part, unsigned buffer)
{
	bool packet = rule->buffers[buffer].field->level == FIELD_PACKET;
	switch (part->kind) {
	case PART_BUFFER:
	case PART_MATCH:
		return rule->buffers[part->index].place == PLACE_FIELD &&
		       (rule->buffers[part->index].field->level == FIELD_PACKET) == packet;
	case PART_NUMBER: return (rule->numbers[part->index].field->level == FIELD_PACKET) == packet;
	case PART_FIELD_TEST: return (rule->field_tests[part->index].field->level == FIELD_PACKET) == packet;
	default: return false;
	}
}

unsigned explain_order(const struct explain *explain, const struct rule *rule, struct rule_part *out, unsigned max)
{
	struct explain_pattern pattern = explain_pattern(explain, rule);
	struct rule_part parts[RULE_PARTS_MAX];
	unsigned count = rule_parts(rule, parts, RULE_PARTS_MAX), first = 0, used = 0;
	if (!pattern.some || rule->buffers[pattern.buffer].place != PLACE_FIELD)
		return rule_parts(rule, out, max);
	while (first < count && !is_beside(rule, &parts[first], pattern.buffer))
		first++;
	for (unsigned pass = 0; pass < 3; pass++) // before, the pattern's buffer, the rest
		for (unsigned i = 0; i < count && used < max; i++) {
			unsigned place = is_of_buffer(rule, &parts[i], pattern.buffer) ? 1 : i < first ? 0 : 2;
			if (place == pass)
				out[used++] = parts[i];
		}
	return used;
}

const char *explain_type(const struct rule *rule)
{
	static const char *const types[] = { [RULE_TYPE_PACKET] = "single packets",
		[RULE_TYPE_IP_ONLY] = "addresses, once a flow and direction",
		[RULE_TYPE_LIKE_IP_ONLY] = "addresses, on every packet",
		[RULE_TYPE_EVENT_ONLY] = "events of the decoder",
		[RULE_TYPE_PROTO_ONLY] = "the application protocol, when it is found out",
		[RULE_TYPE_STREAM] = "the reassembled stream",
		[RULE_TYPE_PACKET_STREAM] = "packets and the reassembled stream",
		[RULE_TYPE_APP] = "packets of flows of its protocol",
		[RULE_TYPE_TX] = "transactions" };
	return rule->type < sizeof(types) / sizeof(types[0]) ? types[rule->type] : "?";
}
