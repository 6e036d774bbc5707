// SPDX-License-Identifier: GPL-3.0-or-later
// Pipes: DCE-RPC in the reads and writes of a pipe, and in what is sent to one and answered at once. Fragments may be cut anywhere.
#include "decoders/app/dcerpc/endpoint_map.h"
#include "decoders/app/smb/smb_internal.h"

#define FRAGMENTS_MAX (2u * DCERPC_FRAGMENT_MAX + 2) // bytes held: a fragment, and what came with its end

// Pipes that carry DCE-RPC, for flows whose share was connected before we saw them.
static const char *const rpc_pipes[] = { "atsvc", "browser", "efsrpc", "epmapper", "eventlog", "lsarpc", "lsass",
	"netdfs", "netlogon", "ntsvcs", "protected_storage", "samr", "spoolss", "srvsvc", "svcctl", "trkwks", "w32time",
	"winreg", "wkssvc" };

static bool has_rpc_name(const struct bytes *name)
{
	struct span text = bytes_span(name);
	if (text.len && text.data[0] == '\\')
		text = span_from(text, 1);
	if (span_starts_nocase(text, "pipe\\"))
		text = span_from(text, 5);
	for (unsigned i = 0; i < sizeof rpc_pipes / sizeof *rpc_pipes; i++)
		if (span_is_nocase(text, rpc_pipes[i]))
			return true;
	return false;
}

bool smb_is_pipe(struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid, unsigned len)
{
	const struct smb_tree *tree = smb_tree_find(r, header->session, header->tree);
	if (tree)
		return tree->is_pipe;
	const struct smb_open *open = smb_open_find(r, fuid, len);
	return open && (open->rpc || has_rpc_name(&open->name));
}

static bool is_call_of(const struct smb_tx *tx, const uint8_t *fuid, unsigned len, uint32_t call_id)
{
	return tx->kind == SMB_RPC && tx->call.call_id == call_id && tx->fuid_len == len &&
	       memcmp(tx->fuid, fuid, len) == 0;
}

// The call a fragment goes on with or answers.
static struct smb_tx *find_call(
	struct smb_reader *r, const uint8_t *fuid, unsigned len, const struct dcerpc_header *rpc)
{
	for (struct app_tx *base = r->flow->app.tx_first; base; base = base->next) {
		work_step(1);
		struct smb_tx *tx = (struct smb_tx *)base;
		const struct dcerpc_call *call = &tx->call;
		if (!is_call_of(tx, fuid, len, rpc->call_id))
			continue;
		if (r->direction == TO_SERVER && !call->request_done && call->request == rpc->type)
			return tx;
		if (r->direction == TO_CLIENT && !call->response_done &&
			(call->has_request ? dcerpc_answers(call->request, rpc->type) : call->response == rpc->type))
			return tx;
	}
	return NULL;
}

static void take_fragment(struct smb_reader *r, const struct smb_header *header, struct smb_open *open,
	struct span fragment, const struct dcerpc_header *rpc)
{
	const struct smb_key *key = &open->entry.key;
	struct smb_tx *tx = NULL;
	bool first = r->direction == TO_SERVER && rpc->flags & DCERPC_FIRST_FRAGMENT;
	if (!first)
		tx = find_call(r, key->bytes, key->len, rpc);
	if (!tx && (tx = smb_tx_new(r, header, SMB_RPC))) {
		tx->call.call_id = rpc->call_id;
		memcpy(tx->fuid, key->bytes, key->len);
		tx->fuid_len = key->len;
		bytes_append(r->slab, &tx->name, bytes_span(&open->name), SMB_NAME_MAX);
		if (r->direction == TO_CLIENT)
			smb_request_done(r, tx);
	}
	if (!tx)
		return;
	r->tx = tx;
	dcerpc_call_take(&tx->call, &open->binding, r->slab, fragment, rpc, r->direction, DCERPC_OVER_PIPE);
	if (tx->call.malformed || rpc->type >= DCERPC_TYPES_END)
		smb_malformed(r);
	if (r->direction == TO_SERVER) {
		app_tx_changed(r->flow, &tx->tx, TO_SERVER);
		if (tx->call.request_done)
			smb_request_done(r, tx);
		if (rpc->type != DCERPC_REQUEST && rpc->type != DCERPC_BIND && rpc->type != DCERPC_ALTER_CONTEXT)
			smb_response_done(r, tx); // has no answer
		return;
	}
	smb_set_status(tx, header);
	app_tx_changed(r->flow, &tx->tx, TO_CLIENT);
	if (!tx->call.response_done)
		return;
	endpoints_announce(r->worker->expect, r->flow, &tx->call,
		span_from(fragment, DCERPC_HEADER_BYTES + DCERPC_RESPONSE_BYTES), r->input->now_ns);
	smb_response_done(r, tx);
}

bool smb_pipe_data(
	struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid, unsigned len, struct span data)
{
	struct smb_open *open = smb_open_find(r, fuid, len);
	if (!(open && open->rpc) && !dcerpc_looks_like(data))
		return false;
	if (!open && !(open = smb_open_add(r, fuid, len)))
		return false;
	open->rpc = true;
	struct hold *hold = &open->fragments[r->direction];
	struct span left;
	if (!hold_open(hold, r->slab, data, SLAB_MAX_BLOCK, &left))
		smb_count(r, SMB_COUNT_OVER_BUDGET);
	struct dcerpc_header rpc;
	while (left.len >= DCERPC_HEADER_BYTES) {
		if (!dcerpc_header_read(left, &rpc)) {
			smb_malformed(r);
			left = span_from(left, left.len);
			break;
		}
		if (rpc.fragment_len > left.len)
			break;
		take_fragment(r, header, open, span_slice(left, 0, rpc.fragment_len), &rpc);
		left = span_from(left, rpc.fragment_len);
	}
	if (!hold_keep(hold, r->slab, left, FRAGMENTS_MAX))
		smb_count(r, SMB_COUNT_OVER_BUDGET);
	return true;
}
