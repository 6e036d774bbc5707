// SPDX-License-Identifier: GPL-3.0-or-later
// Names, dates and lengths of certificates, as the field writes them, and of what is none.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "decoders/app/tls/x509.h"

static struct span bytes_of(const char *hex, uint8_t *out)
{
	uint32_t len = 0;
	for (; hex[0] && hex[1]; hex += 2) {
		unsigned byte;
		assert_int_equal(sscanf(hex, "%2x", &byte), 1);
		out[len++] = (uint8_t)byte;
	}
	return span_of(out, len);
}

static void assert_name(const char *hex, const char *want)
{
	uint8_t bytes[256];
	char text[256];
	int len = x509_format_name(bytes_of(hex, bytes), text, sizeof(text));
	if (!want) {
		assert_int_equal(len, -1);
		return;
	}
	assert_int_equal(len, strlen(want));
	assert_memory_equal(text, want, (size_t)len);
}

static void names_are_written_part_by_part(void **state)
{
	(void)state;
	assert_name("", "");
	assert_name("310b3009060355040613025345"
		    "310c300a06035504030c03612c62",
		"C=SE, CN=a,b");
	// Two attributes in one part; BMP text; an attribute without a name; a value that is no text
	assert_name("31163009060355040613025345"
		    "3009060355040b0c024f55",
		"C=SE + OU=OU");
	assert_name("310d300b06035504031e0400e52603", "CN=\xc3\xa5\xe2\x98\x83");
	assert_name("310a300806032a03040c0141", "1.2.3.4=A");
	assert_name("310a30080603550403020141", "CN=41");
	assert_name("310f300d06092a864886f70d0109011600", "Email=");
	assert_name("310b3009060355040613025345"
		    "310c300a",
		NULL);
	assert_name("300b3009060355040613025345", NULL);
	char small[3];
	uint8_t bytes[64];
	assert_int_equal(x509_format_name(bytes_of("310b3009060355040613025345", bytes), small, sizeof(small)), -1);
}

static void dates_reach_before_1970_and_past_2038(void **state)
{
	(void)state;
	assert_int_equal(x509_seconds(1970, 1, 1, 0, 0, 0), 0);
	assert_int_equal(x509_seconds(1969, 12, 31, 23, 59, 59), -1);
	assert_int_equal(x509_seconds(2000, 2, 29, 12, 0, 0), 951825600);
	assert_int_equal(x509_seconds(2038, 1, 19, 3, 14, 8), INT64_C(2147483648));
	assert_int_equal(x509_seconds(9999, 12, 31, 23, 59, 59), INT64_C(253402300799));
}

static void broken_certificates_say_how(void **state)
{
	(void)state;
	static const struct {
		const char *hex;
		enum x509_result result;
	} cases[] = {
		{ "", X509_LENGTH },
		{ "30", X509_LENGTH },
		{ "3082ffff00", X509_LENGTH },
		{ "30053084ffffff", X509_LENGTH },    // inner header cut
		{ "30063084fffffffa", X509_INVALID }, // inner value longer than what holds it
		{ "3080", X509_DER },                 // indefinite length
		{ "0403010203", X509_DER },
		{ "3007"
		  "3005"
		  "a003020101",
			X509_SERIAL },
		{ "3005"
		  "3003"
		  "a00102",
			X509_VERSION },
		{ "3008"
		  "3006"
		  "020105"
		  "040100",
			X509_ALGORITHM },
		{ "3007"
		  "3005"
		  "020105"
		  "3000",
			X509_NAME },
		{ "3009"
		  "3007"
		  "020105"
		  "3000"
		  "3000",
			X509_DATE },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t bytes[64];
		struct x509 x509;
		assert_int_equal(x509_read(bytes_of(cases[i].hex, bytes), &x509), cases[i].result);
	}
}

static void hex_is_cut_at_the_buffer(void **state)
{
	(void)state;
	char text[8];
	uint8_t bytes[] = { 0, 0xaa, 0x1b };
	assert_int_equal(x509_format_hex(span_of(bytes, 3), true, text, sizeof(text)), 8);
	assert_memory_equal(text, "00:AA:1B", 8);
	assert_int_equal(x509_format_hex(span_of(bytes, 3), false, text, 7), 5);
	assert_memory_equal(text, "00:aa", 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_written_part_by_part),
		cmocka_unit_test(dates_reach_before_1970_and_past_2038),
		cmocka_unit_test(broken_certificates_say_how),
		cmocka_unit_test(hex_is_cut_at_the_buffer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
