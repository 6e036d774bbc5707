// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/rule/rule_build.h"
#include <stdarg.h>
#include <stdio.h>

static void fail_v(struct rule_build *build, const char *format, va_list args)
{
	vsnprintf(build->error.reason, sizeof(build->error.reason), format, args);
	for (char *at = build->error.reason; *at; at++)
		if ((unsigned char)*at < ' ')
			*at = ' ';
	const struct rule_option *option = build->option;
	if (option) {
		build->error.column = option->offset + 1;
		snprintf(build->error.keyword, sizeof(build->error.keyword), "%.*s", SPAN_ARGS(option->name));
	}
}

bool rule_fail(struct rule_build *build, const char *format, ...)
{
	if (build->error.reason[0])
		return false;
	va_list args;
	va_start(args, format);
	fail_v(build, format, args);
	va_end(args);
	return false;
}

void rule_warn(struct rule_build *build, const char *format, ...)
{
	struct rule_error kept = build->error;
	va_list args;
	va_start(args, format);
	fail_v(build, format, args);
	va_end(args);
	build->error.warning = true;
	build->error.file = build->file;
	build->error.line = build->line;
	build->error.sid = build->rule.sid;
	if (build->own->options.on_error)
		build->own->options.on_error(build->own->options.on_error_context, &build->error);
	build->error = kept;
}

const char *rule_intern(struct rule_build *build, struct span text)
{
	return rule_names_keep(&build->own->strings, text);
}

void rule_keep_test(struct rule_build *build, const struct rule_field_test *test)
{
	struct rule_set_private *own = build->own;
	if (own->kept_test_count == own->kept_test_room) {
		own->kept_test_room = own->kept_test_room ? own->kept_test_room * 2 : 64;
		own->kept_tests = rule_realloc(own->kept_tests, own->kept_test_room * sizeof(*own->kept_tests));
	}
	own->kept_tests[own->kept_test_count++] = *test;
}

static bool transforms_equal(const struct build_buffer *a, const struct build_buffer *b)
{
	if (a->transform_count != b->transform_count)
		return false;
	for (unsigned i = 0; i < a->transform_count; i++) {
		const struct transform *x = &a->transforms[i], *y = &b->transforms[i];
		if (x->kind != y->kind || x->mode != y->mode || x->bytes != y->bytes || x->offset != y->offset ||
			!span_equal(x->argument, y->argument))
			return false;
	}
	return true;
}

static bool buffers_equal(const struct build_buffer *a, const struct build_buffer *b)
{
	return a->place == b->place && a->field == b->field && a->has_direction == b->has_direction &&
	       a->direction == b->direction && a->base64_of == b->base64_of && transforms_equal(a, b);
}

static int buffer_add(struct rule_build *build, const struct build_buffer *buffer, bool share)
{
	for (unsigned i = 0; share && i < build->buffer_count; i++)
		if (buffers_equal(&build->buffers[i], buffer))
			return (int)i;
	if (build->buffer_count == BUILD_BUFFERS_MAX) {
		rule_fail(build, "more than %d buffers in one rule", BUILD_BUFFERS_MAX);
		return -1;
	}
	build->buffers[build->buffer_count] = *buffer;
	return (int)build->buffer_count++;
}

int build_buffer_of(struct rule_build *build, const struct field_buffer *field)
{
	struct build_buffer buffer = { .place = PLACE_FIELD, .field = field, .base64_of = -1 };
	return buffer_add(build, &buffer, true);
}

// Number of the buffer conditions go to now; -1 with the reason noted.
static int build_current(struct rule_build *build)
{
	if (build->has_pending) {
		bool several = build->pending.place == PLACE_FIELD && (build->pending.field->flags & FIELD_MULTI);
		build->current = buffer_add(build, &build->pending, !several);
		build->has_pending = false;
	}
	if (build->current < 0) {
		struct build_buffer payload = { .place = PLACE_PAYLOAD, .base64_of = -1 };
		build->current = buffer_add(build, &payload, true);
	}
	return build->current;
}

static bool pending_start(struct rule_build *build, const struct build_buffer *buffer)
{
	if (build->has_pending)
		return rule_fail(build, "the buffer named before (%s) has no condition",
			build->pending.field                   ? build->pending.field->name
			: build->pending.place == PLACE_BASE64 ? "base64_data"
							       : "pkt_data");
	build->pending = *buffer;
	build->has_pending = true;
	build->sticky = true;
	return true;
}

bool build_sticky(
	struct rule_build *build, const struct field_buffer *field, bool has_direction, enum direction direction)
{
	struct build_buffer buffer = { .place = PLACE_FIELD,
		.field = field,
		.has_direction = has_direction,
		.direction = (uint8_t)direction,
		.base64_of = -1 };
	return pending_start(build, &buffer);
}

bool build_sticky_place(struct rule_build *build, enum buffer_place place)
{
	if (place == PLACE_PAYLOAD) {
		if (build->has_pending)
			return rule_fail(build, "the buffer named before has no condition");
		build->current = -1;
		build->sticky = false;
		return true;
	}
	struct build_buffer buffer = { .place = (uint8_t)place, .base64_of = (int16_t)build->base64_decoded };
	return pending_start(build, &buffer);
}

struct match *build_match(struct rule_build *build, enum match_kind kind)
{
	int buffer = build_current(build);
	return buffer < 0 ? NULL : build_match_in(build, kind, buffer);
}

struct match *build_match_in(struct rule_build *build, enum match_kind kind, int buffer)
{
	if (build->match_count == BUILD_MATCHES_MAX) {
		rule_fail(build, "more than %d conditions on contents in one rule", BUILD_MATCHES_MAX);
		return NULL;
	}
	unsigned index = build->match_count++;
	build->match_buffer[index] = (uint8_t)buffer;
	struct match *match = &build->matches[index];
	*match = (struct match) { .kind = (uint8_t)kind,
		.negated = build->option->negated,
		.column = (uint16_t)(build->option->offset + 1) };
	return match;
}

void build_follow(struct rule_build *build, const struct match *match)
{
	unsigned index = (unsigned)(match - build->matches);
	if (!build->sticky && index > 0)
		build->match_buffer[index] = build->match_buffer[index - 1];
}

struct match *build_last_content(struct rule_build *build, const char *modifier)
{
	if (build->last_content < 0) {
		rule_fail(build, "%s needs a content before it", modifier);
		return NULL;
	}
	return &build->matches[build->last_content];
}

struct transform *build_transform(struct rule_build *build, enum transform_kind kind)
{
	if (!build->has_pending && build->sticky && build->current >= 0) {
		// After a condition: from here on the same buffer, changed once more
		build->pending = build->buffers[build->current];
		build->has_pending = true;
	}
	if (!build->has_pending || build->pending.place != PLACE_FIELD) {
		rule_fail(build, "a transform needs a sticky buffer before it");
		return NULL;
	}
	if (build->pending.transform_count == BUILD_TRANSFORMS_MAX) {
		rule_fail(build, "more than %d transforms on one buffer", BUILD_TRANSFORMS_MAX);
		return NULL;
	}
	struct transform *transform = &build->pending.transforms[build->pending.transform_count++];
	*transform = (struct transform) { .kind = (uint8_t)kind };
	return transform;
}

static struct rule_test *test_add(
	struct rule_build *build, struct rule_test *tests, unsigned *count, enum test_kind kind)
{
	if (*count == BUILD_TESTS_MAX) {
		rule_fail(build, "more than %d conditions of this kind in one rule", BUILD_TESTS_MAX);
		return NULL;
	}
	struct rule_test *test = &tests[(*count)++];
	*test = (struct rule_test) { .kind = (uint8_t)kind,
		.negated = build->option->negated,
		.column = (uint16_t)(build->option->offset + 1) };
	return test;
}

struct rule_test *build_test(struct rule_build *build, enum test_kind kind)
{
	return test_add(build, build->tests, &build->test_count, kind);
}

struct rule_test *build_action(struct rule_build *build, enum test_kind kind)
{
	return test_add(build, build->actions, &build->action_count, kind);
}

int8_t build_var_find(const struct rule_build *build, struct span name)
{
	for (int8_t i = 0; i < build->rule.var_count; i++)
		if (span_equal(build->vars[i], name))
			return i;
	return RULE_NO_VAR;
}

bool build_var_set(struct rule_build *build, struct span name, int8_t *var)
{
	if (name.len == 0)
		return rule_fail(build, "expected the name of a variable");
	*var = build_var_find(build, name);
	if (*var != RULE_NO_VAR)
		return true;
	if (build->rule.var_count == RULE_VARS_MAX)
		return rule_fail(build, "more than %d byte variables in one rule", RULE_VARS_MAX);
	*var = (int8_t)build->rule.var_count;
	build->vars[build->rule.var_count++] = name;
	return true;
}

bool build_app_proto(struct rule_build *build, enum app_proto proto, const char *what)
{
	enum app_proto have = build->rule.app_proto;
	if (have == APP_UNKNOWN) {
		build->rule.app_proto = proto;
		return true;
	}
	if (app_proto_matches(have, proto) || app_proto_matches(proto, have)) {
		// The narrower one: "http" in the header, an HTTP/2 keyword
		if (app_proto_matches(have, proto) && !build->header_app_proto)
			build->rule.app_proto = proto;
		return true;
	}
	return rule_fail(build, "%s is of %s, the rule of %s", what, app_proto_name(proto), app_proto_name(have));
}
