// SPDX-License-Identifier: GPL-3.0-or-later
// Handover: what a parser leaves for the one that follows it in the flow (HTTP/1's request that HTTP/2 answers on stream 1): named values, in order.
//
// Life cycle   app_handover_add by the parser that goes; read and freed by the one that comes, or with the flow
// Memory       worker's slab, APP_HANDOVER_MAX bytes at most
// Threads      worker of its flow
#pragma once
#include "decoders/base/bytes.h"
#include "decoders/base/cursor.h"
#include "decoders/flow/flow.h"

#define APP_HANDOVER_MAX (64u << 10)

struct app_handover {
	struct bytes values;
};

// False: no room; what is there stays.
static inline bool app_handover_add(struct flow *flow, struct slab *slab, struct span name, struct span value)
{
	const uint32_t lens[2] = { name.len, value.len };
	if (!flow->app.handover && !(flow->app.handover = slab_alloc(slab, sizeof(struct app_handover))))
		return false;
	struct bytes *values = &flow->app.handover->values;
	uint32_t before = values->len;
	if ((uint64_t)before + sizeof(lens) + name.len + value.len <= APP_HANDOVER_MAX &&
		bytes_append(slab, values, span_of(lens, sizeof(lens)), APP_HANDOVER_MAX) == sizeof(lens) &&
		bytes_append(slab, values, name, APP_HANDOVER_MAX) == name.len &&
		bytes_append(slab, values, value, APP_HANDOVER_MAX) == value.len)
		return true;
	values->len = before;
	return false;
}

static inline struct cursor app_handover_begin(const struct flow *flow)
{
	return cursor_on(flow->app.handover ? bytes_span(&flow->app.handover->values) : (struct span) { 0 });
}

// The next value. False: no more. Borrowed until the handover is freed.
static inline bool app_handover_next(struct cursor *c, struct span *name, struct span *value)
{
	uint32_t lens[2];
	struct span head = cursor_span(c, sizeof(lens));
	if (!cursor_ok(c))
		return false;
	memcpy(lens, head.data, sizeof(lens));
	*name = cursor_span(c, lens[0]);
	*value = cursor_span(c, lens[1]);
	return cursor_ok(c);
}

static inline void app_handover_free(struct flow *flow, struct slab *slab)
{
	if (!flow->app.handover)
		return;
	bytes_fini(slab, &flow->app.handover->values);
	slab_free(slab, flow->app.handover, sizeof(struct app_handover));
	flow->app.handover = NULL;
}
