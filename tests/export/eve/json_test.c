// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/json.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static char memory[4096];

static const char *finish(struct json *json)
{
	size_t len = json_end(json);
	assert_true(len > 0);
	assert_int_equal(memory[len - 1], '\n');
	memory[len - 1] = 0;
	return memory;
}

static void nesting_and_commas(void **state)
{
	(void)state;
	struct json json;
	json_begin(&json, memory, sizeof(memory));
	json_put_uint(&json, "a", 0);
	json_put_object(&json, "o");
	json_put_array(&json, "l");
	json_put_int(&json, NULL, -5);
	json_put_int(&json, NULL, INT64_MIN);
	json_put_object(&json, NULL);
	json_object_end(&json);
	json_array_end(&json);
	json_put_bool(&json, "t", true);
	json_object_end(&json);
	json_put_uint(&json, "z", UINT64_MAX);
	json_put_text(&json, "none", NULL);
	json_put_real(&json, "r", 1.5);
	json_put_real(&json, "n", 1.0 / 0.0);
	assert_string_equal(finish(&json), "{\"a\":0,\"o\":{\"l\":[-5,-9223372036854775808,{}],\"t\":true},\"z\":"
					   "18446744073709551615,\"r\":1.5,\"n\":null}");
}

static void text_is_always_json(void **state)
{
	(void)state;
	struct json json;
	json_begin(&json, memory, sizeof(memory));
	json_put_span(&json, "s", span_of("q\"b\\n\n\0\x7f z", 10));
	json_put_span(&json, "u", span_text("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
	json_put_span(&json, "bad", span_text("\xff\xc0\xaf\xed\xa0\x80\xe2\x82"));
	json_put_printable(&json, "p", span_of("a\0b\n\x80", 5));
	json_put_hex(&json, "h", span_of("\x01\xab\xff", 3), ':');
	json_put_hex(&json, "h0", span_of("\x01\xab", 2), 0);
	assert_string_equal(finish(&json),
		"{\"s\":\"q\\\"b\\\\n\\n\\u0000\\u007f z\",\"u\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\","
		"\"bad\":\"\\\\xff\\\\xc0\\\\xaf\\\\xed\\\\xa0\\\\x80\\\\xe2\\\\x82\",\"p\":\"a.b\\n.\",\"h\":\"01:ab:"
		"ff\",\"h0\":\"01ab\"}");
}

// Long texts are looked at eight bytes at a time: what a byte becomes does not depend on where it stands.
static void every_byte_is_found_at_every_place(void **state)
{
	(void)state;
	struct json json;
	char alone[256][8];
	for (unsigned byte = 0; byte < 256; byte++) {
		json_begin(&json, memory, sizeof(memory));
		json_put_span(&json, "s", span_of(&(uint8_t) { (uint8_t)byte }, 1));
		const char *line = finish(&json);
		snprintf(alone[byte], sizeof(alone[byte]), "%.*s", (int)strlen(line) - 8, line + 6);
	}
	for (unsigned byte = 0; byte < 256; byte++)
		for (unsigned place = 0; place < 19; place++) {
			char text[20] = "abcdefghijklmnopqrs", expected[64];
			text[place] = (char)byte;
			snprintf(expected, sizeof(expected), "{\"s\":\"%.*s%.7s%.19s\"}", (int)place, text, alone[byte],
				text + place + 1);
			json_begin(&json, memory, sizeof(memory));
			json_put_span(&json, "s", span_of(text, 19));
			assert_string_equal(finish(&json), expected);
		}
}

static void numbers_of_every_length(void **state)
{
	(void)state;
	uint64_t power = 1;
	for (unsigned digits = 1; digits <= 20; digits++, power *= 10) {
		const uint64_t values[] = { power, power - 1, power + 7, power * 9 };
		for (unsigned i = 0; i < 4; i++) {
			struct json json;
			char expected[32];
			json_begin(&json, memory, sizeof(memory));
			json_put_uint(&json, "n", values[i]);
			snprintf(expected, sizeof(expected), "{\"n\":%llu}", (unsigned long long)values[i]);
			assert_string_equal(finish(&json), expected);
		}
	}
}

static void base64_vectors_of_rfc4648(void **state)
{
	(void)state;
	static const char *const vectors[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
		{ "foobar", "Zm9vYmFy" } };
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		struct json json;
		char expected[64];
		json_begin(&json, memory, sizeof(memory));
		json_put_base64(&json, "b", span_text(vectors[i][0]));
		snprintf(expected, sizeof(expected), "{\"b\":\"%s\"}", vectors[i][1]);
		assert_string_equal(finish(&json), expected);
	}
}

static void time_has_31_characters(void **state)
{
	(void)state;
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00.000000+0000" },
		{ UINT64_C(951782400000000000), "2000-02-29T00:00:00.000000+0000" },
		{ UINT64_C(1787446923123456789), "2026-08-23T01:02:03.123456+0000" },
		{ UINT64_C(4107542399999999999), "2100-02-28T23:59:59.999999+0000" },
		{ UINT64_C(4107542400000000000), "2100-03-01T00:00:00.000000+0000" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct json json;
		char expected[64];
		json_begin(&json, memory, sizeof(memory));
		json_put_time(&json, "t", cases[i].ns);
		snprintf(expected, sizeof(expected), "{\"t\":\"%s\"}", cases[i].text);
		assert_string_equal(finish(&json), expected);
		assert_int_equal(strlen(cases[i].text), 31);
	}
}

static void addresses_are_in_full(void **state)
{
	(void)state;
	struct json json;
	struct address v4, v6;
	assert_true(address_parse("10.1.2.3", &v4));
	assert_true(address_parse("2001:db8::1", &v6));
	json_begin(&json, memory, sizeof(memory));
	json_put_address(&json, "a", &v4);
	json_put_address(&json, "b", &v6);
	assert_string_equal(finish(&json), "{\"a\":\"10.1.2.3\",\"b\":\"2001:0db8:0000:0000:0000:0000:0000:0001\"}");
}

static void what_does_not_fit_voids_the_line(void **state)
{
	(void)state;
	for (size_t size = 0; size < 40; size++) {
		struct json json;
		memset(memory, 'x', sizeof(memory));
		json_begin(&json, memory, size);
		json_put_text(&json, "key", "0123456789");
		json_put_object(&json, "o");
		json_put_uint(&json, "n", 1234567);
		json_object_end(&json);
		assert_int_equal(json_end(&json), size >= 39 ? 39 : 0);
		assert_int_equal(memory[size], 'x');
	}
}

static void a_mark_takes_back(void **state)
{
	(void)state;
	struct json json;
	json_begin(&json, memory, sizeof(memory));
	struct json_mark mark = json_mark(&json);
	json_put_object(&json, "gone");
	json_put_uint(&json, "x", 1);
	json_rewind(&json, mark);
	json_put_uint(&json, "a", 1);
	mark = json_mark(&json);
	json_put_uint(&json, "gone", 1);
	json_rewind(&json, mark);
	json_put_uint(&json, "b", 2);
	assert_string_equal(finish(&json), "{\"a\":1,\"b\":2}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nesting_and_commas),
		cmocka_unit_test(text_is_always_json),
		cmocka_unit_test(every_byte_is_found_at_every_place),
		cmocka_unit_test(numbers_of_every_length),
		cmocka_unit_test(base64_vectors_of_rfc4648),
		cmocka_unit_test(time_has_31_characters),
		cmocka_unit_test(addresses_are_in_full),
		cmocka_unit_test(what_does_not_fit_voids_the_line),
		cmocka_unit_test(a_mark_takes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
