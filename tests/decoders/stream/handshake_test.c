// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/decoders/make_session.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define HANDSHAKE                                          \
	{ C2S, SYN, 0, 0, NULL }, { S2C, SA, 0, 1, NULL }, \
	{                                                  \
		C2S, ACK, 1, 1, NULL                       \
	}

// A table of packets, the event its last packet must have (EVENT_NONE: none at all), whether that is refused, and the state after it.
struct table {
	const char *name;
	struct step steps[8];
	enum packet_event event;
	bool invalid;
	enum tcp_state state;
};

static const struct table tables[] = {
	{ "three packets", { HANDSHAKE }, EVENT_NONE, false, TCP_ESTABLISHED },
	{ "data with the last ack", { { C2S, SYN, 0, 0, NULL }, { S2C, SA, 0, 1, NULL }, { C2S, ACK, 1, 1, "hi" } },
		EVENT_NONE, false, TCP_ESTABLISHED },
	{ "wrong ack of syn", { { C2S, SYN, 0, 0, NULL }, { S2C, SA, 0, 2, NULL } }, STREAM_3WHS_SYNACK_WITH_WRONG_ACK,
		true, TCP_SYN_SENT },
	{ "syn/ack by the client", { { C2S, SYN, 0, 0, NULL }, { C2S, SA, 0, 1, NULL } },
		STREAM_3WHS_SYNACK_IN_WRONG_DIRECTION, true, TCP_SYN_SENT },
	{ "right seq wrong ack", { { C2S, SYN, 0, 0, NULL }, { S2C, SA, 0, 1, NULL }, { C2S, ACK, 1, 99, NULL } },
		STREAM_3WHS_RIGHT_SEQ_WRONG_ACK_EVASION, true, TCP_SYN_RECV },
	{ "wrong seq wrong ack", { { C2S, SYN, 0, 0, NULL }, { S2C, SA, 0, 1, NULL }, { C2S, ACK, 5, 99, NULL } },
		STREAM_3WHS_WRONG_SEQ_WRONG_ACK, true, TCP_SYN_RECV },
	{ "syn/ack again, other ack", { { C2S, SYN, 0, 0, NULL }, { S2C, SA, 0, 1, NULL }, { S2C, SA, 0, 3, NULL } },
		STREAM_3WHS_SYNACK_RESEND_WITH_DIFFERENT_ACK, true, TCP_SYN_RECV },
	{ "syn again, other seq", { { C2S, SYN, 0, 0, NULL }, { S2C, SA, 0, 1, NULL }, { C2S, SYN, 7, 0, NULL } },
		STREAM_3WHS_SYN_RESEND_DIFF_SEQ_ON_SYN_RECV, true, TCP_SYN_RECV },
	{ "syn to client", { { C2S, SYN, 0, 0, NULL }, { S2C, SA, 0, 1, NULL }, { S2C, SYN, 7, 0, NULL } },
		STREAM_3WHS_SYN_TOCLIENT_ON_SYN_RECV, true, TCP_SYN_RECV },
	{ "another syn/ack is answered",
		{ { C2S, SYN, 0, 0, NULL }, { S2C, SA, 0, 1, NULL }, { S2C, SA, 1000, 1, NULL },
			{ C2S, ACK, 1, 1001, NULL } },
		EVENT_NONE, false, TCP_ESTABLISHED },
	{ "another syn is answered",
		{ { C2S, SYN, 0, 0, NULL }, { C2S, SYN, 500, 0, NULL }, { S2C, SA, 0, 501, NULL },
			{ C2S, ACK, 501, 1, NULL } },
		EVENT_NONE, false, TCP_ESTABLISHED },
	{ "split handshake",
		{ { C2S, SYN, 0, 0, NULL }, { S2C, SYN, 0, 0, NULL }, { C2S, SA, 0, 1, NULL },
			{ S2C, ACK, 1, 1, NULL } },
		EVENT_NONE, false, TCP_ESTABLISHED },
	{ "split handshake, wrong ack", { { C2S, SYN, 0, 0, NULL }, { S2C, SYN, 0, 0, NULL }, { C2S, SA, 0, 5, NULL } },
		STREAM_4WHS_SYNACK_WITH_WRONG_ACK, true, TCP_SYN_SENT },
	{ "split handshake, wrong syn", { { C2S, SYN, 0, 0, NULL }, { S2C, SYN, 0, 0, NULL }, { C2S, SA, 5, 1, NULL } },
		STREAM_4WHS_SYNACK_WITH_WRONG_SYN, true, TCP_SYN_SENT },
	{ "refused", { { C2S, SYN, 0, 0, NULL }, { S2C, RA, 0, 1, NULL } }, EVENT_NONE, false, TCP_CLOSED },
	{ "who reset goes on", { { C2S, SYN, 0, 0, NULL }, { S2C, RA, 0, 1, NULL }, { S2C, SA, 0, 1, NULL } },
		STREAM_SUSPECTED_RST_INJECT, false, TCP_SYN_RECV },
	{ "server goes on, last ack lost",
		{ { C2S, SYN, 0, 0, NULL }, { S2C, SA, 0, 1, NULL }, { S2C, ACK, 1, 1, "hi" } }, EVENT_NONE, false,
		TCP_ESTABLISHED },
	{ "rst without session", { { C2S, RST, 1, 0, NULL } }, STREAM_RST_BUT_NO_SESSION, true, TCP_NONE },
	{ "fin without session", { { C2S, FA, 1, 1, NULL } }, STREAM_FIN_BUT_NO_SESSION, true, TCP_NONE },
	{ "ack without session", { { C2S, ACK, 1, 1, "hi" } }, EVENT_NONE, false, TCP_NONE },

	{ "syn in the middle", { HANDSHAKE, { C2S, SYN, 0, 0, NULL } }, STREAM_EST_SYN_RESEND, true, TCP_ESTABLISHED },
	{ "other syn in the middle", { HANDSHAKE, { C2S, SYN, 50, 0, NULL } }, STREAM_EST_SYN_RESEND_DIFF_SEQ, true,
		TCP_ESTABLISHED },
	{ "syn to client in the middle", { HANDSHAKE, { S2C, SYN, 0, 0, NULL } }, STREAM_EST_SYN_TOCLIENT, true,
		TCP_ESTABLISHED },
	{ "syn/ack to server", { HANDSHAKE, { C2S, SA, 0, 1, NULL } }, STREAM_EST_SYNACK_TOSERVER, true,
		TCP_ESTABLISHED },
	{ "syn/ack again", { HANDSHAKE, { S2C, SA, 0, 1, NULL } }, EVENT_NONE, false, TCP_ESTABLISHED },
	{ "syn/ack again after it went on", { HANDSHAKE, { S2C, ACK, 1, 1, "x" }, { S2C, SA, 0, 1, NULL } },
		STREAM_EST_SYNACK_RESEND, true, TCP_ESTABLISHED },
	{ "syn/ack again, other seq", { HANDSHAKE, { S2C, SA, 9, 1, NULL } }, STREAM_EST_SYNACK_RESEND_WITH_DIFF_SEQ,
		true, TCP_ESTABLISHED },
	{ "syn/ack again, other ack", { HANDSHAKE, { S2C, SA, 0, 9, NULL } },
		STREAM_EST_SYNACK_RESEND_WITH_DIFFERENT_ACK, true, TCP_ESTABLISHED },
	{ "ack beyond the window", { HANDSHAKE, { C2S, ACK, 1, 20000, NULL } }, STREAM_EST_INVALID_ACK, true,
		TCP_ESTABLISHED },
	{ "data beyond the window", { HANDSHAKE, { C2S, ACK, 20000, 1, "x" } }, STREAM_EST_PACKET_OUT_OF_WINDOW, true,
		TCP_ESTABLISHED },
	{ "keepalive", { HANDSHAKE, { C2S, ACK, 0, 1, NULL } }, EVENT_NONE, false, TCP_ESTABLISHED },

	{ "client closes", { HANDSHAKE, { C2S, FA, 1, 1, NULL } }, EVENT_NONE, false, TCP_CLOSE_WAIT },
	{ "client closes, all of it",
		{ HANDSHAKE, { C2S, FA, 1, 1, NULL }, { S2C, ACK, 1, 2, NULL }, { S2C, FA, 1, 2, NULL },
			{ C2S, ACK, 2, 2, NULL } },
		EVENT_NONE, false, TCP_CLOSED },
	{ "server closes", { HANDSHAKE, { S2C, FA, 1, 1, NULL } }, EVENT_NONE, false, TCP_FIN_WAIT1 },
	{ "server closes, acked", { HANDSHAKE, { S2C, FA, 1, 1, NULL }, { C2S, ACK, 1, 2, NULL } }, EVENT_NONE, false,
		TCP_FIN_WAIT2 },
	{ "server closes, all of it",
		{ HANDSHAKE, { S2C, FA, 1, 1, NULL }, { C2S, ACK, 1, 2, NULL }, { C2S, FA, 1, 2, NULL },
			{ S2C, ACK, 2, 2, NULL } },
		EVENT_NONE, false, TCP_CLOSED },
	{ "server closes, fin and ack in one", { HANDSHAKE, { S2C, FA, 1, 1, NULL }, { C2S, FA, 1, 2, NULL } },
		EVENT_NONE, false, TCP_TIME_WAIT },
	{ "fin out of window", { HANDSHAKE, { C2S, FA, 30000, 1, NULL } }, STREAM_FIN_OUT_OF_WINDOW, true,
		TCP_ESTABLISHED },
	{ "fin with syn", { HANDSHAKE, { C2S, FA | SYN, 1, 1, NULL } }, STREAM_FIN_SYN, true, TCP_ESTABLISHED },
	{ "fin with a wrong ack", { HANDSHAKE, { C2S, FA, 1, 30000, NULL } }, STREAM_FIN_INVALID_ACK, true,
		TCP_ESTABLISHED },
	{ "syn while closing", { HANDSHAKE, { S2C, FA, 1, 1, NULL }, { C2S, SYN, 0, 0, NULL } },
		STREAM_SHUTDOWN_SYN_RESEND, true, TCP_FIN_WAIT1 },
	{ "wrong ack in fin wait", { HANDSHAKE, { S2C, FA, 1, 1, NULL }, { C2S, ACK, 1, 30000, NULL } },
		STREAM_FIN1_INVALID_ACK, true, TCP_FIN_WAIT1 },
	{ "fin of a wrong seq in fin wait", { HANDSHAKE, { S2C, FA, 1, 1, NULL }, { C2S, FA, 30000, 2, NULL } },
		STREAM_FIN1_FIN_WRONG_SEQ, true, TCP_FIN_WAIT1 },
	{ "reset", { HANDSHAKE, { S2C, RA, 1, 1, NULL } }, EVENT_NONE, false, TCP_CLOSED },
	{ "reset of a wrong seq", { HANDSHAKE, { S2C, RA, 5, 1, NULL } }, EVENT_NONE, true, TCP_ESTABLISHED },
	{ "reset with a wrong ack", { HANDSHAKE, { S2C, RA, 1, 30000, NULL } }, STREAM_RST_INVALID_ACK, true,
		TCP_ESTABLISHED },
};

static void every_table(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		const struct table *t = &tables[i];
		struct script s = script_new();
		script_start(&s);
		for (unsigned k = 0; k < 8 && (t->steps[k].flags || t->steps[k].payload); k++)
			script_send(&s, t->steps[k]);
		print_message("%s: %s\n", t->name, tcp_state_name(script_state(&s)));
		if (t->event == EVENT_NONE)
			assert_int_equal(s.packet.event_count, 0);
		else
			assert_true(script_has_event(&s, t->event));
		assert_int_equal(s.result.invalid, t->invalid);
		assert_int_equal(!!(s.packet.flags & PACKET_STREAM_INVALID), t->invalid);
		assert_int_equal(script_state(&s), t->state);
		script_free(&s);
	}
}

static void floods_of_handshakes_are_bounded(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	for (uint32_t i = 0; i < 30; i++)
		RUN(&s, { C2S, SYN, i * 10, 0, NULL });
	assert_true(script_has_event(&s, STREAM_3WHS_SYN_FLOOD));
	script_free(&s);
	s = script_new();
	script_start(&s);
	RUN(&s, { C2S, SYN, 0, 0, NULL });
	for (uint32_t i = 0; i < 30; i++)
		RUN(&s, { S2C, SA, i * 10, 1, NULL });
	assert_true(script_has_event(&s, STREAM_3WHS_SYNACK_FLOOD));
	script_free(&s);
}

static void a_closed_session_can_be_opened_again(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	RUN(&s, HANDSHAKE, { C2S, ACK, 1, 1, "one" }, { S2C, RA, 1, 4, NULL });
	uint64_t id = s.flow->id;
	RUN(&s, { C2S, SYN, 0, 0, NULL });
	assert_int_equal(s.flow->id, id); // the same SYN once more is no new session
	RUN(&s, { C2S, SYN, 5000, 0, NULL });
	assert_true(s.packet.flags & PACKET_FLOW_FIRST);
	assert_int_not_equal(s.flow->id, id);
	assert_int_equal(script_state(&s), TCP_SYN_SENT);
	RUN(&s, { S2C, SA, 0, 5001, NULL }, { C2S, ACK, 5001, 1, "two" }, { S2C, ACK, 1, 5004, NULL });
	assert_string_equal(s.app[C2S], "onetwo");
	script_free(&s);
}

static void midstream_is_by_option(void **state)
{
	(void)state;
	for (int on = 0; on < 2; on++) {
		struct script s = script_new();
		s.config.midstream = on;
		script_start(&s);
		RUN(&s, { C2S, ACK, 100, 200, "abc" }, { S2C, ACK, 200, 103, "def" }, { C2S, ACK, 103, 203, NULL });
		assert_string_equal(s.app[C2S], on ? "abc" : "");
		assert_string_equal(s.app[S2C], on ? "def" : "");
		assert_int_equal(tcp_session_present(s.flow), on);
		script_free(&s);
	}
}

static void midstream_synack_turns_the_flow(void **state)
{
	(void)state;
	struct script s = script_new();
	s.config.midstream = true;
	script_start(&s);
	RUN(&s, { S2C, SA, 0, 1, NULL });
	assert_true(s.result.swapped);
	assert_true(s.flow->flags & FLOW_REVERSED);
	assert_int_equal(s.flow->key.dport, 80);
	RUN(&s, { C2S, ACK, 1, 1, "abc" });
	assert_int_equal(s.packet.direction, TO_SERVER);
	assert_int_equal(script_state(&s), TCP_ESTABLISHED);
	RUN(&s, { S2C, ACK, 1, 4, NULL });
	assert_string_equal(s.app[C2S], "abc");
	script_free(&s);
}

static void the_midstream_policy_is_applied(void **state)
{
	(void)state;
	static const struct {
		int policy;
		uint32_t flag;
		bool drop;
	} rows[] = {
		{ MIDSTREAM_IGNORE, 0, false },
		{ MIDSTREAM_PASS_FLOW, FLOW_PASSED, false },
		{ MIDSTREAM_DROP_FLOW, FLOW_DROPPED, true },
		{ MIDSTREAM_BYPASS, FLOW_BYPASS, false },
		{ MIDSTREAM_REJECT, FLOW_REJECTED, true },
		{ MIDSTREAM_AUTO, FLOW_DROPPED, true },
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct script s = script_new();
		s.config.midstream_policy = rows[i].policy;
		s.config.inline_mode = true;
		script_start(&s);
		RUN(&s, { C2S, ACK, 100, 200, "abc" });
		assert_int_equal(s.flow->flags & rows[i].flag, rows[i].flag);
		assert_int_equal(s.result.drop, rows[i].drop);
		script_free(&s);
	}
}

static void async_follows_one_direction(void **state)
{
	(void)state;
	struct script s = script_new();
	s.config.async_oneside = true;
	script_start(&s);
	RUN(&s, { C2S, SYN, 0, 0, NULL }, { C2S, ACK, 1, 1, NULL }, { C2S, ACK, 1, 1, "abc" },
		{ C2S, ACK, 4, 500, "def" });
	assert_int_equal(script_state(&s), TCP_ESTABLISHED);
	assert_false(s.result.invalid);
	script_end(&s);
	assert_string_equal(s.app[C2S], "abcdef");
	script_free(&s);
}

static struct packet with_ts(struct packet p, uint32_t value, uint32_t echo)
{
	p.tcp.has |= TCP_OPTION_TS;
	p.tcp.ts_value = value;
	p.tcp.ts_echo = echo;
	return p;
}

static void timestamps_must_not_go_back(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	struct step syn = { C2S, SYN, 0, 0, NULL }, synack = { S2C, SA, 0, 1, NULL }, ack = { C2S, ACK, 1, 1, NULL },
		    data = { C2S, ACK, 1, 1, "x" };
	script_send_packet(&s, with_ts(script_packet(&s, &syn), 1000, 0));
	script_send_packet(&s, with_ts(script_packet(&s, &synack), 50, 999)); // echoes what nobody sent
	assert_true(script_has_event(&s, STREAM_PKT_INVALID_TIMESTAMP));
	assert_int_equal(script_state(&s), TCP_SYN_SENT);
	script_send_packet(&s, with_ts(script_packet(&s, &synack), 50, 1000));
	script_send_packet(&s, with_ts(script_packet(&s, &ack), 1001, 50));
	assert_int_equal(script_state(&s), TCP_ESTABLISHED);
	script_send_packet(&s, with_ts(script_packet(&s, &data), 900, 50));
	assert_true(script_has_event(&s, STREAM_PKT_INVALID_TIMESTAMP));
	assert_true(s.result.invalid);
	script_send_packet(&s, with_ts(script_packet(&s, &data), 1002, 50));
	assert_false(s.result.invalid);
	script_free(&s);
}

static void fast_open_takes_the_syns_data(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	struct step syn = { C2S, SYN, 0, 0, "GET" };
	struct packet p = script_packet(&s, &syn);
	p.tcp.has |= TCP_OPTION_TFO;
	script_send_packet(&s, p);
	RUN(&s, { S2C, SA, 0, 4, NULL });
	RUN(&s, { C2S, ACK, 4, 1, " /" }, { S2C, ACK, 1, 6, NULL });
	assert_int_equal(script_state(&s), TCP_ESTABLISHED);
	assert_string_equal(s.app[C2S], "GET /");
	script_free(&s);
}

static void a_refused_fast_open_is_said(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	struct step syn = { C2S, SYN, 0, 0, "GET" };
	struct packet p = script_packet(&s, &syn);
	p.tcp.has |= TCP_OPTION_TFO;
	script_send_packet(&s, p);
	RUN(&s, { S2C, SA, 0, 1, NULL });
	assert_true(script_has_event(&s, STREAM_3WHS_SYNACK_TFO_DATA_IGNORED));
	RUN(&s, { C2S, ACK, 1, 1, "GET" }, { S2C, ACK, 1, 4, NULL });
	assert_int_equal(script_state(&s), TCP_ESTABLISHED);
	assert_string_equal(s.app[C2S], "GET");
	script_free(&s);
}

static void inline_refuses_the_servers_first_word(void **state)
{
	(void)state;
	struct script s = script_new();
	s.config.inline_mode = true;
	script_start(&s);
	RUN(&s, { C2S, SYN, 0, 0, NULL }, { S2C, SA, 0, 1, NULL }, { S2C, ACK, 1, 1, "evil" });
	assert_true(script_has_event(&s, STREAM_3WHS_ACK_DATA_INJECT));
	assert_true(s.result.drop);
	script_free(&s);
}

static void bad_checksums_stay_out(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	RUN(&s, HANDSHAKE);
	struct step data = { C2S, ACK, 1, 1, "evil" };
	struct packet p = script_packet(&s, &data);
	p.flags |= PACKET_BAD_L4_CHECKSUM;
	script_send_packet(&s, p);
	RUN(&s, { C2S, ACK, 1, 1, "good" }, { S2C, ACK, 1, 5, NULL });
	assert_string_equal(s.app[C2S], "good");
	assert_int_equal(stream_engine_counters(s.engine)[STREAM_COUNT_INVALID_CHECKSUM], 1);
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_table),
		cmocka_unit_test(floods_of_handshakes_are_bounded),
		cmocka_unit_test(a_closed_session_can_be_opened_again),
		cmocka_unit_test(midstream_is_by_option),
		cmocka_unit_test(midstream_synack_turns_the_flow),
		cmocka_unit_test(the_midstream_policy_is_applied),
		cmocka_unit_test(async_follows_one_direction),
		cmocka_unit_test(timestamps_must_not_go_back),
		cmocka_unit_test(fast_open_takes_the_syns_data),
		cmocka_unit_test(a_refused_fast_open_is_said),
		cmocka_unit_test(inline_refuses_the_servers_first_word),
		cmocka_unit_test(bad_checksums_stay_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
