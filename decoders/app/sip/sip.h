// SPDX-License-Identifier: GPL-3.0-or-later
// SIP (RFC 3261) over UDP and TCP, with SDP bodies. Every message is a transaction of its own, in its direction.
//
// Memory       worker's slab: a block a message, with its bytes
// Bounds       SIP_HEAD_MAX bytes of first line and headers, SIP_BODY_MAX of body; what is over is cut or passed over, and counted
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/sip/sdp.h"

#define SIP_HEAD_MAX (64u << 10)
#define SIP_BODY_MAX (128u << 10)

struct sip_message {
	bool response;
	struct span line;                 // the first, without its end
	struct span method, uri, version; // of a request
	struct span code, reason;         // of a response; version too
	struct span headers;              // with their ends, without the empty line
	struct span body;                 // what was kept of it
	struct span sdp;                  // body when it is a description
};

struct sip_tx {
	struct app_tx tx;
	struct sip_message message; // goes into bytes
	uint32_t len;
	uint8_t bytes[];
};

enum sip_event { SIP_INVALID_DATA, SIP_TOO_LONG };

extern const struct app_parser sip_parser;

static inline const struct sip_message *sip_message_of(const struct app_tx *tx)
{
	return &((const struct sip_tx *)(const void *)tx)->message;
}

// Reads one message: bytes are first line, headers, empty line and what there is of the body. False: it is none.
bool sip_message_read(struct span bytes, struct sip_message *message);
// The index-th header of a name, in any case; short is its compact form (RFC 3261 section 7.3.3), 0: none. False: there are fewer.
bool sip_header(const struct sip_message *message, const char *name, char brief, unsigned index, struct span *value);
// Bytes up to and with the empty line that ends the headers, looked for from *from on; 0 when it is not there yet, *from is then where to go on.
uint32_t sip_head_end(struct span data, uint32_t *from);
