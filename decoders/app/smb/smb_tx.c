// SPDX-License-Identifier: GPL-3.0-or-later
// Transactions of SMB: made, found again by their answer, and freed with what hangs on them.
#include "decoders/app/smb/smb_internal.h"
#include "decoders/base/utf16.h"

// Too many are open: the oldest that waits for its answer is ended, as it is.
static void expire_oldest(struct smb_reader *r)
{
	for (struct app_tx *base = r->flow->app.tx_first; base; base = base->next) {
		work_step(1);
		struct smb_tx *tx = (struct smb_tx *)base;
		if (tx->request_done && tx->response_done)
			continue;
		if (tx->kind == SMB_FILE) {
			if (tx->file.file)
				file_close(r->worker->files, r->slab, tx->file.file, FILE_TRUNCATED);
			tx->file.closed = true;
		}
		app_tx_event(r->flow, base, SMB_TOO_MANY_TRANSACTIONS);
		smb_request_done(r, tx);
		smb_response_done(r, tx);
		smb_count(r, SMB_COUNT_TX_EXPIRED);
		return;
	}
}

struct smb_tx *smb_tx_new(struct smb_reader *r, const struct smb_header *header, enum smb_kind kind)
{
	if (r->flow->app.tx_live >= r->worker->max_tx)
		expire_oldest(r);
	struct smb_tx *tx = (struct smb_tx *)app_tx_new(r->flow, r->slab, sizeof *tx, r->input->now_ns, 3);
	if (!tx)
		return NULL;
	tx->kind = (uint8_t)kind;
	tx->version = header->version;
	tx->command = header->command;
	tx->session = header->session;
	tx->tree = header->tree;
	tx->message = header->message;
	r->tx = tx;
	if (r->state->ended[TO_CLIENT]) // its answer will not be seen
		smb_response_done(r, tx);
	return tx;
}

// Dialects and the like were bytes_append'ed; every kind frees its own.
static void free_detail(struct smb_worker *worker, struct slab *slab, struct smb_tx *tx)
{
	switch ((enum smb_kind)tx->kind) {
	case SMB_NEGOTIATE: bytes_fini(slab, &tx->negotiate.dialects); break;
	case SMB_SESSION_SETUP:
		bytes_fini(slab, &tx->setup.domain);
		bytes_fini(slab, &tx->setup.user);
		bytes_fini(slab, &tx->setup.host);
		bytes_fini(slab, &tx->setup.realm);
		bytes_fini(slab, &tx->setup.snames);
		for (int d = TO_SERVER; d <= TO_CLIENT; d++) {
			bytes_fini(slab, &tx->setup.native_os[d]);
			bytes_fini(slab, &tx->setup.native_lm[d]);
		}
		break;
	case SMB_FILE: smb_file_fini(worker, slab, &tx->file); break;
	case SMB_RPC: dcerpc_call_fini(&tx->call, slab); break;
	default: break;
	}
}

void smb_tx_free(struct flow *flow, struct app_tx *base, struct slab *slab, void *shared)
{
	struct smb_tx *tx = (struct smb_tx *)base;
	struct smb_worker *worker = shared;
	struct smb_state *state = flow->app.state;
	for (int d = TO_SERVER; state && d <= TO_CLIENT; d++)
		if (state->side[d].file_tx == tx)
			state->side[d].file_tx = NULL;
	if (tx->kind == SMB_FILE && tx->file.channel)
		smb_channels_drop_tx(&worker->channels, tx->file.channel, tx);
	file_free_list(worker->files, slab, &base->files);
	free_detail(worker, slab, tx);
	bytes_fini(slab, &tx->name);
	bytes_fini(slab, &tx->new_name);
	bytes_fini(slab, &tx->share);
	slab_free(slab, tx, sizeof *tx);
}

// A share is told to be a pipe by the answer only: rules look at the request once that is known.
void smb_request_done(struct smb_reader *r, struct smb_tx *tx)
{
	tx->request_done = true;
	tx->tx.last_ns = r->input->now_ns;
	if (tx->kind == SMB_TREE_CONNECT && !tx->response_done)
		return;
	tx->tx.progress[TO_SERVER] = 1;
	app_tx_changed(r->flow, &tx->tx, TO_SERVER);
}

void smb_response_done(struct smb_reader *r, struct smb_tx *tx)
{
	tx->response_done = true;
	tx->tx.last_ns = r->input->now_ns;
	tx->tx.progress[TO_CLIENT] = 1;
	app_tx_changed(r->flow, &tx->tx, TO_CLIENT);
	if (tx->kind == SMB_TREE_CONNECT && tx->request_done) {
		tx->tx.progress[TO_SERVER] = 1;
		app_tx_changed(r->flow, &tx->tx, TO_SERVER);
	}
}

void smb_set_status(struct smb_tx *tx, const struct smb_header *header)
{
	tx->has_status = true;
	tx->dos_status = header->dos_status;
	tx->status = header->status;
}

// Message numbers are a connection's in SMB 2; in SMB 1 they are a process's. An answer to an asynchronous command has no tree, and one to the
// first session setup has the new session.
struct smb_tx *smb_tx_find(struct smb_reader *r, const struct smb_header *header)
{
	for (struct app_tx *base = r->flow->app.tx_first; base; base = base->next) {
		work_step(1);
		struct smb_tx *tx = (struct smb_tx *)base;
		if (tx->response_done || tx->kind == SMB_FILE || tx->kind == SMB_RPC)
			continue;
		if (tx->version == header->version && tx->command == header->command && tx->message == header->message)
			return tx;
	}
	return NULL;
}

struct smb_tx *smb_tx_negotiate(struct smb_reader *r)
{
	for (struct app_tx *base = r->flow->app.tx_first; base; base = base->next) {
		work_step(1);
		struct smb_tx *tx = (struct smb_tx *)base;
		if (!tx->response_done && tx->kind == SMB_NEGOTIATE)
			return tx;
	}
	return NULL;
}

void smb_keep_text(struct smb_reader *r, struct bytes *out, struct span text, bool unicode)
{
	bool whole = unicode ? utf16_append(r->slab, out, text, SMB_NAME_MAX)
			     : text8_append(r->slab, out, text, SMB_NAME_MAX);
	if (!whole)
		smb_count(r, SMB_COUNT_OVER_BUDGET);
}
