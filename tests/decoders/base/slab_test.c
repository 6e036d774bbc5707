// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/base/slab.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include "decoders/base/bytes.h"

static void blocks_are_zeroed_aligned_and_apart(void **state)
{
	(void)state;
	struct slab *slab = slab_new(1u << 20);
	unsigned char *blocks[64];
	for (unsigned i = 0; i < 64; i++) {
		blocks[i] = slab_alloc(slab, 40 + i);
		assert_non_null(blocks[i]);
		assert_int_equal((uintptr_t)blocks[i] % 16, 0);
		for (unsigned k = 0; k < 40 + i; k++)
			assert_int_equal(blocks[i][k], 0);
		memset(blocks[i], (int)i + 1, 40 + i);
	}
	for (unsigned i = 0; i < 64; i++)
		for (unsigned k = 0; k < 40 + i; k++)
			assert_int_equal(blocks[i][k], i + 1);
	for (unsigned i = 0; i < 64; i++)
		slab_free(slab, blocks[i], 40 + i);
	assert_int_equal(slab_used_bytes(slab), 0);
	assert_true(slab_peak_bytes(slab) >= 64 * 40);
	unsigned char *again = slab_alloc(slab, 100); // used before: cleared all the same
	assert_int_equal(again[50], 0);
	slab_destroy(slab);
}

static void a_class_wastes_at_most_half(void **state)
{
	(void)state;
	for (size_t size = 1; size <= SLAB_MAX_BLOCK; size += 1 + size / 7) {
		size_t class = slab_class_size(size);
		assert_true(class >= size);
		assert_true(class <= 32 || class < size + size / 2 + 1);
		assert_int_equal(slab_class_size(class), class);
	}
}

static void a_full_slab_refuses_and_recovers(void **state)
{
	(void)state;
	struct slab *slab = slab_new(1u << 20);
	void *blocks[1024];
	unsigned count = 0;
	while (count < 1024 && (blocks[count] = slab_alloc_raw(slab, 4096)))
		count++;
	assert_int_equal(count, 256);
	assert_int_equal(slab_refused(slab), 1);
	slab_free(slab, blocks[0], 4096);
	assert_non_null(slab_alloc_raw(slab, 4000));
	assert_null(slab_alloc_raw(slab, 64)); // no room for another class
	slab_reset(slab);
	assert_int_equal(slab_used_bytes(slab), 0);
	assert_non_null(slab_alloc_raw(slab, 64));
	assert_null(slab_alloc(slab, 0));
	assert_null(slab_alloc(slab, SLAB_MAX_BLOCK + 1));
	slab_destroy(slab);
}

// What one class has used up and given back, any other may have.
static void room_of_one_class_serves_another(void **state)
{
	(void)state;
	enum { BUDGET = 8u << 20 };
	static const size_t sizes[] = { 32, SLAB_MAX_BLOCK, 48, 3000, 96 << 10, 40 << 10, 768 << 10, 65536, 12000,
		500 };
	static void *blocks[BUDGET / 32];
	struct slab *slab = slab_new(BUDGET);
	for (unsigned round = 0; round < 3; round++)
		for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			unsigned count = 0;
			while (count < BUDGET / 32 && (blocks[count] = slab_alloc_raw(slab, sizes[i])))
				memset(blocks[count++], (int)i, sizes[i]);
			if (count * slab_class_size(sizes[i]) < BUDGET / 8 * 7)
				fail_msg("%zu bytes: only %u blocks", sizes[i], count);
			for (unsigned k = 0; k < count; k++)
				slab_free(slab, blocks[k & 1 ? k / 2 : count - 1 - k / 2], sizes[i]);
			assert_int_equal(slab_used_bytes(slab), 0);
		}
	slab_destroy(slab);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

// Blocks of all sizes come and go while the slab is full: none is given twice, and all comes back.
static void blocks_never_overlap(void **state)
{
	(void)state;
	enum { BLOCKS = 4096, TURNS = 200000 };
	static struct {
		uint32_t *at;
		size_t size;
	} out[BLOCKS];
	struct slab *slab = slab_new(4u << 20);
	uint32_t seed = 7;
	for (uint32_t turn = 0; turn < TURNS; turn++) {
		uint32_t n = next_random(&seed) % BLOCKS;
		if (out[n].at) {
			assert_int_equal(out[n].at[0], n);
			assert_int_equal(out[n].at[out[n].size / 4 - 1], n);
			slab_free(slab, out[n].at, out[n].size);
			out[n].at = NULL;
			continue;
		}
		out[n].size = (size_t)(8 + next_random(&seed) % 64) << next_random(&seed) % 13;
		if (!(out[n].at = slab_alloc_raw(slab, out[n].size)))
			continue;
		out[n].at[0] = out[n].at[out[n].size / 4 - 1] = n;
	}
	assert_true(slab_refused(slab) > 0);
	for (unsigned n = 0; n < BLOCKS; n++)
		slab_free(slab, out[n].at, out[n].size);
	assert_int_equal(slab_used_bytes(slab), 0);
	for (unsigned i = 0; i < 3; i++) // a fourth may not fit between
		assert_non_null(slab_alloc_raw(slab, SLAB_MAX_BLOCK));
	slab_destroy(slab);
}

static void resize_keeps_bytes(void **state)
{
	(void)state;
	struct slab *slab = slab_new(1u << 20);
	char *block = slab_resize(slab, NULL, 0, 10);
	memcpy(block, "0123456789", 10);
	block = slab_resize(slab, block, 10, 1000);
	assert_memory_equal(block, "0123456789", 10);
	block = slab_resize(slab, block, 1000, 5);
	assert_memory_equal(block, "01234", 5);
	assert_null(slab_resize(slab, block, 5, SLAB_MAX_BLOCK + 1));
	assert_memory_equal(block, "01234", 5);
	slab_free(slab, block, 5);
	assert_int_equal(slab_used_bytes(slab), 0);
	slab_destroy(slab);
}

static void bytes_grow_to_their_limit(void **state)
{
	(void)state;
	struct slab *slab = slab_new(4u << 20);
	struct bytes b = { 0 };
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(bytes_append(slab, &b, span_text("abcdefghij"), 955), i < 95 ? 10 : i == 95 ? 5 : 0);
	assert_int_equal(b.len, 955);
	assert_memory_equal(bytes_span(&b).data + 10, "abcdefghij", 10);
	bytes_drop_front(&b, 953);
	assert_true(span_is(bytes_span(&b), "de"));
	bytes_drop_front(&b, 5);
	assert_int_equal(b.len, 0);
	assert_false(bytes_reserve(slab, &b, SLAB_MAX_BLOCK + 1));
	bytes_fini(slab, &b);
	assert_int_equal(slab_used_bytes(slab), 0);
	slab_destroy(slab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_zeroed_aligned_and_apart),
		cmocka_unit_test(a_class_wastes_at_most_half),
		cmocka_unit_test(a_full_slab_refuses_and_recovers),
		cmocka_unit_test(room_of_one_class_serves_another),
		cmocka_unit_test(blocks_never_overlap),
		cmocka_unit_test(resize_keeps_bytes),
		cmocka_unit_test(bytes_grow_to_their_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
