// SPDX-License-Identifier: GPL-3.0-or-later
// Hold: the start of a message that is not whole yet, kept by a parser of a stream. A parser that leaves bytes to the stream instead waits for ever
// when the rest of the message is lost; with a hold it takes all bytes at once, and a gap drops what is held.
//
// Life cycle   zeroed; each call: hold_open -> the parser takes whole messages from the front -> hold_keep; hold_drop after a gap and at the end
// Memory       worker's slab, max_len bytes at most, given back when nothing is held
// Threads      worker of its flow
#pragma once
#include "decoders/base/bytes.h"

struct hold {
	struct bytes bytes;
};

static inline void hold_drop(struct hold *hold, struct slab *slab)
{
	bytes_fini(slab, &hold->bytes);
}

// What is held and the new data, as one stretch; valid until hold_keep. False: over max_len or no memory (what was held is dropped, data is given alone).
static inline bool hold_open(struct hold *hold, struct slab *slab, struct span data, uint32_t max_len, struct span *out)
{
	*out = data;
	if (hold->bytes.len == 0)
		return true;
	if (bytes_append(slab, &hold->bytes, data, max_len) < data.len) {
		hold_drop(hold, slab);
		return false;
	}
	*out = bytes_span(&hold->bytes);
	return true;
}

// Keeps rest, the unread end of what hold_open gave. False: over max_len or no memory, nothing is held.
static inline bool hold_keep(struct hold *hold, struct slab *slab, struct span rest, uint32_t max_len)
{
	if (rest.len == 0) {
		hold_drop(hold, slab);
		return true;
	}
	bool inside =
		hold->bytes.len && rest.data >= hold->bytes.data && rest.data <= hold->bytes.data + hold->bytes.len;
	if (inside) {
		bytes_drop_front(&hold->bytes, hold->bytes.len - rest.len);
		return true;
	}
	hold->bytes.len = 0;
	if (rest.len > max_len || bytes_append(slab, &hold->bytes, rest, max_len) < rest.len) {
		hold_drop(hold, slab);
		return false;
	}
	return true;
}
