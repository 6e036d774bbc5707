// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/socks/socks.h"

#define MESSAGE_MAX 1024
#define TEXT4_MAX   255 // of user and host in version 4

const struct fact_name socks_facts[] = {
	[SOCKS_VERSION] = { "version", FACT_NUMBER, false },
	[SOCKS_METHOD] = { "method", FACT_TEXT, false },
	[SOCKS_USER] = { "user", FACT_TEXT, false },
	[SOCKS_COMMAND] = { "command", FACT_TEXT, false },
	[SOCKS_HOST] = { "request_name", FACT_TEXT, false },
	[SOCKS_ADDRESS] = { "request_host", FACT_ADDRESS, false },
	[SOCKS_PORT] = { "request_port", FACT_NUMBER, false },
	[SOCKS_STATUS] = { "status", FACT_TEXT, false },
	[SOCKS_BOUND_HOST] = { "bound_name", FACT_TEXT, false },
	[SOCKS_BOUND_ADDRESS] = { "bound_host", FACT_ADDRESS, false },
	[SOCKS_BOUND_PORT] = { "bound_port", FACT_NUMBER, false },
	{ NULL, 0, false },
};

// What a direction's next message is.
enum step { STEP_HELLO, STEP_AUTH, STEP_REQUEST, STEP_DONE };

struct socks_state {
	struct fact_flow facts;
	uint8_t version;
	uint8_t method;
	uint8_t step[2];
	bool connect;
};

static const char *const commands[] = { NULL, "connect", "bind", "udp_associate" };
static const char *const statuses5[] = { "succeeded", "general_failure", "not_allowed", "network_unreachable",
	"host_unreachable", "connection_refused", "ttl_expired", "command_not_supported",
	"address_type_not_supported" };
static const char *const statuses4[] = { "succeeded", "rejected", "no_identd", "identd_mismatch" };

#define PICK(names, i) ((i) < sizeof(names) / sizeof((names)[0]) ? (names)[i] : NULL)

static const char *method_name(uint8_t method)
{
	switch (method) {
	case 0: return "none";
	case 1: return "gssapi";
	case 2: return "password";
	case 0xff: return "no_acceptable";
	default: return "other";
	}
}

static struct fact_tx *the_tx(const struct app_input *input)
{
	struct fact_tx *tx = fact_answering(input);
	return tx ? tx : fact_begin(input, true);
}

// Length of version 5's address with its port behind start bytes: type, address, port (RFC 1928 section 5).
static uint32_t address_length(struct span rest, uint32_t start)
{
	if (rest.len < start + 2)
		return 0;
	switch (rest.data[start]) {
	case 1: return start + 1 + 4 + 2;
	case 3: return start + 2 + rest.data[start + 1] + 2;
	case 4: return start + 1 + 16 + 2;
	default: return UINT32_MAX;
	}
}

// Version 4: fixed part, user, and a host behind it when the address is 0.0.0.x with x not 0.
static uint32_t request4_length(struct span rest)
{
	if (rest.len < 9)
		return 0;
	bool named = be32_at(rest.data + 4) - 1 < 255;
	uint32_t end = span_find(span_slice(rest, 0, 8 + TEXT4_MAX + 1), 0, 8);
	if (end >= rest.len || end > 8 + TEXT4_MAX)
		return rest.len > 8 + TEXT4_MAX ? UINT32_MAX : 0;
	if (!named)
		return end + 1;
	uint32_t second = span_find(span_slice(rest, 0, end + 1 + TEXT4_MAX + 1), 0, end + 1);
	if (second >= rest.len || second > end + 1 + TEXT4_MAX)
		return rest.len > end + 1 + TEXT4_MAX ? UINT32_MAX : 0;
	return second + 1;
}

static uint32_t length_to_server(const struct socks_state *state, struct span rest)
{
	switch (state->step[TO_SERVER]) {
	case STEP_HELLO:
		if (rest.data[0] == 4)
			return request4_length(rest);
		return rest.data[0] != 5 ? UINT32_MAX : rest.len < 2 ? 0 : 2u + rest.data[1];
	case STEP_AUTH: {
		if (rest.data[0] != 1)
			return UINT32_MAX;
		uint32_t password = rest.len < 2 ? 0 : 2u + rest.data[1];
		return !password || rest.len <= password ? 0 : password + 1 + rest.data[password];
	}
	case STEP_REQUEST: return rest.data[0] == 5 ? address_length(rest, 3) : UINT32_MAX;
	default: return rest.len;
	}
}

static uint32_t length_to_client(const struct socks_state *state, struct span rest)
{
	if (state->version == 4)
		return state->step[TO_CLIENT] == STEP_DONE ? rest.len : 8;
	switch (state->step[TO_CLIENT]) {
	case STEP_HELLO: return rest.data[0] == 5 ? 2 : UINT32_MAX;
	case STEP_AUTH: return 2;
	case STEP_REQUEST: return rest.data[0] == 5 ? address_length(rest, 3) : UINT32_MAX;
	default: return rest.len;
	}
}

static uint32_t length(const struct app_input *input, struct span rest)
{
	const struct socks_state *state = input->flow->app.state;
	return input->direction == TO_SERVER ? length_to_server(state, rest) : length_to_client(state, rest);
}

static void take_address(const struct app_input *input, struct fact_tx *tx, struct span message, uint8_t name_id,
	uint8_t address_id, uint8_t port_id)
{
	struct cursor c = cursor_on(span_from(message, 3));
	uint8_t type = cursor_u8(&c);
	if (type == 3)
		fact_text(input, tx, name_id, cursor_span(&c, cursor_u8(&c)));
	else
		fact_address(input, tx, address_id, cursor_span(&c, type == 1 ? 4 : 16));
	fact_number(input, tx, port_id, cursor_be16(&c));
}

static void take_request4(struct app_input *input, struct socks_state *state, struct span message)
{
	struct fact_tx *tx = the_tx(input);
	uint32_t end = span_find(message, 0, 8);
	state->version = 4;
	state->connect = message.data[1] == 1;
	fact_number(input, tx, SOCKS_VERSION, 4);
	fact_string(input, tx, SOCKS_COMMAND, PICK(commands, message.data[1]));
	fact_number(input, tx, SOCKS_PORT, be16_at(message.data + 2));
	if (end > 8)
		fact_text(input, tx, SOCKS_USER, span_slice(message, 8, end - 8));
	if (end + 1 < message.len)
		fact_text(input, tx, SOCKS_HOST, span_slice(message, end + 1, message.len - end - 2));
	else
		fact_address(input, tx, SOCKS_ADDRESS, span_slice(message, 4, 4));
	fact_said(input, tx, TO_SERVER);
	state->step[TO_SERVER] = STEP_DONE;
}

static enum app_result take_to_server(struct app_input *input, struct socks_state *state, struct span message)
{
	struct fact_tx *tx = the_tx(input);
	switch (state->step[TO_SERVER]) {
	case STEP_HELLO:
		if (message.data[0] == 4) {
			take_request4(input, state, message);
			return APP_OK;
		}
		state->version = 5;
		fact_number(input, tx, SOCKS_VERSION, 5);
		// With the only method it offers a client need not wait
		state->method = message.len == 3 ? message.data[2] : 0;
		state->step[TO_SERVER] = state->method == 2 ? STEP_AUTH : STEP_REQUEST;
		return APP_OK;
	case STEP_AUTH:
		fact_text(input, tx, SOCKS_USER, span_slice(message, 2, message.data[1]));
		state->step[TO_SERVER] = STEP_REQUEST;
		return APP_OK;
	case STEP_REQUEST:
		state->connect = message.data[1] == 1;
		fact_string(input, tx, SOCKS_COMMAND, PICK(commands, message.data[1]));
		take_address(input, tx, message, SOCKS_HOST, SOCKS_ADDRESS, SOCKS_PORT);
		fact_said(input, tx, TO_SERVER);
		state->step[TO_SERVER] = STEP_DONE;
		return APP_OK;
	default: // data before the proxy granted anything
		fact_raise(input, tx, FACT_UNEXPECTED);
		return APP_STOP_BOTH;
	}
}

bool socks_granted(const struct app_tx *tx)
{
	const struct fact *status = fact_find(fact_tx_in(tx), SOCKS_STATUS, 0);
	return status && span_is(span_of(status->bytes, status->len), statuses5[0]); // version 4 has the same word
}

// The proxy's word: what follows is the inner protocol, or nothing.
static enum app_result decided(struct app_input *input, struct socks_state *state, struct fact_tx *tx, bool granted)
{
	fact_finish(input, tx);
	state->step[TO_CLIENT] = STEP_DONE;
	if (!granted || !state->connect)
		return APP_STOP_BOTH;
	input->switch_to = APP_UNKNOWN;
	return APP_SWITCH;
}

static enum app_result take_hello_answer(
	struct app_input *input, struct socks_state *state, struct fact_tx *tx, uint8_t method)
{
	fact_string(input, tx, SOCKS_METHOD, method_name(method));
	state->method = method;
	state->step[TO_CLIENT] = method == 2 ? STEP_AUTH : STEP_REQUEST;
	if (state->step[TO_SERVER] == STEP_REQUEST && method == 2 && !fact_find(tx, SOCKS_USER, 0))
		state->step[TO_SERVER] = STEP_AUTH;
	else if (state->step[TO_SERVER] == STEP_AUTH && method != 2)
		state->step[TO_SERVER] = STEP_REQUEST;
	if (method == 0 || method == 2)
		return APP_OK;
	if (method != 0xff)
		tally(input, TALLY_UNSUPPORTED);
	fact_finish(input, tx);
	return APP_STOP_BOTH;
}

static enum app_result take_to_client(struct app_input *input, struct socks_state *state, struct span message)
{
	struct fact_tx *tx = fact_answering(input);
	if (!tx)
		return APP_STOP_BOTH;
	if (state->version == 4) {
		uint8_t code = message.data[1];
		fact_string(input, tx, SOCKS_STATUS, code >= 90 ? PICK(statuses4, code - 90u) : NULL);
		fact_number(input, tx, SOCKS_BOUND_PORT, be16_at(message.data + 2));
		fact_address(input, tx, SOCKS_BOUND_ADDRESS, span_slice(message, 4, 4));
		return decided(input, state, tx, code == 90);
	}
	switch (state->step[TO_CLIENT]) {
	case STEP_HELLO: return take_hello_answer(input, state, tx, message.data[1]);
	case STEP_AUTH:
		state->step[TO_CLIENT] = STEP_REQUEST;
		if (message.data[1] == 0)
			return APP_OK;
		fact_string(input, tx, SOCKS_STATUS, "authentication_failed");
		return decided(input, state, tx, false);
	default:
		fact_string(input, tx, SOCKS_STATUS, PICK(statuses5, message.data[1]));
		take_address(input, tx, message, SOCKS_BOUND_HOST, SOCKS_BOUND_ADDRESS, SOCKS_BOUND_PORT);
		return decided(input, state, tx, message.data[1] == 0);
	}
}

static enum app_result take(struct app_input *input, struct span message, uint32_t whole)
{
	struct socks_state *state = input->flow->app.state;
	(void)whole; // none is longer than MESSAGE_MAX but data nobody asked for
	return input->direction == TO_SERVER ? take_to_server(input, state, message)
					     : take_to_client(input, state, message);
}

static enum app_result parse(struct app_input *input)
{
	return fact_messages(input, MESSAGE_MAX, length, take);
}

static enum app_probe probe4(struct span data, bool hinted)
{
	if (data.len < 9)
		return data.data[1] == 1 || data.data[1] == 2 ? APP_PROBE_MORE : APP_PROBE_NO;
	if ((data.data[1] != 1 && data.data[1] != 2) || be16_at(data.data + 2) == 0)
		return APP_PROBE_NO;
	uint32_t len = request4_length(data);
	if (len != data.len)
		return len ? APP_PROBE_NO : APP_PROBE_MORE;
	for (uint32_t i = 8; i < data.len; i++)
		if (data.data[i] && (data.data[i] < ' ' || data.data[i] > '~'))
			return APP_PROBE_NO;
	return hinted || be32_at(data.data + 4) ? APP_PROBE_YES : APP_PROBE_NO;
}

// The first message names its methods and ends there.
static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	bool hinted = flow->app.flags & APP_HINTED;
	if (direction == TO_CLIENT)
		return flow->app.proto == APP_SOCKS ? APP_PROBE_YES : APP_PROBE_NO;
	if (data.len < 2)
		return data.data[0] == 4 || data.data[0] == 5 ? APP_PROBE_MORE : APP_PROBE_NO;
	if (data.data[0] == 4)
		return probe4(data, hinted);
	if (data.data[0] != 5 || !data.data[1] || data.data[1] > 16)
		return APP_PROBE_NO;
	if (data.len < 2u + data.data[1])
		return APP_PROBE_MORE;
	if (!hinted && data.len != 2u + data.data[1])
		return APP_PROBE_NO;
	for (uint32_t i = 2; i < 2u + data.data[1]; i++)
		if (data.data[i] > 9 && data.data[i] < 0x80)
			return APP_PROBE_NO;
	return APP_PROBE_YES;
}

static const struct app_port ports[] = { { PROTO_TCP, 1080, 1080 }, { 0 } };

const struct app_parser socks_parser = {
	.proto = APP_SOCKS,
	.name = "socks",
	.tcp = true,
	.ports = ports,
	.probe_bytes = 600,
	.probe = probe,
	.state_bytes = sizeof(struct socks_state),
	.parse = parse,
	FACT_PARSER,
};
