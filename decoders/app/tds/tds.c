// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/tds/tds.h"
#include "decoders/app/tls/tls_carried.h"

#define HEADER_BYTES 8
#define RECORD_MAX   (20u << 10) // bytes of a record of TLS in parts: over those of the longest
#define PACKET_MAX   65544

const struct fact_name tds_facts[] = {
	[TDS_COMMAND] = { "command", FACT_TEXT, false },
	[TDS_VERSION] = { "client_version", FACT_TEXT, false },
	[TDS_SERVER_VERSION] = { "server_version", FACT_TEXT, false },
	[TDS_ENCRYPTION] = { "encryption", FACT_TEXT, false },
	[TDS_CLIENT_ENCRYPTION] = { "client_encryption", FACT_TEXT, false },
	[TDS_TLS] = { "tls", FACT_FLAG, false },
	[TDS_INSTANCE] = { "instance", FACT_TEXT, false },
	[TDS_HOST] = { "host", FACT_TEXT, false },
	[TDS_USER] = { "user", FACT_TEXT, false },
	[TDS_DOMAIN] = { "domain", FACT_TEXT, false },
	[TDS_APPLICATION] = { "application", FACT_TEXT, false },
	[TDS_SERVER] = { "server", FACT_TEXT, false },
	[TDS_LIBRARY] = { "library", FACT_TEXT, false },
	[TDS_DATABASE] = { "database", FACT_TEXT, false },
	[TDS_PROCEDURE] = { "procedure", FACT_TEXT, false },
	[TDS_QUERY] = { "query", FACT_TEXT, false },
	[TDS_SUCCESS] = { "success", FACT_FLAG, false },
	[TDS_PRODUCT] = { "product", FACT_TEXT, false },
	[TDS_ERROR_CODE] = { "error_code", FACT_NUMBER, true },
	[TDS_ERROR] = { "error", FACT_TEXT, true },
	[TDS_PROTOCOL] = { "protocol_version", FACT_TEXT, false },
	[TDS_LANGUAGE] = { "language", FACT_TEXT, false },
	[TDS_PARAMETERS] = { "parameters", FACT_TEXT, true },
	{ NULL, 0, false },
};

struct tds_state {
	struct fact_flow facts;
	struct bytes message[2];  // spread over packets, so far; of a handshake: a record
	struct app_tx *handshake; // the pre-login, while TLS's handshake goes on in it
	bool prelogin_answered;   // or not to come
	bool tls;
	uint8_t encryption; // the server's word: 0 hides the login alone
};

static void close_state(struct flow *flow, struct slab *slab, void *shared)
{
	(void)shared;
	struct tds_state *state = flow->app.state;
	bytes_fini(slab, &state->message[0]);
	bytes_fini(slab, &state->message[1]);
}

static const char *command_name(uint8_t type)
{
	switch (type) {
	case TDS_SQL_BATCH: return "sql_batch";
	case TDS_OLD_LOGIN: return "login";
	case TDS_RPC: return "rpc";
	case TDS_ATTENTION: return "attention";
	case TDS_BULK: return "bulk_load";
	case TDS_FEDERATED: return "federated_token";
	case TDS_TRANSACTION: return "transaction_manager";
	case TDS_LOGIN7: return "login";
	case TDS_SSPI: return "sspi";
	case TDS_PRELOGIN: return "prelogin";
	default: return NULL;
	}
}

static bool is_tls_record(struct span data)
{
	return data.len >= 3 && data.data[0] >= 0x14 && data.data[0] <= 0x17 && data.data[1] == 3 && data.data[2] <= 4;
}

static uint32_t length(const struct app_input *input, struct span rest)
{
	const struct tds_state *state = input->flow->app.state;
	if (rest.len < HEADER_BYTES)
		return 0;
	if (state->tls && is_tls_record(rest))
		return 5u + be16_at(rest.data + 3);
	uint32_t len = be16_at(rest.data + 2);
	return len < HEADER_BYTES || (rest.data[0] != TDS_RESULT && !command_name(rest.data[0])) ? UINT32_MAX : len;
}

static enum app_result take_request(struct app_input *input, uint8_t type, struct span payload)
{
	struct tds_state *state = input->flow->app.state;
	uint8_t ignored = 0;
	struct fact_tx *tx = fact_begin(input, true);
	fact_string(input, tx, TDS_COMMAND, command_name(type));
	switch (type) {
	case TDS_PRELOGIN: tds_read_prelogin(input, tx, payload, &ignored); break;
	case TDS_LOGIN7: tds_read_login(input, tx, payload); break;
	case TDS_SSPI: tds_read_sspi(input, tx, payload); break;
	case TDS_SQL_BATCH: tds_read_batch(input, tx, payload); break;
	case TDS_RPC: tds_read_call(input, tx, payload); break;
	case TDS_OLD_LOGIN:
	case TDS_BULK:
	case TDS_FEDERATED: tally(input, TALLY_UNSUPPORTED); break;
	default: break;
	}
	if (type != TDS_PRELOGIN)
		state->prelogin_answered = true;
	fact_said(input, tx, TO_SERVER);
	return APP_OK;
}

static enum app_result take_answer(struct app_input *input, struct span payload)
{
	struct tds_state *state = input->flow->app.state;
	struct fact_tx *tx = fact_answering(input);
	if (!state->prelogin_answered) {
		state->prelogin_answered = true;
		tds_read_prelogin(input, tx, payload, &state->encryption);
		if (state->encryption == 2) // none: nothing of TLS will say when it is over
			fact_finish(input, tx);
		return APP_OK;
	}
	if (tx)
		tds_read_result(input, tx, payload);
	fact_finish(input, tx);
	return APP_OK;
}

static void handshake_end(struct app_input *input)
{
	struct tds_state *state = input->flow->app.state;
	if (!state->handshake)
		return;
	tls_carried_end(state->handshake);
	fact_finish(input, fact_tx_of(state->handshake));
	state->handshake = NULL;
	bytes_fini(input->slab, &state->message[0]);
	bytes_fini(input->slab, &state->message[1]);
}

// Records are spread over packets as they come.
static void read_handshake(struct app_input *input, struct span payload)
{
	struct tds_state *state = input->flow->app.state;
	struct bytes *record = &state->message[input->direction];
	bool joined = record->len;
	if (joined && bytes_append(input->slab, record, payload, RECORD_MAX) < payload.len) {
		tally(input, TALLY_OVER_BUDGET);
		handshake_end(input);
		return;
	}
	struct span data = joined ? bytes_span(record) : payload;
	uint32_t taken = tls_carried_read(input, state->handshake, data);
	struct span rest = span_from(data, taken);
	if (tls_carried_is_over(state->handshake)) {
		handshake_end(input);
	} else if (joined && taken) {
		memmove(record->data, rest.data, rest.len);
		record->len = rest.len;
	} else if (joined) {
		work_step(1);
	} else if (rest.len && bytes_append(input->slab, record, rest, RECORD_MAX) < rest.len) {
		tally(input, TALLY_OVER_BUDGET);
		handshake_end(input);
	}
}

// A handshake inside of pre-login packets: it is the pre-login's, which is done when the handshake tells nothing more.
static void take_handshake(struct app_input *input, struct span payload)
{
	struct tds_state *state = input->flow->app.state;
	struct fact_tx *tx = fact_answering(input);
	if (!state->tls && tx) {
		fact_flag(input, tx, TDS_TLS);
		state->handshake = &tx->tx;
		bytes_fini(input->slab, &state->message[0]);
		bytes_fini(input->slab, &state->message[1]);
	}
	state->tls = true;
	if (state->handshake)
		read_handshake(input, payload);
}

// A record of TLS that no packet is around: the handshake is over. With the login alone hidden, clear packets follow.
static enum app_result take_record(struct app_input *input)
{
	const struct tds_state *state = input->flow->app.state;
	handshake_end(input);
	return state->encryption != 0 ? APP_STOP_BOTH : APP_OK;
}

// One packet: messages end with the one that has bit 0 of its status set.
static enum app_result take(struct app_input *input, struct span packet, uint32_t whole)
{
	struct tds_state *state = input->flow->app.state;
	(void)whole;
	if (state->tls && is_tls_record(packet))
		return take_record(input);
	struct bytes *message = &state->message[input->direction];
	struct span payload = span_from(packet, HEADER_BYTES);
	uint8_t type = packet.data[0];
	if (type == TDS_PRELOGIN && (state->tls || is_tls_record(payload))) {
		take_handshake(input, payload);
		return APP_OK;
	}
	handshake_end(input);
	bool last = packet.data[1] & 1;
	if (message->len || !last) {
		if (bytes_append(input->slab, message, payload, TDS_MESSAGE_MAX) < payload.len)
			tally(input, TALLY_TRUNCATED);
		payload = bytes_span(message);
	}
	if (!last)
		return APP_OK;
	enum app_result result =
		input->direction == TO_SERVER ? take_request(input, type, payload) : take_answer(input, payload);
	bytes_fini(input->slab, message);
	return result;
}

static enum app_result parse(struct app_input *input)
{
	return fact_messages(input, PACKET_MAX, length, take);
}

// Pre-login: its first option is the version, at a place behind the options, six bytes long.
static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	if (direction == TO_CLIENT)
		return flow->app.proto == APP_TDS ? APP_PROBE_YES : APP_PROBE_NO;
	if (data.len < HEADER_BYTES + 5)
		return data.data[0] == TDS_PRELOGIN || data.data[0] == TDS_LOGIN7 ? APP_PROBE_MORE : APP_PROBE_NO;
	uint32_t len = be16_at(data.data + 2);
	if (len < HEADER_BYTES + 5 || data.data[1] > 1 || data.data[7] != 0)
		return APP_PROBE_NO;
	const uint8_t *payload = data.data + HEADER_BYTES;
	if (data.data[0] == TDS_PRELOGIN)
		return payload[0] == 0 && be16_at(payload + 1) >= 6 && be16_at(payload + 1) < len &&
				       be16_at(payload + 3) == 6
			       ? APP_PROBE_YES
			       : APP_PROBE_NO;
	bool hinted = flow->app.flags & APP_HINTED;
	return hinted && (data.data[0] == TDS_LOGIN7 || data.data[0] == TDS_SQL_BATCH || data.data[0] == TDS_RPC)
		       ? APP_PROBE_YES
		       : APP_PROBE_NO;
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	struct tds_state *state = flow->app.state;
	if (state && state->handshake == tx)
		state->handshake = NULL;
	tls_carried_free(slab, tx);
	fact_tx_free(flow, tx, slab, shared);
}

static const struct app_port ports[] = { { PROTO_TCP, 1433, 1433 }, { 0 } };

const struct app_parser tds_parser = {
	.proto = APP_TDS,
	.name = "tds",
	.tcp = true,
	.ports = ports,
	.probe_bytes = 16,
	.probe = probe,
	.state_bytes = sizeof(struct tds_state),
	.parse = parse,
	.close = close_state,
	.tx_free = free_tx,
	.worker_new = tls_carrier_new,
	.worker_free = tls_carrier_free,
	.complete = { 1, 1 },
	.event_names = fact_event_names,
	.counter_names = tally_names,
};
