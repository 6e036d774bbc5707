// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/rfb/rfb.h"
#include <ctype.h>
#include <stdlib.h>
#include "decoders/app/app_tx.h"
#include "decoders/app/identify/recognise.h"
#include "decoders/app/tally.h"
#include "decoders/base/cursor.h"
#include "decoders/base/slab.h"

#define VERSION_BYTES 12
#define SCREEN_BYTES  24 // of ServerInit before the name
#define TEXT_WIRE_MAX (1u << 20)

enum state {
	SERVER_VERSION,
	CLIENT_VERSION,
	SECURITY_TYPE,   // 3.3: the server decides
	SECURITY_TYPES,  // the server offers
	SECURITY_CHOICE, // the client decides
	CHALLENGE,
	RESPONSE,
	RESULT,
	REASON,
	CLIENT_INIT,
	SERVER_INIT,
	PASSED, // nothing more is read
};

static const enum direction speaker[] = { [SERVER_VERSION] = TO_CLIENT,
	[CLIENT_VERSION] = TO_SERVER,
	[SECURITY_TYPE] = TO_CLIENT,
	[SECURITY_TYPES] = TO_CLIENT,
	[SECURITY_CHOICE] = TO_SERVER,
	[CHALLENGE] = TO_CLIENT,
	[RESPONSE] = TO_SERVER,
	[RESULT] = TO_CLIENT,
	[REASON] = TO_CLIENT,
	[CLIENT_INIT] = TO_SERVER,
	[SERVER_INIT] = TO_CLIENT };

struct rfb_state {
	uint8_t state; // enum state
	struct rfb_tx *tx;
};

static const char *const event_names[] = { [RFB_UNIMPLEMENTED_SECURITY_TYPE] = "unimplemented_security_type",
	[RFB_UNKNOWN_SECURITY_RESULT] = "unknown_security_result",
	[RFB_MALFORMED_MESSAGE] = "malformed_message",
	[RFB_CONFUSED_STATE] = "confused_state",
	[RFB_TOO_LONG_STRING] = "too_long_string",
	NULL };

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	(void)shared;
	struct rfb_state *state = flow->app.state;
	if (state) {
		state->tx = NULL;
		state->state = PASSED;
	}
	slab_free(slab, tx, sizeof(struct rfb_tx));
}

static void finish(struct app_input *input)
{
	struct rfb_state *state = input->flow->app.state;
	state->state = PASSED;
	if (!state->tx)
		return;
	app_tx_finish(input->flow, &state->tx->tx, 1);
}

// The session cannot be followed further.
static bool give_up(struct app_input *input, enum rfb_event event, enum tally_kind kind)
{
	struct rfb_state *state = input->flow->app.state;
	tally(input, kind);
	app_tx_event(input->flow, &state->tx->tx, event);
	finish(input);
	return true;
}

// "RFB 003.008\n"
static bool read_version(struct span bytes, struct rfb_version *version)
{
	if (!span_starts(bytes, "RFB ") || bytes.data[7] != '.' || bytes.data[11] != '\n')
		return false;
	for (unsigned i = 4; i < 11; i++)
		if (i != 7 && !isdigit(bytes.data[i]))
			return false;
	memcpy(version->major, bytes.data + 4, 3);
	memcpy(version->minor, bytes.data + 8, 3);
	version->known = true;
	return true;
}

static unsigned long minor_of(const struct rfb_tx *tx)
{
	return strcmp(tx->client.major, "003") > 0 ? 8 : strtoul(tx->client.minor, NULL, 10);
}

static void keep_text(struct app_input *input, struct span bytes, uint32_t whole, struct rfb_text *text)
{
	struct rfb_state *state = input->flow->app.state;
	text->len = bytes.len < RFB_TEXT_MAX ? bytes.len : RFB_TEXT_MAX;
	if (text->len)
		memcpy(text->bytes, bytes.data, text->len);
	if (whole <= RFB_TEXT_MAX)
		return;
	tally(input, TALLY_TRUNCATED);
	app_tx_event(input->flow, &state->tx->tx, RFB_TOO_LONG_STRING);
}

static bool choose_security(struct app_input *input, uint32_t type)
{
	struct rfb_state *state = input->flow->app.state;
	struct rfb_tx *tx = state->tx;
	tx->security = type;
	tx->has_security = true;
	switch (type) {
	case RFB_INVALID: state->state = REASON; return true;
	case RFB_NONE: state->state = minor_of(tx) >= 8 ? RESULT : CLIENT_INIT; return true;
	case RFB_VNC: state->state = CHALLENGE; return true;
	default: return give_up(input, RFB_UNIMPLEMENTED_SECURITY_TYPE, TALLY_UNSUPPORTED);
	}
}

static bool take_result(struct app_input *input, uint32_t result)
{
	struct rfb_state *state = input->flow->app.state;
	state->tx->result = result;
	state->tx->has_result = true;
	if (result > 2)
		return give_up(input, RFB_UNKNOWN_SECURITY_RESULT, TALLY_MALFORMED);
	if (result == 0)
		state->state = CLIENT_INIT;
	else if (result == 1 && minor_of(state->tx) >= 8)
		state->state = REASON;
	else
		finish(input);
	return true;
}

static void read_screen(struct cursor *c, struct rfb_tx *tx)
{
	struct rfb_pixels *p = &tx->pixels;
	tx->width = cursor_be16(c);
	tx->height = cursor_be16(c);
	p->bits = cursor_u8(c);
	p->depth = cursor_u8(c);
	p->big_endian = cursor_u8(c) != 0;
	p->true_color = cursor_u8(c) != 0;
	p->red_max = cursor_be16(c);
	p->green_max = cursor_be16(c);
	p->blue_max = cursor_be16(c);
	p->red_shift = cursor_u8(c);
	p->green_shift = cursor_u8(c);
	p->blue_shift = cursor_u8(c);
	cursor_skip(c, 3);
}

// A text behind its length, of which RFB_TEXT_MAX bytes have to be there. False: not yet.
static bool take_text(struct app_input *input, struct cursor *c, struct rfb_text *text)
{
	uint32_t len = cursor_be32(c), want = len < RFB_TEXT_MAX ? len : RFB_TEXT_MAX;
	struct span bytes = cursor_span(c, want);
	if (!cursor_ok(c))
		return false;
	keep_text(input, bytes, len, text);
	return true;
}

static bool begin(struct app_input *input)
{
	struct rfb_state *state = input->flow->app.state;
	struct app_tx *made = app_tx_new(input->flow, input->slab, sizeof(struct rfb_tx), input->now_ns, 3);
	state->tx = (struct rfb_tx *)(void *)made;
	if (!made)
		tally(input, TALLY_OVER_BUDGET);
	return made != NULL;
}

static bool take_versions(struct app_input *input, struct span bytes)
{
	struct rfb_state *state = input->flow->app.state;
	bool server = state->state == SERVER_VERSION;
	if (!state->tx && !begin(input))
		return false;
	struct rfb_tx *tx = state->tx;
	if (!read_version(bytes, server ? &tx->server : &tx->client))
		return give_up(input, RFB_MALFORMED_MESSAGE, TALLY_MALFORMED);
	if (server)
		state->state = CLIENT_VERSION;
	else
		state->state = minor_of(tx) < 7 ? SECURITY_TYPE : SECURITY_TYPES;
	return true;
}

// One message at *c, if it is whole; else c fails. False: no room.
static bool step(struct app_input *input, struct cursor *c)
{
	struct rfb_state *state = input->flow->app.state;
	struct rfb_tx *tx = state->tx;
	struct span bytes;
	uint32_t number;
	work_step(1);
	switch ((enum state)state->state) {
	case SERVER_VERSION:
	case CLIENT_VERSION: bytes = cursor_span(c, VERSION_BYTES); return !cursor_ok(c) || take_versions(input, bytes);
	case SECURITY_TYPE: number = cursor_be32(c); return !cursor_ok(c) || choose_security(input, number);
	case SECURITY_TYPES:
		number = cursor_u8(c);
		cursor_skip(c, number);
		if (cursor_ok(c))
			state->state = number ? SECURITY_CHOICE : REASON;
		return true;
	case SECURITY_CHOICE: number = cursor_u8(c); return !cursor_ok(c) || choose_security(input, number);
	case CHALLENGE:
	case RESPONSE:
		bytes = cursor_span(c, 16);
		if (!cursor_ok(c))
			return true;
		memcpy(state->state == CHALLENGE ? tx->challenge : tx->response, bytes.data, 16);
		*(state->state == CHALLENGE ? &tx->has_challenge : &tx->has_response) = true;
		state->state++;
		return true;
	case RESULT: number = cursor_be32(c); return !cursor_ok(c) || take_result(input, number);
	case REASON:
		if (take_text(input, c, &tx->reason))
			finish(input);
		return true;
	case CLIENT_INIT:
		tx->shared = cursor_u8(c) != 0;
		tx->has_shared = cursor_ok(c);
		if (cursor_ok(c))
			state->state = SERVER_INIT;
		return true;
	case SERVER_INIT:
		if (cursor_left(c) < SCREEN_BYTES) {
			c->failed = true;
			return true;
		}
		read_screen(c, tx);
		if (!take_text(input, c, &tx->name))
			return true;
		tx->has_screen = true;
		finish(input);
		return true;
	case PASSED: break;
	}
	return true;
}

static enum app_result parse(struct app_input *input)
{
	struct rfb_state *state = input->flow->app.state;
	if (input->gap_bytes && state->state != PASSED) {
		if (state->tx)
			give_up(input, RFB_CONFUSED_STATE, TALLY_TRUNCATED);
		return APP_ERROR;
	}
	uint32_t at = 0;
	while (state->state != PASSED && at < input->data.len) {
		if (speaker[state->state] != input->direction) {
			// Who speaks out of turn waits, but not without end
			if (input->data.len - at <= TEXT_WIRE_MAX / 16)
				break;
			if (state->tx)
				give_up(input, RFB_CONFUSED_STATE, TALLY_MALFORMED);
			return APP_ERROR;
		}
		struct cursor c = cursor_on(span_from(input->data, at));
		if (!step(input, &c))
			return APP_ERROR;
		if (!cursor_ok(&c))
			break;
		at += cursor_offset(&c);
	}
	input->consumed = state->state == PASSED ? input->data.len : at;
	return APP_OK;
}

static const struct app_port ports[] = { { PROTO_TCP, 5900, 5900 }, { 0 } };

const struct app_parser rfb_parser = {
	.proto = APP_RFB,
	.name = "rfb",
	.tcp = true,
	.ports = ports,
	.probe_bytes = 6,
	.probe = recognise_rfb,
	.state_bytes = sizeof(struct rfb_state),
	.parse = parse,
	.tx_free = free_tx,
	.worker_new = tally_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.event_names = event_names,
	.counter_names = tally_names,
};
