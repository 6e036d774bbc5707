// SPDX-License-Identifier: GPL-3.0-or-later
// A data connection of FTP: all its bytes are one file, named by the control connection.
#include "decoders/app/expect.h"
#include "decoders/app/app_tx.h"
#include "decoders/app/files/file.h"
#include "decoders/app/ftp/ftp.h"
#include <stdlib.h>

struct data_state {
	struct ftp_note note;
	struct ftp_data_tx *tx;
	struct file *file;
	bool closed;
};

struct data_worker {
	const struct app_worker *parts;
};

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	(void)config;
	struct data_worker *worker = calloc(1, sizeof(*worker));
	if (worker)
		worker->parts = parts;
	return worker;
}

static bool open_state(struct flow *flow, struct slab *slab, void *shared)
{
	const struct app_expectation *announced = ((const struct data_worker *)shared)->parts->announced;
	struct data_state *state = flow->app.state;
	(void)slab;
	if (announced && announced->note_len == sizeof(state->note))
		memcpy(&state->note, announced->note, sizeof(state->note));
	return true;
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	struct data_state *state = flow->app.state;
	state->tx = NULL;
	state->file = NULL;
	file_free_list(((const struct data_worker *)shared)->parts->files, slab, &tx->files);
	slab_free(slab, tx, sizeof(struct ftp_data_tx));
}

static bool begin(struct app_input *input, struct data_state *state)
{
	const struct data_worker *worker = input->shared;
	struct app_tx *tx = app_tx_new(input->flow, input->slab, sizeof(struct ftp_data_tx), input->now_ns, 3);
	if (!tx)
		return false;
	state->tx = (struct ftp_data_tx *)(void *)tx;
	state->tx->stored = state->note.stored;
	state->tx->command_len = state->note.command_len;
	memcpy(state->tx->command, state->note.command, sizeof(state->note.command));
	state->tx->name_len = state->note.name_len;
	memcpy(state->tx->name, state->note.name, sizeof(state->note.name));
	state->file = file_open(worker->parts->files, input->slab, &tx->files,
		span_of(state->note.name, state->note.name_len), input->direction, 0);
	return state->file != NULL;
}

static void finish(struct app_input *input, struct data_state *state, enum file_state how)
{
	const struct data_worker *worker = input->shared;
	struct app_tx *tx = &state->tx->tx;
	file_close(worker->parts->files, input->slab, state->file, state->file->has_gaps ? FILE_TRUNCATED : how);
	state->closed = true;
	app_tx_finish(input->flow, tx, 1);
}

static enum app_result parse(struct app_input *input)
{
	const struct data_worker *worker = input->shared;
	struct data_state *state = input->flow->app.state;
	if (state->closed || (state->file && state->file->direction != input->direction))
		return APP_OK;
	if (!state->file && !input->data.len)
		return APP_OK;
	if (!state->file && (state->tx || !begin(input, state)))
		return APP_ERROR;
	if (input->gap_bytes)
		file_gap(state->file, input->gap_bytes);
	if (input->data.len)
		file_append(worker->parts->files, input->slab, state->file, input->data);
	app_tx_changed(input->flow, &state->tx->tx, input->direction);
	if (input->end)
		finish(input, state, FILE_CLOSED);
	return APP_OK;
}

const struct app_parser ftp_data_parser = {
	.proto = APP_FTP_DATA,
	.name = "ftp-data",
	.tcp = true,
	.state_bytes = sizeof(struct data_state),
	.open = open_state,
	.parse = parse,
	.tx_free = free_tx,
	.worker_new = worker_new,
	.worker_free = free,
	.complete = { 1, 1 },
};
