// SPDX-License-Identifier: GPL-3.0-or-later
// Content codings: told by their bytes however named and cut, broken ones pass as they are, bombs stop, memory goes back.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <zlib.h>
#include "decoders/app/http/decompress.h"

#define TEXT "some words that are said, some words that are said again"

static struct slab *slab;
static struct decompress_pool *pool;
static uint8_t got[1u << 20];
static size_t got_len;

static bool take(void *context, struct span data)
{
	(void)context;
	assert_true(got_len + data.len <= sizeof got);
	memcpy(got + got_len, data.data, data.len);
	got_len += data.len;
	return true;
}

static size_t pack(int window_bits, const void *plain, size_t len, uint8_t *out, size_t room)
{
	z_stream z = {
		.next_in = (uint8_t *)(uintptr_t)plain, .avail_in = (uInt)len, .next_out = out, .avail_out = (uInt)room
	};
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	len = z.total_out;
	deflateEnd(&z);
	return len;
}

static unsigned unpack(const uint8_t *bytes, size_t len, unsigned layers, uint32_t piece)
{
	static const enum decompress_kind kinds[DECOMPRESS_LAYERS_MAX] = { DECOMPRESS_INFLATE };
	struct decompress *d = decompress_new(pool, kinds, layers);
	assert_non_null(d);
	got_len = 0;
	for (size_t at = 0; at < len; at += piece)
		decompress_feed(d, span_of(bytes + at, len - at < piece ? len - at : piece), take, NULL);
	decompress_end(d, take, NULL);
	unsigned trouble = decompress_trouble(d);
	decompress_free(d);
	return trouble;
}

static void assert_got(const char *want)
{
	assert_int_equal(got_len, strlen(want));
	assert_memory_equal(got, want, got_len);
}

static int setup(void **state)
{
	static const struct decompress_limits limits = { .bomb_bytes = 100000, .lzma_memory = 1u << 20 };
	(void)state;
	slab = slab_new(64u << 20);
	pool = decompress_pool_new(slab, &limits);
	return slab && pool ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	decompress_pool_free(pool);
	assert_int_equal(slab_used_bytes(slab), 0);
	slab_destroy(slab);
	return 0;
}

static void every_container_in_every_cut(void **state)
{
	(void)state;
	static const int bits[] = { 31, 15, -15 };
	uint8_t packed[256];
	for (size_t b = 0; b < sizeof bits / sizeof *bits; b++) {
		size_t len = pack(bits[b], TEXT, strlen(TEXT), packed, sizeof packed);
		for (uint32_t piece = 1; piece <= len; piece++) {
			assert_int_equal(unpack(packed, len, 1, piece), 0);
			assert_got(TEXT);
		}
	}
}

static void layers_in_either_order(void **state)
{
	(void)state;
	uint8_t once[256], twice[256];
	size_t len = pack(31, TEXT, strlen(TEXT), once, sizeof once);
	len = pack(-15, once, len, twice, sizeof twice);
	for (uint32_t piece = 1; piece <= len; piece++) {
		assert_int_equal(unpack(twice, len, 2, piece), 0);
		assert_got(TEXT);
	}
	len = pack(15, TEXT, strlen(TEXT), once, sizeof once);
	len = pack(31, once, len, twice, sizeof twice);
	assert_int_equal(unpack(twice, len, 2, 3), 0);
	assert_got(TEXT);
}

static void plain_bytes_pass_whole(void **state)
{
	(void)state;
	static const char *const bodies[] = {
		"{\"key\": \"value\", \"other\": [1, 2, 3], \"text\": \"not packed at all\"}", "x", "<html></html>",
		"\x78\x9c only looks like zlib"
	};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
		for (uint32_t piece = 1; piece < 20; piece++) {
			assert_int_equal(
				unpack((const uint8_t *)bodies[i], strlen(bodies[i]), 1, piece), DECOMPRESS_BROKEN);
			assert_got(bodies[i]);
		}
}

static void gzip_header_fields_are_skipped(void **state)
{
	(void)state;
	uint8_t packed[256], whole[512];
	size_t len = pack(-15, TEXT, strlen(TEXT), packed, sizeof packed);
	static const uint8_t header[] = { 0x1f, 0x8b, 8, 0xe0 | 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3, 3, 0, 'x', 'y', 'z',
		'n', 0, 'c', 'c', 0, 9, 9 };
	memcpy(whole, header, sizeof header);
	memcpy(whole + sizeof header, packed, len);
	memset(whole + sizeof header + len, 0xee, 8); // a wrong checksum: who cares
	for (uint32_t piece = 1; piece < 40; piece++) {
		assert_int_equal(unpack(whole, sizeof header + len + 8, 1, piece), 0);
		assert_got(TEXT);
	}
}

static void members_follow_each_other_and_garbage_does_not(void **state)
{
	(void)state;
	uint8_t packed[512];
	size_t len = pack(31, "one ", 4, packed, sizeof packed);
	len += pack(31, "two", 3, packed + len, sizeof packed - len);
	memcpy(packed + len, "garbage", 7);
	for (uint32_t piece = 1; piece < 60; piece++) {
		unpack(packed, len + 7, 1, piece);
		assert_got("one two");
	}
}

// Work and stack stay bounded for as many members as fit.
static void thousands_of_members(void **state)
{
	(void)state;
	uint8_t one[64];
	size_t len = pack(31, "", 0, one, sizeof one), count = 50000;
	uint8_t *all = malloc(len * count);
	assert_non_null(all);
	for (size_t i = 0; i < count; i++)
		memcpy(all + i * len, one, len);
	unpack(all, len * count, 1, UINT32_MAX);
	assert_int_equal(got_len, 0);
	free(all);
}

static void a_cut_or_broken_stream_gives_what_it_had(void **state)
{
	(void)state;
	uint8_t packed[256];
	size_t len = pack(31, TEXT, strlen(TEXT), packed, sizeof packed);
	assert_int_equal(unpack(packed, len - 12, 1, 7), 0);
	assert_true(got_len > 0 && got_len <= strlen(TEXT));
	assert_memory_equal(got, TEXT, got_len);
}

static void a_bomb_in_a_bomb_stops(void **state)
{
	(void)state;
	size_t size = 64u << 20;
	uint8_t *zeros = calloc(1, size), *once = malloc(1u << 20), *twice = malloc(1u << 20);
	assert_true(zeros && once && twice);
	size_t len = pack(31, zeros, size, once, 1u << 20);
	len = pack(31, once, len, twice, 1u << 20);
	assert_true(unpack(twice, len, 2, UINT32_MAX) & DECOMPRESS_BOMB);
	assert_true(got_len <= len * 2048 || got_len <= 100000);
	free(zeros);
	free(once);
	free(twice);
}

// What the outer layer makes in plenty and the inner one swallows: empty stored blocks, a thousand bytes for each one sent.
static void a_layer_that_swallows_all_is_a_bomb(void **state)
{
	(void)state;
	static const uint8_t block[5] = { 0, 0, 0, 0xff, 0xff };
	size_t len = 4u << 20;
	uint8_t *plain = malloc(len), *packed = malloc(1u << 20);
	assert_true(plain && packed);
	for (size_t i = 0; i < len; i++)
		plain[i] = block[i % 5];
	size_t packed_len = pack(15 + 16, plain, len, packed, 1u << 20);
	assert_true(unpack(packed, packed_len, 2, 1460) & DECOMPRESS_BOMB);
	assert_int_equal(got_len, 0);
	free(plain);
	free(packed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_container_in_every_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(layers_in_either_order, setup, teardown),
		cmocka_unit_test_setup_teardown(plain_bytes_pass_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(gzip_header_fields_are_skipped, setup, teardown),
		cmocka_unit_test_setup_teardown(members_follow_each_other_and_garbage_does_not, setup, teardown),
		cmocka_unit_test_setup_teardown(thousands_of_members, setup, teardown),
		cmocka_unit_test_setup_teardown(a_layer_that_swallows_all_is_a_bomb, setup, teardown),
		cmocka_unit_test_setup_teardown(a_cut_or_broken_stream_gives_what_it_had, setup, teardown),
		cmocka_unit_test_setup_teardown(a_bomb_in_a_bomb_stops, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
