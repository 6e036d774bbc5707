// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/engine/host_bits.h"
#include <stdlib.h>
#include <sys/random.h>
#include <xxhash.h>

#define NEAR 8 // slots an entry may lie in

struct host_bits {
	uint64_t seed;
	unsigned mask;
	struct slot {
		struct host_bit_key key;
		uint64_t until_ns; // 0: free
	} slots[];
};

struct host_bits *host_bits_new(unsigned entries)
{
	unsigned size = 64;
	while (size < entries && size < 1u << 24)
		size *= 2;
	struct host_bits *bits = calloc(1, sizeof(*bits) + (size_t)size * sizeof(struct slot));
	if (!bits)
		return NULL;
	bits->mask = size - 1;
	if (getrandom(&bits->seed, sizeof(bits->seed), 0) != sizeof(bits->seed))
		bits->seed = (uint64_t)(uintptr_t)bits;
	return bits;
}

void host_bits_free(struct host_bits *bits)
{
	free(bits);
}

static bool same(const struct host_bit_key *a, const struct host_bit_key *b)
{
	return a->bit == b->bit && address_equal(&a->first, &b->first) && address_equal(&a->second, &b->second);
}

static unsigned home(const struct host_bits *bits, const struct host_bit_key *key)
{
	uint8_t bytes[34];
	memcpy(bytes, key->first.bytes, 16);
	memcpy(bytes + 16, key->second.bytes, 16);
	memcpy(bytes + 32, &key->bit, 2);
	return (unsigned)XXH3_64bits_withSeed(bytes, sizeof(bytes), bits->seed) & bits->mask;
}

static struct slot *find(const struct host_bits *bits, const struct host_bit_key *key)
{
	unsigned at = home(bits, key);
	for (unsigned i = 0; i < NEAR; i++) {
		const struct slot *slot = &bits->slots[(at + i) & bits->mask];
		if (slot->until_ns && same(&slot->key, key))
			return (struct slot *)(uintptr_t)slot;
	}
	return NULL;
}

bool host_bits_has(const struct host_bits *bits, const struct host_bit_key *key, uint64_t now_ns)
{
	const struct slot *slot = find(bits, key);
	return slot && slot->until_ns >= now_ns;
}

void host_bits_put(struct host_bits *bits, const struct host_bit_key *key, uint64_t until_ns)
{
	struct slot *slot = find(bits, key);
	unsigned at = home(bits, key);
	for (unsigned i = 0; !slot && i < NEAR; i++)
		if (bits->slots[(at + i) & bits->mask].until_ns == 0)
			slot = &bits->slots[(at + i) & bits->mask];
	if (!slot) {
		slot = &bits->slots[at];
		for (unsigned i = 1; i < NEAR; i++)
			if (bits->slots[(at + i) & bits->mask].until_ns < slot->until_ns)
				slot = &bits->slots[(at + i) & bits->mask];
	}
	slot->key = *key;
	slot->until_ns = until_ns ? until_ns : 1;
}

void host_bits_drop(struct host_bits *bits, const struct host_bit_key *key)
{
	struct slot *slot = find(bits, key);
	if (slot)
		slot->until_ns = 0;
}
