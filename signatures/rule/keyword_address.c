// SPDX-License-Identifier: GPL-3.0-or-later
// iprep and geoip: what lists and a country database say of a packet's addresses.
#include <stdio.h>
#include <stdlib.h>
#include "decoders/base/option.h"
#include "signatures/operand/geo_country.h"
#include "signatures/operand/ip_reputation.h"
#include "signatures/rule/keyword.h"
#include "signatures/rule/rule_address_test.h"
#include "signatures/rule/rule_dataset_build.h"
#include "signatures/rule/rule_text.h"

// Lists -------------------------------------------------------------------------------------------------------------------------------

static bool load_lines(struct rule_set_private *own, const char *path,
	const char *(*take)(struct ip_reputation *reputation, struct span line))
{
	size_t len;
	char *text = rule_read_list(own, path, &len);
	if (!text)
		return false;
	struct span rest = span_of(text, len), line;
	for (uint32_t number = 1; text_line(&rest, &line); number++) {
		const char *reason = line.len ? take(own->reputation, line) : NULL;
		if (reason)
			rule_report(own, path, number, false, "%s; the line is left out", reason);
	}
	free(text);
	return true;
}

bool rule_reputation_load(struct rule_set_private *own)
{
	const struct rule_options *options = &own->options;
	const struct option_list *files = options->reputation_files;
	if (!options->reputation_categories)
		return true;
	own->reputation = ip_reputation_new();
	if (!own->reputation || !load_lines(own, options->reputation_categories, ip_reputation_category_line))
		return false;
	for (size_t i = 0; files && i < files->count; i++) {
		const char *name = files->values[i], *folder = options->reputation_path;
		char path[4096];
		snprintf(path, sizeof(path), "%s%s%s", folder && name[0] != '/' ? folder : "",
			folder && name[0] != '/' ? "/" : "", name);
		if (!load_lines(own, path, ip_reputation_line))
			return false;
	}
	return true;
}

// Keywords ----------------------------------------------------------------------------------------------------------------------------

static bool side_of(struct span text, uint8_t *side)
{
	static const char *const sides[] = {
		[SIDE_ANY] = "any", [SIDE_SRC] = "src", [SIDE_DST] = "dst", [SIDE_BOTH] = "both"
	};
	for (uint8_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
		if (span_is(text, sides[i])) {
			*side = i;
			return true;
		}
	return false;
}

static bool iprep_compare(struct rule_build *build, struct iprep_test *test, struct span op, struct span rest)
{
	static const struct field_name ops[] = { { "<", OP_LT }, { "<=", OP_LE }, { ">", OP_GT }, { ">=", OP_GE },
		{ "=", OP_EQ }, { "==", OP_EQ }, { "!=", OP_NE }, { "!", OP_NE }, { 0 } };
	struct span part;
	uint32_t value;
	unsigned i = 0;
	test->isnotset = span_is(op, "isnotset");
	if (test->isnotset || span_is(op, "isset")) {
		test->number = (struct number_match) { .op = OP_GE };
		return rest.len == 0 || rule_fail(build, "nothing comes after isset and isnotset");
	}
	while (ops[i].name && !span_is(op, ops[i].name))
		i++;
	if (!ops[i].name)
		return rule_fail(build, "\"%.*s\": expected <, <=, >, >=, =, isset or isnotset", SPAN_ARGS(op));
	if (!text_next(&rest, ',', &part) || !text_u32(part, &value) || value > IP_REPUTATION_SCORE_MAX || rest.len)
		return rule_fail(build, "expected a score of 0 to 127");
	test->number = (struct number_match) { .op = (uint8_t)ops[i].value, .low = value };
	return true;
}

static bool parse_iprep(struct rule_build *build, const struct rule_option *option)
{
	struct span rest = option->value, side, category, op;
	struct iprep_test *iprep = rule_arena_take(build->arena, sizeof(*iprep));
	if (!text_next(&rest, ',', &side) || !text_next(&rest, ',', &category) || !text_next(&rest, ',', &op) ||
		!side_of(side, &iprep->side))
		return rule_fail(build, "expected any, src, dst or both, a category, an operator and a score");
	iprep->reputation = build->own->reputation;
	if (!iprep->reputation)
		return rule_fail(build, "no categories are configured (reputation-categories-file)");
	if (!ip_reputation_category(iprep->reputation, category, &iprep->category))
		return rule_fail(build, "\"%.*s\" is no category of reputation-categories-file", SPAN_ARGS(category));
	if (!iprep_compare(build, iprep, op, rest))
		return false;
	struct rule_test *test = build_test(build, TEST_IPREP);
	if (test)
		test->data = iprep;
	return test != NULL;
}

static const struct geo_country *geo_of(struct rule_build *build)
{
	struct rule_set_private *own = build->own;
	const char *path = own->options.geoip_database;
	char error[200];
	if (!own->geo && !path)
		rule_fail(build, "no country database is configured (geoip-database)");
	else if (!own->geo && !(own->geo = geo_country_new(path, error, sizeof(error))))
		rule_fail(build, "geoip-database %.80s: %.120s", path, error);
	return own->geo;
}

static bool country_add(struct rule_build *build, struct geoip_test *geoip, struct span code)
{
	if (code.len && code.data[0] == '!') {
		geoip->negated = true;
		code = text_trim(span_from(code, 1));
	}
	if (code.len != 2)
		return rule_fail(build, "\"%.*s\": expected a country as two letters", SPAN_ARGS(code));
	if (geoip->count == GEOIP_COUNTRIES_MAX)
		return rule_fail(build, "more than %d countries", GEOIP_COUNTRIES_MAX);
	for (unsigned i = 0; i < 2; i++)
		geoip->codes[geoip->count][i] = (char)(code.data[i] >= 'a' ? code.data[i] - 0x20 : code.data[i]);
	geoip->count++;
	return true;
}

static bool parse_geoip(struct rule_build *build, const struct rule_option *option)
{
	struct span rest = option->value, part;
	struct geoip_test *geoip = rule_arena_take(build->arena, sizeof(*geoip));
	for (bool first = true; text_next(&rest, ',', &part); first = false)
		if (!(first && side_of(part, &geoip->side)) && !country_add(build, geoip, part))
			return false;
	if (geoip->count == 0)
		return rule_fail(build, "expected any, src, dst or both, and countries as two letters");
	geoip->geo = geo_of(build);
	struct rule_test *test = geoip->geo ? build_test(build, TEST_GEOIP) : NULL;
	if (test)
		test->data = geoip;
	return test != NULL;
}

const struct keyword keywords_address[] = {
	{ "geoip", NULL, KEYWORD_NEEDS_VALUE, parse_geoip, 0 },
	{ "iprep", NULL, KEYWORD_NEEDS_VALUE | KEYWORD_IP_ONLY, parse_iprep, 0 },
	{ 0 },
};
