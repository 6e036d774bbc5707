// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/sightings/host_filter.h"
#include <endian.h>
#include <string.h>

#define PROBES 3
#define SHIFT  21 // between the bits of a hash that the probes take

static uint64_t mixed(uint64_t x) // splitmix64: on disk, so for good
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

static uint64_t hash_of(const struct address *host)
{
	return mixed(le64toh(host->halves[1]) + mixed(le64toh(host->halves[0]) + 0x9e3779b97f4a7c15ull));
}

void host_filter_clear(struct host_filter *filter)
{
	memset(filter, 0, sizeof(*filter));
}

void host_filter_add(struct host_filter *filter, const struct address *host)
{
	uint64_t hash = hash_of(host);
	for (unsigned i = 0; i < PROBES; i++, hash >>= SHIFT) {
		uint64_t bit = hash % (8 * HOST_FILTER_BYTES_MAX);
		filter->bytes[bit / 8] |= (uint8_t)(1u << bit % 8);
	}
}

struct span host_filter_fold(struct host_filter *filter)
{
	uint64_t words[HOST_FILTER_BYTES_MAX / 8];
	size_t count = HOST_FILTER_BYTES_MAX / 8;
	memcpy(words, filter->bytes, sizeof(words));
	for (; count > HOST_FILTER_BYTES_MIN / 8; count /= 2) {
		size_t set = 0;
		for (size_t i = 0; i < count / 2; i++)
			set += (size_t)__builtin_popcountll(words[i] | words[count / 2 + i]);
		if (set > count / 2 * 64 / 2)
			break;
		for (size_t i = 0; i < count / 2; i++)
			words[i] |= words[count / 2 + i];
	}
	memcpy(filter->bytes, words, count * 8);
	return span_of(filter->bytes, count * 8);
}

bool host_filter_may_have(struct span bytes, const struct address *host)
{
	uint64_t hash = hash_of(host);
	bool good = bytes.len >= HOST_FILTER_BYTES_MIN && bytes.len <= HOST_FILTER_BYTES_MAX &&
		    (bytes.len & (bytes.len - 1)) == 0;
	bool has = true;
	for (unsigned i = 0; good && i < PROBES; i++, hash >>= SHIFT) {
		uint64_t bit = hash % (8 * (uint64_t)bytes.len);
		has &= bytes.data[bit / 8] >> bit % 8 & 1;
	}
	return has;
}
