// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/base/plain_text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#define EURO "\xe2\x82\xac"
#define CSI  "\xc2\x9b"

static void controls_become_question_marks(void **state)
{
	(void)state;
	char text[] = "a\033[31mred\r\n\t\x7f" CSI "31m" EURO;
	plain_text(text);
	assert_string_equal(text, "a?[31mred?  ???31m" EURO);
	char cut[] = "\xc2";
	plain_text(cut);
	assert_string_equal(cut, "\xc2");
}

static void lines_stay_when_printed(void **state)
{
	char *out = NULL;
	size_t len = 0;
	(void)state;
	FILE *file = open_memstream(&out, &len);
	assert_non_null(file);
	plain_printf(file, "%s\n\t%d", "a\007b" EURO, 5);
	fclose(file);
	assert_string_equal(out, "a?b" EURO "\n\t5");
	free(out);
}

static void a_row_is_one_line(void **state)
{
	char *out = NULL;
	size_t len = 0;
	(void)state;
	FILE *file = open_memstream(&out, &len);
	assert_non_null(file);
	plain_line(file, "%s %d", "a\nforged", 5);
	fclose(file);
	assert_string_equal(out, "a forged 5\n");
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(controls_become_question_marks),
		cmocka_unit_test(lines_stay_when_printed),
		cmocka_unit_test(a_row_is_one_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
