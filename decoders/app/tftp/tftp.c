// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/tftp/tftp.h"
#include <stdlib.h>
#include "decoders/app/app_tx.h"
#include "decoders/app/datagram.h"
#include "decoders/app/expect.h"
#include "decoders/app/files/file.h"
#include "decoders/app/identify/recognise.h"
#include "decoders/app/tally.h"
#include "decoders/base/cursor.h"

#define BLOCK_BYTES 512   // RFC 1350, unless the server grants another size (RFC 2348)
#define BLOCK_MOST  65464 // RFC 2348
#define HOLE_BLOCKS 64    // that may be missing between two blocks; more is another transfer's
#define LEAST_PORT  512   // of a client that is believed: else a request could make other traffic unread

struct tftp_worker {
	uint64_t counters[TALLY_KINDS]; // first: tally.h
	const struct app_worker *parts;
};

// What the request notes for the flow of the transfer (app_expectation.note).
struct tftp_note {
	uint8_t name_len;
	uint8_t name[200];
};

struct tftp_state {
	struct tftp_note note;
	bool asked;        // a transfer is to come, here or in the flow announced
	struct app_tx *tx; // of the transfer
	struct file *file; // its
	uint32_t tracks;   // files so far
	uint16_t next;     // block
	uint16_t block_bytes;
};

bool tftp_request_read(struct span data, struct tftp_request *r)
{
	*r = (struct tftp_request) { 0 };
	if (data.len < 6)
		return false;
	r->opcode = be16_at(data.data);
	if (r->opcode != TFTP_READ && r->opcode != TFTP_WRITE)
		return false;
	uint32_t file_end = span_find(data, 0, 2), mode_end = span_find(data, 0, file_end + 1);
	work_step(1 + data.len / 16);
	if (mode_end >= data.len)
		return false;
	r->file = span_slice(data, 2, file_end - 2);
	r->mode = span_slice(data, file_end + 1, mode_end - file_end - 1);
	return span_is_nocase(r->mode, "octet") || span_is_nocase(r->mode, "netascii") ||
	       span_is_nocase(r->mode, "mail");
}

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	(void)config;
	struct tftp_worker *worker = calloc(1, sizeof(*worker));
	if (worker)
		worker->parts = parts;
	return worker;
}

static bool open_state(struct flow *flow, struct slab *slab, void *shared)
{
	const struct app_expectation *announced = ((const struct tftp_worker *)shared)->parts->announced;
	struct tftp_state *state = flow->app.state = slab_alloc(slab, sizeof(*state));
	if (!state)
		return false;
	if (announced && announced->note_len == sizeof(state->note)) {
		memcpy(&state->note, announced->note, sizeof(state->note));
		state->asked = true;
	}
	return true;
}

static void close_state(struct flow *flow, struct slab *slab, void *shared)
{
	(void)shared;
	slab_free(slab, flow->app.state, sizeof(struct tftp_state));
	flow->app.state = NULL;
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	struct tftp_state *state = flow->app.state;
	if (state->tx == tx) {
		state->tx = NULL;
		state->file = NULL;
	}
	file_free_list(((const struct tftp_worker *)shared)->parts->files, slab, &tx->files);
	datagram_free(flow, tx, slab, shared);
}

static void finish(struct app_input *input, struct tftp_state *state, enum file_state how)
{
	const struct tftp_worker *worker = input->shared;
	if (!state->tx)
		return;
	file_close(worker->parts->files, input->slab, state->file, state->file->has_gaps ? FILE_TRUNCATED : how);
	state->tx->last_ns = input->now_ns;
	app_tx_finish(input->flow, state->tx, 1);
	state->tx = NULL;
	state->file = NULL;
}

// The transfer comes from a port of the server's choice to the one the client asked from.
static void announce(const struct app_input *input, const struct tftp_note *note)
{
	const struct tftp_worker *worker = input->shared;
	const struct flow_key *key = &input->flow->key;
	struct app_expectation announced = { .initiator = key->dst,
		.responder = key->src,
		.owner = key->src,
		.port = key->sport,
		.ip_proto = PROTO_UDP,
		.app = APP_TFTP,
		.ends_ns = input->now_ns + APP_EXPECT_NS,
		.parent_id = input->flow->id,
		.note_len = sizeof(*note) };
	static_assert(sizeof(*note) <= APP_EXPECT_NOTE_BYTES, "the note fits");
	memcpy(announced.note, note, sizeof(*note));
	if (key->sport >= LEAST_PORT)
		app_expect_add(worker->parts->expect, &announced);
}

static void take_request(struct app_input *input, struct tftp_state *state, const struct tftp_request *request)
{
	struct span name = request->file;
	finish(input, state, FILE_TRUNCATED);
	(void)datagram_take(input);
	state->note = (struct tftp_note) { 0 };
	state->note.name_len = (uint8_t)(name.len < sizeof(state->note.name) ? name.len : sizeof(state->note.name));
	if (name.len)
		memcpy(state->note.name, name.data, state->note.name_len);
	state->asked = true;
	state->block_bytes = 0;
	announce(input, &state->note);
}

// Options the server grants (RFC 2347): names and values, each ends with a zero byte.
static void take_options(struct tftp_state *state, struct span data)
{
	for (uint32_t at = 2; at < data.len;) {
		uint32_t end = span_find(data, 0, at), value_end = span_find(data, 0, end + 1);
		uint32_t bytes = 0;
		work_step(1);
		for (uint32_t i = end + 1;
			i < value_end && data.data[i] >= '0' && data.data[i] <= '9' && bytes < BLOCK_MOST; i++)
			bytes = bytes * 10 + (data.data[i] - '0');
		if (span_is_nocase(span_slice(data, at, end - at), "blksize") && bytes >= 8 && bytes <= BLOCK_MOST)
			state->block_bytes = (uint16_t)bytes;
		at = value_end + 1;
	}
}

static bool begin(struct app_input *input, struct tftp_state *state)
{
	const struct tftp_worker *worker = input->shared;
	struct app_tx *tx = app_tx_new(input->flow, input->slab, sizeof(struct datagram_tx), input->now_ns, 3);
	if (!tx)
		return false;
	state->file = file_open(worker->parts->files, input->slab, &tx->files,
		span_of(state->note.name, state->note.name_len), input->direction, state->tracks++);
	if (!state->file) {
		tx->progress[TO_SERVER] = tx->progress[TO_CLIENT] = 1;
		return false;
	}
	state->tx = tx;
	state->next = 1;
	state->asked = false;
	return true;
}

static void take_block(struct app_input *input, struct tftp_state *state)
{
	const struct tftp_worker *worker = input->shared;
	uint16_t block = be16_at(input->data.data + 2);
	struct span bytes = span_from(input->data, 4);
	if (!state->tx && (!state->asked || block != 1))
		return;
	if (!state->tx && !begin(input, state)) {
		tally(input, TALLY_OVER_BUDGET);
		return;
	}
	uint16_t hole = (uint16_t)(block - state->next);
	if (state->file->direction != input->direction || hole > HOLE_BLOCKS)
		return;          // one that comes again
	if (!state->block_bytes) // the grant of another size was not seen
		state->block_bytes =
			(uint16_t)(bytes.len > BLOCK_BYTES && bytes.len <= BLOCK_MOST ? bytes.len : BLOCK_BYTES);
	if (hole)
		file_gap(state->file, (uint32_t)hole * state->block_bytes);
	file_append(worker->parts->files, input->slab, state->file, bytes);
	state->next = (uint16_t)(block + 1);
	app_tx_changed(input->flow, state->tx, input->direction);
	if (bytes.len < state->block_bytes)
		finish(input, state, FILE_CLOSED);
}

static enum app_result parse(struct app_input *input)
{
	struct tftp_state *state = input->flow->app.state;
	struct tftp_request request;
	uint16_t opcode = input->data.len >= 2 ? be16_at(input->data.data) : 0;
	if (tftp_request_read(input->data, &request))
		take_request(input, state, &request);
	else if (opcode == TFTP_DATA && input->data.len >= 4)
		take_block(input, state);
	else if (opcode == TFTP_OPTIONS)
		take_options(state, input->data);
	else if (opcode == TFTP_ERROR)
		finish(input, state, FILE_TRUNCATED);
	else if (opcode != TFTP_ACK)
		tally(input, TALLY_MALFORMED);
	return APP_OK;
}

// A request at the port; of a flow that was announced a block, its acknowledgement, options or an error.
static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	if (flow->app.flags & APP_HINTED)
		return recognise_tftp(direction, data, flow);
	uint16_t opcode = data.len >= 4 ? be16_at(data.data) : 0;
	return opcode >= TFTP_DATA && opcode <= TFTP_OPTIONS ? APP_PROBE_YES : APP_PROBE_NO;
}

static const struct app_port ports[] = { { PROTO_UDP, 69, 69 }, { 0 } };

const struct app_parser tftp_parser = {
	.proto = APP_TFTP,
	.name = "tftp",
	.udp = true,
	.ports = ports,
	.hint_only = true,
	.probe_bytes = 512,
	.probe = probe,
	.open = open_state,
	.parse = parse,
	.tx_free = free_tx,
	.close = close_state,
	.worker_new = worker_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.counter_names = tally_names,
};
