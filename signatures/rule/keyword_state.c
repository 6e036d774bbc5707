// SPDX-License-Identifier: GPL-3.0-or-later
// Keywords that remember: flow bits and integers, bits of hosts and pairs, thresholds, tags.
#include "signatures/rule/keyword.h"
#include "signatures/rule/rule_text.h"

static const struct field_name bit_ops[] = { { "set", BIT_SET }, { "unset", BIT_UNSET }, { "isset", BIT_ISSET },
	{ "isnotset", BIT_ISNOTSET }, { "toggle", BIT_TOGGLE }, { 0 } };

static int name_find(const struct field_name *names, struct span text)
{
	for (unsigned i = 0; names[i].name; i++)
		if (span_is_nocase(text, names[i].name))
			return (int)names[i].value;
	return -1;
}

static struct rule_test *bit_test(struct rule_build *build, int op, enum test_kind kind)
{
	return op == BIT_ISSET || op == BIT_ISNOTSET ? build_test(build, kind) : build_action(build, kind);
}

static bool parse_flowbits(struct rule_build *build, const struct rule_option *option)
{
	struct span rest = option->value, word, name;
	if (!text_next(&rest, ',', &word))
		return rule_fail(build, "expected what to do");
	if (span_is_nocase(word, "noalert")) {
		if (rest.len)
			return rule_fail(build, "noalert takes no name");
		build->rule.flags |= RULE_NOALERT;
		return true;
	}
	int op = name_find(bit_ops, word);
	if (op < 0)
		return rule_fail(
			build, "\"%.*s\": expected set, unset, isset, isnotset, toggle or noalert", SPAN_ARGS(word));
	rest = text_trim(rest);
	if (rest.len == 0 || span_find(rest, ',', 0) < rest.len)
		return rule_fail(build, "expected one name of a bit, or several with | between them");
	struct rule_test *test = bit_test(build, op, TEST_FLOWBITS);
	if (!test)
		return false;
	uint16_t bits[64];
	unsigned count = 0;
	while (text_next(&rest, '|', &name)) {
		if (name.len == 0 || memchr(name.data, ' ', name.len))
			return rule_fail(build, "\"%.*s\" is no name of a bit", SPAN_ARGS(name));
		if (count == sizeof(bits) / sizeof(bits[0]))
			return rule_fail(build, "more than 64 bits in one list");
		bits[count++] = (uint16_t)rule_names_add(&build->own->flowbits, name);
	}
	if (count > 1 && op != BIT_ISSET && op != BIT_ISNOTSET)
		return rule_fail(build, "only isset and isnotset take several names");
	test->flowbits.op = (uint8_t)op;
	test->flowbits.count = (uint8_t)count;
	test->flowbits.bits = rule_arena_copy(build->arena, bits, count * sizeof(bits[0]));
	return true;
}

static bool parse_flowint(struct rule_build *build, const struct rule_option *option)
{
	static const struct field_name ops[] = { { "=", INT_SET }, { "+", INT_ADD }, { "-", INT_SUB }, { "<", INT_LT },
		{ "<=", INT_LE }, { "==", INT_EQ }, { "!=", INT_NE }, { ">=", INT_GE }, { ">", INT_GT },
		{ "isset", INT_ISSET }, { "notset", INT_NOTSET }, { "isnotset", INT_NOTSET }, { 0 } };
	struct span rest = option->value, name, word, value = { NULL, 0 };
	if (!text_next(&rest, ',', &name) || name.len == 0 || !text_next(&rest, ',', &word))
		return rule_fail(build, "expected NAME,OPERATOR[,VALUE]");
	int op = name_find(ops, word);
	if (op < 0)
		return rule_fail(build, "\"%.*s\" is no operator", SPAN_ARGS(word));
	struct rule_test *test = op == INT_SET || op == INT_ADD || op == INT_SUB ? build_action(build, TEST_FLOWINT)
										 : build_test(build, TEST_FLOWINT);
	if (!test)
		return false;
	test->flowint.op = (uint8_t)op;
	test->flowint.var = (uint16_t)rule_names_add(&build->own->flowvars, name);
	test->flowint.other = RULE_NO_VAR;
	bool takes_value = op != INT_ISSET && op != INT_NOTSET;
	if (text_next(&rest, ',', &value) != takes_value || (takes_value && value.len == 0))
		return rule_fail(build,
			takes_value ? "expected a number or the name of a variable" : "isset and notset take no value");
	if (!takes_value)
		return true;
	uint32_t number;
	if (text_u32(value, &number))
		test->flowint.value = number;
	else
		test->flowint.other = (int32_t)rule_names_add(&build->own->flowvars, value);
	return true;
}

// NAME,CONTENT: looked for in what a pcre captured under that name.
static bool parse_variable(struct rule_build *build, const struct rule_option *option)
{
	uint32_t comma = span_find(option->value, ',', 0), len = 0;
	struct span name = text_trim(span_slice(option->value, 0, comma));
	struct span text =
		text_unquote(text_trim(span_from(option->value, comma < option->value.len ? comma + 1 : comma)));
	uint8_t bytes[1024];
	if (name.len == 0 || text.len == 0)
		return rule_fail(build, "expected NAME,\"CONTENT\"");
	if (text.len > sizeof(bytes))
		return rule_fail(build, "a content of at most %zu bytes", sizeof(bytes));
	if (!rule_content_bytes(build, text, bytes, &len))
		return false;
	struct rule_test *test = build_test(build, (enum test_kind)keyword_of(build)->detail);
	if (!test)
		return false;
	test->negated = option->negated;
	test->variable.var = (uint16_t)rule_names_add(&build->own->flowvars, name);
	test->variable.bytes = span_of(rule_arena_text(build->arena, span_of(bytes, len)), len);
	return true;
}

enum { XBITS, HOSTBITS };

static bool parse_xbits(struct rule_build *build, const struct rule_option *option)
{
	static const struct field_name tracks[] = { { "ip_src", 0 }, { "ip_dst", 1 }, { "ip_pair", 2 }, { "both", 3 },
		{ "tx", 4 }, { "src", 0 }, { "dst", 1 }, { 0 } };
	bool host = keyword_of(build)->detail == HOSTBITS;
	struct span rest = option->value, word, name, part;
	if (!text_next(&rest, ',', &word))
		return rule_fail(build, "expected what to do");
	if (span_is_nocase(word, "noalert")) {
		build->rule.flags |= RULE_NOALERT;
		return true;
	}
	int op = name_find(bit_ops, word);
	if (op < 0 || !text_next(&rest, ',', &name) || name.len == 0)
		return rule_fail(build, "expected set, unset, isset, isnotset or toggle and the name of a bit");
	struct rule_test *test = bit_test(build, op, TEST_XBITS);
	if (!test)
		return false;
	test->xbits.op = (uint8_t)op;
	test->xbits.expire_s = host ? 300 : 30;
	bool tracked = host;
	while (text_next(&rest, ',', &part)) {
		uint32_t expire;
		int track = -1;
		text_word(&part, &word);
		if (span_is_nocase(word, "expire")) {
			if (!text_u32(part, &expire) || expire == 0)
				return rule_fail(build, "expected seconds after expire");
			test->xbits.expire_s = expire;
			continue;
		}
		if (host && text_u32(word, &expire)) {
			test->xbits.expire_s = expire;
			continue;
		}
		track = span_is_nocase(word, "track") ? name_find(tracks, part) : host ? name_find(tracks, word) : -1;
		if (track < 0)
			return rule_fail(build,
				"\"%.*s\": expected track ip_src, ip_dst, ip_pair or tx, or expire SECONDS",
				SPAN_ARGS(word));
		test->xbits.track = (uint8_t)track;
		tracked = true;
	}
	test->xbits.bit = (uint16_t)rule_names_add(&build->own->xbits, name);
	return tracked || rule_fail(build, "expected track ip_src, ip_dst, ip_pair or tx");
}

static const struct field_name threshold_tracks[] = { { "by_src", TRACK_SRC }, { "by_dst", TRACK_DST },
	{ "by_both", TRACK_BOTH }, { "by_rule", TRACK_RULE }, { "by_flow", TRACK_FLOW }, { 0 } };

static struct rule_threshold *threshold_add(struct rule_build *build)
{
	for (unsigned i = 0; i < build->threshold_count; i++)
		if (build->thresholds[i].type == THRESHOLD_DETECTION) {
			rule_fail(build, "detection_filter does not go with another threshold");
			return NULL;
		}
	if (build->threshold_count == BUILD_THRESHOLDS_MAX) {
		rule_fail(build, "more than %d thresholds in one rule", BUILD_THRESHOLDS_MAX);
		return NULL;
	}
	struct rule_threshold *threshold = &build->thresholds[build->threshold_count++];
	*threshold = (struct rule_threshold) { 0 };
	return threshold;
}

// threshold and detection_filter: words with a value each, in any order.
static bool threshold_arguments(
	struct rule_build *build, struct span rest, struct rule_threshold *threshold, bool detection)
{
	static const struct field_name types[] = { { "limit", THRESHOLD_LIMIT }, { "threshold", THRESHOLD_THRESHOLD },
		{ "both", THRESHOLD_BOTH }, { "backoff", THRESHOLD_BACKOFF }, { 0 } };
	enum { TYPE = 1, TRACK = 2, COUNT = 4, SECONDS = 8, MULTIPLIER = 16 };
	unsigned seen = 0;
	struct span part, word;
	while (text_next(&rest, ',', &part)) {
		if (!text_word(&part, &word))
			return rule_fail(build, "an empty argument");
		bool good = false;
		unsigned bit = 0;
		int value = -1;
		if (span_is_nocase(word, "type") && !detection) {
			bit = TYPE;
			good = (value = name_find(types, part)) >= 0;
			threshold->type = (uint8_t)value;
		} else if (span_is_nocase(word, "track")) {
			bit = TRACK;
			good = (value = name_find(threshold_tracks, part)) >= 0;
			threshold->track = (uint8_t)value;
		} else if (span_is_nocase(word, "count")) {
			bit = COUNT;
			good = text_u32(part, &threshold->count) && threshold->count > 0;
		} else if (span_is_nocase(word, "seconds")) {
			bit = SECONDS;
			good = text_u32(part, &threshold->seconds) && threshold->seconds > 0;
		} else if (span_is_nocase(word, "multiplier") && !detection) {
			bit = MULTIPLIER;
			good = text_u32(part, &threshold->multiplier) && threshold->multiplier > 0;
		}
		if (!good)
			return rule_fail(build, "\"%.*s %.*s\" is no argument of it", SPAN_ARGS(word), SPAN_ARGS(part));
		if (seen & bit)
			return rule_fail(build, "%.*s is given twice", SPAN_ARGS(word));
		seen |= bit;
	}
	bool backoff = threshold->type == THRESHOLD_BACKOFF && !detection;
	unsigned want = (detection ? 0u : (unsigned)TYPE) | TRACK | COUNT |
			(backoff ? (unsigned)MULTIPLIER : (unsigned)SECONDS);
	if ((seen & want) != want)
		return rule_fail(build, detection ? "expected track, count and seconds"
						  : "expected type, track, count and seconds (backoff: multiplier)");
	return true;
}

static bool parse_threshold(struct rule_build *build, const struct rule_option *option)
{
	struct rule_threshold *threshold = threshold_add(build);
	return threshold && threshold_arguments(build, option->value, threshold, false);
}

static bool parse_detection_filter(struct rule_build *build, const struct rule_option *option)
{
	if (build->threshold_count)
		return rule_fail(build, "detection_filter does not go with another threshold");
	struct rule_threshold *threshold = threshold_add(build);
	if (!threshold || !threshold_arguments(build, option->value, threshold, true))
		return false;
	threshold->type = THRESHOLD_DETECTION;
	return true;
}

static bool parse_tag(struct rule_build *build, const struct rule_option *option)
{
	static const struct field_name metrics[] = { { "packets", 0 }, { "seconds", 1 }, { "bytes", 2 }, { 0 } };
	struct rule_tag *tag = rule_arena_take(build->arena, sizeof(*tag));
	struct span rest = option->value, part;
	text_next(&rest, ',', &part);
	tag->type = span_is_nocase(part, "host") ? 1 : 0;
	if (!tag->type && !span_is_nocase(part, "session"))
		return rule_fail(build, "expected session or host");
	tag->count = 256;
	if (text_next(&rest, ',', &part) && !text_u32(part, &tag->count))
		return rule_fail(build, "\"%.*s\": expected a number", SPAN_ARGS(part));
	if (text_next(&rest, ',', &part)) {
		int metric = name_find(metrics, part);
		if (metric < 0)
			return rule_fail(build, "\"%.*s\": expected packets, seconds or bytes", SPAN_ARGS(part));
		tag->metric = (uint8_t)metric;
	}
	if (text_next(&rest, ',', &part)) {
		tag->direction = span_is_nocase(part, "dst") ? 1 : 0;
		if (!tag->type || (!tag->direction && !span_is_nocase(part, "src")))
			return rule_fail(build, "\"%.*s\": host takes src or dst, session nothing", SPAN_ARGS(part));
	} else if (tag->type) {
		return rule_fail(build, "host takes src or dst at its end");
	}
	build->rule.tag = tag;
	return true;
}

const struct keyword keywords_state[] = {
	{ "flowbits", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_QUOTES | KEYWORD_IP_ONLY, parse_flowbits, 0 },
	{ "flowint", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_QUOTES, parse_flowint, 0 },
	{ "flowvar", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_NEGATABLE, parse_variable, TEST_FLOWVAR },
	{ "pktvar", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_NEGATABLE | KEYWORD_PACKET, parse_variable, TEST_PKTVAR },
	{ "xbits", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_QUOTES | KEYWORD_IP_ONLY, parse_xbits, XBITS },
	{ "hostbits", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_QUOTES | KEYWORD_IP_ONLY, parse_xbits, HOSTBITS },
	{ "threshold", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_IP_ONLY, parse_threshold, 0 },
	{ "detection_filter", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_IP_ONLY, parse_detection_filter, 0 },
	{ "tag", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_IP_ONLY, parse_tag, 0 },
	{ 0 },
};
