// SPDX-License-Identifier: GPL-3.0-or-later
// One MQTT control packet (OASIS MQTT 3.1.1 section 2 and 5.0 section 2; 3.1 too): its parts as spans of its bytes.
//
// Memory       none: a message borrows the bytes it was read from
// Threads      pure
#pragma once
#include "decoders/base/cursor.h"

enum mqtt_type {
	MQTT_UNASSIGNED,
	MQTT_CONNECT,
	MQTT_CONNACK,
	MQTT_PUBLISH,
	MQTT_PUBACK,
	MQTT_PUBREC,
	MQTT_PUBREL,
	MQTT_PUBCOMP,
	MQTT_SUBSCRIBE,
	MQTT_SUBACK,
	MQTT_UNSUBSCRIBE,
	MQTT_UNSUBACK,
	MQTT_PINGREQ,
	MQTT_PINGRESP,
	MQTT_DISCONNECT,
	MQTT_AUTH,
};

#define MQTT_PROPERTIES_MAX 64 // of a message; more are malformed

// The fixed header: type, flags, remaining length.
struct mqtt_head {
	uint8_t type; // enum mqtt_type
	uint8_t qos;
	bool dup, retain;
	uint8_t bytes;      // of the fixed header
	uint32_t remaining; // bytes after it
};

enum mqtt_head_result { MQTT_HEAD_OK, MQTT_HEAD_MORE, MQTT_HEAD_BAD };
enum mqtt_head_result mqtt_head_read(struct span data, struct mqtt_head *head);

enum mqtt_connect_flag {
	MQTT_CLEAN_SESSION = 0x02,
	MQTT_WILL = 0x04,
	MQTT_WILL_RETAIN = 0x20,
	MQTT_PASSWORD = 0x40,
	MQTT_USERNAME = 0x80,
};

struct mqtt_message {
	struct mqtt_head head;
	// CONNECT
	struct span protocol, client_id, will_topic, will_message, username, password;
	struct span will_properties;
	uint8_t version, connect_flags;
	// CONNACK, and the reason codes of others
	bool session_present, has_reason;
	uint8_t reason;
	// PUBLISH and what answers it; SUBSCRIBE, UNSUBSCRIBE and their answers
	bool has_id;
	uint16_t id;
	struct span topic, message;
	struct span
		topics; // SUBSCRIBE: text and options byte each; UNSUBSCRIBE: texts; SUBACK, UNSUBACK: a code a byte
	struct span properties;              // version 5
	bool malformed, too_many_properties; // properties were left out
};

// bytes: a whole packet, head included, of a session of this version (3, 4, 5; a CONNECT brings its own). False: malformed.
bool mqtt_message_read(struct span bytes, uint8_t version, struct mqtt_message *message);

// The next topic of SUBSCRIBE (options set) or UNSUBSCRIBE, *at from 0. False: no more.
bool mqtt_topic_next(const struct mqtt_message *message, uint32_t *at, struct span *topic, uint8_t *options);

enum mqtt_property_kind { MQTT_BYTE, MQTT_TWO, MQTT_FOUR, MQTT_VARIABLE, MQTT_TEXT, MQTT_BINARY, MQTT_PAIR };

struct mqtt_property {
	const char *name; // "receive_maximum"
	enum mqtt_property_kind kind;
	uint32_t number;
	struct span text, value; // PAIR: name and value
};

// The next of properties, *at from 0. False: no more, or malformed.
bool mqtt_property_next(struct span properties, uint32_t *at, struct mqtt_property *property);

const char *mqtt_type_name(uint8_t type); // "connect"
