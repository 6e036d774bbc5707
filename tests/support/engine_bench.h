// SPDX-License-Identifier: GPL-3.0-or-later
// Engine bench: rules, an engine with one worker, and a flow of datagrams to try them on.
//
// Life cycle   bench_new -> text, datagram ... -> bench_free, which also asserts that nothing of the slab is left
// Threads      the test's
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "decoders/base/clock.h"
#include "signatures/engine/engine.h"
#include "signatures/rule/rule_set.h"

struct bench {
	struct rule_set *set;
	struct engine *engine;
	struct engine_worker *worker;
	struct slab *slab;
	struct engine_config config;
	struct findings findings;
	struct flow flow;
	struct app_config apps;
	void *shared;
	uint64_t packets;
	const struct packet *last; // inspected last; only its address is good
};

static inline void refused(void *context, const struct rule_error *error)
{
	(void)context;
	print_error("%u: %s: %s\n", error->line, error->keyword, error->reason);
}

// rules: NULL-terminated texts.
static inline struct bench *bench_new(const char *const *rules)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct rule_options options = { .on_error = refused };
	char error[256];
	b->set = rule_set_new(&options);
	for (unsigned i = 0; rules[i]; i++)
		assert_true(rule_set_add(b->set, rules[i], "test", i + 1));
	assert_true(rule_set_finish(b->set));
	b->config = (struct engine_config) { .packet_alert_max = 15,
		.pcre_match_limit = 3500,
		.pcre_recursion_limit = 1500,
		.rule_steps = 3000,
		.body_min_bytes = 32768,
		.body_window_bytes = 4096 };
	b->engine = engine_build(b->set, &b->config, error, sizeof(error));
	assert_non_null(b->engine);
	b->slab = slab_new(4u << 20);
	b->worker = engine_worker_new(b->engine, b->slab, NULL);
	assert_non_null(b->worker);
	b->flow.key.proto = PROTO_UDP;
	return b;
}

static inline void bench_free(struct bench *b)
{
	const struct app_parser *parser = b->flow.app.parser;
	while (parser && b->flow.app.tx_first) {
		struct app_tx *tx = b->flow.app.tx_first;
		engine_tx_free(b->worker, &b->flow, tx);
		b->flow.app.tx_first = tx->next;
		parser->tx_free(&b->flow, tx, b->slab, b->shared);
	}
	if (parser)
		app_state_close(parser, &b->flow, b->slab, b->shared);
	if (parser && parser->worker_free)
		parser->worker_free(b->shared);
	engine_flow_free(b->worker, &b->flow);
	assert_int_equal(slab_used_bytes(b->slab), 0);
	engine_worker_free(b->worker);
	engine_free(b->engine);
	rule_set_free(b->set);
	slab_destroy(b->slab);
	free(b);
}

// Inspects a datagram; gives how many findings there are.
static inline uint32_t datagram(
	struct bench *b, enum direction direction, const void *bytes, size_t len, bool with_flow)
{
	static const uint8_t client[4] = { 10, 0, 0, 1 }, server[4] = { 192, 0, 2, 1 };
	bool back = direction == TO_CLIENT;
	struct packet packet = { .number = ++b->packets,
		.ts_ns = NS_PER_S,
		.ip_version = 4,
		.proto = PROTO_UDP,
		.payload = span_of(bytes, len),
		.direction = direction,
		.src = address_v4(back ? server : client),
		.dst = address_v4(back ? client : server),
		.sport = back ? 53 : 1025,
		.dport = back ? 1025 : 53,
		.l4 = bytes,
		.l4_header_len = 8,
		.flow = with_flow ? &b->flow : NULL };
	struct inspection inspection = { &packet, with_flow ? &b->flow : NULL, false, false };
	b->flow.packets[direction]++;
	b->last = &packet;
	if (b->flow.packets[0] && b->flow.packets[1])
		b->flow.state = FLOW_ESTABLISHED;
	engine_inspect(b->worker, &inspection, &b->findings);
	return b->findings.count;
}

static inline uint32_t text(struct bench *b, enum direction direction, const char *bytes)
{
	return datagram(b, direction, bytes, strlen(bytes), true);
}

static inline uint32_t sid(const struct bench *b, unsigned i)
{
	return b->findings.items[i].rule->sid;
}
