// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as an NFS session.
#include "decoders/app/nfs/nfs.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	const struct nfs_tx *nfs = nfs_tx_of(tx);
	(void)nfs_procedure_name(nfs->version, nfs->procedure);
	(void)nfs_status_name(nfs->version, nfs->status);
	(void)nfs_handle_hash(&nfs->handle);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&nfs_parser, data, size, read_all);
}
