// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/match/capture.h"

static struct span keep(struct captures *captures, struct span bytes)
{
	uint8_t *at = captures->bytes + captures->used;
	if (bytes.len)
		memcpy(at, bytes.data, bytes.len);
	captures->used += bytes.len;
	return span_of(at, bytes.len);
}

void capture_put(struct captures *captures, enum capture_kind kind, uint16_t var, struct span key, struct span text)
{
	uint32_t at = 0;
	while (at < captures->count && (captures->items[at].kind != kind || captures->items[at].var != var ||
					       !span_equal(captures->items[at].key, key)))
		at++;
	if (at == CAPTURES_MAX || CAPTURE_BYTES_MAX - captures->used < (uint64_t)key.len + text.len) {
		captures->lost++;
		return;
	}
	struct capture *item = &captures->items[at];
	*item = (struct capture) { .kind = (uint8_t)kind, .var = var };
	item->key = keep(captures, key);
	item->text = keep(captures, text);
	captures->count += at == captures->count;
}
