// SPDX-License-Identifier: GPL-3.0-or-later
// Transactions, files, and what a flow remembers: calls by their xid, names by file handle.
#include "decoders/app/nfs/nfs_internal.h"
#include "decoders/app/app_tx.h"

#define LOOKED_AT 256 // live transactions that are looked through

bool nfs_handle_set(struct nfs_handle *handle, struct span bytes)
{
	handle->len = (uint8_t)(bytes.len <= NFS_HANDLE_MAX ? bytes.len : 0);
	if (handle->len)
		memcpy(handle->bytes, bytes.data, handle->len);
	return handle->len != 0;
}

static bool same_handle(const struct nfs_handle *a, const struct nfs_handle *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static unsigned name_slot(const struct nfs_handle *handle)
{
	uint32_t hash = 2166136261u;
	for (unsigned i = 0; i < handle->len; i++)
		hash = (hash ^ handle->bytes[i]) * 16777619u;
	return (hash ^ hash >> 16) % NFS_NAMES;
}

void nfs_name_learn(struct nfs_reader *r, const struct nfs_handle *handle, struct span name)
{
	struct nfs_name **slot = &r->state->names[name_slot(handle)];
	if (!handle->len || !name.len)
		return;
	if (!*slot)
		*slot = slab_alloc(r->input->slab, sizeof(**slot));
	if (!*slot)
		return;
	(*slot)->handle = *handle;
	(*slot)->name.len = 0;
	bytes_append(r->input->slab, &(*slot)->name, name, NFS_NAME_MAX);
}

struct span nfs_name_of(const struct nfs_state *state, const struct nfs_handle *handle)
{
	const struct nfs_name *name = state->names[name_slot(handle)];
	return name && same_handle(&name->handle, handle) ? bytes_span(&name->name) : (struct span) { NULL, 0 };
}

void nfs_names_free(struct nfs_state *state, struct slab *slab)
{
	for (unsigned i = 0; i < NFS_NAMES; i++)
		if (state->names[i]) {
			bytes_fini(slab, &state->names[i]->name);
			slab_free(slab, state->names[i], sizeof(*state->names[i]));
		}
}

struct nfs_call *nfs_call_keep(struct nfs_reader *r)
{
	struct nfs_call **slot = &r->state->calls[r->rpc.xid % NFS_CALLS];
	if (*slot) {
		r->worker->counters[NFS_COUNT_OVER_BUDGET]++;
		nfs_call_free(r->state, r->input->slab, *slot);
	}
	*slot = slab_alloc(r->input->slab, sizeof(**slot));
	if (*slot) {
		(*slot)->xid = r->rpc.xid;
		(*slot)->version = r->rpc.version;
		(*slot)->procedure = r->rpc.procedure;
	}
	return *slot;
}

struct nfs_call *nfs_call_of(struct nfs_state *state, uint32_t xid)
{
	struct nfs_call *call = state->calls[xid % NFS_CALLS];
	return call && call->xid == xid ? call : NULL;
}

void nfs_call_free(struct nfs_state *state, struct slab *slab, struct nfs_call *call)
{
	state->calls[call->xid % NFS_CALLS] = NULL;
	bytes_fini(slab, &call->name);
	slab_free(slab, call, sizeof(*call));
}

void nfs_tx_done(struct flow *flow, struct nfs_tx *tx)
{
	struct nfs_state *state = flow->app.state;
	if (tx->is_file && tx->closed && tx->carries == TO_SERVER && tx->tx.progress[TO_CLIENT] == 0 && state->held)
		state->held--;
	app_tx_finish(flow, &tx->tx, 1);
}

void nfs_tx_done_all(struct flow *flow)
{
	for (struct app_tx *tx = flow->app.tx_first; tx; tx = tx->next)
		if (tx->progress[TO_CLIENT] == 0)
			nfs_tx_done(flow, (struct nfs_tx *)(void *)tx);
}

// The oldest transaction that is not done gives way; a file's data ends there.
static void give_way(struct nfs_reader *r, bool files_only)
{
	struct flow *flow = r->input->flow;
	unsigned looked = 0;
	for (struct app_tx *tx = flow->app.tx_first; tx && looked < LOOKED_AT; tx = tx->next, looked++) {
		struct nfs_tx *nfs = (struct nfs_tx *)(void *)tx;
		work_step(1);
		if (tx->progress[TO_CLIENT] || (files_only && !(nfs->is_file && nfs->closed)))
			continue;
		if (!files_only) {
			r->worker->counters[NFS_COUNT_OVER_BUDGET]++;
			app_tx_event(flow, tx, NFS_TOO_MANY_TRANSACTIONS);
		}
		if (nfs->file && nfs->file->state == FILE_OPEN)
			file_close(r->worker->files, r->input->slab, nfs->file, FILE_TRUNCATED);
		nfs->closed = true;
		nfs_tx_done(flow, nfs);
		return;
	}
}

static struct nfs_tx *make_tx(struct nfs_reader *r, struct nfs_call *call, uint32_t procedure, uint8_t mask)
{
	struct app_input *input = r->input;
	if (app_tx_crowded(input->flow, APP_TX_SPARE))
		give_way(r, false);
	struct nfs_tx *tx =
		(struct nfs_tx *)(void *)app_tx_new(input->flow, input->slab, sizeof(*tx), input->now_ns, mask);
	if (!tx) {
		r->worker->counters[NFS_COUNT_OVER_BUDGET]++;
		return NULL;
	}
	tx->xid = call->xid;
	tx->version = call->version;
	tx->procedure = procedure;
	tx->handle = call->handle;
	bytes_append(input->slab, &tx->name, bytes_span(&call->name), NFS_NAME_MAX);
	return tx;
}

struct nfs_tx *nfs_tx_begin(struct nfs_reader *r, struct nfs_call *call, uint32_t procedure)
{
	struct nfs_tx *tx = make_tx(r, call, procedure, 3);
	if (!tx)
		return NULL;
	tx->auth = r->rpc.auth;
	tx->uid = r->rpc.uid;
	tx->gid = r->rpc.gid;
	bytes_append(r->input->slab, &tx->machine, r->rpc.machine, NFS_NAME_MAX);
	tx->tx.progress[TO_SERVER] = 1;
	return tx;
}

static struct nfs_tx *tx_of_call(struct nfs_reader *r, uint32_t xid)
{
	unsigned looked = 0;
	for (struct app_tx *tx = r->input->flow->app.tx_first; tx && looked < LOOKED_AT; tx = tx->next, looked++) {
		struct nfs_tx *nfs = (struct nfs_tx *)(void *)tx;
		work_step(1);
		if (!nfs->is_file && nfs->xid == xid && tx->progress[TO_CLIENT] == 0)
			return nfs;
	}
	return NULL;
}

struct nfs_tx *nfs_tx_answered(struct nfs_reader *r, uint32_t xid, uint32_t status)
{
	struct nfs_tx *tx = tx_of_call(r, xid);
	if (!tx)
		return NULL;
	tx->rpc_status = r->rpc.status;
	tx->status = status;
	tx->tx.last_ns = r->input->now_ns;
	return tx;
}

static struct nfs_tx *find_file(struct nfs_reader *r, const struct nfs_handle *handle, enum direction carries)
{
	unsigned looked = 0;
	for (struct app_tx *tx = r->input->flow->app.tx_first; tx && looked < LOOKED_AT; tx = tx->next, looked++) {
		struct nfs_tx *nfs = (struct nfs_tx *)(void *)tx;
		work_step(1);
		if (nfs->is_file && !nfs->closed && nfs->carries == carries && same_handle(&nfs->handle, handle))
			return nfs;
	}
	return NULL;
}

// A written file waits for the flow's end in the other direction, as in Suricata.
static struct nfs_tx *begin_file(
	struct nfs_reader *r, struct nfs_call *call, uint32_t procedure, enum direction carries)
{
	if (!call->name.len)
		bytes_append(r->input->slab, &call->name, nfs_name_of(r->state, &call->handle), NFS_NAME_MAX);
	struct nfs_tx *tx = make_tx(r, call, procedure, carries == TO_SERVER ? 3 : 2);
	if (!tx)
		return NULL;
	tx->is_file = tx->first = true;
	tx->carries = carries;
	if (call->version < 4) {
		tx->auth = r->rpc.reply ? 0 : r->rpc.auth;
		tx->uid = r->rpc.uid;
		tx->gid = r->rpc.gid;
		bytes_append(r->input->slab, &tx->machine, r->rpc.machine, NFS_NAME_MAX);
	}
	tx->file = file_open(
		r->worker->files, r->input->slab, &tx->tx.files, bytes_span(&tx->name), carries, r->state->tracks++);
	if (!tx->file)
		r->worker->counters[NFS_COUNT_OVER_BUDGET]++;
	return tx;
}

static void close_file(struct nfs_reader *r, struct nfs_tx *tx)
{
	tx->last = tx->closed = true;
	tx->last_xid = r->rpc.xid;
	if (tx->file && tx->file->state == FILE_OPEN)
		file_close(
			r->worker->files, r->input->slab, tx->file, tx->file->has_gaps ? FILE_TRUNCATED : FILE_CLOSED);
	if (tx->carries == TO_CLIENT) {
		nfs_tx_done(r->input->flow, tx);
		return;
	}
	tx->tx.progress[TO_SERVER] = 1;
	app_tx_changed(r->input->flow, &tx->tx, TO_SERVER);
	if (++r->state->held > NFS_FILES_HELD)
		give_way(r, true);
}

void nfs_file_more(struct app_input *input, struct nfs_tx *tx, struct span data)
{
	struct nfs_worker *worker = input->shared;
	if (!tx->file || tx->file->state != FILE_OPEN)
		return;
	file_append(worker->files, input->slab, tx->file, data);
	tx->offset += data.len;
	app_tx_changed(input->flow, &tx->tx, tx->carries);
}

void nfs_file_piece(struct nfs_reader *r, struct nfs_call *call, uint32_t procedure, struct cursor *c, uint64_t offset,
	uint32_t len, bool last)
{
	enum direction carries = r->input->direction;
	struct nfs_tx *tx = find_file(r, &call->handle, carries);
	uint32_t have = len < cursor_left(c) ? len : cursor_left(c);
	struct span data = cursor_span(c, have);
	if (!tx)
		tx = begin_file(r, call, procedure, carries);
	if (!tx)
		return;
	tx->chunks++;
	tx->tx.last_ns = r->input->now_ns;
	// Pieces that come again are passed over, holes are gaps
	if (offset > tx->offset && tx->file) {
		uint64_t gap = offset - tx->offset;
		file_gap(tx->file, gap > UINT32_MAX ? UINT32_MAX : (uint32_t)gap);
		tx->offset = offset;
	}
	bool fresh = offset == tx->offset;
	if (fresh)
		nfs_file_more(r->input, tx, data);
	if (have < len) {
		struct nfs_side *side = &r->state->sides[carries];
		side->data_left = len - have;
		side->data_tx = fresh ? tx : NULL;
		c->failed = true; // what follows is not here
	}
	if (last && have == len)
		close_file(r, tx);
}

void nfs_file_close(struct nfs_reader *r, const struct nfs_handle *handle, enum direction carries)
{
	struct nfs_tx *tx = find_file(r, handle, carries);
	if (tx)
		close_file(r, tx);
}

void nfs_tx_release(struct flow *flow, struct nfs_tx *tx, struct slab *slab, struct nfs_worker *worker)
{
	struct nfs_state *state = flow->app.state;
	for (unsigned i = 0; i < 2; i++)
		if (state->sides[i].data_tx == tx)
			state->sides[i].data_tx = NULL;
	file_free_list(worker->files, slab, &tx->tx.files);
	bytes_fini(slab, &tx->name);
	bytes_fini(slab, &tx->to);
	bytes_fini(slab, &tx->machine);
	slab_free(slab, tx, sizeof(*tx));
}
