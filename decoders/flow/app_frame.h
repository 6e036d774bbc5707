// SPDX-License-Identifier: GPL-3.0-or-later
// Frames: stretches of a stream, or of a datagram, that a parser names for rules (frame:tls.hdr). A parser says where one lies as soon as it
// knows; the bytes stay in the stream until rules looked at them.
//
// Life cycle   app_frame_add while data is parsed -> rules look at them with the packets of their direction -> done ones go when
//              the next data is parsed, all of them with the flow
// Memory       a list a direction in the worker's slab, made with the first frame; FRAMES_MAX live ones, more are left out and counted
// Threads      the worker of the flow
#pragma once
#include "decoders/flow/flow.h"

#define FRAMES_MAX      256        // live ones a direction
#define FRAME_OPEN      UINT64_MAX // length not known yet
#define FRAME_NO_TX     UINT64_MAX
#define FRAME_STREAM    255 // type of "stream": all bytes of a direction
#define FRAME_TYPES_MAX 64

struct app_frame {
	uint64_t offset;    // of its first byte in the direction's stream, or in the datagram
	uint64_t len;       // FRAME_OPEN: until app_frame_end
	uint64_t id;        // from 1 in a flow and direction
	uint64_t tx_id;     // FRAME_NO_TX: none
	uint64_t inspected; // rules looked at what lies before this offset
	uint8_t type;       // by the parser's frame_names; FRAME_STREAM
	bool datagram;
	bool done;   // rules need it no more
	bool logged; // its event was written
};

struct app_frames {
	uint64_t hold[2]; // bytes from there on stay in the stream; UINT64_MAX: none
	uint64_t ids[2], lost;
	struct app_frame_list {
		uint16_t count, room;
		struct app_frame *items; // move when the list grows
	} lists[2];
};

// Adds a frame at offset. NULL: no rule or event asks for frames of this protocol (then nothing was done), or there is no room.
// Good until the next app_frame call.
struct app_frame *app_frame_add(struct flow *flow, struct slab *slab, enum direction direction, uint8_t type,
	uint64_t offset, uint64_t len, bool datagram);
// The newest frame of type whose end is not known. NULL: none.
struct app_frame *app_frame_open(const struct flow *flow, enum direction direction, uint8_t type);
// The open frame of type, if there is one, ends before offset.
void app_frame_end(struct flow *flow, enum direction direction, uint8_t type, uint64_t offset);
// Takes out those that are done, and says what must stay in the stream.
void app_frames_clean(struct flow *flow);
void app_frames_hold(struct flow *flow, enum direction direction, uint64_t keep_bytes);
void app_frames_swap(struct flow *flow);
void app_frames_free(struct flow *flow, struct slab *slab);
