// SPDX-License-Identifier: GPL-3.0-or-later
// ICMP (RFC 792, 950, 1256).
#include "decoders/packet/decoding.h"

#define ICMP_LEN 8

enum icmp_form {
	FORM_UNKNOWN,
	FORM_PLAIN,
	FORM_QUERY, // has id and sequence
	FORM_ERROR, // quotes the datagram it is about
};

static const struct icmp_row {
	uint8_t form; // enum icmp_form
	uint8_t max_code;
} rows[] = {
	[0] = { FORM_QUERY, 0 },  // echo reply
	[3] = { FORM_ERROR, 15 }, // destination unreachable
	[4] = { FORM_ERROR, 0 },  // source quench
	[5] = { FORM_ERROR, 3 },  // redirect
	[8] = { FORM_QUERY, 0 },  // echo
	[9] = { FORM_PLAIN, 16 }, // router advertisement: 0 or 16 (RFC 5944)
	[10] = { FORM_PLAIN, 0 }, // router solicitation
	[11] = { FORM_ERROR, 1 }, // time exceeded
	[12] = { FORM_ERROR, 2 }, // parameter problem
	[13] = { FORM_QUERY, 0 }, // timestamp
	[14] = { FORM_QUERY, 0 },
	[15] = { FORM_QUERY, 0 }, // information
	[16] = { FORM_QUERY, 0 },
	[17] = { FORM_QUERY, 0 }, // address mask
	[18] = { FORM_QUERY, 0 },
};

static void check_quoted(struct packet_decoder *d, struct packet *p, struct span quoted)
{
	if (quoted.len < IPV4_HEADER_LEN)
		decode_invalid(d, p, DECODE_ICMPV4_IPV4_TRUNC_PKT);
	else if (quoted.data[0] >> 4 != 4)
		decode_invalid(d, p, DECODE_ICMPV4_IPV4_UNKNOWN_VER);
}

void decode_icmpv4(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_ICMPV4);
	if (bytes.len < ICMP_LEN) {
		decode_reject(d, p, DECODE_ICMPV4_PKT_TOO_SMALL);
		return;
	}
	const uint8_t *icmp = bytes.data;
	p->l4 = icmp;
	p->l4_header_len = ICMP_LEN;
	p->icmp_type = icmp[0];
	p->icmp_code = icmp[1];
	p->payload = span_from(bytes, ICMP_LEN);
	struct icmp_row row = icmp[0] < sizeof(rows) / sizeof(*rows) ? rows[icmp[0]] : (struct icmp_row) { 0 };
	if (row.form == FORM_UNKNOWN)
		decode_event(d, p, DECODE_ICMPV4_UNKNOWN_TYPE);
	else if (icmp[1] > row.max_code)
		decode_event(d, p, DECODE_ICMPV4_UNKNOWN_CODE);
	else if (row.form == FORM_ERROR)
		check_quoted(d, p, p->payload);
	if (row.form == FORM_QUERY) {
		p->icmp_id = be16_at(icmp + 4);
		p->icmp_seq = be16_at(icmp + 6);
	}
	if (d->verify)
		decode_l4_checksum(d, p, bytes, false);
}
