// SPDX-License-Identifier: GPL-3.0-or-later
// Bodies of streams: content codings are taken off, what comes out is carried as a file, and a DNS message among them is read (RFC 8484).
#include "decoders/app/dns/dns_service.h"
#include "decoders/app/files/file.h"
#include "decoders/app/http/decompress.h"
#include "decoders/app/http/http.h"
#include "decoders/app/http2/http2_brotli.h"
#include "decoders/app/http2/http2_internal.h"

struct sink {
	const struct app_input *input;
	struct http2_tx *tx;
};

static void open_file(const struct app_input *input, struct http2_tx *tx)
{
	struct http2_worker *worker = input->shared;
	struct http2_side *side = &tx->sides[input->direction];
	struct span name = { 0 }, value;
	struct http_range range;
	side->file_done = true;
	http2_header_find(tx, TO_SERVER, ":path", &name);
	side->file = file_open(
		worker->files, input->slab, &tx->tx.files, name, input->direction, http2_state_of(input)->file_track++);
	if (!side->file) {
		worker->counters[HTTP2_COUNT_OVER_BUDGET]++;
		return;
	}
	if (!http2_header_find(tx, input->direction, "content-range", &value))
		return;
	if (!http_range_parse(value, &range)) {
		http2_event(input, tx, HTTP2_EVENT_INVALID_RANGE);
	} else if (range.start >= 0) {
		side->file->range_start = (uint64_t)range.start;
		side->file->range_end = (uint64_t)range.end;
		side->file->range_total = range.size < 0 ? 0 : (uint64_t)range.size;
	}
}

static bool take(void *context, struct span data)
{
	struct sink *sink = context;
	const struct app_input *input = sink->input;
	struct http2_worker *worker = input->shared;
	struct http2_side *side = &sink->tx->sides[input->direction];
	if (side->carries_dns && !side->dns &&
		bytes_append(input->slab, &side->dns_bytes, data, HTTP2_DNS_BYTES) < data.len) {
		http2_event(input, sink->tx,
			input->direction == TO_SERVER ? HTTP2_EVENT_DNS_REQUEST_TOO_LONG
						      : HTTP2_EVENT_DNS_RESPONSE_TOO_LONG);
		side->carries_dns = false;
	}
	if (!side->file && !side->file_done)
		open_file(input, sink->tx);
	if (side->file)
		file_append(worker->files, input->slab, side->file, data);
	return true;
}

static void tell_trouble(const struct app_input *input, struct http2_tx *tx, unsigned trouble)
{
	if (trouble & DECOMPRESS_BROKEN)
		http2_event(input, tx, HTTP2_EVENT_FAILED_DECOMPRESSION);
	if (!(trouble & DECOMPRESS_BOMB))
		return;
	http2_event(input, tx, HTTP2_EVENT_COMPRESSION_BOMB);
	struct http2_side *side = &tx->sides[input->direction];
	struct http2_worker *worker = input->shared;
	if (side->file)
		file_close(worker->files, input->slab, side->file, FILE_TRUNCATED);
	side->file = NULL;
}

static void take_message(
	const struct app_input *input, struct http2_tx *tx, enum direction direction, struct span bytes)
{
	struct http2_worker *worker = input->shared;
	struct dns_message message;
	unsigned count = 0;
	if (tx->sides[direction].dns || !dns_header_plausible(bytes, bytes.len) ||
		!dns_message_parse(bytes, worker->records, &message) ||
		(direction == TO_CLIENT) != !!(message.flags & DNS_QR))
		return;
	for (int i = 0; i < DNS_SECTIONS; i++)
		count += message.counts[i];
	uint32_t records_size = (uint32_t)(count * sizeof(struct dns_record));
	uint32_t size = (uint32_t)sizeof(struct http2_dns) + records_size + bytes.len;
	struct http2_dns *dns = slab_alloc_raw(input->slab, size);
	if (!dns) {
		worker->counters[HTTP2_COUNT_OVER_BUDGET]++;
		return;
	}
	uint8_t *block = (uint8_t *)(dns + 1);
	*dns = (struct http2_dns) { .message = message, .size = size };
	memcpy(block, message.records, records_size);
	memcpy(block + records_size, bytes.data, bytes.len);
	dns->message.records = (const struct dns_record *)(const void *)block;
	dns->message.bytes.data = block + records_size;
	tx->sides[direction].dns = dns;
	struct app_flow *app = &input->flow->app;
	if (app->proto != APP_DOH2) {
		app->proto_original = app->proto;
		app->proto = app->proto_dir[0] = app->proto_dir[1] = APP_DOH2;
	}
}

// RFC 8484 4.1: GET carries the message in the query, as base64url.
static void read_dns_query(const struct app_input *input, struct http2_tx *tx)
{
	struct http2_side *side = &tx->sides[TO_SERVER];
	struct span path, text;
	if (!http2_header_find(tx, TO_SERVER, ":path", &path))
		return;
	if (!dns_query_find(path, &text))
		return;
	uint32_t room = text.len * 3 / 4 + 3;
	side->dns_bytes.len = 0;
	if (!bytes_reserve(input->slab, &side->dns_bytes, room))
		return;
	side->dns_bytes.len = dns_query_decode(text, side->dns_bytes.data, room);
	if (side->dns_bytes.len > HTTP2_DNS_BYTES)
		http2_event(input, tx, HTTP2_EVENT_DNS_REQUEST_TOO_LONG);
	else
		take_message(input, tx, TO_SERVER, bytes_span(&side->dns_bytes));
	bytes_fini(input->slab, &side->dns_bytes);
}

static void start_decoding(const struct app_input *input, struct http2_tx *tx)
{
	struct http2_worker *worker = input->shared;
	struct http2_side *side = &tx->sides[input->direction];
	const enum decompress_kind kind = DECOMPRESS_INFLATE;
	struct span coding;
	if (side->decoder || side->brotli || side->saw_data ||
		!http2_header_find(tx, input->direction, "content-encoding", &coding))
		return;
	if (span_is_nocase(coding, "gzip") || span_is_nocase(coding, "deflate") || span_is_nocase(coding, "x-gzip")) {
		side->decoder = decompress_new(worker->pool, &kind, 1);
		worker->counters[HTTP2_COUNT_OVER_BUDGET] += !side->decoder;
	} else if (span_is_nocase(coding, "br")) {
		side->brotli = http2_brotli_new(input->slab, &worker->brotli_bytes);
		worker->counters[HTTP2_COUNT_OVER_BUDGET] += !side->brotli;
	} else if (!span_is_nocase(coding, "identity")) {
		worker->counters[HTTP2_COUNT_UNSUPPORTED]++;
	}
}

static void drop_decoders(struct http2_side *side)
{
	decompress_free(side->decoder);
	http2_brotli_free(side->brotli);
	side->decoder = NULL;
	side->brotli = NULL;
}

void http2_body_start(const struct app_input *input, struct http2_tx *tx)
{
	struct http2_side *side = &tx->sides[input->direction];
	struct span value;
	start_decoding(input, tx);
	if (http2_header_find(tx, input->direction, "content-type", &value) &&
		span_starts_nocase(value, "application/dns-message"))
		side->carries_dns = true;
	if (input->direction == TO_SERVER && !side->dns && http2_header_find(tx, TO_SERVER, ":method", &value) &&
		span_is(value, "GET") &&
		(side->carries_dns || (http2_header_find(tx, TO_SERVER, "accept", &value) &&
					      span_starts_nocase(value, "application/dns-message"))))
		read_dns_query(input, tx);
}

void http2_body_data(const struct app_input *input, struct http2_tx *tx, struct span data)
{
	struct http2_side *side = &tx->sides[input->direction];
	struct sink sink = { input, tx };
	if (data.len == 0)
		return;
	side->saw_data = true;
	if (side->decoder) {
		decompress_feed(side->decoder, data, take, &sink);
		tell_trouble(input, tx, decompress_trouble(side->decoder));
	} else if (side->brotli) {
		tell_trouble(input, tx, http2_brotli_feed(side->brotli, data, take, &sink));
	} else {
		take(&sink, data);
	}
	app_tx_changed(input->flow, &tx->tx, input->direction);
}

void http2_body_gap(struct http2_tx *tx, enum direction direction, uint32_t bytes)
{
	struct http2_side *side = &tx->sides[direction];
	drop_decoders(side);
	side->carries_dns = false;
	if (side->file)
		file_gap(side->file, bytes);
}

void http2_body_end(const struct app_input *input, struct http2_tx *tx, enum direction direction, bool whole)
{
	struct http2_worker *worker = input->shared;
	struct http2_side *side = &tx->sides[direction];
	if (side->decoder && direction == input->direction) {
		struct sink sink = { input, tx };
		decompress_end(side->decoder, take, &sink);
		tell_trouble(input, tx, decompress_trouble(side->decoder));
	}
	drop_decoders(side);
	if (side->carries_dns && whole && side->dns_bytes.len)
		take_message(input, tx, direction, bytes_span(&side->dns_bytes));
	bytes_fini(input->slab, &side->dns_bytes);
	if (!side->file)
		return;
	file_close(
		worker->files, input->slab, side->file, whole && !side->file->has_gaps ? FILE_CLOSED : FILE_TRUNCATED);
	side->file = NULL;
}

void http2_body_free(struct http2_worker *worker, struct slab *slab, struct http2_tx *tx)
{
	for (int d = TO_SERVER; d <= TO_CLIENT; d++) {
		struct http2_side *side = &tx->sides[d];
		drop_decoders(side);
		bytes_fini(slab, &side->frames);
		bytes_fini(slab, &side->settings);
		bytes_fini(slab, &side->dns_bytes);
		if (side->dns)
			slab_free(slab, side->dns, side->dns->size);
	}
	file_free_list(worker->files, slab, &tx->tx.files);
}
