// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a store's file: as they are, and forged so that all sums are right. What opens is looked up in, everywhere.
#include <stdlib.h>
#include <xxhash.h>
#include "signatures/reputation/canonical.h"
#include "signatures/reputation/store_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Reads all of it.
static unsigned sum_of(struct span text)
{
	unsigned sum = 0;
	for (uint32_t i = 0; i < text.len; i++)
		sum += text.data[i];
	return sum;
}

static void look(const struct store *store, struct span text)
{
	struct store_match match;
	struct store_source source;
	struct store_entry entry;
	struct canonical_url url;
	uint8_t out[INDICATOR_VALUE_MAX];
	struct address address = { .bytes = { [10] = 0xff, [11] = 0xff } };
	memcpy(address.bytes + 12, text.data, text.len < 4 ? text.len : 4);
	bool is_url = canonical_request(text, text, out, &url);
	for (unsigned allow = 0; allow < 2; allow++) {
		store_match_domain(store, allow, text, 1, &match);
		if (is_url)
			store_match_url(store, allow, &url, 1, &match);
		store_match_value(store, allow, INDICATOR_USER_AGENT, text, 1, &match);
		store_match_address(store, allow, &address, 80, 1, &match);
		for (uint32_t i = 0; i < store->header->network_count[allow]; i++) {
			address = address_v6(store->networks[allow][i].address);
			store_match_address(store, allow, &address, 80, 1, &match);
			struct indicator network = { .value = span_of(address.bytes, 16),
				.kind = INDICATOR_NETWORK,
				.bits = store->networks[allow][i].bits,
				.flags = allow ? INDICATOR_ALLOW : 0 };
			store_find(store, &network, 1, &entry);
		}
	}
	for (uint64_t i = 0; i < store->header->entry_count; i++) {
		store_entry_at(store, store->keys[i]);
		if (store_tell(store, INDICATOR_DOMAIN, store->keys[i], &store->entries[i], 1, &entry))
			for (unsigned n = 0; store_source(store, &entry, n, &source); n++)
				if (sum_of(source.feed) + sum_of(source.family) + sum_of(entry.family) == UINT32_MAX)
					abort();
	}
}

// The file that data describes: its first bytes are the counts, the others what follows the header.
static uint8_t *forge(const uint8_t *data, size_t size, size_t *len)
{
	struct store_header header = { .magic = STORE_MAGIC,
		.version = STORE_VERSION,
		.byte_order = STORE_BYTE_ORDER,
		.entry_count = data[0] & 31,
		.filter_blocks = 1 + (data[1] & 3),
		.bucket_bits = data[1] >> 2 & 3,
		.set_count = data[2] & 15,
		.source_count = data[3] & 15,
		.feed_count = data[4] & 7,
		.text_count = data[5] & 15,
		.text_bytes = data[6] & 63,
		.network_count = { data[7] & 3, data[7] >> 2 & 3 },
		.anywhere_count = { 1, 1 },
		.label_counts = { 0xffe, 0xffe } };
	for (unsigned kind = 0; kind < 2 * INDICATOR_KINDS; kind++)
		header.kind_count[kind / INDICATOR_KINDS][kind % INDICATOR_KINDS] = 1;
	struct store_layout layout;
	if (!store_layout_of(&header, &layout))
		abort();
	uint8_t *bytes = calloc(1, layout.end);
	if (!bytes)
		abort();
	data += 8;
	size -= 8;
	// The filter lets everything pass: what is behind it is to be tried
	memset(bytes + layout.filter, 0xff, header.filter_blocks * STORE_BLOCK_BYTES);
	for (unsigned allow = 0; allow < 2; allow++)
		memset(bytes + layout.bitmaps[allow], 0xff, header.network_count[allow] ? STORE_BITMAP : 0);
	const uint64_t parts[] = { layout.buckets, layout.keys, layout.entries, layout.networks[0], layout.bitmaps[0],
		layout.networks[1], layout.bitmaps[1], layout.sets, layout.end };
	for (unsigned i = 0; size && i + 1 < sizeof(parts) / sizeof(*parts); i++) {
		if (parts[i] == layout.bitmaps[0] || parts[i] == layout.bitmaps[1])
			continue;
		size_t take = parts[i + 1] - parts[i] < size ? (size_t)(parts[i + 1] - parts[i]) : size;
		memcpy(bytes + parts[i], data, take);
		data += take;
		size -= take;
	}
	header.file_bytes = *len = layout.end;
	header.body_hash = XXH3_64bits(bytes + sizeof(header), *len - sizeof(header));
	header.header_hash = XXH3_64bits(&header, offsetof(struct store_header, header_hash));
	memcpy(bytes, &header, sizeof(header));
	return bytes;
}

static void try_open(const uint8_t *bytes, size_t len, struct span text)
{
	char error[128];
	struct store *store = store_over(bytes, len, error, sizeof(error));
	if (store)
		look(store, text);
	store_close(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 24 || size > 65536)
		return 0;
	uint8_t *raw = malloc(size);
	memcpy(raw, data, size);
	try_open(raw, size, span_of(data, size));
	free(raw);
	size_t len;
	uint8_t *bytes = forge(data, size - 16, &len);
	try_open(bytes, len, span_of(data + size - 16, 16));
	free(bytes);
	return 0;
}
