// SPDX-License-Identifier: GPL-3.0-or-later
// The client's commands (RFC 5321 section 4.1.1).
#include "decoders/app/smtp/smtp_internal.h"

static const struct verb {
	const char *text;
	enum smtp_command command;
} verbs[] = {
	{ "HELO", SMTP_COMMAND_HELO },
	{ "EHLO", SMTP_COMMAND_HELO },
	{ "MAIL FROM", SMTP_COMMAND_MAIL },
	{ "RCPT TO", SMTP_COMMAND_RCPT },
	{ "DATA", SMTP_COMMAND_DATA },
	{ "BDAT", SMTP_COMMAND_BDAT },
	{ "STARTTLS", SMTP_COMMAND_STARTTLS },
	{ "RSET", SMTP_COMMAND_RSET },
	{ "QUIT", SMTP_COMMAND_QUIT },
	{ "NOOP", SMTP_COMMAND_OTHER },
	{ "AUTH", SMTP_COMMAND_OTHER },
	{ "VRFY", SMTP_COMMAND_OTHER },
	{ "EXPN", SMTP_COMMAND_OTHER },
	{ "HELP", SMTP_COMMAND_OTHER },
	{ "ETRN", SMTP_COMMAND_OTHER },
	{ "TURN", SMTP_COMMAND_OTHER },
};

static const struct verb *verb_of(struct span line)
{
	for (unsigned i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!span_starts_nocase(line, verbs[i].text))
			continue;
		uint32_t len = (uint32_t)strlen(verbs[i].text);
		// A word must end there: "database" is none
		if (line.len == len || (line.data[len] | 0x20) < 'a' || (line.data[len] | 0x20) > 'z')
			return &verbs[i];
	}
	return NULL;
}

bool smtp_is_command(struct span line)
{
	return verb_of(line) != NULL;
}

bool smtp_ends_mail(struct span line)
{
	const struct verb *verb = verb_of(line);
	return verb && (verb->command == SMTP_COMMAND_RSET || verb->command == SMTP_COMMAND_QUIT ||
			       span_starts_nocase(line, "MAIL FROM:"));
}

// The word behind a verb, or its colon.
static struct span argument(struct span line, const struct verb *verb)
{
	struct span rest = span_trim(span_from(line, (uint32_t)strlen(verb->text) + 1));
	return span_slice(rest, 0, span_find(rest, ' ', 0));
}

static void take_helo(struct app_input *input, struct span name)
{
	struct smtp_state *state = input->flow->app.state;
	if (state->helo.len) {
		smtp_event(input, SMTP_DUPLICATE_FIELDS);
		return;
	}
	bytes_append(input->slab, &state->helo, name, SMTP_LINE_MAX);
}

static void take_from(struct app_input *input, struct smtp_tx *tx, struct span address)
{
	if (tx->has_from) {
		smtp_event(input, SMTP_DUPLICATE_FIELDS);
		return;
	}
	tx->has_from = true;
	bytes_append(input->slab, &tx->mail_from, address, SMTP_LINE_MAX);
}

static void take_recipient(struct app_input *input, struct smtp_tx *tx, struct span address)
{
	struct smtp_state *state = input->flow->app.state;
	struct smtp_recipient *made =
		tx->recipients < SMTP_RECIPIENTS_MAX ? slab_alloc(input->slab, sizeof(*made) + address.len) : NULL;
	if (!made) {
		state->worker->counters[SMTP_COUNT_OVER_BUDGET]++;
		return;
	}
	made->len = address.len;
	if (address.len)
		memcpy(made->bytes, address.data, address.len);
	if (tx->last)
		tx->last->next = made;
	else
		tx->first = made;
	tx->last = made;
	tx->recipients++;
}

// BDAT SP size [SP LAST]
static bool take_chunk(struct app_input *input, struct span line)
{
	struct smtp_state *state = input->flow->app.state;
	struct span rest = span_trim(span_from(line, 4));
	uint64_t size = 0;
	uint32_t at = 0;
	for (; at < rest.len && rest.data[at] >= '0' && rest.data[at] <= '9' && size <= UINT32_MAX; at++)
		size = size * 10 + (rest.data[at] - '0');
	struct span last = span_trim(span_from(rest, at));
	bool good = at && size <= UINT32_MAX && (!last.len || span_is_nocase(last, "LAST"));
	if (!good) {
		smtp_event(input, SMTP_INVALID_BDAT);
		state->worker->counters[SMTP_COUNT_MALFORMED]++;
		return true;
	}
	state->chunk_bytes = size;
	state->last_chunk = last.len > 0;
	state->chunk_line_ended = size == 0;
	return smtp_content_begin(input, SMTP_MODE_CHUNK);
}

static bool take_data(struct app_input *input, struct smtp_tx *tx)
{
	struct smtp_state *state = input->flow->app.state;
	if (state->data_waits || (tx->mail && tx->mail->state != MIME_START)) // again, for the same mail
		smtp_event(input, SMTP_UNPARSABLE_CONTENT);
	state->data_waits = true;
	if (state->pipelining)
		return smtp_content_begin(input, SMTP_MODE_DATA);
	return true;
}

// A new mail begins with whatever is said after the one before, but for the words of leaving: those may have none. False: no room.
static bool tx_for(struct app_input *input, enum smtp_command command, struct smtp_tx **out)
{
	struct smtp_state *state = input->flow->app.state;
	bool leaving = command == SMTP_COMMAND_RSET || command == SMTP_COMMAND_QUIT;
	*out = state->tx;
	if (state->tx && (!state->tx->done || leaving))
		return true;
	if (leaving && input->flow->app.tx_count)
		return true;
	*out = smtp_tx_open(input);
	return *out != NULL;
}

bool smtp_command_take(struct app_input *input, struct span line, bool truncated)
{
	struct smtp_state *state = input->flow->app.state;
	const struct verb *verb = verb_of(line);
	enum smtp_command command = verb ? verb->command : SMTP_COMMAND_OTHER;
	struct smtp_tx *tx;
	if (!tx_for(input, command, &tx))
		return false;
	if (truncated)
		smtp_event(input, SMTP_MAX_COMMAND_LINE_LEN_EXCEEDED);
	if (!state->welcomed)
		smtp_event(input, SMTP_NO_SERVER_WELCOME_MESSAGE);
	uint8_t before = state->count ? state->waiting[(state->first + state->count - 1) % SMTP_WAITING_MAX] : 0;
	if (before == SMTP_COMMAND_STARTTLS || before == SMTP_COMMAND_DATA) // must end a group (RFC 2920 section 3.1)
		smtp_event(input, SMTP_INVALID_PIPELINED_SEQUENCE);
	smtp_wait_for(state, command);
	if (!tx)
		return true;
	tx->commanded = true;
	tx->tx.last_ns = input->now_ns;
	app_tx_changed(input->flow, &tx->tx, TO_SERVER);
	switch (command) {
	case SMTP_COMMAND_HELO: take_helo(input, argument(line, verb)); return true;
	case SMTP_COMMAND_MAIL: take_from(input, tx, argument(line, verb)); return true;
	case SMTP_COMMAND_RCPT: take_recipient(input, tx, argument(line, verb)); return true;
	case SMTP_COMMAND_DATA: return take_data(input, tx);
	case SMTP_COMMAND_BDAT: return take_chunk(input, line);
	case SMTP_COMMAND_RSET: smtp_tx_finish(input, tx, false); return true;
	default: return true;
	}
}
