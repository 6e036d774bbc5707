// SPDX-License-Identifier: GPL-3.0-or-later
// TCP header and options (RFC 9293, 7323, 2018, 7413).
#include "decoders/packet/decoding.h"

#define TCP_LEN 20

enum tcp_option {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_WSCALE = 3,
	OPTION_SACK_OK = 4,
	OPTION_SACK = 5,
	OPTION_TS = 8,
	OPTION_MD5 = 19,
	OPTION_AO = 29,
	OPTION_TFO = 34,
	OPTION_EXPERIMENT1 = 253,
	OPTION_EXPERIMENT2 = 254,
};

#define TFO_MAGIC 0xf989 // of fast open as an experiment (RFC 7413 appendix A)

static const uint8_t fixed_len[] = {
	[OPTION_MSS] = 4, [OPTION_WSCALE] = 3, [OPTION_SACK_OK] = 2, [OPTION_TS] = 10, [OPTION_MD5] = 18
};

static const uint8_t option_bits[] = { [OPTION_MSS] = TCP_OPTION_MSS,
	[OPTION_WSCALE] = TCP_OPTION_WSCALE,
	[OPTION_SACK_OK] = TCP_OPTION_SACK_OK,
	[OPTION_SACK] = TCP_OPTION_SACK,
	[OPTION_TS] = TCP_OPTION_TS,
	[OPTION_TFO] = TCP_OPTION_TFO };

// Is len (type and length included) one this type can have?
static bool length_is_right(uint8_t type, uint8_t len)
{
	if (type < sizeof(fixed_len) && fixed_len[type])
		return len == fixed_len[type];
	switch (type) {
	case OPTION_SACK: return len == 2 || (len >= 10 && len <= 34 && (len - 2) % 8 == 0);
	case OPTION_TFO: return len == 2 || (len >= 6 && len <= 18 && len % 2 == 0);
	case OPTION_EXPERIMENT1:
	case OPTION_EXPERIMENT2: return len == 4 || len == 12;
	case OPTION_AO: return len >= 4;
	default: return true;
	}
}

static void take_option(struct packet_decoder *d, struct packet *p, const uint8_t *at, uint8_t len)
{
	uint8_t type = at[0];
	if (!length_is_right(type, len)) {
		decode_event(d, p, DECODE_TCP_OPT_INVALID_LEN);
		return;
	}
	uint8_t cookie_len = (uint8_t)(len - 2);
	if (type == OPTION_EXPERIMENT1 || type == OPTION_EXPERIMENT2) {
		if (be16_at(at + 2) != TFO_MAGIC)
			return;
		type = OPTION_TFO;
		cookie_len = (uint8_t)(len - 4);
	}
	uint8_t bit = type < sizeof(option_bits) ? option_bits[type] : 0;
	if (!bit || (type == OPTION_SACK && len == 2))
		return;
	if (p->tcp.has & bit) {
		decode_event(d, p, DECODE_TCP_OPT_DUPLICATE);
		return;
	}
	p->tcp.has |= bit;
	switch (bit) {
	case TCP_OPTION_MSS: p->tcp.mss = be16_at(at + 2); break;
	case TCP_OPTION_WSCALE: p->tcp.wscale = at[2]; break;
	case TCP_OPTION_TS:
		p->tcp.ts_value = be32_at(at + 2);
		p->tcp.ts_echo = be32_at(at + 6);
		break;
	case TCP_OPTION_SACK:
		p->tcp.sack_offset = (uint16_t)(at + 2 - p->l4);
		p->tcp.sack_blocks = (uint8_t)((len - 2) / 8);
		break;
	case TCP_OPTION_TFO: p->tcp.tfo_len = cookie_len; break;
	default: break;
	}
}

static void take_options(struct packet_decoder *d, struct packet *p, const uint8_t *at, uint32_t left)
{
	// By far the most common: two NOPs and the timestamp.
	if (left == 12 && be32_at(at) == 0x0101080a) {
		p->tcp.has = TCP_OPTION_TS;
		p->tcp.ts_value = be32_at(at + 4);
		p->tcp.ts_echo = be32_at(at + 8);
		return;
	}
	while (left && at[0] != OPTION_END) {
		if (at[0] == OPTION_NOP) {
			at++;
			left--;
			continue;
		}
		if (left < 2)
			return;
		uint8_t len = at[1];
		if (len < 2 || len > left) {
			decode_invalid(d, p, DECODE_TCP_OPT_INVALID_LEN);
			return;
		}
		take_option(d, p, at, len);
		at += len;
		left -= len;
	}
}

void decode_tcp(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_TCP);
	if (bytes.len < TCP_LEN) {
		decode_reject(d, p, DECODE_TCP_PKT_TOO_SMALL);
		return;
	}
	const uint8_t *tcp = bytes.data;
	uint32_t header_len = (uint32_t)(tcp[12] >> 4) * 4;
	if (header_len > bytes.len) {
		decode_reject(d, p, DECODE_TCP_HLEN_TOO_SMALL);
		return;
	}
	if (header_len < TCP_LEN) {
		decode_reject(d, p, DECODE_TCP_INVALID_OPTLEN);
		return;
	}
	p->l4 = tcp;
	p->l4_header_len = (uint16_t)header_len;
	p->sport = be16_at(tcp);
	p->dport = be16_at(tcp + 2);
	p->tcp.seq = be32_at(tcp + 4);
	p->tcp.ack = be32_at(tcp + 8);
	p->tcp.flags = tcp[13];
	p->tcp.window = be16_at(tcp + 14);
	p->tcp.urgent = be16_at(tcp + 18);
	p->payload = (struct span) { tcp + header_len, bytes.len - header_len };
	if (header_len > TCP_LEN)
		take_options(d, p, tcp + TCP_LEN, header_len - TCP_LEN);
	if (d->verify && !(p->flags & PACKET_OFFLOADED))
		decode_l4_checksum(d, p, bytes, true);
}
