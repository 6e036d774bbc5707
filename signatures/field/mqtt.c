// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/mqtt.h"
#include "decoders/app/mqtt/mqtt.h"
#include "signatures/field/argument.h"
#include <ctype.h>

static const struct field_name type_names[] = {
	{ "unassigned", 0 },
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
	if (!argument_yes_no(span_text(arguments), data) || isdigit((unsigned char)*arguments) ||
		tolower((unsigned char)arguments[0]) == 'o')
		return "expected yes, true, no or false";
	return NULL;
}

// The nth message of the transaction's that is of one of the types in mask (bit 1 << type), read again. False: there are fewer.
static bool find_message(const struct field_source *source, unsigned mask, unsigned index, struct mqtt_message *m)
{
	for (const struct mqtt_kept *kept = mqtt_tx_of(source->tx)->first; kept; kept = kept->next)
		if (mask & 1u << kept->head.type && index-- == 0)
			return mqtt_kept_read(kept, m);
	return false;
}

// A text of the transaction's one message of a type.
#define GET_TEXT(function, type, member)                                                                          \
	static bool function(const struct field_source *source, unsigned index, struct field_value *value)        \
	{                                                                                                         \
		struct mqtt_message m;                                                                            \
		return index == 0 && find_message(source, 1u << (type), 0, &m) && field_present(value, m.member); \
	}

GET_TEXT(get_client_id, MQTT_CONNECT, client_id)
GET_TEXT(get_username, MQTT_CONNECT, username)
GET_TEXT(get_password, MQTT_CONNECT, password)
GET_TEXT(get_protocol, MQTT_CONNECT, protocol)
GET_TEXT(get_will_topic, MQTT_CONNECT, will_topic)
GET_TEXT(get_will_message, MQTT_CONNECT, will_message)
GET_TEXT(get_topic, MQTT_PUBLISH, topic)
GET_TEXT(get_message, MQTT_PUBLISH, message)

#define TOPICS_MAX 100 // of a message that are inspected (subscribe-topic-match-limit's preset in Suricata)

static bool get_nth_topic(const struct field_source *source, unsigned type, unsigned index, struct field_value *value)
{
	struct mqtt_message m;
	struct span topic;
	uint8_t options;
	uint32_t at = 0;
	if (index >= TOPICS_MAX || !find_message(source, 1u << type, 0, &m))
		return false;
	for (unsigned i = 0; mqtt_topic_next(&m, &at, &topic, &options); i++)
		if (i == index)
			return field_present(value, topic);
	return false;
}

static bool get_subscribed(const struct field_source *source, unsigned index, struct field_value *value)
{
	return get_nth_topic(source, MQTT_SUBSCRIBE, index, value);
}

static bool get_unsubscribed(const struct field_source *source, unsigned index, struct field_value *value)
{
	return get_nth_topic(source, MQTT_UNSUBSCRIBE, index, value);
}

static const struct mqtt_kept *nth_kept(const struct field_source *source, unsigned index)
{
	const struct mqtt_kept *kept = mqtt_tx_of(source->tx)->first;
	while (kept && index--)
		kept = kept->next;
	return kept;
}

static bool get_type(const struct field_source *source, unsigned index, uint64_t *value)
{
	const struct mqtt_kept *kept = nth_kept(source, index);
	if (kept)
		*value = kept->head.type;
	return kept != NULL;
}

static bool get_flags(const struct field_source *source, unsigned index, uint64_t *value)
{
	const struct mqtt_kept *kept = nth_kept(source, index);
	if (kept)
		*value = (kept->head.dup ? 8u : 0) | (kept->head.retain ? 1u : 0);
	return kept != NULL;
}

// Codes of the messages that carry one: CONNACK's, acknowledgements', and each of SUBACK and UNSUBACK.
static bool get_reason(const struct field_source *source, unsigned index, uint64_t *value)
{
	for (const struct mqtt_kept *kept = mqtt_tx_of(source->tx)->first; kept; kept = kept->next) {
		struct mqtt_message m;
		if (!mqtt_kept_read(kept, &m))
			continue;
		bool list = m.head.type == MQTT_SUBACK || m.head.type == MQTT_UNSUBACK;
		unsigned codes = list ? m.topics.len : m.has_reason;
		if (index < codes) {
			*value = list ? m.topics.data[index] : m.reason;
			return true;
		}
		index -= codes;
	}
	return false;
}

static bool get_version(const struct field_source *source, unsigned index, uint64_t *value)
{
	const struct mqtt_kept *kept = mqtt_tx_of(source->tx)->last;
	struct mqtt_message m;
	if (index || !kept)
		return false;
	*value = kept->version;
	if (find_message(source, 1u << MQTT_CONNECT, 0, &m))
		*value = m.version;
	return *value != 0;
}

static bool get_connect_flags(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct mqtt_message m;
	if (!find_message(source, 1u << MQTT_CONNECT, index, &m))
		return false;
	*value = m.connect_flags;
	return true;
}

static bool match_qos(const struct field_source *source, const void *data)
{
	for (const struct mqtt_kept *kept = mqtt_tx_of(source->tx)->first; kept; kept = kept->next)
		if (kept->head.qos == *(const uint8_t *)data)
			return true;
	return false;
}

static bool match_session_present(const struct field_source *source, const void *data)
{
	struct mqtt_message m;
	return find_message(source, 1u << MQTT_CONNACK, 0, &m) && m.session_present == *(const bool *)data;
}

// Suricata inspects MQTT towards the server only, once a transaction is done; so do we.
#define READ(function)                           \
	{                                        \
		APP_MQTT, TO_SERVER, 1, function \
	}

FIELD_NUMBER(field_mqtt_type, APP_MQTT, "mqtt.type", NULL, 8, FIELD_MULTI, type_names, READ(get_type));
FIELD_NUMBER(field_mqtt_reason_code, APP_MQTT, "mqtt.reason_code", "mqtt.connack.return_code", 8, FIELD_MULTI, NULL,
	READ(get_reason));
FIELD_NUMBER(field_mqtt_protocol_version, APP_MQTT, "mqtt.protocol_version", NULL, 8, 0, NULL, READ(get_version));
FIELD_NUMBER(field_mqtt_flags, APP_MQTT, "mqtt.flags", NULL, 8, FIELD_MULTI | FIELD_BITS, header_bits, READ(get_flags));
FIELD_NUMBER(field_mqtt_connect_flags, APP_MQTT, "mqtt.connect.flags", NULL, 8, FIELD_MULTI | FIELD_BITS, connect_bits,
	READ(get_connect_flags));
FIELD_TEST(field_mqtt_qos, APP_MQTT, "mqtt.qos", NULL, parse_qos, READ(match_qos));
FIELD_TEST(field_mqtt_connack_session_present, APP_MQTT, "mqtt.connack.session_present", NULL, parse_session_present,
	READ(match_session_present));
FIELD_BUFFER(field_mqtt_connect_clientid, APP_MQTT, "mqtt.connect.clientid", NULL, "mqtt connect clientid", 0,
	READ(get_client_id));
FIELD_BUFFER(field_mqtt_connect_username, APP_MQTT, "mqtt.connect.username", NULL, "mqtt connect username", 0,
	READ(get_username));
FIELD_BUFFER(field_mqtt_connect_password, APP_MQTT, "mqtt.connect.password", NULL, "mqtt connect password", 0,
	READ(get_password));
FIELD_BUFFER(field_mqtt_connect_protocol_string, APP_MQTT, "mqtt.connect.protocol_string", NULL,
	"mqtt connect protocol string", 0, READ(get_protocol));
FIELD_BUFFER(field_mqtt_connect_willtopic, APP_MQTT, "mqtt.connect.willtopic", NULL, "mqtt connect willtopic", 0,
	READ(get_will_topic));
FIELD_BUFFER(field_mqtt_connect_willmessage, APP_MQTT, "mqtt.connect.willmessage", NULL, "mqtt connect willmessage", 0,
	READ(get_will_message));
FIELD_BUFFER(field_mqtt_publish_topic, APP_MQTT, "mqtt.publish.topic", NULL, "mqtt publish topic", 0, READ(get_topic));
FIELD_BUFFER(field_mqtt_publish_message, APP_MQTT, "mqtt.publish.message", NULL, "mqtt publish message", 0,
	READ(get_message));
FIELD_BUFFER(field_mqtt_subscribe_topic, APP_MQTT, "mqtt.subscribe.topic", NULL, "mqtt subscribe topic", FIELD_MULTI,
	READ(get_subscribed));
FIELD_BUFFER(field_mqtt_unsubscribe_topic, APP_MQTT, "mqtt.unsubscribe.topic", NULL, "mqtt unsubscribe topic",
	FIELD_MULTI, READ(get_unsubscribed));
