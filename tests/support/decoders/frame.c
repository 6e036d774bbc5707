// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/decoders/frame.h"
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include "decoders/base/address.h"

static uint32_t read_hex(const char *hex, uint8_t *out)
{
	uint32_t len = 0;
	for (; *hex; hex++) {
		if (isspace((unsigned char)*hex))
			continue;
		char two[3] = { hex[0], hex[1], 0 };
		out[len++] = (uint8_t)strtoul(two, NULL, 16);
		hex++;
	}
	return len;
}

static uint8_t *put_before(struct frame *f, uint32_t len)
{
	assert(f->len + len <= FRAME_MAX);
	memmove(f->bytes + len, f->bytes, f->len);
	memset(f->bytes, 0, len);
	f->len += len;
	return f->bytes;
}

static void put16(uint8_t *at, unsigned v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

// Straight from RFC 1071, apart from the code under test.
static unsigned sum_of(const uint8_t *at, uint32_t len, unsigned long sum)
{
	for (uint32_t i = 0; i < len; i++)
		sum += i & 1 ? at[i] : (unsigned long)at[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (unsigned)sum;
}

static struct address address_of(const char *text)
{
	struct address a;
	bool good = address_parse(text, &a);
	assert(good);
	(void)good;
	return a;
}

void frame_begin(struct frame *f, const void *payload, size_t len)
{
	f->len = (uint32_t)len;
	if (len)
		memcpy(f->bytes, payload, len);
}

void frame_wrap(struct frame *f, const char *hex)
{
	uint8_t bytes[512];
	uint32_t len = read_hex(hex, bytes);
	memcpy(put_before(f, len), bytes, len);
}

void frame_append(struct frame *f, const char *hex)
{
	f->len += read_hex(hex, f->bytes + f->len);
}

void frame_ethernet(struct frame *f, unsigned type)
{
	static const uint8_t addresses[12] = { 0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2 };
	uint8_t *at = put_before(f, 14);
	memcpy(at, addresses, 12);
	put16(at + 12, type);
}

static void put_ipv4(struct frame *f, unsigned proto, const char *src, const char *dst, const char *options,
	unsigned id, unsigned word)
{
	uint8_t extra[40];
	uint32_t extra_len = options ? read_hex(options, extra) : 0, len = 20 + extra_len;
	uint8_t *at = put_before(f, len);
	at[0] = (uint8_t)(0x40 | len / 4);
	put16(at + 2, f->len);
	put16(at + 4, id);
	put16(at + 6, word);
	at[8] = 64;
	at[9] = (uint8_t)proto;
	struct address a = address_of(src), b = address_of(dst);
	memcpy(at + 12, a.bytes + 12, 4);
	memcpy(at + 16, b.bytes + 12, 4);
	if (extra_len)
		memcpy(at + 20, extra, extra_len);
	put16(at + 10, ~sum_of(at, len, 0) & 0xffff);
}

void frame_ipv4(struct frame *f, unsigned proto, const char *src, const char *dst, const char *options)
{
	put_ipv4(f, proto, src, dst, options, 1, 0);
}

void frame_ipv4_fragment(
	struct frame *f, unsigned proto, const char *src, const char *dst, unsigned id, unsigned offset, bool more)
{
	put_ipv4(f, proto, src, dst, NULL, id, offset / 8 | (more ? 0x2000 : 0));
}

void frame_ipv6(struct frame *f, unsigned next, const char *src, const char *dst)
{
	unsigned payload = f->len;
	uint8_t *at = put_before(f, 40);
	at[0] = 0x60;
	put16(at + 4, payload);
	at[6] = (uint8_t)next;
	at[7] = 64;
	struct address a = address_of(src), b = address_of(dst);
	memcpy(at + 8, a.bytes, 16);
	memcpy(at + 24, b.bytes, 16);
}

void frame_ipv6_fragment(struct frame *f, unsigned next, unsigned id, unsigned offset, bool more)
{
	uint8_t *at = put_before(f, 8);
	at[0] = (uint8_t)next;
	put16(at + 2, offset | more);
	put16(at + 4, id >> 16);
	put16(at + 6, id);
}

static unsigned l4_checksum(const struct frame *f, unsigned proto, const char *src, const char *dst)
{
	struct address a = address_of(src), b = address_of(dst);
	unsigned skip = address_is_v4(&a) ? 12 : 0;
	unsigned long sum = proto + f->len;
	sum = sum_of(a.bytes + skip, 16 - skip, sum);
	sum = sum_of(b.bytes + skip, 16 - skip, sum);
	return ~sum_of(f->bytes, f->len, sum) & 0xffff;
}

void frame_udp(struct frame *f, unsigned sport, unsigned dport, const char *src, const char *dst)
{
	uint8_t *at = put_before(f, 8);
	put16(at, sport);
	put16(at + 2, dport);
	put16(at + 4, f->len);
	put16(at + 6, l4_checksum(f, 17, src, dst));
}

void frame_tcp(struct frame *f, unsigned sport, unsigned dport, const char *src, const char *dst, const char *options)
{
	uint8_t extra[40];
	uint32_t extra_len = options ? read_hex(options, extra) : 0;
	uint8_t *at = put_before(f, 20 + extra_len);
	put16(at, sport);
	put16(at + 2, dport);
	at[7] = 1;  // sequence
	at[11] = 2; // acknowledgement
	at[12] = (uint8_t)((20 + extra_len) / 4 << 4);
	at[13] = 0x18;
	put16(at + 14, 8192);
	if (extra_len)
		memcpy(at + 20, extra, extra_len);
	put16(at + 16, l4_checksum(f, 6, src, dst));
}

struct span frame_span(const struct frame *f)
{
	return (struct span) { f->bytes, f->len };
}
