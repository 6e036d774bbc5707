// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ftp/ftp.h"
#include "decoders/base/cursor.h"

// Digits at *at, up to most. False: none, or more.
static bool number(struct span text, uint32_t *at, unsigned most, unsigned *out)
{
	unsigned value = 0;
	uint32_t from = *at;
	while (*at < text.len && *at - from < 6 && text.data[*at] >= '0' && text.data[*at] <= '9')
		value = value * 10 + text.data[(*at)++] - '0';
	*out = value;
	return *at > from && value <= most;
}

static bool six_numbers(struct span text, uint32_t at, struct address *address, uint16_t *port)
{
	uint8_t parts[6];
	for (unsigned i = 0; i < 6; i++) {
		unsigned value;
		if (i && (at >= text.len || text.data[at++] != ','))
			return false;
		if (!number(text, &at, 255, &value))
			return false;
		parts[i] = (uint8_t)value;
	}
	*address = address_v4(parts);
	*port = be16_at(parts + 4);
	return *port != 0;
}

bool ftp_port_read(struct span text, struct address *address, uint16_t *port)
{
	bool in_number = false;
	for (uint32_t at = 0; at < text.len; at++) {
		bool digit = text.data[at] >= '0' && text.data[at] <= '9';
		if (digit && !in_number && six_numbers(text, at, address, port))
			return true;
		in_number = digit;
	}
	return false;
}

bool ftp_eprt_read(struct span text, struct address *address, uint16_t *port)
{
	if (text.len < 7 || text.data[0] != text.data[2])
		return false;
	uint8_t mark = text.data[0];
	uint32_t end = span_find(text, mark, 3), at = end + 1;
	unsigned value;
	if (!number(text, &at, 65535, &value) || !value)
		return false;
	*port = (uint16_t)value;
	return address_parse_span(span_slice(text, 3, end - 3), address);
}

bool ftp_epsv_read(struct span text, uint16_t *port)
{
	uint32_t at = span_find(text, '(', 0);
	unsigned value;
	if (text.len < 6 || at > text.len - 6)
		return false;
	uint8_t mark = text.data[at + 1];
	if (text.data[at + 2] != mark || text.data[at + 3] != mark)
		return false;
	at += 4;
	if (!number(text, &at, 65535, &value) || !value)
		return false;
	*port = (uint16_t)value;
	return true;
}
