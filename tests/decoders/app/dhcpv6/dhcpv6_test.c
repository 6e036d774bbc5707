// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/dhcpv6/dhcpv6.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/fact_check.h"

#define IP "20010db8000000000000000000000001"

// clang-format off
#define CLIENT_ID "0001000e 00010001 00000001 001122334455"
#define SERVER_ID "0002000a 00030001 66778899aabb"
#define SOLICIT   "01 abcdef " CLIENT_ID " 0003000c 00000007 00000000 00000000" \
	" 00060004 0017 0018 00080002 0064 000e0000 0027000a 00 04686f7374 036c616e" \
	" 00100008 00000137 0002 6d73"
#define REPLY     "07 abcdef " CLIENT_ID SERVER_ID \
	" 00030028 00000007 000003e8 000007d0 00050018 " IP " 00000e10 00001c20" \
	" 00190029 00000008 000003e8 000007d0 001a0019 00000e10 00001c20 38 20010db8000000000000000000000000" \
	" 00170010 " IP " 00180008 026578 036f7267 00 000d0006 0000 676f6f64 003b0007 687474703a2f2f"
#define RELAYED   "0c 01 " IP "fe800000000000000000000000000001 00120003 657468 00250006 00000137 beef 0009000a 01 000001 00080002 0000"
// clang-format on

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &dhcpv6_parser, PROTO_UDP, 546, 547);
}

static void test_solicit(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, SOLICIT));
	assert_true(fact_says(&t, 0, DHCPV6_TYPE, "solicit"));
	assert_true(fact_counts(&t, 0, DHCPV6_TRANSACTION, 0xabcdef));
	assert_true(fact_says(&t, 0, DHCPV6_CLIENT_DUID, "0001000100000001001122334455"));
	assert_true(fact_says(&t, 0, DHCPV6_CLIENT_MAC, "00:11:22:33:44:55"));
	assert_true(fact_counts(&t, 0, DHCPV6_IAID, 7));
	assert_true(fact_counts(&t, 0, DHCPV6_REQUESTED, 23));
	assert_true(fact_counts(&t, 0, DHCPV6_ELAPSED, 100));
	assert_true(fact_counts(&t, 0, DHCPV6_RAPID_COMMIT, 1));
	assert_true(fact_says(&t, 0, DHCPV6_FQDN, "host.lan"));
	assert_true(fact_says(&t, 0, DHCPV6_VENDOR_CLASS, "ms"));
	assert_true(fact_counts(&t, 0, DHCPV6_ENTERPRISE, 311));
	assert_true(app_tx_done(&dhcpv6_parser, app_drive_tx(&t, 0)));
	assert_false(app_drive_has_event(&t, NULL, "malformed_data"));
	app_drive_close(&t);
}

static void test_reply(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_CLIENT, REPLY));
	assert_true(fact_says(&t, 0, DHCPV6_TYPE, "reply"));
	assert_true(fact_says(&t, 0, DHCPV6_SERVER_DUID, "0003000166778899aabb"));
	assert_int_equal(fact_find(fact_tx_in(app_drive_tx(&t, 0)), DHCPV6_ADDRESS, 0)->len, 16);
	assert_true(fact_says(&t, 0, DHCPV6_PREFIX, "2001:0db8:0000:0000:0000:0000:0000:0000/56"));
	assert_true(fact_counts(&t, 0, DHCPV6_PREFERRED, 3600));
	assert_true(fact_counts(&t, 0, DHCPV6_LEASE, 7200));
	assert_int_equal(fact_find(fact_tx_in(app_drive_tx(&t, 0)), DHCPV6_IAID, 1)->number, 8);
	assert_true(fact_says(&t, 0, DHCPV6_DOMAIN, "ex.org"));
	assert_true(fact_says(&t, 0, DHCPV6_STATUS, "success"));
	assert_true(fact_says(&t, 0, DHCPV6_STATUS_MESSAGE, "good"));
	assert_true(fact_says(&t, 0, DHCPV6_BOOTFILE, "http://"));
	assert_int_equal(fact_find(fact_tx_in(app_drive_tx(&t, 0)), DHCPV6_DNS_SERVER, 0)->len, 16);
	assert_false(app_drive_has_event(&t, NULL, "malformed_data"));
	app_drive_close(&t);
}

static void test_relays(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, RELAYED));
	assert_true(fact_says(&t, 0, DHCPV6_RELAY_TYPE, "relay_forw"));
	assert_true(fact_counts(&t, 0, DHCPV6_RELAY_HOPS, 1));
	assert_true(fact_says(&t, 0, DHCPV6_INTERFACE, "eth"));
	assert_true(fact_says(&t, 0, DHCPV6_REMOTE, "beef"));
	assert_true(fact_says(&t, 0, DHCPV6_TYPE, "solicit"));
	assert_true(fact_counts(&t, 0, DHCPV6_TRANSACTION, 1));
	// As deep as may be, and deeper
	for (unsigned deep = DHCPV6_RELAYS; deep <= DHCPV6_RELAYS + 1; deep++) {
		uint8_t bytes[1024] = { 0 };
		unsigned len = deep * 38 + 4;
		for (unsigned i = 0; i < deep; i++) {
			unsigned rest = len - 38 * (i + 1);
			memcpy(bytes + 38 * i + 34, (uint8_t[]) { 0, 9, (uint8_t)(rest >> 8), (uint8_t)rest }, 4);
			bytes[38 * i] = 12;
		}
		bytes[38 * deep] = 1;
		app_drive_feed(&t, TO_SERVER, bytes, len);
		unsigned n = deep - DHCPV6_RELAYS + 1;
		assert_int_equal(
			app_drive_has_event(&t, app_drive_tx(&t, n), "message_too_long"), deep > DHCPV6_RELAYS);
		assert_int_equal(fact_silent(&t, n, DHCPV6_TYPE), deep > DHCPV6_RELAYS);
	}
	assert_false(app_drive_has_event(&t, NULL, "malformed_data"));
	app_drive_close(&t);
}

static void test_small_options(void **state)
{
	(void)state;
	static const struct {
		const char *hex;
		uint8_t fact;
		const char *says;
	} messages[] = {
		{ "01 000001 000f0007 0002 6162 0001 63", DHCPV6_USER_CLASS, "ab" },
		{ "07 000001 000d0002 0002", DHCPV6_STATUS, "no_addrs_avail" },
		{ "07 000001 000d0002 0063", DHCPV6_STATUS, "99" },
		{ "01 000001 004f0008 0001 0a0b0c0d0e0f", DHCPV6_CLIENT_MAC, "0a:0b:0c:0d:0e:0f" },
		{ "01 000001 00010004 00020000", DHCPV6_CLIENT_DUID, "00020000" },
		{ "05 000001 00040004 00000009", DHCPV6_TYPE, "renew" },
		{ "0b 000001 ffff0000", DHCPV6_TYPE, "information_request" },
		{ "0b 000001", DHCPV6_TYPE, "information_request" },
		{ "01 000001 00270003 00 0161", DHCPV6_FQDN, "a" },
	};
	for (unsigned i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct app_drive t;
		open_drive(&t);
		assert_true(app_drive_hex(&t, TO_SERVER, messages[i].hex));
		assert_true(fact_says(&t, 0, messages[i].fact, messages[i].says));
		assert_false(app_drive_has_event(&t, NULL, "malformed_data"));
		app_drive_close(&t);
	}
}

static void test_hostile_messages(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"00 000001", // no such kind
		"ff 000001",
		"01 0000",
		"01 000001 0001",                              // cut
		"01 000001 000100ff 00",                       // longer than the message
		"01 000001 00010002 0001",                     // no identifier
		"01 000001 0003000b 00000007 00000000 000000", // association cut
		"01 000001 00050017 " IP " 00000e10 00001c",   // address cut
		"01 000001 001a0019 00000e10 00001c20 81 " IP, // 129 bits
		"01 000001 00060003 0017 00",                  // half an option asked for
		"01 000001 00080001 00",
		"01 000001 000d0001 00",
		"01 000001 00100003 000001",
		"01 000001 00110003 000001",
		"01 000001 000f0003 0005 61",
		"01 000001 0017000f 20010db80000000000000000000000",
		"01 000001 00270000",
		"01 000001 00270003 00 0561",
		"01 000001 00180002 c001", // labels cut, pointers
		"01 000001 00250003 000001",
		"01 000001 004f0001 00",
		"01 000001 00090004 01000002", // who carries messages is a relay
		"0c 00 " IP,
		"0c 00 " IP IP, // relay without a message
		"0c 00 " IP IP " 00090000",
		// options in options in options
		"01 000001 00030028 00000007 00000000 00000000 00030018 00000007 00000000 00000000 0003 0008 00000007 "
		"00000000",
		"01 000001 00040018 00000001 00040010 00000001 00040008 00000001 0004 0000 00000001 00040004 00000001",
	};
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct app_drive t;
		open_drive(&t);
		assert_true(app_drive_hex(&t, TO_SERVER, bad[i]));
		assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "malformed_data"));
		app_drive_close(&t);
	}
}

// Associations in each other, as deep as a datagram lets them.
static void test_nesting_ends(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	uint8_t bytes[1204] = { 1, 0, 0, 1 };
	for (unsigned at = 4; at + 8 <= sizeof(bytes); at += 8) {
		unsigned len = (unsigned)sizeof(bytes) - at - 4;
		memcpy(bytes + at, (uint8_t[]) { 0, 4, (uint8_t)(len >> 8), (uint8_t)len }, 4);
	}
	app_drive_feed(&t, TO_SERVER, bytes, sizeof(bytes));
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 0), "malformed_data"));
	assert_true(fact_tx_in(app_drive_tx(&t, 0))->count < 10);
	// More asked for than is told, and more values than a transaction has
	uint8_t many[4 + 4 + 400] = { 1, 0, 0, 2, 0, 6, 400 >> 8, 400 & 255 };
	app_drive_feed(&t, TO_SERVER, many, sizeof(many));
	assert_null(fact_find(fact_tx_in(app_drive_tx(&t, 1)), DHCPV6_REQUESTED, DHCPV6_OPTIONS));
	assert_int_equal(fact_counter_of(&t, TALLY_TRUNCATED), 1);
	uint8_t statuses[4 + 6 * 200] = { 7, 0, 0, 3 };
	for (unsigned i = 0; i < 200; i++)
		memcpy(statuses + 4 + 6 * i, (uint8_t[]) { 0, 13, 0, 2, 0, 1 }, 6);
	app_drive_feed(&t, TO_CLIENT, statuses, sizeof(statuses));
	assert_int_equal(fact_tx_in(app_drive_tx(&t, 2))->count, FACT_MAX);
	assert_true(fact_counter_of(&t, TALLY_OVER_BUDGET) > 0);
	app_drive_close(&t);
}

static void test_first_bytes_decide(void **state)
{
	(void)state;
	static const uint8_t solicit[] = { 1, 0, 0, 1, 0, 8, 0, 2, 0, 0 }, reply[] = { 7, 0, 0, 1 },
			     odd[] = { 99, 0, 0, 1 }, cut[] = { 1, 0, 0, 1, 0, 8, 0, 9, 0 },
			     relay[] = { 12, 0, 0, 1, 0 };
	struct app_drive t;
	open_drive(&t);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, solicit, sizeof(solicit), true), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_CLIENT, solicit, sizeof(solicit), true), APP_PROBE_REVERSED);
	assert_int_equal(app_drive_probe(&t, TO_CLIENT, reply, sizeof(reply), true), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, reply, sizeof(reply), true), APP_PROBE_REVERSED);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, odd, sizeof(odd), true), APP_PROBE_NO);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, cut, sizeof(cut), true), APP_PROBE_NO);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, relay, sizeof(relay), true), APP_PROBE_NO);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, solicit, 3, true), APP_PROBE_NO);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_solicit),
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_relays),
		cmocka_unit_test(test_small_options),
		cmocka_unit_test(test_hostile_messages),
		cmocka_unit_test(test_nesting_ends),
		cmocka_unit_test(test_first_bytes_decide),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
