// SPDX-License-Identifier: GPL-3.0-or-later
// Header blocks (RFC 7541, RFC 9113 4.3): taken apart by libnghttp2, with its memory from the slab, and kept up to a limit. A block that refers to large
// entries of the table again and again costs what its bytes cost: what is over the limit is not copied.
#include "decoders/app/http2/http2_internal.h"

#define UPDATES_MAX   4u // changes of the table's size that are told of a block
#define INTEGER_SHIFT 28 // RFC 7541 5.1: more than that no size needs

// libnghttp2 frees without saying a size: it is put in front.
struct head {
	size_t size;
	size_t pad;
};

static void *take(size_t size, void *slab)
{
	if (size > SLAB_MAX_BLOCK - sizeof(struct head))
		return NULL;
	struct head *head = slab_alloc_raw(slab, size + sizeof(*head));
	if (!head)
		return NULL;
	head->size = size + sizeof(*head);
	return head + 1;
}

static void *take_zeroed(size_t count, size_t size, void *slab)
{
	if (size && count > SLAB_MAX_BLOCK / size)
		return NULL;
	void *block = take(count * size, slab);
	if (block)
		memset(block, 0, count * size);
	return block;
}

static void give_back(void *block, void *slab)
{
	if (!block)
		return;
	struct head *head = (struct head *)block - 1;
	slab_free(slab, head, head->size);
}

static void *resize(void *block, size_t size, void *slab)
{
	void *made = take(size, slab);
	if (!made || !block)
		return made;
	size_t old = ((struct head *)block - 1)->size - sizeof(struct head);
	memcpy(made, block, old < size ? old : size);
	give_back(block, slab);
	return made;
}

bool http2_inflaters_new(struct http2_state *state, const struct http2_worker *worker)
{
	state->memory = (nghttp2_mem) { worker->slab, take, give_back, take_zeroed, resize };
	for (int d = TO_SERVER; d <= TO_CLIENT; d++) {
		nghttp2_hd_inflater **inflater = &state->sides[d].inflater;
		if (nghttp2_hd_inflate_new2(inflater, &state->memory) != 0) {
			*inflater = NULL;
			http2_inflaters_free(state);
			return false;
		}
		// What the other side allows is not known in time: as much as we would ever keep
		nghttp2_hd_inflate_change_table_size(*inflater, worker->max_table_bytes);
	}
	return true;
}

void http2_inflaters_free(struct http2_state *state)
{
	for (int d = TO_SERVER; d <= TO_CLIENT; d++) {
		if (state->sides[d].inflater)
			nghttp2_hd_inflate_del(state->sides[d].inflater);
		state->sides[d].inflater = NULL;
	}
}

bool http2_header_keep(const struct app_input *input, struct http2_tx *tx, const struct http2_header *header)
{
	struct http2_side *side = &tx->sides[input->direction];
	struct http2_kept_header kept = { .at = side->text.len,
		.name_len = header->name.len,
		.value_len = header->value.len,
		.is_update = header->is_update,
		.update = header->update };
	struct http2_state *state = http2_state_of(input);
	uint32_t cost = (uint32_t)sizeof(kept) + header->name.len + header->value.len;
	if (side->headers.len >= HTTP2_HEADERS_MAX * sizeof(kept) ||
		header->name.len + header->value.len > HTTP2_HEADERS_BYTES - side->text.len ||
		cost > HTTP2_FLOW_HEADERS_BYTES - state->kept_bytes)
		return false;
	uint32_t text_len = side->text.len;
	if (bytes_append(input->slab, &side->text, header->name, HTTP2_HEADERS_BYTES) == header->name.len &&
		bytes_append(input->slab, &side->text, header->value, HTTP2_HEADERS_BYTES) == header->value.len &&
		bytes_append(input->slab, &side->headers, span_of(&kept, sizeof(kept)), SLAB_MAX_BLOCK)) {
		state->kept_bytes += cost;
		return true;
	}
	side->text.len = text_len;
	return false;
}

void http2_headers_free(struct http2_state *state, struct slab *slab, struct http2_tx *tx)
{
	for (int d = TO_SERVER; d <= TO_CLIENT; d++) {
		state->kept_bytes -= tx->sides[d].headers.len + tx->sides[d].text.len;
		bytes_fini(slab, &tx->sides[d].headers);
		bytes_fini(slab, &tx->sides[d].text);
	}
}

// RFC 7541 6.3: changes of the table's size stand before the fields. libnghttp2 applies them and says nothing.
static void read_updates(const struct app_input *input, struct http2_tx *tx, struct span block)
{
	struct http2_worker *worker = input->shared;
	struct cursor c = cursor_on(block);
	for (unsigned count = 0; count < UPDATES_MAX && cursor_left(&c) && (*c.at & 0xe0) == 0x20; count++) {
		uint64_t size = cursor_u8(&c) & 0x1f;
		if (size == 0x1f) {
			unsigned shift = 0;
			uint8_t byte;
			do {
				byte = cursor_u8(&c);
				size += (uint64_t)(byte & 0x7f) << shift;
				shift += 7;
			} while (cursor_ok(&c) && byte & 0x80 && shift <= INTEGER_SHIFT);
			if (byte & 0x80)
				http2_event(input, tx, HTTP2_EVENT_HEADER_INTEGER_OVERFLOW);
		}
		if (size > worker->max_table_bytes)
			http2_event(input, tx, HTTP2_EVENT_HEADER_TABLE_OVERFLOW);
		http2_header_keep(input, tx, &(struct http2_header) { .is_update = true, .update = size });
	}
}

static void check_host(const struct app_input *input, struct http2_tx *tx)
{
	struct span authority, host;
	if (!http2_header_find(tx, TO_SERVER, ":authority", &authority))
		return;
	if (span_find(authority, '@', 0) < authority.len)
		http2_event(input, tx, HTTP2_EVENT_USERINFO_IN_URI);
	if (http2_header_find(tx, TO_SERVER, "host", &host) &&
		(host.len != authority.len ||
			strncasecmp((const char *)host.data, (const char *)authority.data, host.len) != 0))
		http2_event(input, tx, HTTP2_EVENT_AUTHORITY_HOST_MISMATCH);
}

void http2_block_read(const struct app_input *input, struct http2_tx *tx, struct span block)
{
	struct http2_worker *worker = input->shared;
	struct http2_direction *side = &http2_state_of(input)->sides[input->direction];
	bool all = true;
	if (side->hpack_broken)
		return;
	read_updates(input, tx, block);
	for (;;) {
		nghttp2_nv nv;
		int flags = 0;
		work_step(1);
		ssize_t used = nghttp2_hd_inflate_hd2(side->inflater, &nv, &flags, block.data, block.len, 1);
		if (used < 0) {
			side->hpack_broken = true;
			worker->counters[HTTP2_COUNT_MALFORMED]++;
			http2_event(input, tx, HTTP2_EVENT_INVALID_HEADER);
			break;
		}
		block = span_from(block, (uint32_t)used);
		if (flags & NGHTTP2_HD_INFLATE_EMIT)
			all &= http2_header_keep(input, tx,
				&(struct http2_header) { .name = span_of(nv.name, nv.namelen),
					.value = span_of(nv.value, nv.valuelen) });
		if (flags & NGHTTP2_HD_INFLATE_FINAL) {
			nghttp2_hd_inflate_end_headers(side->inflater);
			break;
		}
		if (!(flags & NGHTTP2_HD_INFLATE_EMIT) && block.len == 0)
			break;
	}
	if (!all) {
		worker->counters[HTTP2_COUNT_OVER_BUDGET]++;
		http2_event(input, tx, HTTP2_EVENT_REASSEMBLY_LIMIT_REACHED);
	}
	if (input->direction == TO_SERVER)
		check_host(input, tx);
}
