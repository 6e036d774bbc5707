// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/dhcpv6/dhcpv6.h"

#define CLIENT_PORT   546
#define SERVER_PORT   547
#define HEAD_BYTES    4
#define RELAY_BYTES   34
#define RELAY_FORWARD 12
#define RELAY_REPLY   13

const struct fact_name dhcpv6_facts[] = {
	[DHCPV6_TYPE] = { "msg_type", FACT_TEXT, false },
	[DHCPV6_TRANSACTION] = { "trans_id", FACT_NUMBER, false },
	[DHCPV6_RELAY_TYPE] = { "relay_msg_types", FACT_TEXT, true },
	[DHCPV6_RELAY_HOPS] = { "relay_hops", FACT_NUMBER, true },
	[DHCPV6_RELAY_LINK] = { "relay_link_addrs", FACT_ADDRESS, true },
	[DHCPV6_RELAY_PEER] = { "relay_peer_addrs", FACT_ADDRESS, true },
	[DHCPV6_INTERFACE] = { "interface_id", FACT_TEXT, true },
	[DHCPV6_REMOTE] = { "remote_id", FACT_TEXT, true },
	[DHCPV6_CLIENT_DUID] = { "client_duid", FACT_TEXT, false },
	[DHCPV6_SERVER_DUID] = { "server_duid", FACT_TEXT, false },
	[DHCPV6_CLIENT_MAC] = { "client_mac", FACT_TEXT, false },
	[DHCPV6_IAID] = { "iaids", FACT_NUMBER, true },
	[DHCPV6_ADDRESS] = { "addrs", FACT_ADDRESS, true },
	[DHCPV6_PREFIX] = { "prefixes", FACT_TEXT, true },
	[DHCPV6_PREFERRED] = { "preferred_time", FACT_NUMBER, false },
	[DHCPV6_LEASE] = { "lease_time", FACT_NUMBER, false },
	[DHCPV6_REQUESTED] = { "requested_options", FACT_NUMBER, true },
	[DHCPV6_FQDN] = { "client_fqdn", FACT_TEXT, false },
	[DHCPV6_VENDOR_CLASS] = { "vendor_classes", FACT_TEXT, true },
	[DHCPV6_USER_CLASS] = { "user_classes", FACT_TEXT, true },
	[DHCPV6_ENTERPRISE] = { "enterprise_number", FACT_NUMBER, false },
	[DHCPV6_ELAPSED] = { "elapsed_time", FACT_NUMBER, false },
	[DHCPV6_RAPID_COMMIT] = { "rapid_commit", FACT_FLAG, false },
	[DHCPV6_DNS_SERVER] = { "dns_servers", FACT_ADDRESS, true },
	[DHCPV6_DOMAIN] = { "domain_search", FACT_TEXT, true },
	[DHCPV6_BOOTFILE] = { "bootfile_url", FACT_TEXT, false },
	[DHCPV6_STATUS] = { "status", FACT_TEXT, true },
	[DHCPV6_STATUS_MESSAGE] = { "status_messages", FACT_TEXT, true },
	{ NULL, 0, false },
};

// Kinds of message by number, and who sends them.
static const struct {
	const char *name;
	bool answer;
} types[] = {
	[1] = { "solicit", false },
	[2] = { "advertise", true },
	[3] = { "request", false },
	[4] = { "confirm", false },
	[5] = { "renew", false },
	[6] = { "rebind", false },
	[7] = { "reply", true },
	[8] = { "release", false },
	[9] = { "decline", false },
	[10] = { "reconfigure", true },
	[11] = { "information_request", false },
	[RELAY_FORWARD] = { "relay_forw", false },
	[RELAY_REPLY] = { "relay_repl", true },
	[14] = { "leasequery", false }, // RFC 5007
	[15] = { "leasequery_reply", true },
	[18] = { "reconfigure_request", false }, // RFC 6977
	[19] = { "reconfigure_reply", true },
	[20] = { "dhcpv4_query", false }, // RFC 7341
	[21] = { "dhcpv4_response", true },
};

static bool is_known(uint8_t type)
{
	return type < sizeof(types) / sizeof(types[0]) && types[type].name;
}

static bool is_relay(uint8_t type)
{
	return type == RELAY_FORWARD || type == RELAY_REPLY;
}

// One message; relayed: the one inside. False: broken.
static bool take_message(const struct app_input *input, struct fact_tx *tx, struct span message, struct span *relayed)
{
	struct cursor c = cursor_on(message);
	uint8_t type = cursor_u8(&c);
	*relayed = (struct span) { NULL, 0 };
	if (!cursor_ok(&c) || !is_known(type))
		return false;
	if (!is_relay(type)) {
		uint32_t id = cursor_be24(&c);
		if (!cursor_ok(&c))
			return false;
		fact_string(input, tx, DHCPV6_TYPE, types[type].name);
		fact_number(input, tx, DHCPV6_TRANSACTION, id);
		return dhcpv6_take_options(input, tx, cursor_rest(&c), false, relayed);
	}
	uint8_t hops = cursor_u8(&c);
	struct span link = cursor_span(&c, 16), peer = cursor_span(&c, 16);
	if (!cursor_ok(&c))
		return false;
	fact_string(input, tx, DHCPV6_RELAY_TYPE, types[type].name);
	fact_number(input, tx, DHCPV6_RELAY_HOPS, hops);
	fact_address(input, tx, DHCPV6_RELAY_LINK, link);
	fact_address(input, tx, DHCPV6_RELAY_PEER, peer);
	return dhcpv6_take_options(input, tx, cursor_rest(&c), true, relayed) && relayed->len;
}

static enum app_result parse(struct app_input *input)
{
	struct fact_tx *tx = fact_begin(input, false);
	if (!tx)
		return APP_OK;
	struct span message = input->data;
	bool good = true;
	for (unsigned i = 0; i <= DHCPV6_RELAYS && good && message.data; i++) {
		struct span relayed;
		good = take_message(input, tx, message, &relayed);
		message = relayed;
	}
	if (good && message.data) {
		tally(input, TALLY_OVER_BUDGET);
		fact_raise(input, tx, FACT_TOO_LONG);
	}
	if (!good)
		fact_raise(input, tx, FACT_MALFORMED);
	fact_said(input, tx, input->direction);
	return APP_OK;
}

// On its ports, by the kind of message and a first option that fits.
static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	(void)flow;
	if (data.len < HEAD_BYTES || !is_known(data.data[0]))
		return APP_PROBE_NO;
	struct cursor c = cursor_on(data);
	cursor_skip(&c, is_relay(data.data[0]) ? RELAY_BYTES : HEAD_BYTES);
	if (cursor_left(&c)) {
		cursor_be16(&c);
		cursor_skip(&c, cursor_be16(&c));
	}
	if (!cursor_ok(&c))
		return APP_PROBE_NO;
	return (direction == TO_CLIENT) == types[data.data[0]].answer ? APP_PROBE_YES : APP_PROBE_REVERSED;
}

static const struct app_port ports[] = { { PROTO_UDP, SERVER_PORT, SERVER_PORT },
	{ PROTO_UDP, CLIENT_PORT, CLIENT_PORT }, { 0 } };

const struct app_parser dhcpv6_parser = {
	.proto = APP_DHCPV6,
	.name = "dhcpv6",
	.udp = true,
	.ports = ports,
	.hint_only = true,
	.probe_bytes = RELAY_BYTES + 4,
	.probe = probe,
	.state_bytes = sizeof(struct fact_flow),
	.parse = parse,
	FACT_PARSER,
};
