// SPDX-License-Identifier: GPL-3.0-or-later
// Requests of the control socket: what is taken, and that everything else is refused with a reason.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "sensor/manage/request.h"

static bool read_line(const char *line, struct control_request *request)
{
	const char *reason = NULL;
	bool good = request_read((struct span) { (const uint8_t *)line, (uint32_t)strlen(line) }, request, &reason);
	assert_true(good || reason);
	return good;
}

static void test_commands_are_read(void **state)
{
	(void)state;
	struct control_request request;
	assert_true(read_line("{\"command\":\"uptime\"}", &request));
	assert_string_equal(request.command, "uptime");
	assert_true(read_line(" { \"command\" : \"reload-rules\" , \"version\":\"0.2\" } \r", &request));
	assert_string_equal(request.command, "reload-rules");
	assert_true(read_line("{\"version\": \"0.2\"}", &request));
	assert_string_equal(request.command, "");
	assert_string_equal(request.version, "0.2");
}

static void test_arguments_are_read(void **state)
{
	(void)state;
	struct control_request request;
	assert_true(read_line(
		"{\"command\":\"dataset-add\",\"arguments\":{\"setname\":\"a\\u0041\",\"settype\":\"ip\"}}", &request));
	assert_string_equal(request_argument(&request, "setname"), "aA");
	assert_string_equal(request_argument(&request, "settype"), "ip");
	assert_null(request_argument(&request, "datavalue"));
}

static void test_everything_else_is_refused(void **state)
{
	(void)state;
	static const char *const lines[] = { "", "uptime", "{", "{}", "[]", "{\"command\"}", "{\"command\":}",
		"{\"command\":1}", "{\"command\":\"uptime\"", "{\"command\":\"uptime\"} x", "{\"command\":\"uptime\",}",
		"{\"command\":\"a\",\"command\":\"b\"}", "{\"comm\":\"uptime\"}", "{\"command\":\"up\\qime\"}",
		"{\"command\":\"up\\u0000\"}", "{\"arguments\":[]}", "{\"arguments\":{\"a\":1}}",
		"{\"arguments\":{\"a\":\"\",\"b\":\"\",\"c\":\"\",\"d\":\"\",\"e\":\"\"}}", "{\"command\":\"up",
		"{\"command\":\"0123456789012345678901234567890123456789012345678901234567890123\"}" };
	struct control_request request;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_false(read_line(lines[i], &request));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands_are_read),
		cmocka_unit_test(test_arguments_are_read),
		cmocka_unit_test(test_everything_else_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
