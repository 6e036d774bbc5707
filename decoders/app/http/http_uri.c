// SPDX-License-Identifier: GPL-3.0-or-later
// The URI as a server understands it: libhtp's normalised path, then query and fragment, decoded. Rules match this; the raw one is
// in libhtp's transaction.
#include "decoders/app/http/http_internal.h"

#define URI_MAX (128u << 10) // bytes; libhtp's field limit is far below unless configured away

// Decodes part in place; true when it became shorter, that is, when something was encoded in it.
static bool decode(const htp_tx_t *htp, bstr *part)
{
	uint64_t flags = 0;
	size_t before = bstr_len(part);
	return htp_urldecode_inplace(htp->cfg, HTP_DECODER_URLENCODED, part, &flags) == HTP_OK &&
	       bstr_len(part) < before;
}

static void append(struct http_state *state, struct http_tx *tx, struct span text)
{
	if (bytes_append(state->slab, &tx->uri, text, URI_MAX) < text.len)
		state->worker->counters[HTTP_COUNT_NO_MEMORY]++;
}

static void append_query(struct http_state *state, struct http_tx *tx, const bstr *query)
{
	const htp_tx_t *htp = tx->htp;
	bstr *copy = bstr_dup(query);
	if (!copy) {
		state->worker->counters[HTTP_COUNT_NO_MEMORY]++;
		return;
	}
	decode(htp, copy);
	if (state->worker->double_decode_query && decode(htp, copy))
		http_event(state, tx, HTTP_EVENT_DOUBLE_ENCODED_URI);
	append(state, tx, span_of("?", 1));
	append(state, tx, http_bstr(copy));
	bstr_free(copy);
}

void http_uri_normalise(struct http_state *state, struct http_tx *tx)
{
	const htp_tx_t *htp = tx->htp;
	const htp_uri_t *uri = htp->parsed_uri;
	tx->uri.len = 0;
	if (!uri)
		return;
	if (uri->path) {
		if (state->worker->double_decode_path && decode(htp, uri->path))
			http_event(state, tx, HTTP_EVENT_DOUBLE_ENCODED_URI);
		append(state, tx, http_bstr(uri->path));
	}
	if (uri->query)
		append_query(state, tx, uri->query);
	if (uri->fragment) {
		append(state, tx, span_of("#", 1));
		append(state, tx, http_bstr(uri->fragment));
	}
}
