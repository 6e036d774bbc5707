// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a flow of SMB.
#include "decoders/app/smb/smb.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *base)
{
	const struct smb_tx *tx = smb_tx_of(base);
	char text[37];
	(void)smb_agreed_of(flow);
	(void)(tx->version == 1 ? smb1_command_name(tx->command, text) : smb2_command_name(tx->command, text));
	(void)(tx->dos_status ? smb_dos_status_name(tx->status, text) : smb_status_name(tx->status, text));
	smb_guid_text(tx->fuid, tx->fuid_len, text);
	if (tx->kind == SMB_RPC && tx->call.has_interface)
		dcerpc_uuid_text(tx->call.interface.uuid, text);
	if (tx->kind == SMB_IOCTL)
		(void)smb_function_name(tx->function, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&smb_parser, data, size, read_all);
}
