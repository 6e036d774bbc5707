// SPDX-License-Identifier: GPL-3.0-or-later
// Drives flow table and TCP sessions with packets made of the fuzzer's bytes, and checks what must always hold: budgets, that memory comes
// back, that views lie in order, and that what inline mode showed the application is a prefix of one stream.
#include "decoders/base/clock.h"
#include "decoders/base/cursor.h"
#include "decoders/stream/tcp_session.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	struct stream_config config;
	struct flow_config flow_config;
	struct slab *slab;
	struct flow_table *flows;
	struct stream_engine *engine;
	uint64_t now_ns;
	uint8_t choices;
};

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void read_views(struct world *w, struct flow *flow, enum direction direction, bool flush)
{
	struct stream_view view;
	static volatile uint8_t sink;
	for (unsigned i = 0; i < 64 && tcp_session_app_view(w->engine, flow, direction, &view); i++) {
		for (uint32_t k = 0; k < view.data.len; k++)
			sink = view.data.data[k];
		uint32_t take = w->choices & 1 ? view.data.len : view.data.len / 2;
		tcp_session_app_consume(w->engine, flow, direction, view.gap_bytes, take);
		if ((w->choices & 6) == 6)
			tcp_session_app_stop(flow, direction);
	}
	uint64_t last = 0;
	for (unsigned i = 0; i < 64 && tcp_session_raw_view(w->engine, flow, direction, flush, &view); i++) {
		uint64_t end = view.offset + view.data.len;
		for (uint32_t k = 0; k < view.data.len; k++)
			sink = view.data.data[k];
		require(view.data.len > 0 && end > last);
		last = end;
		tcp_session_raw_consume(w->engine, flow, direction, end, w->choices >> 4);
	}
	(void)sink;
}

static void end_flow(struct world *w, struct flow *flow)
{
	tcp_session_finish(w->engine, flow);
	for (int d = 0; flow->tcp && d < 2; d++)
		read_views(w, flow, (enum direction)d, true);
	tcp_session_free(w->engine, flow);
	flow_release(w->flows, flow);
}

static void one_packet(struct world *w, struct cursor *c)
{
	uint8_t text[256];
	uint8_t kind = cursor_u8(c), flags = cursor_u8(c), option = cursor_u8(c);
	bool back = kind & 1;
	struct packet p = {
		.ip_version = 4, .proto = PROTO_TCP, .l4 = text, .ip = text, .l4_header_len = 20, .frame = { text, 60 }
	};
	uint8_t ends[2][4] = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };
	p.src = address_v4(ends[back]);
	p.dst = address_v4(ends[!back]);
	p.sport = back ? 80 : 4000;
	p.dport = back ? 4000 : 80;
	p.tcp.flags = flags;
	p.tcp.seq = (back ? 0xffffff80u : 0x7fffff80u) + cursor_be16(c);
	p.tcp.ack = (back ? 0x7fffff80u : 0xffffff80u) + cursor_be16(c);
	if (option & 1)
		p.tcp.seq += (uint32_t)cursor_be16(c) << 16;
	p.tcp.window = option & 2 ? 65535 : option;
	p.tcp.has = option & 0x34;
	p.tcp.wscale = option & 15;
	p.tcp.ts_value = option;
	p.tcp.urgent = option & 0x40 ? option & 7 : 0;
	w->now_ns += option & 0x80 ? (uint64_t)kind * NS_PER_S : NS_PER_US;
	p.ts_ns = w->now_ns;
	uint32_t len = kind >> 1;
	memset(text, kind, sizeof(text));
	p.payload = (struct span) { text, len };
	struct flow *flow = flow_table_lookup(w->flows, &p);
	if (!flow)
		return;
	struct stream_result result = tcp_session_handle(w->engine, &p);
	if ((option & 0x48) == 0x48) {
		flow_swap_direction(flow);
		tcp_session_swap(flow);
		p.direction = direction_other(p.direction);
	}
	for (int d = 0; flow->tcp && d < 2; d++)
		if (result.ready[d] || d == (int)p.direction)
			read_views(w, flow, (enum direction)d, option & 0x10);
	uint8_t copy[300];
	require(tcp_session_copy(flow, p.direction, copy, sizeof(copy)) <= sizeof(copy));
	tcp_session_packet_done(w->engine, &p);
	const uint64_t *counters = stream_engine_counters(w->engine);
	require(counters[STREAM_COUNT_REASSEMBLY_MEMUSE] <= w->config.reassembly_memcap_bytes);
	while ((flow = flow_table_expire(w->flows, w->now_ns)))
		end_flow(w, flow);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_on(span_of(data, size));
	uint8_t mode = cursor_u8(&c);
	char net[] = "0.0.0.0/0";
	static const char *const systems[] = { "bsd", "linux", "solaris", "vista", "windows", "last", "old-linux",
		"hpux11" };
	char key[16] = "";
	memcpy(key, systems[mode & 7], strlen(systems[mode & 7]) + 1);
	struct option_pair pair = { key, net };
	struct world w = {
		.config = { .memcap_bytes = 1 << 16,
			.reassembly_memcap_bytes = 1 << 18,
			.midstream = mode & 8,
			.async_oneside = mode & 16,
			.inline_mode = mode & 32,
			.inline_choice = 2,
			.drop_invalid = true,
			.midstream_policy = MIDSTREAM_IGNORE,
			.depth_bytes = mode & 64 ? 1000 : 0,
			.toserver_chunk_bytes = 100,
			.toclient_chunk_bytes = 100,
			.max_syn_queued = 4,
			.max_synack_queued = 4,
			.max_segments = 32,
			.urgent_policy = mode & 3,
			.check_overlap_different_data = true,
			.host_os_policy = { &pair, 1 },
			.workers = 1 },
		.flow_config = { .memcap_bytes = 1 << 16, .hash_size = 16, .emergency_recovery_pct = 30, .workers = 1 },
		.now_ns = 1000 * NS_PER_S,
		.choices = cursor_u8(&c),
	};
	for (unsigned i = 0; i < FLOW_FAMILIES; i++)
		w.flow_config.timeouts[i] = w.flow_config.emergency[i] = (struct flow_timeouts) { 60, 600, 60, 100 };
	w.slab = slab_new(4u << 20);
	w.flows = flow_table_new(&w.flow_config, w.slab);
	w.engine = stream_engine_new(&w.config, w.slab, w.flows);
	require(w.slab && w.flows && w.engine);
	while (cursor_left(&c) > 6)
		one_packet(&w, &c);
	struct flow *flow;
	while ((flow = flow_table_end_all(w.flows)))
		end_flow(&w, flow);
	require(stream_engine_counters(w.engine)[STREAM_COUNT_REASSEMBLY_MEMUSE] == 0);
	require(stream_engine_counters(w.engine)[STREAM_COUNT_MEMUSE] == 0);
	stream_engine_free(w.engine);
	flow_table_free(w.flows);
	slab_destroy(w.slab);
	return 0;
}
