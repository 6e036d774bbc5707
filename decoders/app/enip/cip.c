// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/enip/cip.h"

bool cip_message_read(struct span bytes, struct cip_message *m)
{
	struct cursor c = cursor_on(bytes);
	*m = (struct cip_message) { 0 };
	uint8_t service = cursor_u8(&c);
	m->service = service & 0x7f;
	m->response = service & 0x80;
	if (m->response) {
		cursor_u8(&c); // reserved
		m->status = cursor_u8(&c);
		m->extended = cursor_span(&c, cursor_u8(&c) * 2u);
	} else {
		m->path = cursor_span(&c, cursor_u8(&c) * 2u);
	}
	m->data = cursor_rest(&c);
	return cursor_ok(&c);
}

static uint32_t le16_of(struct span bytes, uint32_t at)
{
	return at + 2 <= bytes.len ? (uint32_t)(bytes.data[at] | bytes.data[at + 1] << 8) : UINT32_MAX;
}

// A count, as many offsets from the count, and the messages (volume 1, 2-4.11). Offsets must rise, so that no byte is read for two messages.
bool cip_part_next(const struct cip_message *m, unsigned *index, struct cip_message *part)
{
	if (m->service != CIP_MULTIPLE_SERVICE)
		return false;
	uint32_t count = le16_of(m->data, 0), i = (*index)++;
	if (count == UINT32_MAX || i >= count || i >= CIP_PARTS_MAX)
		return false;
	uint32_t from = le16_of(m->data, 2 + 2 * i), to = i + 1 < count ? le16_of(m->data, 4 + 2 * i) : m->data.len;
	if (from == UINT32_MAX || to == UINT32_MAX || from < 2 + 2 * count || to < from || to > m->data.len)
		return false;
	return cip_message_read(span_slice(m->data, from, to - from), part);
}

// Logical segments, padded (appendix C-1.4): type in bits 2 to 4, width in bits 0 and 1.
bool cip_segment_next(struct span path, uint32_t *at, struct cip_segment *segment)
{
	static const uint8_t kinds[8] = { CIP_CLASS, CIP_INSTANCE, CIP_MEMBER, CIP_CONNECTION_POINT, CIP_ATTRIBUTE,
		CIP_OTHER, CIP_OTHER, CIP_OTHER };
	if (*at >= path.len)
		return false;
	struct cursor c = cursor_on(span_from(path, *at));
	uint8_t type = cursor_u8(&c);
	*segment = (struct cip_segment) { .kind = kinds[type >> 2 & 7], .type = type };
	if (type >> 5 != 1 || segment->kind == CIP_OTHER)
		return false;
	switch (type & 3) {
	case 0: segment->value = cursor_u8(&c); break;
	case 1:
		cursor_u8(&c);
		segment->value = cursor_le16(&c);
		break;
	case 2:
		cursor_u8(&c);
		segment->value = cursor_le32(&c);
		break;
	default: return false;
	}
	*at += cursor_offset(&c);
	return cursor_ok(&c);
}
