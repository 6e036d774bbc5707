// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/nfs.h"

FIELD_NUMBER(field_nfs_procedure, APP_NFS, "nfs_procedure", NULL, 32, FIELD_MULTI, NULL, FIELD_WAITING);
FIELD_NUMBER(field_nfs_version, APP_NFS, "nfs.version", "nfs_version", 32, 0, NULL, FIELD_WAITING);
