// SPDX-License-Identifier: GPL-3.0-or-later
// ICMPv6 (RFC 4443), neighbour discovery (RFC 4861), multicast listeners (RFC 2710).
#include "decoders/packet/decoding.h"

#define ICMPV6_LEN 8

enum icmpv6_form {
	FORM_UNKNOWN,
	FORM_PLAIN,
	FORM_QUERY,    // has id and sequence
	FORM_ERROR,    // quotes the datagram it is about
	FORM_LISTENER, // must not have been routed: hop limit 1
};

static const struct icmpv6_row {
	uint8_t form; // enum icmpv6_form
	uint8_t max_code;
} rows[256] = {
	[1] = { FORM_ERROR, 6 },   // destination unreachable
	[2] = { FORM_ERROR, 0 },   // packet too big
	[3] = { FORM_ERROR, 1 },   // time exceeded
	[4] = { FORM_ERROR, 2 },   // parameter problem
	[128] = { FORM_QUERY, 0 }, // echo request
	[129] = { FORM_QUERY, 0 }, // echo reply
	[130] = { FORM_LISTENER, 0 },
	[131] = { FORM_LISTENER, 0 },
	[132] = { FORM_LISTENER, 0 },
	[133] = { FORM_PLAIN, 0 },   // router solicitation
	[134] = { FORM_PLAIN, 0 },   // router advertisement
	[135] = { FORM_PLAIN, 0 },   // neighbour solicitation
	[136] = { FORM_PLAIN, 0 },   // neighbour advertisement
	[137] = { FORM_PLAIN, 0 },   // redirect
	[138] = { FORM_PLAIN, 255 }, // router renumbering
	[139] = { FORM_PLAIN, 2 },   // node information query
	[140] = { FORM_PLAIN, 2 },
	[141] = { FORM_PLAIN, 0 }, // inverse neighbour discovery
	[142] = { FORM_PLAIN, 0 },
	[143] = { FORM_PLAIN, 0 }, // listener report, version 2
	[144] = { FORM_PLAIN, 0 }, // home agent discovery
	[145] = { FORM_PLAIN, 0 },
	[146] = { FORM_PLAIN, 0 }, // mobile prefix
	[147] = { FORM_PLAIN, 0 },
	[148] = { FORM_PLAIN, 0 }, // certification path
	[149] = { FORM_PLAIN, 0 },
	[150] = { FORM_PLAIN, 255 }, // experimental mobility
	[151] = { FORM_PLAIN, 255 }, // multicast router discovery: the code is an interval
	[152] = { FORM_PLAIN, 0 },
	[153] = { FORM_PLAIN, 0 },
	[154] = { FORM_PLAIN, 255 }, // fast handover
	[155] = { FORM_PLAIN, 255 }, // RPL
	[156] = { FORM_PLAIN, 0 },   // locator update
	[157] = { FORM_PLAIN, 255 }, // duplicate address
	[158] = { FORM_PLAIN, 255 },
};

// IANA's registry by range.
static uint16_t event_of_unknown(uint8_t type)
{
	if (type == 100 || type == 101 || type == 200 || type == 201)
		return DECODE_ICMPV6_EXPERIMENTATION_TYPE;
	if ((type > 4 && type < 127) || (type >= 160 && type < 200))
		return DECODE_ICMPV6_UNASSIGNED_TYPE;
	return DECODE_ICMPV6_UNKNOWN_TYPE;
}

static void check_quoted(struct packet_decoder *d, struct packet *p, struct span quoted)
{
	if (quoted.len < IPV6_HEADER_LEN)
		decode_event(d, p, DECODE_ICMPV6_IPV6_TRUNC_PKT);
	else if (quoted.data[0] >> 4 != 6)
		decode_event(d, p, DECODE_ICMPV6_IPV6_UNKNOWN_VERSION);
}

void decode_icmpv6(struct packet_decoder *d, struct packet *p, struct span bytes)
{
	decode_count(d, PACKET_COUNT_ICMPV6);
	if (bytes.len < ICMPV6_LEN) {
		decode_reject(d, p, DECODE_ICMPV6_PKT_TOO_SMALL);
		return;
	}
	const uint8_t *icmp = bytes.data;
	p->l4 = icmp;
	p->l4_header_len = ICMPV6_LEN;
	p->icmp_type = icmp[0];
	p->icmp_code = icmp[1];
	p->payload = span_from(bytes, ICMPV6_LEN);
	struct icmpv6_row row = rows[icmp[0]];
	if (row.form == FORM_UNKNOWN)
		decode_event(d, p, event_of_unknown(icmp[0]));
	else if (icmp[1] > row.max_code)
		decode_event(d, p, DECODE_ICMPV6_UNKNOWN_CODE);
	else if (row.form == FORM_ERROR)
		check_quoted(d, p, p->payload);
	if (row.form == FORM_LISTENER && p->ttl != 1)
		decode_event(d, p, DECODE_ICMPV6_MLD_MESSAGE_WITH_INVALID_HL);
	if (row.form == FORM_QUERY) {
		p->icmp_id = be16_at(icmp + 4);
		p->icmp_seq = be16_at(icmp + 6);
	}
	if (d->verify)
		decode_l4_checksum(d, p, bytes, true);
}
