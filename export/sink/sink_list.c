// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/sink/file_sink.h"
#include "export/sink/kafka_sink.h"

#define AT(member) offsetof(struct sink_config, member)

const struct option sink_options[] = {
	{ "outputs.eve-log.enabled", OPTION_BOOL, AT(file_enabled), "yes", 0, 0, NULL, CHANGE_RESTART,
		"events as a file, one JSON object a line" },
	{ "outputs.eve-log.filename", OPTION_STRING, AT(file_name), "eve.json", 0, 0, NULL, CHANGE_RESTART,
		"its name, in the folder of -l when it has none of its own; - is standard output" },
	{ "outputs.eve-log.append", OPTION_BOOL, AT(file_append), "yes", 0, 0, NULL, CHANGE_RESTART,
		"keep what the file holds at start" },
	{ "outputs.kafka.brokers", OPTION_STRING, AT(kafka_brokers), NULL, 0, 0, NULL, CHANGE_RESTART,
		"host:port of Kafka brokers, by commas; unset: no Kafka" },
	{ "outputs.kafka.topic", OPTION_STRING, AT(kafka_topic), "sekisho.{event_type}", 0, 0, NULL, CHANGE_RESTART,
		"topic of an event; {event_type} and {sensor} are filled in" },
	{ "outputs.kafka.flush-timeout", OPTION_SECONDS, AT(kafka_flush_s), "30", 0, 3600, NULL, CHANGE_RESTART,
		"longest wait for the brokers at the end" },
	{ "outputs.kafka.block-when-full", OPTION_BOOL, AT(kafka_block), "no", 0, 0, NULL, CHANGE_RESTART,
		"wait when the queue to the brokers is full instead of losing events (capture files always wait)" },
	{ "outputs.kafka.event-log", OPTION_BOOL, AT(kafka_log), "yes", 0, 0, NULL, CHANGE_RESTART,
		"keep events on disk, in the folder log beside the event file, until they are delivered; the next run "
		"sends what is left" },
	{ "outputs.kafka.event-log-size", OPTION_SIZE, AT(kafka_log_bytes), "1 GiB", 64 << 20, 0, NULL, CHANGE_RESTART,
		"bytes that log may take; over it the oldest events are lost, and counted" },
	{ "outputs.kafka.librdkafka.*", OPTION_MAP, AT(kafka_settings), NULL, 0, 0, NULL, CHANGE_RESTART,
		"settings handed on to librdkafka: security.protocol, sasl.username, queue.buffering.max.kbytes ..." },
	{ "sensor-name", OPTION_STRING, AT(sensor_name), NULL, 0, 0, NULL, CHANGE_RESTART,
		"name of this sensor: \"host\" of every event, \"sensor\" in Kafka's headers" },
	{ 0 },
};

const struct sink_kind *const sink_kinds[] = { &file_sink_kind, &kafka_sink_kind, NULL };
