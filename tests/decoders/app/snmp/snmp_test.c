// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/snmp/snmp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "decoders/app/datagram.h"
#include "tests/support/decoders/app_drive.h"

#define GET_2C "3023 020101 0406 7075626c6963 a016 020101 020100 020100 300b 3009 0605 2b06010201 0500"
#define TRAP_1 "3028 020100 0406 7075626c6963 a41b 0604 2b060104 4004 0a000001 020103 020100 430100 3004 3002 0600"

static void test_community_and_variables(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	struct snmp_message m;
	struct span oid;
	char text[SNMP_OID_TEXT];
	app_drive_open(&t, &snmp_parser, PROTO_UDP, 40000, 161);
	assert_true(app_drive_hex(&t, TO_SERVER, GET_2C));
	assert_true(snmp_message_read(datagram_span(app_drive_tx(&t, 0)), &m));
	assert_int_equal(m.version, 2);
	assert_int_equal(m.pdu, 0);
	assert_true(span_is(m.community, "public"));
	assert_true(snmp_variable_next(&m.variables, &oid));
	assert_string_equal(snmp_oid_text(oid, text), "1.3.6.1.2.1");
	assert_false(snmp_variable_next(&m.variables, &oid));
	app_drive_close(&t);
}

static void test_trap_of_version_1_in_a_flow_of_version_2(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	struct snmp_message m;
	char text[SNMP_OID_TEXT];
	app_drive_open(&t, &snmp_parser, PROTO_UDP, 40000, 162);
	assert_true(app_drive_hex(&t, TO_SERVER, GET_2C));
	assert_true(app_drive_hex(&t, TO_SERVER, TRAP_1));
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 1), "version_mismatch"));
	assert_true(snmp_message_read(datagram_span(app_drive_tx(&t, 1)), &m));
	assert_int_equal(m.pdu, SNMP_TRAP_V1);
	assert_int_equal(m.trap_type, 3);
	assert_string_equal(snmp_oid_text(m.trap_oid, text), "1.3.6.1.4");
	assert_int_equal(m.trap_address.len, 4);
	app_drive_close(&t);
}

static void test_version_3(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	struct snmp_message m;
	app_drive_open(&t, &snmp_parser, PROTO_UDP, 40000, 161);
	// Encrypted, of user bob
	assert_true(app_drive_hex(&t, TO_SERVER,
		"302d 020103 300d 020101 02020800 040103 020103 0413 3011 0400 020100 020100 0403626f62 0400 0400 0404 "
		"01020304"));
	assert_false(app_drive_has_event(&t, NULL, "malformed_data"));
	assert_true(snmp_message_read(datagram_span(app_drive_tx(&t, 0)), &m));
	assert_true(m.encrypted);
	assert_true(span_is(m.user, "bob"));
	// Another security model
	assert_true(app_drive_hex(&t, TO_SERVER, "301a 020103 300d 020101 02020800 040103 020109 0400 0404 01020304"));
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 1), "unknown_security_model"));
	app_drive_close(&t);
}

static void test_malformed(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	char text[SNMP_OID_TEXT];
	app_drive_open(&t, &snmp_parser, PROTO_UDP, 40000, 161);
	static const char *const bad[] = { "30", "3080 020101", "3003 020102", "3020 020101 0406 7075626c6963",
		"3005 020101 0400" };
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(app_drive_hex(&t, TO_SERVER, bad[i]));
		assert_true(app_drive_has_event(&t, app_drive_tx(&t, i), "malformed_data"));
	}
	app_drive_close(&t);
	// Names without end of an arc, and longer than the text
	static uint8_t long_oid[4096];
	memset(long_oid, 0xff, sizeof(long_oid));
	assert_in_range(strlen(snmp_oid_text(span_of(long_oid, sizeof(long_oid)), text)), 1, SNMP_OID_TEXT - 1);
	assert_string_equal(snmp_oid_text(span_of(NULL, 0), text), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_community_and_variables),
		cmocka_unit_test(test_trap_of_version_1_in_a_flow_of_version_2),
		cmocka_unit_test(test_version_3),
		cmocka_unit_test(test_malformed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
