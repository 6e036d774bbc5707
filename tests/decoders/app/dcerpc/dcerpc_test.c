// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/dcerpc/dcerpc.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/smb_drive.h"

static void open_drive(struct app_drive *t, uint8_t proto)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &dcerpc_parser, proto, 40000, 135);
}

static const struct dcerpc_tx *tx_at(const struct app_drive *t, unsigned n)
{
	return dcerpc_tx_of(app_drive_tx(t, n));
}

static void test_call_knows_its_interface_by_context(void **state)
{
	(void)state;
	for (uint32_t step = 1; step < 60; step += 9) {
		struct app_drive t;
		struct wire w = { 0 };
		open_drive(&t, PROTO_TCP);
		rpc_bind(&w, 1, 9);
		say(&t, TO_SERVER, &w);
		rpc_bound(&w, 1, 0);
		say(&t, TO_CLIENT, &w);
		rpc_request(&w, 2, DCERPC_FIRST_FRAGMENT, 9, 4, "ab");
		rpc_request(&w, 2, DCERPC_LAST_FRAGMENT, 9, 4, "cd");
		for (uint32_t at = 0; at < w.len; at += step)
			assert_true(app_drive_feed(&t, TO_SERVER, w.data + at, w.len - at < step ? w.len - at : step));
		w.len = 0;
		rpc_response(&w, 2, 3, "x");
		say(&t, TO_CLIENT, &w);
		const struct dcerpc_call *call = &tx_at(&t, 1)->call;
		assert_int_equal(call->opnum, 4);
		assert_true(span_is(bytes_span(&call->stub[TO_SERVER]), "abcd"));
		assert_int_equal(call->fragments[TO_SERVER], 2);
		assert_true(call->has_interface && call->interface.acked && call->interface.result == 0);
		assert_int_equal(call->stub_size[TO_CLIENT], 9); // with the second half of its header
		assert_true(app_tx_done(&dcerpc_parser, app_drive_tx(&t, 1)));
		assert_null(app_drive_tx(&t, 2));
		app_drive_close(&t);
	}
}

static void test_call_without_its_context_has_no_interface(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	open_drive(&t, PROTO_TCP);
	rpc_bind(&w, 1, 9);
	rpc_request(&w, 2, 3, 8, 4, "x");
	say(&t, TO_SERVER, &w);
	assert_false(tx_at(&t, 1)->call.has_interface);
	app_drive_close(&t);
}

static void test_number_used_again_is_another_call(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	open_drive(&t, PROTO_TCP);
	rpc_bind(&w, 5, 0);
	rpc_request(&w, 5, 3, 0, 1, "x");
	say(&t, TO_SERVER, &w);
	rpc_response(&w, 5, 3, "y");
	rpc_bound(&w, 5, 0);
	say(&t, TO_CLIENT, &w);
	assert_int_equal(tx_at(&t, 0)->call.response, DCERPC_BINDACK);
	assert_int_equal(tx_at(&t, 1)->call.response, DCERPC_RESPONSE);
	assert_null(app_drive_tx(&t, 2));
	app_drive_close(&t);
}

static void test_answer_before_request_waits_for_it_or_for_a_gap(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	open_drive(&t, PROTO_TCP);
	rpc_response(&w, 5, 3, "y");
	rpc_response(&w, 6, 3, "z");
	say(&t, TO_CLIENT, &w);
	assert_false(app_tx_done(&dcerpc_parser, app_drive_tx(&t, 0)));
	rpc_request(&w, 5, 3, 0, 1, "x");
	say(&t, TO_SERVER, &w);
	assert_true(app_tx_done(&dcerpc_parser, app_drive_tx(&t, 0)));
	assert_false(tx_at(&t, 0)->request_lost);
	app_drive_gap(&t, TO_SERVER, 100);
	put(&w, "\5rest of something", 18);
	rpc_request(&w, 7, 3, 0, 1, "x");
	say(&t, TO_SERVER, &w);
	assert_true(app_tx_done(&dcerpc_parser, app_drive_tx(&t, 1)));
	assert_true(tx_at(&t, 1)->request_lost);
	assert_int_equal(tx_at(&t, 2)->call.call_id, 7);
	app_drive_close(&t);
}

static void test_end_of_a_direction_ends_what_waits_for_it(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	open_drive(&t, PROTO_TCP);
	rpc_request(&w, 5, DCERPC_FIRST_FRAGMENT, 0, 1, "x");
	say(&t, TO_SERVER, &w);
	app_drive_end(&t, TO_SERVER);
	assert_true(tx_at(&t, 0)->request_lost);
	app_drive_end(&t, TO_CLIENT);
	assert_true(app_tx_done(&dcerpc_parser, app_drive_tx(&t, 0)));
	app_drive_close(&t);
}

static void test_what_is_no_dcerpc_ends_the_flow(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	open_drive(&t, PROTO_TCP);
	rpc_request(&w, 5, 3, 0, 1, "x");
	put(&w, "HTTP/1.1 200 OK\r\n\r\n", 19);
	assert_false(app_drive_feed(&t, TO_SERVER, w.data, w.len));
	assert_int_equal(t.result, APP_ERROR);
	app_drive_close(&t);
}

static void test_interfaces_of_a_bind_are_bounded(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	open_drive(&t, PROTO_TCP);
	uint32_t start = rpc_open(&w, DCERPC_BIND, 3, 1);
	put_zeros(&w, 8);
	put_le(&w, 200, 4);
	for (unsigned i = 0; i < 200; i++) {
		put_le(&w, i, 2);
		put_le(&w, 0, 2);
		put(&w, wire_uuid, 16);
		put_le(&w, i, 4);
	}
	rpc_close(&w, start);
	say(&t, TO_SERVER, &w);
	assert_int_equal(tx_at(&t, 0)->call.offered_count, DCERPC_INTERFACES_MAX);
	assert_true(tx_at(&t, 0)->call.over_budget);
	app_drive_close(&t);
}

// big: as an end with that byte order writes it.
static void put_datagram_of(struct wire *w, uint8_t type, uint8_t flags, uint32_t sequence, bool big)
{
	uint8_t activity[16];
	dcerpc_uuid_swap(activity, wire_uuid, big);
	const uint8_t head[] = { 4, type, flags, 0, big ? 0 : 0x10, 0, 0, 0 };
	put(w, head, sizeof head);
	put_zeros(w, 16);
	put(w, wire_uuid, 16);
	put(w, activity, 16);
	put_zeros(w, 4);
	put_le(w, 3, 4);
	put_le(w, big ? __builtin_bswap32(sequence) : sequence, 4);
	put_le(w, 2, 2);
	put_zeros(w, 4);
	put_le(w, big ? 0x400 : 4, 2);
	put_zeros(w, 4);
	put(w, "data", 4);
}

static void put_datagram(struct wire *w, uint8_t type, uint8_t flags, uint32_t sequence)
{
	put_datagram_of(w, type, flags, sequence, false);
}

static void test_datagrams_are_paired_by_activity_and_sequence(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	open_drive(&t, PROTO_UDP);
	put_datagram(&w, DCERPC_REQUEST, DCERPC_DATAGRAM_FRAGMENT, 1);
	say(&t, TO_SERVER, &w);
	assert_false(tx_at(&t, 0)->call.request_done);
	put_datagram(&w, DCERPC_REQUEST, DCERPC_DATAGRAM_FRAGMENT | DCERPC_DATAGRAM_LAST_FRAGMENT, 1);
	say(&t, TO_SERVER, &w);
	put_datagram(&w, DCERPC_RESPONSE, 0, 2); // another one's
	say(&t, TO_CLIENT, &w);
	put_datagram(&w, DCERPC_RESPONSE, 0, 1);
	say(&t, TO_CLIENT, &w);
	const struct dcerpc_tx *tx = tx_at(&t, 0);
	assert_int_equal(tx->call.stub_size[TO_SERVER], 8);
	assert_int_equal(tx->call.fragments[TO_SERVER], 2);
	assert_true(app_tx_done(&dcerpc_parser, app_drive_tx(&t, 0)));
	assert_true(tx_at(&t, 1)->request_lost);
	put_datagram(&w, DCERPC_REQUEST, 0, 3);
	say(&t, TO_SERVER, &w);
	put_datagram_of(&w, DCERPC_RESPONSE, 0, 3, true);
	say(&t, TO_CLIENT, &w);
	assert_true(app_tx_done(&dcerpc_parser, app_drive_tx(&t, 2)));
	assert_false(tx_at(&t, 2)->request_lost);
	put(&w, "\4\0", 2);
	say(&t, TO_SERVER, &w);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call_knows_its_interface_by_context),
		cmocka_unit_test(test_call_without_its_context_has_no_interface),
		cmocka_unit_test(test_number_used_again_is_another_call),
		cmocka_unit_test(test_answer_before_request_waits_for_it_or_for_a_gap),
		cmocka_unit_test(test_end_of_a_direction_ends_what_waits_for_it),
		cmocka_unit_test(test_what_is_no_dcerpc_ends_the_flow),
		cmocka_unit_test(test_interfaces_of_a_bind_are_bounded),
		cmocka_unit_test(test_datagrams_are_paired_by_activity_and_sequence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
