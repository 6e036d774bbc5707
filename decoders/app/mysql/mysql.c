// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/mysql/mysql.h"
#include "decoders/app/starttls.h"

const struct fact_name mysql_facts[] = {
	[MYSQL_VERSION] = { "version", FACT_TEXT, false },
	[MYSQL_CONNECTION_ID] = { "connection_id", FACT_NUMBER, false },
	[MYSQL_USER] = { "user", FACT_TEXT, false },
	[MYSQL_DATABASE] = { "database", FACT_TEXT, false },
	[MYSQL_PLUGIN] = { "auth_plugin", FACT_TEXT, true },
	[MYSQL_SSL] = { "ssl", FACT_FLAG, false },
	[MYSQL_COMMAND] = { "cmd", FACT_TEXT, false },
	[MYSQL_ARGUMENT] = { "arg", FACT_TEXT, false },
	[MYSQL_SUCCESS] = { "success", FACT_FLAG, false },
	[MYSQL_ROWS] = { "rows", FACT_NUMBER, false },
	[MYSQL_ERROR_CODE] = { "error_code", FACT_NUMBER, false },
	[MYSQL_SQL_STATE] = { "sql_state", FACT_TEXT, false },
	[MYSQL_ERROR] = { "response", FACT_TEXT, false },
	{ NULL, 0, false },
};

enum capability {
	CAP_CONNECT_WITH_DB = 0x8,
	CAP_COMPRESS = 0x20,
	CAP_PROTOCOL_41 = 0x200,
	CAP_SSL = 0x800,
	CAP_SECURE = 0x8000,
	CAP_PLUGIN = 0x80000,
	CAP_LENENC_AUTH = 0x200000,
};

enum phase { PHASE_GREETING, PHASE_LOGIN, PHASE_AUTH, PHASE_COMMANDS };

enum command {
	COM_QUIT = 1,
	COM_INIT_DB,
	COM_QUERY,
	COM_FIELD_LIST,
	COM_CREATE_DB,
	COM_DROP_DB,
	COM_CHANGE_USER = 17,
	COM_PREPARE = 22,
	COM_LONG_DATA = 24,
	COM_CLOSE = 25
};

struct mysql_state {
	struct fact_flow facts;
	uint8_t phase;
	uint32_t capabilities; // the client's
};

static const char *const commands[] = { "sleep", "quit", "init_db", "query", "field_list", "create_db", "drop_db",
	"refresh", "shutdown", "statistics", "process_info", "connect", "process_kill", "debug", "ping", "time",
	"delayed_insert", "change_user", "binlog_dump", "table_dump", "connect_out", "register_slave", "stmt_prepare",
	"stmt_execute", "stmt_send_long_data", "stmt_close", "stmt_reset", "set_option", "stmt_fetch", "daemon",
	"binlog_dump_gtid", "reset_connection" };

static struct span take_nul(struct cursor *c)
{
	struct span rest = { c->at, cursor_left(c) };
	uint32_t end = span_find(rest, 0, 0);
	work_step(end / 8);
	struct span text = cursor_span(c, end);
	if (end < rest.len)
		cursor_u8(c);
	return text;
}

static uint64_t take_lenenc(struct cursor *c)
{
	uint8_t first = cursor_u8(c);
	switch (first) {
	case 0xfc: return cursor_le16(c);
	case 0xfd: {
		uint64_t low = cursor_le16(c);
		return low | (uint64_t)cursor_u8(c) << 16;
	}
	case 0xfe: return cursor_le64(c);
	default: return first;
	}
}

static void put_text(const struct app_input *input, struct fact_tx *tx, uint8_t id, struct span text)
{
	if (text.len)
		fact_text(input, tx, id, text);
}

static void take_error(const struct app_input *input, struct fact_tx *tx, struct cursor *c)
{
	fact_number(input, tx, MYSQL_SUCCESS, 0);
	fact_number(input, tx, MYSQL_ERROR_CODE, cursor_le16(c));
	if (cursor_left(c) >= 6 && *c->at == '#') {
		cursor_u8(c);
		fact_text(input, tx, MYSQL_SQL_STATE, cursor_span(c, 5));
	}
	put_text(input, tx, MYSQL_ERROR, cursor_rest(c));
}

static enum app_result take_greeting(struct app_input *input, struct mysql_state *state, struct cursor *c)
{
	struct fact_tx *tx = fact_begin(input, true);
	uint8_t version = cursor_u8(c);
	if (version == 0xff) { // refused at the door
		take_error(input, tx, c);
		fact_finish(input, tx);
		return APP_STOP_BOTH;
	}
	if (version != 10) {
		tally(input, TALLY_UNSUPPORTED);
		fact_finish(input, tx);
		return APP_STOP_BOTH;
	}
	fact_text(input, tx, MYSQL_VERSION, take_nul(c));
	fact_number(input, tx, MYSQL_CONNECTION_ID, cursor_le32(c));
	cursor_skip(c, 9);
	uint32_t capabilities = cursor_le16(c);
	cursor_skip(c, 3);
	capabilities |= (uint32_t)cursor_le16(c) << 16;
	uint8_t auth = cursor_u8(c);
	cursor_skip(c, 10);
	if (capabilities & CAP_SECURE)
		cursor_skip(c, auth > 21 ? auth - 8u : 13);
	if (capabilities & CAP_PLUGIN && cursor_ok(c))
		put_text(input, tx, MYSQL_PLUGIN, take_nul(c));
	state->phase = PHASE_LOGIN;
	return APP_OK;
}

static void take_login_names(
	struct app_input *input, const struct mysql_state *state, struct fact_tx *tx, struct cursor *c)
{
	put_text(input, tx, MYSQL_USER, take_nul(c));
	if (state->capabilities & CAP_LENENC_AUTH) {
		uint64_t len = take_lenenc(c);
		cursor_skip(c, len > UINT32_MAX ? UINT32_MAX : (uint32_t)len);
	} else if (state->capabilities & CAP_SECURE) {
		cursor_skip(c, cursor_u8(c));
	} else {
		take_nul(c);
	}
	if (state->capabilities & CAP_CONNECT_WITH_DB)
		put_text(input, tx, MYSQL_DATABASE, take_nul(c));
	if (state->capabilities & CAP_PLUGIN)
		put_text(input, tx, MYSQL_PLUGIN, take_nul(c));
}

// HandshakeResponse41, HandshakeResponse320, or SSLRequest: the first 32 bytes of the former.
static enum app_result take_login(struct app_input *input, struct mysql_state *state, struct cursor *c)
{
	struct fact_tx *tx = fact_answering(input);
	if (!tx)
		tx = fact_begin(input, true);
	uint32_t have = cursor_left(c);
	state->capabilities = cursor_le16(c);
	if (state->capabilities & CAP_PROTOCOL_41) {
		state->capabilities |= (uint32_t)cursor_le16(c) << 16;
		cursor_skip(c, 28);
	} else {
		cursor_skip(c, 3);
	}
	if (!cursor_ok(c)) {
		fact_raise(input, tx, FACT_MALFORMED);
		return APP_ERROR;
	}
	if (state->capabilities & CAP_SSL && (have == 32 || !(state->capabilities & CAP_PROTOCOL_41))) {
		fact_flag(input, tx, MYSQL_SSL);
		fact_finish(input, tx);
		return app_switch_to_tls(input);
	}
	take_login_names(input, state, tx, c);
	fact_said(input, tx, TO_SERVER);
	state->phase = PHASE_AUTH;
	return APP_OK;
}

// What comes back while the client is not in yet.
static enum app_result take_auth_answer(struct app_input *input, struct mysql_state *state, struct cursor *c)
{
	struct fact_tx *tx = fact_answering(input);
	switch (cursor_u8(c)) {
	case 0xff:
		take_error(input, tx, c);
		fact_finish(input, tx);
		return APP_OK;
	case 0xfe: put_text(input, tx, MYSQL_PLUGIN, take_nul(c)); return APP_OK;
	case 0x00:
		fact_flag(input, tx, MYSQL_SUCCESS);
		fact_finish(input, tx);
		state->phase = PHASE_COMMANDS;
		if (!(state->capabilities & CAP_COMPRESS))
			return APP_OK;
		tally(input, TALLY_UNSUPPORTED);
		return APP_STOP_BOTH;
	default: return APP_OK;
	}
}

static bool has_text(uint8_t command)
{
	return (command >= COM_INIT_DB && command <= COM_DROP_DB) || command == COM_PREPARE;
}

static void take_command(struct app_input *input, struct mysql_state *state, struct cursor *c)
{
	uint8_t command = cursor_u8(c);
	bool answered = command != COM_QUIT && command != COM_LONG_DATA && command != COM_CLOSE;
	struct fact_tx *tx = fact_begin(input, answered);
	if (command < sizeof(commands) / sizeof(commands[0])) {
		fact_string(input, tx, MYSQL_COMMAND, commands[command]);
	} else {
		fact_string(input, tx, MYSQL_COMMAND, "unknown");
		fact_raise(input, tx, FACT_UNEXPECTED);
	}
	if (has_text(command)) {
		put_text(input, tx, MYSQL_ARGUMENT, cursor_rest(c));
	} else if (command == COM_CHANGE_USER) {
		put_text(input, tx, MYSQL_USER, take_nul(c));
		state->phase = PHASE_AUTH;
	}
	fact_said(input, tx, TO_SERVER);
}

static void take_answer(struct app_input *input, struct cursor *c)
{
	struct fact_tx *tx = fact_answering(input);
	if (!tx)
		return; // rows of the answer before
	switch (*c->at) {
	case 0xff:
		cursor_u8(c);
		take_error(input, tx, c);
		break;
	case 0x00:
		cursor_u8(c);
		fact_flag(input, tx, MYSQL_SUCCESS);
		fact_number(input, tx, MYSQL_ROWS, take_lenenc(c));
		break;
	default: fact_flag(input, tx, MYSQL_SUCCESS); break;
	}
	fact_finish(input, tx);
}

static uint32_t length(const struct app_input *input, struct span rest)
{
	(void)input;
	if (rest.len < 4)
		return 0;
	return 4 + (rest.data[0] | (uint32_t)rest.data[1] << 8 | (uint32_t)rest.data[2] << 16);
}

static enum app_result take(struct app_input *input, struct span message, uint32_t whole)
{
	struct mysql_state *state = input->flow->app.state;
	uint8_t sequence = message.data[3];
	struct cursor c = cursor_on(span_from(message, 4));
	(void)whole;
	if (message.len == 4)
		return APP_OK;
	if (input->direction == TO_CLIENT) {
		switch (state->phase) {
		case PHASE_GREETING: return take_greeting(input, state, &c);
		case PHASE_LOGIN: return APP_OK;
		case PHASE_AUTH: return take_auth_answer(input, state, &c);
		default:
			if (sequence == 1)
				take_answer(input, &c);
			return APP_OK;
		}
	}
	switch (state->phase) {
	case PHASE_GREETING:
	case PHASE_LOGIN: return take_login(input, state, &c);
	case PHASE_AUTH: return APP_OK; // answers to challenges
	default:
		if (sequence == 0)
			take_command(input, state, &c);
		return APP_OK;
	}
}

static enum app_result parse(struct app_input *input)
{
	return fact_messages(input, MYSQL_PACKET_MAX, length, take);
}

// The greeting: a short packet of number 0 with version 10 and a version's text. The login: number 1, with 23 zeros in it.
static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	bool hinted = flow->app.flags & APP_HINTED;
	if (direction == TO_SERVER) {
		if (flow->app.proto == APP_MYSQL)
			return APP_PROBE_YES;
		if (!hinted)
			return APP_PROBE_NO;
		if (data.len < 36)
			return APP_PROBE_MORE;
		uint32_t sum = 0;
		for (unsigned i = 13; i < 32; i++)
			sum += data.data[i];
		return data.data[3] == 1 && data.data[2] == 0 && sum == 0 ? APP_PROBE_YES : APP_PROBE_NO;
	}
	if (data.len < 8)
		return APP_PROBE_MORE;
	uint32_t len = length(NULL, data);
	if (len > 1024 || data.data[3] != 0)
		return APP_PROBE_NO;
	if (data.data[4] == 0xff)
		return hinted ? APP_PROBE_YES : APP_PROBE_NO;
	bool version = data.data[5] >= '0' && data.data[5] <= '9' && len > 40;
	return data.data[4] == 10 && version ? APP_PROBE_YES : APP_PROBE_NO;
}

static const struct app_port ports[] = { { PROTO_TCP, 3306, 3306 }, { 0 } };

const struct app_parser mysql_parser = {
	.proto = APP_MYSQL,
	.name = "mysql",
	.tcp = true,
	.ports = ports,
	.probe_bytes = 36,
	.probe = probe,
	.state_bytes = sizeof(struct mysql_state),
	.parse = parse,
	FACT_PARSER,
};
