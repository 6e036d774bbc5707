// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/mqtt.h"
#include "signatures/field/argument.h"

static const struct field_name type_names[] = {
	{ "connect", 1 },
	{ "connack", 2 },
	{ "publish", 3 },
	{ "puback", 4 },
	{ "pubrec", 5 },
	{ "pubrel", 6 },
	{ "pubcomp", 7 },
	{ "subscribe", 8 },
	{ "suback", 9 },
	{ "unsubscribe", 10 },
	{ "unsuback", 11 },
	{ "pingreq", 12 },
	{ "pingresp", 13 },
	{ "disconnect", 14 },
	{ "auth", 15 },
	{ NULL, 0 },
};

static const struct field_name header_bits[] = {
	{ "dup", 0x8 },
	{ "retain", 0x1 },
	{ NULL, 0 },
};

static const struct field_name connect_bits[] = {
	{ "username", 0x80 },
	{ "password", 0x40 },
	{ "will_retain", 0x20 },
	{ "will", 0x4 },
	{ "clean_session", 0x2 },
	{ NULL, 0 },
};

// mqtt.qos: 0, 1 or 2.
static const char *parse_qos(const char *arguments, void *data)
{
	uint64_t qos;
	if (!argument_number(span_text(arguments), 2, &qos))
		return "expected 0, 1 or 2";
	*(uint8_t *)data = (uint8_t)qos;
	return NULL;
}

static const char *parse_session_present(const char *arguments, void *data)
{
	return argument_yes_no(span_text(arguments), data) ? NULL : "expected yes or no";
}

FIELD_NUMBER(field_mqtt_type, APP_MQTT, "mqtt.type", NULL, 8, FIELD_MULTI, type_names, FIELD_WAITING);
FIELD_NUMBER(field_mqtt_reason_code, APP_MQTT, "mqtt.reason_code", "mqtt.connack.return_code", 8, FIELD_MULTI, NULL,
	FIELD_WAITING);
FIELD_NUMBER(field_mqtt_protocol_version, APP_MQTT, "mqtt.protocol_version", NULL, 8, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_mqtt_flags, APP_MQTT, "mqtt.flags", NULL, 8, FIELD_MULTI | FIELD_BITS, header_bits, FIELD_WAITING);
FIELD_NUMBER(field_mqtt_connect_flags, APP_MQTT, "mqtt.connect.flags", NULL, 8, FIELD_MULTI | FIELD_BITS, connect_bits,
	FIELD_WAITING);
FIELD_TEST(field_mqtt_qos, APP_MQTT, "mqtt.qos", NULL, parse_qos, FIELD_WAITING);
FIELD_TEST(field_mqtt_connack_session_present, APP_MQTT, "mqtt.connack.session_present", NULL, parse_session_present,
	FIELD_WAITING);
FIELD_BUFFER(field_mqtt_connect_clientid, APP_MQTT, "mqtt.connect.clientid", NULL, "mqtt connect clientid", 0,
	FIELD_WAITING);
FIELD_BUFFER(field_mqtt_connect_username, APP_MQTT, "mqtt.connect.username", NULL, "mqtt connect username", 0,
	FIELD_WAITING);
FIELD_BUFFER(field_mqtt_connect_password, APP_MQTT, "mqtt.connect.password", NULL, "mqtt connect password", 0,
	FIELD_WAITING);
FIELD_BUFFER(field_mqtt_connect_protocol_string, APP_MQTT, "mqtt.connect.protocol_string", NULL,
	"mqtt connect protocol string", 0, FIELD_WAITING);
FIELD_BUFFER(field_mqtt_connect_willtopic, APP_MQTT, "mqtt.connect.willtopic", NULL, "mqtt connect willtopic", 0,
	FIELD_WAITING);
FIELD_BUFFER(field_mqtt_connect_willmessage, APP_MQTT, "mqtt.connect.willmessage", NULL, "mqtt connect willmessage", 0,
	FIELD_WAITING);
FIELD_BUFFER(field_mqtt_publish_topic, APP_MQTT, "mqtt.publish.topic", NULL, "mqtt publish topic", 0, FIELD_WAITING);
FIELD_BUFFER(
	field_mqtt_publish_message, APP_MQTT, "mqtt.publish.message", NULL, "mqtt publish message", 0, FIELD_WAITING);
FIELD_BUFFER(field_mqtt_subscribe_topic, APP_MQTT, "mqtt.subscribe.topic", NULL, "mqtt subscribe topic", FIELD_MULTI,
	FIELD_WAITING);
FIELD_BUFFER(field_mqtt_unsubscribe_topic, APP_MQTT, "mqtt.unsubscribe.topic", NULL, "mqtt unsubscribe topic",
	FIELD_MULTI, FIELD_WAITING);
