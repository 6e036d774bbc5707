// SPDX-License-Identifier: GPL-3.0-or-later
// LLMNR and the NetBIOS name service: DNS messages of their own ports, names and roles.
#include "decoders/app/dns/dns.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/app_drive.h"

// "FILESRV" with suffix 0x20
#define NAME "20 4547454a454d4546464446434647434143414341434143414341434143414341 00"

static void name_is(const struct dns_message *m, const struct dns_record *record, const char *text)
{
	struct dns_name name;
	assert_true(dns_message_name(m, record->name, m->bytes.len, &name));
	assert_int_equal(name.len, strlen(text));
	assert_memory_equal(name.text, text, name.len);
}

static void test_netbios_names_are_decoded(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	app_drive_open(&t, &nbns_parser, PROTO_UDP, 137, 137);
	app_drive_hex(&t, TO_SERVER, "0001 0110 0001 0000 0000 0000" NAME "0020 0001");
	const struct dns_tx *query = dns_tx_of(app_drive_tx(&t, 0));
	assert_false(query->response);
	name_is(&query->message, &query->message.records[0], "FILESRV<20>");
	assert_string_equal(netbios_type_name(query->message.records[0].type), "NB");
	// The answer of a node comes as a flow of its own
	app_drive_hex(&t, TO_SERVER, "0001 8500 0000 0001 0000 0000" NAME "0020 0001 00000e10 0006 0000 0a000005");
	const struct dns_tx *answer = dns_tx_of(app_drive_tx(&t, 1));
	assert_true(answer->response);
	name_is(&answer->message, &answer->message.records[0], "FILESRV<20>");
	// Registration: opcode 5; refresh: 8, which DNS would call invalid
	app_drive_hex(&t, TO_SERVER, "0002 4010 0001 0000 0000 0000" NAME "0020 0001");
	assert_int_equal(app_drive_tx(&t, 2)->events, 0);
	app_drive_close(&t);
}

static void test_names_that_are_not_encoded_stay(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	app_drive_open(&t, &nbns_parser, PROTO_UDP, 137, 137);
	app_drive_hex(&t, TO_SERVER, "0001 0110 0001 0000 0000 0000 03 777777 00 0020 0001");
	const struct dns_tx *query = dns_tx_of(app_drive_tx(&t, 0));
	name_is(&query->message, &query->message.records[0], "www");
	// 32 letters, one of them not from A to P
	app_drive_hex(&t, TO_SERVER,
		"0001 0110 0001 0000 0000 0000"
		"20 5a47454a454d4546464446434647434143414341434143414341434143414341 00 0020 0001");
	query = dns_tx_of(app_drive_tx(&t, 1));
	name_is(&query->message, &query->message.records[0], "ZGEJEMEFFDFCFGCACACACACACACACACA");
	// A scope stays behind the name
	app_drive_hex(&t, TO_SERVER,
		"0001 0110 0001 0000 0000 0000"
		"20 4547454a454d4546464446434647434143414341434143414341434143414341 01 78 00 0020 0001");
	query = dns_tx_of(app_drive_tx(&t, 2));
	name_is(&query->message, &query->message.records[0], "FILESRV<20>.x");
	app_drive_close(&t);
}

static void test_llmnr_tells_roles_by_the_message(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	app_drive_open(&t, &llmnr_parser, PROTO_UDP, 50000, 5355);
	app_drive_hex(&t, TO_SERVER, "0007 0000 0001 0000 0000 0000 04 77706164 00 0001 0001");
	app_drive_hex(&t, TO_SERVER,
		"0007 8000 0001 0001 0000 0000 04 77706164 00 0001 0001 c00c 0001 0001 0000001e 0004 0a000009");
	assert_false(dns_tx_of(app_drive_tx(&t, 0))->response);
	assert_true(dns_tx_of(app_drive_tx(&t, 1))->response);
	name_is(&dns_tx_of(app_drive_tx(&t, 1))->message, &dns_tx_of(app_drive_tx(&t, 1))->message.records[1], "wpad");
	// Too short, and a broken name: nothing, or an event on what was before
	app_drive_hex(&t, TO_SERVER, "0007");
	app_drive_hex(&t, TO_SERVER, "0007 0000 0001 0000 0000 0000 3f 77706164");
	assert_null(app_drive_tx(&t, 2));
	app_drive_close(&t);
}

static void test_probe_asks_their_ports_only(void **state)
{
	(void)state;
	static const char message[] = "\0\1\1\20\0\1\0\0\0\0\0\0\1a\0\0\40\0\1";
	assert_true(nbns_parser.hint_only && llmnr_parser.hint_only);
	struct app_drive t = { 0 };
	app_drive_open(&t, &nbns_parser, PROTO_UDP, 137, 137);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, message, sizeof(message) - 1, true), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, message, 5, true), APP_PROBE_NO);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_netbios_names_are_decoded),
		cmocka_unit_test(test_names_that_are_not_encoded_stay),
		cmocka_unit_test(test_llmnr_tells_roles_by_the_message),
		cmocka_unit_test(test_probe_asks_their_ports_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
