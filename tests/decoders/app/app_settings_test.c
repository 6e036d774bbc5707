// SPDX-License-Identifier: GPL-3.0-or-later
// Settings of protocols: known keys, the last value wins, sizes with units.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "decoders/app/app_layer.h"

static struct option_pair pairs[] = {
	{ (char *)"tls.enabled", (char *)"no" },
	{ (char *)"http.enabled", (char *)"false" },
	{ (char *)"tls.enabled", (char *)"yes" },
	{ (char *)"smtp.enabled", (char *)"detection-only" },
	{ (char *)"http.libhtp.default-config.request-body-limit", (char *)"100 KiB" },
	{ (char *)"tls.ja3-fingerprints", (char *)"auto" },
};
static const struct app_config config = { .protocols = { pairs, sizeof(pairs) / sizeof(pairs[0]) } };

static void keys(void **state)
{
	(void)state;
	assert_true(app_setting_known("tls.ja4-fingerprints"));
	assert_true(app_setting_known("dnp3.detection-ports.dp"));
	assert_true(app_setting_known("http.libhtp.default-config.personality"));
	assert_false(app_setting_known("http.libhtp.default-config."));
	assert_false(app_setting_known("dns.ja4-fingerprints"));
	assert_false(app_setting_known("nothing.enabled"));
	assert_false(app_setting_known("tls"));
}

static void values(void **state)
{
	(void)state;
	assert_true(app_proto_enabled(&config, APP_TLS));
	assert_false(app_proto_enabled(&config, APP_HTTP1));
	assert_true(app_proto_enabled(&config, APP_SMTP));
	assert_true(app_proto_enabled(&config, APP_DNS));
	assert_int_equal(app_setting_size(&config, "http", "libhtp.default-config.request-body-limit", 1), 102400);
	assert_int_equal(app_setting_size(&config, "http", "libhtp.default-config.response-body-limit", 7), 7);
	assert_false(app_setting_bool(&config, "tls", "ja3-fingerprints", false));
	assert_string_equal(app_setting(&config, "tls", "ja3-fingerprints"), "auto");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(keys), cmocka_unit_test(values) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
