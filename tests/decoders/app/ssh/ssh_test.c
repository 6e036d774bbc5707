// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ssh/ssh.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/support/decoders/app_drive.h"

#define NEWKEYS "0000000c 0a 15 00000000000000000000"

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &ssh_parser, PROTO_TCP, 40000, 22);
}

static const struct ssh_side *side(const struct app_drive *t, enum direction direction)
{
	return &ssh_tx_of(app_drive_tx(t, 0))->sides[direction];
}

// A KEXINIT whose lists are a, b, c, ... Gives its length.
static size_t kexinit(uint8_t out[128])
{
	size_t at = 6 + 16;
	memset(out, 0, 128);
	for (unsigned i = 0; i < 10; i++) {
		out[at + 3] = i < 8;
		at += 4;
		if (i < 8)
			out[at++] = (uint8_t)('a' + i);
	}
	at += 5 + 4; // follows, reserved, padding
	out[3] = (uint8_t)(at - 4);
	out[4] = 4;
	out[5] = 20;
	return at;
}

static void test_session(void **state)
{
	(void)state;
	struct app_drive t;
	uint8_t kex[128];
	size_t len = kexinit(kex);
	open_drive(&t);
	assert_true(app_drive_text(&t, TO_CLIENT, "SSH-1.99-OpenSSH_3.1p1\n"));
	assert_true(app_drive_text(&t, TO_SERVER, "SSH-2.0-put"));
	assert_int_equal(app_drive_tx(&t, 0)->progress[TO_SERVER], SSH_STARTED);
	assert_true(app_drive_text(&t, TO_SERVER, "ty_0.7 with comments\r\n"));
	assert_true(span_is(side(&t, TO_SERVER)->proto, "2.0"));
	assert_true(span_is(side(&t, TO_SERVER)->software, "putty_0.7"));
	assert_true(span_is(side(&t, TO_CLIENT)->proto, "1.99"));
	assert_true(span_is(side(&t, TO_CLIENT)->software, "OpenSSH_3.1p1"));
	assert_true(app_drive_feed(&t, TO_SERVER, kex, 30));
	assert_int_equal(app_drive_tx(&t, 0)->progress[TO_SERVER], SSH_BANNER_DONE);
	assert_true(app_drive_feed(&t, TO_SERVER, kex + 30, len - 30));
	assert_true(app_drive_feed(&t, TO_CLIENT, kex, len));
	assert_true(span_is(bytes_span(&side(&t, TO_SERVER)->hassh), "a;c;e;g"));
	assert_true(span_is(bytes_span(&side(&t, TO_CLIENT)->hassh), "a;d;f;h"));
	assert_int_equal(strlen(side(&t, TO_CLIENT)->hassh_hash), 32);
	// Another record, in two parts, and what ends the plain part
	assert_true(app_drive_hex(&t, TO_SERVER, "00000008 04 1e 00"));
	assert_true(app_drive_hex(&t, TO_SERVER, "0000000000" NEWKEYS));
	assert_int_equal(app_drive_tx(&t, 0)->progress[TO_SERVER], SSH_FINISHED);
	assert_true(app_drive_hex(&t, TO_SERVER, "0102030405"));
	assert_false(t.flow.app.flags & APP_ENCRYPTED);
	assert_true(app_drive_hex(&t, TO_CLIENT, NEWKEYS));
	assert_true(t.flow.app.flags & APP_ENCRYPTED);
	assert_null(ssh_login_of(&t.flow));
	assert_int_equal(app_drive_tx(&t, 0)->events, 0);
	assert_null(app_drive_tx(&t, 1));
	app_drive_close(&t);
}

// Both sides past NEWKEYS.
static void open_encrypted(struct app_drive *t)
{
	uint8_t kex[128];
	size_t len = kexinit(kex);
	open_drive(t);
	app_drive_text(t, TO_CLIENT, "SSH-2.0-s\r\n");
	app_drive_text(t, TO_SERVER, "SSH-2.0-c\r\n");
	app_drive_feed(t, TO_SERVER, kex, len);
	app_drive_feed(t, TO_CLIENT, kex, len);
	app_drive_hex(t, TO_CLIENT, NEWKEYS);
	app_drive_hex(t, TO_SERVER, NEWKEYS);
}

// Sizes: those to the server below 0. False once nothing more is wanted.
static bool sizes(struct app_drive *t, const int *list)
{
	static const uint8_t bytes[1024];
	bool more = true;
	for (; *list; list++)
		more = app_drive_feed(t, *list < 0 ? TO_SERVER : TO_CLIENT, bytes, (size_t)abs(*list));
	return more;
}

static void test_logins_by_their_sizes(void **state)
{
	static const struct {
		int sizes[20];
		unsigned attempts;
		bool success, more;
	} cases[] = {
		// What the server can do, service, methods, two passwords, the right one
		{ { 464, -44, 44, -60, 76, -140, 76, -140, 76, -140, 28 }, 3, true, false },
		// A key that is known, and its signature
		{ { -44, 44, -60, 76, -500, 540, -1000, 28 }, 1, true, false },
		{ { -44, 44, -60, 28 }, 1, true, false },                          // asked nothing
		{ { -44, 44, -60, 300, 76, -140, 76, -140, 76 }, 2, false, true }, // a banner first
		{ { -44, 44, -60, 76 }, 1, false, true }, { { -44, 44 }, 0, false, true },
		{ { -44, 600, -60, 28 }, 0, false, false }, // no size a service is accepted with
	};
	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct app_drive t;
		open_encrypted(&t);
		assert_int_equal(sizes(&t, cases[i].sizes), cases[i].more);
		const struct ssh_login *login = ssh_login_of(&t.flow);
		assert_int_equal(login ? ssh_login_attempts(login) : 0, cases[i].attempts);
		assert_int_equal(login && login->result == SSH_LOGIN_GRANTED, cases[i].success);
		app_drive_close(&t);
	}
}

static void test_login_without_end_is_given_up(void **state)
{
	(void)state;
	struct app_drive t;
	open_encrypted(&t);
	assert_true(sizes(&t, (const int[]) { -44, 44, -60, 76, 0 }));
	for (unsigned i = 0; i < SSH_LOGIN_TURNS - 2; i++)
		assert_true(sizes(&t, (const int[]) { -140, 76, 0 }));
	assert_false(sizes(&t, (const int[]) { -140, 0 }));
	assert_int_equal(ssh_login_attempts(ssh_login_of(&t.flow)), SSH_LOGIN_TURNS - 2);
	app_drive_close(&t);
	open_encrypted(&t);
	app_drive_gap(&t, TO_CLIENT, 100);
	assert_false(sizes(&t, (const int[]) { 44, 0 }));
	app_drive_close(&t);
}

static void test_long_banner_is_cut(void **state)
{
	(void)state;
	struct app_drive t;
	char text[300] = "SSH-2.0-";
	memset(text + 8, 'x', sizeof(text) - 9);
	open_drive(&t);
	assert_true(app_drive_text(&t, TO_SERVER, text));
	assert_true(app_drive_has_event(&t, NULL, "long_banner"));
	assert_int_equal(app_drive_tx(&t, 0)->progress[TO_SERVER], SSH_BANNER_WAIT);
	assert_int_equal(side(&t, TO_SERVER)->software.len, SSH_BANNER_MAX - 8);
	assert_true(app_drive_text(&t, TO_SERVER, "still\r\n"));
	assert_int_equal(app_drive_tx(&t, 0)->progress[TO_SERVER], SSH_BANNER_DONE);
	app_drive_close(&t);
}

static void test_hostile_bytes_are_events(void **state)
{
	(void)state;
	static const struct {
		const char *first, *hex, *event;
	} cases[] = {
		{ "SSH-nonsense\r\n", NULL, "invalid_banner" },
		{ "SSH--x\r\n", NULL, "invalid_banner" },
		{ "SSH-2.0-x\r\n", "00000001 00 14", "invalid_record" },
		{ "SSH-2.0-x\r\n", "00000014 00 14 0000000000000000000000000000000000ff", "invalid_record" },
		{ "SSH-2.0-x\r\n", "00000018 00 14 00000000000000000000000000000000 ffffffff 0000", "invalid_record" },
		{ "SSH-2.0-x\r\n", "00040001 04 15", "invalid_record" },
		{ "SSH-2.0-x\r\n", "ffffffff 04 14", "invalid_record" },
		{ "SSH-1.99-x\r\n", "80000000 04 14", "invalid_record" },
		{ "SSH-2.0-x\r\n", "00010000 04 14", "long_kex_record" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct app_drive t;
		open_drive(&t);
		app_drive_text(&t, TO_SERVER, cases[i].first);
		if (cases[i].hex)
			app_drive_hex(&t, TO_SERVER, cases[i].hex);
		if (!app_drive_has_event(&t, NULL, cases[i].event))
			fail_msg("%zu: no %s", i, cases[i].event);
		app_drive_close(&t);
	}
}

static void test_huge_record_is_passed_over(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_text(&t, TO_SERVER, "SSH-2.0-x\r\n"));
	assert_true(app_drive_hex(&t, TO_SERVER, "00020000 04 14"));
	app_drive_gap(&t, TO_SERVER, 0x1fffe);
	assert_true(app_drive_hex(&t, TO_SERVER, NEWKEYS));
	assert_int_equal(app_drive_tx(&t, 0)->progress[TO_SERVER], SSH_FINISHED);
	app_drive_close(&t);
}

static void test_old_version_has_other_records(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_text(&t, TO_SERVER, "SSH-1.5-x\r\n"));
	assert_false(app_drive_hex(&t, TO_SERVER, "ffffffff 04 14"));
	assert_false(app_drive_has_event(&t, NULL, "invalid_record"));
	app_drive_close(&t);
}

static void test_gap_ends_the_direction(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_text(&t, TO_SERVER, "SSH-2.0-x\r\n"));
	app_drive_gap(&t, TO_SERVER, 5);
	assert_false(app_drive_hex(&t, TO_SERVER, NEWKEYS));
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_logins_by_their_sizes),
		cmocka_unit_test(test_login_without_end_is_given_up),
		cmocka_unit_test(test_long_banner_is_cut),
		cmocka_unit_test(test_hostile_bytes_are_events),
		cmocka_unit_test(test_huge_record_is_passed_over),
		cmocka_unit_test(test_old_version_has_other_records),
		cmocka_unit_test(test_gap_ends_the_direction),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
