// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/nfs.h"
#include "decoders/app/nfs/nfs.h"

static bool get_procedure(const struct field_source *source, unsigned index, uint64_t *value)
{
	*value = nfs_tx_of(source->tx)->procedure;
	return index == 0;
}

static bool get_version(const struct field_source *source, unsigned index, uint64_t *value)
{
	*value = nfs_tx_of(source->tx)->version;
	return index == 0;
}

// Calls only, as in Suricata.
#define READ(function)                          \
	{                                       \
		APP_NFS, TO_SERVER, 0, function \
	}

FIELD_NUMBER(field_nfs_procedure, APP_NFS, "nfs_procedure", NULL, 32, FIELD_MULTI, NULL, READ(get_procedure));
FIELD_NUMBER(field_nfs_version, APP_NFS, "nfs.version", "nfs_version", 32, 0, NULL, READ(get_version));
