// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/websocket/websocket.h"
#include <stdlib.h>
#include <zlib.h>
#include "decoders/app/app_layer.h"
#include "decoders/base/bytes.h"
#include "decoders/base/cursor.h"

#define CONTROL 0x8 // of an opcode: not part of a message

struct websocket_side {
	uint64_t skip;        // bytes of a payload that are passed over
	struct bytes message; // fragments so far
	bool open;            // a fragmented message goes on
	bool compressed;      // that message is
	bool over;            // it went over its limit
	z_stream *inflater;   // with the window of the messages before
	bool lost;            // no more is decompressed
};

struct websocket_state {
	struct websocket_side sides[2];
};

struct websocket_worker {
	uint32_t max_bytes;
	uint64_t counters[3];
	uint8_t *scratch; // max_bytes: where a message unfolds
	uint8_t *payload; // max_bytes: where one is unmasked
};

struct websocket_head {
	uint8_t flags, opcode;
	bool has_mask;
	uint32_t mask; // as a number: the first byte is the highest
	uint64_t len;
	uint32_t bytes; // of the head
};

enum { COUNT_TRUNCATED, COUNT_MALFORMED, COUNT_OVER_BUDGET };
static const char *const counter_names[] = { "truncated", "malformed", "over_budget", NULL };
static const char *const event_names[] = {
	[WEBSOCKET_SKIP_END_OF_PAYLOAD] = "skip_end_of_payload",
	[WEBSOCKET_REASSEMBLY_LIMIT_REACHED] = "reassembly_limit_reached",
	NULL,
};
enum { FRAME_HEADER, FRAME_PDU, FRAME_DATA };
static const char *const frame_names[] = {
	[FRAME_HEADER] = "header", [FRAME_PDU] = "pdu", [FRAME_DATA] = "data", NULL
};

const char *websocket_opcode_name(uint8_t opcode)
{
	switch (opcode) {
	case WEBSOCKET_CONTINUATION: return "continuation";
	case WEBSOCKET_TEXT: return "text";
	case WEBSOCKET_BINARY: return "binary";
	case WEBSOCKET_CLOSE: return "connection_close";
	case WEBSOCKET_PING: return "ping";
	case WEBSOCKET_PONG: return "pong";
	default: return NULL;
	}
}

static void worker_free(void *shared)
{
	struct websocket_worker *worker = shared;
	if (!worker)
		return;
	free(worker->scratch);
	free(worker->payload);
	free(worker);
}

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	(void)parts;
	struct websocket_worker *worker = calloc(1, sizeof(*worker));
	if (!worker)
		return NULL;
	uint64_t most = SLAB_MAX_BLOCK - sizeof(struct websocket_tx);
	uint64_t bytes = app_setting_size(config, "websocket", "max-payload-size", WEBSOCKET_PAYLOAD_PRESET);
	worker->max_bytes = (uint32_t)(bytes < most ? bytes : most);
	worker->scratch = malloc(worker->max_bytes + 1);
	worker->payload = malloc(worker->max_bytes + 1);
	if (worker->scratch && worker->payload)
		return worker;
	worker_free(worker);
	return NULL;
}

// zlib frees without saying a size: it is put in front.
struct block {
	size_t size, pad;
};

static void *take(void *slab, unsigned count, unsigned size)
{
	size_t bytes = (size_t)count * size + sizeof(struct block);
	struct block *block = slab_alloc_raw(slab, bytes);
	if (!block)
		return NULL;
	block->size = bytes;
	return block + 1;
}

static void give_back(void *slab, void *memory)
{
	struct block *block = (struct block *)memory - 1;
	slab_free(slab, block, block->size);
}

static void drop_inflater(struct websocket_side *side, struct slab *slab)
{
	if (!side->inflater)
		return;
	inflateEnd(side->inflater);
	slab_free(slab, side->inflater, sizeof(*side->inflater));
	side->inflater = NULL;
}

static void close_state(struct flow *flow, struct slab *slab, void *shared)
{
	struct websocket_state *state = flow->app.state;
	(void)shared;
	for (int d = TO_SERVER; d <= TO_CLIENT; d++) {
		drop_inflater(&state->sides[d], slab);
		bytes_fini(slab, &state->sides[d].message);
	}
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	(void)flow, (void)shared;
	slab_free(slab, tx, sizeof(struct websocket_tx) + websocket_tx_of(tx)->len);
}

static bool make_inflater(struct websocket_side *side, struct slab *slab)
{
	if (side->inflater)
		return true;
	z_stream *z = slab_alloc(slab, sizeof(*z));
	if (!z)
		return false;
	z->zalloc = take;
	z->zfree = give_back;
	z->opaque = slab;
	if (inflateInit2(z, -15) != Z_OK) {
		slab_free(slab, z, sizeof(*z));
		return false;
	}
	side->inflater = z;
	return true;
}

static int inflate_some(struct websocket_side *side, struct span data)
{
	side->inflater->next_in = (Bytef *)data.data;
	side->inflater->avail_in = data.len;
	int result = inflate(side->inflater, Z_SYNC_FLUSH);
	if (result == Z_STREAM_END) // the sender began anew: so do we
		inflateReset(side->inflater);
	return result;
}

// RFC 7692 7.2.2: the end of a flushed block is not sent. Gives the unfolded message, or the bytes as they are when they cannot be.
static struct span unfold(struct app_input *input, struct websocket_side *side, struct span data, bool *over)
{
	static const uint8_t tail[] = { 0, 0, 0xff, 0xff };
	struct websocket_worker *worker = input->shared;
	if (side->lost || !make_inflater(side, input->slab)) {
		side->lost = true;
		return data;
	}
	z_stream *z = side->inflater;
	z->next_out = worker->scratch;
	z->avail_out = worker->max_bytes;
	int result = inflate_some(side, data);
	if ((result == Z_OK || result == Z_BUF_ERROR) && z->avail_out)
		result = inflate_some(side, span_of(tail, sizeof(tail)));
	uint32_t made = worker->max_bytes - z->avail_out;
	work_step(1);
	*over = z->avail_out == 0;
	if (*over || (result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END)) {
		side->lost = true; // later messages may refer to what was not seen
		worker->counters[*over ? COUNT_OVER_BUDGET : COUNT_MALFORMED]++;
		drop_inflater(side, input->slab);
	}
	return made ? (struct span) { worker->scratch, made } : data;
}

static bool read_head(struct span data, struct websocket_head *head)
{
	struct cursor c = cursor_on(data);
	uint8_t first = cursor_u8(&c), second = cursor_u8(&c);
	*head = (struct websocket_head) { .flags = first & 0xf0, .opcode = first & 0x0f, .has_mask = second & 0x80 };
	head->len = second & 0x7f;
	if (head->len == 126)
		head->len = cursor_be16(&c);
	else if (head->len == 127)
		head->len = cursor_be64(&c);
	if (head->has_mask)
		head->mask = cursor_be32(&c);
	head->bytes = cursor_offset(&c);
	return cursor_ok(&c);
}

static void unmask(struct span data, uint32_t mask, uint8_t *out)
{
	const uint8_t key[4] = { (uint8_t)(mask >> 24), (uint8_t)(mask >> 16), (uint8_t)(mask >> 8), (uint8_t)mask };
	for (uint32_t i = 0; i < data.len; i++)
		out[i] = data.data[i] ^ key[i & 3];
}

// A frame's payload joins its message. The last one gives the message; others give what they carry.
static struct span join(struct app_input *input, struct websocket_side *side, const struct websocket_head *head,
	struct span payload, bool *over)
{
	struct websocket_worker *worker = input->shared;
	bool last = head->flags & WEBSOCKET_FIN, compressed = head->flags & WEBSOCKET_COMPRESSED;
	if (head->opcode & CONTROL)
		return payload;
	if (side->open || !last) {
		if (!side->open)
			side->compressed = compressed;
		compressed = side->compressed;
		side->open = true;
		if (!side->over &&
			bytes_append(input->slab, &side->message, payload, worker->max_bytes) < payload.len) {
			side->over = *over = true;
			worker->counters[COUNT_OVER_BUDGET]++;
		}
		if (!last)
			return payload;
		payload = bytes_span(&side->message);
		side->lost |= side->over && compressed;
	}
	return compressed ? unfold(input, side, payload, over) : payload;
}

static bool take_frame(struct app_input *input, const struct websocket_head *head, struct span raw, bool cut)
{
	struct websocket_worker *worker = input->shared;
	struct websocket_side *side = &((struct websocket_state *)input->flow->app.state)->sides[input->direction];
	struct span payload = raw;
	bool over = false;
	if (head->has_mask && raw.len) {
		unmask(raw, head->mask, worker->payload);
		payload.data = worker->payload;
	}
	payload = join(input, side, head, payload, &over);
	struct app_tx *made = app_tx_new(input->flow, input->slab, sizeof(struct websocket_tx) + payload.len,
		input->now_ns, (uint8_t)(1u << input->direction));
	if (made) {
		struct websocket_tx *tx = (struct websocket_tx *)(void *)made;
		tx->flags = head->flags;
		tx->opcode = head->opcode;
		tx->has_mask = head->has_mask;
		tx->mask = head->mask;
		tx->len = payload.len;
		if (payload.len)
			memcpy(tx->payload, payload.data, payload.len);
		tx->tx.progress[input->direction] = 1;
		app_tx_changed(input->flow, made, input->direction);
		if (cut)
			app_tx_event(input->flow, made, WEBSOCKET_SKIP_END_OF_PAYLOAD);
		if (over)
			app_tx_event(input->flow, made, WEBSOCKET_REASSEMBLY_LIMIT_REACHED);
	}
	if (side->open && head->flags & WEBSOCKET_FIN && !(head->opcode & CONTROL)) {
		side->open = side->over = false;
		bytes_fini(input->slab, &side->message);
	}
	worker->counters[COUNT_TRUNCATED] += cut;
	return made != NULL;
}

static uint32_t skip(uint64_t *left, uint32_t have)
{
	uint32_t now = *left < have ? (uint32_t)*left : have;
	*left -= now;
	return now;
}

// A part of the frame whose transaction is made next.
static void tell_frame(const struct app_input *input, uint8_t type, uint32_t at, uint32_t len)
{
	struct app_frame *frame = app_frame(input, type, at, len);
	if (frame)
		frame->tx_id = input->flow->app.tx_count;
}

static enum app_result parse(struct app_input *input)
{
	struct websocket_state *state = input->flow->app.state;
	struct websocket_side *side = &state->sides[input->direction];
	const struct websocket_worker *worker = input->shared;
	if (input->gap_bytes && skip(&side->skip, input->gap_bytes) < input->gap_bytes)
		return APP_STOP; // where a frame begins cannot be found again
	uint32_t at = skip(&side->skip, input->data.len);
	while (at < input->data.len) {
		struct websocket_head head;
		if (!read_head(span_from(input->data, at), &head))
			break;
		bool cut = head.len > worker->max_bytes;
		uint32_t kept = cut ? worker->max_bytes : (uint32_t)head.len;
		if (input->data.len - at - head.bytes < kept)
			break;
		tell_frame(input, FRAME_HEADER, at, head.bytes);
		tell_frame(input, FRAME_PDU, at, head.bytes + kept);
		tell_frame(input, FRAME_DATA, at + head.bytes, kept);
		if (!take_frame(input, &head, span_slice(input->data, at + head.bytes, kept), cut))
			return APP_ERROR;
		at += head.bytes + kept;
		side->skip = head.len - kept;
		at += skip(&side->skip, input->data.len - at);
	}
	input->consumed = at;
	return APP_OK;
}

const struct app_parser websocket_parser = {
	.proto = APP_WEBSOCKET,
	.name = "websocket",
	.tcp = true, // by its upgrade only
	.state_bytes = sizeof(struct websocket_state),
	.parse = parse,
	.tx_free = free_tx,
	.close = close_state,
	.worker_new = worker_new,
	.worker_free = worker_free,
	.complete = { 1, 1 },
	.frame_names = frame_names,
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct websocket_worker, counters),
};
