// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/run/behaviour_feed.h"
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "decoders/base/log.h"
#include "export/eve/eve.h"
#include "signatures/behaviour/behaviour.h"

#define PENDING_FIRST 1024

struct behaviour_feed {
	struct behaviour *behaviour;
	struct eve_writer *eve;
	struct record *record; // of the alert at hand
	behaviour_feed_give *give;
	void *context;
	struct observation *pending;
	size_t count, capacity;
	uint64_t order; // of what is pending
	_Atomic uint64_t suppressed;
	struct scan_finding findings[BEHAVIOUR_FINDINGS_MAX];
};

struct behaviour_feed *behaviour_feed_new(
	const struct sensor_config *config, const struct address_set *home, behaviour_feed_give *give, void *context)
{
	struct behaviour_feed *feed = calloc(1, sizeof(*feed));
	if (!feed)
		return NULL;
	feed->give = give;
	feed->context = context;
	feed->capacity = PENDING_FIRST;
	feed->pending = malloc(feed->capacity * sizeof(*feed->pending));
	feed->record = calloc(1, sizeof(*feed->record) + RECORD_LINE_MAX);
	if (!feed->pending || !feed->record || !(feed->behaviour = behaviour_new(&config->behaviour)) ||
		!(feed->eve = eve_writer_new(&config->eve, home, NULL))) {
		log_error("behaviour could not be set up: out of memory, or a setting above");
		behaviour_feed_free(feed);
		return NULL;
	}
	return feed;
}

static void tell_evictions(const struct behaviour *behaviour)
{
	struct scan_counts counts;
	behaviour_counts(behaviour, &counts);
	if (counts.evicted)
		log_warning("behaviour forgot %" PRIu64 " series of openings for want of memory (behaviour.memcap)",
			counts.evicted);
}

void behaviour_feed_free(struct behaviour_feed *feed)
{
	if (!feed)
		return;
	if (feed->behaviour)
		tell_evictions(feed->behaviour);
	behaviour_free(feed->behaviour);
	if (feed->eve)
		eve_writer_free(feed->eve);
	free(feed->record);
	free(feed->pending);
	free(feed);
}

uint64_t behaviour_feed_suppressed(const struct behaviour_feed *feed)
{
	return atomic_load_explicit(&feed->suppressed, memory_order_relaxed);
}

static void write_alert(struct behaviour_feed *feed, const struct scan_finding *found)
{
	const struct observation *ends = &found->ends;
	if (ends->silenced >> found->rule->sid & 1) {
		atomic_fetch_add_explicit(&feed->suppressed, 1, memory_order_relaxed);
		return;
	}
	const struct packet packet = {
		.ts_ns = ends->end_ns,
		.flags = PACKET_PSEUDO,
		.ip_version = ends->ip_version,
		.proto = ends->proto,
		.src = ends->src,
		.dst = ends->dst,
		.sport = ends->sport,
		.dport = ends->dport,
		.direction = TO_SERVER,
		.interface = ends->interface,
	};
	const struct finding finding = {
		.rule = found->rule, .action = RULE_ALERT, .direction = TO_SERVER, .detail = &found->detail
	};
	const struct verdict verdict = { .alerted = true };
	struct json json;
	memset(feed->record, 0, sizeof(*feed->record));
	feed->record->order = feed->order;
	json_begin(&json, feed->record->line, RECORD_LINE_MAX);
	if (!eve_alert(feed->eve, &json, feed->record, &packet, NULL, &finding, &verdict))
		return;
	size_t len = json_end(&json);
	if (!len)
		return;
	feed->record->line_len = (uint32_t)len;
	feed->give(feed->context, feed->record);
}

void behaviour_feed_flush(struct behaviour_feed *feed)
{
	if (feed->count > 1)
		qsort(feed->pending, feed->count, sizeof(*feed->pending), observation_compare);
	for (size_t i = 0; i < feed->count; i++) {
		unsigned found = behaviour_observe(feed->behaviour, &feed->pending[i], feed->findings);
		for (unsigned n = 0; n < found; n++)
			write_alert(feed, &feed->findings[n]);
	}
	feed->count = 0;
}

static bool has_room(struct behaviour_feed *feed)
{
	if (feed->count < feed->capacity)
		return true;
	if (feed->capacity >= FEED_PENDING_MAX)
		return false;
	struct observation *pending = realloc(feed->pending, 2 * feed->capacity * sizeof(*pending));
	if (!pending)
		return false;
	feed->pending = pending;
	feed->capacity *= 2;
	return true;
}

bool behaviour_feed_take(struct behaviour_feed *feed, const struct record *record)
{
	if (feed->count && record->order != feed->order)
		behaviour_feed_flush(feed);
	if (record->type != RECORD_OBSERVATION)
		return false;
	struct observation observation;
	if (record->line_len != sizeof(observation))
		return true;
	memcpy(&observation, record->line, sizeof(observation));
	if (!behaviour_wants(&observation))
		return true;
	if (!has_room(feed))
		behaviour_feed_flush(feed);
	feed->order = record->order;
	feed->pending[feed->count++] = observation;
	return true;
}
