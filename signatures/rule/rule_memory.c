// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/rule/rule_memory.h"
#include "decoders/base/log.h"
#include <stdlib.h>

#define ARENA_BLOCK_BYTES (256u << 10)

struct arena_block {
	struct arena_block *next;
	size_t size;
	_Alignas(16) uint8_t bytes[];
};

// Text is cut from the far end of a block, so that it needs no padding between what is aligned.
struct rule_arena {
	struct arena_block *blocks; // newest first; only the first has room
	size_t low, high;           // of the first block: used below low and from high on
};

void *rule_malloc(size_t size)
{
	return rule_realloc(NULL, size);
}

void *rule_realloc(void *block, size_t size)
{
	void *fresh = realloc(block, size ? size : 1);
	if (!fresh) {
		log_error("no memory for %zu bytes of rules", size);
		abort();
	}
	return fresh;
}

struct rule_arena *rule_arena_new(void)
{
	struct rule_arena *arena = rule_malloc(sizeof(*arena));
	*arena = (struct rule_arena) { 0 };
	return arena;
}

void rule_arena_free(struct rule_arena *arena)
{
	if (!arena)
		return;
	for (struct arena_block *block = arena->blocks, *next; block; block = next) {
		next = block->next;
		free(block);
	}
	free(arena);
}

static void arena_grow(struct rule_arena *arena, size_t size)
{
	size_t want = size > ARENA_BLOCK_BYTES ? size : ARENA_BLOCK_BYTES;
	struct arena_block *block = calloc(1, sizeof(*block) + want);
	if (!block) {
		log_error("no memory for %zu bytes of rules", want);
		abort();
	}
	block->size = want;
	block->next = arena->blocks;
	arena->blocks = block;
	arena->low = 0;
	arena->high = want;
}

void *rule_arena_take(struct rule_arena *arena, size_t size)
{
	size = (size + 15) & ~(size_t)15;
	if (arena->high - arena->low < size + 16)
		arena_grow(arena, size + 16);
	void *at = arena->blocks->bytes + arena->low;
	arena->low += size;
	return at;
}

void *rule_arena_copy(struct rule_arena *arena, const void *from, size_t size)
{
	void *at = rule_arena_take(arena, size);
	if (size)
		memcpy(at, from, size);
	return at;
}

char *rule_arena_text(struct rule_arena *arena, struct span text)
{
	size_t size = (size_t)text.len + 1;
	if (arena->high - arena->low < size + 16)
		arena_grow(arena, size + 16);
	arena->high -= size;
	char *at = (char *)arena->blocks->bytes + arena->high;
	if (text.len)
		memcpy(at, text.data, text.len);
	at[text.len] = 0;
	return at;
}

void rule_names_init(struct rule_names *names, struct rule_arena *arena)
{
	*names = (struct rule_names) { .arena = arena };
}

void rule_names_fini(struct rule_names *names)
{
	free(names->names);
	free(names->values);
	free(names->slots);
	*names = (struct rule_names) { 0 };
}

// FNV-1a; the names are our own rules', not an attacker's.
static uint32_t name_hash(struct span name)
{
	uint32_t hash = 2166136261u;
	for (uint32_t i = 0; i < name.len; i++)
		hash = (hash ^ name.data[i]) * 16777619u;
	return hash;
}

static uint32_t *names_slot(const struct rule_names *names, struct span name)
{
	uint32_t mask = names->slot_count - 1;
	for (uint32_t at = name_hash(name) & mask;; at = (at + 1) & mask) {
		uint32_t *slot = &names->slots[at];
		if (*slot == 0 || span_is(name, names->names[*slot - 1]))
			return slot;
	}
}

static void names_grow(struct rule_names *names)
{
	names->slot_count = names->slot_count ? names->slot_count * 2 : 64;
	free(names->slots);
	names->slots = rule_malloc(names->slot_count * sizeof(*names->slots));
	memset(names->slots, 0, names->slot_count * sizeof(*names->slots));
	names->names = rule_realloc(names->names, names->slot_count * sizeof(*names->names));
	names->values = rule_realloc(names->values, names->slot_count * sizeof(*names->values));
	for (uint32_t i = 0; i < names->count; i++)
		*names_slot(names, span_text(names->names[i])) = i + 1;
}

uint32_t rule_names_add(struct rule_names *names, struct span name)
{
	if ((names->count + 1) * 2 > names->slot_count)
		names_grow(names);
	uint32_t *slot = names_slot(names, name);
	if (*slot == 0) {
		names->names[names->count] = rule_arena_text(names->arena, name);
		names->values[names->count] = NULL;
		*slot = ++names->count;
	}
	return *slot - 1;
}

const char *rule_names_keep(struct rule_names *names, struct span name)
{
	uint32_t number = rule_names_add(names, name);
	return names->names[number];
}

uint32_t rule_names_find(const struct rule_names *names, struct span name)
{
	if (names->slot_count == 0)
		return UINT32_MAX;
	return *names_slot(names, name) - 1;
}
