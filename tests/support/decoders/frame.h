// SPDX-License-Identifier: GPL-3.0-or-later
// Frame: builds packets from the inside out. Begin with the payload, then put header after header in front of it; lengths and
// checksums are right unless a test breaks them afterwards.
#pragma once
#include "decoders/base/span.h"

#define FRAME_MAX 70000

struct frame {
	uint32_t len;
	uint8_t bytes[FRAME_MAX];
};

void frame_begin(struct frame *f, const void *payload, size_t len);
// Puts bytes written in hex ("08 00 45") in front.
void frame_wrap(struct frame *f, const char *hex);
void frame_append(struct frame *f, const char *hex);
void frame_ethernet(struct frame *f, unsigned type);
// Addresses as text. options: hex, or NULL.
void frame_ipv4(struct frame *f, unsigned proto, const char *src, const char *dst, const char *options);
// A fragment at offset bytes.
void frame_ipv4_fragment(
	struct frame *f, unsigned proto, const char *src, const char *dst, unsigned id, unsigned offset, bool more);
void frame_ipv6(struct frame *f, unsigned next, const char *src, const char *dst);
// Fragment header only; frame_ipv6 with next 44 goes in front of it.
void frame_ipv6_fragment(struct frame *f, unsigned next, unsigned id, unsigned offset, bool more);
// With the pseudo header of these addresses (both families).
void frame_udp(struct frame *f, unsigned sport, unsigned dport, const char *src, const char *dst);
void frame_tcp(struct frame *f, unsigned sport, unsigned dport, const char *src, const char *dst, const char *options);
struct span frame_span(const struct frame *f);
