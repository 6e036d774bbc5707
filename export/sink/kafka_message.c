// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/sink/kafka_message.h"
#include <assert.h>
#include <stdio.h>
#include "decoders/base/cursor.h"

static_assert(
	sizeof(((struct record *)NULL)->community_id) <= ADDRESS_TEXT_SIZE, "a key holds an address or a community id");

// The internal host's address, else the community id: one host's story lies in one partition, in order.
void kafka_message_of(const struct sink_event *event, struct kafka_message *message)
{
	const struct record *record = event->record;
	*message = (struct kafka_message) { .seq = event->seq, .ts_ns = record->ts_ns };
	snprintf(message->boot, sizeof(message->boot), "%s", event->boot);
	snprintf(message->event_type, sizeof(message->event_type), "%s", record->app_type);
	if (record->has_host)
		address_format(&record->host, true, message->key);
	else
		snprintf(message->key, sizeof(message->key), "%s", record->community_id);
	message->line = span_of(record->line, record->line_len ? record->line_len - 1 : 0);
}

static uint8_t *put_be64(uint8_t *at, uint64_t value)
{
	for (unsigned i = 0; i < 8; i++)
		*at++ = (uint8_t)(value >> (56 - 8 * i));
	return at;
}

static uint8_t *put_text(uint8_t *at, const char *text)
{
	size_t len = strlen(text);
	*at++ = (uint8_t)len;
	memcpy(at, text, len);
	return at + len;
}

uint32_t kafka_message_store(const struct kafka_message *message, uint8_t *bytes)
{
	uint8_t *at = put_be64(bytes, message->seq);
	at = put_be64(at, message->ts_ns);
	at = put_text(at, message->boot);
	at = put_text(at, message->event_type);
	at = put_text(at, message->key);
	memcpy(at, message->line.data, message->line.len);
	return (uint32_t)(at - bytes) + message->line.len;
}

static bool get_text(struct cursor *c, char *text, size_t size)
{
	struct span found = cursor_span(c, cursor_u8(c));
	if (!cursor_ok(c) || found.len >= size)
		return false;
	memcpy(text, found.data, found.len);
	text[found.len] = 0;
	return true;
}

bool kafka_message_load(struct span bytes, struct kafka_message *message)
{
	struct cursor c = cursor_on(bytes);
	message->seq = cursor_be64(&c);
	message->ts_ns = cursor_be64(&c);
	if (!get_text(&c, message->boot, sizeof(message->boot)) ||
		!get_text(&c, message->event_type, sizeof(message->event_type)) ||
		!get_text(&c, message->key, sizeof(message->key)))
		return false;
	message->line = cursor_rest(&c);
	return true;
}

// Appends text to topic, with what Kafka refuses replaced.
static bool append(char *topic, size_t size, size_t *len, const char *text, size_t text_len)
{
	if (text_len >= size - *len)
		return false;
	for (size_t i = 0; i < text_len; i++) {
		char c = text[i];
		bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
			       c == '_' || c == '-';
		topic[(*len)++] = allowed ? c : '_';
	}
	topic[*len] = 0;
	return true;
}

bool kafka_topic_name(const char *template, const char *sensor, const char *event_type, char *topic, size_t size)
{
	const struct {
		const char *name, *value;
	} variables[] = { { "{event_type}", event_type }, { "{sensor}", sensor } };
	size_t len = 0;
	topic[0] = 0;
	while (*template) {
		bool replaced = false;
		for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]) && !replaced; i++) {
			size_t name_len = strlen(variables[i].name);
			if (strncmp(template, variables[i].name, name_len) != 0)
				continue;
			if (!append(topic, size, &len, variables[i].value, strlen(variables[i].value)))
				return false;
			template += name_len;
			replaced = true;
		}
		if (!replaced && !append(topic, size, &len, template ++, 1))
			return false;
	}
	return len > 0;
}
