// SPDX-License-Identifier: GPL-3.0-or-later
// Rules of the set before (options.like) that are written as they were: a reload parses none of them again. What their text alone made (conditions,
// contents, message ...) lies in parts that sets hold together; the rule itself, which has its place in the order and thresholds, is each set's own.
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>
#include <xxhash.h>
#include "decoders/base/option.h"
#include "signatures/rule/rule_build.h"

#define REFUSED_MAX 1024 // texts remembered

struct rule_parts {
	struct rule_arena *arena;
	atomic_uint holders;
	uint32_t rules; // made in it
};

// While a set is loaded: where the rules of the set before are.
struct rule_reuse {
	const struct rule_set *like;
	uint32_t *slots; // index in like + 1; 0 free
	uint32_t mask;
	bool new_variables;             // addresses and ports may mean something else
	uint8_t number[RULE_PARTS_MAX]; // in the new set, of like's parts; 0: not taken over
};

static struct rule_parts *parts_new(void)
{
	struct rule_parts *parts = rule_malloc(sizeof(*parts));
	*parts = (struct rule_parts) { .arena = rule_arena_new() };
	atomic_init(&parts->holders, 1);
	return parts;
}

static void parts_let_go(struct rule_parts *parts)
{
	if (atomic_fetch_sub(&parts->holders, 1) != 1)
		return;
	rule_arena_free(parts->arena);
	free(parts);
}

void rule_parts_start(struct rule_set_private *own)
{
	own->parts[0] = parts_new();
	own->parts_count = 1;
	own->arena = own->parts[0]->arena;
}

void rule_parts_free(struct rule_set_private *own)
{
	for (unsigned i = 0; i < own->parts_count; i++)
		parts_let_go(own->parts[i]);
	own->parts_count = 0;
}

static void digest_variables(XXH3_state_t *state, const struct rule_set_private *own)
{
	const struct rule_options *options = &own->options;
	const struct option_map *maps[] = { options->address_groups, options->port_groups };
	for (unsigned i = 0; i < 2; i++)
		for (size_t k = 0; maps[i] && k < maps[i]->count; k++) {
			XXH3_128bits_update(state, maps[i]->pairs[k].key, strlen(maps[i]->pairs[k].key) + 1);
			XXH3_128bits_update(state, maps[i]->pairs[k].value, strlen(maps[i]->pairs[k].value) + 1);
		}
}

static void digest_names(XXH3_state_t *state, const struct rule_set_private *own)
{
	for (uint32_t i = 0; i < own->classes.count; i++) {
		const struct rule_class *class = own->classes.values[i];
		XXH3_128bits_update(state, class->name, strlen(class->name) + 1);
		XXH3_128bits_update(state, class->description, strlen(class->description) + 1);
		XXH3_128bits_update(state, &class->priority, sizeof(class->priority));
	}
	for (uint32_t i = 0; i < own->references.count; i++) {
		const char *prefix = own->references.values[i];
		XXH3_128bits_update(state, own->references.names[i], strlen(own->references.names[i]) + 1);
		XXH3_128bits_update(state, prefix, strlen(prefix) + 1);
	}
}

static void digest(const struct rule_set_private *own,
	void (*add)(XXH3_state_t *state, const struct rule_set_private *own), uint64_t out[2])
{
	XXH3_state_t *state = XXH3_createState();
	XXH3_128bits_reset_withSeed(state, own->text_seed);
	add(state, own);
	XXH128_hash_t hash = XXH3_128bits_digest(state);
	XXH3_freeState(state);
	out[0] = hash.low64;
	out[1] = hash.high64;
}

// Parts of which half the rules are gone are not worth their memory, and there are RULE_PARTS_MAX at most: then only the largest go on.
static void take_parts(
	struct rule_set_private *own, const struct rule_set_private *like, uint8_t number[RULE_PARTS_MAX])
{
	unsigned largest = 0;
	for (unsigned i = 1; i < like->parts_count; i++)
		largest = like->parts_used[i] > like->parts_used[largest] ? i : largest;
	for (unsigned i = 0; i < like->parts_count; i++) {
		bool worth = like->parts_used[i] && like->parts_used[i] >= like->parts[i]->rules / 2;
		if (!worth || (like->parts_count == RULE_PARTS_MAX && i != largest))
			continue;
		atomic_fetch_add(&like->parts[i]->holders, 1);
		number[i] = own->parts_count;
		own->parts[own->parts_count++] = like->parts[i];
	}
}

void rule_reuse_start(struct rule_set *set)
{
	struct rule_set_private *own = set->own;
	const struct rule_set *like = own->options.like;
	own->text_seed = like ? like->own->text_seed : 0;
	if (!like && getrandom(&own->text_seed, sizeof(own->text_seed), 0) != sizeof(own->text_seed))
		own->text_seed = (uint64_t)(uintptr_t)own;
	digest(own, digest_names, own->meaning);
	digest(own, digest_variables, own->variables);
	if (!like || own->options.keep_text || set->names_since != like->names_since ||
		memcmp(own->meaning, like->own->meaning, sizeof(own->meaning)) != 0)
		return;
	struct rule_reuse *reuse = rule_malloc(sizeof(*reuse));
	*reuse = (struct rule_reuse) { .like = like, .mask = 1023 };
	reuse->new_variables = memcmp(own->variables, like->own->variables, sizeof(own->variables)) != 0;
	while (reuse->mask < 2 * like->count)
		reuse->mask = 2 * reuse->mask + 1;
	reuse->slots = rule_malloc((reuse->mask + (size_t)1) * sizeof(*reuse->slots));
	memset(reuse->slots, 0, (reuse->mask + (size_t)1) * sizeof(*reuse->slots));
	take_parts(own, like->own, reuse->number);
	for (uint32_t i = 0; i < like->count; i++) {
		const struct rule *rule = like->rules[i];
		uint32_t at = (uint32_t)rule->text_hash[0] & reuse->mask;
		if (!(rule->text_hash[0] | rule->text_hash[1]) || !reuse->number[rule->parts])
			continue;
		while (reuse->slots[at])
			at = (at + 1) & reuse->mask;
		reuse->slots[at] = i + 1;
	}
	own->reuse = reuse;
}

void rule_reuse_end(struct rule_set_private *own)
{
	if (own->reuse)
		free(own->reuse->slots);
	free(own->reuse);
	own->reuse = NULL;
}

void rule_parts_count(struct rule_set *set)
{
	struct rule_set_private *own = set->own;
	for (uint32_t i = 0; i < set->count; i++)
		own->parts_used[set->rules[i]->parts]++;
}

void rule_text_hash(const struct rule_set_private *own, const char *text, size_t len, uint64_t hash[2])
{
	XXH128_hash_t value = XXH3_128bits_withSeed(text, len, own->text_seed);
	hash[0] = value.low64;
	hash[1] = value.high64;
}

static bool is_plain_test(const struct rule_test *test)
{
	return test->kind != TEST_IPREP && test->kind != TEST_GEOIP;
}

// Does what the rule is made of belong to its text alone, and not to its set (sets of values, lists, what is released with a set)?
static bool is_its_text(const struct rule *rule)
{
	bool own = !rule->threshold_count && !rule->field_test_count && !(rule->flags & RULE_HAS_FRAME);
	for (unsigned i = 0; own && i < rule->test_count; i++)
		own = is_plain_test(&rule->tests[i]);
	for (unsigned i = 0; own && i < rule->buffer_count; i++) {
		const struct rule_buffer *buffer = &rule->buffers[i];
		for (unsigned k = 0; k < buffer->match_count; k++)
			own &= buffer->matches[k].kind != MATCH_DATASET && buffer->matches[k].kind != MATCH_DATAREP;
		for (unsigned k = 0; k < buffer->transform_count; k++)
			own &= buffer->transforms[k].kind != TRANSFORM_PCREXFORM;
	}
	return own;
}

void rule_reuse_note(struct rule_set_private *own, struct rule *rule, const uint64_t hash[2])
{
	own->parts[0]->rules++;
	if (is_its_text(rule))
		memcpy(rule->text_hash, hash, sizeof(rule->text_hash));
}

bool rule_reuse_refused(struct rule_set_private *own, const uint64_t hash[2])
{
	const struct rule_set_private *like = own->options.like ? own->options.like->own : NULL;
	bool known = false;
	for (uint32_t i = 0; like && i < like->refused_count && !known; i++)
		known = memcmp(like->refused[i], hash, sizeof(like->refused[i])) == 0;
	if (own->refused_count == own->refused_room && own->refused_room < REFUSED_MAX) {
		own->refused_room = own->refused_room ? own->refused_room * 2 : 16;
		own->refused = rule_realloc(own->refused, own->refused_room * sizeof(*own->refused));
	}
	if (own->refused_count < own->refused_room)
		memcpy(own->refused[own->refused_count++], hash, sizeof(own->refused[0]));
	return known;
}

static bool same_kind(const struct address_set *a, const struct address_set *b)
{
	return a->any == b->any && a->negated == b->negated;
}

// Reads addresses and ports again. False: what kind of rule it is may have changed with them.
static bool read_header(struct rule_build *build, const struct rule *there)
{
	uint32_t options;
	const struct rule *rule = &build->rule;
	return rule_header_parse(build, &options) && same_kind(rule->src, there->src) &&
	       same_kind(rule->dst, there->dst) && rule->sport->any == there->sport->any &&
	       rule->dport->any == there->dport->any;
}

static const struct rule *find(const struct rule_reuse *reuse, const uint64_t hash[2])
{
	for (uint32_t at = (uint32_t)hash[0] & reuse->mask; reuse->slots[at]; at = (at + 1) & reuse->mask) {
		const struct rule *rule = reuse->like->rules[reuse->slots[at] - 1];
		if (rule->text_hash[0] == hash[0] && rule->text_hash[1] == hash[1])
			return rule;
	}
	return NULL;
}

struct rule *rule_reuse(struct rule_build *build, const uint64_t hash[2])
{
	struct rule_set_private *own = build->own;
	const struct rule_reuse *reuse = own->reuse;
	const struct rule *there = reuse ? find(reuse, hash) : NULL;
	bool header = there && (reuse->new_variables || there->header_apart);
	if (!there || (header && !read_header(build, there)))
		return NULL;
	struct rule *rule = rule_arena_copy(own->heads, there, sizeof(*there));
	rule->parts = reuse->number[there->parts];
	rule->header_apart = header;
	if (header) {
		rule->src = build->rule.src;
		rule->dst = build->rule.dst;
		rule->sport = build->rule.sport;
		rule->dport = build->rule.dport;
	}
	rule->thresholds = NULL; // they were threshold.config's
	rule->threshold_count = 0;
	for (unsigned i = 0; i < rule->buffer_count; i++)
		for (unsigned k = 0; k < rule->buffers[i].match_count; k++)
			if (rule->buffers[i].matches[k].kind == MATCH_PCRE)
				rule_code_hold(own, rule->buffers[i].matches[k].pcre.pattern);
	return rule;
}
