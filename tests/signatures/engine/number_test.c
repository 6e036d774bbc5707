// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers of transactions: which of several values a rule asks for.
#include "tests/support/engine_bench.h"

// An answer whose question and three answers have the types A, CNAME, A and TXT.
static const uint8_t answer[] = { 0x12, 0x34, 0x81, 0x80, 0, 1, 0, 3, 0, 0, 0, 0, 1, 'a', 0, 0, 1, 0, 1, //
	0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 3, 1, 'b', 0,                                              //
	0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1,                                           //
	0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 2, 1, 'x' };

static const struct {
	const char *number;
	bool holds;
} cases[] = {
	{ "dns.rrtype:a", true },
	{ "dns.rrtype:a,any", true },
	{ "dns.rrtype:mx", false },
	{ "dns.rrtype:!a", true }, // one of them is not
	{ "dns.rrtype:a,all", false },
	{ "dns.rrtype:!mx,all", true },
	{ "dns.rrtype:<17,all", true },
	{ "dns.rrtype:<16,all_or_absent", false },
	{ "dns.rrtype:mx,or_absent", false },
	{ "dns.rrtype:a,0", true },
	{ "dns.rrtype:a,1", false },
	{ "dns.rrtype:cname,1", true },
	{ "dns.rrtype:txt,-1", true },
	{ "dns.rrtype:a,-2", true },
	{ "dns.rrtype:a,-4", true },
	{ "dns.rrtype:a,-5", false },
	{ "dns.rrtype:a,4", false },
	{ "dns.rrtype:a,oob_or 4", true },
	{ "dns.rrtype:a,oob_or 1", false },
	{ "dns.rrtype:a,oob_or -5", true },
	{ "dns.rrtype:a,nb2", true },
	{ "dns.rrtype:a,nb>1", true },
	{ "dns.rrtype:a,nb>2", false },
	{ "dns.rrtype:mx,nb0", true },
	{ "dns.rrtype:count4", true },
	{ "dns.rrtype:count >4", false },
	{ "dns.rrtype:count>3", true },
	{ "dns.rrtype:a,any,1:-1", true },
	{ "dns.rrtype:a,all,2:3", true },
	{ "dns.rrtype:a,all,1:3", false },
	{ "dns.rrtype:txt,any,0:-1", false },
	{ "dns.rrtype:txt,any,0:4", true },
	{ "dns.rrtype:txt,any,0:5", false }, // an end outside: nothing is looked at
	{ "dns.rrtype:a,nb1,-2:-1", true },
	{ "dns.rrtype:cname,0,1:3", true },
	{ "dns.rrtype:a,-1,1:3", true },
	{ "dns.rrtype:&0x10=0x10", true },
	{ "dns.rrtype:&0x20=0x20", false },
	{ "dns.rrtype:&0x10!=0,all", false },
	{ "dns.opcode:0", true },
	{ "dns.rcode:!noerror", false },
};
#define CASES (sizeof(cases) / sizeof(cases[0]))

static void parse(struct bench *b, const uint8_t *bytes, uint32_t len)
{
	b->flow.app.parser = app_parser_of(APP_DNS);
	b->flow.app.proto = APP_DNS;
	b->flow.app.tx_max = 256;
	b->shared = b->flow.app.parser->worker_new ? b->flow.app.parser->worker_new(&b->apps, NULL) : NULL;
	assert_true(app_state_open(b->flow.app.parser, &b->flow, b->slab, b->shared));
	struct app_input input = { .direction = TO_CLIENT,
		.data = { bytes, len },
		.datagram = true,
		.flow = &b->flow,
		.slab = b->slab,
		.shared = b->shared,
		.consumed = len };
	b->flow.app.parser->parse(&input);
}

static void the_values_asked_for_must_fit(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		char rule[200];
		snprintf(rule, sizeof(rule), "alert dns any any -> any any (%s; sid:1;)", cases[i].number);
		struct bench *b = bench_new((const char *const[]) { rule, NULL });
		parse(b, answer, sizeof(answer));
		uint32_t found = datagram(b, TO_CLIENT, answer, sizeof(answer), true);
		if (found != cases[i].holds)
			fail_msg("%s: %u findings", cases[i].number, found);
		bench_free(b);
	}
}

static void a_field_without_readers_never_matches(void **state)
{
	(void)state;
	struct bench *b = bench_new(
		(const char *const[]) { "alert template any any -> any any (template.buffer; content:\"a\"; sid:1;)",
			"alert ip any any -> any any (template.buffer; content:!\"a\"; sid:2;)",
			"alert udp any any -> any any (template.buffer; absent; sid:3;)",
			"alert udp any any -> any any (app-layer-event:mqtt.missing_connect; sid:4;)", NULL });
	parse(b, answer, sizeof(answer));
	assert_int_equal(datagram(b, TO_CLIENT, answer, sizeof(answer), true), 0);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_values_asked_for_must_fit),
		cmocka_unit_test(a_field_without_readers_never_matches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
