// SPDX-License-Identifier: GPL-3.0-or-later
// Frames of Initial packets (RFC 9000 19), and the CRYPTO stream they are put together to.
#include "decoders/app/quic/quic_internal.h"

enum frame_type {
	FRAME_PADDING,
	FRAME_PING,
	FRAME_ACK,
	FRAME_ACK_ECN,
	FRAME_CRYPTO = 0x06,
	FRAME_CLOSE = 0x1c,
	FRAME_CLOSE_APPLICATION = 0x1d,
};

// Adds from..to to the ranges; those it touches become one. False: too many apart.
static bool add_range(struct quic_stream *stream, uint32_t from, uint32_t to)
{
	struct quic_range *r = stream->ranges;
	uint32_t first = 0, last;
	while (first < stream->range_count && r[first].to < from)
		first++;
	for (last = first; last < stream->range_count && r[last].from <= to; last++) {
		from = r[last].from < from ? r[last].from : from;
		to = r[last].to > to ? r[last].to : to;
	}
	uint32_t left = stream->range_count - last;
	work_step(left + 1);
	if (first == last && stream->range_count == QUIC_RANGES_MAX)
		return false;
	memmove(r + first + 1, r + last, left * sizeof(*r));
	r[first] = (struct quic_range) { from, to };
	stream->range_count = first + 1 + left;
	return true;
}

static enum quic_frames take_crypto(struct slab *slab, struct quic_stream *stream, struct cursor *c)
{
	uint64_t offset = quic_varint(c), len = quic_varint(c);
	if (!cursor_ok(c) || len > cursor_left(c))
		return QUIC_FRAMES_BAD;
	struct span data = cursor_span(c, (uint32_t)len);
	if (data.len == 0)
		return QUIC_FRAMES_OK;
	if (offset > QUIC_HELLO_MAX || offset + len > QUIC_HELLO_MAX)
		return QUIC_FRAMES_TOO_LONG;
	uint32_t from = (uint32_t)offset, to = from + data.len;
	if (!bytes_reserve(slab, &stream->bytes, to) || !add_range(stream, from, to))
		return QUIC_FRAMES_TOO_LONG;
	memcpy(stream->bytes.data + from, data.data, data.len);
	if (to > stream->bytes.len)
		stream->bytes.len = to;
	return QUIC_FRAMES_OK;
}

static void skip_ack(struct cursor *c, bool ecn)
{
	quic_varint(c); // largest
	quic_varint(c); // delay
	uint64_t ranges = quic_varint(c);
	quic_varint(c); // first range
	for (; ranges && cursor_ok(c); ranges--) {
		quic_varint(c);
		quic_varint(c);
	}
	for (unsigned i = 0; ecn && i < 3; i++)
		quic_varint(c);
}

static void skip_close(struct cursor *c, bool application)
{
	quic_varint(c);
	if (!application)
		quic_varint(c);
	uint64_t reason = quic_varint(c);
	cursor_skip(c, reason < UINT32_MAX ? (uint32_t)reason : UINT32_MAX);
}

enum quic_frames quic_frames_read(struct slab *slab, struct quic_stream *stream, struct span frames)
{
	struct cursor c = cursor_on(frames);
	enum quic_frames result = QUIC_FRAMES_OK;
	while (cursor_left(&c) && result == QUIC_FRAMES_OK) {
		switch (quic_varint(&c)) {
		case FRAME_PADDING:
		case FRAME_PING: break;
		case FRAME_ACK: skip_ack(&c, false); break;
		case FRAME_ACK_ECN: skip_ack(&c, true); break;
		case FRAME_CRYPTO: result = take_crypto(slab, stream, &c); break;
		case FRAME_CLOSE: skip_close(&c, false); break;
		case FRAME_CLOSE_APPLICATION: skip_close(&c, true); break;
		default: return QUIC_FRAMES_BAD;
		}
	}
	return cursor_ok(&c) ? result : QUIC_FRAMES_BAD;
}

bool quic_stream_message(const struct quic_stream *stream, struct span *out)
{
	if (!stream->range_count || stream->ranges[0].from != 0 || stream->ranges[0].to < 4)
		return false;
	const uint8_t *head = stream->bytes.data;
	uint32_t len = 4 + ((uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3]);
	*out = (struct span) { head, len };
	return stream->ranges[0].to >= len;
}

// STREAM frame of Google's versions: 1FDOOOSS.
static bool google_stream(struct cursor *c, uint8_t type, struct span *data)
{
	static const uint8_t offset_lens[8] = { 0, 2, 3, 4, 5, 6, 7, 8 };
	cursor_skip(c, (type & 3u) + 1 + offset_lens[type >> 2 & 7]);
	*data = type & 0x20 ? cursor_span(c, cursor_be16(c)) : cursor_rest(c);
	return cursor_ok(c);
}

bool quic_google_message(struct span frames, struct span *out)
{
	struct cursor c = cursor_on(frames);
	while (cursor_left(&c)) {
		uint8_t type = cursor_u8(&c);
		if (type == 0x00 || type == 0x07) // padding, ping
			continue;
		if (!(type & 0x80) || !google_stream(&c, type, out))
			return false;
		if (span_starts(*out, "CHLO") || span_starts(*out, "REJ") || span_starts(*out, "SHLO"))
			return out->len >= 8;
	}
	return false;
}

// A message: tag, count, padding, then by entry a name and where its value ends, then the values. All little-endian.
bool quic_google_tag(struct span message, uint32_t *at, struct span *name, struct span *value)
{
	struct cursor c = cursor_on(span_from(message, 4));
	uint32_t count = cursor_le16(&c), start = 0;
	cursor_skip(&c, 2);
	if (*at >= count || *at >= QUIC_TAGS_MAX)
		return false;
	cursor_skip(&c, *at * 8);
	if (*at) {
		struct cursor before = cursor_on(span_from(message, 8 + (*at - 1) * 8 + 4));
		start = cursor_le32(&before);
	}
	*name = cursor_span(&c, 4);
	uint32_t end = cursor_le32(&c);
	uint64_t values = 8 + (uint64_t)count * 8;
	if (!cursor_ok(&c) || end < start || values + end > message.len)
		return false;
	*value = span_slice(message, (uint32_t)values + start, end - start);
	while (name->len && name->data[name->len - 1] == 0)
		name->len--;
	++*at;
	return true;
}
