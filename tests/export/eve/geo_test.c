// SPDX-License-Identifier: GPL-3.0-or-later
// Looks addresses up in MaxMind's test databases, which lie in ../shared.
#include "export/eve/geo.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#define DATABASES PROJECT_DIR "/../shared/intel/mmdb-test/"

static const char *look_up(const struct geo *geo, const char *text, bool *any)
{
	static char memory[512];
	struct json json;
	struct address address;
	assert_true(address_parse(text, &address));
	json_begin(&json, memory, sizeof(memory));
	*any = geo_write(geo, &json, &address);
	size_t len = json_end(&json);
	assert_true(len > 0);
	memory[len - 1] = 0;
	return memory;
}

static void country_and_network_are_told(void **state)
{
	(void)state;
	bool any;
	if (access(DATABASES "GeoLite2-Country-Test.mmdb", R_OK) != 0 ||
		access(DATABASES "GeoLite2-ASN-Test.mmdb", R_OK) != 0)
		skip();
	struct geo *geo = geo_new(DATABASES "GeoLite2-Country-Test.mmdb", DATABASES "GeoLite2-ASN-Test.mmdb");
	assert_non_null(geo);
	assert_string_equal(look_up(geo, "81.2.69.160", &any), "{\"country\":\"GB\"}");
	assert_true(any);
	assert_string_equal(look_up(geo, "1.128.0.1", &any), "{\"asn\":1221,\"as_name\":\"Telstra Pty Ltd\"}");
	assert_string_equal(look_up(geo, "2001:218::1", &any), "{\"country\":\"JP\"}");
	assert_string_equal(look_up(geo, "192.0.2.1", &any), "{}");
	assert_false(any);
	geo_free(geo);
}

static void a_database_that_is_not_there_is_an_error(void **state)
{
	(void)state;
	assert_null(geo_new("/no/such.mmdb", NULL));
	struct geo *geo = geo_new(NULL, NULL);
	bool any;
	assert_string_equal(look_up(geo, "8.8.8.8", &any), "{}");
	geo_free(geo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(country_and_network_are_told),
		cmocka_unit_test(a_database_that_is_not_there_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
