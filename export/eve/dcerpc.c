// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/dcerpc.h"
#include <stdio.h>
#include "decoders/app/dcerpc/dcerpc.h"

static void write_interface(struct json *json, const struct dcerpc_interface *interface, bool reasons)
{
	char text[37];
	json_put_object(json, NULL);
	dcerpc_uuid_text(interface->uuid, text);
	json_put_text(json, "uuid", text);
	snprintf(text, sizeof text, "%u.%u", interface->version, interface->version_minor);
	json_put_text(json, "version", text);
	if (interface->acked || !reasons)
		json_put_uint(json, "ack_result", interface->result);
	if (interface->acked && reasons)
		json_put_uint(json, "ack_reason", interface->reason);
	json_object_end(json);
}

void eve_dcerpc_interfaces(struct json *json, const struct dcerpc_call *call, bool reasons)
{
	bool own = call->has_request && call->request == DCERPC_REQUEST && call->has_interface;
	bool offered = call->has_request && call->request == DCERPC_BIND && call->offered_count;
	if (!own && !offered)
		return;
	json_put_array(json, "interfaces");
	if (own)
		write_interface(json, &call->interface, reasons);
	for (unsigned i = 0; offered && i < call->offered_count; i++)
		write_interface(json, &call->offered[i], reasons);
	json_array_end(json);
}

static void write_request(struct json *json, const struct dcerpc_tx *tx)
{
	const struct dcerpc_call *call = &tx->call;
	if (!call->has_request || tx->request_lost || !call->request_done) {
		json_put_text(json, "request", "REQUEST_LOST");
		return;
	}
	json_put_text(json, "request", dcerpc_type_name(call->request));
	if (call->request == DCERPC_REQUEST) {
		json_put_object(json, "req");
		json_put_uint(json, "opnum", call->opnum);
		json_put_uint(json, "frag_cnt", call->fragments[TO_SERVER]);
		json_put_uint(json, "stub_data_size", call->stub_size[TO_SERVER]);
		json_object_end(json);
	}
	if (!tx->datagram)
		eve_dcerpc_interfaces(json, call, false);
}

static void write_response(struct json *json, const struct dcerpc_tx *tx)
{
	const struct dcerpc_call *call = &tx->call;
	if (!call->has_response || tx->response_lost || !call->response_done) {
		json_put_text(json, "response", "UNREPLIED");
		return;
	}
	json_put_text(json, "response", dcerpc_type_name(call->response));
	if (call->response != DCERPC_RESPONSE)
		return;
	json_put_object(json, "res");
	json_put_uint(json, "frag_cnt", call->fragments[TO_CLIENT]);
	json_put_uint(json, "stub_data_size", call->stub_size[TO_CLIENT]);
	json_object_end(json);
}

static bool eve_dcerpc_write(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *base, unsigned part, bool in_alert)
{
	(void)config, (void)flow, (void)in_alert;
	if (part > 0)
		return false;
	const struct dcerpc_tx *tx = dcerpc_tx_of(base);
	char text[37];
	json_put_object(json, "dcerpc");
	write_request(json, tx);
	write_response(json, tx);
	if (tx->datagram) {
		dcerpc_uuid_text(tx->activity_told, text);
		json_put_text(json, "activityuuid", text);
		json_put_uint(json, "seqnum", tx->sequence);
	} else {
		json_put_uint(json, "call_id", tx->call.call_id);
	}
	snprintf(text, sizeof text, "%u.%u", tx->major, tx->minor);
	json_put_text(json, "rpc_version", text);
	json_object_end(json);
	return true;
}

const struct eve_app eve_dcerpc = { .proto = APP_DCERPC, .event_type = "dcerpc", .write = eve_dcerpc_write };
