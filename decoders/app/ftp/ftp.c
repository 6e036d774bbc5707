// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ftp/ftp.h"
#include <ctype.h>
#include <stdlib.h>
#include "decoders/app/app_layer.h"
#include "decoders/app/app_tx.h"
#include "decoders/app/expect.h"
#include "decoders/app/identify/recognise.h"
#include "decoders/app/starttls.h"
#include "decoders/base/steps.h"

struct ftp_state {
	bool passing[2];    // the rest of a line too long is passed over
	bool active;        // how the announced data connection is opened
	uint16_t data_port; // 0: none was announced
	struct address data_address;
	uint32_t open;
	struct ftp_tx *waiting; // no older transaction waits for replies; NULL: not known
};

struct ftp_worker {
	struct app_expect *expect;
	uint32_t open_max;
	uint64_t counters[4];
};

enum { COUNT_TRUNCATED, COUNT_MALFORMED, COUNT_OVER_BUDGET };
static const char *const counter_names[] = { "truncated", "malformed", "over_budget", NULL };

static const char *const event_names[] = {
	[FTP_REQUEST_COMMAND_TOO_LONG] = "request_command_too_long",
	[FTP_RESPONSE_COMMAND_TOO_LONG] = "response_command_too_long",
	[FTP_FILE_BEFORE_PORT] = "file_before_port",
	[FTP_FILE_WITHOUT_NAME] = "file_without_name",
	[FTP_TOO_MANY_TRANSACTIONS] = "too_many_transactions",
	NULL,
};

// Those that mean more than their name to us.
static const struct {
	const char *name;
	enum ftp_command command;
} known[] = { { "PORT", FTP_PORT }, { "EPRT", FTP_EPRT }, { "PASV", FTP_PASV }, { "EPSV", FTP_EPSV },
	{ "RETR", FTP_RETR }, { "STOR", FTP_STOR }, { "STOU", FTP_STOR }, { "APPE", FTP_STOR }, { "LIST", FTP_LIST },
	{ "NLST", FTP_LIST }, { "MLSD", FTP_LIST } };

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	struct ftp_worker *worker = calloc(1, sizeof(*worker));
	if (!worker)
		return NULL;
	worker->expect = parts->expect;
	uint64_t open = app_setting_size(config, "ftp", "max-tx", FTP_OPEN_MAX);
	worker->open_max = (uint32_t)(open && open < FTP_OPEN_MAX ? open : FTP_OPEN_MAX);
	return worker;
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	(void)shared;
	struct ftp_tx *ftp = (struct ftp_tx *)(void *)tx;
	struct ftp_state *state = flow->app.state;
	if (state->waiting == ftp)
		state->waiting = NULL;
	while (ftp->first) {
		struct ftp_reply *reply = ftp->first;
		ftp->first = reply->next;
		slab_free(slab, reply, sizeof(*reply) + reply->len);
	}
	bytes_fini(slab, &ftp->line);
	slab_free(slab, ftp, sizeof(*ftp));
}

static void finish(struct flow *flow, struct ftp_tx *tx)
{
	struct ftp_state *state = flow->app.state;
	if (tx->done)
		return;
	tx->done = true;
	state->open--;
	app_tx_finish(flow, &tx->tx, 2);
}

// The oldest that still waits for replies.
static struct ftp_tx *oldest_open(struct flow *flow)
{
	struct ftp_state *state = flow->app.state;
	struct app_tx *tx = state->waiting ? &state->waiting->tx : flow->app.tx_first;
	while (tx && ((struct ftp_tx *)(void *)tx)->done) {
		work_step(1);
		tx = tx->next;
	}
	state->waiting = (struct ftp_tx *)(void *)tx;
	return state->waiting;
}

static struct ftp_tx *make_tx(struct app_input *input)
{
	struct ftp_state *state = input->flow->app.state;
	struct ftp_worker *worker = input->shared;
	if (state->open >= worker->open_max || app_tx_crowded(input->flow, APP_TX_SPARE)) {
		struct ftp_tx *oldest = oldest_open(input->flow);
		worker->counters[COUNT_OVER_BUDGET]++;
		if (oldest) {
			app_tx_event(input->flow, &oldest->tx, FTP_TOO_MANY_TRANSACTIONS);
			finish(input->flow, oldest);
		}
	}
	struct app_tx *tx = app_tx_new(input->flow, input->slab, sizeof(struct ftp_tx), input->now_ns, 3);
	if (tx)
		state->open++;
	else
		worker->counters[COUNT_OVER_BUDGET]++;
	return (struct ftp_tx *)(void *)tx;
}

static void name_command(struct ftp_tx *tx)
{
	struct span line = bytes_span(&tx->line);
	uint32_t end = span_find(line, ' ', 0);
	tx->name = span_slice(line, 0, end);
	tx->argument = span_from(line, end < line.len ? end + 1 : end);
	tx->command = FTP_OTHER;
	for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (span_is_nocase(tx->name, known[i].name))
			tx->command = (uint8_t)known[i].command;
	if (span_is_nocase(line, "AUTH TLS") || span_is_nocase(line, "AUTH SSL") || span_is_nocase(line, "AUTH TLS-C"))
		tx->command = FTP_AUTH_TLS;
}

// RETR, STOR, LIST: the announced data connection is told what it carries.
static void announce(struct app_input *input, struct ftp_tx *tx)
{
	struct ftp_state *state = input->flow->app.state;
	struct ftp_worker *worker = input->shared;
	if (!state->data_port && tx->command != FTP_LIST)
		app_tx_event(input->flow, &tx->tx, FTP_FILE_BEFORE_PORT);
	else if (!tx->argument.len && tx->command != FTP_LIST)
		app_tx_event(input->flow, &tx->tx, FTP_FILE_WITHOUT_NAME);
	if (!state->data_port)
		return;
	const struct flow_key *key = &input->flow->key;
	struct ftp_note note = { .stored = tx->command == FTP_STOR };
	note.command_len = (uint8_t)(tx->name.len < sizeof(note.command) ? tx->name.len : sizeof(note.command));
	for (unsigned i = 0; i < note.command_len; i++)
		note.command[i] = (char)toupper(tx->name.data[i]);
	note.name_len = (uint8_t)(tx->argument.len < sizeof(note.name) ? tx->argument.len : sizeof(note.name));
	if (note.name_len)
		memcpy(note.name, tx->argument.data, note.name_len);
	struct app_expectation announced = { .initiator = state->active ? key->dst : key->src,
		.responder = state->active ? key->src : key->dst,
		.owner = key->src,
		.port = state->data_port,
		.ip_proto = PROTO_TCP,
		.app = APP_FTP_DATA,
		.speakers = (uint8_t)(1u << (note.stored != state->active ? TO_SERVER : TO_CLIENT)),
		.ends_ns = input->now_ns + APP_EXPECT_NS,
		.parent_id = input->flow->id,
		.note_len = sizeof(note) };
	_Static_assert(sizeof(note) <= APP_EXPECT_NOTE_BYTES, "the note fits");
	memcpy(announced.note, &note, sizeof(note));
	app_expect_add(worker->expect, &announced);
	state->data_port = 0;
}

static void take_port(struct app_input *input, struct ftp_tx *tx)
{
	struct address named;
	bool good = tx->command == FTP_PORT ? ftp_port_read(tx->argument, &named, &tx->dynamic_port)
					    : ftp_eprt_read(tx->argument, &named, &tx->dynamic_port);
	struct ftp_worker *worker = input->shared;
	tx->active = true;
	if (!good) {
		worker->counters[COUNT_MALFORMED]++;
		return;
	}
	tx->bounce = !address_equal(&named, &input->flow->key.src);
}

// One command line without its end. False: no room.
static bool take_command(struct app_input *input, struct span line, bool truncated)
{
	struct ftp_tx *tx = make_tx(input);
	if (!tx)
		return false;
	if (line.len && !bytes_append(input->slab, &tx->line, line, FTP_LINE_MAX))
		return false;
	name_command(tx);
	tx->line_truncated = truncated;
	if (truncated)
		app_tx_event(input->flow, &tx->tx, FTP_REQUEST_COMMAND_TOO_LONG);
	switch ((enum ftp_command)tx->command) {
	case FTP_PORT:
	case FTP_EPRT: take_port(input, tx); break;
	case FTP_PASV:
	case FTP_EPSV: tx->passive = true; break;
	case FTP_RETR:
	case FTP_STOR:
	case FTP_LIST: announce(input, tx); break;
	default: break;
	}
	tx->tx.progress[TO_SERVER] = 1;
	app_tx_changed(input->flow, &tx->tx, TO_SERVER);
	return true;
}

void ftp_reply_parts(const struct ftp_reply *reply, struct span *code, struct span *text)
{
	struct span line = span_of(reply->bytes, reply->len);
	bool coded = line.len >= 3;
	for (unsigned i = 0; coded && i < 3; i++)
		coded = line.data[i] >= '0' && line.data[i] <= '9';
	coded = coded && (line.len == 3 || line.data[3] == ' ' || line.data[3] == '-');
	*code = coded ? span_slice(line, 0, 3) : (struct span) { NULL, 0 };
	*text = coded ? span_from(line, line.len > 3 ? 4 : 3) : line;
}

static void learn_data_port(struct ftp_state *state, struct ftp_tx *tx, unsigned code, struct span text)
{
	if (code == 200 && tx->active && tx->dynamic_port) {
		state->data_port = tx->dynamic_port;
		state->active = true;
	} else if ((code == 227 && tx->command == FTP_PASV &&
			   ftp_port_read(text, &state->data_address, &tx->dynamic_port)) ||
		   (code == 229 && tx->command == FTP_EPSV && ftp_epsv_read(text, &tx->dynamic_port))) {
		state->data_port = tx->dynamic_port;
		state->active = false;
	}
}

static bool keep_reply(
	struct app_input *input, struct ftp_tx *tx, struct span line, bool truncated, struct ftp_reply **kept)
{
	struct ftp_worker *worker = input->shared;
	struct ftp_reply *reply =
		tx->replies < FTP_REPLIES_MAX ? slab_alloc_raw(input->slab, sizeof(*reply) + line.len) : NULL;
	*kept = reply;
	if (!reply) {
		worker->counters[COUNT_OVER_BUDGET]++;
		return tx->replies == FTP_REPLIES_MAX;
	}
	*reply = (struct ftp_reply) { .truncated = truncated, .len = (uint16_t)line.len };
	if (line.len)
		memcpy(reply->bytes, line.data, line.len);
	if (tx->last)
		tx->last->next = reply;
	else
		tx->first = reply;
	tx->last = reply;
	tx->replies++;
	return true;
}

// What ends a transaction: a reply's last line that is not preliminary (RFC 959 section 4.2).
static bool ends(struct span line)
{
	bool last = line.len >= 3 && line.data[0] >= '2' && line.data[0] <= '5' && line.data[1] >= '0' &&
		    line.data[1] <= '9' && line.data[2] >= '0' && line.data[2] <= '9';
	return last && (line.len == 3 || line.data[3] == ' ');
}

// One line of a reply. *tls: the session goes on encrypted. False: no room.
static bool take_reply(struct app_input *input, struct span line, bool truncated, bool *tls)
{
	struct ftp_state *state = input->flow->app.state;
	struct ftp_tx *tx = oldest_open(input->flow);
	struct ftp_reply *reply;
	if (!tx && !(tx = make_tx(input)))
		return false;
	if (!keep_reply(input, tx, line, truncated, &reply))
		return false;
	if (truncated) {
		tx->reply_truncated = true;
		app_tx_event(input->flow, &tx->tx, FTP_RESPONSE_COMMAND_TOO_LONG);
	}
	tx->tx.last_ns = input->now_ns;
	if (!ends(line)) {
		tx->tx.progress[TO_CLIENT] = 1;
		app_tx_changed(input->flow, &tx->tx, TO_CLIENT);
		return true;
	}
	unsigned code = (unsigned)(line.data[0] - '0') * 100 + (unsigned)(line.data[1] - '0') * 10 +
			(unsigned)(line.data[2] - '0');
	learn_data_port(state, tx, code, span_from(line, 3));
	*tls = tx->command == FTP_AUTH_TLS && code == 234;
	finish(input->flow, tx);
	return true;
}

static struct span cut_end(struct span line)
{
	while (line.len && (line.data[line.len - 1] == '\r' || line.data[line.len - 1] == '\n'))
		line.len--;
	return line;
}

static enum app_result parse(struct app_input *input)
{
	struct ftp_state *state = input->flow->app.state;
	enum direction d = input->direction;
	struct ftp_worker *worker = input->shared;
	bool tls = false;
	uint32_t at = 0;
	if (input->gap_bytes)
		state->passing[d] = true; // to the next line
	while (at < input->data.len && !tls) {
		uint32_t end = span_find(input->data, '\n', at);
		bool whole = end < input->data.len;
		work_step(1 + (end - at) / 16);
		if (state->passing[d]) {
			state->passing[d] = !whole;
			at = whole ? end + 1 : end;
			continue;
		}
		bool truncated = end - at > FTP_LINE_MAX;
		if (!whole && !truncated && !input->end)
			break;
		struct span line = span_slice(input->data, at, truncated ? FTP_LINE_MAX : end - at);
		if (truncated)
			worker->counters[COUNT_TRUNCATED]++;
		else
			line = cut_end(line);
		bool good = d == TO_SERVER ? !line.len || take_command(input, line, truncated)
					   : take_reply(input, line, truncated, &tls);
		if (!good)
			return APP_ERROR;
		state->passing[d] = truncated && !whole;
		at = whole ? end + 1 : end;
	}
	input->consumed = at;
	return tls ? app_switch_to_tls(input) : APP_OK;
}

static const struct app_port ports[] = { { PROTO_TCP, 21, 21 }, { 0 } };
static const char *const states[] = { "none", "in_progress", "finished", NULL };

const struct app_parser ftp_parser = {
	.proto = APP_FTP,
	.name = "ftp",
	.tcp = true,
	.ports = ports,
	.probe_bytes = 512,
	.probe = recognise_ftp,
	.state_bytes = sizeof(struct ftp_state),
	.parse = parse,
	.tx_free = free_tx,
	.worker_new = worker_new,
	.worker_free = free,
	.complete = { 2, 2 },
	.progress_names = { states, states },
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct ftp_worker, counters),
};
