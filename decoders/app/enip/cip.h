// SPDX-License-Identifier: GPL-3.0-or-later
// CIP explicit messages (CIP volume 1, chapter 2 and appendix C): requests with their paths, responses with their status, and the messages inside a
// Multiple Service Packet.
//
// Memory       none: a message borrows the bytes it was read from
// Bounds       CIP_PARTS_MAX messages in one; paths are at most 510 bytes
// Threads      pure
#pragma once
#include "decoders/base/cursor.h"

#define CIP_PARTS_MAX 64

// Services (appendix A-3)
#define CIP_GET_ATTRIBUTE_LIST 0x03
#define CIP_MULTIPLE_SERVICE   0x0a

struct cip_message {
	bool response;
	uint8_t service;      // without the response's bit
	struct span path;     // of requests
	uint8_t status;       // of responses
	struct span extended; // of responses: 16 bit words
	struct span data;
};

bool cip_message_read(struct span bytes, struct cip_message *message);

// The next message in a Multiple Service Packet, *index from 0. False: no more, or none of it is one.
bool cip_part_next(const struct cip_message *message, unsigned *index, struct cip_message *part);

enum cip_segment_kind { CIP_CLASS, CIP_INSTANCE, CIP_MEMBER, CIP_CONNECTION_POINT, CIP_ATTRIBUTE, CIP_OTHER };

struct cip_segment {
	enum cip_segment_kind kind;
	uint8_t type; // the segment's first byte
	uint32_t value;
};

// The next logical segment of a path, *at from 0. False: no more, or something that is not one (symbols, ports, keys).
bool cip_segment_next(struct span path, uint32_t *at, struct cip_segment *segment);
