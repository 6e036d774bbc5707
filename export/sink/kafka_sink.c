// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/sink/kafka_sink.h"
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "decoders/base/log.h"

#define TOPICS_MAX     64  // event types; more share the last handle's slow path
#define TOPIC_NAME_MAX 250 // Kafka takes 249 characters
#define FULL_WAIT_MS   50  // between looks at a full queue

struct kafka_topic {
	char event_type[sizeof(((struct record *)NULL)->app_type)];
	rd_kafka_topic_t *topic;
};

struct kafka_sink {
	rd_kafka_t *producer;
	const struct sink_config *config;
	char sensor[256];
	struct kafka_topic topics[TOPICS_MAX];
	unsigned topic_count;
	uint64_t sent, delivered, lost;
	bool told_full, told_failed;
};

static bool kafka_wanted(const struct sink_config *config)
{
	return config->kafka_brokers != NULL;
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

static void on_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque)
{
	struct kafka_sink *sink = opaque;
	(void)producer;
	if (!message->err) {
		sink->delivered++;
		return;
	}
	sink->lost++;
	if (!sink->told_failed)
		log_error("kafka: an event was not delivered: %s; further losses are counted",
			rd_kafka_err2str(message->err));
	sink->told_failed = true;
}

static void on_log(const rd_kafka_t *producer, int level, const char *facility, const char *text)
{
	(void)producer;
	log_message(level <= 3 ? LOG_WARNING : LOG_DEBUG, "kafka: %s: %s", facility, text);
}

static bool configure(rd_kafka_conf_t *conf, const struct sink_config *config)
{
	const struct option_pair presets[] = {
		{ (char *)(uintptr_t) "bootstrap.servers", config->kafka_brokers },
		{ (char *)(uintptr_t) "client.id",
			config->sensor_name ? config->sensor_name : (char *)(uintptr_t) "sekisho" },
		{ (char *)(uintptr_t) "enable.idempotence",
			(char *)(uintptr_t) "true" }, // in order and without repeats while the producer lives
		{ (char *)(uintptr_t) "linger.ms", (char *)(uintptr_t) "50" },
		{ (char *)(uintptr_t) "compression.codec", (char *)(uintptr_t) "lz4" },
		{ (char *)(uintptr_t) "queue.buffering.max.messages", (char *)(uintptr_t) "200000" },
		{ (char *)(uintptr_t) "queue.buffering.max.kbytes", (char *)(uintptr_t) "262144" },
	};
	const struct {
		const struct option_pair *pairs;
		size_t count;
	} sets[] = { { presets, sizeof(presets) / sizeof(presets[0]) },
		{ config->kafka_settings.pairs, config->kafka_settings.count } };
	char reason[512];
	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; i < sets[s].count; i++)
			if (rd_kafka_conf_set(conf, sets[s].pairs[i].key, sets[s].pairs[i].value, reason,
				    sizeof(reason)) != RD_KAFKA_CONF_OK) {
				log_error("kafka: %s", reason);
				return false;
			}
	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	rd_kafka_conf_set_log_cb(conf, on_log);
	return true;
}

static void *kafka_open(const struct sink_config *config)
{
	char reason[512], topic[TOPIC_NAME_MAX];
	struct kafka_sink *sink = calloc(1, sizeof(*sink));
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	if (!sink || !conf || !configure(conf, config))
		goto failed;
	sink->config = config;
	if (config->sensor_name)
		snprintf(sink->sensor, sizeof(sink->sensor), "%s", config->sensor_name);
	else if (gethostname(sink->sensor, sizeof(sink->sensor) - 1) < 0)
		snprintf(sink->sensor, sizeof(sink->sensor), "sekisho");
	if (!config->kafka_topic ||
		!kafka_topic_name(config->kafka_topic, sink->sensor, "bittorrent_dht", topic, sizeof(topic))) {
		log_error("outputs.kafka.topic gives no topic name Kafka takes: \"%s\"",
			config->kafka_topic ? config->kafka_topic : "");
		goto failed;
	}
	rd_kafka_conf_set_opaque(conf, sink);
	sink->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason));
	if (!sink->producer) {
		log_error("kafka: %s", reason);
		goto failed;
	}
	return sink;
failed:
	if (conf)
		rd_kafka_conf_destroy(conf);
	free(sink);
	return NULL;
}

static rd_kafka_topic_t *topic_of(struct kafka_sink *sink, const char *event_type)
{
	char name[TOPIC_NAME_MAX];
	for (unsigned i = 0; i < sink->topic_count; i++)
		if (strcmp(sink->topics[i].event_type, event_type) == 0)
			return sink->topics[i].topic;
	if (sink->topic_count == TOPICS_MAX ||
		!kafka_topic_name(sink->config->kafka_topic, sink->sensor, event_type, name, sizeof(name)))
		return NULL;
	struct kafka_topic *made = &sink->topics[sink->topic_count];
	made->topic = rd_kafka_topic_new(sink->producer, name, NULL);
	if (!made->topic)
		return NULL;
	snprintf(made->event_type, sizeof(made->event_type), "%s", event_type);
	sink->topic_count++;
	return made->topic;
}

static rd_kafka_headers_t *headers_of(
	const struct kafka_sink *sink, const struct sink_event *event, const char *event_type)
{
	rd_kafka_headers_t *headers = rd_kafka_headers_new(5);
	char seq[24];
	snprintf(seq, sizeof(seq), "%llu", (unsigned long long)event->seq);
	rd_kafka_header_add(headers, "sensor", -1, sink->sensor, -1);
	rd_kafka_header_add(headers, "boot", -1, event->boot, -1);
	rd_kafka_header_add(headers, "seq", -1, seq, -1);
	rd_kafka_header_add(headers, "event_type", -1, event_type, -1);
	rd_kafka_header_add(headers, "schema", -1, KAFKA_SCHEMA, -1);
	return headers;
}

// One try. False with the queue full, or with another error in failed.
static bool produce(
	struct kafka_sink *sink, const struct sink_event *event, rd_kafka_topic_t *topic, const char *key, bool *full)
{
	const struct record *record = event->record;
	rd_kafka_headers_t *headers = headers_of(sink, event, record->app_type);
	size_t len = record->line_len ? record->line_len - 1 : 0; // without the newline
	rd_kafka_resp_err_t error = rd_kafka_producev(sink->producer, RD_KAFKA_V_RKT(topic),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE((void *)(uintptr_t)record->line, len),
		RD_KAFKA_V_KEY(*key ? key : NULL, strlen(key)),
		RD_KAFKA_V_TIMESTAMP((int64_t)(record->ts_ns / 1000000)), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
	if (!error)
		return true;
	rd_kafka_headers_destroy(headers); // taken only with the message
	*full = error == RD_KAFKA_RESP_ERR__QUEUE_FULL;
	if (!*full && !sink->told_failed) {
		log_error("kafka: an event was not taken: %s; further losses are counted", rd_kafka_err2str(error));
		sink->told_failed = true;
	}
	return false;
}

static bool kafka_write(void *state, const struct sink_event *event)
{
	struct kafka_sink *sink = state;
	const struct record *record = event->record;
	char host[ADDRESS_TEXT_SIZE];
	const char *key = record->community_id;
	if (record->has_host) {
		address_format(&record->host, true, host);
		key = host;
	}
	rd_kafka_topic_t *topic = topic_of(sink, record->app_type);
	bool full = false, taken = false;
	while (topic && !(taken = produce(sink, event, topic, key, &full)) && full && sink->config->kafka_block)
		rd_kafka_poll(sink->producer, FULL_WAIT_MS);
	if (taken) {
		sink->sent++;
		return true;
	}
	sink->lost++;
	if (full && !sink->told_full)
		log_warning("kafka: the queue to the brokers is full; events are being lost, and counted");
	sink->told_full |= full;
	return false;
}

static void kafka_poll(void *state)
{
	struct kafka_sink *sink = state;
	rd_kafka_poll(sink->producer, 0);
}

static void kafka_counts(const void *state, uint64_t *delivered, uint64_t *lost)
{
	const struct kafka_sink *sink = state;
	*delivered = sink->delivered;
	*lost = sink->lost;
}

static bool kafka_close(void *state)
{
	struct kafka_sink *sink = state;
	uint64_t wait_ms = sink->config->kafka_flush_s * 1000;
	rd_kafka_flush(sink->producer, wait_ms > 3600000 ? 3600000 : (int)wait_ms);
	uint64_t left = (uint64_t)rd_kafka_outq_len(sink->producer);
	bool good = left == 0 && sink->lost == 0;
	if (left)
		log_error("kafka: %llu events were not delivered to %s within %llu s", (unsigned long long)left,
			sink->config->kafka_brokers, (unsigned long long)sink->config->kafka_flush_s);
	if (sink->lost)
		log_error("kafka: %llu events were lost on their way to %s", (unsigned long long)sink->lost,
			sink->config->kafka_brokers);
	if (left)
		rd_kafka_purge(sink->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	for (unsigned i = 0; i < sink->topic_count; i++)
		rd_kafka_topic_destroy(sink->topics[i].topic);
	rd_kafka_destroy(sink->producer);
	free(sink);
	return good;
}

const struct sink_kind kafka_sink_kind = {
	.name = "kafka",
	.wanted = kafka_wanted,
	.open = kafka_open,
	.write = kafka_write,
	.poll = kafka_poll,
	.counts = kafka_counts,
	.close = kafka_close,
};
