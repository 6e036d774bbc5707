// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/websocket.h"
#include "decoders/app/websocket/websocket.h"

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

static bool get_opcode(const struct field_source *source, unsigned index, uint64_t *value)
{
	*value = websocket_tx_of(source->tx)->opcode;
	return index == 0;
}

static bool get_mask(const struct field_source *source, unsigned index, uint64_t *value)
{
	*value = websocket_tx_of(source->tx)->mask;
	return index == 0 && websocket_tx_of(source->tx)->has_mask;
}

static bool get_flags(const struct field_source *source, unsigned index, uint64_t *value)
{
	*value = websocket_tx_of(source->tx)->flags;
	return index == 0;
}

static bool get_payload(const struct field_source *source, unsigned index, struct field_value *value)
{
	const struct websocket_tx *ws = websocket_tx_of(source->tx);
	*value = (struct field_value) { .data = { ws->payload, ws->len }, .first = true, .last = true };
	return index == 0;
}

#define READ(function)                                \
	{ APP_WEBSOCKET, TO_SERVER, 1, function },    \
	{                                             \
		APP_WEBSOCKET, TO_CLIENT, 1, function \
	}

FIELD_NUMBER(field_websocket_opcode, APP_WEBSOCKET, "websocket.opcode", NULL, 8, 0, opcode_names, READ(get_opcode));
FIELD_NUMBER(field_websocket_mask, APP_WEBSOCKET, "websocket.mask", NULL, 32, 0, NULL, READ(get_mask));
FIELD_NUMBER(field_websocket_flags, APP_WEBSOCKET, "websocket.flags", NULL, 8, FIELD_BITS, flag_bits, READ(get_flags));
FIELD_BUFFER(
	field_websocket_payload, APP_WEBSOCKET, "websocket.payload", NULL, "websocket payload", 0, READ(get_payload));
