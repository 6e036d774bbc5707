// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of TCP packets, run through flow table and stream engine: what each packet's events, the state after it, and the data its
// consumers get must be.
#pragma once
#include "decoders/stream/tcp_session.h"
#include "tests/support/decoders/make_packet.h"
#include <stdio.h>
#include <stdlib.h>

struct script {
	struct flow_config flow_config;
	struct stream_config config;
	struct slab *slab;
	struct flow_table *flows;
	struct stream_engine *engine;
	struct flow *flow;
	uint64_t now_ns;
	struct packet packet; // last one sent
	struct stream_result result;
	uint32_t isn[2];   // sequence numbers of steps count from here
	bool read[2];      // the application reads everything it is shown
	char app[2][4096]; // what it read, gaps as "<n>"
	unsigned app_len[2];
	bool ended[2];
	char raw[2][4096]; // what raw inspection saw, windows parted by '|'
	unsigned raw_len[2];
};

// One packet: direction, flags, sequence and acknowledgement numbers relative to the isn of their side, payload.
struct step {
	enum direction direction;
	uint8_t flags;
	uint32_t seq, ack;
	const char *payload;
};

#define C2S TO_SERVER
#define S2C TO_CLIENT
#define SYN TCP_SYN
#define SA  (TCP_SYN | TCP_ACK)
#define ACK TCP_ACK
#define FA  (TCP_FIN | TCP_ACK)
#define RST TCP_RST
#define RA  (TCP_RST | TCP_ACK)

static inline struct script script_new(void)
{
	struct script s = {
		.config = { .memcap_bytes = 1 << 20,
			.reassembly_memcap_bytes = 8 << 20,
			.checksum_validation = true,
			.drop_invalid = true,
			.midstream_policy = MIDSTREAM_AUTO,
			.depth_bytes = 1 << 20,
			.toserver_chunk_bytes = 2560,
			.toclient_chunk_bytes = 2560,
			.max_syn_queued = 10,
			.max_synack_queued = 5,
			.max_segments = 2048,
			.max_regions = 8,
			.urgent_policy = URGENT_OOB,
			.inline_choice = 2,
			.check_overlap_different_data = true,
			.workers = 1 },
		.flow_config = { .memcap_bytes = 1 << 20,
			.hash_size = 256,
			.emergency_recovery_pct = 30,
			.workers = 1 },
		.isn = { 0xfffffff0, 0x7ffffff8 }, // both wrap early
		.read = { true, true },
		.now_ns = 1000 * NS_PER_S,
	};
	for (unsigned i = 0; i < FLOW_FAMILIES; i++)
		s.flow_config.timeouts[i] = s.flow_config.emergency[i] = (struct flow_timeouts) { 60, 600, 60, 100 };
	return s;
}

static inline void script_start(struct script *s)
{
	s->slab = slab_new(64u << 20);
	s->flows = flow_table_new(&s->flow_config, s->slab);
	s->engine = stream_engine_new(&s->config, s->slab, s->flows);
}

static inline void script_text(char *out, unsigned *len, const void *data, size_t size)
{
	if (size && *len + size < 4095) {
		memcpy(out + *len, data, size);
		*len += (unsigned)size;
		out[*len] = 0;
	}
}

static inline void script_views(struct script *s, enum direction d, bool raw, bool flush)
{
	struct stream_view view;
	while (s->read[d] && tcp_session_app_view(s->engine, s->flow, d, &view)) {
		char gap[16];
		if (view.gap_bytes)
			script_text(s->app[d], &s->app_len[d], gap,
				(size_t)snprintf(gap, sizeof(gap), "<%u>", view.gap_bytes));
		script_text(s->app[d], &s->app_len[d], view.data.data, view.data.len);
		s->ended[d] = s->ended[d] || view.end;
		tcp_session_app_consume(s->engine, s->flow, d, view.gap_bytes, view.data.len);
	}
	while (raw && tcp_session_raw_view(s->engine, s->flow, d, flush, &view)) {
		script_text(s->raw[d], &s->raw_len[d], view.data.data, view.data.len);
		script_text(s->raw[d], &s->raw_len[d], "|", 1);
		tcp_session_raw_consume(s->engine, s->flow, d, view.offset + view.data.len, 0);
	}
}

// The flow ends as the pipeline ends it.
static inline void script_end_flow(struct script *s, struct flow *flow)
{
	s->flow = flow;
	tcp_session_finish(s->engine, flow);
	for (int d = 0; d < 2 && flow->tcp; d++)
		script_views(s, (enum direction)d, true, true);
	tcp_session_free(s->engine, flow);
	flow_release(s->flows, flow);
	s->flow = NULL;
}

static inline struct packet script_packet(const struct script *s, const struct step *step)
{
	bool back = step->direction == S2C;
	struct packet p = make_packet(PROTO_TCP, back ? "10.0.0.2" : "10.0.0.1", back ? 80 : 4000,
		back ? "10.0.0.1" : "10.0.0.2", back ? 4000 : 80, 0);
	p.ts_ns = s->now_ns;
	p.tcp.seq = s->isn[step->direction] + step->seq;
	p.tcp.ack = step->flags & TCP_ACK ? s->isn[direction_other(step->direction)] + step->ack : 0;
	p.tcp.flags = step->flags;
	p.tcp.window = 8192;
	if (step->payload)
		p.payload = span_text(step->payload);
	return p;
}

static inline void script_send_packet(struct script *s, struct packet packet)
{
	s->packet = packet;
	s->now_ns += NS_PER_S / 1000;
	s->flow = flow_table_lookup(s->flows, &s->packet);
	s->result = tcp_session_handle(s->engine, &s->packet);
	for (int d = 0; d < 2 && s->flow->tcp; d++)
		if (s->result.ready[d])
			script_views(s, (enum direction)d, false, false);
	if (s->flow->tcp)
		script_views(s, s->packet.direction, true, false);
	tcp_session_packet_done(s->engine, &s->packet);
	struct flow *ended;
	while ((ended = flow_table_expire(s->flows, s->now_ns))) {
		struct flow *keep = s->flow;
		script_end_flow(s, ended);
		s->flow = keep;
	}
}

static inline void script_send(struct script *s, struct step step)
{
	script_send_packet(s, script_packet(s, &step));
}

static inline void script_run(struct script *s, const struct step *steps, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		script_send(s, steps[i]);
}
#define RUN(s, ...)                                                                 \
	do {                                                                        \
		const struct step run_steps[] = { __VA_ARGS__ };                    \
		script_run(s, run_steps, sizeof(run_steps) / sizeof(run_steps[0])); \
	} while (0)

static inline enum tcp_state script_state(const struct script *s)
{
	struct tcp_summary summary = { 0 };
	tcp_session_summary(s->flow, &summary);
	return summary.state;
}

static inline bool script_has_event(const struct script *s, enum packet_event event)
{
	for (unsigned i = 0; i < s->packet.event_count; i++)
		if (s->packet.events[i] == event)
			return true;
	return false;
}

// Ends every flow.
static inline void script_end(struct script *s)
{
	struct flow *flow;
	while ((flow = flow_table_end_all(s->flows)))
		script_end_flow(s, flow);
}

static inline void script_free(struct script *s)
{
	script_end(s);
	stream_engine_free(s->engine);
	flow_table_free(s->flows);
	slab_destroy(s->slab);
}
