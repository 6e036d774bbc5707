// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/websocket.h"

static const struct field_name opcode_names[] = {
	{ "continuation", 0 },
	{ "text", 1 },
	{ "binary", 2 },
	{ "connection_close", 8 },
	{ "close", 8 },
	{ "ping", 9 },
	{ "pong", 10 },
	{ NULL, 0 },
};

static const struct field_name flag_bits[] = {
	{ "fin", 0x80 },
	{ "comp", 0x40 },
	{ NULL, 0 },
};

FIELD_NUMBER(field_websocket_opcode, APP_WEBSOCKET, "websocket.opcode", NULL, 8, 0, opcode_names, FIELD_WAITING);
FIELD_NUMBER(field_websocket_mask, APP_WEBSOCKET, "websocket.mask", NULL, 32, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_websocket_flags, APP_WEBSOCKET, "websocket.flags", NULL, 8, FIELD_BITS, flag_bits, FIELD_WAITING);
FIELD_BUFFER(field_websocket_payload, APP_WEBSOCKET, "websocket.payload", NULL, "websocket payload", 0, FIELD_WAITING);
