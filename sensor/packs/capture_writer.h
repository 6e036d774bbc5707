// SPDX-License-Identifier: GPL-3.0-or-later
// Capture writer: packets made from what they say, as a capture file in memory: Ethernet, IPv4 or IPv6, TCP with handshake, segments and
// acknowledgements, UDP and ICMP echo, lengths and checksums right.
//
// Life cycle   capture_writer_init -> writer_* ... -> bytes, len -> capture_writer_fini
// Bounds       WRITER_PACKETS_MAX packets, WRITER_BYTES_MAX bytes; over them failed sticks
// Time         starts at 2026-01-01 00:00:00 UTC; each packet is one millisecond after the one before, and writer_wait adds to it
#pragma once
#include <stddef.h>
#include "decoders/base/address.h"
#include "decoders/base/span.h"

#define WRITER_PACKETS_MAX 200000
#define WRITER_BYTES_MAX   (64u << 20)
#define WRITER_MSS         1400

struct capture_writer {
	uint8_t *bytes;
	size_t len, room;
	uint32_t packets;
	uint64_t now_us;
	bool failed; // no memory, or over a bound
	uint8_t frame[65536 + 128];
};

struct endpoint {
	struct address address;
	uint16_t port;
};

void capture_writer_init(struct capture_writer *writer);
void capture_writer_fini(struct capture_writer *writer);
void writer_wait(struct capture_writer *writer, double seconds);
// payload has at most 65,000 bytes. Both ends are of one IP version.
void writer_udp(
	struct capture_writer *writer, const struct endpoint *from, const struct endpoint *to, struct span payload);
void writer_ping(struct capture_writer *writer, const struct endpoint *from, const struct endpoint *to, bool reply,
	uint16_t sequence, struct span payload);

// A TCP session; side 0 is the client.
struct writer_session {
	struct endpoint ends[2];
	uint32_t next[2]; // sequence numbers
};

enum writer_close { WRITER_CLOSE_FIN, WRITER_CLOSE_RST, WRITER_CLOSE_NONE };

void writer_tcp_open(struct capture_writer *writer, struct writer_session *session);
// In segments of WRITER_MSS bytes at most, then the other side's acknowledgement.
void writer_tcp_send(struct capture_writer *writer, struct writer_session *session, unsigned side, struct span payload);
void writer_tcp_close(struct capture_writer *writer, struct writer_session *session, enum writer_close how);
