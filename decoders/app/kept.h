// SPDX-License-Identifier: GPL-3.0-or-later
// Kept messages: copies of a protocol's messages in the order they came, for rules and events that read them again.
//
// Life cycle   zeroed list -> kept_add ... -> kept_free
// Memory       worker's slab: a block a message
// Threads      worker of its flow
#pragma once
#include "decoders/base/slab.h"
#include "decoders/base/span.h"

struct kept {
	struct kept *next;
	uint32_t len;
	uint8_t kind; // the protocol's own
	bool truncated;
	uint8_t bytes[];
};

struct kept_list {
	struct kept *first, *last;
	uint32_t count, bytes;
};

// Copies bytes to the list's end. NULL: no memory.
static inline struct kept *kept_add(struct kept_list *list, struct slab *slab, uint8_t kind, struct span bytes)
{
	struct kept *kept = slab_alloc_raw(slab, sizeof(*kept) + bytes.len);
	if (!kept)
		return NULL;
	*kept = (struct kept) { .len = bytes.len, .kind = kind };
	if (bytes.len)
		memcpy(kept->bytes, bytes.data, bytes.len);
	if (list->last)
		list->last->next = kept;
	else
		list->first = kept;
	list->last = kept;
	list->count++;
	list->bytes += bytes.len;
	return kept;
}

static inline struct span kept_span(const struct kept *kept)
{
	return span_of(kept->bytes, kept->len);
}

static inline void kept_free(struct kept_list *list, struct slab *slab)
{
	while (list->first) {
		struct kept *kept = list->first;
		list->first = kept->next;
		slab_free(slab, kept, sizeof(*kept) + kept->len);
	}
	*list = (struct kept_list) { 0 };
}
