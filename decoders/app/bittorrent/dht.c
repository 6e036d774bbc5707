// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/bittorrent/dht.h"
#include <stdlib.h>
#include "decoders/app/datagram.h"
#include "decoders/app/identify/recognise.h"
#include "decoders/app/tally.h"
#include "decoders/base/cursor.h"

#define ID_BYTES   20
#define DIGITS_MAX 18 // of a number

static const char *const event_names[] = { [DHT_MALFORMED_PACKET] = "malformed_packet", NULL };

// Decimal digits up to end, which is passed over.
static bool read_digits(struct cursor *c, uint8_t end, int64_t *number)
{
	bool negative = false;
	*number = 0;
	for (unsigned i = 0; i <= DIGITS_MAX; i++) {
		uint8_t byte = cursor_u8(c);
		if (byte == end && cursor_ok(c)) {
			*number = negative ? -*number : *number;
			return i > 0;
		}
		if (byte == '-' && i == 0 && end == 'e')
			negative = true;
		else if (byte >= '0' && byte <= '9' && i < DIGITS_MAX)
			*number = *number * 10 + (byte - '0');
		else
			return false;
	}
	return false;
}

static bool read_string(struct cursor *c, struct span *bytes)
{
	int64_t len;
	if (!read_digits(c, ':', &len) || len > UINT32_MAX)
		return false;
	*bytes = cursor_span(c, (uint32_t)len);
	return cursor_ok(c);
}

// Passes over a string or number, or the head or end of what holds others, and keeps depth.
static bool pass_token(struct cursor *c, uint32_t *depth)
{
	struct span bytes;
	int64_t number;
	if (!cursor_left(c))
		return false;
	uint8_t first = *c->at;
	if (first >= '0' && first <= '9')
		return read_string(c, &bytes);
	cursor_u8(c);
	switch (first) {
	case 'i': return read_digits(c, 'e', &number);
	case 'l':
	case 'd': ++*depth; return true;
	case 'e': return (*depth)-- > 0;
	default: return false;
	}
}

// One value, however deep it goes; its inside is not looked at.
static bool read_value(struct cursor *c, struct dht_value *value)
{
	*value = (struct dht_value) { 0 };
	if (!cursor_left(c))
		return false;
	uint8_t first = *c->at;
	if (first >= '0' && first <= '9') {
		value->kind = 's';
		return read_string(c, &value->bytes);
	}
	if (first == 'i') {
		value->kind = 'i';
		cursor_u8(c);
		return read_digits(c, 'e', &value->number);
	}
	if (first != 'l' && first != 'd')
		return false;
	const uint8_t *start = c->at + 1;
	uint32_t depth = 0;
	do
		if (!pass_token(c, &depth))
			return false;
	while (depth);
	*value = (struct dht_value) { .kind = first, .bytes = span_of(start, (size_t)(c->at - 1 - start)) };
	return true;
}

bool dht_find(struct span dictionary, const char *wanted, struct dht_value *value)
{
	struct cursor c = cursor_on(dictionary);
	struct span key;
	while (cursor_left(&c) && read_string(&c, &key) && read_value(&c, value))
		if (span_is(key, wanted))
			return true;
	*value = (struct dht_value) { 0 };
	return false;
}

bool dht_next(struct span list, uint32_t *at, struct dht_value *value)
{
	struct cursor c = cursor_on(span_from(list, *at));
	if (!read_value(&c, value))
		return false;
	*at += cursor_offset(&c);
	return true;
}

static void take_member(struct dht_message *m, struct span key, const struct dht_value *value)
{
	if (key.len != 1)
		return;
	switch (key.data[0]) {
	case 't': m->transaction = value->bytes; break;
	case 'v': m->version = value->bytes; break;
	case 'q': m->method = value->bytes; break;
	case 'a': m->query = value->bytes; break;
	case 'r': m->response = value->bytes; break;
	case 'e': m->error = value->bytes; break;
	case 'y': m->type = value->bytes.len == 1 ? value->bytes.data[0] : 0; break;
	default: break;
	}
}

static bool has_parts(const struct dht_message *m)
{
	if (!m->transaction.data)
		return false;
	struct dht_value id;
	switch (m->type) {
	case 'q': return m->method.data && m->query.data && dht_find(m->query, "id", &id) && id.bytes.len == ID_BYTES;
	case 'r': return m->response.data && dht_find(m->response, "id", &id) && id.bytes.len == ID_BYTES;
	case 'e': return m->error.data != NULL;
	default: return false;
	}
}

bool dht_message_read(struct span data, struct dht_message *m)
{
	struct cursor c = cursor_on(data);
	struct dht_value value;
	struct span key;
	*m = (struct dht_message) { 0 };
	if (cursor_u8(&c) != 'd')
		return false;
	while (cursor_left(&c) && *c.at != 'e') {
		if (!read_string(&c, &key) || !read_value(&c, &value))
			return false;
		take_member(m, key, &value);
	}
	return cursor_left(&c) && has_parts(m);
}

static enum app_result parse(struct app_input *input)
{
	struct dht_message message;
	struct app_tx *tx = datagram_take(input);
	if (tx && !dht_message_read(input->data, &message)) {
		tally(input, TALLY_MALFORMED);
		app_tx_event(input->flow, tx, DHT_MALFORMED_PACKET);
	}
	return APP_OK;
}

static const struct app_port ports[] = { { PROTO_UDP, 6881, 6881 }, { 0 } };

const struct app_parser dht_parser = {
	.proto = APP_BITTORRENT_DHT,
	.name = "bittorrent-dht",
	.udp = true,
	.ports = ports,
	.probe_bytes = 16,
	.probe = recognise_bittorrent_dht,
	.parse = parse,
	.tx_free = datagram_free,
	.worker_new = tally_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.event_names = event_names,
	.counter_names = tally_names,
};
