// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of DCE-RPC calls, over TCP and UDP and in the pipes of SMB.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define DCERPC_BUFFERS(X) X(field_dcerpc_stub_data)
#define DCERPC_TESTS(X)       \
	X(field_dcerpc_iface) \
	X(field_dcerpc_opnum)

DCERPC_BUFFERS(FIELD_DECLARE_BUFFER)
DCERPC_TESTS(FIELD_DECLARE_TEST)
