// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/sightings/sighting_block.h"
#include <string.h>
#include "signatures/reputation/indicator.h"

#define VERSION 1

// Of a row
#define SAME_KEY    0x01u // as the row before
#define HOST_V4     0x02u
#define FAR_V4      0x04u
#define FLOWS_SHIFT 3 // 3 bits
#define FLOWS_MASK  0x38u
#define ONE_TIME    0x40u // first is last
#define ONE_FLOW    0x80u // count is 1

void sighting_seen_join(struct sighting_seen *into, const struct sighting_seen *more)
{
	const struct sighting_seen newest = more->last_s >= into->last_s ? *more : *into;
	const struct sighting_seen older = more->last_s >= into->last_s ? *into : *more;
	*into = newest;
	into->count = newest.count + older.count;
	into->places = newest.places | older.places;
	if (older.first_s < into->first_s)
		into->first_s = older.first_s;
	for (uint32_t i = 0; i < older.flow_count && into->flow_count < SIGHTING_FLOWS; i++) {
		uint32_t n = 0;
		while (n < into->flow_count && into->flows[n] != older.flows[i])
			n++;
		if (n == into->flow_count)
			into->flows[into->flow_count++] = older.flows[i];
	}
}

static void turn(unsigned kind, const uint8_t *from, size_t len, uint8_t *to)
{
	if (kind != INDICATOR_DOMAIN)
		memcpy(to, from, len);
	else
		for (size_t i = 0; i < len; i++)
			to[i] = from[len - 1 - i];
}

size_t sighting_key(unsigned kind, struct span value, uint8_t *out)
{
	size_t len = value.len < SIGHTING_VALUE_MAX ? value.len : SIGHTING_VALUE_MAX;
	out[0] = (uint8_t)kind;
	if (len)
		turn(kind, value.data, len, out + 1);
	return 1 + len;
}

size_t sighting_key_value(struct span key, uint8_t *out)
{
	if (key.len < 2 || key.len > SIGHTING_KEY_MAX)
		return 0;
	turn(key.data[0], key.data + 1, key.len - 1, out);
	return key.len - 1;
}

int sighting_key_compare(struct span a, struct span b)
{
	uint32_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.data, b.data, len) : 0;
	return order ? order : a.len < b.len ? -1 : a.len > b.len;
}

// Writing -----------------------------------------------------------------------------------------------------------------------

static void put_byte(struct sighting_block_writer *writer, uint8_t byte)
{
	writer->data[writer->used++] = byte;
}

static void put_bytes(struct sighting_block_writer *writer, const void *bytes, size_t len)
{
	memcpy(writer->data + writer->used, bytes, len);
	writer->used += (uint32_t)len;
}

static void put_number(struct sighting_block_writer *writer, uint64_t number)
{
	for (; number >= 0x80; number >>= 7)
		put_byte(writer, (uint8_t)(number | 0x80));
	put_byte(writer, (uint8_t)number);
}

static void put_fixed(struct sighting_block_writer *writer, uint64_t number)
{
	for (unsigned i = 0; i < 8; i++, number >>= 8)
		put_byte(writer, (uint8_t)number);
}

static void put_address(struct sighting_block_writer *writer, const struct address *address, bool v4)
{
	put_bytes(writer, address->bytes + (v4 ? 12 : 0), v4 ? 4 : 16);
}

void sighting_block_begin(struct sighting_block_writer *writer, uint64_t base_s, uint32_t limit)
{
	writer->base_s = base_s;
	writer->newest_s = 0;
	writer->oldest_s = UINT64_MAX;
	writer->used = writer->rows = 0;
	writer->limit = limit;
	writer->key_len = 0;
	put_byte(writer, VERSION);
	put_fixed(writer, base_s);
}

static void put_key(struct sighting_block_writer *writer, struct span key)
{
	uint32_t shared = 0, most = key.len < writer->key_len ? key.len : writer->key_len;
	while (shared < most && key.data[shared] == writer->key[shared])
		shared++;
	put_number(writer, shared);
	put_number(writer, key.len - shared);
	put_bytes(writer, key.data + shared, key.len - shared);
	memcpy(writer->key + shared, key.data + shared, key.len - shared);
	writer->key_len = (uint16_t)key.len;
}

// The exact size is not reckoned beforehand: a row that might not fit begins the next block. The rest of a block is never longer than it was.
static bool has_room(const struct sighting_block_writer *writer, struct span key)
{
	uint32_t row = writer->limit == SIGHTING_BLOCK_MAX ? 0 : key.len + (SIGHTING_ROW_MAX - SIGHTING_KEY_MAX);
	return writer->used + row <= writer->limit;
}

bool sighting_block_put(struct sighting_block_writer *writer, struct span key, const struct sighting_seen *seen)
{
	bool same = writer->rows && key.len == writer->key_len && memcmp(key.data, writer->key, key.len) == 0;
	bool host_v4 = address_is_v4(&seen->host), far_v4 = address_is_v4(&seen->far);
	bool once = seen->first_s >= seen->last_s;
	if (!key.len || key.len > SIGHTING_KEY_MAX || !has_room(writer, key))
		return false;
	if (!writer->rows++) {
		writer->low_len = (uint16_t)key.len;
		writer->low_host = seen->host;
		memcpy(writer->low, key.data, key.len);
	}
	put_byte(writer,
		(uint8_t)((same ? SAME_KEY : 0) | (host_v4 ? HOST_V4 : 0) | (far_v4 ? FAR_V4 : 0) |
			  seen->flow_count << FLOWS_SHIFT | (once ? ONE_TIME : 0) | (seen->count == 1 ? ONE_FLOW : 0)));
	if (!same)
		put_key(writer, key);
	put_address(writer, &seen->host, host_v4);
	put_address(writer, &seen->far, far_v4);
	uint64_t later = seen->last_s - writer->base_s;
	put_number(writer, later << 1 ^ (uint64_t)((int64_t)later >> 63)); // small below base as well
	if (!once)
		put_number(writer, seen->last_s - seen->first_s);
	if (seen->count != 1)
		put_number(writer, seen->count);
	put_number(writer, seen->places);
	put_byte(writer, seen->proto);
	for (uint32_t i = 0; i < seen->flow_count; i++)
		put_fixed(writer, seen->flows[i]);
	if (seen->last_s > writer->newest_s)
		writer->newest_s = seen->last_s;
	if (seen->last_s < writer->oldest_s)
		writer->oldest_s = seen->last_s;
	return true;
}

// Reading -----------------------------------------------------------------------------------------------------------------------

static uint64_t take_number(struct cursor *at)
{
	uint64_t number = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t byte = cursor_u8(at);
		number |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return number;
	}
	at->failed = true;
	return 0;
}

static struct address take_address(struct cursor *at, bool v4)
{
	struct span bytes = cursor_span(at, v4 ? 4 : 16);
	if (!bytes.len)
		return (struct address) { 0 };
	return v4 ? address_v4(bytes.data) : address_v6(bytes.data);
}

static void take_key(struct sighting_block_reader *reader)
{
	struct cursor *at = &reader->at;
	uint64_t shared = take_number(at), more = take_number(at);
	if (shared > reader->key_len || more > SIGHTING_KEY_MAX - shared || shared + more < 1) {
		at->failed = true;
		return;
	}
	struct span rest = cursor_span(at, (uint32_t)more);
	if (rest.len)
		memcpy(reader->key + shared, rest.data, rest.len);
	reader->key_len = (uint16_t)(shared + more);
}

bool sighting_block_open(struct sighting_block_reader *reader, struct span bytes)
{
	reader->at = cursor_on(bytes);
	reader->key_len = 0;
	bool known = cursor_u8(&reader->at) == VERSION;
	reader->base_s = cursor_le64(&reader->at);
	return known && cursor_ok(&reader->at);
}

enum sighting_block_row sighting_block_next(struct sighting_block_reader *reader, struct sighting_seen *seen)
{
	struct cursor *at = &reader->at;
	if (cursor_ok(at) && !cursor_left(at))
		return SIGHTING_ROWS_END;
	uint8_t flags = cursor_u8(at);
	if (!(flags & SAME_KEY))
		take_key(reader);
	seen->host = take_address(at, flags & HOST_V4);
	seen->far = take_address(at, flags & FAR_V4);
	uint64_t later = take_number(at);
	seen->last_s = reader->base_s + (later >> 1 ^ (0 - (later & 1)));
	seen->first_s = seen->last_s - (flags & ONE_TIME ? 0 : take_number(at));
	seen->count = flags & ONE_FLOW ? 1 : take_number(at);
	seen->places = take_number(at);
	seen->proto = cursor_u8(at);
	seen->flow_count = (flags & FLOWS_MASK) >> FLOWS_SHIFT;
	if (seen->flow_count > SIGHTING_FLOWS)
		return SIGHTING_ROW_DAMAGED;
	for (uint32_t i = 0; i < seen->flow_count; i++)
		seen->flows[i] = cursor_le64(at);
	return cursor_ok(at) && reader->key_len ? SIGHTING_ROW : SIGHTING_ROW_DAMAGED;
}
