// SPDX-License-Identifier: GPL-3.0-or-later
// Application stage of the pipeline: stream to parser.
#include "sensor/pipeline/pipeline_state.h"

#define FEED_ROUNDS 64 // views given to the parser a packet; the rest waits for the next

static void tx_released(void *context, struct flow *flow, struct app_tx *tx)
{
	struct pipeline *pipeline = context;
	engine_tx_free(pipeline->engine, flow, tx);
}

void pipeline_app_clean(struct pipeline *pipeline, struct flow *flow)
{
	app_layer_tx_clean(pipeline->apps, flow, tx_released, pipeline);
}

void pipeline_app_close(struct pipeline *pipeline, struct flow *flow)
{
	app_layer_close(pipeline->apps, flow, tx_released, pipeline);
}

// The newest transaction that is complete in direction, counted from 1. 0: none.
static uint64_t newest_complete(const struct flow *flow, enum direction direction)
{
	const struct app_parser *parser = flow->app.parser;
	uint64_t newest = 0;
	for (const struct app_tx *tx = parser ? flow->app.tx_first : NULL; tx; tx = tx->next)
		if (tx->progress[direction] >= parser->complete[direction])
			newest = tx->id + 1;
	return newest;
}

// A request or answer that was finished by what was fed just now is a point where raw rules want to see the stream, whatever its chunk holds.
static void trigger_raw(struct flow *flow, enum direction direction, uint64_t complete_before)
{
	const struct app_parser *parser = flow->app.parser;
	if (parser && !parser->keeps_raw && newest_complete(flow, direction) > complete_before)
		tcp_session_raw_trigger(flow, direction);
}

// Lists of file hashes need whole files, whatever is inspected of them.
static bool wants_whole_files(const struct pipeline *pipeline)
{
	const struct reputation_worker *lists = pipeline->reputation;
	return lists && (reputation_worker_wants(lists, INDICATOR_FILE_MD5) ||
				reputation_worker_wants(lists, INDICATOR_FILE_SHA1) ||
				reputation_worker_wants(lists, INDICATOR_FILE_SHA256));
}

// Feeds one direction until it has nothing new. True when the other direction should be tried again (protocol found, roles swapped).
static bool feed_direction(struct pipeline *pipeline, struct flow *flow, enum direction direction, uint64_t now_ns,
	unsigned *rounds, bool *took)
{
	struct stream_view view;
	if (wants_whole_files(pipeline))
		flow->app.flags |= APP_WHOLE_FILES;
	while (*rounds && tcp_session_app_view(pipeline->streams, flow, direction, &view)) {
		(*rounds)--;
		struct app_feed feed = {
			.direction = direction,
			.data = view.data,
			.offset = view.offset,
			.gap_bytes = view.gap_bytes,
			.end = view.end,
			.now_ns = now_ns,
		};
		uint64_t complete_before = newest_complete(flow, direction);
		struct app_fed fed = app_layer_feed(pipeline->apps, flow, &feed);
		*took = true;
		if (fed.swapped) {
			flow_swap_direction(flow);
			tcp_session_swap(flow);
			tcp_session_app_again(flow);
			return true;
		}
		tcp_session_app_consume(pipeline->streams, flow, direction, view.gap_bytes, fed.consumed);
		trigger_raw(flow, direction, complete_before);
		for (int d = TO_SERVER; d <= TO_CLIENT; d++)
			if (fed.stop[d])
				tcp_session_app_stop(flow, (enum direction)d);
		if (fed.retry) {
			tcp_session_app_again(flow);
			return true;
		}
	}
	return false;
}

bool pipeline_app_stream(struct pipeline *pipeline, struct flow *flow, uint64_t now_ns)
{
	bool took = false;
	unsigned rounds = FEED_ROUNDS;
	for (bool again = true; again && rounds;) {
		again = feed_direction(pipeline, flow, TO_SERVER, now_ns, &rounds, &took);
		again |= feed_direction(pipeline, flow, TO_CLIENT, now_ns, &rounds, &took);
	}
	return took;
}

void pipeline_app_stream_end(struct pipeline *pipeline, struct flow *flow, enum direction direction, uint64_t now_ns)
{
	bool took = false;
	unsigned rounds = FEED_ROUNDS;
	if (feed_direction(pipeline, flow, direction, now_ns, &rounds, &took))
		(void)pipeline_app_stream(pipeline, flow, now_ns);
}

bool pipeline_app_datagram(struct pipeline *pipeline, struct flow *flow, const struct packet *packet)
{
	struct app_feed feed = {
		.direction = packet->direction,
		.data = packet->payload,
		.datagram = true,
		.now_ns = packet->ts_ns,
	};
	for (int tries = 0; tries < 2; tries++) {
		struct app_fed fed = app_layer_feed(pipeline->apps, flow, &feed);
		if (fed.swapped) {
			flow_swap_direction(flow);
			((struct packet *)packet)->direction = feed.direction = direction_other(feed.direction);
		}
		if (!fed.retry && !fed.swapped)
			break;
	}
	return flow->app.parser != NULL;
}
