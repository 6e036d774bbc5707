// SPDX-License-Identifier: GPL-3.0-or-later
// Records of RPC over TCP (RFC 5531 section 11) and datagrams; what is in them is nfs_message.c's and nfs4.c's.
#include "decoders/app/nfs/nfs.h"
#include <stdlib.h>
#include "decoders/app/app_layer.h"
#include "decoders/app/nfs/nfs_internal.h"
#include "decoders/base/steps.h"

#define PROGRAM_NFS  100003
#define WHOLE_BYTES  (16u << 10) // records up to this are waited for
#define HEAD_BYTES   (4u << 10)  // of a longer one that must be there
#define RECORD_BYTES (64u << 20) // no record is longer

#define LAST_FRAGMENT UINT32_C(0x80000000)

static const char *const counter_names[] = { "truncated", "malformed", "unsupported", "over_budget", NULL };

static const char *const event_names[] = {
	[NFS_MALFORMED_DATA] = "malformed_data",
	[NFS_NONEXISTENT_VERSION] = "non_existent_version",
	[NFS_UNSUPPORTED_VERSION] = "unsupported_version",
	[NFS_TOO_MANY_TRANSACTIONS] = "too_many_transactions",
	NULL,
};

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	(void)config;
	struct nfs_worker *worker = calloc(1, sizeof(*worker));
	if (worker)
		worker->files = parts->files;
	return worker;
}

static void close_state(struct flow *flow, struct slab *slab, void *shared)
{
	(void)shared;
	struct nfs_state *state = flow->app.state;
	for (unsigned i = 0; i < NFS_CALLS; i++)
		if (state->calls[i])
			nfs_call_free(state, slab, state->calls[i]);
	nfs_names_free(state, slab);
	for (int d = TO_SERVER; d <= TO_CLIENT; d++)
		bytes_fini(slab, &state->sides[d].head);
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	nfs_tx_release(flow, (struct nfs_tx *)(void *)tx, slab, shared);
}

// One message, or the head of a long one.
static void take_message(struct app_input *input, struct span data, uint32_t record_len)
{
	struct nfs_reader r = { .input = input,
		.state = input->flow->app.state,
		.worker = input->shared,
		.data = data,
		.record_len = record_len };
	struct cursor c = cursor_on(data);
	if (!rpc_read(&c, &r.rpc)) {
		r.worker->counters[NFS_COUNT_MALFORMED]++;
		return;
	}
	// Calls of the server (callbacks) and other programs on the connection are passed over
	if (r.rpc.reply) {
		struct nfs_call *call = input->direction == TO_CLIENT ? nfs_call_of(r.state, r.rpc.xid) : NULL;
		if (!call)
			return;
		nfs_read_reply(&r, &c, call);
		nfs_call_free(r.state, input->slab, call);
		return;
	}
	if (input->direction != TO_SERVER || r.rpc.program != PROGRAM_NFS)
		return;
	if (r.rpc.version < 2 || r.rpc.version > 4 || r.rpc.wrapped)
		r.worker->counters[NFS_COUNT_UNSUPPORTED]++;
	else
		nfs_read_call(&r, &c);
}

// Bytes of the record in hand: a file's first, the rest is passed over.
static uint32_t take_rest(struct app_input *input, struct nfs_side *side, struct span data)
{
	uint32_t now = data.len < side->left ? data.len : side->left;
	uint32_t file = now < side->data_left ? now : side->data_left;
	if (file && side->data_tx)
		nfs_file_more(input, side->data_tx, span_slice(data, 0, file));
	side->data_left -= file;
	side->left -= now;
	return now;
}

// All of a record in fragments, or as much of a long one as is waited for: what follows of it goes on from there.
static void end_gathering(struct app_input *input, struct nfs_side *side)
{
	struct bytes head = side->head;
	bool whole = !side->left && !side->goes_on;
	side->head = (struct bytes) { 0 };
	side->gathers = false;
	side->data_left = 0;
	take_message(input, bytes_span(&head), whole ? head.len : RECORD_BYTES);
	bytes_fini(input->slab, &head);
}

static void stop_gathering(struct app_input *input, struct nfs_side *side)
{
	bytes_fini(input->slab, &side->head);
	side->gathers = false;
	side->data_left = 0;
}

// Bytes of the record or fragment in hand; gives how many.
static uint32_t take_body(struct app_input *input, struct nfs_side *side, struct span data)
{
	if (!side->gathers)
		return take_rest(input, side, data);
	uint32_t room = WHOLE_BYTES - side->head.len, now = data.len < side->left ? data.len : side->left;
	now = now < room ? now : room;
	if (bytes_append(input->slab, &side->head, span_slice(data, 0, now), WHOLE_BYTES) < now) {
		((struct nfs_worker *)input->shared)->counters[NFS_COUNT_OVER_BUDGET]++;
		stop_gathering(input, side);
		return take_rest(input, side, data);
	}
	side->left -= now;
	if (side->head.len == WHOLE_BYTES || (!side->left && !side->goes_on))
		end_gathering(input, side);
	return side->gathers ? now : now + take_rest(input, side, span_from(data, now));
}

static enum app_result broken(struct app_input *input)
{
	((struct nfs_worker *)input->shared)->counters[NFS_COUNT_MALFORMED]++;
	if (input->flow->app.tx_last)
		app_tx_event(input->flow, input->flow->app.tx_last, NFS_MALFORMED_DATA);
	return APP_ERROR;
}

// The mark of a fragment that is not a record of its own. False: the record is too long.
static bool begin_fragment(struct nfs_side *side, uint32_t len, bool last)
{
	if (!side->goes_on) {
		side->gathers = true;
		side->length = 0;
	}
	side->goes_on = !last;
	side->left = len;
	side->length += len; // no overflow: both are at most RECORD_BYTES
	return side->length <= RECORD_BYTES;
}

static bool begins_record(struct span data)
{
	if (data.len < 12)
		return false;
	uint32_t len = be32_at(data.data) & 0x7fffffff;
	return data.data[0] & 0x80 && len >= 24 && len <= RECORD_BYTES && be32_at(data.data + 8) <= 1;
}

// Bytes lost inside a record that is passed on or over are its file's hole; elsewhere the next record must be found.
static void take_gap(struct app_input *input, struct nfs_side *side)
{
	uint32_t gap = input->gap_bytes;
	((struct nfs_worker *)input->shared)->counters[NFS_COUNT_TRUNCATED]++;
	if (side->gathers)
		stop_gathering(input, side);
	if (gap > side->left) {
		*side = (struct nfs_side) { .lost = true };
		return;
	}
	uint32_t file = gap < side->data_left ? gap : side->data_left;
	if (file && side->data_tx && side->data_tx->file) {
		file_gap(side->data_tx->file, file);
		side->data_tx->offset += file;
	}
	side->data_left -= file;
	side->left -= gap;
}

static enum app_result parse(struct app_input *input)
{
	struct nfs_state *state = input->flow->app.state;
	struct nfs_side *side = &state->sides[input->direction];
	if (input->datagram) {
		take_message(input, input->data, input->data.len);
		*side = (struct nfs_side) { 0 };
		return APP_OK;
	}
	if (input->gap_bytes)
		take_gap(input, side);
	if (side->lost && !begins_record(input->data))
		return APP_OK;
	side->lost = false;
	uint32_t at = take_body(input, side, input->data);
	while (input->data.len - at >= 4) {
		uint32_t mark = be32_at(input->data.data + at), len = mark & ~LAST_FRAGMENT,
			 have = input->data.len - at - 4;
		bool last = mark & LAST_FRAGMENT, alone = last && !side->goes_on;
		work_step(1);
		if (len > RECORD_BYTES || (alone && len < 8))
			return broken(input);
		if (!alone) {
			if (!begin_fragment(side, len, last))
				return broken(input);
			at += 4;
			at += take_body(input, side, span_from(input->data, at));
			continue;
		}
		if (have < len && (len <= WHOLE_BYTES || have < HEAD_BYTES) && !input->end)
			break;
		uint32_t part = have < len ? have : len;
		side->data_left = 0;
		take_message(input, span_slice(input->data, at + 4, part), len);
		side->left = len - part;
		at += 4 + part;
	}
	input->consumed = at;
	state->ended[input->direction] |= input->end;
	if (input->end && state->ended[TO_SERVER] && state->ended[TO_CLIENT])
		nfs_tx_done_all(input->flow);
	return APP_OK;
}

// A call of the program; a reply only where the port says NFS.
static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	struct cursor c = cursor_on(data);
	if (flow->key.proto == PROTO_TCP && !(cursor_u8(&c) & 0x80) && cursor_ok(&c))
		return APP_PROBE_NO;
	if (flow->key.proto == PROTO_TCP)
		cursor_skip(&c, 3);
	cursor_skip(&c, 4);
	uint32_t type = cursor_be32(&c), version = cursor_be32(&c), program = cursor_be32(&c);
	if (!cursor_ok(&c))
		return APP_PROBE_MORE;
	if (type == 0 && version == 2 && program == PROGRAM_NFS)
		return direction == TO_SERVER ? APP_PROBE_YES : APP_PROBE_REVERSED;
	if (type == 1 && version <= 1 && flow->app.flags & APP_HINTED)
		return direction == TO_CLIENT ? APP_PROBE_YES : APP_PROBE_REVERSED;
	return APP_PROBE_NO;
}

static const struct app_port ports[] = { { PROTO_TCP, 2049, 2049 }, { PROTO_UDP, 2049, 2049 }, { 0 } };

const struct app_parser nfs_parser = {
	.proto = APP_NFS,
	.name = "nfs",
	.tcp = true,
	.udp = true,
	.ports = ports,
	.probe_bytes = 24,
	.probe = probe,
	.state_bytes = sizeof(struct nfs_state),
	.parse = parse,
	.tx_free = free_tx,
	.close = close_state,
	.worker_new = worker_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct nfs_worker, counters),
};
