// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/store_intern.h"
#include <stdlib.h>
#include <xxhash.h>

struct span store_intern_get(const struct store_intern *intern, uint32_t id)
{
	uint32_t begin = id ? intern->ends[id - 1] : 0;
	return (struct span) { intern->bytes + begin, intern->ends[id] - begin };
}

void store_intern_fini(struct store_intern *intern)
{
	free(intern->bytes);
	free(intern->ends);
	free(intern->slots);
	*intern = (struct store_intern) { 0 };
}

static uint32_t *slot_of(const struct store_intern *intern, struct span text)
{
	uint64_t at = XXH3_64bits(text.data, text.len);
	for (;; at++) {
		uint32_t *slot = &intern->slots[at & (intern->slot_count - 1)];
		if (!*slot || span_equal(store_intern_get(intern, *slot - 1), text))
			return slot;
	}
}

static bool grow_slots(struct store_intern *intern)
{
	if (intern->slot_count && intern->count < intern->slot_count / 2)
		return true;
	uint32_t count = intern->slot_count ? 2 * intern->slot_count : 64;
	uint32_t *slots = count < 1u << 31 ? calloc(count, sizeof(*slots)) : NULL;
	if (!slots)
		return false;
	free(intern->slots);
	intern->slots = slots;
	intern->slot_count = count;
	for (uint32_t id = 0; id < intern->count; id++)
		*slot_of(intern, store_intern_get(intern, id)) = id + 1;
	return true;
}

static bool grow_strings(struct store_intern *intern, uint32_t more)
{
	if (intern->count == intern->room) {
		uint32_t room = intern->room ? intern->room + intern->room / 2 : 64;
		uint32_t *ends = realloc(intern->ends, room * sizeof(*ends));
		if (!ends)
			return false;
		intern->ends = ends;
		intern->room = room;
	}
	if (intern->bytes && intern->bytes_room - intern->len >= more)
		return true;
	size_t room = intern->len + intern->len / 2 + more + 256;
	uint8_t *bytes = intern->len + more < UINT32_MAX ? realloc(intern->bytes, room) : NULL;
	if (!bytes)
		return false;
	intern->bytes = bytes;
	intern->bytes_room = room;
	return true;
}

uint32_t store_intern_id(struct store_intern *intern, struct span text)
{
	if (!grow_slots(intern))
		return STORE_INTERN_NONE;
	uint32_t *slot = slot_of(intern, text);
	if (*slot)
		return *slot - 1;
	if (!grow_strings(intern, text.len))
		return STORE_INTERN_NONE;
	if (text.len)
		memcpy(intern->bytes + intern->len, text.data, text.len);
	intern->len += text.len;
	intern->ends[intern->count++] = (uint32_t)intern->len;
	*slot = intern->count;
	return intern->count - 1;
}
