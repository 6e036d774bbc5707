// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/mqtt/mqtt_message.h"

const char *mqtt_type_name(uint8_t type)
{
	static const char *const names[16] = { "unassigned", "connect", "connack", "publish", "puback", "pubrec",
		"pubrel", "pubcomp", "subscribe", "suback", "unsubscribe", "unsuback", "pingreq", "pingresp",
		"disconnect", "auth" };
	return names[type & 15];
}

// Variable byte integer, 1 to 4 bytes (5.0 section 1.5.5). c fails when it is cut or longer.
static uint32_t read_variable(struct cursor *c)
{
	uint32_t value = 0;
	for (unsigned shift = 0; shift < 28; shift += 7) {
		uint8_t byte = cursor_u8(c);
		value |= (uint32_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	c->failed = true;
	return 0;
}

static struct span read_text(struct cursor *c)
{
	uint16_t len = cursor_be16(c);
	return cursor_span(c, len);
}

enum mqtt_head_result mqtt_head_read(struct span data, struct mqtt_head *head)
{
	struct cursor c = cursor_on(data);
	uint8_t first = cursor_u8(&c);
	*head = (struct mqtt_head) { .type = first >> 4, .dup = first & 8, .qos = first >> 1 & 3, .retain = first & 1 };
	head->remaining = read_variable(&c);
	head->bytes = (uint8_t)cursor_offset(&c);
	if (cursor_ok(&c))
		return MQTT_HEAD_OK;
	return data.len >= 5 ? MQTT_HEAD_BAD : MQTT_HEAD_MORE;
}

// 5.0 section 2.2.2.2
static const struct {
	uint8_t id, kind;
	const char *name;
} known[] = {
	{ 1, MQTT_BYTE, "payload_format_indicator" },
	{ 2, MQTT_FOUR, "message_expiry_interval" },
	{ 3, MQTT_TEXT, "content_type" },
	{ 8, MQTT_TEXT, "response_topic" },
	{ 9, MQTT_BINARY, "correlation_data" },
	{ 11, MQTT_VARIABLE, "subscription_identifier" },
	{ 17, MQTT_FOUR, "session_expiry_interval" },
	{ 18, MQTT_TEXT, "assigned_client_identifier" },
	{ 19, MQTT_TWO, "server_keep_alive" },
	{ 21, MQTT_TEXT, "authentication_method" },
	{ 22, MQTT_BINARY, "authentication_data" },
	{ 23, MQTT_BYTE, "request_problem_information" },
	{ 24, MQTT_FOUR, "will_delay_interval" },
	{ 25, MQTT_BYTE, "request_response_information" },
	{ 26, MQTT_TEXT, "response_information" },
	{ 28, MQTT_TEXT, "server_reference" },
	{ 31, MQTT_TEXT, "reason_string" },
	{ 33, MQTT_TWO, "receive_maximum" },
	{ 34, MQTT_TWO, "topic_alias_maximum" },
	{ 35, MQTT_TWO, "topic_alias" },
	{ 36, MQTT_BYTE, "maximum_qos" },
	{ 37, MQTT_BYTE, "retain_available" },
	{ 38, MQTT_PAIR, "user_property" },
	{ 39, MQTT_FOUR, "maximum_packet_size" },
	{ 40, MQTT_BYTE, "wildcard_subscription_available" },
	{ 41, MQTT_BYTE, "subscription_identifier_available" },
	{ 42, MQTT_BYTE, "shared_subscription_available" },
};

bool mqtt_property_next(struct span properties, uint32_t *at, struct mqtt_property *property)
{
	struct cursor c = cursor_on(span_from(properties, *at));
	uint32_t id = read_variable(&c);
	*property = (struct mqtt_property) { 0 };
	for (unsigned i = 0; cursor_ok(&c) && i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].id != id)
			continue;
		property->name = known[i].name;
		property->kind = known[i].kind;
		switch (property->kind) {
		case MQTT_BYTE: property->number = cursor_u8(&c); break;
		case MQTT_TWO: property->number = cursor_be16(&c); break;
		case MQTT_FOUR: property->number = cursor_be32(&c); break;
		case MQTT_VARIABLE: property->number = read_variable(&c); break;
		case MQTT_TEXT:
		case MQTT_BINARY: property->text = read_text(&c); break;
		case MQTT_PAIR:
			property->text = read_text(&c);
			property->value = read_text(&c);
			break;
		}
		*at += cursor_offset(&c);
		return cursor_ok(&c);
	}
	return false;
}

// A length and that many bytes of properties.
static struct span read_properties(struct cursor *c, struct mqtt_message *m)
{
	uint32_t len = read_variable(c);
	struct span all = cursor_span(c, len);
	struct mqtt_property property;
	uint32_t at = 0;
	for (unsigned count = 0; at < all.len; count++) {
		if (count == MQTT_PROPERTIES_MAX) {
			m->too_many_properties = true;
			return span_slice(all, 0, at);
		}
		if (!mqtt_property_next(all, &at, &property)) {
			m->malformed = true;
			return span_slice(all, 0, at > all.len ? 0 : at);
		}
	}
	return all;
}

static void read_connect(struct cursor *c, struct mqtt_message *m)
{
	m->protocol = read_text(c);
	m->version = cursor_u8(c);
	m->connect_flags = cursor_u8(c);
	cursor_be16(c); // keep alive
	if (m->version == 5)
		m->properties = read_properties(c, m);
	m->client_id = read_text(c);
	if (m->connect_flags & MQTT_WILL) {
		if (m->version == 5)
			m->will_properties = read_properties(c, m);
		m->will_topic = read_text(c);
		m->will_message = read_text(c);
	}
	if (m->connect_flags & MQTT_USERNAME)
		m->username = read_text(c);
	if (m->connect_flags & MQTT_PASSWORD)
		m->password = read_text(c);
}

static void read_reason(struct cursor *c, struct mqtt_message *m)
{
	m->reason = cursor_u8(c);
	m->has_reason = true;
}

static void read_id(struct cursor *c, struct mqtt_message *m)
{
	m->id = cursor_be16(c);
	m->has_id = true;
}

static void read_publish(struct cursor *c, struct mqtt_message *m)
{
	m->topic = read_text(c);
	if (m->head.qos > 0)
		read_id(c, m);
	if (m->version == 5)
		m->properties = read_properties(c, m);
	m->message = cursor_rest(c);
}

// What acknowledges a publication: version 5 may leave the reason out for 0 (3.4.2.1).
static void read_acknowledgement(struct cursor *c, struct mqtt_message *m)
{
	read_id(c, m);
	if (m->version == 5 && cursor_left(c)) {
		read_reason(c, m);
		if (cursor_left(c))
			m->properties = read_properties(c, m);
	}
}

static void read_list(struct cursor *c, struct mqtt_message *m)
{
	read_id(c, m);
	if (m->version == 5)
		m->properties = read_properties(c, m);
	m->topics = cursor_rest(c);
}

static void read_ending(struct cursor *c, struct mqtt_message *m)
{
	if (m->version != 5 && m->head.type != MQTT_AUTH)
		return;
	m->has_reason = true;
	uint8_t reason = cursor_left(c) ? cursor_u8(c) : 0;
	// A reason without properties behind it is told as 0, as Suricata does
	if (!cursor_left(c))
		return;
	m->reason = reason;
	m->properties = read_properties(c, m);
}

bool mqtt_message_read(struct span bytes, uint8_t version, struct mqtt_message *m)
{
	*m = (struct mqtt_message) { .version = version };
	if (mqtt_head_read(bytes, &m->head) != MQTT_HEAD_OK)
		return false;
	struct cursor c = cursor_on(span_from(bytes, m->head.bytes));
	switch ((enum mqtt_type)m->head.type) {
	case MQTT_CONNECT: read_connect(&c, m); break;
	case MQTT_CONNACK:
		m->session_present = cursor_u8(&c) & 1;
		read_reason(&c, m);
		if (version == 5 && cursor_left(&c))
			m->properties = read_properties(&c, m);
		break;
	case MQTT_PUBLISH: read_publish(&c, m); break;
	case MQTT_PUBACK:
	case MQTT_PUBREC:
	case MQTT_PUBREL:
	case MQTT_PUBCOMP: read_acknowledgement(&c, m); break;
	case MQTT_SUBSCRIBE:
	case MQTT_SUBACK:
	case MQTT_UNSUBSCRIBE:
	case MQTT_UNSUBACK: read_list(&c, m); break;
	case MQTT_DISCONNECT:
	case MQTT_AUTH: read_ending(&c, m); break;
	case MQTT_UNASSIGNED:
	case MQTT_PINGREQ:
	case MQTT_PINGRESP: break;
	}
	return cursor_ok(&c) && !m->malformed;
}

bool mqtt_topic_next(const struct mqtt_message *m, uint32_t *at, struct span *topic, uint8_t *options)
{
	struct cursor c = cursor_on(span_from(m->topics, *at));
	*topic = read_text(&c);
	*options = m->head.type == MQTT_SUBSCRIBE ? cursor_u8(&c) : 0;
	*at += cursor_offset(&c);
	return cursor_ok(&c);
}
