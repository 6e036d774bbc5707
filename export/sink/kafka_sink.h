// SPDX-License-Identifier: GPL-3.0-or-later
// Kafka sink: events to topics through librdkafka, at least once.
//
// Topic        from a template; characters Kafka does not allow become '_'
// Key          the internal host's address, else the community id, so that one host's story lies in one partition, in order
// Headers      sensor, boot, seq, event_type, schema: (sensor, boot, seq) lets a consumer drop repeats
// Memory       librdkafka's queue, bounded by its queue.buffering.max.*. Policy when full: the event is lost and counted, or waited for
//              when the config says so
// Errors       every delivery is reported and counted; what was not delivered at the end is told
#pragma once
#include "export/sink/sink.h"

#define KAFKA_SCHEMA "eve-8" // value of the header "schema"

extern const struct sink_kind kafka_sink_kind;

// Exposed for tests: the topic of event_type by template into topic (size bytes). False when it does not fit.
bool kafka_topic_name(const char *template, const char *sensor, const char *event_type, char *topic, size_t size);
