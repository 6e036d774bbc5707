// SPDX-License-Identifier: GPL-3.0-or-later
// MQTT 3.1, 3.1.1 and 5.0 over TCP (OASIS). A transaction is a message with those that answer it: CONNECT and CONNACK, PUBLISH and its
// acknowledgements, SUBSCRIBE and SUBACK, UNSUBSCRIBE and UNSUBACK; what needs no answer is one alone. It is inspected, answers included, in the direction
// of its first message, as Suricata does.
//
// Memory       worker's slab: a block a message with its bytes. Messages longer than max-msg-length are passed over, and kept as their head only
// Bounds       MQTT_OPEN_MAX open transactions a flow, MQTT_MESSAGES_MAX messages a transaction
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/mqtt/mqtt_message.h"

#define MQTT_MESSAGE_BYTES (1u << 20) // max-msg-length's preset and most
#define MQTT_OPEN_MAX      1024       // max-tx's preset
#define MQTT_MESSAGES_MAX  128

struct mqtt_kept {
	struct mqtt_kept *next;
	struct mqtt_head head;
	uint8_t version;
	bool truncated;         // longer than is kept: only head is known
	uint32_t skipped_bytes; // of the whole packet, when truncated
	uint32_t len;
	uint8_t bytes[]; // the whole packet
};

struct mqtt_tx {
	struct app_tx tx;
	struct mqtt_kept *first, *last;
	struct mqtt_tx *next_open; // in its bucket, while it waits for an answer
	uint32_t key;              // what the answer will name: packet id, or more than any of a CONNECT
	uint16_t count;
	bool open;
};

enum mqtt_event {
	MQTT_MISSING_CONNECT,
	MQTT_MISSING_PUBLISH,
	MQTT_MISSING_SUBSCRIBE,
	MQTT_MISSING_UNSUBSCRIBE,
	MQTT_DOUBLE_CONNECT,
	MQTT_UNINTRODUCED_MESSAGE,
	MQTT_INVALID_QOS_LEVEL,
	MQTT_MISSING_MSG_ID,
	MQTT_UNASSIGNED_MSG_TYPE,
	MQTT_TOO_MANY_TRANSACTIONS,
	MQTT_MALFORMED_TRAFFIC,
	MQTT_TOO_MANY_MESSAGES,
	MQTT_TOO_MANY_PROPERTIES,
};

extern const struct app_parser mqtt_parser;

static inline const struct mqtt_tx *mqtt_tx_of(const struct app_tx *tx)
{
	return (const struct mqtt_tx *)(const void *)tx;
}

// Reads a kept message again. False: it was truncated or malformed; message then has its head only.
static inline bool mqtt_kept_read(const struct mqtt_kept *kept, struct mqtt_message *message)
{
	if (!kept->truncated && mqtt_message_read(span_of(kept->bytes, kept->len), kept->version, message))
		return true;
	*message = (struct mqtt_message) { .head = kept->head, .version = kept->version };
	return false;
}
