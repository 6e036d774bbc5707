// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/smtp/smtp.h"
#include <stdlib.h>
#include "decoders/app/app_layer.h"
#include "decoders/app/identify/recognise.h"
#include "decoders/app/smtp/smtp_internal.h"
#include "decoders/app/starttls.h"
#include "decoders/base/steps.h"

static const char *const event_names[] = {
	[SMTP_INVALID_REPLY] = "invalid_reply",
	[SMTP_UNABLE_TO_MATCH_REPLY_WITH_REQUEST] = "unable_to_match_reply_with_request",
	[SMTP_MAX_COMMAND_LINE_LEN_EXCEEDED] = "max_command_line_len_exceeded",
	[SMTP_MAX_REPLY_LINE_LEN_EXCEEDED] = "max_reply_line_len_exceeded",
	[SMTP_INVALID_PIPELINED_SEQUENCE] = "invalid_pipelined_sequence",
	[SMTP_BDAT_CHUNK_LEN_EXCEEDED] = "bdat_chunk_len_exceeded",
	[SMTP_NO_SERVER_WELCOME_MESSAGE] = "no_server_welcome_message",
	[SMTP_TLS_REJECTED] = "tls_rejected",
	[SMTP_DATA_COMMAND_REJECTED] = "data_command_rejected",
	[SMTP_FAILED_PROTOCOL_CHANGE] = "failed_protocol_change",
	[SMTP_MIME_PARSE_FAILED] = "mime_parse_failed",
	[SMTP_MIME_INVALID_BASE64] = "mime_invalid_base64",
	[SMTP_MIME_INVALID_QP] = "mime_invalid_qp",
	[SMTP_MIME_LONG_LINE] = "mime_long_line",
	[SMTP_MIME_LONG_ENC_LINE] = "mime_long_enc_line",
	[SMTP_MIME_LONG_HEADER_NAME] = "mime_long_header_name",
	[SMTP_MIME_LONG_HEADER_VALUE] = "mime_long_header_value",
	[SMTP_MIME_MALFORMED_MSG] = "mime_malformed_msg",
	[SMTP_MIME_LONG_BOUNDARY] = "mime_long_boundary",
	[SMTP_MIME_LONG_FILENAME] = "mime_long_filename",
	[SMTP_DUPLICATE_FIELDS] = "duplicate_fields",
	[SMTP_UNPARSABLE_CONTENT] = "unparsable_content",
	[SMTP_INVALID_BDAT] = "invalid_bdat",
	NULL,
};

static const char *const counter_names[] = { "truncated", "malformed", "over_budget", NULL };

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	struct smtp_worker *worker = calloc(1, sizeof(*worker));
	if (!worker)
		return NULL;
	worker->parts = parts;
	worker->raw = app_setting_bool(config, "smtp", "raw-extraction", false);
	worker->decode = app_setting_bool(config, "smtp", "mime.decode-mime", true);
	mime_config_read(&worker->mime, config, "smtp");
	return worker;
}

static bool open_state(struct flow *flow, struct slab *slab, void *shared)
{
	struct smtp_state *state = flow->app.state;
	(void)slab;
	state->worker = shared;
	return true;
}

static void close_state(struct flow *flow, struct slab *slab, void *shared)
{
	(void)shared;
	struct smtp_state *state = flow->app.state;
	bytes_fini(slab, &state->helo);
}

static void free_tx(struct flow *flow, struct app_tx *base, struct slab *slab, void *shared)
{
	struct smtp_state *state = flow->app.state;
	struct smtp_tx *tx = (struct smtp_tx *)(void *)base;
	if (state->tx == tx)
		state->tx = NULL;
	while (tx->first) {
		struct smtp_recipient *gone = tx->first;
		tx->first = gone->next;
		slab_free(slab, gone, sizeof(*gone) + gone->len);
	}
	bytes_fini(slab, &tx->mail_from);
	mime_free(tx->mail, slab);
	file_free_list(((const struct smtp_worker *)shared)->parts->files, slab, &base->files);
	slab_free(slab, tx, sizeof(*tx));
}

struct smtp_tx *smtp_tx_open(struct app_input *input)
{
	struct smtp_state *state = input->flow->app.state;
	struct app_tx *tx = app_tx_new(input->flow, input->slab, sizeof(struct smtp_tx), input->now_ns, 3);
	if (!tx)
		state->worker->counters[SMTP_COUNT_OVER_BUDGET]++;
	else
		state->tx = (struct smtp_tx *)(void *)tx;
	return (struct smtp_tx *)(void *)tx;
}

// What has no transaction to stand on makes one.
void smtp_event(struct app_input *input, enum smtp_event event)
{
	struct smtp_state *state = input->flow->app.state;
	struct smtp_tx *tx = state->tx ? state->tx : smtp_tx_open(input);
	if (tx)
		app_tx_event(input->flow, &tx->tx, event);
}

void smtp_wait_for(struct smtp_state *state, enum smtp_command command)
{
	if (state->count == SMTP_WAITING_MAX) { // replies are not seen, or do not come: the oldest is given up
		state->first = (uint16_t)((state->first + 1) % SMTP_WAITING_MAX);
		state->count--;
		state->worker->counters[SMTP_COUNT_OVER_BUDGET]++;
	}
	state->waiting[(state->first + state->count++) % SMTP_WAITING_MAX] = (uint8_t)command;
}

struct span smtp_helo(const struct flow *flow)
{
	const struct smtp_state *state = flow->app.state;
	return state ? bytes_span(&state->helo) : (struct span) { 0 };
}

static struct span cut_end(struct span line)
{
	while (line.len && (line.data[line.len - 1] == '\r' || line.data[line.len - 1] == '\n'))
		line.len--;
	return line;
}

static bool take_line(struct app_input *input, struct span line, bool truncated)
{
	if (input->direction == TO_SERVER)
		return smtp_command_take(input, line, truncated);
	smtp_reply_take(input, line, truncated);
	return true;
}

// A line of commands or replies at *at. False: there is no whole one, or no room (state->result says).
static bool next_line(struct app_input *input, uint32_t *at)
{
	struct smtp_state *state = input->flow->app.state;
	enum direction d = input->direction;
	uint32_t end = span_find(input->data, '\n', *at);
	bool whole = end < input->data.len;
	work_step(1 + (end - *at) / 16);
	if (state->passing[d]) {
		state->passing[d] = !whole;
		*at = whole ? end + 1 : end;
		return true;
	}
	bool truncated = end - *at > SMTP_LINE_MAX;
	if (!whole && !truncated && !input->end)
		return false;
	if (truncated)
		state->worker->counters[SMTP_COUNT_TRUNCATED]++;
	struct span line = span_slice(input->data, *at, truncated ? SMTP_LINE_MAX : end - *at);
	if (d == TO_SERVER && state->data_waits && !smtp_is_command(line)) {
		// The server's word was not waited for, or is not seen: this is the mail
		smtp_event(input, SMTP_INVALID_PIPELINED_SEQUENCE);
		return smtp_content_begin(input, SMTP_MODE_DATA);
	}
	struct app_frame *frame = app_frame(input, d == TO_SERVER ? SMTP_FRAME_COMMAND_LINE : SMTP_FRAME_RESPONSE_LINE,
		*at, truncated ? SMTP_LINE_MAX : (whole ? end + 1 : end) - *at);
	if (!take_line(input, cut_end(line), truncated)) {
		state->result = APP_ERROR;
		return false;
	}
	if (frame && state->tx)
		frame->tx_id = state->tx->tx.id;
	state->passing[d] = truncated && !whole;
	*at = whole ? end + 1 : end;
	return true;
}

static bool is_chunk_over(const struct smtp_state *state)
{
	return state->mode == SMTP_MODE_CHUNK && !state->chunk_bytes;
}

static enum app_result parse(struct app_input *input)
{
	struct smtp_state *state = input->flow->app.state;
	enum direction d = input->direction;
	uint32_t at = 0;
	state->result = APP_OK;
	if (input->gap_bytes && d == TO_SERVER && state->mode != SMTP_MODE_COMMANDS)
		smtp_content_gap(input);
	else if (input->gap_bytes)
		state->passing[d] = true; // to the next line
	while ((at < input->data.len || is_chunk_over(state)) && state->result == APP_OK) {
		if (d == TO_SERVER && state->mode != SMTP_MODE_COMMANDS) {
			uint32_t before = at;
			uint8_t mode = state->mode;
			at = smtp_content_take(input, at);
			if (at == before && mode == state->mode)
				break;
		} else if (!next_line(input, &at)) {
			break;
		}
	}
	input->consumed = at;
	if (input->end && d == TO_SERVER && state->tx && state->result == APP_OK)
		smtp_tx_finish(input, state->tx, false);
	return state->result == APP_SWITCH ? app_switch_to_tls(input) : state->result;
}

static const struct app_port ports[] = { { PROTO_TCP, 25, 25 }, { PROTO_TCP, 587, 587 }, { 0 } };
static const char *const frames[] = { "command_line", "data", "response_line", NULL };
static const char *const states[] = { "started", "done", NULL };

const struct app_parser smtp_parser = {
	.proto = APP_SMTP,
	.name = "smtp",
	.tcp = true,
	.ports = ports,
	.probe_bytes = 512,
	.probe = recognise_smtp,
	.state_bytes = sizeof(struct smtp_state),
	.open = open_state,
	.parse = parse,
	.tx_free = free_tx,
	.close = close_state,
	.worker_new = worker_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.progress_names = { states, states },
	.frame_names = frames,
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct smtp_worker, counters),
};
