// SPDX-License-Identifier: GPL-3.0-or-later
// Observation: what a worker saw, as a small record of fixed size. Behaviour knows nothing else: no flow, no packet, no clock.
//
// Life cycle   made at a flow's end or at a probe, carried to behaviour in the record ring (and later over the network), eaten there
// Memory       plain bytes without pointers, copied as they are
#pragma once
#include <assert.h>
#include "decoders/base/address.h"

enum observation_kind {
	OBSERVATION_FLOW_END = 1,
	OBSERVATION_PROBE = 2, // TCP: a flow begins without SYN, ACK and RST, which no TCP sends; at once, flags are 0
};

enum observation_flag {
	OBSERVED_ANSWERED = 1 << 0,    // the server sent something that is no refusal
	OBSERVED_ESTABLISHED = 1 << 1, // TCP: the handshake was done; others: both directions seen
	OBSERVED_SILENT = 1 << 2,      // an opening (SYN, datagram, echo request) that nothing came back to
	OBSERVED_REFUSED = 1 << 3,     // TCP: the server reset the opening
	OBSERVED_HALF_OPEN = 1 << 4,   // TCP: the client reset the opening once the server had taken it
};

struct observation {
	uint64_t start_ns, end_ns; // packet times of the flow's first and last packet
	struct address src, dst;   // src: the client
	uint64_t bytes[2];         // to server, to client
	uint64_t flow_id;
	uint16_t sport, dport; // 0 where the protocol has none
	uint16_t interface;
	uint8_t kind; // enum observation_kind
	uint8_t proto, ip_version;
	uint8_t flags;    // enum observation_flag
	uint8_t silenced; // a bit a signature_id of scans that a suppress line takes out
	uint8_t reserved[5];
};
static_assert(sizeof(struct observation) <= 128, "small enough to send one for every flow");
