// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/s7comm/s7comm.h"

#define TPKT_BYTES  4
#define TPKT_LEAST  7
#define PORT        102
#define PROBE_BYTES 256
#define PROTOCOL    0x32
#define PLUS        0x72

enum { COTP_DATA = 0xf0, COTP_REQUEST = 0xe0, COTP_CONFIRM = 0xd0, COTP_DISCONNECT = 0x80, COTP_ERROR = 0x70 };
enum { TSAP_SOURCE = 0xc1, TSAP_DESTINATION = 0xc2 };
const struct fact_name s7comm_facts[] = {
	[S7COMM_REFERENCE] = { "pdu_reference", FACT_NUMBER, false },
	[S7COMM_SOURCE_REFERENCE] = { "source_reference", FACT_NUMBER, false },
	[S7COMM_PDU] = { "pdu_name", FACT_TEXT, true },
	[S7COMM_SOURCE_TSAP] = { "source_tsap", FACT_TEXT, false },
	[S7COMM_DESTINATION_TSAP] = { "destination_tsap", FACT_TEXT, false },
	[S7COMM_RACK] = { "rack", FACT_NUMBER, false },
	[S7COMM_SLOT] = { "slot", FACT_NUMBER, false },
	[S7COMM_ROSCTR] = { "rosctr_name", FACT_TEXT, false },
	[S7COMM_FUNCTION_CODE] = { "function_code", FACT_NUMBER, false },
	[S7COMM_FUNCTION] = { "function_name", FACT_TEXT, false },
	[S7COMM_SUBFUNCTION_CODE] = { "subfunction_code", FACT_NUMBER, false },
	[S7COMM_SUBFUNCTION] = { "subfunction_name", FACT_TEXT, false },
	[S7COMM_SERVICE] = { "service", FACT_TEXT, false },
	[S7COMM_ARGUMENT] = { "argument", FACT_TEXT, false },
	[S7COMM_ITEM_COUNT] = { "item_count", FACT_NUMBER, false },
	[S7COMM_ITEM] = { "items", FACT_TEXT, true },
	[S7COMM_VALUE] = { "values", FACT_TEXT, true },
	[S7COMM_FILENAME] = { "filename", FACT_TEXT, false },
	[S7COMM_BLOCK_TYPE] = { "block_type", FACT_TEXT, false },
	[S7COMM_BLOCK_NUMBER] = { "block_number", FACT_TEXT, false },
	[S7COMM_FILESYSTEM] = { "destination_filesystem", FACT_TEXT, false },
	[S7COMM_BLOCK_LENGTH] = { "blocklength", FACT_TEXT, false },
	[S7COMM_SESSION] = { "session_id", FACT_NUMBER, false },
	[S7COMM_SZL_ID] = { "szl_id", FACT_TEXT, false },
	[S7COMM_SZL_INDEX] = { "szl_index", FACT_TEXT, false },
	[S7COMM_PDU_LENGTH] = { "pdu_length", FACT_NUMBER, true },
	[S7COMM_RETURN] = { "return_codes", FACT_TEXT, true },
	[S7COMM_ERROR_CLASS] = { "error_class", FACT_TEXT, false },
	[S7COMM_ERROR_CODE] = { "error_code", FACT_NUMBER, false },
	[S7COMM_PLUS] = { "s7comm_plus", FACT_FLAG, false },
	{ NULL, 0, false },
};

struct s7comm_state {
	struct fact_flow facts;
	struct bytes message[2]; // spread over data units, so far
	bool cut[2];             // its rest is not kept
	bool plus;               // was told
};

static void close_state(struct flow *flow, struct slab *slab, void *shared)
{
	(void)shared;
	struct s7comm_state *state = flow->app.state;
	bytes_fini(slab, &state->message[0]);
	bytes_fini(slab, &state->message[1]);
}

static const char *cotp_name(uint8_t code)
{
	switch (code & 0xf0) {
	case COTP_REQUEST: return "connection_request";
	case COTP_CONFIRM: return "connection_confirm";
	case COTP_DISCONNECT: return "disconnect_request";
	case COTP_ERROR: return "tpdu_error";
	default: return NULL;
	}
}

static uint32_t length(const struct app_input *input, struct span rest)
{
	(void)input;
	if (rest.len < TPKT_LEAST)
		return rest.data[0] == 3 ? 0 : UINT32_MAX;
	uint32_t len = be16_at(rest.data + 2), header = rest.data[4];
	return rest.data[0] != 3 || len < TPKT_LEAST || header < 2 || header + TPKT_BYTES + 1 > len ? UINT32_MAX : len;
}

// Places of both sides: of two bytes the second says rack and slot of the controller.
static void take_places(const struct app_input *input, struct fact_tx *tx, struct cursor *c)
{
	for (unsigned i = 0; i < 8 && cursor_left(c) >= 2; i++) {
		uint8_t code = cursor_u8(c);
		struct span value = cursor_span(c, cursor_u8(c));
		if (!cursor_ok(c) || (code != TSAP_SOURCE && code != TSAP_DESTINATION))
			continue;
		fact_hex(input, tx, code == TSAP_SOURCE ? S7COMM_SOURCE_TSAP : S7COMM_DESTINATION_TSAP, value, 32);
		if (code == TSAP_DESTINATION && value.len == 2) {
			fact_number(input, tx, S7COMM_RACK, value.data[1] >> 5);
			fact_number(input, tx, S7COMM_SLOT, value.data[1] & 31);
		}
	}
}

// How a connection begins and ends.
static void take_connection(const struct app_input *input, uint8_t code, struct cursor *c)
{
	const char *name = cotp_name(code);
	if (!name) {
		tally(input, TALLY_UNSUPPORTED);
		return;
	}
	bool request = (code & 0xf0) == COTP_REQUEST;
	uint16_t to = cursor_be16(c), from = cursor_be16(c);
	cursor_u8(c); // class or reason
	struct fact_tx *tx = request ? NULL : fact_waiting_for(input, S7COMM_SOURCE_REFERENCE, to);
	bool answer = tx != NULL;
	if (!tx)
		tx = fact_begin(input, request);
	if (request) {
		fact_number(input, tx, S7COMM_SOURCE_REFERENCE, from);
		if (tx && input->direction == TO_CLIENT)
			tx->reversed = true;
	}
	fact_string(input, tx, S7COMM_PDU, name);
	if (!cursor_ok(c))
		fact_raise(input, tx, FACT_MALFORMED);
	else if (request)
		take_places(input, tx, c);
	if (answer)
		fact_finish(input, tx);
	else
		fact_said(input, tx, input->direction);
}

static struct fact_tx *begin(const struct app_input *input, const struct s7comm_message *m, bool asks)
{
	static const char *const names[] = { [S7COMM_JOB] = "job",
		[S7COMM_ACK] = "ack",
		[S7COMM_ACK_DATA] = "ack_data",
		[S7COMM_USERDATA] = "userdata" };
	struct fact_tx *tx = fact_begin(input, asks);
	fact_number(input, tx, S7COMM_REFERENCE, m->reference);
	fact_string(input, tx, S7COMM_ROSCTR, names[m->rosctr]);
	if (tx && asks && input->direction == TO_CLIENT)
		tx->reversed = true;
	return tx;
}

static void take_message(const struct app_input *input, struct span bytes)
{
	struct s7comm_message m;
	if (!s7comm_message_read(bytes, &m)) {
		struct fact_tx *broken = fact_begin(input, false);
		fact_raise(input, broken, FACT_MALFORMED);
		fact_said(input, broken, input->direction);
		return;
	}
	uint8_t type = m.rosctr == S7COMM_USERDATA ? s7comm_userdata_type(&m) : 0;
	bool answers = m.rosctr == S7COMM_ACK || m.rosctr == S7COMM_ACK_DATA || type == 8;
	bool asks = m.rosctr == S7COMM_JOB || type == 4;
	struct fact_tx *tx = answers ? fact_waiting_for(input, S7COMM_REFERENCE, m.reference) : NULL;
	bool found = tx != NULL;
	if (!found)
		tx = begin(input, &m, asks);
	if (answers && !found)
		fact_raise(input, tx, FACT_UNEXPECTED);
	bool good = !tx || (m.rosctr == S7COMM_USERDATA ? s7comm_read_userdata(input, tx, &m)
				   : answers            ? s7comm_read_answer(input, tx, &m)
							: s7comm_read_job(input, tx, &m));
	if (!good)
		fact_raise(input, tx, FACT_MALFORMED);
	if (found)
		fact_finish(input, tx);
	else
		fact_said(input, tx, input->direction);
}

static enum app_result take_plus(const struct app_input *input)
{
	struct s7comm_state *state = input->flow->app.state;
	if (!state->plus) {
		struct fact_tx *tx = fact_begin(input, false);
		fact_flag(input, tx, S7COMM_PLUS);
		fact_said(input, tx, input->direction);
		tally(input, TALLY_UNSUPPORTED);
	}
	state->plus = true;
	return APP_STOP;
}

static enum app_result take(struct app_input *input, struct span packet, uint32_t whole)
{
	(void)whole;
	struct s7comm_state *state = input->flow->app.state;
	struct bytes *message = &state->message[input->direction];
	bool *cut = &state->cut[input->direction];
	struct cursor c = cursor_on(span_from(packet, TPKT_BYTES));
	uint8_t header = cursor_u8(&c), code = cursor_u8(&c);
	struct span payload = span_from(packet, TPKT_BYTES + 1u + header);
	if (code != COTP_DATA) {
		c = cursor_on(span_slice(packet, TPKT_BYTES + 2, header - 1u));
		take_connection(input, code, &c);
		return APP_OK;
	}
	bool last = cursor_u8(&c) & 0x80;
	if (message->len || *cut || !last) {
		if (bytes_append(input->slab, message, payload, S7COMM_MESSAGE_MAX) < payload.len)
			*cut = true;
		payload = bytes_span(message);
	}
	if (!last)
		return APP_OK;
	enum app_result result = APP_OK;
	if (*cut)
		tally(input, TALLY_OVER_BUDGET);
	else if (payload.len && payload.data[0] == PLUS)
		result = take_plus(input);
	else if (payload.len)
		take_message(input, payload);
	bytes_fini(input->slab, message);
	*cut = false;
	return result;
}

static enum app_result parse(struct app_input *input)
{
	struct s7comm_state *state = input->flow->app.state;
	if (input->gap_bytes) {
		bytes_fini(input->slab, &state->message[input->direction]);
		state->cut[input->direction] = false;
	}
	return fact_messages_resuming(input, UINT16_MAX, length, take);
}

// Does the request for a connection name a controller's place (two bytes: kind of connection, rack and slot)?
static bool names_controller(struct span parameters)
{
	struct cursor c = cursor_on(parameters);
	while (cursor_left(&c) >= 2) {
		uint8_t code = cursor_u8(&c);
		struct span value = cursor_span(&c, cursor_u8(&c));
		if (code == TSAP_DESTINATION && value.len == 2)
			return value.data[0] >= 1 && value.data[0] <= 3;
	}
	return false;
}

static enum app_probe judge(enum direction direction, uint8_t rosctr, const struct flow *flow)
{
	bool hinted = flow->app.flags & APP_HINTED;
	if (hinted)
		return flow->key.dport == PORT || flow->key.sport != PORT ? APP_PROBE_YES : APP_PROBE_REVERSED;
	if (rosctr == S7COMM_USERDATA || flow->app.proto == APP_S7COMM)
		return APP_PROBE_YES;
	bool asks = rosctr == S7COMM_JOB;
	return asks == (direction == TO_SERVER) ? APP_PROBE_YES : APP_PROBE_REVERSED;
}

// TPKT carries RDP, MMS and others too: what decides is the first byte of data, or a controller's place in the request for the connection on S7's port.
static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	bool hinted = flow->app.flags & APP_HINTED;
	uint32_t at = 0;
	for (unsigned i = 0; i < 8; i++) {
		struct span rest = span_from(data, at);
		if (rest.len && rest.data[0] != 3)
			return APP_PROBE_NO;
		if (rest.len >= 2 && rest.data[1] != 0)
			return APP_PROBE_NO;
		if (rest.len < TPKT_LEAST)
			return APP_PROBE_MORE;
		uint32_t len = length(NULL, rest);
		if (len == UINT32_MAX)
			return APP_PROBE_NO;
		uint32_t header = rest.data[4];
		uint8_t code = rest.data[5] & 0xf0;
		if (code == COTP_DATA && header == 2 && len > TPKT_LEAST) {
			if (rest.len < TPKT_LEAST + 2)
				return APP_PROBE_MORE;
			uint8_t id = rest.data[TPKT_LEAST], rosctr = rest.data[TPKT_LEAST + 1];
			bool s7 = id == PROTOCOL && ((rosctr >= 1 && rosctr <= 3) || rosctr == S7COMM_USERDATA);
			return s7 || (id == PLUS && rosctr && rosctr <= 3)
				       ? judge(direction, s7 ? rosctr : S7COMM_USERDATA, flow)
				       : APP_PROBE_NO;
		}
		if (code == COTP_REQUEST && hinted && header >= 6 && rest.len >= header + 5 &&
			names_controller(span_slice(rest, 11, header - 6)))
			return judge(direction, S7COMM_JOB, flow);
		if (code != COTP_DATA && !cotp_name(code))
			return APP_PROBE_NO;
		at += len;
		if (at > data.len)
			return APP_PROBE_MORE;
	}
	return APP_PROBE_NO;
}

static const struct app_port ports[] = { { PROTO_TCP, PORT, PORT }, { 0 } };

const struct app_parser s7comm_parser = {
	.proto = APP_S7COMM,
	.name = "s7comm",
	.tcp = true,
	.ports = ports,
	.probe_bytes = PROBE_BYTES,
	.probe = probe,
	.state_bytes = sizeof(struct s7comm_state),
	.parse = parse,
	.close = close_state,
	FACT_PARSER,
};
