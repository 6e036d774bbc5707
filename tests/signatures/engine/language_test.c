// SPDX-License-Identifier: GPL-3.0-or-later
// What rules note and what other rules and events make of it.
#include "decoders/base/option.h"
#include "signatures/rule/rule_set.h"
#include "tests/support/engine_bench.h"

struct told {
	char text[512];
};

static void tell(void *context, const struct engine_var *var)
{
	struct told *told = context;
	size_t at = strlen(told->text), room = sizeof(told->text) - at;
	if (var->kind == VAR_TEXT)
		snprintf(told->text + at, room, "%.*s=%.*s ", (int)var->name.len, (const char *)var->name.data,
			(int)var->text.len, (const char *)var->text.data);
	else if (var->kind == VAR_ENTROPY)
		snprintf(told->text + at, room, "%.*s=%.3f ", (int)var->name.len, (const char *)var->name.data,
			var->real);
	else
		snprintf(told->text + at, room, "%.*s:%u ", (int)var->name.len, (const char *)var->name.data,
			(unsigned)var->number);
}

static struct told flow_told(struct bench *b)
{
	struct told told = { "" };
	engine_flow_vars(b->worker, &b->flow, ENGINE_VARS_ALL, tell, &told);
	return told;
}

static void captures_become_variables_of_the_flow_when_the_rule_matches(void **state)
{
	(void)state;
	struct bench *b = bench_new((const char *const[]) {
		"alert udp any any -> any any (pcre:\"/user=(\\w+) id=(\\d+)/, flow:user, flow:id\"; sid:1;)",
		"alert udp any any -> any any (pcre:\"/name=(?P<flow_name>\\w+)/\"; content:\"absent\"; sid:2;)",
		"alert udp any any -> any any (flowvar:user,\"oo|74|\"; sid:3;)",
		"alert udp any any -> any any (flowvar:!user,\"root\"; sid:4;)", NULL });
	assert_int_equal(text(b, TO_SERVER, "name=bob"), 0);
	assert_string_equal(flow_told(b).text, "");
	assert_int_equal(text(b, TO_SERVER, "user=root id=7"), 2); // 1, and 3 which comes after it
	assert_int_equal(sid(b, 0), 1);
	assert_int_equal(sid(b, 1), 3);
	assert_string_equal(flow_told(b).text, "user=root id=7 ");
	assert_int_equal(text(b, TO_SERVER, "user=alice id=8"), 2);
	assert_int_equal(sid(b, 1), 4);
	assert_string_equal(flow_told(b).text, "user=alice id=8 ");
	bench_free(b);
}

static void packet_captures_go_with_the_packet(void **state)
{
	(void)state;
	struct bench *b = bench_new((const char *const[]) {
		"alert udp any any -> any any (pcre:\"/(\\w+)=(\\d+)/, pkt:key, pkt:value\"; sid:1;)",
		"alert udp any any -> any any (pcre:\"/=(?P<alert_number>\\d+)/\"; sid:2;)",
		"alert udp any any -> any any (pcre:\"/=(?P<pkt_number>\\d)/\"; priority:1; sid:3;)",
		"alert udp any any -> any any (pktvar:number,\"4\"; sid:4;)", NULL });
	assert_int_equal(text(b, TO_SERVER, "port=443"), 4);
	struct told packet = { "" }, alert = { "" }, other = { "" };
	engine_packet_vars(b->worker, NULL, NULL, tell, &other);
	assert_string_equal(other.text, "");
	// The bench's packet is gone by now: only its address is compared
	const struct packet *last = b->last;
	engine_packet_vars(b->worker, last, NULL, tell, &packet);
	assert_string_equal(packet.text, "number=4 port=443 ");
	for (unsigned i = 0; i < b->findings.count; i++)
		if (sid(b, i) == 2)
			engine_packet_vars(b->worker, last, &b->findings.items[i], tell, &alert);
	assert_string_equal(alert.text, "number=443 ");
	assert_int_equal(text(b, TO_SERVER, "nothing"), 0);
	packet.text[0] = 0;
	engine_packet_vars(b->worker, b->last, NULL, tell, &packet);
	assert_string_equal(packet.text, "");
	bench_free(b);
}

static void entropy_is_noted_even_when_it_does_not_fit(void **state)
{
	(void)state;
	struct bench *b = bench_new((const char *const[]) { "alert udp any any -> any any (entropy:value > 4; sid:1;)",
		"alert udp any any -> any any (entropy:value !1-2; sid:2;)",
		"alert udp any any -> any any (entropy:offset 2, bytes 2, value = 0; sid:3;)", NULL });
	assert_int_equal(text(b, TO_SERVER, "aabb"), 2); // 1 bit; its end 0
	assert_string_equal(flow_told(b).text, "content=0.000 ");
	bench_free(b);
}

static void frames_of_a_datagram_are_looked_at(void **state)
{
	(void)state;
	struct bench *b = bench_new((const char *const[]) {
		"alert dns any any -> any any (frame:pdu; content:\"|00 01|\"; offset:4; depth:2; sid:1;)",
		"alert udp any any -> any any (frame:dns.pdu; bsize:>10; content:!\"mail\"; sid:2;)",
		"alert dns any any -> any any (frame:pdu; to_uppercase; content:\"WWW\"; endswith; sid:3;)",
		"alert dns any any -> any any (frame:stream; content:\"www\"; sid:4;)",
		"alert dns any any -> any any (frame:pdu; content:\"www\"; fast_pattern; content:\"pre\"; sid:5;)",
		NULL });
	static const char message[] = "pre\0\1\0\0\0\0\0\0xxwww";
	b->flow.app.proto = APP_DNS;
	b->flow.app.parser = app_parser_of(APP_DNS);
	b->flow.app.flags |= APP_FRAMES;
	struct app_frame *frame = app_frame_add(&b->flow, b->slab, TO_SERVER, 0, 0, sizeof(message) - 1, true);
	assert_non_null(frame);
	datagram(b, TO_SERVER, message, sizeof(message) - 1, true);
	assert_int_equal(b->findings.count, 3);
	assert_int_equal(sid(b, 0), 2);
	assert_int_equal(sid(b, 1), 3);
	assert_int_equal(sid(b, 2), 5);
	assert_ptr_equal(b->findings.items[0].frame, frame);
	assert_true(frame->done);
	assert_int_equal(datagram(b, TO_SERVER, message, sizeof(message) - 1, true), 0);
	app_frames_free(&b->flow, b->slab);
	b->flow.app.parser = NULL;
	bench_free(b);
}

static void frames_take_names_of_their_protocol_only(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool good;
	} rules[] = {
		{ "alert udp any any -> any any (frame:dns.pdu; content:\"x\"; sid:1;)", true },
		{ "alert tls any any -> any any (frame:hdr; content:\"x\"; sid:1;)", true },
		{ "alert tls any any -> any any (frame:ssl2.hdr; content:\"x\"; sid:1;)", true },
		{ "alert http any any -> any any (frame:request; content:\"x\"; sid:1;)", true },
		{ "alert tls any any -> any any (frame:pud; content:\"x\"; sid:1;)", false },
		{ "alert tcp any any -> any any (frame:pdu; content:\"x\"; sid:1;)", false },
		{ "alert tls any any -> any any (frame:dns.pdu; content:\"x\"; sid:1;)", false },
		{ "alert tls any any -> any any (frame:hdr; tls.sni; content:\"x\"; sid:1;)", false },
		{ "alert tls any any -> any any (frame:hdr; sid:1;)", false },
	};
	struct rule_options options = { 0 };
	for (unsigned i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct rule_set *set = rule_set_new(&options);
		assert_int_equal(rule_set_add(set, rules[i].text, "test", i + 1), rules[i].good);
		rule_set_free(set);
	}
}

static void rules_are_ordered_as_action_order_says(void **state)
{
	(void)state;
	char *names[] = { (char[]) { "alert" }, (char[]) { "drop" }, (char[]) { "reject" }, (char[]) { "pass" } };
	static const char *const rules[] = { "pass udp any any -> any any (content:\"x\"; sid:1;)",
		"reject udp any any -> any any (content:\"x\"; sid:2;)",
		"config udp any any -> any any (content:\"x\"; config:logging disable, type flow, scope flow; sid:3;)",
		"drop udp any any -> any any (content:\"x\"; sid:4;)",
		"alert udp any any -> any any (content:\"x\"; sid:5;)" };
	static const uint32_t usual[] = { 1, 4, 2, 5, 3 }, changed[] = { 5, 4, 2, 1, 3 };
	for (unsigned run = 0; run < 3; run++) {
		struct option_list order = { names, run == 2 ? 3 : 4 }; // three of four: the usual order
		struct rule_options options = { .action_order = run ? &order : NULL };
		struct rule_set *set = rule_set_new(&options);
		for (unsigned i = 0; i < 5; i++)
			assert_true(rule_set_add(set, rules[i], "test", i + 1));
		assert_true(rule_set_finish(set));
		for (unsigned i = 0; i < 5; i++)
			assert_int_equal(set->rules[i]->sid, run == 1 ? changed[i] : usual[i]);
		rule_set_free(set);
	}
}

static void a_flow_start_hook_is_for_the_first_packet(void **state)
{
	(void)state;
	struct bench *b = bench_new((const char *const[]) { "alert udp:flow_start any any -> any any (sid:1;)",
		"alert udp:all any any -> any any (sid:2;)",
		"config udp any any -> any any (content:\"quiet\"; config:logging disable, type flow, scope flow; "
		"sid:3;)",
		"alert udp any any -> any any (content:\"enough\"; bypass; sid:4;)", NULL });
	assert_int_equal(text(b, TO_SERVER, "one"), 2);
	assert_int_equal(text(b, TO_CLIENT, "two"), 1);
	assert_int_equal(text(b, TO_SERVER, "quiet"), 1);
	assert_true(b->flow.flags & FLOW_NO_LOG);
	assert_false(b->flow.flags & FLOW_NO_TX_LOG);
	assert_int_equal(text(b, TO_SERVER, "enough"), 2);
	assert_true(b->flow.flags & FLOW_BYPASS);
	assert_int_equal(text(b, TO_SERVER, "enough"), 0); // the rest passes by
	bench_free(b);
}

static bool tagged(struct bench *b, const char *bytes)
{
	static const uint8_t client[4] = { 10, 0, 0, 1 };
	text(b, TO_SERVER, bytes);
	struct packet packet = {
		.number = b->packets, .ts_ns = NS_PER_S, .ip_version = 4, .wire_len = 100, .src = address_v4(client)
	};
	return engine_tagged(b->worker, NULL, &packet);
}

static void a_host_stays_tagged_for_as_many_packets_or_bytes(void **state)
{
	(void)state;
	static const char *const rules[] = {
		"alert udp any any -> any any (content:\"mark\"; tag:host,2,packets,src; sid:1;)",
		"alert udp any any -> any any (content:\"mark\"; tag:host,150,bytes,src; sid:1;)"
	};
	for (unsigned i = 0; i < 2; i++) {
		struct bench *b = bench_new((const char *const[]) { rules[i], NULL });
		assert_false(tagged(b, "nothing"));
		assert_false(tagged(b, "mark")); // the alert tells it
		assert_true(tagged(b, "a"));
		assert_true(tagged(b, "b"));
		assert_false(tagged(b, "c"));
		bench_free(b);
	}
}

static void what_a_keyword_cannot_mean_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *options;
		bool good;
	} rules[] = {
		{ "config:logging disable, type tx, scope flow;", true },
		{ "config:logging enable, type tx, scope flow;", false },
		{ "config:logging disable, type tx;", false },
		{ "nfq_set_mark:0x10/0xf0;", true },
		{ "nfq_set_mark:one;", false },
		{ "nfq_set_mark:1/0;", false },
		{ "tcp.session:setup,closing;", true },
		{ "tcp.session:half;", false },
		{ "app-layer-state:>request_headers;", true },
		{ "app-layer-state:response_complete;", true },
		{ "app-layer-state:client_hello_done;", false },
		{ "xbits:set,a,track tx;", true },
		{ "xbits:set,a,track flow;", false },
		{ "xbits:isset,a,track ip_src,expire 0;", false },
		{ "flowvar:name;", false },
		{ "flowvar:name,\"|zz|\";", false },
	};
	struct rule_options options = { 0 };
	for (unsigned i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		char rule[256];
		snprintf(rule, sizeof(rule), "alert http any any -> any any (%s sid:1;)", rules[i].options);
		struct rule_set *set = rule_set_new(&options);
		if (rule_set_add(set, rule, "test", 1) != rules[i].good)
			fail_msg("%s", rule);
		rule_set_free(set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(captures_become_variables_of_the_flow_when_the_rule_matches),
		cmocka_unit_test(packet_captures_go_with_the_packet),
		cmocka_unit_test(frames_of_a_datagram_are_looked_at),
		cmocka_unit_test(frames_take_names_of_their_protocol_only),
		cmocka_unit_test(rules_are_ordered_as_action_order_says),
		cmocka_unit_test(a_flow_start_hook_is_for_the_first_packet),
		cmocka_unit_test(a_host_stays_tagged_for_as_many_packets_or_bytes),
		cmocka_unit_test(what_a_keyword_cannot_mean_is_refused),
		cmocka_unit_test(entropy_is_noted_even_when_it_does_not_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
