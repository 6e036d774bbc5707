// SPDX-License-Identifier: GPL-3.0-or-later
// Frames of HTTP/1: "request" and "response", each from its first line to the end of its body.
#include "decoders/app/http/http_internal.h"

enum { HTTP_FRAME_REQUEST, HTTP_FRAME_RESPONSE };

const char *const http_frame_names[] = { [HTTP_FRAME_REQUEST] = "request", [HTTP_FRAME_RESPONSE] = "response", NULL };

// How far libhtp is in the data it was given.
static uint32_t read_so_far(struct http_state *state)
{
	size_t used = state->input->direction == TO_SERVER ? htp_connp_req_data_consumed(state->connp)
							   : htp_connp_res_data_consumed(state->connp);
	return used < state->input->data.len ? (uint32_t)used : state->input->data.len;
}

void http_frame_start(struct http_state *state, struct http_tx *tx, enum direction direction)
{
	const struct app_input *input = state->input;
	if (!input || input->direction != direction || !(state->flow->app.flags & APP_FRAMES))
		return;
	struct app_frame *frame = app_frame(input, (uint8_t)direction, read_so_far(state), FRAME_OPEN);
	if (frame)
		frame->tx_id = tx->base.id;
}

void http_frame_end(struct http_state *state, struct http_tx *tx, enum direction direction)
{
	const struct app_input *input = state->input;
	struct app_frame *frame = input && input->direction == direction
					  ? app_frame_open(state->flow, direction, (uint8_t)direction)
					  : NULL;
	if (frame && frame->tx_id == tx->base.id)
		app_frame_end(state->flow, direction, (uint8_t)direction, input->offset + read_so_far(state));
}
