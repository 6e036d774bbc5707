// SPDX-License-Identifier: GPL-3.0-or-later
// Export stage of the pipeline: writes events into the record ring.
#include <time.h>
#include "sensor/pipeline/pipeline_state.h"

#define RING_WAIT_NS 50000

// An event being written: a reserved record and its JSON line.
struct event {
	struct record *record;
	struct json json;
};

struct record *pipeline_reserve(struct pipeline *pipeline)
{
	struct record *record;
	while (!(record = record_ring_reserve(pipeline->ring))) {
		if (!pipeline->lossless) {
			pipeline->counters[PIPELINE_COUNT_EVENTS_LOST]++;
			return NULL;
		}
		pipeline->counters[PIPELINE_COUNT_RING_WAITS]++;
		nanosleep(&(struct timespec) { 0, RING_WAIT_NS }, NULL);
	}
	record->order = pipeline->order;
	record->rule = NULL;
	record->situation = 0;
	record->domain = 0;
	record->told_if = TOLD_ALWAYS;
	record->far_end = FAR_END_ANY;
	record->threshold_pending = false;
	return record;
}

static bool event_begin(struct pipeline *pipeline, struct event *event)
{
	if (!(event->record = pipeline_reserve(pipeline)))
		return false;
	json_begin(&event->json, event->record->line, RECORD_LINE_MAX);
	return true;
}

// Publishes the event if there was something to write; what was reserved and not committed is simply used again.
static void event_end_of(struct pipeline *pipeline, struct event *event, bool written, const struct file *file)
{
	if (!written)
		return;
	size_t len = json_end(&event->json);
	if (!len) {
		pipeline->counters[PIPELINE_COUNT_EVENTS_TOO_LARGE]++;
		return;
	}
	if (file)
		pipeline_files_note(pipeline, file, event->record->ts_ns, span_of(event->record->line, (uint32_t)len));
	pipeline->counters[PIPELINE_COUNT_EVENTS]++;
	record_ring_commit(pipeline->ring, event->record, (uint32_t)len);
}

static void event_end(struct pipeline *pipeline, struct event *event, bool written)
{
	event_end_of(pipeline, event, written, NULL);
}

void pipeline_export_packet(struct pipeline *pipeline, const struct packet *packet, const struct flow *flow)
{
	struct event event;
	if (pipeline->config->eve.anomaly) {
		for (unsigned i = 0; i < packet->event_count; i++)
			if (event_begin(pipeline, &event))
				event_end(pipeline, &event,
					eve_anomaly(pipeline->eve, &event.json, event.record, packet, flow,
						packet->events[i]));
	}
	if (packet->arp.len && pipeline->config->eve.arp && event_begin(pipeline, &event))
		event_end(pipeline, &event, eve_arp(pipeline->eve, &event.json, event.record, packet));
}

void pipeline_export_findings(
	struct pipeline *pipeline, const struct packet *packet, const struct flow *flow, const struct verdict *verdict)
{
	if (!pipeline->config->eve.alert)
		return;
	for (uint32_t i = 0; i < pipeline->findings.count; i++) {
		const struct finding *finding = &pipeline->findings.items[i];
		struct event event;
		if (finding->suppressed || !event_begin(pipeline, &event))
			continue;
		// The collector makes fewer of a detector's: heuristics.findings and reputation.hits count these
		pipeline->counters[PIPELINE_COUNT_ALERTS] += !finding->situation;
		bool written = eve_alert(pipeline->eve, &event.json, event.record, packet, flow, finding, verdict);
		event.record->rule = finding->rule;
		if (!pipeline->thresholds && threshold_needed(finding->rule)) {
			event.record->threshold_pending = true;
			event.record->src = packet->src;
			event.record->dst = packet->dst;
			event.record->flow_id = flow ? flow->id : 0;
		}
		event_end(pipeline, &event, written);
	}
}

// Frames of the packet's direction that rules are done with.
void pipeline_export_frames(struct pipeline *pipeline, const struct packet *packet, struct flow *flow)
{
	if (!pipeline->config->eve.frame || !flow->app.frames)
		return;
	struct app_frame_list *list = &flow->app.frames->lists[packet->direction];
	for (unsigned i = 0; i < list->count; i++) {
		struct app_frame *frame = &list->items[i];
		struct event event;
		if (frame->logged || !frame->done)
			continue;
		frame->logged = true;
		if (event_begin(pipeline, &event))
			event_end(pipeline, &event,
				eve_frame(pipeline->eve, &event.json, event.record, packet, flow, packet->direction,
					frame));
	}
}

// A packet wanted by a rule's tag, when no alert tells it.
void pipeline_export_tagged(struct pipeline *pipeline, const struct packet *packet, struct flow *flow)
{
	struct event event;
	if (!pipeline->config->eve.alert || packet->flags & (PACKET_ALERTED | PACKET_PSEUDO) ||
		!engine_tagged(pipeline->engine, flow, packet))
		return;
	if (event_begin(pipeline, &event))
		event_end(pipeline, &event, eve_packet(pipeline->eve, &event.json, event.record, packet, flow));
}

static enum pipeline_counter drop_counter(enum drop_reason reason)
{
	switch (reason) {
	case DROP_RULES_THRESHOLD: return PIPELINE_COUNT_DROP_RULES_THRESHOLD;
	case DROP_FLOW_DROP: return PIPELINE_COUNT_DROP_FLOW;
	case DROP_FLOW_POLICY: return PIPELINE_COUNT_DROP_FLOW_POLICY;
	case DROP_STREAM_MIDSTREAM: return PIPELINE_COUNT_DROP_STREAM_MIDSTREAM;
	case DROP_STREAM_ERROR: return PIPELINE_COUNT_DROP_STREAM_ERROR;
	default: return PIPELINE_COUNT_DROP_RULES;
	}
}

// outputs.eve-log.types.drop.flows: start tells what a rule dropped, and of a flow that is dropped as a whole the first packet of each direction.
static bool drop_is_told(
	const struct pipeline *pipeline, const struct packet *packet, struct flow *flow, const struct verdict *verdict)
{
	if (!pipeline->config->eve.drop)
		return false;
	bool told = pipeline->config->eve.drop_flows || !flow || verdict->rule;
	if (flow && flow->flags & FLOW_DROPPED) {
		uint32_t flag = packet->direction == TO_SERVER ? FLOW_DROP_TOLD_TS : FLOW_DROP_TOLD_TC;
		told |= !(flow->flags & flag);
		flow->flags |= flag;
	}
	return told;
}

void pipeline_export_drop(
	struct pipeline *pipeline, const struct packet *packet, struct flow *flow, const struct verdict *verdict)
{
	pipeline->counters[drop_counter(verdict->reason)]++;
	struct event event;
	if (!drop_is_told(pipeline, packet, flow, verdict) || !event_begin(pipeline, &event))
		return;
	event_end(pipeline, &event,
		eve_drop(pipeline->eve, &event.json, event.record, packet, flow, verdict, &pipeline->findings));
}

static void export_files(
	struct pipeline *pipeline, const struct packet *packet, struct flow *flow, struct app_tx *tx, bool flow_ended)
{
	for (struct file *file = tx->files; file; file = file->next) {
		pipeline_files_settle(pipeline, flow, tx, file, flow_ended);
		if (file->logged || (file->state == FILE_OPEN && !flow_ended))
			continue;
		file->logged = true;
		struct event event;
		if (pipeline->config->eve.fileinfo && event_begin(pipeline, &event))
			event_end_of(pipeline, &event,
				eve_fileinfo(pipeline->eve, &event.json, event.record, packet, flow, tx, file), file);
	}
}

static void export_app_events(
	struct pipeline *pipeline, const struct packet *packet, struct flow *flow, struct app_tx *tx)
{
	uint64_t fresh = tx->events & ~tx->events_logged;
	tx->events_logged = tx->events;
	for (; fresh; fresh &= fresh - 1) {
		struct event event;
		if (!event_begin(pipeline, &event))
			return;
		event_end(pipeline, &event,
			eve_anomaly_app(pipeline->eve, &event.json, event.record, packet, flow, tx,
				(unsigned)__builtin_ctzll(fresh)));
	}
}

static void export_flow_app_events(struct pipeline *pipeline, const struct packet *packet, struct flow *flow)
{
	uint64_t fresh = flow->app.events & ~flow->app.events_logged;
	flow->app.events_logged = flow->app.events;
	for (; fresh; fresh &= fresh - 1) {
		struct event event;
		if (!event_begin(pipeline, &event))
			return;
		event_end(pipeline, &event,
			eve_anomaly_app(pipeline->eve, &event.json, event.record, packet, flow, NULL,
				(unsigned)__builtin_ctzll(fresh)));
	}
}

// Has tx come as far as its event needs? Its parser may say earlier than done (TLS is told at the handshake's end).
static bool ready_to_log(const struct app_parser *parser, const struct app_tx *tx)
{
	if (!parser->log_progress[TO_SERVER] && !parser->log_progress[TO_CLIENT])
		return app_tx_done(parser, tx);
	return tx->progress[TO_SERVER] >= parser->log_progress[TO_SERVER] &&
	       tx->progress[TO_CLIENT] >= parser->log_progress[TO_CLIENT];
}

static void export_transaction(
	struct pipeline *pipeline, const struct packet *packet, struct flow *flow, struct app_tx *tx)
{
	tx->logged = true;
	if (!pipeline->config->eve.app || flow->flags & FLOW_NO_TX_LOG)
		return;
	for (unsigned part = 0; part < 64; part++) {
		struct event event;
		if (!event_begin(pipeline, &event))
			return;
		bool written = eve_transaction(pipeline->eve, &event.json, event.record, packet, flow, tx, part);
		event_end(pipeline, &event, written);
		if (!written)
			return;
	}
}

void pipeline_export_transactions(
	struct pipeline *pipeline, const struct packet *packet, struct flow *flow, bool flow_ended)
{
	const struct app_parser *parser = flow->app.parser;
	if (!parser)
		return;
	if (flow->app.events != flow->app.events_logged && pipeline->config->eve.anomaly)
		export_flow_app_events(pipeline, packet, flow);
	for (struct app_tx *tx = flow->app.tx_first; tx; tx = tx->next) {
		if (tx->events != tx->events_logged && pipeline->config->eve.anomaly)
			export_app_events(pipeline, packet, flow, tx);
		if (!tx->logged && (flow_ended || ready_to_log(parser, tx)))
			export_transaction(pipeline, packet, flow, tx);
		if (tx->files)
			export_files(pipeline, packet, flow, tx, flow_ended);
	}
}

void pipeline_export_flow(struct pipeline *pipeline, const struct flow *flow, bool alive, uint64_t now_ns)
{
	struct event event;
	if (flow->flags & FLOW_NO_LOG)
		return;
	if (pipeline->config->eve.flow && event_begin(pipeline, &event))
		event_end(pipeline, &event, eve_flow(pipeline->eve, &event.json, event.record, flow, alive, now_ns));
	if (!pipeline->config->eve.netflow || alive)
		return;
	for (int direction = TO_SERVER; direction <= TO_CLIENT; direction++)
		if (flow->packets[direction] && event_begin(pipeline, &event))
			event_end(pipeline, &event,
				eve_netflow(pipeline->eve, &event.json, event.record, flow, (enum direction)direction));
}
