// SPDX-License-Identifier: GPL-3.0-or-later
// Class: overlapping fragments and segments that differ. The sensor puts other bytes together than the host it watches: an attack is one thing to the one
// and another to the other (Novak 2005 for both; IP id reuse and resent segments in the field, 2024 and 2025).
//
// The same overlaps are sent to a host of each system, over IPv4 and IPv6: what comes out is what that system makes of them, and that bytes differed is
// an event whatever the system.
#include <string.h>
#include "decoders/packet/decoding.h"
#include "tests/support/decoders/decoding_fixture.h"
#include "tests/support/decoders/make_session.h"

// Novak's fragments in units of 8 bytes behind the UDP header, a letter each in the order they are sent.
static const struct {
	unsigned offset, len;
} fragments[] = { { 0, 3 }, { 4, 2 }, { 6, 3 }, { 1, 4 }, { 6, 3 }, { 9, 3 }, { 8, 2 }, { 11, 3 } };
static const char letters[] = "ABCDEFHG";

static const struct {
	const char *system, *kept;
} fragment_rows[] = {
	{ "first", "AAADBBCCCFFFGG" },
	{ "last", "ADDDDBEEHHFGGG" },
	{ "bsd", "AAADDBCCCHFFGG" },
	{ "bsd-right", "ADDDBBEEHFFGGG" },
	{ "linux", "AAADDBEEEHFFGG" },
	{ "windows", "AAADBBCCCFFFGG" },
	{ "solaris", "AAADBBCCCFFFGG" },
};

static struct packet *send_fragment(
	struct decoding_fixture *t, bool v6, unsigned offset, const void *data, unsigned len, bool more)
{
	frame_begin(&t->frame, data, len);
	if (v6) {
		frame_ipv6_fragment(&t->frame, PROTO_UDP, 7, offset, more);
		frame_ipv6(&t->frame, 44, "2001:db8::1", "2001:db8::2");
	} else {
		frame_ipv4_fragment(&t->frame, PROTO_UDP, "10.0.0.1", "10.0.0.2", 7, offset, more);
	}
	return decoding_run(t, LINK_RAW);
}

static void send_all_fragments(struct decoding_fixture *t, bool v6, const char *kept)
{
	static const uint8_t udp[8] = { 0, 7, 0, 8, 0, 8 + 14 * 8, 0, 0 };
	uint8_t data[64];
	bool overlap = false;
	send_fragment(t, v6, 0, udp, sizeof(udp), true);
	for (unsigned k = 0; k < sizeof(fragments) / sizeof(*fragments); k++) {
		bool last = k + 1 == sizeof(fragments) / sizeof(*fragments);
		memset(data, letters[k], sizeof(data));
		assert_int_equal(t->batch.count, 1);
		const struct packet *p =
			send_fragment(t, v6, 8 + fragments[k].offset * 8, data, fragments[k].len * 8, !last);
		overlap |= has_event(p, v6 ? DECODE_IPV6_FRAG_OVERLAP : DECODE_IPV4_FRAG_OVERLAP);
	}
	assert_true(overlap);
	assert_int_equal(t->batch.count, 2);
	struct span payload = t->batch.packets[1].payload;
	char got[15] = { 0 };
	assert_int_equal(payload.len, 14 * 8);
	for (unsigned k = 0; k < 14; k++)
		got[k] = (char)payload.data[k * 8];
	assert_string_equal(got, kept);
}

static void fragments_are_what_the_receiver_makes_of_them(void **state)
{
	struct decoding_fixture *t = *state;
	for (unsigned i = 0; i < sizeof(fragment_rows) / sizeof(*fragment_rows); i++)
		for (int v6 = 0; v6 <= 1; v6++) {
			char system[32], network[] = "[10.0.0.0/8, 2001:db8::/32]";
			snprintf(system, sizeof(system), "%s", fragment_rows[i].system);
			struct option_pair pair = { system, network };
			t->config.host_os_policy = (struct option_map) { &pair, 1 };
			decoding_restart(t);
			print_message("fragments to %s, IPv%d\n", system, v6 ? 6 : 4);
			send_all_fragments(t, v6, fragment_rows[i].kept);
			t->config.host_os_policy = (struct option_map) { 0 };
		}
}

// A newer fragment with the id of an older datagram that is not whole: one datagram of both is not made of them without a word.
static void an_id_used_again_is_told(void **state)
{
	struct decoding_fixture *t = *state;
	uint8_t one[24], two[24];
	memset(one, 'o', sizeof(one));
	memset(two, 't', sizeof(two));
	send_fragment(t, false, 0, one, sizeof(one), true);
	assert_true(has_event(send_fragment(t, false, 0, two, sizeof(two), true), DECODE_IPV4_FRAG_OVERLAP));
}

// Old segment "oooo" at 10..14, then a new one before, over and behind it.
static const struct {
	const char *system, *before, *same, *longer;
} segment_rows[] = {
	{ "bsd", "nnnnoo", "oooo", "oooonn" },
	{ "linux", "nnnnoo", "oooo", "nnnnnn" },
	{ "old-linux", "nnnnoo", "nnnn", "nnnnnn" },
	{ "windows", "nnnnoo", "oooo", "oooonn" },
	{ "solaris", "nnoooo", "oooo", "nnnnnn" },
	{ "vista", "nnoooo", "oooo", "oooonn" },
	{ "last", "nnnnoo", "nnnn", "nnnnnn" },
	{ "first", "nnoooo", "oooo", "oooonn" },
};

static void send_segments(const char *system, uint32_t at, const char *newer, const char *kept)
{
	char name[32], network[] = "[10.0.0.0/8]", fill[16] = "";
	snprintf(name, sizeof(name), "%s", system);
	struct option_pair pair = { name, network };
	struct script s = script_new(); // its sequence numbers wrap in the middle of it
	s.config.host_os_policy = (struct option_map) { &pair, 1 };
	script_start(&s);
	RUN(&s, { C2S, SYN, 0, 0, NULL }, { S2C, SA, 0, 1, NULL }, { C2S, ACK, 1, 1, NULL },
		{ C2S, ACK, 10, 1, "oooo" }, { C2S, ACK, at, 1, newer });
	assert_true(script_has_event(&s, STREAM_REASSEMBLY_OVERLAP_DIFFERENT_DATA));
	memset(fill, '.', (at < 10 ? at : 10) - 1);
	RUN(&s, { C2S, ACK, 1, 1, fill }, { S2C, ACK, 1, 16, NULL });
	assert_string_equal(s.app[C2S] + strlen(fill), kept);
	script_free(&s);
}

static void segments_are_what_the_receiver_makes_of_them(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(segment_rows) / sizeof(*segment_rows); i++) {
		print_message("segments to %s\n", segment_rows[i].system);
		send_segments(segment_rows[i].system, 8, "nnnn", segment_rows[i].before);
		send_segments(segment_rows[i].system, 10, "nnnn", segment_rows[i].same);
		send_segments(segment_rows[i].system, 10, "nnnnnn", segment_rows[i].longer);
	}
}

// Where the sensor can drop, no system matters: the first copy is what was inspected, so the other does not pass.
static void inline_another_copy_does_not_pass(void **state)
{
	(void)state;
	struct script s = script_new();
	s.config.inline_mode = true;
	script_start(&s);
	RUN(&s, { C2S, SYN, 0, 0, NULL }, { S2C, SA, 0, 1, NULL }, { C2S, ACK, 1, 1, NULL }, { C2S, ACK, 5, 1, "good" },
		{ C2S, ACK, 3, 1, "evil" });
	assert_true(s.result.drop);
	assert_true(script_has_event(&s, STREAM_REASSEMBLY_OVERLAP_DIFFERENT_DATA));
	script_free(&s);
}

// Overlaps without end cost no more than what they cover.
static void memory_is_for_what_is_covered(void **state)
{
	(void)state;
	struct script s = script_new();
	s.read[C2S] = s.read[S2C] = false;
	script_start(&s);
	RUN(&s, { C2S, SYN, 0, 0, NULL }, { S2C, SA, 0, 1, NULL }, { C2S, ACK, 1, 1, NULL });
	for (unsigned i = 0; i < 20000; i++)
		RUN(&s, { C2S, ACK, 2 + i % 1000, 1, i % 3 ? "abababababababab" : "xyxyxyxy" });
	assert_true(slab_peak_bytes(s.slab) < 1u << 20);
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			fragments_are_what_the_receiver_makes_of_them, decoding_setup, decoding_teardown),
		cmocka_unit_test_setup_teardown(an_id_used_again_is_told, decoding_setup, decoding_teardown),
		cmocka_unit_test(segments_are_what_the_receiver_makes_of_them),
		cmocka_unit_test(inline_another_copy_does_not_pass),
		cmocka_unit_test(memory_is_for_what_is_covered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
