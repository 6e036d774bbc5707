// SPDX-License-Identifier: GPL-3.0-or-later
// One IKE message: its header, payloads, and the transforms of a Security Association payload in the forms of both versions.
//
// Memory       none: what is read borrows the message's bytes
// Threads      pure
#pragma once
#include "decoders/base/cursor.h"

#define IKE_HEAD_BYTES 28
#define IKE_PAYLOADS   64
#define IKE_TRANSFORMS 64

enum ike_flag { IKE_ENCRYPTED = 0x01, IKE_INITIATOR = 0x08, IKE_RESPONSE = 0x20 };

enum ike_payload_type {
	IKE1_SA = 1,
	IKE1_KEY_EXCHANGE = 4,
	IKE1_NONCE = 10,
	IKE1_VENDOR = 13,
	IKE2_SA = 33,
	IKE2_KEY_EXCHANGE = 34,
	IKE2_NONCE = 40,
	IKE2_NOTIFY = 41,
	IKE2_VENDOR = 43,
	IKE2_ENCRYPTED = 46,
	IKE2_ENCRYPTED_FRAGMENT = 53,
};

struct ike_message {
	struct span init_spi, resp_spi; // 8 bytes each
	uint8_t first, major, minor, exchange, flags;
	uint32_t id, len;
	struct span payloads;
};

// False: no header of version 1 or 2.
bool ike_message_read(struct span bytes, struct ike_message *message);

struct ike_payload {
	uint8_t type;
	struct span body;
};

// The next payload, from { 0 }. False: no more; broken then tells whether the chain was cut.
struct ike_chain {
	bool started, broken;
	uint8_t next; // type of the next payload
	uint32_t at;
	unsigned count;
};
bool ike_payload_next(const struct ike_message *message, struct ike_chain *chain, struct ike_payload *payload);
// The first payload of a type.
bool ike_payload_find(const struct ike_message *message, uint8_t type, struct span *body);

// A transform: version 1 has attributes, version 2 type and id, and attributes.
struct ike_transform {
	unsigned proposal; // its number in order, from 0
	uint8_t type;      // version 2
	uint16_t id;
	struct span attributes;
};

struct ike_transforms {
	struct span rest, inside; // proposals, transforms of the one in hand
	uint8_t major;
	unsigned proposals, count;
};

// body: of an SA payload.
void ike_transforms_begin(uint8_t major, struct span body, struct ike_transforms *transforms);
bool ike_transform_next(struct ike_transforms *transforms, struct ike_transform *transform);

struct ike_attribute {
	uint16_t type;
	uint64_t value; // of up to 8 bytes
	struct span bytes;
};
bool ike_attribute_next(struct span attributes, uint32_t *at, struct ike_attribute *attribute);
