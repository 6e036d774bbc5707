// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of MQTT: fixed header, CONNECT, CONNACK, PUBLISH and topics.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define MQTT_BUFFERS(X)                       \
	X(field_mqtt_connect_clientid)        \
	X(field_mqtt_connect_username)        \
	X(field_mqtt_connect_password)        \
	X(field_mqtt_connect_protocol_string) \
	X(field_mqtt_connect_willtopic)       \
	X(field_mqtt_connect_willmessage)     \
	X(field_mqtt_publish_topic)           \
	X(field_mqtt_publish_message)         \
	X(field_mqtt_subscribe_topic)         \
	X(field_mqtt_unsubscribe_topic)
#define MQTT_NUMBERS(X)                \
	X(field_mqtt_type)             \
	X(field_mqtt_reason_code)      \
	X(field_mqtt_protocol_version) \
	X(field_mqtt_flags)            \
	X(field_mqtt_connect_flags)
#define MQTT_TESTS(X)     \
	X(field_mqtt_qos) \
	X(field_mqtt_connack_session_present)

MQTT_BUFFERS(FIELD_DECLARE_BUFFER)
MQTT_NUMBERS(FIELD_DECLARE_NUMBER)
MQTT_TESTS(FIELD_DECLARE_TEST)
