// SPDX-License-Identifier: GPL-3.0-or-later
// Rules on frames: each frame of the packet's direction is looked at once it is whole, or in windows as its bytes come when it is long.
#include "decoders/flow/app_frame.h"
#include "signatures/engine/worker.h"
#include "signatures/field/frame.h"

#define WINDOW_BYTES  2048        // shown again before what is new
#define CHUNK_BYTES   2500        // new bytes of a frame that is not whole worth a look
#define WHOLE_BYTES   (16u << 10) // a frame up to this long is waited for
#define STRETCHES_MAX 64          // of one frame a packet, with holes between them

static bool frame_conditions_hold(struct engine_worker *worker, const struct plan *plan, const struct app_frame *frame,
	const struct field_value *value)
{
	const struct rule *rule = plan->rule;
	for (unsigned i = 0; i < plan->frame_count; i++) {
		const struct rule_buffer *buffer = &rule->buffers[plan->frame_conditions[i].index];
		struct field_value changed = *value;
		if (frame_field_of(buffer->field)->type != frame->type)
			return false;
		if (buffer->transform_count &&
			!transform_apply(buffer->transforms, buffer->transform_count, &worker->arena,
				worker->matcher.regex, value->data, &changed.data))
			return false;
		if (!buffer_holds(worker, rule, buffer, &changed))
			return false;
	}
	return true;
}

static void collect(struct engine_worker *worker, const struct frame_group *group, const struct app_frame *frame,
	const struct field_value *value)
{
	for (uint32_t i = 0; i < group->count; i++) {
		const struct frame_engine *engine = &group->engines[i];
		if (engine->type != frame->type)
			continue;
		for (uint32_t r = 0; r < engine->count; r++)
			candidates_add(&worker->tx_rules, engine->rules[r]);
		const struct buffer_key *key = &worker->engine->plans.keys[engine->key];
		struct span data = value->data;
		if (!engine->prefilter ||
			(key->transform_count && !transform_apply(key->transforms, key->transform_count, &worker->arena,
							 worker->matcher.regex, value->data, &data)))
			continue;
		scan_literals(worker, engine->prefilter, data, value->offset, &worker->tx_rules);
	}
	candidates_sort(&worker->tx_rules);
}

static struct app_tx *tx_of(const struct flow *flow, uint64_t id)
{
	struct app_tx *tx = id == FRAME_NO_TX ? NULL : flow->app.tx_first;
	while (tx && tx->id != id)
		tx = tx->next;
	return tx;
}

static void look(struct engine_worker *worker, const struct frame_group *group, const struct app_frame *frame,
	const struct field_value *value)
{
	values_reset(worker);
	collect(worker, group, frame, value);
	worker->counters[ENGINE_COUNT_CHECKS] += worker->tx_rules.count;
	for (uint32_t i = 0; i < worker->tx_rules.count; i++) {
		const struct plan *plan = &worker->engine->plans.plans[worker->tx_rules.list[i]];
		uint64_t start = profile_start(worker);
		uint8_t where = FOUND_FRAME;
		rule_reset(worker);
		if (header_fits(worker, plan) && packet_tests_hold(worker, plan->rule) &&
			packet_conditions_hold(worker, plan, &where) &&
			frame_conditions_hold(worker, plan, frame, value)) {
			uint32_t before = worker->findings->count;
			add_finding(worker, plan, where, tx_of(worker->now->flow, frame->tx_id));
			if (worker->findings->count > before)
				worker->findings->items[before].frame = frame;
		}
		profile_end(worker, worker->tx_rules.list[i], start);
	}
	candidates_clear(&worker->tx_rules);
}

static void look_at_datagram(struct engine_worker *worker, const struct frame_group *group, struct app_frame *frame)
{
	struct span payload = worker->now->packet->payload;
	struct field_value value = { .first = true, .last = true };
	if (frame->offset < payload.len && frame->len)
		value.data = span_slice(
			payload, (uint32_t)frame->offset, frame->len > UINT32_MAX ? UINT32_MAX : (uint32_t)frame->len);
	look(worker, group, frame, &value);
	frame->done = true;
}

// One stretch of a frame in the stream. False: nothing more of it to be seen now.
static bool look_at_stretch(struct engine_worker *worker, const struct frame_group *group, struct app_frame *frame)
{
	struct flow *flow = worker->now->flow;
	uint64_t start = frame->offset, end = frame->len == FRAME_OPEN ? UINT64_MAX : start + frame->len;
	uint64_t from = frame->inspected > start + WINDOW_BYTES ? frame->inspected - WINDOW_BYTES : start;
	if (frame->inspected > start && frame->inspected >= end) {
		frame->done = true;
		return false;
	}
	struct stream_view view;
	if (!tcp_session_frame_view(worker->streams, flow, worker->direction, from, &view) || view.offset >= end)
		return false;
	uint64_t seen = view.offset + view.data.len < end ? view.offset + view.data.len : end;
	if (seen <= frame->inspected && view.gap_bytes == 0) {
		// All of this piece was looked at: what lies behind a hole, if there is one
		if (!tcp_session_frame_view(worker->streams, flow, worker->direction, frame->inspected, &view) ||
			view.offset >= end)
			return false;
		seen = view.offset + view.data.len < end ? view.offset + view.data.len : end;
	}
	bool whole = seen == end, last = whole || view.end || worker->now->flow_ended;
	bool wait = !last && !worker->engine->config.inline_mode && view.gap_bytes == 0 &&
		    (frame->len <= WHOLE_BYTES || seen - frame->inspected < CHUNK_BYTES);
	if (wait || seen <= view.offset)
		return false;
	struct field_value value = { .data = span_slice(view.data, 0, (uint32_t)(seen - view.offset)),
		.offset = view.offset - start,
		.first = view.offset == start,
		.last = whole || (last && view.end) };
	frame->inspected = seen;
	look(worker, group, frame, &value);
	frame->done = whole;
	return !whole;
}

// Nobody asks for it: an event may still tell of it, and whether all of it came.
static void pass_frame(struct engine_worker *worker, struct app_frame *frame)
{
	struct stream_view view;
	uint64_t last = frame->offset + frame->len - 1;
	frame->done = true;
	if (!frame->datagram && frame->len && frame->len != FRAME_OPEN &&
		tcp_session_frame_view(worker->streams, worker->now->flow, worker->direction, last, &view) &&
		view.offset == last)
		frame->inspected = last + 1;
}

void inspect_frames(struct engine_worker *worker)
{
	struct flow *flow = worker->now->flow;
	if (!flow->app.frames || !flow->app.parser)
		return;
	const struct frame_group *group = &worker->engine->groups.frames[flow->app.proto][worker->direction];
	struct app_frame_list *list = &flow->app.frames->lists[worker->direction];
	for (unsigned i = 0; i < list->count; i++) {
		struct app_frame *frame = &list->items[i];
		if (frame->done)
			continue;
		if (!(group->types & FRAME_TYPE_BIT(frame->type)) || (frame->len == 0 && !frame->datagram)) {
			pass_frame(worker, frame);
			continue;
		}
		if (frame->datagram)
			look_at_datagram(worker, group, frame);
		for (unsigned s = 0; !frame->done && s < STRETCHES_MAX; s++)
			if (!look_at_stretch(worker, group, frame))
				break;
	}
	app_frames_hold(flow, worker->direction, WINDOW_BYTES);
}

void pass_frames(struct engine_worker *worker)
{
	struct flow *flow = worker->now->flow;
	for (unsigned d = 0; flow && flow->app.frames && d < 2; d++) {
		for (unsigned i = 0; i < flow->app.frames->lists[d].count; i++)
			flow->app.frames->lists[d].items[i].done = true;
		app_frames_hold(flow, (enum direction)d, 0);
	}
}
