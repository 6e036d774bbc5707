// SPDX-License-Identifier: GPL-3.0-or-later
// dataset and datarep: sets of values, defined by the rule that names them first or by the setting datasets.NAME, and filled from files.
#include "signatures/rule/keyword.h"
#include "signatures/rule/rule_dataset_build.h"
#include "signatures/rule/rule_text.h"

// What a condition says beside the set's definition.
struct condition {
	struct match_dataset match;
	struct span context_key;
};

static bool key_good(struct span key)
{
	for (uint32_t i = 0; i < key.len; i++)
		if (key.data[i] < 0x20 || key.data[i] > 0x7e || key.data[i] == '"' || key.data[i] == '\\')
			return false;
	return key.len && key.len <= 64 && !span_is(key, "geo");
}

static bool condition_word(struct rule_build *build, struct condition *condition, struct span word, struct span value)
{
	uint8_t op = condition->match.op;
	if (span_is(word, "context_key")) {
		condition->context_key = value;
		return key_good(value) || rule_fail(build, "\"%.*s\" is no context_key", SPAN_ARGS(value));
	}
	if (!span_is(word, "match"))
		return rule_fail(build, "\"%.*s\" is no argument of it", SPAN_ARGS(word));
	condition->match.subdomain = span_is(value, "subdomain");
	if (!condition->match.subdomain && !span_is(value, "exact"))
		return rule_fail(build, "\"%.*s\": expected match exact or subdomain", SPAN_ARGS(value));
	return op == DATASET_ISSET || op == DATASET_ISNOTSET || op == DATASET_SCORE ||
	       rule_fail(build, "match goes with isset and isnotset");
}

// The words after the name: "type string", "load FILE", "match subdomain" ...
static bool words(
	struct rule_build *build, struct span rest, struct condition *condition, struct dataset_definition *definition)
{
	struct span part, word;
	bool known;
	while (text_next(&rest, ',', &part)) {
		if (!text_word(&part, &word))
			return rule_fail(build, "an empty argument");
		if (span_is(word, "enrichment_key"))
			word = span_text("context_key");
		if (!dataset_definition_word(build, definition, word, part, &known) &&
			(known || !condition_word(build, condition, word, part)))
			return false;
	}
	if (definition->format == DATASET_CSV) {
		// A set that was defined before may be in JSON though this rule does not say so
		bool defines =
			definition->has_format || definition->load.len || definition->save.len || definition->state.len;
		return condition->context_key.len == 0 || !defines ||
		       rule_fail(build, "context_key goes with format json or ndjson");
	}
	if (condition->match.op != DATASET_ISSET && condition->match.op != DATASET_ISNOTSET)
		return rule_fail(build, "a set in JSON is read only: isset or isnotset");
	return condition->context_key.len != 0 || rule_fail(build, "a set in JSON needs context_key");
}

static bool match_make(struct rule_build *build, enum match_kind kind, struct condition *condition, struct span rest,
	struct dataset_definition *definition)
{
	if (!build->sticky)
		return rule_fail(build, "needs a sticky buffer before it");
	struct match *match = build_match(build, kind);
	if (!match || !words(build, rest, condition, definition))
		return false;
	struct match_dataset *data = rule_arena_copy(build->arena, &condition->match, sizeof(condition->match));
	match->data = data;
	data->set = rule_dataset_take(build, definition);
	if (data->set && data->subdomain && dataset_type(data->set) != DATASET_STRING)
		return rule_fail(build, "match subdomain goes with type string");
	if (condition->context_key.len && data->op == DATASET_ISSET)
		data->context_key = rule_intern(build, condition->context_key);
	return data->set != NULL;
}

static bool parse_dataset(struct rule_build *build, const struct rule_option *option)
{
	static const struct field_name ops[] = { { "set", DATASET_SET }, { "unset", DATASET_UNSET },
		{ "isset", DATASET_ISSET }, { "isnotset", DATASET_ISNOTSET }, { 0 } };
	struct span rest = option->value, op;
	struct dataset_definition definition = { 0 };
	struct condition condition = { 0 };
	unsigned i = 0;
	if (!text_next(&rest, ',', &op) || !text_next(&rest, ',', &definition.name) || definition.name.len == 0)
		return rule_fail(build, "expected set, unset, isset or isnotset and the name of a set");
	while (ops[i].name && !span_is(op, ops[i].name))
		i++;
	if (!ops[i].name)
		return rule_fail(build, "\"%.*s\": expected set, unset, isset or isnotset", SPAN_ARGS(op));
	condition.match.op = (uint8_t)ops[i].value;
	return match_make(build, MATCH_DATASET, &condition, rest, &definition);
}

static bool parse_datarep(struct rule_build *build, const struct rule_option *option)
{
	struct span rest = option->value, op, score;
	struct dataset_definition definition = { 0 };
	struct condition condition = { .match = { .op = DATASET_SCORE } };
	uint32_t value;
	if (!text_next(&rest, ',', &definition.name) || definition.name.len == 0 || !text_next(&rest, ',', &op) ||
		!text_next(&rest, ',', &score))
		return rule_fail(build, "expected NAME,OPERATOR,SCORE");
	if (!span_is(op, "<") && !span_is(op, ">") && !span_is(op, "=="))
		return rule_fail(build, "\"%.*s\": expected <, > or ==", SPAN_ARGS(op));
	if (!text_u32(score, &value) || value > UINT16_MAX)
		return rule_fail(build, "expected a score of 0 to 65535");
	condition.match.compare = op.data[0];
	condition.match.score = (uint16_t)value;
	return match_make(build, MATCH_DATAREP, &condition, rest, &definition);
}

const struct keyword keywords_dataset[] = {
	{ "dataset", NULL, KEYWORD_NEEDS_VALUE, parse_dataset, 0 },
	{ "datarep", NULL, KEYWORD_NEEDS_VALUE, parse_datarep, 0 },
	{ 0 },
};
