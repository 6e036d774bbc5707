// SPDX-License-Identifier: GPL-3.0-or-later
// Rule memory: the arena a rule set lives in, and names that are kept once.
//
// Life cycle   rule_arena_new -> rule_arena_take ... -> rule_arena_free, which frees all of it at once
// Memory       blocks of 256 KiB; nothing moves. A table of names keeps its strings in the arena and its index in malloc
// Threads      the loading one
#pragma once
#include "decoders/base/span.h"
#include <stddef.h>

struct rule_arena;

struct rule_arena *rule_arena_new(void);
void rule_arena_free(struct rule_arena *arena);
// Zeroed, 16-byte aligned. Aborts when memory is out: rules load before any packet.
void *rule_arena_take(struct rule_arena *arena, size_t size);
void *rule_arena_copy(struct rule_arena *arena, const void *from, size_t size);
// Text with a zero at its end, 1-byte aligned.
char *rule_arena_text(struct rule_arena *arena, struct span text);

// Names by number: 0, 1, 2 ... in the order they came.
struct rule_names {
	struct rule_arena *arena;
	const char **names;
	void **values;   // what the owner keeps with a name; NULL at first
	uint32_t *slots; // number + 1; 0 free
	uint32_t count, slot_count;
};

void rule_names_init(struct rule_names *names, struct rule_arena *arena);
void rule_names_fini(struct rule_names *names);
// Number of name, added when it is new.
uint32_t rule_names_add(struct rule_names *names, struct span name);
// The kept text of name, added when it is new. Valid as long as the arena.
const char *rule_names_keep(struct rule_names *names, struct span name);
// Number of name; UINT32_MAX when it is not there.
uint32_t rule_names_find(const struct rule_names *names, struct span name);

// malloc and realloc that end the process when there is no memory (loading only).
void *rule_malloc(size_t size);
void *rule_realloc(void *block, size_t size);
