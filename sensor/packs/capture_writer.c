// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/capture_writer.h"
#include <stdlib.h>
#include <string.h>

#define START_US   UINT64_C(1767225600000000) // 2026-01-01
#define STEP_US    1000
#define ETHERNET   14
#define PING_V4    1
#define TCP_NUMBER 6
#define UDP_NUMBER 17
#define PING_V6    58
#define FLAG_FIN   0x01
#define FLAG_SYN   0x02
#define FLAG_RST   0x04
#define FLAG_PSH   0x08
#define FLAG_ACK   0x10

static void append(struct capture_writer *writer, const void *bytes, size_t len)
{
	if (writer->failed || writer->len + len > WRITER_BYTES_MAX) {
		writer->failed = true;
		return;
	}
	if (writer->len + len > writer->room) {
		size_t room = 2 * (writer->len + len) + 4096;
		uint8_t *more = realloc(writer->bytes, room);
		if (!more) {
			writer->failed = true;
			return;
		}
		writer->bytes = more;
		writer->room = room;
	}
	memcpy(writer->bytes + writer->len, bytes, len);
	writer->len += len;
}

static void append_le32(struct capture_writer *writer, uint32_t value)
{
	uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24) };
	append(writer, bytes, sizeof(bytes));
}

void capture_writer_init(struct capture_writer *writer)
{
	writer->bytes = NULL;
	writer->len = writer->room = 0;
	writer->packets = 0;
	writer->failed = false;
	writer->now_us = START_US;
	append_le32(writer, 0xa1b2c3d4); // microseconds
	append_le32(writer, 2 | 4u << 16);
	append_le32(writer, 0);
	append_le32(writer, 0);
	append_le32(writer, 262144);
	append_le32(writer, 1); // Ethernet
}

void capture_writer_fini(struct capture_writer *writer)
{
	free(writer->bytes);
	writer->bytes = NULL;
	writer->len = writer->room = 0;
}

void writer_wait(struct capture_writer *writer, double seconds)
{
	writer->now_us += (uint64_t)(seconds * 1e6);
}

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

// Ones' complement sum over an even or odd number of bytes, on top of sum.
static uint32_t add_sum(uint32_t sum, const uint8_t *at, size_t len)
{
	for (size_t i = 0; i + 1 < len; i += 2) {
		sum += (uint32_t)at[i] << 8 | at[i + 1];
		sum = (sum & 0xffff) + (sum >> 16);
	}
	if (len & 1)
		sum += (uint32_t)at[len - 1] << 8;
	return (sum & 0xffff) + (sum >> 16);
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

// Headers below the transport segment of len bytes that lies at its place in the frame already; then the frame joins the file. checksum_at: offset
// of the segment's checksum.
static void finish_packet(struct capture_writer *writer, const struct endpoint *from, const struct endpoint *to,
	uint8_t proto, uint32_t len, uint32_t checksum_at)
{
	bool four = address_is_v4(&from->address);
	uint32_t ip_len = four ? 20 : 40, total = ETHERNET + ip_len + len;
	uint8_t *frame = writer->frame, *ip = frame + ETHERNET, *segment = ip + ip_len;
	static const uint8_t macs[12] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };
	if (writer->packets == WRITER_PACKETS_MAX)
		writer->failed = true;
	memcpy(frame, macs, sizeof(macs));
	put16(frame + 12, four ? 0x0800 : 0x86dd);
	memset(ip, 0, ip_len);
	if (four) {
		ip[0] = 0x45;
		put16(ip + 2, 20 + len);
		put16(ip + 4, writer->packets & 0xffff);
		ip[6] = 0x40; // do not fragment
		ip[8] = 64;
		ip[9] = proto;
		memcpy(ip + 12, from->address.bytes + 12, 4);
		memcpy(ip + 16, to->address.bytes + 12, 4);
		put16(ip + 10, fold(add_sum(0, ip, 20)));
	} else {
		ip[0] = 0x60;
		put16(ip + 4, len);
		ip[6] = proto;
		ip[7] = 64;
		memcpy(ip + 8, from->address.bytes, 16);
		memcpy(ip + 24, to->address.bytes, 16);
	}
	uint32_t sum = 0;
	if (proto != PING_V4) // pseudo header
		sum = add_sum(proto + len, four ? ip + 12 : ip + 8, four ? 8 : 32);
	put16(segment + checksum_at, 0);
	uint16_t checksum = fold(add_sum(sum, segment, len));
	put16(segment + checksum_at, checksum == 0 && proto == UDP_NUMBER ? 0xffff : checksum);
	append_le32(writer, (uint32_t)(writer->now_us / 1000000));
	append_le32(writer, (uint32_t)(writer->now_us % 1000000));
	append_le32(writer, total);
	append_le32(writer, total);
	append(writer, frame, total);
	writer->packets++;
	writer->now_us += STEP_US;
}

static uint8_t *segment_of(struct capture_writer *writer, const struct endpoint *from)
{
	return writer->frame + ETHERNET + (address_is_v4(&from->address) ? 20 : 40);
}

void writer_udp(
	struct capture_writer *writer, const struct endpoint *from, const struct endpoint *to, struct span payload)
{
	uint8_t *udp = segment_of(writer, from);
	if (payload.len > 65000) {
		writer->failed = true;
		return;
	}
	put16(udp, from->port);
	put16(udp + 2, to->port);
	put16(udp + 4, 8 + payload.len);
	if (payload.len)
		memcpy(udp + 8, payload.data, payload.len);
	finish_packet(writer, from, to, UDP_NUMBER, 8 + payload.len, 6);
}

void writer_ping(struct capture_writer *writer, const struct endpoint *from, const struct endpoint *to, bool reply,
	uint16_t sequence, struct span payload)
{
	uint8_t *icmp = segment_of(writer, from);
	bool four = address_is_v4(&from->address);
	if (payload.len > 65000) {
		writer->failed = true;
		return;
	}
	icmp[0] = four ? (reply ? 0 : 8) : (reply ? 129 : 128);
	icmp[1] = 0;
	put16(icmp + 4, 1);
	put16(icmp + 6, sequence);
	if (payload.len)
		memcpy(icmp + 8, payload.data, payload.len);
	finish_packet(writer, from, to, four ? PING_V4 : PING_V6, 8 + payload.len, 2);
}

static void tcp_packet(struct capture_writer *writer, struct writer_session *session, unsigned side, uint8_t flags,
	struct span payload)
{
	const struct endpoint *from = &session->ends[side], *to = &session->ends[!side];
	uint8_t *tcp = segment_of(writer, from);
	uint32_t header = flags & FLAG_SYN ? 24 : 20;
	put16(tcp, from->port);
	put16(tcp + 2, to->port);
	put32(tcp + 4, session->next[side]);
	put32(tcp + 8, flags & FLAG_ACK ? session->next[!side] : 0);
	tcp[12] = (uint8_t)(header / 4 << 4);
	tcp[13] = flags;
	put16(tcp + 14, 64240);
	put16(tcp + 18, 0);
	if (flags & FLAG_SYN) {
		put16(tcp + 20, 0x0204); // maximum segment size
		put16(tcp + 22, WRITER_MSS);
	}
	if (payload.len)
		memcpy(tcp + header, payload.data, payload.len);
	finish_packet(writer, from, to, TCP_NUMBER, header + payload.len, 16);
	session->next[side] += payload.len + (flags & (FLAG_SYN | FLAG_FIN) ? 1 : 0);
}

static const struct span nothing;

void writer_tcp_open(struct capture_writer *writer, struct writer_session *session)
{
	session->next[0] = 1000;
	session->next[1] = 2000;
	tcp_packet(writer, session, 0, FLAG_SYN, nothing);
	tcp_packet(writer, session, 1, FLAG_SYN | FLAG_ACK, nothing);
	tcp_packet(writer, session, 0, FLAG_ACK, nothing);
}

void writer_tcp_send(struct capture_writer *writer, struct writer_session *session, unsigned side, struct span payload)
{
	for (uint32_t at = 0; at < payload.len && !writer->failed; at += WRITER_MSS) {
		struct span part = span_slice(payload, at, WRITER_MSS);
		tcp_packet(writer, session, side, FLAG_PSH | FLAG_ACK, part);
	}
	if (payload.len)
		tcp_packet(writer, session, !side, FLAG_ACK, nothing);
}

void writer_tcp_close(struct capture_writer *writer, struct writer_session *session, enum writer_close how)
{
	if (how == WRITER_CLOSE_RST)
		tcp_packet(writer, session, 0, FLAG_RST | FLAG_ACK, nothing);
	if (how != WRITER_CLOSE_FIN)
		return;
	tcp_packet(writer, session, 0, FLAG_FIN | FLAG_ACK, nothing);
	tcp_packet(writer, session, 1, FLAG_FIN | FLAG_ACK, nothing);
	tcp_packet(writer, session, 0, FLAG_ACK, nothing);
}
