// SPDX-License-Identifier: GPL-3.0-or-later
// Counters of a pipeline: rows of its stages joined, and a published copy that other threads may read.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sensor/pipeline/pipeline_state.h"

#define PIPELINE_COUNTER_NAME(constant, name) [constant] = name,
static const char *const pipeline_names[PIPELINE_COUNTERS_END] = { PIPELINE_COUNTERS(PIPELINE_COUNTER_NAME) };

// A stage's row: names[i] (NULL: left out) counts values[i].
struct counter_row {
	const char *const *names;
	const uint64_t *values;
	size_t count;
};

// Readers know these protocols apart by what they run over.
static const char *transport_suffix(enum app_proto proto, bool udp)
{
	switch (proto) {
	case APP_DCERPC:
	case APP_DNS:
	case APP_ENIP:
	case APP_FAILED:
	case APP_KRB5:
	case APP_LDAP:
	case APP_NFS:
	case APP_SIP: return udp ? "_udp" : "_tcp";
	default: return "";
	}
}

static void app_rows(const struct app_proto_counts *counts, bool udp,
	void (*row)(void *context, const char *name, uint64_t value), void *context)
{
	char name[128];
	for (int i = APP_UNKNOWN + 1; i < APP_PROTOS_END; i++) {
		const enum app_proto proto = (enum app_proto)i;
		const char *suffix = transport_suffix(proto, udp);
		snprintf(name, sizeof(name), "app_layer.flow.%s%s", app_proto_eve_name(proto), suffix);
		row(context, name, counts[i].flows);
		snprintf(name, sizeof(name), "app_layer.tx.%s%s", app_proto_eve_name(proto), suffix);
		row(context, name, counts[i].txs);
		snprintf(name, sizeof(name), "app_layer.error.%s%s.parser", app_proto_eve_name(proto), suffix);
		row(context, name, counts[i].errors);
	}
}

static void each_row(
	const struct pipeline *pipeline, void (*row)(void *context, const char *name, uint64_t value), void *context)
{
	const struct counter_row rows[] = {
		{ packet_counter_names, packet_decoder_counters(pipeline->decoder), PACKET_COUNTERS_END },
		{ flow_counter_names, flow_table_counters(pipeline->flows), FLOW_COUNTERS_END },
		{ stream_counter_names, stream_engine_counters(pipeline->streams), STREAM_COUNTERS_END },
		{ app_counter_names, app_layer_counters(pipeline->apps), APP_COUNTERS_END },
		{ engine_counter_names, engine_worker_counters(pipeline->engine), ENGINE_COUNTERS_END },
		{ reputation_counter_names,
			pipeline->reputation ? reputation_worker_counters(pipeline->reputation) : NULL,
			pipeline->reputation ? REPUTATION_COUNTERS_END : 0 },
		{ heuristics_counter_names,
			pipeline->heuristics ? heuristics_worker_counters(pipeline->heuristics) : NULL,
			pipeline->heuristics ? HEURISTICS_COUNTERS_END : 0 },
		{ pipeline_names, pipeline->counters, PIPELINE_COUNTERS_END },
	};
	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++)
		for (size_t i = 0; i < rows[r].count; i++)
			row(context, rows[r].names[i], rows[r].values[i]);
	char name[128];
	const uint64_t *decode_events = packet_decoder_event_counts(pipeline->decoder);
	for (uint16_t event = 1; event < DECODE_EVENTS_END; event++) {
		snprintf(name, sizeof(name), "decoder.event.%s", packet_event_name(event));
		row(context, name, decode_events[event]);
	}
	const uint64_t *stream_events = stream_engine_event_counts(pipeline->streams);
	for (uint16_t event = DECODE_EVENTS_END + 1; event < PACKET_EVENTS_END; event++) {
		snprintf(name, sizeof(name), "stream.%s", packet_event_name(event));
		row(context, name, stream_events[event]);
	}
	for (int udp = 0; udp < 2; udp++)
		app_rows(app_layer_proto_counts(pipeline->apps, !udp), udp, row, context);
	for (size_t i = 0; app_parsers[i]; i++) {
		const struct app_parser *parser = app_parsers[i];
		if (!parser->counter_names)
			continue;
		const uint64_t *values = app_parser_counters(parser, app_layer_shared(pipeline->apps, parser->proto));
		for (size_t n = 0; parser->counter_names[n]; n++) {
			snprintf(name, sizeof(name), "app_layer.parser.%s.%s", parser->name, parser->counter_names[n]);
			row(context, name, values ? values[n] : 0);
		}
	}
}

static void count_row(void *context, const char *name, uint64_t value)
{
	(void)name;
	(void)value;
	++*(size_t *)context;
}

struct name_list {
	const char **names;
	size_t count;
};

static void name_row(void *context, const char *name, uint64_t value)
{
	(void)value;
	struct name_list *list = context;
	list->names[list->count++] = strdup(name);
}

bool pipeline_counters_init(struct pipeline *pipeline)
{
	each_row(pipeline, count_row, &pipeline->counter_count);
	pipeline->published = calloc(pipeline->counter_count, sizeof(*pipeline->published));
	struct name_list list = { calloc(pipeline->counter_count, sizeof(*list.names)), 0 };
	pipeline->counter_names = list.names;
	if (!pipeline->published || !list.names)
		return false;
	each_row(pipeline, name_row, &list);
	return true;
}

void pipeline_counters_fini(struct pipeline *pipeline)
{
	for (size_t i = 0; pipeline->counter_names && i < pipeline->counter_count; i++)
		free((char *)pipeline->counter_names[i]);
	free(pipeline->counter_names);
	free(pipeline->published);
}

struct publication {
	_Atomic uint64_t *values;
	size_t at;
};

static void publish_row(void *context, const char *name, uint64_t value)
{
	(void)name;
	struct publication *publication = context;
	atomic_store_explicit(&publication->values[publication->at++], value, memory_order_relaxed);
}

void pipeline_publish(struct pipeline *pipeline)
{
	pipeline->counters[PIPELINE_COUNT_SLAB_USED] = slab_used_bytes(pipeline->slab);
	pipeline->counters[PIPELINE_COUNT_SLAB_PEAK] = slab_peak_bytes(pipeline->slab);
	pipeline->counters[PIPELINE_COUNT_SLAB_REFUSED] = slab_refused(pipeline->slab);
	struct publication publication = { pipeline->published, 0 };
	each_row(pipeline, publish_row, &publication);
}

void pipeline_read(const struct pipeline *pipeline, uint64_t *sums)
{
	for (size_t i = 0; i < pipeline->counter_count; i++)
		sums[i] += atomic_load_explicit(&pipeline->published[i], memory_order_relaxed);
}

size_t pipeline_counter_count(const struct pipeline *pipeline)
{
	return pipeline->counter_count;
}

const char *pipeline_counter_name(const struct pipeline *pipeline, size_t index)
{
	return pipeline->counter_names[index];
}
