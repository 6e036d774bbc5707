// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/mqtt.h"
#include <stdio.h>
#include <stdlib.h>
#include "decoders/app/mqtt/mqtt.h"

#define TEXT_BYTES_PRESET 1024 // string-log-limit
#define TEXT_BYTES_MAX    (64u << 10)
#define LIST_MAX          256 // topics and codes told of a message

struct log {
	struct json *json;
	uint32_t text_max; // bytes of a text that are told
	bool passwords;
};

static uint32_t text_limit(const struct eve_config *config)
{
	const char *value = eve_setting(config, "mqtt", "string-log-limit");
	if (!value)
		return TEXT_BYTES_PRESET;
	char *unit;
	unsigned long limit = strtoul(value, &unit, 10);
	while (*unit == ' ')
		unit++;
	if ((*unit | 0x20) == 'k')
		limit <<= 10;
	else if ((*unit | 0x20) == 'm')
		limit <<= 20;
	return limit < TEXT_BYTES_MAX ? (uint32_t)limit : TEXT_BYTES_MAX;
}

static void put_text(const struct log *log, const char *key, struct span text)
{
	json_put_limited(log->json, key, text, log->text_max);
}

static void put_properties(const struct log *log, struct span properties)
{
	if (!properties.len)
		return;
	struct mqtt_property p;
	json_put_object(log->json, "properties");
	for (uint32_t at = 0; at < properties.len && mqtt_property_next(properties, &at, &p);) {
		char name[64];
		switch (p.kind) {
		case MQTT_TEXT:
		case MQTT_BINARY: put_text(log, p.name, p.text); break;
		case MQTT_PAIR:
			snprintf(name, sizeof(name), "%.*s", (int)p.text.len, (const char *)p.text.data);
			put_text(log, name, p.value);
			break;
		default: json_put_uint(log->json, p.name, p.number); break;
		}
	}
	json_object_end(log->json);
}

static void put_topics(const struct log *log, const struct mqtt_message *m)
{
	struct span topic;
	uint8_t options;
	uint32_t at = 0;
	json_put_array(log->json, "topics");
	for (unsigned i = 0; i < LIST_MAX && mqtt_topic_next(m, &at, &topic, &options); i++) {
		if (m->head.type == MQTT_UNSUBSCRIBE) {
			put_text(log, NULL, topic);
			continue;
		}
		json_put_object(log->json, NULL);
		put_text(log, "topic", topic);
		json_put_uint(log->json, "qos", options & 3);
		json_object_end(log->json);
	}
	json_array_end(log->json);
}

static void put_codes(const struct log *log, const char *key, struct span codes)
{
	json_put_array(log->json, key);
	for (uint32_t i = 0; i < codes.len && i < LIST_MAX; i++)
		json_put_uint(log->json, NULL, codes.data[i]);
	json_array_end(log->json);
}

static void put_connect(const struct log *log, const struct mqtt_message *m)
{
	struct json *json = log->json;
	put_text(log, "protocol_string", m->protocol);
	json_put_uint(json, "protocol_version", m->version);
	json_put_object(json, "flags");
	json_put_bool(json, "username", m->connect_flags & MQTT_USERNAME);
	json_put_bool(json, "password", m->connect_flags & MQTT_PASSWORD);
	json_put_bool(json, "will", m->connect_flags & MQTT_WILL);
	json_put_bool(json, "will_retain", m->connect_flags & MQTT_WILL_RETAIN);
	json_put_bool(json, "clean_session", m->connect_flags & MQTT_CLEAN_SESSION);
	json_object_end(json);
	put_text(log, "client_id", m->client_id);
	if (m->connect_flags & MQTT_USERNAME)
		put_text(log, "username", m->username);
	if (m->connect_flags & MQTT_PASSWORD && log->passwords)
		put_text(log, "password", m->password);
	if (m->connect_flags & MQTT_WILL) {
		json_put_object(json, "will");
		put_text(log, "topic", m->will_topic);
		put_text(log, "message", m->will_message);
		put_properties(log, m->will_properties);
		json_object_end(json);
	}
}

static void put_parts(const struct log *log, const struct mqtt_message *m)
{
	struct json *json = log->json;
	switch (m->head.type) {
	case MQTT_CONNECT: put_connect(log, m); break;
	case MQTT_CONNACK:
		json_put_bool(json, "session_present", m->session_present);
		json_put_uint(json, "return_code", m->reason);
		break;
	case MQTT_PUBLISH:
		put_text(log, "topic", m->topic);
		if (m->has_id)
			json_put_uint(json, "message_id", m->id);
		put_text(log, "message", m->message);
		break;
	case MQTT_SUBSCRIBE:
	case MQTT_UNSUBSCRIBE:
		json_put_uint(json, "message_id", m->id);
		put_topics(log, m);
		break;
	case MQTT_SUBACK:
		json_put_uint(json, "message_id", m->id);
		put_codes(log, "qos_granted", m->topics);
		break;
	case MQTT_UNSUBACK:
		json_put_uint(json, "message_id", m->id);
		if (m->version == 5)
			put_codes(log, "reason_codes", m->topics);
		break;
	default:
		if (m->has_id)
			json_put_uint(json, "message_id", m->id);
		if (m->has_reason)
			json_put_uint(json, "reason_code", m->reason);
		break;
	}
	put_properties(log, m->properties);
}

static void put_message(const struct log *log, const struct mqtt_kept *kept)
{
	struct mqtt_message m;
	bool good = mqtt_kept_read(kept, &m);
	json_put_object(log->json, mqtt_type_name(kept->head.type));
	json_put_uint(log->json, "qos", kept->head.qos);
	json_put_bool(log->json, "retain", kept->head.retain);
	json_put_bool(log->json, "dup", kept->head.dup);
	if (kept->truncated) {
		json_put_bool(log->json, "truncated", true);
		json_put_uint(log->json, "skipped_length", kept->skipped_bytes);
	} else if (good) {
		put_parts(log, &m);
	}
	json_object_end(log->json);
}

static bool write_mqtt(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	(void)flow, (void)in_alert;
	if (part)
		return false;
	const char *passwords = eve_setting(config, "mqtt", "passwords");
	struct log log = { json, text_limit(config), !passwords || strcasecmp(passwords, "no") != 0 };
	json_put_object(json, "mqtt");
	unsigned told = 0; // types: a message sent again would be the same member twice
	for (const struct mqtt_kept *kept = mqtt_tx_of(tx)->first; kept; kept = kept->next) {
		if (kept->head.type == MQTT_UNASSIGNED || told & 1u << kept->head.type)
			continue;
		told |= 1u << kept->head.type;
		put_message(&log, kept);
	}
	json_object_end(json);
	return true;
}

static bool wanted(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	const struct mqtt_kept *kept = mqtt_tx_of(tx)->first;
	return kept && kept->head.type != MQTT_UNASSIGNED;
}

const struct eve_app eve_mqtt = { .proto = APP_MQTT, .event_type = "mqtt", .write = write_mqtt, .wanted = wanted };
