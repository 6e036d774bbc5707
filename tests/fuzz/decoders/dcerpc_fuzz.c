// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a flow of DCE-RPC, over TCP or UDP.
#include "decoders/app/dcerpc/dcerpc.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *base)
{
	(void)flow;
	const struct dcerpc_call *call = &dcerpc_tx_of(base)->call;
	char text[37];
	(void)dcerpc_type_name(call->request);
	(void)dcerpc_type_name(call->response);
	for (unsigned i = 0; i < call->offered_count; i++)
		dcerpc_uuid_text(call->offered[i].uuid, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&dcerpc_parser, data, size, read_all);
}
