// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/dnp3/dnp3.h"
#include <stdlib.h>
#include "decoders/app/app_layer.h"

#define HEAD_BYTES  10 // link header with its check (9.2.4.1)
#define BLOCK_BYTES 16 // of user data before each check
#define CONFIRM     0  // application function code

struct dnp3_state {
	struct dnp3_tx *open[2]; // message whose last segment is to come
	uint32_t unanswered;
	bool flooded;
};

struct dnp3_worker {
	uint32_t objects_max, points_max;
	uint64_t counters[3];
};

enum { COUNT_TRUNCATED, COUNT_MALFORMED, COUNT_OVER_BUDGET };
static const char *const counter_names[] = { "truncated", "malformed", "over_budget", NULL };

static const char *const event_names[] = {
	[DNP3_FLOODED] = "flooded",
	[DNP3_LEN_TOO_SMALL] = "len_too_small",
	[DNP3_BAD_LINK_CRC] = "bad_link_crc",
	[DNP3_BAD_TRANSPORT_CRC] = "bad_transport_crc",
	[DNP3_UNKNOWN_OBJECT] = "unknown_object",
	[DNP3_TOO_MANY_POINTS] = "too_many_points",
	[DNP3_TOO_MANY_OBJECTS] = "too_many_objects",
	[DNP3_TOO_LONG_REASSEMBLY] = "too_long_reassembly",
	NULL,
};

static uint32_t setting(const struct app_config *config, const char *key, uint32_t most)
{
	uint64_t value = app_setting_size(config, "dnp3", key, most);
	return value && value < most ? (uint32_t)value : most;
}

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	(void)parts;
	struct dnp3_worker *worker = calloc(1, sizeof(*worker));
	if (!worker)
		return NULL;
	worker->objects_max = setting(config, "max-objects", DNP3_OBJECTS_MAX);
	worker->points_max = setting(config, "max-points", DNP3_POINTS_MAX);
	return worker;
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	(void)shared;
	struct dnp3_tx *dnp3 = (struct dnp3_tx *)(void *)tx;
	struct dnp3_state *state = flow->app.state;
	for (unsigned i = 0; i < 2; i++)
		if (state->open[i] == dnp3)
			state->open[i] = NULL;
	slab_free(slab, dnp3->bytes, dnp3->room);
	slab_free(slab, dnp3, sizeof(*dnp3));
}

// CRC-16/DNP (annex E), by half bytes.
static uint16_t check_of(const uint8_t *bytes, uint32_t len)
{
	static const uint16_t table[16] = { 0x0000, 0xb26b, 0x29af, 0x9bc4, 0x535e, 0xe135, 0x7af1, 0xc89a, 0xa6bc,
		0x14d7, 0x8f13, 0x3d78, 0xf5e2, 0x4789, 0xdc4d, 0x6e26 };
	uint16_t check = 0;
	for (uint32_t i = 0; i < len; i++) {
		check = (uint16_t)(check >> 4 ^ table[(check ^ bytes[i]) & 15]);
		check = (uint16_t)(check >> 4 ^ table[(check ^ bytes[i] >> 4) & 15]);
	}
	work_step(len);
	return (uint16_t)~check;
}

static bool check_good(const uint8_t *bytes, uint32_t len)
{
	return check_of(bytes, len) == (bytes[len] | bytes[len + 1] << 8);
}

// Bytes of a frame on the wire whose header has this length; 0: too small.
static uint32_t frame_bytes(uint8_t length)
{
	if (length < 5)
		return 0;
	uint32_t data = length - 5u;
	return HEAD_BYTES + data + (data + BLOCK_BYTES - 1) / BLOCK_BYTES * 2;
}

static struct dnp3_tx *make_tx(struct app_input *input)
{
	struct dnp3_tx *tx = (struct dnp3_tx *)(void *)app_tx_new(
		input->flow, input->slab, sizeof(*tx), input->now_ns, (uint8_t)(1u << input->direction));
	if (tx)
		tx->from = input->direction;
	else
		((struct dnp3_worker *)input->shared)->counters[COUNT_OVER_BUDGET]++;
	return tx;
}

static void finish(struct flow *flow, struct dnp3_tx *tx)
{
	struct dnp3_state *state = flow->app.state;
	if (state->open[tx->from] == tx)
		state->open[tx->from] = NULL;
	tx->tx.progress[TO_SERVER] = tx->tx.progress[TO_CLIENT] = 1;
	app_tx_changed(flow, &tx->tx, tx->from);
}

// Says what is wrong with a frame: of the latest message, or of one made for it.
static void tell(struct app_input *input, enum dnp3_event event)
{
	((struct dnp3_worker *)input->shared)->counters[COUNT_MALFORMED]++;
	struct dnp3_tx *tx = (struct dnp3_tx *)(void *)input->flow->app.tx_last;
	if (!tx) {
		tx = make_tx(input);
		if (!tx)
			return;
		finish(input->flow, tx);
	}
	app_tx_event(input->flow, &tx->tx, event);
}

// The user data of a frame without its checks joins the message. False: no room.
static bool gather(struct app_input *input, struct dnp3_tx *tx, const uint8_t *data, uint32_t len)
{
	if (tx->len + len > DNP3_MESSAGE_MAX) {
		((struct dnp3_worker *)input->shared)->counters[COUNT_OVER_BUDGET]++;
		app_tx_event(input->flow, &tx->tx, DNP3_TOO_LONG_REASSEMBLY);
		return false;
	}
	if (tx->len + len > tx->room) {
		uint32_t room = tx->room ? tx->room * 2 : 128;
		while (room < tx->len + len)
			room *= 2;
		uint8_t *bytes = slab_resize(input->slab, tx->bytes, tx->room, room);
		if (!bytes)
			return false;
		tx->bytes = bytes;
		tx->room = room;
	}
	memcpy(tx->bytes + tx->len, data, len);
	tx->len += len;
	return true;
}

static bool gather_frame(struct app_input *input, struct dnp3_tx *tx, struct span frame)
{
	for (uint32_t at = HEAD_BYTES; at + 2 < frame.len; at += BLOCK_BYTES + 2) {
		uint32_t len = frame.len - at - 2 < BLOCK_BYTES ? frame.len - at - 2 : BLOCK_BYTES;
		uint32_t skip = at == HEAD_BYTES; // the transport function's byte
		if (!gather(input, tx, frame.data + at + skip, len - skip))
			return false;
	}
	return true;
}

static void read_objects(struct app_input *input, struct dnp3_tx *tx)
{
	struct dnp3_worker *worker = input->shared;
	struct span objects = dnp3_objects(tx);
	struct dnp3_object object;
	uint32_t at = 0;
	for (unsigned count = 0;; count++) {
		enum dnp3_object_result result = dnp3_object_next(objects, &at, &object);
		if (result == DNP3_OBJECT_OK && object.count > worker->points_max)
			result = DNP3_OBJECT_POINTS;
		if (result == DNP3_OBJECT_OK && count < worker->objects_max)
			continue;
		tx->objects = count + (result != DNP3_OBJECT_OK && result != DNP3_OBJECT_END);
		tx->complete = result == DNP3_OBJECT_END;
		if (result == DNP3_OBJECT_OK)
			app_tx_event(input->flow, &tx->tx, DNP3_TOO_MANY_OBJECTS);
		else if (result == DNP3_OBJECT_UNKNOWN)
			app_tx_event(input->flow, &tx->tx, DNP3_UNKNOWN_OBJECT);
		else if (result == DNP3_OBJECT_POINTS)
			app_tx_event(input->flow, &tx->tx, DNP3_TOO_MANY_POINTS);
		if (!tx->complete)
			worker->counters[result == DNP3_OBJECT_MALFORMED ? COUNT_MALFORMED : COUNT_OVER_BUDGET]++;
		return;
	}
}

// Requests that nobody answers: one event, then they are not kept count of until an answer comes.
static void count_request(struct app_input *input, struct dnp3_tx *tx)
{
	struct dnp3_state *state = input->flow->app.state;
	if (++state->unanswered <= DNP3_FLOOD || state->flooded)
		return;
	state->flooded = true;
	app_tx_event(input->flow, &tx->tx, DNP3_FLOODED);
}

static struct dnp3_tx *begin_message(struct app_input *input, struct span frame)
{
	struct dnp3_state *state = input->flow->app.state;
	const uint8_t *at = frame.data;
	if (input->direction == TO_SERVER && at[HEAD_BYTES + 2] == CONFIRM)
		return NULL;
	if (state->open[input->direction])
		finish(input->flow, state->open[input->direction]);
	struct dnp3_tx *tx = make_tx(input);
	if (!tx)
		return NULL;
	tx->message = true;
	tx->link_control = at[3];
	tx->to = (uint16_t)(at[4] | at[5] << 8);
	tx->by = (uint16_t)(at[6] | at[7] << 8);
	tx->application = at[HEAD_BYTES + 1];
	tx->function = at[HEAD_BYTES + 2];
	if (input->direction == TO_CLIENT) {
		tx->indicators = be16_at(at + HEAD_BYTES + 3);
		state->unanswered = 0;
		state->flooded = false;
	} else {
		count_request(input, tx);
	}
	state->open[input->direction] = tx;
	return tx;
}

// A frame with user data, whole and its checks good: a segment of a message.
static void take_segment(struct app_input *input, struct span frame)
{
	struct dnp3_state *state = input->flow->app.state;
	bool master = frame.data[3] & 0x80;
	uint8_t transport = frame.data[HEAD_BYTES];
	if (master != (input->direction == TO_SERVER))
		return;
	struct dnp3_tx *tx = state->open[input->direction];
	if (transport & 0x40) // first
		tx = begin_message(input, frame);
	else if (tx && ((tx->sequence + 1) & 63) != (transport & 63))
		return;
	if (!tx)
		return;
	tx->sequence = transport & 63;
	tx->tx.last_ns = input->now_ns;
	if (!gather_frame(input, tx, frame)) {
		finish(input->flow, tx);
	} else if (transport & 0x80) { // last
		tx->done = true;
		read_objects(input, tx);
		finish(input->flow, tx);
	}
}

static void take_frame(struct app_input *input, struct span frame)
{
	uint8_t function = frame.data[3] & 15;
	if (function != 3 && function != 4) // user data, confirmed or not
		return;
	// Transport function, application header, and indicators of a response
	if (frame.data[2] < 5 + (input->direction == TO_SERVER ? 3 : 5)) {
		tell(input, DNP3_LEN_TOO_SMALL);
		return;
	}
	for (uint32_t at = HEAD_BYTES; at < frame.len; at += BLOCK_BYTES + 2) {
		uint32_t len = frame.len - at - 2 < BLOCK_BYTES ? frame.len - at - 2 : BLOCK_BYTES;
		if (!check_good(frame.data + at, len)) {
			tell(input, DNP3_BAD_TRANSPORT_CRC);
			return;
		}
	}
	take_segment(input, frame);
}

// After bytes lost: the next start of a frame whose check is good.
static uint32_t find_frame(struct span data)
{
	for (uint32_t at = 0; at < data.len; at++) {
		work_step(1);
		if (data.data[at] != 0x05)
			continue;
		if (data.len - at < HEAD_BYTES)
			return at;
		if (data.data[at + 1] == 0x64 && check_good(data.data + at, 8))
			return at;
	}
	return data.len;
}

static enum app_result parse(struct app_input *input)
{
	struct dnp3_state *state = input->flow->app.state;
	struct dnp3_worker *worker = input->shared;
	uint32_t at = 0;
	if (input->gap_bytes) {
		worker->counters[COUNT_TRUNCATED]++;
		if (state->open[input->direction])
			finish(input->flow, state->open[input->direction]);
		at = find_frame(input->data);
	}
	while (input->data.len - at >= HEAD_BYTES) {
		const uint8_t *head = input->data.data + at;
		if (head[0] != 0x05 || head[1] != 0x64)
			return APP_ERROR;
		if (!check_good(head, 8)) {
			tell(input, DNP3_BAD_LINK_CRC);
			return APP_ERROR;
		}
		uint32_t len = frame_bytes(head[2]);
		if (len == 0) {
			tell(input, DNP3_LEN_TOO_SMALL);
			return APP_ERROR;
		}
		if (input->data.len - at < len)
			break;
		take_frame(input, span_slice(input->data, at, len));
		at += len;
	}
	if (input->end && at < input->data.len)
		worker->counters[COUNT_TRUNCATED]++;
	input->consumed = input->end ? input->data.len : at;
	return APP_OK;
}

// Start bytes, and the check where it is there: a banner in front of them is a server's that serves DNP3 on another port.
static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	if (data.len < 3)
		return data.len && data.data[0] != 0x05 ? APP_PROBE_NO : APP_PROBE_MORE;
	if (data.data[0] != 0x05 || data.data[1] != 0x64 || data.data[2] < 5)
		return APP_PROBE_NO;
	if (data.len < HEAD_BYTES)
		return flow->app.flags & APP_HINTED ? APP_PROBE_YES : APP_PROBE_MORE;
	if (!(flow->app.flags & APP_HINTED) && !check_good(data.data, 8))
		return APP_PROBE_NO;
	if (flow->app.flags & APP_HINTED)
		return APP_PROBE_YES;
	return (data.data[3] & 0x80) == (direction == TO_SERVER ? 0x80 : 0) ? APP_PROBE_YES : APP_PROBE_REVERSED;
}

static const struct app_port ports[] = { { PROTO_TCP, 20000, 20000 }, { 0 } };

const struct app_parser dnp3_parser = {
	.proto = APP_DNP3,
	.name = "dnp3",
	.tcp = true,
	.ports = ports,
	.probe_bytes = HEAD_BYTES,
	.probe = probe,
	.state_bytes = sizeof(struct dnp3_state),
	.parse = parse,
	.tx_free = free_tx,
	.worker_new = worker_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct dnp3_worker, counters),
};
