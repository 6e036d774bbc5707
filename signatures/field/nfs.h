// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of NFS.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define NFS_NUMBERS(X)         \
	X(field_nfs_procedure) \
	X(field_nfs_version)

NFS_NUMBERS(FIELD_DECLARE_NUMBER)
