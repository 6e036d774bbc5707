// SPDX-License-Identifier: GPL-3.0-or-later
// Endpoint mapper: what its answers name is announced, of its own host only, and known by its interface.
#include "decoders/app/dcerpc/endpoint_map.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "decoders/app/dcerpc/dcerpc.h"
#include "decoders/app/expect.h"
#include "tests/support/decoders/app_drive.h"
#include "tests/support/decoders/smb_messages.h"

static const uint8_t mapper_on_wire[16] = { 0x08, 0x83, 0xaf, 0xe1, 0x1f, 0x5d, 0xc9, 0x11, 0x91, 0xa4, 0x08, 0x00,
	0x2b, 0x14, 0xa0, 0xfa };
static const uint8_t server[4] = { 10, 0, 0, 2 };

static void put_floor(struct wire *w, uint8_t kind, const void *right, uint16_t len)
{
	put_le(w, 1, 2);
	put_le(w, kind, 1);
	put_le(w, len, 2);
	put(w, right, len);
}

static void put_uuid_floor(struct wire *w, uint16_t version)
{
	put_le(w, 19, 2);
	put_le(w, 0x0d, 1);
	put(w, wire_uuid, 16);
	put_le(w, version, 2);
	put_le(w, 2, 2);
	put_le(w, 0, 2);
}

static void put_tower(struct wire *w, uint8_t transport, uint16_t port, const uint8_t address[4])
{
	const uint8_t be[2] = { (uint8_t)(port >> 8), (uint8_t)port };
	put_le(w, 5, 2);
	put_uuid_floor(w, 7);
	put_uuid_floor(w, 2);
	put_floor(w, 0x0b, "\0\0", 2);
	put_floor(w, transport, be, 2);
	put_floor(w, 0x09, address, 4);
}

static void align(struct wire *w, uint32_t start, unsigned to)
{
	while ((w->len - start) % to)
		put_le(w, 0, 1);
}

struct answer {
	bool wide;
	unsigned count;
	uint8_t transport[2];
	uint16_t port[2];
	const uint8_t *address[2];
};

static void put_answer(struct wire *w, const struct answer *a)
{
	unsigned size = a->wide ? 8 : 4;
	uint32_t start = w->len;
	put_zeros(w, 20);
	put_le(w, a->count, 4);
	align(w, start, size);
	put_le(w, 4, size);
	put_le(w, 0, size);
	put_le(w, a->count, size);
	for (unsigned i = 0; i < a->count; i++)
		put_le(w, i + 3, size);
	for (unsigned i = 0; i < a->count; i++) {
		align(w, start, size);
		uint32_t len_at = w->len;
		put_le(w, 0, size);
		put_le(w, 0, 4);
		uint32_t tower = w->len;
		put_tower(w, a->transport[i], a->port[i], a->address[i]);
		w->data[len_at] = w->data[len_at + size] = (uint8_t)(w->len - tower);
	}
	align(w, start, 4);
	put_le(w, 0, 4);
}

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &dcerpc_parser, PROTO_TCP, 40000, 135);
	t->flow.key.src = address_v4((const uint8_t[4]) { 10, 0, 0, 1 });
	t->flow.key.dst = address_v4(server);
	t->flow.id = 77;
}

static bool announced(struct app_drive *t, uint8_t proto, uint16_t port, struct app_expectation *out)
{
	struct flow_key key = t->flow.key;
	key.dport = port;
	key.proto = proto;
	return app_expect_take(t->parts.expect, &key, t->now_ns, out);
}

static void bind_mapper(struct app_drive *t, const uint8_t uuid[16])
{
	struct wire w = { 0 };
	uint32_t start = rpc_open(&w, DCERPC_BIND, 3, 1);
	put_zeros(&w, 8);
	put_le(&w, 1, 4);
	put_le(&w, 0, 2);
	put_le(&w, 1, 2);
	put(&w, uuid, 16);
	put_le(&w, 3, 4);
	put_zeros(&w, 20);
	rpc_close(&w, start);
	assert_true(app_drive_feed(t, TO_SERVER, w.data, w.len));
}

static void ask_and_answer(struct app_drive *t, const struct answer *a)
{
	struct wire w = { 0 };
	rpc_request(&w, 2, 3, 0, 3, "x");
	assert_true(app_drive_feed(t, TO_SERVER, w.data, w.len));
	w.len = 0;
	uint32_t start = rpc_open(&w, DCERPC_RESPONSE, 3, 2);
	put_zeros(&w, 8);
	put_answer(&w, a);
	rpc_close(&w, start);
	assert_true(app_drive_feed(t, TO_CLIENT, w.data, w.len));
}

static void test_endpoints_are_announced_with_their_interface(void **state)
{
	(void)state;
	static const uint8_t any[4];
	for (int wide = 0; wide < 2; wide++) {
		struct app_drive t;
		struct app_expectation found;
		struct dcerpc_interface interface;
		uint8_t uuid[16];
		open_drive(&t);
		bind_mapper(&t, mapper_on_wire);
		ask_and_answer(&t, &(struct answer) { wide, 2, { 7, 8 }, { 49667, 49668 }, { server, any } });
		dcerpc_uuid_swap(uuid, wire_uuid, true);
		for (int again = 0; again < 2; again++) { // a client opens more than one
			assert_true(announced(&t, PROTO_TCP, 49667, &found));
			assert_int_equal(found.app, APP_DCERPC);
			assert_int_equal(found.parent_id, 77);
			assert_true(endpoint_noted(found.note, found.note_len, &interface));
			assert_memory_equal(interface.uuid, uuid, 16);
			assert_int_equal(interface.version, 7);
		}
		assert_true(announced(&t, PROTO_UDP, 49668, &found));
		assert_false(announced(&t, PROTO_TCP, 49668, &found));
		t.now_ns += UINT64_C(301) * 1000000000;
		assert_false(announced(&t, PROTO_TCP, 49667, &found));
		app_drive_close(&t);
	}
}

static void test_other_hosts_and_other_interfaces_are_not_announced(void **state)
{
	(void)state;
	static const uint8_t other[4] = { 10, 0, 0, 9 };
	struct app_drive t;
	struct app_expectation found;
	open_drive(&t);
	bind_mapper(&t, mapper_on_wire);
	ask_and_answer(&t, &(struct answer) { false, 1, { 7 }, { 80 }, { other } });
	assert_false(announced(&t, PROTO_TCP, 80, &found));
	app_drive_close(&t);
	open_drive(&t);
	bind_mapper(&t, wire_uuid);
	ask_and_answer(&t, &(struct answer) { false, 1, { 7 }, { 81 }, { server } });
	assert_false(announced(&t, PROTO_TCP, 81, &found));
	app_drive_close(&t);
	open_drive(&t); // bound before we saw it: by its port
	ask_and_answer(&t, &(struct answer) { false, 1, { 7 }, { 82 }, { server } });
	assert_true(announced(&t, PROTO_TCP, 82, &found));
	app_drive_close(&t);
}

static void test_cut_answers_name_nothing_beyond_their_end(void **state)
{
	(void)state;
	struct wire w = { 0 };
	struct endpoint out[ENDPOINTS_MAX];
	put_answer(&w, &(struct answer) { false, 2, { 7, 7 }, { 1000, 1001 }, { server, server } });
	assert_int_equal(endpoints_read(span_of(w.data, w.len), true, out), 2);
	assert_int_equal(out[1].port, 1001);
	for (uint32_t len = 0; len < w.len; len++) {
		uint8_t *copy = malloc(len + 1);
		memcpy(copy, w.data, len);
		assert_true(endpoints_read(span_of(copy, len), true, out) <= 2);
		free(copy);
	}
	w.data[24 + 8] = 0xff; // more towers than there are
	w.data[24] = 0xff;
	assert_int_equal(endpoints_read(span_of(w.data, w.len), true, out), 0);
}

static void test_calls_before_any_bind_have_the_announced_interface(void **state)
{
	(void)state;
	struct app_drive t;
	struct wire w = { 0 };
	struct app_expectation found;
	open_drive(&t);
	bind_mapper(&t, mapper_on_wire);
	ask_and_answer(&t, &(struct answer) { false, 1, { 7 }, { 49667 }, { server } });
	assert_true(announced(&t, PROTO_TCP, 49667, &found));
	app_drive_clean(&t);
	app_state_close(&dcerpc_parser, &t.flow, t.slab, t.shared);
	t.parts.announced = &found;
	assert_true(app_state_open(&dcerpc_parser, &t.flow, t.slab, t.shared));
	t.parts.announced = NULL;
	rpc_request(&w, 9, 3, 5, 4, "x"); // the bind was not seen
	assert_true(app_drive_feed(&t, TO_SERVER, w.data, w.len));
	const struct dcerpc_call *call = NULL;
	for (const struct app_tx *tx = t.flow.app.tx_first; tx; tx = tx->next)
		if (dcerpc_tx_of(tx)->call.call_id == 9)
			call = &dcerpc_tx_of(tx)->call;
	assert_non_null(call);
	assert_true(call->has_interface && call->interface.version == 7);
	bind_mapper(&t, mapper_on_wire); // what a bind says counts from then on
	w.len = 0;
	rpc_request(&w, 10, 3, 5, 4, "x");
	assert_true(app_drive_feed(&t, TO_SERVER, w.data, w.len));
	assert_false(dcerpc_tx_of(t.flow.app.tx_last)->call.has_interface);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_endpoints_are_announced_with_their_interface),
		cmocka_unit_test(test_other_hosts_and_other_interfaces_are_not_announced),
		cmocka_unit_test(test_cut_answers_name_nothing_beyond_their_end),
		cmocka_unit_test(test_calls_before_any_bind_have_the_announced_interface),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
