// SPDX-License-Identifier: GPL-3.0-or-later
// IPv4 options (RFC 791 section 3.1): an odd one is an event, and the datagram goes on all the same, since hosts take it too.
#include "decoders/packet/decoding.h"

#define OPTION_EOL 0
#define OPTION_NOP 1

typedef bool option_check(struct packet_decoder *d, struct packet *p, struct span body);

// Record route and both source routes: the pointer counts from 1, past type, length and itself, in steps of an address.
static bool check_route(struct packet_decoder *d, struct packet *p, struct span option)
{
	uint8_t pointer = option.data[2];
	if (pointer < 4 || pointer % 4 || pointer > option.len + 1)
		return decode_invalid(d, p, DECODE_IPV4_OPT_MALFORMED);
	return true;
}

// Timestamps have addresses beside them when the flag says so.
static bool check_timestamp(struct packet_decoder *d, struct packet *p, struct span option)
{
	uint8_t pointer = option.data[2], flag = option.data[3] & 0x0f;
	uint8_t step = flag == 1 || flag == 3 ? 8 : 4;
	if (pointer < 5 || (pointer - 5) % step || pointer > option.len + 1)
		return decode_invalid(d, p, DECODE_IPV4_OPT_MALFORMED);
	return true;
}

// Commercial IP security: tags after the domain of interpretation, each with its own length.
static bool check_cipso(struct packet_decoder *d, struct packet *p, struct span option)
{
	struct cursor c = cursor_on(span_from(option, 6));
	while (cursor_left(&c)) {
		uint8_t type = cursor_u8(&c), len = cursor_u8(&c);
		bool known = type == 1 || type == 2 || (type >= 5 && type <= 7);
		if (!cursor_ok(&c) || !known || len < 4 || len - 2u > cursor_left(&c))
			return decode_invalid(d, p, DECODE_IPV4_OPT_MALFORMED);
		struct span body = cursor_span(&c, len - 2u);
		if (type < 6 && body.data[0] != 0) // alignment octet
			return decode_invalid(d, p, DECODE_IPV4_OPT_MALFORMED);
	}
	return true;
}

static const struct option_rule {
	uint8_t type;
	uint8_t min_len, max_len; // with type and length
	uint16_t bit;             // enum ip_option_bit
	option_check *check;
} rules[] = {
	{ 7, 3, 255, IP_OPTION_RR, check_route },
	{ 25, 8, 8, IP_OPTION_QS, NULL },
	{ 68, 4, 255, IP_OPTION_TS, check_timestamp },
	{ 130, 3, 255, IP_OPTION_SEC, NULL },
	{ 131, 3, 255, IP_OPTION_LSRR, check_route },
	{ 133, 3, 255, IP_OPTION_ESEC, NULL },
	{ 134, 10, 255, IP_OPTION_CIPSO, check_cipso },
	{ 136, 4, 4, IP_OPTION_SATID, NULL },
	{ 137, 3, 255, IP_OPTION_SSRR, check_route },
	{ 148, 4, 4, IP_OPTION_RTRALT, NULL },
};

static void check_option(struct packet_decoder *d, struct packet *p, struct span option)
{
	const struct option_rule *rule = NULL;
	for (unsigned i = 0; i < sizeof(rules) / sizeof(*rules) && !rule; i++)
		if (rules[i].type == option.data[0])
			rule = &rules[i];
	if (!rule) {
		decode_invalid(d, p, DECODE_IPV4_OPT_UNKNOWN);
		return;
	}
	if (p->ip_options & rule->bit) {
		decode_event(d, p, DECODE_IPV4_OPT_DUPLICATE);
		return;
	}
	if (option.len < rule->min_len || option.len > rule->max_len) {
		decode_invalid(d, p, DECODE_IPV4_OPT_INVALID_LEN);
		return;
	}
	if (!rule->check || rule->check(d, p, option))
		p->ip_options |= rule->bit;
}

void decode_ipv4_options(struct packet_decoder *d, struct packet *p, struct span options)
{
	if (options.len % 8)
		decode_event(d, p, DECODE_IPV4_OPT_PAD_REQUIRED);
	while (options.len) {
		uint8_t type = options.data[0];
		if (type == OPTION_EOL) {
			p->ip_options |= IP_OPTION_EOL;
			return;
		}
		if (type == OPTION_NOP) {
			p->ip_options |= IP_OPTION_NOP;
			options = span_from(options, 1);
			continue;
		}
		if (options.len < 2) {
			decode_event(d, p, DECODE_IPV4_OPT_EOL_REQUIRED);
			return;
		}
		uint8_t len = options.data[1];
		if (len < 2 || len > options.len) {
			decode_invalid(d, p, DECODE_IPV4_OPT_INVALID_LEN);
			return;
		}
		check_option(d, p, span_slice(options, 0, len));
		options = span_from(options, len);
	}
}
