// SPDX-License-Identifier: GPL-3.0-or-later
// EVE's "dcerpc" object, and the parts of it that SMB's has too.
//
// Threads      const table
#pragma once
#include "decoders/app/dcerpc/dcerpc_call.h"
#include "export/eve/eve_app.h"

extern const struct eve_app eve_dcerpc;

// "interfaces": of a bind those offered, of a call its own; nothing when there are none. reasons: with the server's ack_reason.
void eve_dcerpc_interfaces(struct json *json, const struct dcerpc_call *call, bool reasons);
