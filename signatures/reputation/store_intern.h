// SPDX-License-Identifier: GPL-3.0-or-later
// Store intern: numbers for byte strings, the same for equal ones, from 0 on in the order of their coming.
//
// Life cycle   zeroed struct -> store_intern_id ... -> store_intern_fini
// Memory       malloc; as much as the different strings have, and 16 to 24 bytes for each
// Threads      one
#pragma once
#include <stddef.h>
#include "decoders/base/span.h"

#define STORE_INTERN_NONE UINT32_MAX

struct store_intern {
	uint8_t *bytes;
	uint32_t *ends;  // of each string in bytes
	uint32_t *slots; // id + 1; 0 free
	uint32_t count, room, slot_count;
	size_t len, bytes_room;
};

// STORE_INTERN_NONE: no memory, or 4 GB of strings.
uint32_t store_intern_id(struct store_intern *intern, struct span text);
// Borrowed until the next store_intern_id.
struct span store_intern_get(const struct store_intern *intern, uint32_t id);
void store_intern_fini(struct store_intern *intern);
