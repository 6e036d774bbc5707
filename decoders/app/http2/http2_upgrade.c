// SPDX-License-Identifier: GPL-3.0-or-later
// After an upgrade from HTTP/1: the request that asked for it is stream 1's, whole; its header HTTP2-Settings is the client's first SETTINGS frame
// (RFC 7540 section 3.2).
#include "decoders/app/handover.h"
#include "decoders/app/http2/http2_internal.h"
#include "decoders/base/base64.h"

#define SETTINGS_BYTES 1024

// token68 of RFC 9110, in the URL's alphabet of RFC 4648; the other one is taken too. False: not that, or too long.
static bool decode(struct span text, uint8_t *out, uint32_t *len)
{
	uint32_t read;
	text = span_trim(text);
	while (text.len && text.data[text.len - 1] == '=')
		text.len--;
	*len = base64_run(text, base64_letter_any, out, SETTINGS_BYTES, &read);
	return read == text.len;
}

void http2_take_upgrade(struct app_input *input)
{
	struct app_input client = *input;
	struct span name, value, settings = { 0 };
	client.direction = TO_SERVER;
	struct http2_tx *tx = http2_stream_take(&client, 1);
	struct cursor c = app_handover_begin(input->flow);
	bool all = true;
	while (tx && app_handover_next(&c, &name, &value)) {
		all &= http2_header_keep(&client, tx, &(struct http2_header) { .name = name, .value = value });
		if (span_is_nocase(name, "http2-settings"))
			settings = value;
	}
	if (tx) {
		uint8_t bytes[SETTINGS_BYTES];
		struct http2_head head = { .type = HTTP2_FRAME_SETTINGS };
		if (!all)
			((struct http2_worker *)input->shared)->counters[HTTP2_COUNT_OVER_BUDGET]++;
		if (!decode(settings, bytes, &head.length) || head.length % 6)
			http2_event(&client, tx, HTTP2_EVENT_INVALID_HTTP1_SETTINGS);
		else if (settings.data)
			http2_frame_take(&client, &head, span_of(bytes, head.length));
		http2_remember(&client, tx, &(struct http2_frame) { .type = HTTP2_FRAME_HEADERS });
		http2_progress_to(&client, tx, TO_SERVER, HTTP2_DATA);
		http2_body_start(&client, tx);
		http2_end_stream(&client, tx);
	}
	app_handover_free(input->flow, input->slab);
}
