// SPDX-License-Identifier: GPL-3.0-or-later
// Packets made by hand for tests of flow and stream: what the packet decoder would have filled.
#pragma once
#include "decoders/base/clock.h"
#include "decoders/packet/packet.h"

static const uint8_t make_packet_bytes[64]; // stands for headers that are there but not looked at

static inline struct address make_address(const char *text)
{
	struct address a = { 0 };
	(void)address_parse(text, &a);
	return a;
}

// A packet of proto at seconds, with frame_len bytes on the wire.
static inline struct packet make_packet(
	uint8_t proto, const char *src, uint16_t sport, const char *dst, uint16_t dport, double seconds)
{
	struct packet p = {
		.ts_ns = (uint64_t)(seconds * 1e6) * NS_PER_US, .proto = proto, .sport = sport, .dport = dport
	};
	p.src = make_address(src);
	p.dst = make_address(dst);
	p.ip_version = address_is_v4(&p.src) ? 4 : 6;
	p.ttl = 64;
	p.ip = make_packet_bytes;
	p.l4 = make_packet_bytes + 20;
	p.ip_len = 40;
	p.frame = (struct span) { make_packet_bytes, 54 };
	return p;
}
