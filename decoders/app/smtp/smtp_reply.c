// SPDX-License-Identifier: GPL-3.0-or-later
// The server's replies (RFC 5321 section 4.2), told apart by the commands they answer.
#include "decoders/app/smtp/smtp_internal.h"

// 0: not a reply.
static unsigned code_of(struct span line)
{
	if (line.len < 3 || line.data[0] < '2' || line.data[0] > '5')
		return 0;
	for (unsigned i = 1; i < 3; i++)
		if (line.data[i] < '0' || line.data[i] > '9')
			return 0;
	if (line.len > 3 && line.data[3] != ' ' && line.data[3] != '-')
		return 0;
	return (line.data[0] - '0') * 100u + (line.data[1] - '0') * 10u + (line.data[2] - '0');
}

static void answer_data(struct app_input *input, struct smtp_state *state, unsigned code)
{
	bool begun = !state->data_waits; // without waiting for this reply
	state->data_waits = false;
	if (code == 354) {
		if (!begun)
			smtp_content_begin(input, SMTP_MODE_DATA);
		return;
	}
	smtp_event(input, SMTP_DATA_COMMAND_REJECTED);
	// What a client sends without waiting is a mail all the same; one that waited goes on with commands
	if (!begun || state->mode != SMTP_MODE_DATA || state->content_bytes)
		return;
	state->mode = SMTP_MODE_COMMANDS;
	if (state->tx && !state->tx->done) {
		mime_free(state->tx->mail, input->slab);
		state->tx->mail = NULL;
	}
}

static void answer_tls(struct app_input *input, struct smtp_state *state, unsigned code)
{
	if (code != 220) {
		smtp_event(input, SMTP_TLS_REJECTED);
		return;
	}
	if (state->tx)
		smtp_tx_finish(input, state->tx, false);
	state->result = APP_SWITCH;
}

static void answer(struct app_input *input, struct smtp_state *state, unsigned code)
{
	switch ((enum smtp_command)state->waiting[state->first]) {
	case SMTP_COMMAND_DATA: answer_data(input, state, code); break;
	case SMTP_COMMAND_STARTTLS: answer_tls(input, state, code); break;
	default: break;
	}
}

static void first_reply(struct app_input *input, struct smtp_state *state, unsigned code)
{
	state->welcomed = true;
	if (code != 220)
		smtp_event(input, SMTP_INVALID_REPLY);
}

static bool names_pipelining(struct span line)
{
	return span_starts_nocase(span_from(line, 4), "PIPELINING");
}

void smtp_reply_take(struct app_input *input, struct span line, bool truncated)
{
	struct smtp_state *state = input->flow->app.state;
	unsigned code = code_of(line);
	if (truncated)
		smtp_event(input, SMTP_MAX_REPLY_LINE_LEN_EXCEEDED);
	if (!code) {
		smtp_event(input, SMTP_INVALID_REPLY);
		state->worker->counters[SMTP_COUNT_MALFORMED]++;
		return;
	}
	bool more = line.len > 3 && line.data[3] == '-', inside = state->multiline;
	state->multiline = more;
	if (state->count && state->waiting[state->first] == SMTP_COMMAND_HELO && code == 250 && names_pipelining(line))
		state->pipelining = true;
	if (!state->count) {
		if (!state->welcomed)
			first_reply(input, state, code);
		else if (!inside)
			smtp_event(input, SMTP_UNABLE_TO_MATCH_REPLY_WITH_REQUEST);
		return;
	}
	state->welcomed = true;
	if (state->tx)
		app_tx_changed(input->flow, &state->tx->tx, TO_CLIENT);
	if (more)
		return;
	answer(input, state, code);
	state->first = (uint16_t)((state->first + 1) % SMTP_WAITING_MAX);
	state->count--;
}
