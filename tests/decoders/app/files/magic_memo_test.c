// SPDX-License-Identifier: GPL-3.0-or-later
// Memo of libmagic's answers: what is recalled is what was kept for the same bytes, however much more was kept than there is room for.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include "decoders/app/files/magic_memo.h"

static struct span head_of(char bytes[16], unsigned number)
{
	int len = snprintf(bytes, 16, "head %u", number);
	return span_of(bytes, (size_t)len);
}

static void keep(struct magic_memo *memo, unsigned head, unsigned text)
{
	char bytes[16], answer[32];
	snprintf(answer, sizeof(answer), "text %u", text);
	magic_memo_keep(memo, head_of(bytes, head), answer);
}

static bool recalls(struct magic_memo *memo, unsigned head, unsigned text)
{
	char bytes[16], answer[32];
	const char *found = magic_memo_find(memo, head_of(bytes, head));
	snprintf(answer, sizeof(answer), "text %u", text);
	if (found)
		assert_string_equal(found, answer);
	return found != NULL;
}

static void only_the_same_bytes_are_recalled(void **state)
{
	(void)state;
	struct magic_memo *memo = magic_memo_new();
	keep(memo, 1, 7);
	assert_true(recalls(memo, 1, 7));
	assert_false(recalls(memo, 2, 7));
	assert_null(magic_memo_find(memo, span_of("head 1", 5)));
	magic_memo_free(memo);
}

static void a_text_too_long_is_not_kept(void **state)
{
	(void)state;
	struct magic_memo *memo = magic_memo_new();
	char text[MAGIC_MEMO_TEXT_MAX + 1];
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	magic_memo_keep(memo, span_text("bytes"), text);
	assert_null(magic_memo_find(memo, span_text("bytes")));
	magic_memo_keep(memo, span_text("bytes"), text + 1);
	assert_string_equal(magic_memo_find(memo, span_text("bytes")), text + 1);
	magic_memo_free(memo);
}

static void too_many_heads_push_out_old_ones(void **state)
{
	(void)state;
	struct magic_memo *memo = magic_memo_new();
	unsigned known = 0, count = MAGIC_MEMO_HEADS * 4;
	for (unsigned i = 0; i < count; i++) {
		keep(memo, i, i % 100);
		assert_true(recalls(memo, i, i % 100));
	}
	for (unsigned i = 0; i < count; i++)
		known += recalls(memo, i, i % 100);
	assert_in_range(known, MAGIC_MEMO_HEADS / 2, MAGIC_MEMO_HEADS);
	magic_memo_free(memo);
}

static void too_many_texts_never_give_another_ones(void **state)
{
	(void)state;
	struct magic_memo *memo = magic_memo_new();
	unsigned known = 0, count = MAGIC_MEMO_TEXTS * 16;
	for (unsigned i = 0; i < count; i++)
		keep(memo, i, i);
	for (unsigned i = 0; i < count; i++)
		known += recalls(memo, i, i);
	assert_in_range(known, 1, MAGIC_MEMO_TEXTS);
	magic_memo_free(memo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_same_bytes_are_recalled),
		cmocka_unit_test(a_text_too_long_is_not_kept),
		cmocka_unit_test(too_many_heads_push_out_old_ones),
		cmocka_unit_test(too_many_texts_never_give_another_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
