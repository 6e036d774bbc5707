// SPDX-License-Identifier: GPL-3.0-or-later
// WebSocket (RFC 6455) after an upgrade from HTTP/1, with permessage-deflate (RFC 7692). Each frame is a transaction in its own direction; the last one of a
// fragmented message has the payload of all.
//
// Memory       worker's slab: a block a frame; per direction what a message has so far, and a decompressor once a message is compressed
// Bounds       max-payload-size of a frame, of a message and of what it unfolds to
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"

#define WEBSOCKET_PAYLOAD_PRESET 65535u

enum websocket_opcode {
	WEBSOCKET_CONTINUATION = 0,
	WEBSOCKET_TEXT = 1,
	WEBSOCKET_BINARY = 2,
	WEBSOCKET_CLOSE = 8,
	WEBSOCKET_PING = 9,
	WEBSOCKET_PONG = 10,
};

#define WEBSOCKET_FIN        0x80
#define WEBSOCKET_COMPRESSED 0x40

struct websocket_tx {
	struct app_tx tx;
	uint8_t flags; // upper half of the first byte
	uint8_t opcode;
	bool has_mask;
	uint32_t mask;
	uint32_t len;
	uint8_t payload[]; // unmasked; of a message's last frame whole and decompressed
};

enum websocket_event {
	WEBSOCKET_SKIP_END_OF_PAYLOAD,
	WEBSOCKET_REASSEMBLY_LIMIT_REACHED,
};

extern const struct app_parser websocket_parser;

static inline const struct websocket_tx *websocket_tx_of(const struct app_tx *tx)
{
	return (const struct websocket_tx *)(const void *)tx;
}

const char *websocket_opcode_name(uint8_t opcode); // NULL: none we know
