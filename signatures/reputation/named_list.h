// SPDX-License-Identifier: GPL-3.0-or-later
// Named list: what a packet names, kept from when it is read until rules are through with the packet, so that what it needs from memory is there by then.
//
// Memory   NAMED_LIST_BYTES of values in the list itself
// Bounds   most packets name two or three things; one that names more than fits is read on without a list
// Threads  one worker
#pragma once
#include "signatures/reputation/named.h"

#define NAMED_LIST_MAX   24
#define NAMED_LIST_URLS  4
#define NAMED_LIST_BYTES 8192

struct named_list {
	unsigned count, url_count;
	uint32_t used; // of bytes
	struct named items[NAMED_LIST_MAX];
	struct canonical_url urls[NAMED_LIST_URLS];
	uint8_t bytes[NAMED_LIST_BYTES];
};

static inline void named_list_clear(struct named_list *list)
{
	list->count = list->url_count = list->used = 0;
}
// A copy of named, its value and its URL; what its transaction and file hold stays theirs. NULL: no room.
struct named *named_list_add(struct named_list *list, const struct named *named);
