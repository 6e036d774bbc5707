// SPDX-License-Identifier: GPL-3.0-or-later
// Fuzz: an HTTP conversation of arbitrary bytes. Input is a list of turns: one byte whose low bit is the direction and whose other bits
// say what happens (a gap, an end, or up to 64 * n bytes of data), then the data.
#include "tests/decoders/app/http/http_session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Reads everything rules and events read, so that a bad pointer shows.
static uint64_t read_all(const struct session *s)
{
	uint64_t sum = 0;
	for (const struct app_tx *tx = s->flow.app.tx_first; tx; tx = tx->next) {
		struct span text;
		struct http_header header;
		for (int part = 0; part < HTTP_PARTS_END; part++)
			if (http_part(tx, (enum http_part)part, &text) && text.len)
				sum += text.data[text.len - 1];
		for (int d = 0; d < 2; d++)
			for (uint32_t i = 0; http_header_at(tx, (enum direction)d, i, &header); i++)
				sum += header.name.len + header.value.len;
		sum += http_response_length(tx);
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static volatile uint64_t sink;
	struct session *s = calloc(1, sizeof *s);
	if (!s || size > SESSION_HELD_MAX)
		abort();
	session_open(s, 0);
	for (size_t at = 0; at < size;) {
		uint8_t turn = data[at++];
		enum direction direction = turn & 1 ? TO_CLIENT : TO_SERVER;
		unsigned what = turn >> 1;
		if (what == 1) {
			session_gap(s, direction, 100);
		} else if (what == 2) {
			session_end(s, direction);
		} else {
			size_t len = 64u * (what + 1u);
			len = len < size - at ? len : size - at;
			session_send(s, direction, data + at, len);
			at += len;
		}
	}
	session_end(s, TO_SERVER);
	session_end(s, TO_CLIENT);
	sink = sink + read_all(s);
	session_close(s);
	return 0;
}
