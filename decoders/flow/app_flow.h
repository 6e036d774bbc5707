// SPDX-License-Identifier: GPL-3.0-or-later
// The application's part of a flow: which protocol it speaks, the parser's state, and its transactions.
#pragma once
#include "decoders/flow/app_proto.h"
#include "decoders/base/span.h"
#include "decoders/packet/packet.h"

struct app_frames;
struct app_parser;
struct app_tx;

enum app_flow_flag {
	APP_DETECT_DONE_TS = 1 << 0, // protocol detection is over in this direction
	APP_DETECT_DONE_TC = 1 << 1,
	APP_STOPPED_TS = 1 << 2, // parser takes no more of this direction
	APP_STOPPED_TC = 1 << 3,
	APP_PARSER_ERROR = 1 << 4,
	APP_ENCRYPTED = 1 << 5, // TLS past its handshake: payload is not inspected any more
	APP_ENDED_TS = 1 << 6,  // end of stream told to the parser
	APP_ENDED_TC = 1 << 7,
	APP_NEW_TX_DATA = 1 << 8, // something changed since the last inspection
	APP_EVENTS_NEW = 1 << 9,
	APP_CHANGED = 1 << 11, // STARTTLS, CONNECT, upgrade: original protocol in proto_original
	APP_HINTED = 1 << 12,
	APP_NAMED = 1 << 13,    // nDPI is done with the flow, whether it found a name or not
	APP_FIRST_TS = 1 << 14, // the flow's first data went to the server ...
	APP_FIRST_TC = 1 << 15, // ... or to the client
	APP_OFFERED = 1 << 16,  // protocol found; the other direction's earlier data is to be parsed before this one's
	APP_CHANGING = 1 << 17, // protocol change asked for: old transactions end, then detection starts anew
	APP_TX_OVER = 1 << 18,  // a transaction was refused: too many live, or no memory
	APP_EXPECT_CERTAIN = 1 << 19, // after a protocol change anything but proto_expected is an event
	APP_BLIND_TS = 1 << 20,       // the direction's start was lost: it cannot say what it speaks
	APP_BLIND_TC = 1 << 21,
	APP_FRAMES = 1 << 22,      // rules or events ask for frames of its protocol
	APP_LOOKED_UP = 1 << 23,   // whether another flow announced it was asked
	APP_STORE_TS = 1 << 24,    // a rule wants all files of the flow that go to the server stored, from here on ...
	APP_STORE_TC = 1 << 25,    // ... or to the client
	APP_WHOLE_FILES = 1 << 26, // its files are stored or looked up: limits on what is inspected do not cut them
	APP_OVER_MEMORY =
		1 << 27, // its parser held more than a flow may: it gets no more, what it holds is to be told and freed
	APP_NAMES_TS = 1 << 28, // its parser had data since a packet to the server had what it names read ...
	APP_NAMES_TC = 1 << 29, // ... and one to the client
};

struct app_flow {
	uint8_t proto;          // enum app_proto: what the parser claims
	uint8_t proto_dir[2];   // what the bytes of each direction said; APP_UNKNOWN, APP_FAILED
	uint8_t proto_expected; // after a protocol change: what should follow
	uint8_t proto_original;
	uint16_t ndpi_master; // nDPI's numbers once it has named the flow; 0 unknown
	uint32_t flags;       // enum app_flow_flag
	uint16_t ndpi_proto, ndpi_category;
	uint64_t ndpi_risks;
	const struct app_parser *parser;
	void *state;                       // parser's
	struct app_handover *handover;     // app/handover.h: from the parser before; NULL: nothing
	struct app_frames *frames;         // app_frame.h; NULL while there are none
	struct app_tx *tx_first, *tx_last; // live transactions, oldest first
	uint64_t tx_count;                 // ever made; the next id
	uint32_t tx_live;
	uint32_t tx_max; // live transactions allowed, from config
	uint64_t taken_bytes[2];
	uint64_t
		held_bytes; // of the slab by parser, state and transactions: taken less given back while they were at work
	uint32_t events;    // flow-level app-layer events: bit of enum app_layer_event
	uint32_t events_logged;
};
