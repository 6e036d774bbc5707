// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/packet/checksum.h"
#include <endian.h>

typedef uint32_t lanes __attribute__((vector_size(16)));

#define STEP      32         // bytes a turn
#define BLOCK_MAX (1u << 18) // bytes before a 32-bit lane could overflow: 2^18 / 8 additions of 0xffff

// Whole steps of at most BLOCK_MAX bytes.
static uint64_t sum_block(const uint8_t *at, uint32_t len)
{
	lanes low = { 0 }, high = { 0 };
	for (const uint8_t *end = at + len; at < end; at += STEP) {
		lanes a, b;
		memcpy(&a, at, 16);
		memcpy(&b, at + 16, 16);
		low += (a & 0xffff) + (b & 0xffff);
		high += (a >> 16) + (b >> 16);
	}
	uint64_t sum = 0;
	for (int i = 0; i < 4; i++)
		sum += (uint64_t)low[i] + high[i];
	return sum;
}

uint64_t checksum_sum(struct span bytes)
{
	uint64_t sum = 0;
	const uint8_t *at = bytes.data;
	uint32_t left = bytes.len;
	while (left >= STEP) {
		uint32_t len = left > BLOCK_MAX ? BLOCK_MAX : left / STEP * STEP;
		sum += sum_block(at, len);
		at += len;
		left -= len;
	}
	for (; left >= 2; at += 2, left -= 2) {
		uint16_t word;
		memcpy(&word, at, 2);
		sum += word;
	}
	if (left) {
		uint16_t word = 0;
		memcpy(&word, at, 1);
		sum += word;
	}
	return sum;
}

uint64_t checksum_pseudo(const uint8_t *src, const uint8_t *dst, unsigned address_len, uint8_t proto, uint32_t len)
{
	uint64_t sum = htobe16(proto);
	sum += htobe16((uint16_t)(len >> 16)) + (uint64_t)htobe16((uint16_t)len);
	for (unsigned i = 0; i < address_len; i += 2) {
		uint16_t word;
		memcpy(&word, src + i, 2);
		sum += word;
		memcpy(&word, dst + i, 2);
		sum += word;
	}
	return sum;
}
