// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/sink/kafka_sink.h"
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "export/log/event_log.h"
#include "export/sink/kafka_message.h"

#define TOPICS_MAX      64  // event types
#define TOPIC_NAME_MAX  250 // Kafka takes 249 characters
#define FULL_WAIT_MS    50  // between looks at a full queue
#define LOG_SEGMENT     (16u << 20)
#define CURSOR_EVERY_NS NS_PER_S

struct kafka_topic {
	char event_type[sizeof(((struct record *)NULL)->app_type)];
	rd_kafka_topic_t *topic;
};

// Events of the log under way: a position is delivered when all before it are.
struct in_flight {
	uint64_t first, next; // counts; slot is count % KAFKA_IN_FLIGHT
	struct {
		uint64_t end; // position after the event
		bool done;
	} slots[KAFKA_IN_FLIGHT];
};

struct kafka_sink {
	rd_kafka_t *producer;
	const struct sink_config *config;
	char sensor[256];
	struct kafka_topic topics[TOPICS_MAX];
	unsigned topic_count;
	uint64_t delivered, lost;
	bool told_full, told_failed;
	// With the event log
	struct event_log *log;
	struct in_flight *flight;
	bool held; // held_message was read and is to be sent
	struct kafka_message held_message;
	uint64_t held_end, cursor_saved_ns;
	uint8_t stored[KAFKA_STORED_MAX];
};

static bool kafka_wanted(const struct sink_config *config)
{
	return config->kafka_brokers != NULL;
}

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return ns_of((uint64_t)now.tv_sec, (uint64_t)now.tv_nsec);
}

static void event_done(struct kafka_sink *sink, uint64_t count)
{
	struct in_flight *flight = sink->flight;
	flight->slots[count % KAFKA_IN_FLIGHT].done = true;
	while (flight->first < flight->next && flight->slots[flight->first % KAFKA_IN_FLIGHT].done)
		event_log_delivered(sink->log, flight->slots[flight->first++ % KAFKA_IN_FLIGHT].end);
}

static void on_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque)
{
	struct kafka_sink *sink = opaque;
	(void)producer;
	// What is given up at the end stays in the log, and is not lost.
	bool given_up =
		message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE || message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
	if (given_up)
		return;
	if (sink->log)
		event_done(sink, (uint64_t)(uintptr_t)message->_private);
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
	const struct {
		const char *key, *value;
	} presets[] = {
		{ "bootstrap.servers", config->kafka_brokers },
		{ "client.id", config->sensor_name ? config->sensor_name : "sekisho" },
		{ "enable.idempotence", "true" }, // in order and without repeats while the producer lives
		{ "linger.ms", "50" }, { "compression.codec", "lz4" }, { "queue.buffering.max.messages", "100000" },
		{ "queue.buffering.max.kbytes", "262144" },
		{ "message.timeout.ms",
			config->kafka_log ? "0" : "300000" }, // what is in the log can wait for its broker
	};
	char reason[512];
	bool good = true;
	for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]) && good; i++)
		good = rd_kafka_conf_set(conf, presets[i].key, presets[i].value, reason, sizeof(reason)) ==
		       RD_KAFKA_CONF_OK;
	for (size_t i = 0; i < config->kafka_settings.count && good; i++)
		good = rd_kafka_conf_set(conf, config->kafka_settings.pairs[i].key,
			       config->kafka_settings.pairs[i].value, reason, sizeof(reason)) == RD_KAFKA_CONF_OK;
	if (!good)
		log_error("kafka: %s", reason);
	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	rd_kafka_conf_set_log_cb(conf, on_log);
	return good;
}

static bool open_log(struct kafka_sink *sink)
{
	char path[PATH_MAX];
	if (!sink->config->kafka_log)
		return true;
	snprintf(path, sizeof(path), "%s/log", sink->config->directory ? sink->config->directory : ".");
	sink->flight = calloc(1, sizeof(*sink->flight));
	sink->log = sink->flight ? event_log_open(path, LOG_SEGMENT, sink->config->kafka_log_bytes) : NULL;
	if (sink->log && event_log_cursor(sink->log) < event_log_head(sink->log))
		log_notice("kafka: %" PRIu64 " bytes of events wait in %s since an earlier run",
			event_log_head(sink->log) - event_log_cursor(sink->log), path);
	return sink->log != NULL;
}

static bool name_sensor(struct kafka_sink *sink)
{
	char topic[TOPIC_NAME_MAX];
	const struct sink_config *config = sink->config;
	if (config->sensor_name)
		snprintf(sink->sensor, sizeof(sink->sensor), "%s", config->sensor_name);
	else if (gethostname(sink->sensor, sizeof(sink->sensor) - 1) < 0)
		snprintf(sink->sensor, sizeof(sink->sensor), "sekisho");
	if (config->kafka_topic &&
		kafka_topic_name(config->kafka_topic, sink->sensor, "bittorrent_dht", topic, sizeof(topic)))
		return true;
	log_error("outputs.kafka.topic gives no topic name Kafka takes: \"%s\"",
		config->kafka_topic ? config->kafka_topic : "");
	return false;
}

static void sink_free(struct kafka_sink *sink)
{
	event_log_close(sink->log);
	free(sink->flight);
	free(sink);
}

static void *kafka_open(const struct sink_config *config)
{
	char reason[512];
	struct kafka_sink *sink = calloc(1, sizeof(*sink));
	if (!sink)
		return NULL;
	sink->config = config;
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	if (configure(conf, config) && name_sensor(sink) && open_log(sink)) {
		rd_kafka_conf_set_opaque(conf, sink);
		sink->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason));
		if (sink->producer)
			return sink; // conf is the producer's now
		log_error("kafka: %s", reason);
	}
	rd_kafka_conf_destroy(conf);
	sink_free(sink);
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

static rd_kafka_headers_t *headers_of(const struct kafka_sink *sink, const struct kafka_message *message)
{
	rd_kafka_headers_t *headers = rd_kafka_headers_new(5);
	char seq[24];
	snprintf(seq, sizeof(seq), "%" PRIu64, message->seq);
	rd_kafka_header_add(headers, "sensor", -1, sink->sensor, -1);
	rd_kafka_header_add(headers, "boot", -1, message->boot, -1);
	rd_kafka_header_add(headers, "seq", -1, seq, -1);
	rd_kafka_header_add(headers, "event_type", -1, message->event_type, -1);
	rd_kafka_header_add(headers, "schema", -1, KAFKA_SCHEMA, -1);
	return headers;
}

enum sent { SENT, SENT_FULL, SENT_REFUSED };

// One try; opaque comes back with the delivery report.
static enum sent produce(struct kafka_sink *sink, const struct kafka_message *message, uint64_t opaque)
{
	rd_kafka_topic_t *topic = topic_of(sink, message->event_type);
	if (!topic)
		return SENT_REFUSED;
	rd_kafka_headers_t *headers = headers_of(sink, message);
	size_t key_len = strlen(message->key);
	rd_kafka_resp_err_t error =
		rd_kafka_producev(sink->producer, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
			RD_KAFKA_V_VALUE((void *)(uintptr_t)message->line.data, message->line.len),
			RD_KAFKA_V_KEY(key_len ? message->key : NULL, key_len),
			RD_KAFKA_V_TIMESTAMP((int64_t)(message->ts_ns / 1000000)), RD_KAFKA_V_HEADERS(headers),
			RD_KAFKA_V_OPAQUE((void *)(uintptr_t)opaque), RD_KAFKA_V_END);
	if (!error)
		return SENT;
	rd_kafka_headers_destroy(headers); // taken only with the message
	if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL)
		return SENT_FULL;
	if (!sink->told_failed)
		log_error("kafka: an event was not taken: %s; further losses are counted", rd_kafka_err2str(error));
	sink->told_failed = true;
	return SENT_REFUSED;
}

// Takes the next event of the log in hand. False: none is left.
static bool hold_next(struct kafka_sink *sink)
{
	struct span entry;
	while (!sink->held && event_log_read(sink->log, &entry, &sink->held_end))
		sink->held = kafka_message_load(entry, &sink->held_message);
	return sink->held;
}

// Sends from the log what the queue takes. True: all of it is on its way.
static bool pump(struct kafka_sink *sink)
{
	struct in_flight *flight = sink->flight;
	while (hold_next(sink)) {
		if (flight->next - flight->first == KAFKA_IN_FLIGHT)
			return false;
		flight->slots[flight->next % KAFKA_IN_FLIGHT].end = sink->held_end;
		flight->slots[flight->next % KAFKA_IN_FLIGHT].done = false;
		enum sent sent = produce(sink, &sink->held_message, flight->next);
		if (sent == SENT_FULL)
			return false;
		sink->held = false;
		flight->next++;
		if (sent == SENT_REFUSED) {
			sink->lost++;
			event_done(sink, flight->next - 1);
		}
	}
	return true;
}

static bool write_direct(struct kafka_sink *sink, const struct kafka_message *message)
{
	enum sent sent;
	while ((sent = produce(sink, message, 0)) == SENT_FULL && sink->config->kafka_block)
		rd_kafka_poll(sink->producer, FULL_WAIT_MS);
	if (sent == SENT)
		return true;
	sink->lost++;
	if (sent == SENT_FULL && !sink->told_full)
		log_warning("kafka: the queue to the brokers is full; events are being lost, and counted");
	sink->told_full |= sent == SENT_FULL;
	return false;
}

static bool kafka_write(void *state, const struct sink_event *event)
{
	struct kafka_sink *sink = state;
	struct kafka_message message;
	kafka_message_of(event, &message);
	if (!sink->log)
		return write_direct(sink, &message);
	uint32_t len = kafka_message_store(&message, sink->stored);
	if (event_log_append(sink->log, span_of(sink->stored, len)))
		return true;
	sink->lost++;
	return false;
}

static void kafka_poll(void *state)
{
	struct kafka_sink *sink = state;
	rd_kafka_poll(sink->producer, 0);
	if (!sink->log)
		return;
	event_log_flush(sink->log);
	pump(sink);
	uint64_t now = now_ns();
	if (now - sink->cursor_saved_ns >= CURSOR_EVERY_NS) {
		event_log_sync(sink->log);
		event_log_save_cursor(sink->log);
		sink->cursor_saved_ns = now;
	}
}

static void kafka_counts(const void *state, uint64_t *delivered, uint64_t *lost)
{
	const struct kafka_sink *sink = state;
	*delivered = sink->delivered;
	*lost = sink->lost;
}

// Waits for the brokers. Gives what was not delivered: events without the log, bytes with it.
static uint64_t finish(struct kafka_sink *sink)
{
	uint64_t end = now_ns() + sink->config->kafka_flush_s * NS_PER_S;
	if (sink->log)
		event_log_flush(sink->log);
	for (;;) {
		bool all = !sink->log || pump(sink);
		if (all && rd_kafka_outq_len(sink->producer) == 0)
			break;
		if (now_ns() >= end)
			break;
		rd_kafka_flush(sink->producer, FULL_WAIT_MS);
	}
	return sink->log ? event_log_head(sink->log) - event_log_cursor(sink->log)
			 : (uint64_t)rd_kafka_outq_len(sink->producer);
}

static bool kafka_close(void *state)
{
	struct kafka_sink *sink = state;
	const struct sink_config *config = sink->config;
	uint64_t left = finish(sink);
	bool good = left == 0 && sink->lost == 0;
	if (left && sink->log)
		log_error("kafka: %" PRIu64 " bytes of events were not delivered to %s within %" PRIu64
			  " s; they wait in %s/log for the next run",
			left, config->kafka_brokers, config->kafka_flush_s,
			config->directory ? config->directory : ".");
	else if (left)
		log_error("kafka: %" PRIu64 " events were not delivered to %s within %" PRIu64 " s", left,
			config->kafka_brokers, config->kafka_flush_s);
	if (sink->lost)
		log_error("kafka: %" PRIu64 " events were lost on their way to %s", sink->lost, config->kafka_brokers);
	if (sink->log && event_log_lost_bytes(sink->log))
		log_error("kafka: %" PRIu64
			  " bytes of events were removed from the full log before they were delivered",
			event_log_lost_bytes(sink->log));
	rd_kafka_purge(sink->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	rd_kafka_poll(sink->producer, 0);
	for (unsigned i = 0; i < sink->topic_count; i++)
		rd_kafka_topic_destroy(sink->topics[i].topic);
	rd_kafka_destroy(sink->producer);
	sink_free(sink);
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
