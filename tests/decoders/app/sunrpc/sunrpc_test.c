// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/sunrpc/sunrpc.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "decoders/app/expect.h"
#include "tests/support/decoders/fact_check.h"

#define CALL      "00000000 00000002 "
#define PORTMAP   "000186a0 "
#define MOUNT     "000186a5 "
#define NO_AUTH   "00000000 00000000 00000000 00000000 "
#define ACCEPTED  "00000001 00000000 00000000 00000000 00000000 "
#define UNIX_AUTH "00000001 0000001c 00000000 00000003 6f6e6500 000003e8 00000064 00000001 00000064 00000000 00000000 "

// What is announced from the drive's client to its server's port.
static unsigned announced(struct app_drive *t, uint8_t proto, uint16_t port)
{
	struct app_expectation found;
	struct flow_key key = t->flow.key;
	key.proto = proto;
	key.dport = port;
	return app_expect_take(t->parts.expect, &key, t->now_ns, &found) ? found.app : APP_UNKNOWN;
}

static void test_getport_announces_the_flow(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	app_drive_open(&t, &sunrpc_parser, PROTO_UDP, 700, 111);
	app_drive_hex(&t, TO_SERVER,
		"11111111" CALL PORTMAP "00000002 00000003" UNIX_AUTH "000186a3 00000003 00000006 00000000");
	app_drive_hex(&t, TO_SERVER,
		"22222222" CALL PORTMAP "00000002 00000003" NO_AUTH "000186a5 00000003 00000011 00000000");
	app_drive_hex(&t, TO_CLIENT, "22222222" ACCEPTED "00000385"); // the second is answered first
	app_drive_hex(&t, TO_CLIENT, "11111111" ACCEPTED "00000801");
	assert_true(fact_says(&t, 0, SUNRPC_NAME, "portmapper") && fact_says(&t, 0, SUNRPC_OPERATION, "GETPORT"));
	assert_true(fact_says(&t, 0, SUNRPC_MACHINE, "one") && fact_counts(&t, 0, SUNRPC_UID, 1000));
	assert_true(fact_says(&t, 0, SUNRPC_WANTED_NAME, "nfs") && fact_says(&t, 0, SUNRPC_WANTED_PROTOCOL, "tcp"));
	assert_true(fact_counts(&t, 0, SUNRPC_PORT, 2049) && fact_says(&t, 0, SUNRPC_STATUS, "success"));
	assert_true(fact_counts(&t, 1, SUNRPC_PORT, 901));
	assert_true(
		app_tx_done(&sunrpc_parser, app_drive_tx(&t, 0)) && app_tx_done(&sunrpc_parser, app_drive_tx(&t, 1)));
	assert_int_equal(announced(&t, PROTO_TCP, 2049), APP_NFS);
	assert_int_equal(announced(&t, PROTO_TCP, 2049), APP_UNKNOWN); // one flow
	assert_int_equal(announced(&t, PROTO_UDP, 901), APP_SUNRPC);
	assert_int_equal(announced(&t, PROTO_TCP, 901), APP_UNKNOWN);
	app_drive_close(&t);
}

// A server cannot make TLS of its own unread by saying that RPC lives on its port.
static void test_well_known_ports_are_not_believed(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	app_drive_open(&t, &sunrpc_parser, PROTO_UDP, 700, 111);
	app_drive_hex(&t, TO_SERVER,
		"11111111" CALL PORTMAP "00000002 00000003" NO_AUTH "000186a5 00000003 00000006 00000000");
	app_drive_hex(&t, TO_CLIENT, "11111111" ACCEPTED "000001bb");
	assert_true(fact_counts(&t, 0, SUNRPC_PORT, 443));
	assert_int_equal(announced(&t, PROTO_TCP, 443), APP_UNKNOWN);
	app_drive_close(&t);
}

static void test_getaddr_and_dump(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	app_drive_open(&t, &sunrpc_parser, PROTO_TCP, 700, 111);
	app_drive_hex(&t, TO_SERVER,
		"80000040 33333333" CALL PORTMAP "00000003 00000003" NO_AUTH
		"000186a5 00000001 00000003 75647000 00000000 00000000");
	app_drive_hex(&t, TO_CLIENT, "80000028 33333333" ACCEPTED "0000000c 31302e30 2e302e31 2e382e31");
	assert_false(app_drive_has_event(&t, app_drive_tx(&t, 0), "malformed_data"));
	assert_true(fact_counts(&t, 0, SUNRPC_PORT, 2049) && fact_says(&t, 0, SUNRPC_ADDRESS, "10.0.0.1.8.1"));
	assert_int_equal(announced(&t, PROTO_UDP, 2049), APP_SUNRPC);
	assert_true(fact_says(&t, 0, SUNRPC_WANTED_PROTOCOL, "udp") && fact_says(&t, 0, SUNRPC_OPERATION, "GETADDR"));
	app_drive_hex(&t, TO_SERVER, "80000028 44444444" CALL PORTMAP "00000002 00000004" NO_AUTH);
	app_drive_hex(&t, TO_CLIENT,
		"80000044 44444444" ACCEPTED
		"00000001 000186a3 00000003 00000006 00000801 00000001 00000007 00000001 00000011 00000400 00000000");
	assert_true(fact_says_nth(&t, 1, SUNRPC_MAPPINGS, 0, "nfs 3 tcp 2049"));
	assert_true(fact_says_nth(&t, 1, SUNRPC_MAPPINGS, 1, "7 1 udp 1024"));
	assert_int_equal(announced(&t, PROTO_TCP, 2049), APP_NFS);
	assert_int_equal(announced(&t, PROTO_UDP, 1024), APP_UNKNOWN); // a program nobody knows
	app_drive_close(&t);
}

static void test_mounts_and_exports(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	app_drive_open(&t, &sunrpc_parser, PROTO_UDP, 700, 901);
	app_drive_hex(&t, TO_SERVER, "00000001" CALL MOUNT "00000003 00000001" NO_AUTH "00000005 2f686f6d 65000000");
	app_drive_hex(&t, TO_CLIENT, "00000001" ACCEPTED "0000000d");
	assert_true(fact_says(&t, 0, SUNRPC_OPERATION, "MNT") && fact_says(&t, 0, SUNRPC_PATH, "/home"));
	assert_true(fact_says(&t, 0, SUNRPC_STATUS, "ACCES"));
	app_drive_hex(&t, TO_SERVER, "00000002" CALL MOUNT "00000003 00000005" NO_AUTH);
	app_drive_hex(&t, TO_CLIENT,
		"00000002" ACCEPTED "00000001 00000002 2f610000 00000001 00000001 2a000000 00000000 00000001 00000002 "
		"2f620000 00000000 00000000");
	assert_true(fact_says_nth(&t, 1, SUNRPC_EXPORTS, 0, "/a *") && fact_says_nth(&t, 1, SUNRPC_EXPORTS, 1, "/b"));
	app_drive_hex(&t, TO_SERVER, "00000003" CALL MOUNT "00000003 00000002" NO_AUTH);
	app_drive_hex(&t, TO_CLIENT, "00000003" ACCEPTED "00000001 00000001 68000000 00000002 2f610000 00000000");
	assert_true(fact_says_nth(&t, 2, SUNRPC_MOUNTS, 0, "h:/a"));
	app_drive_hex(&t, TO_SERVER, "00000004" CALL MOUNT "00000003 00000001" NO_AUTH "0000ffff 2f");
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 3), "malformed_data"));
	app_drive_hex(&t, TO_CLIENT, "00000004 00000001 00000001 00000001 00000001");
	assert_true(fact_says(&t, 3, SUNRPC_STATUS, "denied"));
	app_drive_hex(&t, TO_CLIENT, "00000009" ACCEPTED); // nobody asked
	assert_int_equal(fact_counter_of(&t, TALLY_UNSUPPORTED), 1);
	app_drive_close(&t);
}

// A record of many fragments hides no call, however short they are (RFC 5531 section 11); what is no record is told.
static void test_fragments(void **state)
{
	(void)state;
	static const uint8_t call[] = { 9, 9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0x86, 0xa0, 0, 0, 0, 2, 0, 0, 0, 3, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x86, 0xa5, 0, 0, 0, 3, 0, 0, 0, 6, 0, 0, 0, 0 };
	struct app_drive t = { 0 };
	app_drive_open(&t, &sunrpc_parser, PROTO_TCP, 700, 111);
	const uint8_t first[4] = { 0, 0, 0, 40 };
	app_drive_feed(&t, TO_SERVER, first, 4);
	app_drive_feed(&t, TO_SERVER, call, 40);
	for (unsigned i = 40; i < sizeof(call); i++) {
		const uint8_t part[5] = { 0, 0, 0, 1, call[i] };
		assert_null(app_drive_tx(&t, 0));
		app_drive_feed(&t, TO_SERVER, part, 5);
	}
	app_drive_hex(&t, TO_SERVER, "80000000");
	assert_true(fact_says(&t, 0, SUNRPC_OPERATION, "GETPORT") && fact_says(&t, 0, SUNRPC_WANTED_NAME, "mountd"));
	app_drive_hex(&t, TO_CLIENT, "80000004 00000001");
	assert_int_equal(t.result, APP_ERROR);
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "malformed_data"));
	app_drive_close(&t);
	t = (struct app_drive) { 0 };
	app_drive_open(&t, &sunrpc_parser, PROTO_TCP, 700, 111);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "\0\0\0\x28", 4, true), APP_PROBE_MORE);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, "\0\0\0\x28", 4, false), APP_PROBE_NO);
	static const uint8_t part[4 + 1024] = { 0, 0, 4, 0 }; // a record without end
	for (unsigned i = 0; i < 64; i++)
		app_drive_feed(&t, TO_SERVER, part, sizeof(part));
	assert_true(fact_counter_of(&t, TALLY_TRUNCATED) > 0);
	assert_null(app_drive_tx(&t, 0));
	app_drive_close(&t);
}

static void test_probe(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	app_drive_open(&t, &sunrpc_parser, PROTO_UDP, 700, 111);
	static const uint8_t call[40] = { 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0x86, 0xa5, 0, 0, 0, 3 };
	static const uint8_t nfs[40] = { 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0x86, 0xa3, 0, 0, 0, 3 };
	static const uint8_t reply[24] = { 1, 2, 3, 4, 0, 0, 0, 1 };
	assert_int_equal(app_drive_probe(&t, TO_SERVER, call, sizeof(call), false), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_CLIENT, call, sizeof(call), false), APP_PROBE_REVERSED);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, nfs, sizeof(nfs), true), APP_PROBE_NO);
	assert_int_equal(app_drive_probe(&t, TO_CLIENT, reply, sizeof(reply), false), APP_PROBE_NO);
	assert_int_equal(app_drive_probe(&t, TO_CLIENT, reply, sizeof(reply), true), APP_PROBE_YES);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_getport_announces_the_flow),
		cmocka_unit_test(test_well_known_ports_are_not_believed),
		cmocka_unit_test(test_getaddr_and_dump),
		cmocka_unit_test(test_mounts_and_exports),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_probe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
