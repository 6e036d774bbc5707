// SPDX-License-Identifier: GPL-3.0-or-later
// DNP3 over TCP (IEEE 1815-2012): link frames with their checks, the transport function, and the application layer with its objects. A transaction is one
// application message of one side, as in Suricata; link frames without user data and confirmations of the master are passed over.
//
// Memory       worker's slab: the application layer's bytes of a transaction
// Bounds       DNP3_MESSAGE_MAX bytes a message; objects and points as in dnp3_object.h; DNP3_FLOOD requests without an answer
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/dnp3/dnp3_object.h"

#define DNP3_MESSAGE_MAX 8192
#define DNP3_FLOOD       500

enum dnp3_event {
	DNP3_FLOODED,
	DNP3_LEN_TOO_SMALL,
	DNP3_BAD_LINK_CRC,
	DNP3_BAD_TRANSPORT_CRC,
	DNP3_UNKNOWN_OBJECT,
	DNP3_TOO_MANY_POINTS,
	DNP3_TOO_MANY_OBJECTS,
	DNP3_TOO_LONG_REASSEMBLY,
};

struct dnp3_tx {
	struct app_tx tx;
	enum direction from;  // direction the message went
	bool message;         // false: only events
	bool done;            // all of the message is there
	bool complete;        // and all of its objects could be read
	uint8_t link_control; // of its first frame
	uint16_t to, by;      // link addresses
	uint8_t application;  // application control
	uint8_t function;     // application function code
	uint16_t indicators;  // of responses: IIN1 in the high byte, IIN2 in the low
	uint8_t sequence;     // of the transport function, of the last segment
	uint32_t objects;     // read, or begun
	uint32_t len, room;   // of bytes
	uint8_t *bytes;       // the application layer, with its header
};

extern const struct app_parser dnp3_parser;

static inline const struct dnp3_tx *dnp3_tx_of(const struct app_tx *tx)
{
	return (const struct dnp3_tx *)(const void *)tx;
}

// Bytes of the objects; empty while the message is not whole.
static inline struct span dnp3_objects(const struct dnp3_tx *tx)
{
	return tx->done ? span_from(span_of(tx->bytes, tx->len), tx->from == TO_SERVER ? 2 : 4) : (struct span) { 0 };
}
