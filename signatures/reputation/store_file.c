// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/store_file.h"
#include <assert.h>
#include "signatures/reputation/store_build.h"
#include "signatures/reputation/store_hash.h"

static_assert(sizeof(struct store_header) % 8 == 0, "no padding");
static_assert(sizeof(struct store_file_entry) == 12, "as the file has it");
static_assert(sizeof(struct store_file_network) == 36, "as the file has it");
static_assert(sizeof(struct store_file_set) == 8, "as the file has it");
static_assert(sizeof(struct store_file_source) == 16, "as the file has it");

uint64_t store_key(enum indicator_kind kind, struct span value, uint8_t bits, uint16_t port)
{
	return store_hash(value, store_more(kind, bits, port));
}

static uint64_t part(uint64_t *at, uint64_t bytes)
{
	uint64_t begin = *at;
	*at = (begin + bytes + STORE_BLOCK_BYTES - 1) & ~(uint64_t)(STORE_BLOCK_BYTES - 1);
	return begin;
}

bool store_layout_of(const struct store_header *h, struct store_layout *out)
{
	if (h->entry_count > UINT32_MAX || h->filter_blocks > UINT32_MAX || h->bucket_bits > 31 ||
		h->text_bytes > UINT32_MAX || !h->filter_blocks)
		return false;
	uint64_t at = 0; // all counts have 32 bits: no sum of them overflows
	part(&at, sizeof(*h));
	out->filter = part(&at, h->filter_blocks * STORE_BLOCK_BYTES);
	out->buckets = part(&at, ((1ull << h->bucket_bits) + 1) * sizeof(uint32_t));
	out->keys = part(&at, h->entry_count * sizeof(uint64_t));
	out->entries = part(&at, h->entry_count * sizeof(struct store_file_entry));
	for (unsigned allow = 0; allow < 2; allow++) {
		out->networks[allow] = part(&at, (uint64_t)h->network_count[allow] * sizeof(struct store_file_network));
		out->bitmaps[allow] = part(&at, h->network_count[allow] ? STORE_BITMAP : 0);
	}
	out->sets = part(&at, (uint64_t)h->set_count * sizeof(struct store_file_set));
	out->sources = part(&at, (uint64_t)h->source_count * sizeof(struct store_file_source));
	out->feeds = part(&at, (uint64_t)h->feed_count * sizeof(uint32_t));
	out->text_offsets = part(&at, ((uint64_t)h->text_count + 1) * sizeof(uint32_t));
	out->texts = part(&at, h->text_bytes);
	out->end = at;
	return true;
}
