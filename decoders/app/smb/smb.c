// SPDX-License-Identifier: GPL-3.0-or-later
// SMB's stream: NetBIOS session messages (RFC 1002 section 4.3, MS-SMB2 2.1), commands in them, file data in those, and holes in all.
#include "decoders/app/smb/smb.h"
#include <stdlib.h>
#include "decoders/app/app_layer.h"
#include "decoders/app/identify/recognise.h"
#include "decoders/app/smb/smb_internal.h"
#include "decoders/base/log.h"

#define NETBIOS_MESSAGE      0x00
#define NETBIOS_REQUEST      0x81
#define NETBIOS_KEEPALIVE    0x85
#define NETBIOS_HEADER_BYTES 4
#define TRANSFORM_BYTES      52
#define PIECE_BYTES          (512u << 10) // read at once: with what is held it fits a block

#define PRESET_SIZE        (UINT64_C(16) << 20) // a read or write
#define PRESET_QUEUE_SIZE  (UINT64_C(64) << 20)
#define PRESET_QUEUE_COUNT 64
#define WAITING_SHARE      8 // part of the worker's memory

static uint64_t setting_count(const struct app_config *config, const char *key, uint64_t preset)
{
	const char *text = app_setting(config, "smb", key);
	return text ? strtoull(text, NULL, 10) : preset;
}

static uint64_t setting_bound(const struct app_config *config, const char *key, uint64_t preset)
{
	uint64_t value = setting_count(config, key, preset);
	return value ? value : 1;
}

static void *smb_worker_new(const struct app_config *config, const struct app_worker *parts)
{
	struct smb_worker *worker = calloc(1, sizeof *worker);
	if (!worker)
		return NULL;
	worker->max_read = app_setting_size(config, "smb", "max-read-size", PRESET_SIZE);
	worker->max_write = app_setting_size(config, "smb", "max-write-size", PRESET_SIZE);
	worker->queue_bytes[TO_CLIENT] = app_setting_size(config, "smb", "max-read-queue-size", PRESET_QUEUE_SIZE);
	worker->queue_bytes[TO_SERVER] = app_setting_size(config, "smb", "max-write-queue-size", PRESET_QUEUE_SIZE);
	worker->queue_count[TO_CLIENT] = setting_count(config, "max-read-queue-cnt", PRESET_QUEUE_COUNT);
	worker->queue_count[TO_SERVER] = setting_count(config, "max-write-queue-cnt", PRESET_QUEUE_COUNT);
	worker->opens_max = setting_bound(config, "max-guid-cache-size", SMB_OPENS_MAX);
	worker->reads_max = setting_bound(config, "max-rec-offset-cache-size", SMB_READS_MAX);
	worker->trees_max = setting_bound(config, "max-tree-cache-size", SMB_TREES_MAX);
	uint64_t max_tx = setting_bound(config, "max-tx", config->max_tx_hard);
	worker->max_tx = (uint32_t)(max_tx < config->max_tx_hard ? max_tx : config->max_tx_hard);
	worker->files = parts->files;
	worker->expect = parts->expect;
	worker->waiting_max = slab_budget_bytes(parts->slab) / WAITING_SHARE;
	if (smb_channels_init(&worker->channels))
		return worker;
	free(worker);
	return NULL;
}

static void smb_close(struct flow *flow, struct slab *slab, void *shared)
{
	struct smb_worker *worker = shared;
	struct smb_state *state = flow->app.state;
	if (state->opened)
		smb_channels_drop_flow(&worker->channels, flow);
	smb_tables_free(state, slab);
	hold_drop(&state->side[TO_SERVER].hold, slab);
	hold_drop(&state->side[TO_CLIENT].hold, slab);
	bytes_fini(slab, &state->dialect1);
}

struct smb_agreed smb_agreed_of(const struct flow *flow)
{
	const struct smb_state *state = flow->app.state;
	if (!state)
		return (struct smb_agreed) { 0 };
	return (struct smb_agreed) { state->dialect, bytes_span(&state->dialect1), state->max_read, state->max_write };
}

void smb_event(struct smb_reader *r, enum smb_event event)
{
	struct app_tx *tx = r->tx ? &r->tx->tx : r->flow->app.tx_last;
	if (tx)
		app_tx_event(r->flow, tx, event);
}

void smb_malformed(struct smb_reader *r)
{
	smb_count(r, SMB_COUNT_MALFORMED);
	smb_event(r, SMB_MALFORMED_DATA);
}

// left ends where the data being read does.
void smb_tell_frame(struct smb_reader *r, enum smb_frame frame, struct span left, uint32_t header, uint32_t len)
{
	uint64_t offset = r->end - left.len;
	if (!(r->flow->app.flags & APP_FRAMES) || offset < r->side->framed || len < header)
		return;
	app_frame_add(r->flow, r->slab, r->direction, (uint8_t)frame, offset, len, false);
	app_frame_add(r->flow, r->slab, r->direction, (uint8_t)(frame + 1), offset, header, false);
	app_frame_add(r->flow, r->slab, r->direction, (uint8_t)(frame + 2), offset + header, len - header, false);
	r->side->framed = offset + 1;
}

static void advance(struct smb_side *side, struct span *left, uint32_t len)
{
	*left = span_from(*left, len);
	side->message_left -= len;
	side->command_left -= len < side->command_left ? len : side->command_left;
	side->need = 0;
	if (side->message_left == 0)
		side->skipping = false;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

// After a hole: to where a message with an SMB header begins. False: not in left, of which the end may be the start of one.
static bool find_message(struct smb_reader *r, struct span *left)
{
	for (uint32_t at = 0; at + 8 <= left->len; at++) {
		work_step(1);
		at = span_find(*left, 'S', at);
		if (at + 3 > left->len || memcmp(left->data + at, "SMB", 3) != 0 || at < 5)
			continue;
		const uint8_t *start = left->data + at - 5;
		if (start[0] == NETBIOS_MESSAGE && start[4] >= 0xfc) {
			*left = span_from(*left, at - 5);
			r->side->lost = false;
			return true;
		}
	}
	*left = span_from(*left, left->len > 7 ? left->len - 7 : 0);
	return false;
}

static bool read_netbios(struct smb_reader *r, struct span *left)
{
	struct smb_side *side = r->side;
	if (left->len < NETBIOS_HEADER_BYTES)
		return false;
	uint8_t type = left->data[0];
	uint32_t len = be32_at(left->data) & 0xffffff;
	if (type != NETBIOS_MESSAGE && (type < NETBIOS_REQUEST || type > NETBIOS_KEEPALIVE)) {
		smb_malformed(r);
		side->lost = true;
		return true;
	}
	smb_tell_frame(r, SMB_FRAME_NETBIOS, *left, NETBIOS_HEADER_BYTES, NETBIOS_HEADER_BYTES + len);
	*left = span_from(*left, NETBIOS_HEADER_BYTES);
	side->message_left = len;
	side->command_left = side->data_left = 0;
	side->file_tx = NULL;
	side->joined = false;
	side->has_fuid = false;
	side->skipping = type != NETBIOS_MESSAGE && len > 0;
	return true;
}

// whole: from the command on to the end of the data being read.
static bool read_command(struct smb_reader *r, struct span whole)
{
	struct smb_side *side = r->side;
	struct span left = span_slice(whole, 0, side->message_left);
	if (side->message_left < 4) {
		side->skipping = true;
		return true;
	}
	if (left.len < 4 || left.len < side->need)
		return false;
	r->tx = NULL;
	if (memcmp(left.data + 1, "SMB", 3) == 0) {
		switch (left.data[0]) {
		case 0xff: return smb1_command(r, whole);
		case 0xfe: return smb2_command(r, whole);
		case 0xfd:
			smb_count(r, SMB_COUNT_ENCRYPTED);
			smb_tell_frame(r, SMB_FRAME_SMB3, whole, TRANSFORM_BYTES, side->message_left);
			break;
		default: smb_count(r, SMB_COUNT_UNSUPPORTED); break;
		}
	} else {
		smb_malformed(r);
	}
	side->skipping = true;
	return true;
}

static void take_data(struct smb_reader *r, struct span *left)
{
	struct smb_side *side = r->side;
	uint32_t len = least(least(side->data_left, left->len), side->message_left);
	side->data_left -= len;
	if (side->joined)
		smb_join_more(r, span_slice(*left, 0, len));
	else if (side->file_tx)
		smb_file_more(r, side->file_tx, span_slice(*left, 0, len), side->data_left == 0);
	advance(side, left, len);
	if (side->message_left == 0 && side->data_left) { // more was announced than the message holds
		side->data_left = 0;
		smb_malformed(r);
	}
}

// One step at the front of left. False: more bytes are wanted.
static bool read_step(struct smb_reader *r, struct span *left)
{
	struct smb_side *side = r->side;
	if (side->lost)
		return find_message(r, left);
	if (side->message_left == 0)
		return read_netbios(r, left);
	if (side->skipping) {
		advance(side, left, least(left->len, side->message_left));
		return true;
	}
	if (side->data_left) {
		take_data(r, left);
		return true;
	}
	if (side->command_left) { // behind the data, or a command that was read or is passed over
		advance(side, left, least(left->len, side->command_left));
		return true;
	}
	r->taken = 0;
	if (!read_command(r, *left))
		return false;
	advance(side, left, r->taken);
	return true;
}

static void lose(struct smb_side *side)
{
	side->lost = true;
	side->message_left = side->command_left = side->data_left = side->need = 0;
	side->skipping = side->joined = false;
	side->file_tx = NULL;
}

// Bytes are missing. In a message whose end we know we go on behind it; else a message has to be found.
static void take_gap(struct smb_reader *r, uint32_t gap)
{
	struct smb_side *side = r->side;
	smb_count(r, SMB_COUNT_GAP);
	uint32_t held = side->hold.bytes.len;
	hold_drop(&side->hold, r->slab);
	side->join_offset += least(gap, side->data_left);
	if (side->data_left && side->file_tx && !side->joined)
		smb_file_lost(r, side->file_tx, least(gap, side->data_left));
	if (side->lost || side->message_left == 0 || gap > side->message_left - least(held, side->message_left)) {
		lose(side);
		return;
	}
	gap += held;
	if (gap > side->command_left) // where the next command starts was among them
		side->skipping = true;
	side->data_left -= least(gap, side->data_left);
	side->command_left -= least(gap, side->command_left);
	side->message_left -= gap;
	if (side->message_left == 0)
		side->skipping = false;
}

// No more comes of a direction: what waits for it is done, as far as it came.
static void note_end(struct smb_reader *r)
{
	r->state->ended[r->direction] = true;
	for (struct app_tx *base = r->flow->app.tx_first; base; base = base->next) {
		struct smb_tx *tx = (struct smb_tx *)base;
		work_step(1);
		if (r->direction == TO_CLIENT && tx->kind != SMB_FILE && !tx->response_done)
			smb_response_done(r, tx);
	}
}

static void take_bytes(struct smb_reader *r, struct span data, uint64_t end)
{
	r->end = end;
	struct span left;
	if (!hold_open(&r->side->hold, r->slab, data, SLAB_MAX_BLOCK, &left)) {
		smb_count(r, SMB_COUNT_NO_MEMORY);
		lose(r->side);
	}
	while (left.len && read_step(r, &left))
		;
	if (!hold_keep(&r->side->hold, r->slab, left, SMB_HOLD_MAX)) {
		smb_count(r, SMB_COUNT_NO_MEMORY);
		lose(r->side);
	}
}

static enum app_result smb_parse(struct app_input *input)
{
	struct smb_state *state = input->flow->app.state;
	struct smb_reader r = { .input = input,
		.flow = input->flow,
		.slab = input->slab,
		.worker = input->shared,
		.state = state,
		.side = &state->side[input->direction],
		.direction = input->direction };
	if (input->gap_bytes)
		take_gap(&r, input->gap_bytes);
	for (uint32_t at = 0; at < input->data.len; at += PIECE_BYTES) {
		struct span part = span_slice(input->data, at, PIECE_BYTES);
		take_bytes(&r, part, input->offset + at + part.len);
	}
	if (input->end)
		note_end(&r);
	return APP_OK;
}

#define NAME(constant, name) [constant] = name,
static const char *const frame_names[] = { "nbss.pdu", "nbss.hdr", "nbss.data", "smb1.pdu", "smb1.hdr", "smb1.data",
	"smb2.pdu", "smb2.hdr", "smb2.data", "smb3.pdu", "smb3.hdr", "smb3.data", NULL };
static const char *const event_names[] = { SMB_EVENTS(NAME) NULL };
static const char *const counter_names[] = { SMB_COUNTERS(NAME) NULL };

static const struct app_port smb_ports[] = { { PROTO_TCP, 445, 445 }, { PROTO_TCP, 139, 139 }, { 0 } };

const struct app_parser smb_parser = {
	.proto = APP_SMB,
	.name = "smb",
	.tcp = true,
	.ports = smb_ports,
	.probe_bytes = 24,
	.probe = recognise_smb,
	.state_bytes = sizeof(struct smb_state),
	.parse = smb_parse,
	.tx_free = smb_tx_free,
	.close = smb_close,
	.worker_new = smb_worker_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.frame_names = frame_names,
	.keeps_raw = true,
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct smb_worker, counters),
};
