// SPDX-License-Identifier: GPL-3.0-or-later
// DNS events as their readers expect them, in both versions.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "decoders/app/dns/dns.h"
#include "export/eve/dns.h"

static struct dns_record records[DNS_RECORDS_MAX];
static char line[65536];

static const char *told_with(
	const struct eve_config *config, const uint8_t *bytes, size_t len, bool response, unsigned part)
{
	struct dns_tx tx = { .response = response };
	tx.tx.direction_mask = response ? 2 : 1;
	tx.tx.id = 3;
	if (!dns_message_parse(span_of(bytes, len), records, &tx.message))
		return NULL;
	struct json json;
	json_begin(&json, line, sizeof(line));
	if (!eve_dns.write(&json, config, NULL, &tx.tx, part, false))
		return NULL;
	// Version 2 is told as the flow has it: from the client, answers too
	assert_int_equal(
		eve_dns.direction(config, &tx.tx, part), response && config->dns_version != 2 ? TO_CLIENT : TO_SERVER);
	size_t written = json_end(&json);
	assert_true(written > 0 && written < sizeof(line));
	line[written] = 0;
	return line;
}

static const char *told(int version, const uint8_t *bytes, size_t len, bool response, unsigned part)
{
	const struct eve_config config = { .dns_version = version };
	return told_with(&config, bytes, len, response, part);
}

static const uint8_t query[] = { 0, 7, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1, 'a', 0, 0, 1, 0, 1, 1, 'b', 0, 0, 65, 0, 1 };
static const uint8_t answer[] = {
	0, 7, 0x81, 0x80, 0, 1, 0, 3, 0, 0, 0, 1, 1, 'a', 0, 0, 1, 0, 1,       //
	0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 1,                  //
	0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 9, 0, 4, 2, 'h', 'i', 0,               //
	0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 9, 0, 9, 0, 1, 0, 2, 0, 80, 1, 's', 0, //
	0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 6, 0, 10, 0, 2, 0xab, 0xcd,          //
};

static void version_3(void **state)
{
	(void)state;
	assert_string_equal(told(3, query, sizeof(query), false, 0),
		"{\"dns\":{\"version\":3,\"type\":\"request\",\"tx_id\":3,\"id\":7,\"flags\":\"100\",\"rd\":true,"
		"\"opcode\":0,\"rcode\":\"NOERROR\","
		"\"queries\":[{\"rrname\":\"a\",\"rrtype\":\"A\"},{\"rrname\":\"b\",\"rrtype\":\"HTTPS\"}]}}\n");
	assert_null(told(3, query, sizeof(query), false, 1));
	assert_string_equal(told(3, answer, sizeof(answer), true, 0),
		"{\"dns\":{\"version\":3,\"type\":\"response\",\"tx_id\":3,\"id\":7,\"flags\":\"8180\",\"qr\":true,"
		"\"rd\":true,\"ra\":true,\"opcode\":0,"
		"\"rcode\":\"NOERROR\",\"queries\":[{\"rrname\":\"a\",\"rrtype\":\"A\"}],"
		"\"answers\":[{\"rrname\":\"a\",\"rrtype\":\"A\",\"ttl\":9,\"rdata\":\"192.0.2.1\"},"
		"{\"rrname\":\"a\",\"rrtype\":\"TXT\",\"ttl\":9,\"rdata\":\"hi\"},{\"rrname\":\"a\",\"rrtype\":\"TXT\","
		"\"ttl\":9,\"rdata\":\"\"},"
		"{\"rrname\":\"a\",\"rrtype\":\"SRV\",\"ttl\":9,\"srv\":{\"priority\":1,\"weight\":2,\"port\":80,"
		"\"name\":\"s\"}}],"
		"\"additionals\":[{\"rrname\":\"\",\"rrtype\":\"OPT\",\"ttl\":0,\"opt\":[{\"code\":10,\"data\":"
		"\"abcd\"}]}],"
		"\"grouped\":{\"A\":[\"192.0.2.1\"],\"SRV\":[{\"priority\":1,\"weight\":2,\"port\":80,\"name\":\"s\"}],"
		"\"TXT\":[\"hi\",\"\"]}}}\n");
}

static void version_2(void **state)
{
	(void)state;
	assert_string_equal(told(2, query, sizeof(query), false, 1),
		"{\"dns\":{\"version\":2,\"type\":\"query\",\"id\":7,\"rrname\":\"b\",\"rrtype\":\"HTTPS\",\"tx_id\":3,"
		"\"opcode\":0}}\n");
	assert_null(told(2, query, sizeof(query), false, 2));
	assert_non_null(
		strstr(told(2, answer, sizeof(answer), true, 0), "\"type\":\"answer\",\"id\":7,\"flags\":\"8180\""));
	assert_null(told(2, answer, sizeof(answer), true, 1));
}

// One record that is longer than a line costs itself, not the event.
static void a_record_too_long_for_a_line(void **state)
{
	(void)state;
	static uint8_t message[60000] = { 0, 7, 0x81, 0x80, 0, 0, 0, 2, 0, 0, 0, 0, //
		0, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 1,                      //
		0, 0, 10, 0, 1, 0, 0, 0, 9, (60000 - 38) >> 8, (60000 - 38) & 255 };
	memset(message + 38, 0xff, sizeof(message) - 38);
	const char *text = told(3, message, sizeof(message), true, 0);
	assert_non_null(text);
	assert_non_null(
		strstr(text, "\"answers\":[{\"rrname\":\"\",\"rrtype\":\"A\",\"ttl\":9,\"rdata\":\"192.0.2.1\"}]"));
	assert_non_null(strstr(text, "\"grouped\":{\"A\":[\"192.0.2.1\"],\"NULL\":[]}}}\n"));
}

static void only_what_was_asked_for(void **state)
{
	(void)state;
	struct option_pair pairs[] = { { (char *)"types.dns.types.0", (char *)"aaaa" } };
	struct eve_config config = { .dns_version = 3, .types = { pairs, 1 } };
	assert_null(told_with(&config, answer, sizeof(answer), true, 0));
	pairs[0].value = (char *)"srv";
	assert_non_null(told_with(&config, answer, sizeof(answer), true, 0));
	pairs[0] = (struct option_pair) { (char *)"types.dns.requests", (char *)"no" };
	assert_null(told_with(&config, query, sizeof(query), false, 0));
	pairs[0] = (struct option_pair) { (char *)"types.dns.formats.0", (char *)"grouped" };
	assert_null(strstr(told_with(&config, answer, sizeof(answer), true, 0), "\"answers\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_3),
		cmocka_unit_test(version_2),
		cmocka_unit_test(only_what_was_asked_for),
		cmocka_unit_test(a_record_too_long_for_a_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
