// SPDX-License-Identifier: GPL-3.0-or-later
// Sink: where events go. The contract, implemented beside it (file, Kafka) and listed in sink_list.c.
//
// Threads      all calls come from the collector
#pragma once
#include "decoders/base/option.h"
#include "export/record/record.h"

struct sink_config {
	char *directory; // -l
	char *file_name; // outputs.eve-log.filename: eve.json
	bool file_enabled;
	bool file_append;                 // keep what the file holds at start
	char *kafka_brokers;              // outputs.kafka.brokers; NULL off
	char *kafka_topic;                // "sekisho.{event_type}"
	struct option_map kafka_settings; // outputs.kafka.librdkafka.*: handed on
	bool kafka_log;           // events go through a log on disk: what was not delivered is sent by the next run
	uint64_t kafka_log_bytes; // that may take this much
	uint64_t kafka_flush_s;   // longest wait for delivery at the end
	bool kafka_block; // a full queue is waited for, not counted as loss; set by the pipeline for capture files
	char *sensor_name;
};
extern const struct option sink_options[];

struct sink_event {
	const struct record *record;
	uint64_t seq;     // gap-free a sensor and boot, from 1
	const char *boot; // id of this run
};

struct sink {
	const struct sink_kind *kind;
	void *state;
};

struct sink_kind {
	const char *name;
	bool (*wanted)(const struct sink_config *config);
	// NULL with the reason logged.
	void *(*open)(const struct sink_config *config);
	// False: the event was not taken (counted by the collector); never blocks longer than it must.
	bool (*write)(void *state, const struct sink_event *event);
	void (*poll)(void *state); // batch boundary: flush, serve callbacks
	// Delivered for certain, lost for certain so far.
	void (*counts)(const void *state, uint64_t *delivered, uint64_t *lost);
	bool (*close)(void *state); // false: something could not be delivered (logged)
};

extern const struct sink_kind *const sink_kinds[]; // NULL ends
