// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/flow/app_frame.h"

#define FRAME_WHOLE_BYTES (16u << 10) // a frame of at most this many bytes stays whole until it is done

static struct app_frames *frames_of(struct flow *flow, struct slab *slab)
{
	if (!flow->app.frames && (flow->app.frames = slab_alloc(slab, sizeof(struct app_frames))))
		flow->app.frames->hold[0] = flow->app.frames->hold[1] = UINT64_MAX;
	return flow->app.frames;
}

static bool list_room(struct app_frame_list *list, struct slab *slab)
{
	if (list->count < list->room)
		return true;
	if (list->room >= FRAMES_MAX)
		return false;
	uint16_t room = (uint16_t)(list->room ? list->room * 2 : 4);
	struct app_frame *grown = slab_resize(slab, list->items, list->room * sizeof(*grown), room * sizeof(*grown));
	if (!grown)
		return false;
	list->items = grown;
	list->room = room;
	return true;
}

struct app_frame *app_frame_add(struct flow *flow, struct slab *slab, enum direction direction, uint8_t type,
	uint64_t offset, uint64_t len, bool datagram)
{
	if (!(flow->app.flags & APP_FRAMES))
		return NULL;
	struct app_frames *frames = frames_of(flow, slab);
	if (!frames)
		return NULL;
	struct app_frame_list *list = &frames->lists[direction];
	uint64_t id = ++frames->ids[direction];
	if (!list_room(list, slab)) {
		frames->lost++;
		return NULL;
	}
	struct app_frame *frame = &list->items[list->count++];
	*frame = (struct app_frame) { .offset = offset,
		.len = len,
		.id = id,
		.tx_id = FRAME_NO_TX,
		.inspected = offset,
		.type = type,
		.datagram = datagram };
	if (!datagram && offset < frames->hold[direction])
		frames->hold[direction] = offset;
	return frame;
}

struct app_frame *app_frame_open(const struct flow *flow, enum direction direction, uint8_t type)
{
	struct app_frame_list *list = flow->app.frames ? &flow->app.frames->lists[direction] : NULL;
	for (unsigned i = list ? list->count : 0; i > 0; i--)
		if (list->items[i - 1].type == type && list->items[i - 1].len == FRAME_OPEN)
			return &list->items[i - 1];
	return NULL;
}

void app_frame_end(struct flow *flow, enum direction direction, uint8_t type, uint64_t offset)
{
	struct app_frame *frame = app_frame_open(flow, direction, type);
	if (frame)
		frame->len = offset > frame->offset ? offset - frame->offset : 0;
}

void app_frames_hold(struct flow *flow, enum direction direction, uint64_t keep_bytes)
{
	struct app_frames *frames = flow->app.frames;
	if (!frames)
		return;
	uint64_t hold = UINT64_MAX;
	for (unsigned i = 0; i < frames->lists[direction].count; i++) {
		const struct app_frame *frame = &frames->lists[direction].items[i];
		uint64_t from = frame->offset;
		if (frame->done || frame->datagram)
			continue;
		if (frame->inspected - from > FRAME_WHOLE_BYTES)
			from = frame->inspected - keep_bytes;
		hold = from < hold ? from : hold;
	}
	frames->hold[direction] = hold;
}

void app_frames_clean(struct flow *flow)
{
	struct app_frames *frames = flow->app.frames;
	for (unsigned d = 0; frames && d < 2; d++) {
		struct app_frame_list *list = &frames->lists[d];
		uint16_t kept = 0;
		for (unsigned i = 0; i < list->count; i++)
			if (!list->items[i].done)
				list->items[kept++] = list->items[i];
		list->count = kept;
	}
}

void app_frames_swap(struct flow *flow)
{
	struct app_frames *frames = flow->app.frames;
	if (!frames)
		return;
	struct app_frames old = *frames;
	for (unsigned d = 0; d < 2; d++) {
		frames->hold[d] = old.hold[1 - d];
		frames->ids[d] = old.ids[1 - d];
		frames->lists[d] = old.lists[1 - d];
	}
}

void app_frames_free(struct flow *flow, struct slab *slab)
{
	struct app_frames *frames = flow->app.frames;
	if (!frames)
		return;
	for (unsigned d = 0; d < 2; d++)
		slab_free(slab, frames->lists[d].items, frames->lists[d].room * sizeof(struct app_frame));
	slab_free(slab, frames, sizeof(*frames));
	flow->app.frames = NULL;
}
