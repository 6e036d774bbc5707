// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/rule/rule_build.h"
#include "signatures/operand/geo_country.h"
#include "signatures/operand/ip_reputation.h"
#include "signatures/rule/rule_dataset_build.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define NAMES_KEPT_MAX 8192 // of bits or variables: a set that follows one with more numbers them anew

void rule_report(
	const struct rule_set_private *own, const char *file, uint32_t line, bool warning, const char *format, ...)
{
	struct rule_error error = { .file = file, .line = line, .warning = warning };
	va_list args;
	va_start(args, format);
	vsnprintf(error.reason, sizeof(error.reason), format, args);
	va_end(args);
	if (own->options.on_error)
		own->options.on_error(own->options.on_error_context, &error);
}

static void build_start(struct rule_build *build, struct rule_set *set, const char *text, uint32_t len)
{
	build->set = set;
	build->own = set->own;
	build->arena = set->own->arena;
	build->rule = (struct rule) { .gid = 1, .priority = 3 };
	build->text = text;
	build->text_len = len;
	build->option_count = build->buffer_count = build->match_count = build->test_count = build->action_count = 0;
	build->number_count = build->field_test_count = build->threshold_count = build->metadata_count =
		build->reference_count = 0;
	build->option = NULL;
	build->has_pending = build->sticky = false;
	build->current = build->base64_decoded = build->last_content = -1;
	build->fast_patterns = 0;
	build->needs_packet = build->needs_stream = build->has_priority = build->has_alert = build->has_classtype =
		build->more_than_address = false;
	build->skip = build->header_app_proto = false;
	build->field_directions = 3;
	build->error = (struct rule_error) { 0 };
}

static void keep_numbers(struct rule_names *names, const struct rule_names *like)
{
	for (uint32_t i = 0; i < like->count; i++)
		rule_names_add(names, span_text(like->names[i]));
}

static void follow(struct rule_set *set, const struct rule_set *like)
{
	set->generation = set->names_since = like ? like->generation + 1 : 1;
	if (!like || like->own->flowbits.count > NAMES_KEPT_MAX || like->own->flowvars.count > NAMES_KEPT_MAX ||
		like->own->xbits.count > NAMES_KEPT_MAX)
		return;
	set->names_since = like->names_since;
	keep_numbers(&set->own->flowbits, &like->own->flowbits);
	keep_numbers(&set->own->flowvars, &like->own->flowvars);
	keep_numbers(&set->own->xbits, &like->own->xbits);
}

struct rule_set *rule_set_new(const struct rule_options *options)
{
	struct rule_set *set = rule_malloc(sizeof(*set));
	struct rule_set_private *own = rule_malloc(sizeof(*own));
	*set = (struct rule_set) { .own = own };
	*own = (struct rule_set_private) { .options = *options, .heads = rule_arena_new() };
	rule_parts_start(own);
	own->build = rule_malloc(sizeof(*own->build));
	struct rule_names *const names[] = { &own->strings, &own->flowbits, &own->flowvars, &own->xbits,
		&own->addresses, &own->ports, &own->codes, &own->classes, &own->references, &own->datasets,
		&own->frames };
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		rule_names_init(names[i], own->arena);
	follow(set, options->like);
	rule_classes_preset(own);
	bool good = (!options->classification_file || rule_classes_load(own, options->classification_file)) &&
		    (!options->reference_file || rule_references_load(own, options->reference_file)) &&
		    (!options->threshold_file || rule_thresholds_load(set, options->threshold_file)) &&
		    rule_reputation_load(own);
	if (good) {
		rule_reuse_start(set);
		build_start(own->build, set, "", 0);
		own->build->file = NULL;
		rule_datasets_configure(set);
		return set;
	}
	rule_set_free(set);
	return NULL;
}

// What is only of use while rules are added.
static void loading_done(struct rule_set_private *own)
{
	rule_names_fini(&own->strings);
	rule_names_fini(&own->addresses);
	rule_names_fini(&own->ports);
	rule_names_fini(&own->classes);
	rule_names_fini(&own->references);
	rule_reuse_end(own);
	free(own->threshold_lines);
	free(own->build);
	own->threshold_lines = NULL;
	own->build = NULL;
}

void rule_set_free(struct rule_set *set)
{
	if (!set)
		return;
	struct rule_set_private *own = set->own;
	loading_done(own);
	rule_codes_free(own);
	for (uint32_t i = 0; i < own->kept_test_count; i++)
		own->kept_tests[i].field->release(own->kept_tests[i].data);
	free(own->kept_tests);
	rule_names_fini(&own->flowbits);
	rule_names_fini(&own->flowvars);
	rule_datasets_free(own);
	rule_names_fini(&own->frames);
	ip_reputation_free(own->reputation);
	geo_country_free(own->geo);
	rule_names_fini(&own->xbits);
	rule_parts_free(own);
	rule_arena_free(own->heads);
	free(own->refused);
	free(set->rules);
	free(own);
	free(set);
}

static bool whole_buffer(uint8_t kind)
{
	return kind == MATCH_BSIZE || kind == MATCH_URILEN || kind == MATCH_ABSENT;
}

static void copy_buffers(struct rule_build *build, struct rule *rule)
{
	int16_t moved[BUILD_BUFFERS_MAX];
	struct rule_buffer buffers[BUILD_BUFFERS_MAX] = { 0 };
	uint16_t used = 0;
	for (unsigned i = 0; i < build->buffer_count; i++) {
		struct match matches[BUILD_MATCHES_MAX];
		unsigned count = 0;
		// Conditions on the whole buffer first: between contents they would hide that one is relative to the other
		for (unsigned pass = 0; pass < 2; pass++)
			for (unsigned k = 0; k < build->match_count; k++)
				if (build->match_buffer[k] == i && whole_buffer(build->matches[k].kind) == (pass == 0))
					matches[count++] = build->matches[k];
		moved[i] = count ? (int16_t)used : (int16_t)-1;
		if (count == 0)
			continue; // its only content was moved away by a modifier
		const struct build_buffer *from = &build->buffers[i];
		struct rule_buffer *to = &buffers[used++];
		to->place = from->place;
		to->has_direction = from->has_direction;
		to->direction = from->direction;
		to->field = from->field;
		to->base64_of = from->base64_of >= 0 ? moved[from->base64_of] : (int16_t)-1;
		to->transform_count = from->transform_count;
		if (from->transform_count)
			to->transforms = rule_arena_copy(
				build->arena, from->transforms, from->transform_count * sizeof(from->transforms[0]));
		to->match_count = (uint16_t)count;
		to->matches = rule_arena_copy(build->arena, matches, count * sizeof(matches[0]));
	}
	rule->buffer_count = used;
	rule->buffers = rule_arena_copy(build->arena, buffers, used * sizeof(buffers[0]));
}

#define COPY(to, count_to, from, count_from)                                                                          \
	do {                                                                                                          \
		(count_to) = (uint16_t)(count_from);                                                                  \
		(to) = (count_from) ? rule_arena_copy(build->arena, (from), (count_from) * sizeof((from)[0])) : NULL; \
	} while (0)

static struct rule *build_finish(struct rule_build *build)
{
	struct rule *rule = rule_arena_copy(build->own->heads, &build->rule, sizeof(build->rule));
	copy_buffers(build, rule);
	COPY(rule->tests, rule->test_count, build->tests, build->test_count);
	COPY(rule->actions, rule->action_count, build->actions, build->action_count);
	COPY(rule->numbers, rule->number_count, build->numbers, build->number_count);
	COPY(rule->field_tests, rule->field_test_count, build->field_tests, build->field_test_count);
	COPY(rule->thresholds, rule->threshold_count, build->thresholds, build->threshold_count);
	COPY(rule->metadata, rule->metadata_count, build->metadata, build->metadata_count);
	COPY(rule->references, rule->reference_count, build->references, build->reference_count);
	if (build->own->options.keep_text)
		rule->text = rule_arena_text(build->arena, span_of(build->text, build->text_len));
	return rule;
}

static void set_append(struct rule_set *set, struct rule *rule, const char *file, uint32_t line)
{
	struct rule_set_private *own = set->own;
	rule->file = rule_names_keep(&own->strings, span_text(file ? file : ""));
	rule->line = line;
	if (set->count == own->rule_room) {
		own->rule_room = own->rule_room ? own->rule_room * 2 : 1024;
		set->rules = rule_realloc(set->rules, own->rule_room * sizeof(struct rule *));
	}
	rule->index = set->count;
	set->rules[set->count++] = rule;
}

const struct address_set *rule_set_addresses(struct rule_set *set, const char *text)
{
	struct rule_build *build = set->own->build;
	build_start(build, set, text, (uint32_t)strlen(text));
	return rule_address_set(build, span_text(text));
}

bool rule_set_add(struct rule_set *set, const char *text, const char *file, uint32_t line)
{
	struct rule_set_private *own = set->own;
	struct rule_build *build = own->build;
	uint32_t at = 0;
	size_t len = strlen(text);
	uint64_t hash[2];
	if (own->finished)
		return false;
	rule_text_hash(own, text, len, hash);
	build_start(build, set, text, (uint32_t)len);
	struct rule *rule = rule_reuse(build, hash);
	if (rule) {
		set_append(set, rule, file, line);
		return true;
	}
	build_start(build, set, text, (uint32_t)len);
	build->file = file;
	build->line = line;
	bool good = rule_header_parse(build, &at) && rule_options_split(build, at) && rule_keywords_apply(build) &&
		    (build->skip || rule_check(build));
	if (good && build->skip) {
		set->skipped++;
		return true;
	}
	if (!good) {
		build->error.file = file;
		build->error.line = line;
		build->error.sid = build->rule.sid;
		build->error.known = rule_reuse_refused(own, hash);
		set->failed++;
		set->failed_anew += !build->error.known;
		if (own->options.on_error)
			own->options.on_error(own->options.on_error_context, &build->error);
		return false;
	}
	rule_classify(build);
	rule = build_finish(build);
	rule_reuse_note(own, rule, hash);
	set_append(set, rule, file, line);
	return true;
}

static int by_identity(const void *a, const void *b)
{
	const struct rule *x = *(struct rule *const *)a, *y = *(struct rule *const *)b;
	if (x->gid != y->gid)
		return x->gid < y->gid ? -1 : 1;
	if (x->sid != y->sid)
		return x->sid < y->sid ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

// Of rules with the same gid and sid the highest rev stays; the same or a lower one again is an error.
static void drop_duplicates(struct rule_set *set)
{
	uint32_t kept = 0;
	if (set->count == 0)
		return;
	qsort(set->rules, set->count, sizeof(*set->rules), by_identity);
	for (uint32_t i = 1; i < set->count; i++) {
		struct rule *last = set->rules[kept], *next = set->rules[i];
		if (last->gid != next->gid || last->sid != next->sid) {
			set->rules[++kept] = next;
			continue;
		}
		bool newer = next->rev > last->rev;
		struct rule_error error = { .file = next->file,
			.line = next->line,
			.sid = next->sid,
			.warning = newer,
			.duplicate = true,
			.first_file = last->file,
			.first_line = last->line };
		snprintf(error.reason, sizeof(error.reason),
			newer ? "rule %u replaces revision %u of it from %s:%u"
			      : "rule %u is already there (revision %u, %s:%u)",
			next->sid, last->rev, last->file, last->line);
		if (newer)
			set->rules[kept] = next;
		else
			set->failed++;
		if (set->own->options.on_error)
			set->own->options.on_error(set->own->options.on_error_context, &error);
	}
	set->count = kept + 1;
}

bool rule_set_finish(struct rule_set *set)
{
	struct rule_set_private *own = set->own;
	if (own->finished)
		return false;
	drop_duplicates(set);
	rule_thresholds_apply(set);
	rule_order(set);
	set->flowbit_count = (uint16_t)own->flowbits.count;
	set->flowvar_count = (uint16_t)own->flowvars.count;
	set->xbit_count = (uint16_t)own->xbits.count;
	set->flowbit_names = own->flowbits.names;
	set->flowvar_names = own->flowvars.names;
	set->xbit_names = own->xbits.names;
	rule_codes_jit(own);
	rule_parts_count(set);
	own->finished = true;
	loading_done(own);
	return true;
}
