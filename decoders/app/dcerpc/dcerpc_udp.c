// SPDX-License-Identifier: GPL-3.0-or-later
// DCE-RPC in datagrams (C706 12.5): calls are told apart by activity and sequence number, and by their kind, whichever way they travel.
#include "decoders/app/dcerpc/dcerpc.h"

static struct dcerpc_tx *find_tx(struct flow *flow, const struct dcerpc_datagram *m, enum direction side)
{
	for (struct app_tx *base = flow->app.tx_first; base; base = base->next) {
		work_step(1);
		struct dcerpc_tx *tx = (struct dcerpc_tx *)base;
		if (tx->datagram && tx->sequence == m->sequence && !tx->tx.progress[side] &&
			memcmp(tx->activity, m->activity, sizeof m->activity) == 0)
			return tx;
	}
	return NULL;
}

static struct dcerpc_tx *new_tx(struct app_input *input, const struct dcerpc_datagram *m, enum direction side)
{
	struct dcerpc_worker *worker = input->shared;
	struct dcerpc_tx *tx = (struct dcerpc_tx *)app_tx_new(input->flow, input->slab, sizeof *tx, input->now_ns, 3);
	if (!tx) {
		worker->counters[DCERPC_COUNT_OVER_BUDGET]++;
		return NULL;
	}
	tx->datagram = true;
	tx->major = 4;
	tx->sequence = m->sequence;
	memcpy(tx->activity, m->activity, sizeof m->activity);
	memcpy(tx->activity_told, m->activity_told, sizeof m->activity_told);
	tx->call.little = m->little;
	if (side == TO_CLIENT) {
		tx->request_lost = true;
		tx->tx.progress[TO_SERVER] = 1;
	}
	return tx;
}

void dcerpc_take_datagram(struct app_input *input)
{
	struct dcerpc_worker *worker = input->shared;
	struct dcerpc_datagram m;
	struct span stub;
	if (!dcerpc_datagram_read(input->data, &m, &stub)) {
		worker->counters[DCERPC_COUNT_MALFORMED]++;
		return;
	}
	if (m.type != DCERPC_REQUEST && m.type != DCERPC_RESPONSE) {
		worker->counters[DCERPC_COUNT_UNSUPPORTED]++;
		return;
	}
	enum direction side = m.type == DCERPC_REQUEST ? TO_SERVER : TO_CLIENT;
	struct dcerpc_tx *tx = find_tx(input->flow, &m, side);
	if (!tx)
		tx = new_tx(input, &m, side);
	if (!tx)
		return;
	struct dcerpc_call *call = &tx->call;
	bool last = !(m.flags1 & DCERPC_DATAGRAM_FRAGMENT) || m.flags1 & DCERPC_DATAGRAM_LAST_FRAGMENT;
	dcerpc_call_add_stub(call, input->slab, stub, side);
	if (side == TO_SERVER) {
		call->has_request = true;
		call->request = m.type;
		call->opnum = m.opnum;
		call->has_interface = true;
		call->interface = (struct dcerpc_interface) { .acked = true,
			.version = (uint16_t)m.interface_version,
			.version_minor = (uint16_t)(m.interface_version >> 16) };
		memcpy(call->interface.uuid, m.interface, sizeof m.interface);
		call->request_done = last;
	} else {
		call->has_response = true;
		call->response = m.type;
		call->response_done = last;
	}
	tx->tx.last_ns = input->now_ns;
	dcerpc_tx_progress(input->flow, tx, side);
}
