// SPDX-License-Identifier: GPL-3.0-or-later
// Kafka sink: events to topics through librdkafka, at least once.
//
// Topic        from a template; characters Kafka does not allow become '_'
// Key          the internal host's address, else the community id, so that one host's story lies in one partition, in order
// Headers      sensor, boot, seq, event_type, schema: (sensor, boot, seq) lets a consumer drop repeats
// Event log    with outputs.kafka.event-log an event is appended to the log on disk, sent from there, and forgotten when the broker has it; brokers
//              that are away, and our own end, lose nothing
// Memory       librdkafka's queue, bounded by its queue.buffering.max.*, and KAFKA_IN_FLIGHT events under way. Policy when full: with the log,
//              events wait there; without, an event is lost and counted, or waited for when the config says so
// Errors       every delivery is reported and counted; what was not delivered at the end is told
#pragma once
#include "export/sink/sink.h"

#define KAFKA_SCHEMA    "eve-8"    // value of the header "schema"
#define KAFKA_IN_FLIGHT (1u << 17) // a power of two

extern const struct sink_kind kafka_sink_kind;
