// SPDX-License-Identifier: GPL-3.0-or-later
// Finds who takes an option: a keyword of the language, or a buffer, modifier, number or test of a protocol.
#include "signatures/rule/keyword.h"
#include "decoders/app/app_layer.h"
#include "signatures/rule/rule_dataset_build.h"
#include "signatures/rule/rule_text.h"
#include <stdio.h>

static const struct keyword *const keyword_tables[] = { keywords_content, keywords_meta, keywords_flow, keywords_buffer,
	keywords_state, keywords_packet, keywords_byte, keywords_data, keywords_dataset, keywords_address,
	keywords_frame, NULL };

static char *name_copy(struct span name, char *copy, size_t size)
{
	size_t len = name.len < size ? name.len : size - 1;
	for (size_t i = 0; i < len; i++)
		copy[i] = (char)(name.data[i] >= 'A' && name.data[i] <= 'Z' ? name.data[i] | 0x20 : name.data[i]);
	copy[len] = 0;
	return copy;
}

const struct keyword *keyword_find(struct span name)
{
	for (unsigned t = 0; keyword_tables[t]; t++)
		for (const struct keyword *keyword = keyword_tables[t]; keyword->name; keyword++)
			if (span_is_nocase(name, keyword->name) ||
				(keyword->alias && span_is_nocase(name, keyword->alias)))
				return keyword;
	return NULL;
}

const struct keyword *keyword_of(const struct rule_build *build)
{
	return build->option->keyword;
}

bool keyword_known(struct span name)
{
	char copy[64];
	name_copy(name, copy, sizeof(copy));
	return keyword_find(name) || field_buffer_find(copy) || field_buffer_find_modifier(copy) ||
	       field_number_find(copy) || field_test_find(copy);
}

// Directions a field can be read in (bit 0 to server, bit 1 to client); narrows what the rule can match.
static bool readers_fit(
	struct rule_build *build, unsigned directions, enum app_proto only, unsigned protos, enum field_level level)
{
	if (level == FIELD_PACKET) {
		build->needs_packet = true;
		return true;
	}
	build->field_directions &= (uint8_t)directions;
	// What HTTP has, DNS over HTTP/2 has, and rules for HTTP/2 may ask for what only HTTP/1 has: they load and wait
	if ((only == APP_HTTP1 || only == APP_HTTP) &&
		(build->rule.app_proto == APP_HTTP2 || build->rule.app_proto == APP_DOH2))
		return true;
	if (protos == 1 && only != APP_UNKNOWN)
		return build_app_proto(build, only, "the keyword");
	return true;
}

// What the readers of a field say together. One without is that of a parser to come: its protocol, and either direction.
#define READERS_SUM(field, ended, directions, only, protos)                                                            \
	do {                                                                                                           \
		if (!(field)->readers[0].ended) {                                                                      \
			(directions) = 3;                                                                              \
			(only) = (field)->proto;                                                                       \
			(protos) = 1;                                                                                  \
		}                                                                                                      \
		for (unsigned i_ = 0; (field)->readers[i_].ended; i_++) {                                              \
			(directions) |= 1u << (field)->readers[i_].direction;                                          \
			bool same_ = (only) == (field)->readers[i_].proto ||                                           \
				     app_proto_matches((only), (field)->readers[i_].proto);                            \
			bool http_ =                                                                                   \
				((only) == APP_HTTP1 || (only) == APP_HTTP2 || (only) == APP_HTTP) &&                  \
				((field)->readers[i_].proto == APP_HTTP1 || (field)->readers[i_].proto == APP_HTTP2 || \
					(field)->readers[i_].proto == APP_HTTP);                                       \
			if ((protos) == 0) {                                                                           \
				(only) = (field)->readers[i_].proto;                                                   \
				(protos) = 1;                                                                          \
			} else if (http_) {                                                                            \
				(only) = (only) == (field)->readers[i_].proto ? (only) : APP_HTTP;                     \
			} else if (!same_) {                                                                           \
				(protos)++;                                                                            \
			}                                                                                              \
		}                                                                                                      \
	} while (0)

// "to_server" or "to_client" as the argument of a sticky buffer or the first of a test's. 0 none.
static bool direction_word(struct span text, enum direction *direction)
{
	if (span_is_nocase(text, "to_server") || span_is_nocase(text, "toserver"))
		*direction = TO_SERVER;
	else if (span_is_nocase(text, "to_client") || span_is_nocase(text, "toclient"))
		*direction = TO_CLIENT;
	else
		return false;
	return true;
}

static bool take_buffer(struct rule_build *build, const struct field_buffer *field, const struct rule_option *option)
{
	unsigned directions = 0, protos = 0;
	enum app_proto only = APP_UNKNOWN;
	enum direction direction = TO_SERVER;
	bool has_direction = option->value.len && direction_word(option->value, &direction);
	if (option->value.len && !has_direction)
		return rule_fail(build, "takes no argument but to_server or to_client");
	READERS_SUM(field, get, directions, only, protos);
	if (has_direction && !(directions & 1u << direction))
		return rule_fail(build, "is not there in that direction");
	if (has_direction)
		directions = 1u << direction;
	return readers_fit(build, directions, only, protos, field->level) &&
	       build_sticky(build, field, has_direction, direction);
}

static bool take_modifier(struct rule_build *build, const struct field_buffer *field, const struct rule_option *option)
{
	unsigned directions = 0, protos = 0;
	enum app_proto only = APP_UNKNOWN;
	if (option->value.data)
		return rule_fail(build, "takes no argument");
	if (build->sticky)
		return rule_fail(
			build, "cannot be used after a sticky buffer: pkt_data leaves that, or use %s", field->name);
	struct match *match = build_last_content(build, field->modifier);
	if (!match)
		return false;
	const struct build_buffer *last = &build->buffers[build->match_buffer[build->last_content]];
	if (last->place == PLACE_FIELD && last->field == field)
		return true; // said twice
	if (last->place != PLACE_PAYLOAD)
		return rule_fail(build, "the content before it already has a buffer");
	READERS_SUM(field, get, directions, only, protos);
	int buffer = build_buffer_of(build, field);
	if (buffer < 0 || !readers_fit(build, directions, only, protos, field->level))
		return false;
	build->match_buffer[build->last_content] = (uint8_t)buffer;
	return true;
}

// "to_client, rest": cuts the direction off.
static bool leading_direction(struct span *text, enum direction *direction)
{
	uint32_t comma = span_find(*text, ',', 0);
	if (!direction_word(text_trim(span_slice(*text, 0, comma)), direction))
		return false;
	*text = text_trim(span_from(*text, comma < text->len ? comma + 1 : comma));
	return true;
}

static bool index_of(struct span text, int32_t *out)
{
	int64_t index;
	if (!text_i64(text, &index) || index > INT32_MAX || index < -INT32_MAX)
		return false;
	*out = (int32_t)index;
	return true;
}

// "2:-1": which of the values are looked at.
static bool slice_of(struct span text, struct rule_number *number)
{
	uint32_t colon = span_find(text, ':', 0);
	number->sliced = true;
	return colon < text.len && index_of(text_trim(span_slice(text, 0, colon)), &number->from) &&
	       index_of(text_trim(span_from(text, colon + 1)), &number->to);
}

// "all", "nb>2", "-1" ... after the number, for fields of several values. NULL when good, else the reason.
static const char *number_how(struct span text, struct rule_number *number)
{
	static const struct field_name words[] = { { "any", NUMBER_ANY }, { "or_absent", NUMBER_ANY_OR_ABSENT },
		{ "all", NUMBER_ALL }, { "all1", NUMBER_ALL }, { "all_or_absent", NUMBER_ALL_OR_ABSENT }, { NULL, 0 } };
	static const char wrong[] =
		"expected any, all, or_absent, all_or_absent, an index or nb and a comparison after the \",\"";
	bool negated = false;
	for (unsigned i = 0; words[i].name; i++)
		if (span_is(text, words[i].name)) {
			number->how = (uint8_t)words[i].value;
			return NULL;
		}
	if (span_starts(text, "nb")) {
		number->how = NUMBER_TIMES;
		return text_number_match(span_from(text, 2), 32, NULL, false, &number->amount, &negated) || negated
			       ? wrong
			       : NULL;
	}
	bool or_absent = span_starts(text, "oob_or");
	if (!index_of(text_trim(span_from(text, or_absent ? 6 : 0)), &number->index))
		return wrong;
	number->how = or_absent ? NUMBER_INDEX_OR_ABSENT : NUMBER_INDEX;
	return NULL;
}

// "fin,!comp": which of the named bits are set. False: a name is none of the field's, or given twice.
static bool bits_of(struct span text, bool first_negated, const struct field_number *field, struct number_match *out)
{
	struct span part;
	bool any = field->flags & FIELD_BITS_ANY, not = first_negated;
	*out = (struct number_match) { .op = any ? OP_AND : OP_MASK_EQ };
	for (unsigned count = 0; text_next(&text, ',', &part); count++, not = false) {
		const struct field_name *name = field->names;
		if (!not &&part.len && part.data[0] == '!') {
			not = true;
			part = text_trim(span_from(part, 1));
		}
		while (name->name && !span_is_nocase(part, name->name))
			name++;
		if (!name->name || (out->low & name->value) || (any && not ))
			return false;
		out->low |= name->value;
		out->high |= not || any ? 0 : name->value;
	}
	return out->low != 0;
}

// What the number is compared with: everything after a direction.
static const char *number_read(struct span text, struct rule_number *number)
{
	const struct field_number *field = number->field;
	unsigned bits = field->bits ? field->bits : 64;
	bool flags = field->flags & (FIELD_BITS | FIELD_BITS_ANY);
	if (flags && bits_of(text, number->negated, field, &number->match)) {
		number->negated = false;
		return NULL;
	}
	if ((field->flags & FIELD_MULTI) && !flags) {
		uint32_t comma = span_find(text, ',', 0);
		struct span rest = span_from(text, comma);
		bool counts = span_starts(text, "count");
		if (counts && !rest.len) {
			number->how = NUMBER_COUNT;
			return text_number_match(
				span_from(text, 5), 32, NULL, false, &number->amount, &number->negated);
		}
		struct span how = span_from(rest, 1), slice = span_from(how, span_find(how, ',', 0));
		const char *reason =
			rest.len ? number_how(text_trim(span_slice(how, 0, how.len - slice.len)), number) : NULL;
		if (reason)
			return reason;
		if (slice.len && !slice_of(text_trim(span_from(slice, 1)), number))
			return "expected FROM:TO, two indices, after the second \",\"";
		text = text_trim(span_slice(text, 0, comma));
	}
	return text_number_match(text, bits, flags ? NULL : field->names, true, &number->match, &number->negated);
}

static bool take_number(struct rule_build *build, const struct field_number *field, const struct rule_option *option)
{
	unsigned directions = 0, protos = 0;
	enum app_proto only = APP_UNKNOWN;
	if (build->number_count == BUILD_NUMBERS_MAX)
		return rule_fail(build, "more than %d numbers in one rule", BUILD_NUMBERS_MAX);
	struct rule_number *number = &build->numbers[build->number_count++];
	struct span text = option->value;
	enum direction direction = TO_SERVER;
	*number = (struct rule_number) { .field = field, .negated = option->negated };
	if (text.len == 0)
		return rule_fail(build, "expected a number");
	number->has_direction = leading_direction(&text, &direction);
	number->direction = (uint8_t)direction;
	const char *reason = number_read(text, number);
	if (reason)
		return rule_fail(build, "%s", reason);
	READERS_SUM(field, get, directions, only, protos);
	return readers_fit(build, number->has_direction ? 1u << direction : directions, only, protos, field->level);
}

// Turns the name of a file into its path; a "!" in front stays.
static bool file_argument(struct rule_build *build, char *argument, size_t size)
{
	size_t negation = argument[0] == '!';
	char path[2048];
	struct span name = text_trim(span_text(argument + negation));
	if (!rule_path_read(build, name, path, sizeof(path)))
		return false;
	int len = snprintf(argument + negation, size - negation, "%s", path);
	return (len > 0 && (size_t)len < size - negation) || rule_fail(build, "the name of the file is too long");
}

static bool take_test(struct rule_build *build, const struct field_test *field, const struct rule_option *option)
{
	unsigned directions = 0, protos = 0;
	enum app_proto only = APP_UNKNOWN;
	if (build->field_test_count == BUILD_NUMBERS_MAX)
		return rule_fail(build, "more than %d tests in one rule", BUILD_NUMBERS_MAX);
	struct rule_field_test *test = &build->field_tests[build->field_test_count++];
	bool own = option->negated && field->own_negation;
	*test = (struct rule_field_test) { .field = field, .negated = option->negated && !own };
	struct span text = option->value;
	enum direction direction = TO_SERVER;
	if (field->no_argument && text.len)
		return rule_fail(build, "takes no argument");
	test->has_direction = !field->own_direction && leading_direction(&text, &direction);
	test->direction = (uint8_t)direction;
	char copy[2048] = "!";
	if (text.len + own >= sizeof(copy))
		return rule_fail(build, "an argument of at most %zu bytes", sizeof(copy) - 1 - own);
	if (text.len)
		memcpy(copy + own, text.data, text.len);
	copy[text.len + own] = 0;
	if (field->names_file && !file_argument(build, copy, sizeof(copy)))
		return false;
	test->data = rule_arena_take(build->arena, FIELD_TEST_BYTES);
	const char *reason = field->parse ? field->parse(copy, test->data) : NULL;
	if (reason)
		return rule_fail(build, "%s", reason);
	if (field->release)
		rule_keep_test(build, test);
	READERS_SUM(field, match, directions, only, protos);
	return readers_fit(build, test->has_direction ? 1u << direction : directions, only, protos, field->level);
}

static bool take_keyword(struct rule_build *build, const struct keyword *keyword, const struct rule_option *option)
{
	if ((keyword->flags & KEYWORD_NEEDS_VALUE) && option->value.len == 0)
		return rule_fail(build, "needs an argument");
	if ((keyword->flags & KEYWORD_NO_VALUE) && option->value.len)
		return rule_fail(build, "takes no argument");
	if (keyword->flags & KEYWORD_PACKET)
		build->needs_packet = true;
	if (!(keyword->flags & KEYWORD_IP_ONLY))
		build->more_than_address = true;
	return keyword->parse(build, option);
}

static bool take_option(struct rule_build *build, const struct rule_option *option)
{
	char name[64];
	const struct field_buffer *buffer;
	const struct field_number *number;
	const struct field_test *test;
	if (option->keyword)
		return take_keyword(build, option->keyword, option);
	build->more_than_address = true;
	name_copy(option->name, name, sizeof(name));
	if ((number = field_number_find(name)))
		return take_number(build, number, option);
	if ((test = field_test_find(name)))
		return take_test(build, test, option);
	if ((buffer = field_buffer_find_modifier(name)))
		return take_modifier(build, buffer, option);
	if ((buffer = field_buffer_find(name)))
		return take_buffer(build, buffer, option);
	return rule_fail(build, "unknown keyword \"%s\"", name);
}

bool rule_keywords_apply(struct rule_build *build)
{
	// requires comes before everything else, wherever it stands: the rest may be unknown to us
	static const char *const first[] = { "sid", "gid", "rev", "requires" };
	for (unsigned pass = 0; pass < 2; pass++) {
		for (unsigned i = 0; i < build->option_count; i++) {
			const struct rule_option *option = &build->options[i];
			bool early = false;
			for (unsigned k = 0; k < sizeof(first) / sizeof(first[0]); k++)
				early = early || span_is_nocase(option->name, first[k]);
			if (early != (pass == 0))
				continue;
			build->option = option;
			if (!take_option(build, option))
				return false;
			if (build->skip)
				return true;
		}
	}
	build->option = NULL;
	build->error.column = 0;
	return true;
}
