// SPDX-License-Identifier: GPL-3.0-or-later
// Upgrade to HTTP/2 without TLS: the request that asked for it is answered there, on stream 1 (RFC 7540 section 3.2), so it is left for that parser.
#include "decoders/app/handover.h"
#include "decoders/app/http/http_internal.h"

#define HEADERS_MAX 256

void http_hand_over(struct http_state *state, const struct app_tx *tx)
{
	struct http_header header;
	struct span part;
	if (http_part(tx, HTTP_PART_METHOD, &part))
		app_handover_add(state->flow, state->slab, span_text(":method"), part);
	if (http_part(tx, HTTP_PART_URI_RAW, &part))
		app_handover_add(state->flow, state->slab, span_text(":path"), part);
	for (uint32_t i = 0; i < HEADERS_MAX && http_header_at(tx, TO_SERVER, i, &header); i++)
		if (!app_handover_add(state->flow, state->slab, header.name, header.value))
			break;
}
