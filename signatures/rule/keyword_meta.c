// SPDX-License-Identifier: GPL-3.0-or-later
// Keywords that say what a rule is, not what it matches: sid, msg, classtype, references, metadata, and what is done on a match.
#include "signatures/rule/keyword.h"
#include "signatures/rule/rule_text.h"
#include <stdio.h>

enum { SID, GID, REV };

static bool parse_id(struct rule_build *build, const struct rule_option *option)
{
	uint32_t value;
	int which = keyword_of(build)->detail;
	for (const struct rule_option *before = build->options; before < option; before++)
		if (before->keyword == option->keyword)
			return rule_fail(build, "given twice");
	if (!text_u32(option->value, &value) || (which == SID && value == 0))
		return rule_fail(build, "expected a number %s4294967295", which == SID ? "from 1 to " : "up to ");
	uint32_t *to = which == SID ? &build->rule.sid : which == GID ? &build->rule.gid : &build->rule.rev;
	*to = value;
	return true;
}

static bool parse_msg(struct rule_build *build, const struct rule_option *option)
{
	char text[2048];
	uint32_t n = 0;
	struct span value = option->value;
	if (value.len >= sizeof(text))
		return rule_fail(build, "a message has at most %zu bytes", sizeof(text) - 1);
	for (uint32_t i = 0; i < value.len; i++) {
		if (value.data[i] == '\\' && i + 1 < value.len && strchr(":;\"\\", value.data[i + 1]))
			i++;
		text[n++] = (char)value.data[i];
	}
	if (build->rule.msg)
		return rule_fail(build, "given twice");
	build->rule.msg = rule_arena_text(build->arena, span_of(text, n));
	return true;
}

static bool parse_classtype(struct rule_build *build, const struct rule_option *option)
{
	if (option->value.len == 0)
		return rule_fail(build, "expected the name of a class");
	const struct rule_class *class = rule_class_find(build->own, option->value);
	if (!class) {
		rule_warn(build, "unknown class \"%.*s\": priority 3 is used", SPAN_ARGS(option->value));
		struct rule_class *fresh = rule_arena_take(build->arena, sizeof(*fresh));
		fresh->priority = 3;
		fresh->description = "Unknown Classtype";
		uint32_t number = rule_names_add(&build->own->classes, option->value);
		fresh->name = build->own->classes.names[number];
		build->own->classes.values[number] = fresh;
		class = fresh;
	}
	struct rule *rule = &build->rule;
	if (build->has_classtype) {
		rule_warn(build, "a second class; the one with the better priority stays");
		if (class->priority >= rule->priority)
			return true;
	}
	build->has_classtype = true;
	rule->classtype = class->name;
	rule->category = class->description;
	if (!build->has_priority)
		rule->priority = class->priority;
	return true;
}

static bool parse_priority(struct rule_build *build, const struct rule_option *option)
{
	uint32_t value;
	if (!text_u32(option->value, &value) || value > 255)
		return rule_fail(build, "expected a number from 0 to 255");
	if (build->has_priority)
		rule_warn(build, "a second priority; the last one stays");
	build->has_priority = true;
	build->rule.priority = (uint8_t)value;
	return true;
}

static bool parse_reference(struct rule_build *build, const struct rule_option *option)
{
	struct span rest = option->value, key;
	if (!text_next(&rest, ',', &key) || key.len == 0 || text_trim(rest).len == 0)
		return rule_fail(build, "expected KEY,TEXT");
	if (build->reference_count == BUILD_PAIRS_MAX)
		return rule_fail(build, "more than %d references", BUILD_PAIRS_MAX);
	char lower[64];
	uint32_t len = key.len < sizeof(lower) ? key.len : (uint32_t)sizeof(lower);
	for (uint32_t i = 0; i < len; i++)
		lower[i] = (char)(key.data[i] >= 'A' && key.data[i] <= 'Z' ? key.data[i] | 0x20 : key.data[i]);
	uint32_t number = rule_names_find(&build->own->references, span_of(lower, len));
	if (number == UINT32_MAX)
		return rule_fail(build, "unknown reference \"%.*s\": the keys are those of the reference config",
			SPAN_ARGS(key));
	struct rule_pair *pair = &build->references[build->reference_count++];
	pair->key = build->own->references.values[number];
	pair->value = rule_intern(build, text_unquote(text_trim(rest)));
	return true;
}

static bool parse_metadata(struct rule_build *build, const struct rule_option *option)
{
	struct span rest = option->value, part, key;
	while (text_next(&rest, ',', &part)) {
		if (!text_word(&part, &key))
			continue;
		if (build->metadata_count == BUILD_PAIRS_MAX)
			return rule_fail(build, "more than %d pairs", BUILD_PAIRS_MAX);
		struct rule_pair *pair = &build->metadata[build->metadata_count++];
		pair->key = rule_intern(build, key);
		pair->value = rule_intern(build, part);
	}
	return true;
}

static bool parse_target(struct rule_build *build, const struct rule_option *option)
{
	bool source = span_is_nocase(option->value, "src_ip"), destination = span_is_nocase(option->value, "dest_ip");
	if (!source && !destination)
		return rule_fail(build, "expected src_ip or dest_ip");
	if (build->rule.flags & (RULE_TARGET_SRC | RULE_TARGET_DST))
		return rule_fail(build, "a rule has one target");
	build->rule.flags |= source ? RULE_TARGET_SRC : RULE_TARGET_DST;
	return true;
}

static bool parse_noalert(struct rule_build *build, const struct rule_option *option)
{
	(void)option;
	build->rule.flags |= RULE_NOALERT;
	return true;
}

static bool parse_alert(struct rule_build *build, const struct rule_option *option)
{
	(void)option;
	build->has_alert = true;
	build->rule.flags &= ~(uint64_t)RULE_NOALERT;
	return true;
}

static bool parse_bypass(struct rule_build *build, const struct rule_option *option)
{
	(void)option;
	build->rule.flags |= RULE_BYPASS;
	return true;
}

// The test or content just before is the one the prefilter asks first; only noted, the engine chooses.
static bool parse_prefilter(struct rule_build *build, const struct rule_option *option)
{
	(void)option;
	if (build->option == build->options)
		return rule_fail(build, "needs a keyword before it");
	build->rule.flags |= RULE_PREFILTER;
	return true;
}

// "logging disable, type tx|flow, scope tx|flow|packet"
static bool parse_config(struct rule_build *build, const struct rule_option *option)
{
	struct span rest = option->value, part, word, value;
	bool logging = false, typed = false, scoped = false;
	struct rule_config_action *config = rule_arena_take(build->arena, sizeof(*config));
	while (text_next(&rest, ',', &part)) {
		if (!text_word(&part, &word) || !text_word(&part, &value) || part.len)
			return rule_fail(build, "expected \"logging disable, type tx, scope tx\"");
		bool tx = span_is(value, "tx"), flow = span_is(value, "flow");
		if (span_is(word, "logging") && span_is(value, "disable") && !logging) {
			logging = true;
		} else if (span_is(word, "type") && (tx || flow) && !typed) {
			typed = true;
			config->type = flow ? CONFIG_FLOW : CONFIG_TX;
		} else if (span_is(word, "scope") && (tx || flow || span_is(value, "packet")) && !scoped) {
			scoped = true;
			config->scope = flow ? CONFIG_FLOW : CONFIG_TX;
		} else {
			return rule_fail(
				build, "\"%.*s %.*s\" is nothing that can be set", SPAN_ARGS(word), SPAN_ARGS(value));
		}
	}
	if (!logging || !typed || !scoped)
		return rule_fail(build, "expected logging disable, a type and a scope");
	build->rule.config = config;
	return true;
}

// MARK[/MASK] for packets that go back to the kernel.
static bool parse_mark(struct rule_build *build, const struct rule_option *option)
{
	struct span rest = option->value, mark, mask;
	build->rule.mark_mask = UINT32_MAX;
	if (!text_next(&rest, '/', &mark) || !text_u32(mark, &build->rule.mark))
		return rule_fail(build, "expected MARK/MASK");
	if (text_next(&rest, '/', &mask) && (!text_u32(mask, &build->rule.mark_mask) || !build->rule.mark_mask))
		return rule_fail(build, "\"%.*s\" is no mask", SPAN_ARGS(mask));
	return true;
}

// --- requires: features, version and keywords of the sensor a rule asks for. Unmet: the rule is not for us.

// "8.0.1" as one comparable number.
static bool version_number(struct span text, uint32_t *out)
{
	uint32_t parts[3] = { 0 }, n = 0;
	struct span part;
	while (text_next(&text, '.', &part) && n < 3) {
		uint32_t dash = span_find(part, '-', 0);
		if (!text_u32(span_slice(part, 0, dash), &parts[n++]) || parts[n - 1] > 255)
			return false;
	}
	*out = parts[0] << 16 | parts[1] << 8 | parts[2];
	return n > 0;
}

#define SPOKEN_VERSION (8u << 16 | 0 << 8 | 7) // of the rule language: Suricata 8.0.7

// ">= 7.0.3 < 8" joined by "|" for alternatives.
static bool version_met(struct rule_build *build, struct span text, bool *met)
{
	struct span alternative, word;
	*met = false;
	while (text_next(&text, '|', &alternative)) {
		bool all = true;
		while (text_word(&alternative, &word)) {
			uint32_t ops = 0, want;
			while (ops < word.len && strchr("<>=", word.data[ops]))
				ops++;
			struct span op = span_slice(word, 0, ops), number = span_from(word, ops);
			if (number.len == 0 && !text_word(&alternative, &number))
				return rule_fail(build, "expected a version after the operator");
			if (!version_number(number, &want))
				return rule_fail(build, "\"%.*s\" is no version", SPAN_ARGS(number));
			if (span_is(op, "<"))
				all = all && SPOKEN_VERSION < want;
			else if (span_is(op, "<="))
				all = all && SPOKEN_VERSION <= want;
			else if (span_is(op, ">"))
				all = all && SPOKEN_VERSION > want;
			else if (span_is(op, ">="))
				all = all && SPOKEN_VERSION >= want;
			else
				return rule_fail(build, "expected <, <=, > or >= before a version");
		}
		*met = *met || all;
	}
	return true;
}

static bool parse_requires(struct rule_build *build, const struct rule_option *option)
{
	static const char *const features[] = { "output::file-store", "true", "magic", "md5", "hs", NULL };
	struct span rest = option->value, part, word;
	while (text_next(&rest, ',', &part)) {
		bool met = false;
		if (!text_word(&part, &word))
			return rule_fail(build, "an empty argument");
		if (span_is(word, "version")) {
			if (!version_met(build, part, &met))
				return false;
		} else if (span_is(word, "feature")) {
			for (unsigned i = 0; features[i]; i++)
				met = met || span_is_nocase(part, features[i]);
		} else if (span_is(word, "keyword")) {
			met = keyword_known(part);
		} else if (span_is(word, "var") || span_is(word, "file")) {
			met = false;
		} else {
			met = false; // what we do not know we do not have
		}
		if (!met)
			build->skip = true;
	}
	return true;
}

const struct keyword keywords_meta[] = {
	{ "sid", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_QUOTES | KEYWORD_IP_ONLY, parse_id, SID },
	{ "gid", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_QUOTES | KEYWORD_IP_ONLY, parse_id, GID },
	{ "rev", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_QUOTES | KEYWORD_IP_ONLY, parse_id, REV },
	{ "msg", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_QUOTES | KEYWORD_MUST_QUOTE | KEYWORD_IP_ONLY, parse_msg, 0 },
	{ "classtype", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_QUOTES | KEYWORD_IP_ONLY, parse_classtype, 0 },
	{ "priority", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_QUOTES | KEYWORD_IP_ONLY, parse_priority, 0 },
	{ "reference", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_IP_ONLY, parse_reference, 0 },
	{ "metadata", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_IP_ONLY, parse_metadata, 0 },
	{ "target", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_IP_ONLY, parse_target, 0 },
	{ "noalert", NULL, KEYWORD_NO_VALUE | KEYWORD_IP_ONLY, parse_noalert, 0 },
	{ "alert", NULL, KEYWORD_NO_VALUE | KEYWORD_IP_ONLY, parse_alert, 0 },
	{ "bypass", NULL, KEYWORD_NO_VALUE, parse_bypass, 0 },
	{ "prefilter", NULL, KEYWORD_NO_VALUE, parse_prefilter, 0 },
	{ "requires", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_IP_ONLY, parse_requires, 0 },
	{ "config", NULL, KEYWORD_NEEDS_VALUE, parse_config, 0 },
	{ "nfq_set_mark", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_IP_ONLY, parse_mark, 0 },
	{ 0 },
};
