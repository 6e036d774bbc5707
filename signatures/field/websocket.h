// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of WebSocket frames.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define WEBSOCKET_BUFFERS(X) X(field_websocket_payload)
#define WEBSOCKET_NUMBERS(X)      \
	X(field_websocket_opcode) \
	X(field_websocket_mask)   \
	X(field_websocket_flags)

WEBSOCKET_BUFFERS(FIELD_DECLARE_BUFFER)
WEBSOCKET_NUMBERS(FIELD_DECLARE_NUMBER)
