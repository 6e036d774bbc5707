// SPDX-License-Identifier: GPL-3.0-or-later
// Kafka message: what of an event goes to a broker, and its form in the event log.
#pragma once
#include "decoders/base/span.h"
#include "export/sink/sink.h"

struct kafka_message {
	uint64_t seq, ts_ns;
	char boot[40];
	char event_type[24];
	char key[ADDRESS_TEXT_SIZE]; // "" none
	struct span line;            // without its newline; borrowed
};

#define KAFKA_STORED_MAX (RECORD_LINE_MAX + 256)

void kafka_message_of(const struct sink_event *event, struct kafka_message *message);
// Into bytes (KAFKA_STORED_MAX); gives the length.
uint32_t kafka_message_store(const struct kafka_message *message, uint8_t *bytes);
// False: not what store wrote. line lies in bytes.
bool kafka_message_load(struct span bytes, struct kafka_message *message);

// The topic of event_type by template into topic (size bytes). False when it does not fit.
bool kafka_topic_name(const char *template, const char *sensor, const char *event_type, char *topic, size_t size);
