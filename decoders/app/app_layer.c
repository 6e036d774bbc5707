// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/app_layer.h"
#include <stdlib.h>
#include "decoders/app/app_layer_state.h"
#include "decoders/base/log.h"

const char *const app_layer_event_names[APPLAYER_EVENTS_END + 1] = {
	[APPLAYER_MISMATCH_PROTOCOL_BOTH_DIRECTIONS] = "applayer_mismatch_protocol_both_directions",
	[APPLAYER_WRONG_DIRECTION_FIRST_DATA] = "applayer_wrong_direction_first_data",
	[APPLAYER_DETECT_PROTOCOL_ONLY_ONE_DIRECTION] = "applayer_detect_protocol_only_one_direction",
	[APPLAYER_PROTO_DETECTION_SKIPPED] = "applayer_proto_detection_skipped",
	[APPLAYER_NO_TLS_AFTER_STARTTLS] = "applayer_no_tls_after_starttls",
	[APPLAYER_UNEXPECTED_PROTOCOL] = "applayer_unexpected_protocol",
	[APPLAYER_MEMORY_OVER_BUDGET] = "applayer_memory_over_budget",
};

#define COUNTER_NAME(constant, name) [constant] = name,
const char *const app_counter_names[APP_COUNTERS_END] = { APP_COUNTERS(COUNTER_NAME) };

struct app_layer *app_layer_new(const struct app_config *config, struct slab *slab)
{
	struct app_layer *layer = calloc(1, sizeof(*layer));
	if (!layer)
		return NULL;
	layer->config = config;
	layer->slab = slab;
	layer->detector = app_detector_new(config);
	bool ready = layer->detector && app_worker_init(&layer->parts, config, slab);
	if (ready && config->ndpi_enabled) {
		layer->namer = app_namer_new(config->ndpi_packets, config->ndpi_flows);
		ready = layer->namer != NULL;
	}
	for (const struct app_parser *const *p = app_parsers; *p && ready; p++) {
		if (!(*p)->worker_new)
			continue;
		layer->shared[(*p)->proto] = (*p)->worker_new(config, &layer->parts);
		if (!layer->shared[(*p)->proto]) {
			log_error("the parser of %s could not be set up", (*p)->name);
			ready = false;
		}
	}
	if (ready)
		return layer;
	log_error("the application layer could not be set up");
	app_layer_free(layer);
	return NULL;
}

void app_layer_free(struct app_layer *layer)
{
	if (!layer)
		return;
	for (const struct app_parser *const *p = app_parsers; *p; p++)
		if (layer->shared[(*p)->proto] && (*p)->worker_free)
			(*p)->worker_free(layer->shared[(*p)->proto]);
	app_worker_fini(&layer->parts);
	app_namer_free(layer->namer);
	app_detector_free(layer->detector);
	free(layer);
}

static struct app_proto_counts *app_counts_of(struct app_layer *layer, const struct flow *flow)
{
	return &layer->protos[flow->key.proto != PROTO_TCP][flow->app.proto];
}

bool app_claim(struct app_layer *layer, struct flow *flow, const struct app_parser *parser)
{
	struct app_flow *a = &flow->app;
	a->proto = (uint8_t)parser->proto;
	layer->counters[APP_COUNT_DETECTED]++;
	app_counts_of(layer, flow)->flows++;
	if (!parser->parse)
		return true;
	a->parser = parser;
	a->tx_max = (uint32_t)layer->config->max_tx_hard;
	static_assert(APP_PROTOS_END <= 64, "a bit a protocol");
	if (layer->config->frame_protos >> parser->proto & 1)
		a->flags |= APP_FRAMES;
	if (layer->namer)
		app_namer_drop(layer->namer, flow);
	size_t before = slab_used_bytes(layer->slab);
	bool open = app_state_open(parser, flow, layer->slab, layer->shared[parser->proto]);
	app_charge(layer, flow, before);
	if (open)
		return true;
	layer->counters[APP_COUNT_ALLOC]++;
	a->parser = NULL;
	return false;
}

static void stop(struct flow *flow, enum direction direction, struct app_fed *fed)
{
	flow->app.flags |= app_flag(APP_STOPPED_TS, direction);
	fed->stop[direction] = true;
}

static void stop_both(struct flow *flow, struct app_fed *fed)
{
	stop(flow, TO_SERVER, fed);
	stop(flow, TO_CLIENT, fed);
}

// STARTTLS, CONNECT, upgrade: what follows in both directions is looked at anew, once the old transactions are gone.
static void ask_change(struct flow *flow, const struct app_input *input)
{
	struct app_flow *a = &flow->app;
	for (struct app_tx *tx = a->tx_first; tx; tx = tx->next) {
		for (int d = TO_SERVER; d <= TO_CLIENT; d++)
			if (tx->progress[d] < a->parser->complete[d])
				tx->progress[d] = a->parser->complete[d];
	}
	a->flags |= APP_CHANGING | APP_NEW_TX_DATA;
	a->flags = input->switch_certain ? a->flags | APP_EXPECT_CERTAIN : a->flags & ~(uint32_t)APP_EXPECT_CERTAIN;
	a->proto_expected = input->switch_to;
}

// Ends what the old protocol left, so that detection can start anew. False while old transactions live.
static bool app_begin_change(struct app_layer *layer, struct flow *flow)
{
	struct app_flow *a = &flow->app;
	if (a->tx_first)
		return false;
	app_state_close(a->parser, flow, layer->slab, layer->shared[a->parser->proto]);
	a->parser = NULL;
	app_frames_free(flow, layer->slab);
	a->held_bytes = 0;
	a->proto_original = a->proto;
	a->proto = a->proto_dir[0] = a->proto_dir[1] = APP_UNKNOWN;
	a->taken_bytes[0] = a->taken_bytes[1] = 0;
	a->tx_count = 0; // the new protocol counts its own
	a->flags &= ~(uint32_t)(APP_CHANGING | APP_DETECT_DONE_TS | APP_DETECT_DONE_TC | APP_FIRST_TS | APP_FIRST_TC |
				APP_OFFERED | APP_BLIND_TS | APP_BLIND_TC | APP_FRAMES);
	a->flags |= APP_CHANGED;
	return true;
}

static void take_result(struct app_layer *layer, struct flow *flow, const struct app_input *input,
	enum app_result result, struct app_fed *fed)
{
	switch (result) {
	case APP_OK: break;
	case APP_ERROR:
		layer->counters[APP_COUNT_PARSER_ERROR]++;
		app_counts_of(layer, flow)->errors++;
		flow->app.flags |= APP_PARSER_ERROR;
		stop_both(flow, fed);
		break;
	case APP_STOP: stop(flow, input->direction, fed); break;
	case APP_STOP_BOTH: stop_both(flow, fed); break;
	case APP_SWITCH: ask_change(flow, input); break;
	}
}

void app_layer_give_up(struct flow *flow)
{
	app_event(flow, APPLAYER_MEMORY_OVER_BUDGET);
	flow->app.flags |= APP_OVER_MEMORY | APP_STOPPED_TS | APP_STOPPED_TC;
}

// What a flow's transactions hold together is bounded too, however little each of them does.
static void check_memory(struct app_layer *layer, struct flow *flow, struct app_fed *fed)
{
	if (!layer->config->flow_memory_bytes || flow->app.held_bytes <= layer->config->flow_memory_bytes)
		return;
	layer->counters[APP_COUNT_MEMORY_BUDGET]++;
	app_layer_give_up(flow);
	stop_both(flow, fed);
}

// Done frames go; the first data of a direction begins its frame "stream".
static void frames_begin(struct app_layer *layer, struct flow *flow, const struct app_feed *feed)
{
	struct app_flow *a = &flow->app;
	if (!(a->flags & APP_FRAMES))
		return;
	app_frames_clean(flow);
	if (!feed->datagram && !a->taken_bytes[feed->direction] && feed->data.len &&
		!app_frame_open(flow, feed->direction, FRAME_STREAM))
		app_frame_add(flow, layer->slab, feed->direction, FRAME_STREAM, feed->offset, FRAME_OPEN, false);
	if (a->frames) {
		layer->counters[APP_COUNT_FRAME_BUDGET] += a->frames->lost;
		a->frames->lost = 0;
	}
}

static void parse(struct app_layer *layer, struct flow *flow, const struct app_feed *feed, struct app_fed *fed)
{
	struct app_flow *a = &flow->app;
	enum direction d = feed->direction;
	struct app_input input = {
		.direction = d,
		.data = feed->data,
		.gap_bytes = feed->gap_bytes,
		.end = feed->end,
		.datagram = feed->datagram,
		.now_ns = feed->now_ns,
		.offset = feed->offset,
		.flow = flow,
		.slab = layer->slab,
		.shared = layer->shared[a->parser->proto],
		.consumed = feed->data.len,
	};
	bool blind = a->flags & app_flag(APP_BLIND_TS, d) && !a->taken_bytes[d];
	if (blind && !feed->gap_bytes) // the gap was passed while nobody had the flow
		input.gap_bytes = feed->offset > UINT32_MAX ? UINT32_MAX : (uint32_t)feed->offset;
	if (input.gap_bytes)
		layer->counters[APP_COUNT_GAP]++;
	size_t before = slab_used_bytes(layer->slab);
	frames_begin(layer, flow, feed);
	uint64_t txs = a->tx_count;
	enum app_result result = a->parser->parse(&input);
	app_charge(layer, flow, before);
	app_counts_of(layer, flow)->txs += a->tx_count - txs;
	layer->counters[APP_COUNT_ANNOUNCED_EVICTED] = app_expect_counter(layer->parts.expect, APP_EXPECT_EVICTED);
	layer->counters[APP_COUNT_ANNOUNCED_SHARE] = app_expect_counter(layer->parts.expect, APP_EXPECT_OVER_SHARE);
	if (a->flags & APP_TX_OVER) {
		layer->counters[APP_COUNT_TX_BUDGET]++;
		a->flags &= ~(uint32_t)APP_TX_OVER;
	}
	fed->consumed = feed->datagram || input.consumed > feed->data.len ? feed->data.len : input.consumed;
	a->taken_bytes[d] += fed->consumed;
	if (feed->end)
		a->flags |= app_flag(APP_ENDED_TS, d);
	take_result(layer, flow, &input, result, fed);
	check_memory(layer, flow, fed);
}

// Line ends that a sloppy client sent after the last message of the old protocol.
static uint32_t empty_lines(const struct app_feed *feed)
{
	uint32_t len = 0;
	while (len < feed->data.len && (feed->data.data[len] == '\r' || feed->data.data[len] == '\n'))
		len++;
	return len;
}

struct app_fed app_layer_feed(struct app_layer *layer, struct flow *flow, const struct app_feed *feed)
{
	struct app_fed fed = { 0 };
	struct app_flow *a = &flow->app;
	if (a->flags & app_flag(APP_STOPPED_TS, feed->direction)) {
		fed.consumed = feed->data.len;
		fed.stop[feed->direction] = true;
		return fed;
	}
	if (a->flags & APP_CHANGING && !app_begin_change(layer, flow))
		return fed;
	if (a->flags & APP_CHANGED && a->proto == APP_UNKNOWN && (fed.consumed = empty_lines(feed))) {
		fed.retry = true;
		return fed;
	}
	switch (app_decide(layer, flow, feed, &fed)) {
	case APP_HOLD:
	case APP_SWAP: return fed;
	case APP_NONE:
		fed.consumed = feed->data.len;
		if (!feed->datagram)
			stop_both(flow, &fed);
		return fed;
	case APP_DECIDED: break;
	}
	if (!a->parser) {
		fed.consumed = feed->data.len;
		if (a->flags & APP_DETECT_DONE_TS && a->flags & APP_DETECT_DONE_TC)
			stop_both(flow, &fed);
		return fed;
	}
	parse(layer, flow, feed, &fed);
	return fed;
}

// A stream's bytes come here before the receiver acknowledged them, so before their own detection: the library need not work on what a
// parser will claim.
static bool will_be_claimed(const struct app_layer *layer, struct flow *flow, const struct packet *packet)
{
	if (flow->app.proto != APP_UNKNOWN || flow->names)
		return false;
	struct app_answer answer =
		app_detector_ask(layer->detector, flow, packet->direction, packet->payload, false, APP_UNKNOWN);
	return answer.parser && answer.parser->parse;
}

bool app_layer_name(struct app_layer *layer, struct flow *flow, const struct packet *packet)
{
	if (!layer->namer)
		return true;
	if (will_be_claimed(layer, flow, packet))
		return false;
	layer->counters[APP_COUNT_NDPI_PACKETS]++;
	switch (app_namer_look(layer->namer, flow, packet)) {
	case NAMING_MORE: return false;
	case NAMING_NAMED: layer->counters[APP_COUNT_NDPI_NAMED]++; return true;
	case NAMING_OVER_BUDGET: layer->counters[APP_COUNT_NDPI_BUDGET]++; return true;
	default: return true;
	}
}

void app_layer_name_end(struct app_layer *layer, struct flow *flow)
{
	if (layer->namer && flow->names && !flow->app.ndpi_proto && app_namer_end(layer->namer, flow) == NAMING_NAMED)
		layer->counters[APP_COUNT_NDPI_NAMED]++;
}

const uint64_t *app_layer_counters(const struct app_layer *layer)
{
	return layer->counters;
}

const struct app_proto_counts *app_layer_proto_counts(const struct app_layer *layer, bool tcp)
{
	return layer->protos[!tcp];
}

struct file_tools *app_layer_files(struct app_layer *layer)
{
	return layer->parts.files;
}

void *app_layer_shared(const struct app_layer *layer, enum app_proto proto)
{
	return layer->shared[proto];
}
