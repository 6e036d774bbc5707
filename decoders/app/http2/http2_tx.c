// SPDX-License-Identifier: GPL-3.0-or-later
// Transactions of HTTP/2: made with their stream's first frame, found by its number, and what is remembered of them.
#include "decoders/app/http2/http2_internal.h"
#include "decoders/app/app_tx.h"

#define CHAIN_MAX 32  // of a bucket that is looked at: who picks numbers to fill one loses his own streams
#define SPARE_TXS 64u // kept free for the frames of one segment

struct http2_tx *http2_stream_find(struct http2_state *state, uint32_t stream)
{
	struct http2_tx *tx = state->buckets[stream / 2 % HTTP2_BUCKETS];
	for (unsigned seen = 0; tx && tx->stream != stream; tx = tx->next) {
		work_step(1);
		if (++seen == CHAIN_MAX)
			return NULL;
	}
	return tx;
}

void http2_tx_unlink(struct http2_state *state, struct http2_tx *tx)
{
	if (!tx->link)
		return;
	*tx->link = tx->next;
	if (tx->next)
		tx->next->link = tx->link;
	tx->link = NULL;
	state->open--;
}

void http2_progress_to(const struct app_input *input, struct http2_tx *tx, enum direction direction, uint8_t progress)
{
	if (tx->tx.progress[direction] < progress)
		tx->tx.progress[direction] = progress;
	tx->tx.last_ns = input->now_ns;
	app_tx_changed(input->flow, &tx->tx, direction);
}

static void http2_close_both(const struct app_input *input, struct http2_tx *tx)
{
	for (int d = TO_SERVER; d <= TO_CLIENT; d++) {
		http2_body_end(input, tx, (enum direction)d, false);
		http2_progress_to(input, tx, (enum direction)d, HTTP2_CLOSED);
	}
}

// Room for one more: the oldest stream that is still open gives way.
static void make_room(const struct app_input *input)
{
	struct http2_state *state = http2_state_of(input);
	struct http2_worker *worker = input->shared;
	const struct app_flow *app = &input->flow->app;
	if (state->open < worker->max_streams && !app_tx_crowded(input->flow, SPARE_TXS))
		return;
	for (struct app_tx *tx = app->tx_first; tx; tx = tx->next) {
		struct http2_tx *http2 = (struct http2_tx *)(void *)tx;
		work_step(1);
		if (!http2->link || app_tx_done(&http2_parser, tx))
			continue;
		worker->counters[HTTP2_COUNT_OVER_BUDGET]++;
		http2_event(input, http2, HTTP2_EVENT_TOO_MANY_STREAMS);
		http2_close_both(input, http2);
		http2_tx_unlink(state, http2);
		return;
	}
}

static struct http2_tx *make_tx(struct app_input *input, uint32_t stream)
{
	struct app_tx *made = app_tx_new(input->flow, input->slab, sizeof(struct http2_tx), input->now_ns, 3);
	struct http2_worker *worker = input->shared;
	if (!made) {
		worker->counters[HTTP2_COUNT_OVER_BUDGET]++;
		return NULL;
	}
	struct http2_tx *tx = (struct http2_tx *)(void *)made;
	tx->stream = stream;
	return tx;
}

struct http2_tx *http2_stream_take(struct app_input *input, uint32_t stream)
{
	struct http2_state *state = http2_state_of(input);
	struct http2_tx *tx = http2_stream_find(state, stream);
	if (tx)
		return tx;
	make_room(input);
	if (!(tx = make_tx(input, stream)))
		return NULL;
	struct http2_tx **bucket = &state->buckets[stream / 2 % HTTP2_BUCKETS];
	tx->next = *bucket;
	tx->link = bucket;
	if (tx->next)
		tx->next->link = &tx->next;
	*bucket = tx;
	state->open++;
	return tx;
}

struct http2_tx *http2_global_tx(struct app_input *input)
{
	struct http2_tx *tx = make_tx(input, 0);
	if (!tx)
		return NULL;
	app_tx_finish(input->flow, &tx->tx, HTTP2_CLOSED);
	return tx;
}

void http2_remember(const struct app_input *input, struct http2_tx *tx, const struct http2_frame *frame)
{
	struct http2_worker *worker = input->shared;
	struct bytes *frames = &tx->sides[input->direction].frames;
	if (frames->len >= HTTP2_FRAMES_MAX * sizeof(*frame)) {
		http2_event(input, tx, HTTP2_EVENT_TOO_MANY_FRAMES);
		return;
	}
	if (!bytes_append(input->slab, frames, span_of(frame, sizeof(*frame)), SLAB_MAX_BLOCK))
		worker->counters[HTTP2_COUNT_OVER_BUDGET]++;
}

void http2_keep_setting(const struct app_input *input, struct http2_tx *tx, struct http2_setting setting)
{
	struct http2_worker *worker = input->shared;
	if (!bytes_append(input->slab, &tx->sides[input->direction].settings, span_of(&setting, sizeof(setting)),
		    HTTP2_FRAME_BYTES * 2))
		worker->counters[HTTP2_COUNT_OVER_BUDGET]++;
}

static bool item_at(const struct bytes *list, size_t size, uint32_t index, void *out)
{
	if (index >= list->len / size)
		return false;
	memcpy(out, list->data + index * size, size);
	return true;
}

bool http2_frame_at(const struct http2_tx *tx, enum direction direction, uint32_t index, struct http2_frame *out)
{
	return item_at(&tx->sides[direction].frames, sizeof(*out), index, out);
}

bool http2_setting_at(const struct http2_tx *tx, enum direction direction, uint32_t index, struct http2_setting *out)
{
	return item_at(&tx->sides[direction].settings, sizeof(*out), index, out);
}

bool http2_header_at(const struct http2_tx *tx, enum direction direction, uint32_t index, struct http2_header *out)
{
	struct http2_kept_header kept;
	if (!item_at(&tx->sides[direction].headers, sizeof(kept), index, &kept))
		return false;
	struct span text = bytes_span(&tx->sides[direction].text);
	*out = (struct http2_header) { .name = span_slice(text, kept.at, kept.name_len),
		.value = span_slice(text, kept.at + kept.name_len, kept.value_len),
		.is_update = kept.is_update,
		.update = kept.update };
	return true;
}

bool http2_header_find(const struct http2_tx *tx, enum direction direction, const char *name, struct span *value)
{
	struct http2_header header;
	for (uint32_t i = 0; http2_header_at(tx, direction, i, &header); i++)
		if (!header.is_update && span_is_nocase(header.name, name)) {
			*value = header.value;
			return true;
		}
	return false;
}

bool http2_host(const struct http2_tx *tx, struct span *out)
{
	return http2_header_find(tx, TO_SERVER, ":authority", out) || http2_header_find(tx, TO_SERVER, "host", out);
}

struct span http2_host_name(struct span authority)
{
	uint32_t at = span_find(authority, '@', 0);
	if (at < authority.len)
		authority = span_from(authority, at + 1);
	return span_slice(authority, 0, span_find(authority, ':', 0));
}

const char *http2_error_name(uint32_t code)
{
	static const char *const names[] = { "NOERROR", "PROTOCOLERROR", "INTERNALERROR", "FLOWCONTROLERROR",
		"SETTINGSTIMEOUT", "STREAMCLOSED", "FRAMESIZEERROR", "REFUSEDSTREAM", "CANCEL", "COMPRESSIONERROR",
		"CONNECTERROR", "ENHANCEYOURCALM", "INADEQUATESECURITY", "HTTP11REQUIRED" };
	return code < sizeof(names) / sizeof(names[0]) ? names[code] : NULL;
}

const char *http2_setting_name(uint16_t id)
{
	static const char *const names[] = { NULL, "SETTINGSHEADERTABLESIZE", "SETTINGSENABLEPUSH",
		"SETTINGSMAXCONCURRENTSTREAMS", "SETTINGSINITIALWINDOWSIZE", "SETTINGSMAXFRAMESIZE",
		"SETTINGSMAXHEADERLISTSIZE" };
	return id < sizeof(names) / sizeof(names[0]) ? names[id] : NULL;
}
