// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/radius/radius.h"
#include "decoders/base/cursor.h"

#define HEAD_BYTES      20
#define MESSAGE_MAX     4096 // RFC 2865 section 3
#define TUNNEL_TAG_MOST 0x1f // RFC 2868 section 3.3

const struct fact_name radius_facts[] = {
	[RADIUS_TYPE] = { "type", FACT_TEXT, false },
	[RADIUS_IDENTIFIER] = { "identifier", FACT_NUMBER, false },
	[RADIUS_RESULT] = { "result", FACT_TEXT, false },
	[RADIUS_USERNAME] = { "username", FACT_TEXT, false },
	[RADIUS_MAC] = { "mac", FACT_TEXT, false },
	[RADIUS_CALLED_STATION] = { "called_station", FACT_TEXT, false },
	[RADIUS_NAS_ADDRESS] = { "nas_addr", FACT_ADDRESS, false },
	[RADIUS_NAS_IDENTIFIER] = { "nas_identifier", FACT_TEXT, false },
	[RADIUS_FRAMED_ADDRESS] = { "framed_addr", FACT_ADDRESS, false },
	[RADIUS_TUNNEL_CLIENT] = { "tunnel_client", FACT_TEXT, false },
	[RADIUS_CONNECT_INFO] = { "connect_info", FACT_TEXT, false },
	[RADIUS_REPLY_MESSAGE] = { "reply_msg", FACT_TEXT, false },
	{ NULL, 0, false },
};

// Kinds of message by code, and who sends them.
static const struct {
	const char *name;
	bool answer;
	const char *result;
} codes[] = {
	[1] = { "access_request", false, NULL },
	[2] = { "access_accept", true, "success" },
	[3] = { "access_reject", true, "failed" },
	[4] = { "accounting_request", false, NULL },
	[5] = { "accounting_response", true, NULL },
	[11] = { "access_challenge", true, NULL },
	[12] = { "status_server", false, NULL },
	[40] = { "disconnect_request", false, NULL },
	[41] = { "disconnect_ack", true, NULL },
	[42] = { "disconnect_nak", true, NULL },
	[43] = { "coa_request", false, NULL },
	[44] = { "coa_ack", true, NULL },
	[45] = { "coa_nak", true, NULL },
};

// Attributes that are told, by type.
static const struct {
	uint8_t type, fact;
} attributes[] = {
	{ 1, RADIUS_USERNAME },
	{ 4, RADIUS_NAS_ADDRESS },
	{ 8, RADIUS_FRAMED_ADDRESS },
	{ 18, RADIUS_REPLY_MESSAGE },
	{ 30, RADIUS_CALLED_STATION },
	{ 31, RADIUS_MAC },
	{ 32, RADIUS_NAS_IDENTIFIER },
	{ 66, RADIUS_TUNNEL_CLIENT },
	{ 77, RADIUS_CONNECT_INFO },
};

static bool is_known(uint8_t code)
{
	return code < sizeof(codes) / sizeof(codes[0]) && codes[code].name;
}

static void take_attribute(const struct app_input *input, struct fact_tx *tx, uint8_t type, struct span value)
{
	for (unsigned i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		uint8_t id = attributes[i].fact;
		if (attributes[i].type != type || fact_find(tx, id, 0))
			continue;
		if (id == RADIUS_TUNNEL_CLIENT && value.len && value.data[0] <= TUNNEL_TAG_MOST)
			value = span_from(value, 1);
		if (radius_facts[id].kind != FACT_ADDRESS)
			fact_text(input, tx, id, value);
		else if (value.len == 4)
			fact_address(input, tx, id, value);
	}
}

static enum app_result parse(struct app_input *input)
{
	struct cursor c = cursor_on(input->data);
	uint8_t code = cursor_u8(&c), identifier = cursor_u8(&c);
	uint16_t len = cursor_be16(&c);
	if (!cursor_ok(&c))
		return APP_OK;
	struct fact_tx *tx = fact_begin(input, false);
	if (!tx)
		return APP_OK;
	bool good = len >= HEAD_BYTES && len <= input->data.len && is_known(code);
	if (good) {
		fact_string(input, tx, RADIUS_TYPE, codes[code].name);
		fact_number(input, tx, RADIUS_IDENTIFIER, identifier);
		fact_string(input, tx, RADIUS_RESULT, codes[code].result);
		c = cursor_on(span_slice(input->data, HEAD_BYTES, len - HEAD_BYTES));
	}
	while (good && cursor_left(&c)) {
		uint8_t type = cursor_u8(&c), size = cursor_u8(&c);
		struct span value = cursor_span(&c, size < 2 ? 0 : size - 2u);
		good = cursor_ok(&c) && size >= 2;
		if (good)
			take_attribute(input, tx, type, value);
	}
	if (!good)
		fact_raise(input, tx, FACT_MALFORMED);
	fact_said(input, tx, input->direction);
	return APP_OK;
}

static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	(void)flow;
	if (data.len < HEAD_BYTES || !is_known(data.data[0]))
		return APP_PROBE_NO;
	uint16_t len = be16_at(data.data + 2);
	if (len < HEAD_BYTES || len > data.len || len > MESSAGE_MAX)
		return APP_PROBE_NO;
	return (direction == TO_CLIENT) == codes[data.data[0]].answer ? APP_PROBE_YES : APP_PROBE_REVERSED;
}

static const struct app_port ports[] = { { PROTO_UDP, 1812, 1813 }, { PROTO_UDP, 1645, 1646 },
	{ PROTO_UDP, 3799, 3799 }, { 0 } };

const struct app_parser radius_parser = {
	.proto = APP_RADIUS,
	.name = "radius",
	.udp = true,
	.ports = ports,
	.hint_only = true,
	.probe_bytes = HEAD_BYTES,
	.probe = probe,
	.state_bytes = sizeof(struct fact_flow),
	.parse = parse,
	FACT_PARSER,
};
