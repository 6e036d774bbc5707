// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/dcerpc/dcerpc.h"
#include <stdlib.h>
#include "decoders/app/dcerpc/endpoint_map.h"
#include "decoders/app/expect.h"
#include "decoders/app/hold.h"
#include "decoders/app/identify/recognise.h"
#include "decoders/stream/tcp_session.h"

#define HELD_MAX (2u * DCERPC_FRAGMENT_MAX + 2)

// Frames for rules
enum { FRAME_PDU, FRAME_HDR, FRAME_DATA };

struct dcerpc_state {
	struct dcerpc_binding binding;
	struct hold hold[2];
	bool lost[2];       // after a gap
	uint64_t framed[2]; // frames of what lies before were told
	bool ended[2];      // no more comes
	bool begun[2];      // bytes were seen
	bool over_http;     // calls in one flow, answers in another
};

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	(void)config;
	struct dcerpc_worker *worker = calloc(1, sizeof *worker);
	if (worker)
		worker->parts = parts;
	return worker;
}

static bool open_state(struct flow *flow, struct slab *slab, void *shared)
{
	const struct app_expectation *announced = ((const struct dcerpc_worker *)shared)->parts->announced;
	struct dcerpc_state *state = flow->app.state;
	struct dcerpc_interface interface;
	state->over_http = flow->app.proto_original == APP_HTTP1 && flow->app.proto_expected == APP_DCERPC;
	if (announced && endpoint_noted(announced->note, announced->note_len, &interface))
		dcerpc_binding_presume(&state->binding, slab, &interface);
	return true;
}

static void close_state(struct flow *flow, struct slab *slab, void *shared)
{
	(void)shared;
	struct dcerpc_state *state = flow->app.state;
	hold_drop(&state->hold[TO_SERVER], slab);
	hold_drop(&state->hold[TO_CLIENT], slab);
	dcerpc_binding_fini(&state->binding, slab);
}

static void free_tx(struct flow *flow, struct app_tx *base, struct slab *slab, void *shared)
{
	(void)flow, (void)shared;
	struct dcerpc_tx *tx = (struct dcerpc_tx *)base;
	dcerpc_call_fini(&tx->call, slab);
	slab_free(slab, tx, sizeof *tx);
}

static void set_done(struct flow *flow, struct dcerpc_tx *tx, enum direction direction)
{
	tx->tx.progress[direction] = 1;
	app_tx_changed(flow, &tx->tx, direction);
}

static void lose_call(struct flow *flow, struct dcerpc_tx *tx, enum direction direction)
{
	if (direction == TO_SERVER)
		tx->request_lost = true;
	else
		tx->response_lost = true;
	set_done(flow, tx, direction);
}

// What is missing of a direction's calls does not come any more.
static void lose_calls(struct flow *flow, enum direction direction)
{
	for (struct app_tx *base = flow->app.tx_first; base; base = base->next) {
		work_step(1);
		if (!base->progress[direction])
			lose_call(flow, (struct dcerpc_tx *)base, direction);
	}
}

// Behind a gap of the client's direction: what was answered before is not asked any more.
static void lose_unasked(struct flow *flow)
{
	for (struct app_tx *base = flow->app.tx_first; base; base = base->next)
		if (!base->progress[TO_SERVER] && !((struct dcerpc_tx *)base)->call.has_request)
			lose_call(flow, (struct dcerpc_tx *)base, TO_SERVER);
}

void dcerpc_tx_progress(struct flow *flow, struct dcerpc_tx *tx, enum direction direction)
{
	app_tx_changed(flow, &tx->tx, direction);
	if (tx->call.request_done)
		set_done(flow, tx, TO_SERVER);
	if (tx->call.response_done)
		set_done(flow, tx, TO_CLIENT);
}

static struct dcerpc_tx *find_tx(struct flow *flow, enum direction direction, const struct dcerpc_header *header)
{
	for (struct app_tx *base = flow->app.tx_first; base; base = base->next) {
		work_step(1);
		struct dcerpc_tx *tx = (struct dcerpc_tx *)base;
		const struct dcerpc_call *call = &tx->call;
		if (tx->datagram || call->call_id != header->call_id || tx->tx.progress[direction])
			continue;
		if (direction == TO_SERVER && (call->has_request ? call->request == header->type
								 : dcerpc_answers(header->type, call->response)))
			return tx; // goes on, or was answered first
		if (direction == TO_CLIENT && (call->has_request ? dcerpc_answers(call->request, header->type)
								 : call->response == header->type))
			return tx;
	}
	return NULL;
}

static struct dcerpc_tx *new_tx(struct app_input *input, const struct dcerpc_header *header)
{
	struct dcerpc_state *state = input->flow->app.state;
	struct dcerpc_worker *worker = input->shared;
	struct dcerpc_tx *tx = (struct dcerpc_tx *)app_tx_new(input->flow, input->slab, sizeof *tx, input->now_ns, 3);
	if (!tx) {
		worker->counters[DCERPC_COUNT_OVER_BUDGET]++;
		return NULL;
	}
	tx->call.call_id = header->call_id;
	tx->major = header->major;
	tx->minor = header->minor;
	enum direction other = direction_other(input->direction);
	if (state->ended[other])
		lose_call(input->flow, tx, other);
	return tx;
}

static bool starts_tx(enum direction direction, uint8_t type)
{
	return direction == TO_SERVER ? type == DCERPC_REQUEST || type == DCERPC_BIND || type == DCERPC_ALTER_CONTEXT
				      : type == DCERPC_RESPONSE || type == DCERPC_BINDACK || type == DCERPC_BINDNAK ||
						type == DCERPC_ALTER_CONTEXT_RESP;
}

// Flows to the endpoints a mapper names begin before its answer is acknowledged.
static void follow_mapper(struct app_input *input, const struct dcerpc_tx *tx, struct span stub)
{
	const struct dcerpc_worker *worker = input->shared;
	if (!endpoints_asked(&tx->call, input->flow))
		return;
	tcp_session_app_at_once(input->flow, TO_CLIENT, input->direction == TO_SERVER);
	if (input->direction == TO_CLIENT)
		endpoints_announce(worker->parts->expect, input->flow, &tx->call, stub, input->now_ns);
}

static void take_fragment(struct app_input *input, struct span fragment, const struct dcerpc_header *header)
{
	struct flow *flow = input->flow;
	struct dcerpc_state *state = flow->app.state;
	struct dcerpc_worker *worker = input->shared;
	if (header->type == DCERPC_RTS) // of the channel, not of a call (MS-RPCH 2.2.3)
		return;
	bool first = input->direction == TO_SERVER && header->flags & DCERPC_FIRST_FRAGMENT;
	struct dcerpc_tx *tx = find_tx(flow, input->direction, header);
	if (tx && first && tx->call.has_request)
		tx = NULL; // the call's number is used again
	if (!tx && starts_tx(input->direction, header->type))
		tx = new_tx(input, header);
	if (!tx) {
		worker->counters[DCERPC_COUNT_UNSUPPORTED]++; // AUTH3, cancels and the like
		return;
	}
	tx->tx.last_ns = input->now_ns;
	dcerpc_call_take(&tx->call, &state->binding, input->slab, fragment, header, input->direction, DCERPC_OVER_TCP);
	worker->counters[DCERPC_COUNT_MALFORMED] += tx->call.malformed;
	follow_mapper(input, tx, span_from(fragment, DCERPC_HEADER_BYTES + DCERPC_RESPONSE_BYTES));
	dcerpc_tx_progress(flow, tx, input->direction);
}

// After a gap: to where something that looks like a header begins. False: not in left.
static bool find_fragment(struct span *left)
{
	for (uint32_t at = span_find(*left, 5, 0); at < left->len; at = span_find(*left, 5, at + 1)) {
		work_step(1);
		struct dcerpc_header header;
		struct span from = span_from(*left, at);
		if (from.len < DCERPC_HEADER_BYTES)
			break;
		if (!dcerpc_looks_like(from) || !dcerpc_header_read(from, &header) || header.fragment_len > 8192)
			continue;
		*left = from;
		return true;
	}
	*left = span_from(*left, left->len > DCERPC_HEADER_BYTES - 1 ? left->len - (DCERPC_HEADER_BYTES - 1) : 0);
	return false;
}

// A fragment is named for rules as soon as its header is there.
static void tell_frames(struct app_input *input, uint64_t offset, const struct dcerpc_header *header)
{
	struct flow *flow = input->flow;
	struct dcerpc_state *state = flow->app.state;
	enum direction d = input->direction;
	if (!(flow->app.flags & APP_FRAMES) || offset < state->framed[d])
		return;
	uint32_t len = header->fragment_len;
	app_frame_add(flow, input->slab, d, FRAME_PDU, offset, len, false);
	app_frame_add(flow, input->slab, d, FRAME_HDR, offset, DCERPC_HEADER_BYTES, false);
	app_frame_add(flow, input->slab, d, FRAME_DATA, offset + DCERPC_HEADER_BYTES, len - DCERPC_HEADER_BYTES, false);
	state->framed[d] = offset + len;
}

// end: of left in the stream. False: what follows is no DCE-RPC.
static bool take_fragments(struct app_input *input, struct span *left, uint64_t end)
{
	struct dcerpc_worker *worker = input->shared;
	struct dcerpc_header header;
	while (left->len >= DCERPC_HEADER_BYTES) {
		if (!dcerpc_header_read(*left, &header)) {
			worker->counters[DCERPC_COUNT_MALFORMED]++;
			if (input->flow->app.tx_last)
				app_tx_event(input->flow, input->flow->app.tx_last, DCERPC_MALFORMED_DATA);
			return false;
		}
		tell_frames(input, end - left->len, &header);
		if (header.fragment_len > left->len)
			return true;
		take_fragment(input, span_slice(*left, 0, header.fragment_len), &header);
		*left = span_from(*left, header.fragment_len);
	}
	return true;
}

static void take_gap(struct app_input *input)
{
	struct dcerpc_state *state = input->flow->app.state;
	struct dcerpc_worker *worker = input->shared;
	enum direction d = input->direction;
	worker->counters[DCERPC_COUNT_TRUNCATED]++;
	hold_drop(&state->hold[d], input->slab);
	state->lost[d] = true;
	lose_calls(input->flow, d);
}

// A server of ncacn_http greets on its port (MS-RPCH 2.1.2.2). False: what there is may be the start of that.
static bool pass_greeting(struct dcerpc_state *state, enum direction direction, struct span *left)
{
	static const char greeting[] = "ncacn_http/1.0";
	const uint32_t len = sizeof greeting - 1;
	if (direction == TO_SERVER || state->begun[direction])
		return true;
	if (left->len < len && memcmp(left->data, greeting, left->len) == 0)
		return false;
	if (span_starts(*left, greeting))
		*left = span_from(*left, len);
	state->begun[direction] = true;
	return true;
}

// end: of data in the stream.
static bool take_stream(struct app_input *input, struct span data, uint64_t end)
{
	struct dcerpc_state *state = input->flow->app.state;
	struct dcerpc_worker *worker = input->shared;
	enum direction d = input->direction;
	struct span left;
	if (!hold_open(&state->hold[d], input->slab, data, SLAB_MAX_BLOCK, &left))
		state->lost[d] = true;
	if (state->lost[d] && find_fragment(&left)) {
		state->lost[d] = false;
		if (d == TO_SERVER)
			lose_unasked(input->flow);
	}
	if (!state->lost[d] && pass_greeting(state, d, &left) && !take_fragments(input, &left, end)) {
		hold_drop(&state->hold[d], input->slab);
		return false;
	}
	if (!hold_keep(&state->hold[d], input->slab, left, HELD_MAX)) {
		worker->counters[DCERPC_COUNT_OVER_BUDGET]++;
		state->lost[d] = true;
	}
	return true;
}

// Over HTTP a flow carries calls or answers; what its other side says is HTTP's.
static void leave_other_side(struct app_input *input)
{
	struct dcerpc_state *state = input->flow->app.state;
	enum direction other = direction_other(input->direction);
	state->over_http = false;
	state->ended[other] = true;
	input->flow->app.flags |= other == TO_SERVER ? APP_STOPPED_TS : APP_STOPPED_TC;
}

static enum app_result parse(struct app_input *input)
{
	struct dcerpc_state *state = input->flow->app.state;
	const uint32_t piece = 512u << 10; // with what is held it fits a block
	if (input->datagram) {
		dcerpc_take_datagram(input);
		return APP_OK;
	}
	if (state->over_http)
		leave_other_side(input);
	if (input->gap_bytes)
		take_gap(input);
	for (uint32_t at = 0; at < input->data.len; at += piece) {
		struct span part = span_slice(input->data, at, piece);
		if (!take_stream(input, part, input->offset + at + part.len))
			return APP_ERROR;
	}
	if (input->end) {
		state->ended[input->direction] = true;
		lose_calls(input->flow, input->direction);
	}
	return APP_OK;
}

#define NAME(constant, name) [constant] = name,
static const char *const frame_names[] = { [FRAME_PDU] = "pdu", [FRAME_HDR] = "hdr", [FRAME_DATA] = "data", NULL };
static const char *const event_names[] = { "malformed_data", NULL };
static const char *const counter_names[] = { DCERPC_COUNTERS(NAME) NULL };

static const struct app_port ports[] = { { PROTO_TCP, 135, 135 }, { PROTO_UDP, 135, 135 }, { 0 } };

const struct app_parser dcerpc_parser = {
	.proto = APP_DCERPC,
	.name = "dcerpc",
	.tcp = true,
	.udp = true,
	.ports = ports,
	.probe_bytes = 14,
	.probe = recognise_dcerpc,
	.state_bytes = sizeof(struct dcerpc_state),
	.open = open_state,
	.parse = parse,
	.tx_free = free_tx,
	.close = close_state,
	.worker_new = worker_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.frame_names = frame_names,
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct dcerpc_worker, counters),
};
