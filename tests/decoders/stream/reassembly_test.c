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
#define ACKED(n)                     \
	{                            \
		S2C, ACK, 1, n, NULL \
	}

static void data_counts_when_it_was_acknowledged(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	RUN(&s, HANDSHAKE, { C2S, ACK, 1, 1, "hello " });
	assert_string_equal(s.app[C2S], "");
	RUN(&s, { C2S, ACK, 7, 1, "world" }, ACKED(7));
	assert_string_equal(s.app[C2S], "hello ");
	assert_true(s.result.ready[C2S]);
	RUN(&s, ACKED(12));
	assert_string_equal(s.app[C2S], "hello world");
	RUN(&s, ACKED(12));
	assert_false(s.result.ready[C2S]);
	script_free(&s);
}

static void inline_data_counts_at_once(void **state)
{
	(void)state;
	struct script s = script_new();
	s.config.inline_mode = true;
	script_start(&s);
	RUN(&s, HANDSHAKE, { C2S, ACK, 1, 1, "hello " });
	assert_string_equal(s.app[C2S], "hello ");
	assert_string_equal(s.raw[C2S], "hello |");
	RUN(&s, { C2S, ACK, 7, 1, "world" });
	assert_string_equal(s.app[C2S], "hello world");
	assert_string_equal(s.raw[C2S], "hello |hello world|");
	script_free(&s);
}

static void segments_come_in_any_order(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	RUN(&s, HANDSHAKE, { C2S, ACK, 7, 1, "gh" }, { C2S, ACK, 5, 1, "ef" }, { C2S, ACK, 1, 1, "ab" },
		{ C2S, ACK, 3, 1, "cd" }, ACKED(9));
	assert_string_equal(s.app[C2S], "abcdefgh");
	script_free(&s);
}

static void a_lost_segment_is_a_gap_once_acknowledged(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	RUN(&s, HANDSHAKE, { C2S, ACK, 1, 1, "ab" }, { C2S, ACK, 5, 1, "ef" }, ACKED(3));
	assert_string_equal(s.app[C2S], "ab");
	RUN(&s, ACKED(7));
	assert_string_equal(s.app[C2S], "ab<2>ef");
	assert_true(script_has_event(&s, STREAM_REASSEMBLY_SEQ_GAP));
	struct tcp_summary summary;
	tcp_session_summary(s.flow, &summary);
	assert_true(summary.gap[C2S]);
	// Too late for the application; raw inspection, which had not looked yet, gets it
	RUN(&s, { C2S, ACK, 3, 1, "cd" });
	script_end(&s);
	assert_string_equal(s.app[C2S], "ab<2>ef");
	assert_string_equal(s.raw[C2S], "abcdef|");
	script_free(&s);
}

static void an_acknowledgement_ahead_of_all_seen_proves_the_hole_before_what_is_held(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	// 5..8 never comes by; "ij" does, and then the receiver acknowledges more than was sent past us
	RUN(&s, HANDSHAKE, { C2S, ACK, 1, 1, "abcd" }, { C2S, ACK, 9, 1, "ij" }, ACKED(5));
	assert_string_equal(s.app[C2S], "abcd");
	RUN(&s, ACKED(100));
	assert_string_equal(s.app[C2S], "abcd<4>ij");
	script_free(&s);
}

static void nothing_held_behind_a_hole_is_no_gap_yet(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	RUN(&s, HANDSHAKE, { C2S, ACK, 1, 1, "abcd" }, ACKED(100));
	assert_string_equal(s.app[C2S], "abcd");
	RUN(&s, { C2S, ACK, 5, 1, "efgh" }); // late to us, not lost
	RUN(&s, ACKED(101));
	assert_string_equal(s.app[C2S], "abcdefgh");
	script_free(&s);
}

static void after_a_loss_acknowledgements_beyond_the_window_are_taken(void **state)
{
	(void)state;
	for (int lossy = 0; lossy < 2; lossy++) {
		struct script s = script_new();
		script_start(&s);
		RUN(&s, HANDSHAKE, { C2S, ACK, 1, 1, "ab" });
		if (lossy)
			RUN(&s, { C2S, ACK, 5, 1, "ef" }, ACKED(7));
		else
			RUN(&s, { C2S, ACK, 3, 1, "cdef" }, ACKED(7));
		RUN(&s, { C2S, ACK, 9, 1, "ij" }, ACKED(1000007));
		assert_int_equal(script_has_event(&s, STREAM_PKT_INVALID_ACK), !lossy);
		assert_string_equal(s.app[C2S], lossy ? "ab<2>ef<2>ij" : "abcdef");
		script_free(&s);
	}
}

static void a_streams_size_counts_its_syn(void **state)
{
	(void)state;
	struct script s = script_new();
	struct tcp_summary summary;
	script_start(&s);
	RUN(&s, HANDSHAKE);
	tcp_session_summary(s.flow, &summary);
	assert_int_equal(summary.stream_bytes[C2S], 1);
	assert_int_equal(summary.stream_bytes[S2C], 1); // what rules ask for with stream_size:server,=,1
	RUN(&s, { C2S, ACK, 1, 1, "hello" });
	tcp_session_summary(s.flow, &summary);
	assert_int_equal(summary.stream_bytes[C2S], 6);
	assert_int_equal(summary.stream_bytes[S2C], 1);
	script_free(&s);
}

static void the_end_shows_what_was_not_acknowledged(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	RUN(&s, HANDSHAKE, { C2S, ACK, 1, 1, "abc" }, { S2C, ACK, 1, 1, "xyz" });
	assert_string_equal(s.app[C2S], "");
	script_end(&s);
	assert_string_equal(s.app[C2S], "abc");
	assert_string_equal(s.app[S2C], "xyz");
	assert_string_equal(s.raw[C2S], "abc|");
	assert_true(s.ended[C2S] && s.ended[S2C]);
	script_free(&s);
}

static void raw_waits_for_a_chunk(void **state)
{
	(void)state;
	struct script s = script_new();
	s.config.toserver_chunk_bytes = 6;
	script_start(&s);
	RUN(&s, HANDSHAKE, { C2S, ACK, 1, 1, "abcd" }, ACKED(5), { C2S, ACK, 5, 1, "efgh" });
	assert_string_equal(s.raw[C2S], "");
	RUN(&s, ACKED(9), { C2S, ACK, 9, 1, "ij" });
	assert_string_equal(s.raw[C2S], "abcdefgh|");
	tcp_session_raw_trigger(s.flow, C2S);
	RUN(&s, ACKED(11), { C2S, ACK, 11, 1, NULL });
	assert_string_equal(s.raw[C2S], "abcdefgh|ij|");
	script_free(&s);
}

// Old segment "oooo" at 10..14 against a new one; what the receiver's system keeps of both.
static const struct {
	enum tcp_os_policy policy;
	const char *name, *before, *before_covers, *same, *same_longer, *after_longer;
} overlaps[] = {
	{ TCP_OS_BSD, "bsd", "nnnnoo", "nnnnnnnn", "oooo", "oooonn", "oooonn" },
	{ TCP_OS_LINUX, "linux", "nnnnoo", "nnnnnnnn", "oooo", "nnnnnn", "oooonn" },
	{ TCP_OS_OLD_LINUX, "old-linux", "nnnnoo", "nnnnnnnn", "nnnn", "nnnnnn", "oooonn" },
	{ TCP_OS_WINDOWS, "windows", "nnnnoo", "nnnnnnnn", "oooo", "oooonn", "oooonn" },
	{ TCP_OS_SOLARIS, "solaris", "nnoooo", "nnnnnnnn", "oooo", "nnnnnn", "oonnnn" },
	{ TCP_OS_VISTA, "vista", "nnoooo", "nnoooonn", "oooo", "oooonn", "oooonn" },
	{ TCP_OS_LAST, "last", "nnnnoo", "nnnnnnnn", "nnnn", "nnnnnn", "oonnnn" },
	{ TCP_OS_FIRST, "first", "nnoooo", "nnoooonn", "oooo", "oooonn", "oooonn" },
};

static void overlap(const char *policy, uint32_t new_at, const char *new, const char *expect)
{
	char key[32];
	snprintf(key, sizeof(key), "%s", policy);
	char value[] = "[10.0.0.0/8]";
	struct option_pair pair = { key, value };
	struct script s = script_new();
	s.config.host_os_policy = (struct option_map) { &pair, 1 };
	script_start(&s);
	uint32_t first = new_at < 10 ? new_at : 10;
	RUN(&s, HANDSHAKE, { C2S, ACK, 10, 1, "oooo" }, { C2S, ACK, new_at, 1, new });
	assert_true(script_has_event(&s, STREAM_REASSEMBLY_OVERLAP_DIFFERENT_DATA));
	char fill[16] = "";
	memset(fill, '.', first - 1);
	RUN(&s, { C2S, ACK, 1, 1, fill }, ACKED(10 + 6));
	assert_string_equal(s.app[C2S] + strlen(fill), expect);
	script_free(&s);
}

static void systems_differ_in_overlaps(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(overlaps) / sizeof(overlaps[0]); i++) {
		print_message("%s\n", overlaps[i].name);
		overlap(overlaps[i].name, 8, "nnnn", overlaps[i].before);
		overlap(overlaps[i].name, 8, "nnnnnnnn", overlaps[i].before_covers);
		overlap(overlaps[i].name, 10, "nnnn", overlaps[i].same);
		overlap(overlaps[i].name, 10, "nnnnnn", overlaps[i].same_longer);
		overlap(overlaps[i].name, 12, "nnnn", overlaps[i].after_longer);
	}
}

static void inline_the_first_copy_wins_and_the_other_is_dropped(void **state)
{
	(void)state;
	struct script s = script_new();
	s.config.inline_mode = true;
	script_start(&s);
	RUN(&s, HANDSHAKE, { C2S, ACK, 1, 1, "good" }, { C2S, ACK, 1, 1, "evil" });
	assert_true(s.result.drop);
	assert_true(script_has_event(&s, STREAM_REASSEMBLY_OVERLAP_DIFFERENT_DATA));
	RUN(&s, { C2S, ACK, 1, 1, "good" });
	assert_false(s.result.drop);
	RUN(&s, { C2S, ACK, 5, 1, "!" });
	assert_string_equal(s.app[C2S], "good!");
	script_free(&s);
}

static void the_depth_ends_reassembly(void **state)
{
	(void)state;
	struct script s = script_new();
	s.config.depth_bytes = 6;
	script_start(&s);
	RUN(&s, HANDSHAKE, { C2S, ACK, 1, 1, "abcd" }, ACKED(5), { C2S, ACK, 5, 1, "efgh" });
	assert_true(script_has_event(&s, STREAM_REASSEMBLY_DEPTH_REACHED));
	RUN(&s, ACKED(9), { C2S, ACK, 9, 1, "ijkl" }, ACKED(13));
	assert_string_equal(s.app[C2S], "abcd");
	assert_true(s.ended[C2S]);
	assert_int_equal(stream_engine_counters(s.engine)[STREAM_COUNT_DEPTH_REACHED], 1);
	script_free(&s);
}

static void numbers_wrap(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	RUN(&s, HANDSHAKE);
	char expect[1024] = "";
	for (uint32_t i = 0; i < 100; i++) {
		char text[8];
		snprintf(text, sizeof(text), "%03u,", i);
		strcat(expect, text);
		RUN(&s, { C2S, ACK, 1 + i * 4, 1, text }, ACKED(1 + i * 4 + 4));
	}
	assert_string_equal(s.app[C2S], expect);
	script_free(&s);
}

static void the_urgent_byte_is_left_out(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	RUN(&s, HANDSHAKE);
	struct step step = { C2S, ACK | TCP_URG, 1, 1, "abX" };
	struct packet p = script_packet(&s, &step);
	p.tcp.urgent = 3;
	script_send_packet(&s, p);
	RUN(&s, { C2S, ACK, 4, 1, "cd" }, ACKED(6));
	assert_string_equal(s.app[C2S], "abcd");
	assert_int_equal(stream_engine_counters(s.engine)[STREAM_COUNT_URGENT_OOB], 1);
	script_free(&s);
}

static void a_reset_leaves_data_to_the_end(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	RUN(&s, HANDSHAKE, { C2S, ACK, 1, 1, "abc" }, { C2S, ACK, 6, 1, "fgh" }, { S2C, RA, 1, 1, NULL });
	assert_true(s.result.closed);
	assert_string_equal(s.app[C2S], "");
	script_end(&s);
	assert_string_equal(s.app[C2S], "abc");
	assert_string_equal(s.raw[C2S], "abc|fgh|");
	assert_int_equal(stream_engine_counters(s.engine)[STREAM_COUNT_REASSEMBLY_GAP], 0);
	script_free(&s);
}

static void a_resets_text_is_not_data(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	RUN(&s, HANDSHAKE, { C2S, RA, 1, 1, "bye" });
	script_end(&s);
	assert_string_equal(s.app[C2S], "");
	assert_string_equal(s.raw[C2S], "");
	script_free(&s);
}

static void repeated_segments_are_said(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	RUN(&s, HANDSHAKE, { C2S, ACK, 1, 1, "abc" }, ACKED(4));
	tcp_session_raw_stop(s.flow, C2S);
	RUN(&s, { C2S, ACK, 4, 1, NULL }, { C2S, ACK, 1, 1, "abc" });
	assert_true(script_has_event(&s, STREAM_PKT_SPURIOUS_RETRANSMISSION));
	RUN(&s, { C2S, FA, 4, 1, NULL }, { C2S, ACK, 1, 1, "abc" });
	assert_true(script_has_event(&s, STREAM_PKT_SPURIOUS_RETRANSMISSION) ||
		    script_has_event(&s, STREAM_PKT_RETRANSMISSION));
	script_free(&s);
}

static void nobody_listening_costs_no_memory(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	RUN(&s, HANDSHAKE);
	tcp_session_app_stop(s.flow, C2S);
	tcp_session_raw_stop(s.flow, C2S);
	for (uint32_t i = 0; i < 1000; i++)
		RUN(&s, { C2S, ACK, 1 + i * 3, 1, "abc" }, ACKED(4 + i * 3));
	assert_false(s.result.invalid);
	assert_int_equal(stream_engine_counters(s.engine)[STREAM_COUNT_REASSEMBLY_MEMUSE], 0);
	assert_int_equal(stream_engine_counters(s.engine)[STREAM_COUNT_COPIED], 0);
	script_free(&s);
}

static void in_order_data_is_seen_in_place(void **state)
{
	(void)state;
	struct script s = script_new();
	s.config.inline_mode = true;
	script_start(&s);
	RUN(&s, HANDSHAKE);
	tcp_session_raw_stop(s.flow, C2S);
	RUN(&s, { C2S, ACK, 1, 1, "abc" });
	// Not acknowledged yet: a copy stays, to compare repetitions with
	RUN(&s, ACKED(4));
	assert_int_equal(stream_engine_counters(s.engine)[STREAM_COUNT_REASSEMBLY_MEMUSE], 0);
	assert_string_equal(s.app[C2S], "abc");
	script_free(&s);
}

static void budgets_hold(void **state)
{
	(void)state;
	struct script s = script_new();
	s.config.max_segments = 16;
	s.config.reassembly_memcap_bytes = 64 << 10;
	script_start(&s);
	RUN(&s, HANDSHAKE);
	for (uint32_t i = 0; i < 1000; i++)
		RUN(&s, { C2S, ACK, 5 + i * 4, 1, "xy" });
	const uint64_t *counters = stream_engine_counters(s.engine);
	assert_true(counters[STREAM_COUNT_SEGMENT_BUDGET] > 0);
	assert_true(counters[STREAM_COUNT_REASSEMBLY_MEMUSE] <= 64 << 10);
	script_end(&s);
	assert_int_equal(counters[STREAM_COUNT_REASSEMBLY_MEMUSE], 0);
	assert_int_equal(counters[STREAM_COUNT_MEMUSE], 0);
	script_free(&s);
}

static void a_slow_application_sees_the_rest_with_more(void **state)
{
	(void)state;
	struct script s = script_new();
	s.read[C2S] = false;
	script_start(&s);
	RUN(&s, HANDSHAKE, { C2S, ACK, 1, 1, "abcd" }, ACKED(5));
	struct stream_view view;
	assert_true(tcp_session_app_view(s.engine, s.flow, C2S, &view));
	assert_true(span_is(view.data, "abcd"));
	tcp_session_app_consume(s.engine, s.flow, C2S, 0, 1);
	assert_false(tcp_session_app_view(s.engine, s.flow, C2S, &view));
	RUN(&s, { C2S, ACK, 5, 1, "ef" }, ACKED(7));
	assert_true(s.result.ready[C2S]);
	assert_true(tcp_session_app_view(s.engine, s.flow, C2S, &view));
	assert_true(span_is(view.data, "bcdef"));
	assert_int_equal(view.offset, 1);
	script_free(&s);
}

// What was left waits for bytes that never come: it is lost with them, and what lies behind is shown
static void what_an_application_left_goes_with_the_gap_behind_it(void **state)
{
	(void)state;
	struct script s = script_new();
	s.read[C2S] = false;
	script_start(&s);
	RUN(&s, HANDSHAKE, { C2S, ACK, 1, 1, "abcd" }, ACKED(5));
	struct stream_view view;
	assert_true(tcp_session_app_view(s.engine, s.flow, C2S, &view));
	tcp_session_app_consume(s.engine, s.flow, C2S, 0, 1);
	RUN(&s, { C2S, ACK, 9, 1, "ij" }, ACKED(11));
	assert_true(tcp_session_app_view(s.engine, s.flow, C2S, &view));
	assert_true(span_is(view.data, "bcd"));
	tcp_session_app_consume(s.engine, s.flow, C2S, view.gap_bytes, 0);
	assert_true(tcp_session_app_view(s.engine, s.flow, C2S, &view));
	assert_int_equal(view.gap_bytes, 7);
	assert_int_equal(view.offset, 8);
	assert_true(span_is(view.data, "ij"));
	tcp_session_app_consume(s.engine, s.flow, C2S, view.gap_bytes, 2);
	assert_false(tcp_session_app_view(s.engine, s.flow, C2S, &view));
	script_free(&s);
}

static void a_copy_says_what_is_missing(void **state)
{
	(void)state;
	struct script s = script_new();
	script_start(&s);
	RUN(&s, HANDSHAKE, { C2S, ACK, 5, 1, "ef" }, { C2S, ACK, 10, 1, "jk" });
	uint8_t out[64];
	uint32_t len = tcp_session_copy(s.flow, C2S, out, sizeof(out));
	assert_true(span_is(span_of(out, len), "[4 bytes missing]ef[3 bytes missing]jk"));
	assert_int_equal(tcp_session_copy(s.flow, C2S, out, 5), 5);
	script_free(&s);
}

static void swapping_keeps_the_bytes(void **state)
{
	(void)state;
	struct script s = script_new();
	s.config.midstream = true;
	s.read[C2S] = s.read[S2C] = false;
	script_start(&s);
	RUN(&s, { S2C, ACK, 100, 100, "HTTP/1.1" }, { C2S, ACK, 100, 108, NULL });
	flow_swap_direction(s.flow);
	tcp_session_swap(s.flow);
	struct stream_view view;
	assert_true(tcp_session_app_view(s.engine, s.flow, S2C, &view));
	assert_true(span_is(view.data, "HTTP/1.1"));
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_counts_when_it_was_acknowledged),
		cmocka_unit_test(inline_data_counts_at_once),
		cmocka_unit_test(segments_come_in_any_order),
		cmocka_unit_test(a_lost_segment_is_a_gap_once_acknowledged),
		cmocka_unit_test(an_acknowledgement_ahead_of_all_seen_proves_the_hole_before_what_is_held),
		cmocka_unit_test(nothing_held_behind_a_hole_is_no_gap_yet),
		cmocka_unit_test(after_a_loss_acknowledgements_beyond_the_window_are_taken),
		cmocka_unit_test(a_streams_size_counts_its_syn),
		cmocka_unit_test(the_end_shows_what_was_not_acknowledged),
		cmocka_unit_test(raw_waits_for_a_chunk),
		cmocka_unit_test(systems_differ_in_overlaps),
		cmocka_unit_test(inline_the_first_copy_wins_and_the_other_is_dropped),
		cmocka_unit_test(the_depth_ends_reassembly),
		cmocka_unit_test(numbers_wrap),
		cmocka_unit_test(the_urgent_byte_is_left_out),
		cmocka_unit_test(a_reset_leaves_data_to_the_end),
		cmocka_unit_test(a_resets_text_is_not_data),
		cmocka_unit_test(repeated_segments_are_said),
		cmocka_unit_test(nobody_listening_costs_no_memory),
		cmocka_unit_test(in_order_data_is_seen_in_place),
		cmocka_unit_test(budgets_hold),
		cmocka_unit_test(a_slow_application_sees_the_rest_with_more),
		cmocka_unit_test(what_an_application_left_goes_with_the_gap_behind_it),
		cmocka_unit_test(a_copy_says_what_is_missing),
		cmocka_unit_test(swapping_keeps_the_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
