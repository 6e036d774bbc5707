// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/mongodb/mongodb.h"

#define HEADER_BYTES  16
#define MESSAGE_BYTES 48000000u // the most a server takes

const struct fact_name mongodb_facts[] = {
	[MONGODB_COMMAND] = { "command", FACT_TEXT, false },
	[MONGODB_COLLECTION] = { "collection", FACT_TEXT, false },
	[MONGODB_DATABASE] = { "database", FACT_TEXT, false },
	[MONGODB_MECHANISM] = { "mechanism", FACT_TEXT, false },
	[MONGODB_USER] = { "user", FACT_TEXT, false },
	[MONGODB_APPLICATION] = { "application", FACT_TEXT, false },
	[MONGODB_DRIVER] = { "driver", FACT_TEXT, false },
	[MONGODB_SUCCESS] = { "success", FACT_FLAG, false },
	[MONGODB_ERROR_CODE] = { "error_code", FACT_NUMBER, false },
	[MONGODB_ERROR] = { "error", FACT_TEXT, false },
	{ NULL, 0, false },
};

enum opcode {
	OP_REPLY = 1,
	OP_UPDATE = 2001,
	OP_INSERT,
	OP_QUERY = 2004,
	OP_GET_MORE,
	OP_DELETE,
	OP_KILL_CURSORS,
	OP_COMPRESSED = 2012,
	OP_MSG
};

enum bson {
	BSON_DOUBLE = 1,
	BSON_STRING,
	BSON_DOCUMENT,
	BSON_ARRAY,
	BSON_BINARY,
	BSON_BOOL = 8,
	BSON_INT32 = 16,
	BSON_INT64 = 18
};

struct element {
	uint8_t type;
	struct span name, value; // value: of strings the text, of binaries the bytes, of documents all of them
};

static struct span take_cstring(struct cursor *c)
{
	struct span rest = { c->at, cursor_left(c) };
	uint32_t end = span_find(rest, 0, 0);
	work_step(end / 16);
	if (end == rest.len) {
		c->failed = true;
		return (struct span) { NULL, 0 };
	}
	struct span text = cursor_span(c, end);
	cursor_u8(c);
	return text;
}

static uint32_t fixed_bytes(uint8_t type)
{
	switch (type) {
	case BSON_DOUBLE:
	case 9:
	case 17:
	case BSON_INT64: return 8;
	case 7: return 12;
	case BSON_BOOL: return 1;
	case BSON_INT32: return 4;
	case 19: return 16;
	default: return 0; // null, undefined, min and max keys
	}
}

// The next element of a document (bsonspec.org). False: its end, or it cannot be read.
static bool next_element(struct cursor *c, struct element *e)
{
	e->type = cursor_u8(c);
	if (!e->type || !cursor_ok(c))
		return false;
	e->name = take_cstring(c);
	switch (e->type) {
	case BSON_STRING:
	case 13:
	case 14: {
		uint32_t len = cursor_le32(c);
		e->value = cursor_span(c, len);
		if (e->value.len)
			e->value.len--; // its zero
		break;
	}
	case BSON_DOCUMENT:
	case BSON_ARRAY: {
		struct cursor peek = *c;
		e->value = cursor_span(c, cursor_le32(&peek));
		if (e->value.len < 5)
			c->failed = true;
		break;
	}
	case BSON_BINARY: {
		uint32_t len = cursor_le32(c);
		cursor_u8(c);
		e->value = cursor_span(c, len);
		break;
	}
	case 11: { // a regular expression
		e->value = take_cstring(c);
		(void)take_cstring(c);
		break;
	}
	default: e->value = cursor_span(c, fixed_bytes(e->type)); break;
	}
	return cursor_ok(c);
}

static struct cursor on_document(struct span document)
{
	struct cursor c = cursor_on(document);
	uint32_t len = cursor_le32(&c);
	if (len >= 4 && len < document.len)
		c.end = c.start + len;
	return c;
}

static bool find_text(struct span document, const char *name, struct span *out)
{
	struct cursor c = on_document(document);
	struct element e;
	for (unsigned i = 0; i < MONGODB_ELEMENTS_MAX && next_element(&c, &e); i++)
		if (span_is(e.name, name)) {
			*out = e.value;
			return true;
		}
	return false;
}

// SCRAM's first message (RFC 5802 section 7): "n,,n=user,r=...". PLAIN (RFC 4616): zero, user, zero, password.
static void take_credentials(const struct app_input *input, struct fact_tx *tx, struct span payload)
{
	uint32_t start = 0;
	uint8_t stop = ',';
	if (payload.len && payload.data[0] == 0) {
		start = 1;
		stop = 0;
	} else {
		for (uint32_t i = 0; i + 3 < payload.len && i < 64 && !start; i++)
			if (memcmp(payload.data + i, ",n=", 3) == 0)
				start = i + 3;
	}
	if (start)
		fact_text(input, tx, MONGODB_USER, span_slice(payload, start, span_find(payload, stop, start) - start));
}

// "client" of hello: {application: {name}, driver: {name, version}, os: ...}.
static void take_client(const struct app_input *input, struct fact_tx *tx, struct span document)
{
	struct span part, name;
	if (find_text(document, "application", &part) && find_text(part, "name", &name))
		fact_text(input, tx, MONGODB_APPLICATION, name);
	if (find_text(document, "driver", &part) && find_text(part, "name", &name))
		fact_text(input, tx, MONGODB_DRIVER, name);
}

static void put_once(const struct app_input *input, struct fact_tx *tx, uint8_t id, struct span text)
{
	if (tx && !fact_find(tx, id, 0))
		fact_text(input, tx, id, text);
}

// A command's first element names it.
static void take_command(const struct app_input *input, struct fact_tx *tx, struct span document)
{
	struct cursor c = on_document(document);
	struct element e;
	for (unsigned i = 0; i < MONGODB_ELEMENTS_MAX && next_element(&c, &e); i++) {
		if (i == 0) {
			put_once(input, tx, MONGODB_COMMAND, e.name);
			if (e.type == BSON_STRING)
				put_once(input, tx, MONGODB_COLLECTION, e.value);
		} else if (span_is(e.name, "$db")) {
			put_once(input, tx, MONGODB_DATABASE, e.value);
		} else if (span_is(e.name, "mechanism")) {
			put_once(input, tx, MONGODB_MECHANISM, e.value);
		} else if (span_is(e.name, "payload")) {
			take_credentials(input, tx, e.value);
		} else if (span_is(e.name, "user") && e.type == BSON_STRING) {
			put_once(input, tx, MONGODB_USER, e.value);
		} else if (span_is(e.name, "client") && e.type == BSON_DOCUMENT) {
			take_client(input, tx, e.value);
		} else if (span_is(e.name, "speculativeAuthenticate") && e.type == BSON_DOCUMENT) {
			struct span part;
			if (find_text(e.value, "mechanism", &part))
				put_once(input, tx, MONGODB_MECHANISM, part);
			if (find_text(e.value, "payload", &part))
				take_credentials(input, tx, part);
		}
	}
	if (!cursor_ok(&c))
		fact_raise(input, tx, FACT_MALFORMED);
}

static bool is_zero(struct span number)
{
	for (uint32_t i = 0; i < number.len; i++)
		if (number.data[i])
			return false;
	return true;
}

static void take_answer(const struct app_input *input, struct fact_tx *tx, struct span document)
{
	struct cursor c = on_document(document);
	struct element e;
	for (unsigned i = 0; i < MONGODB_ELEMENTS_MAX && next_element(&c, &e); i++) {
		if (span_is(e.name, "ok") && !fact_find(tx, MONGODB_SUCCESS, 0))
			fact_number(input, tx, MONGODB_SUCCESS, !is_zero(e.value));
		else if (span_is(e.name, "errmsg") || span_is(e.name, "$err"))
			put_once(input, tx, MONGODB_ERROR, e.value);
		else if (span_is(e.name, "code") && e.type == BSON_INT32 && !fact_find(tx, MONGODB_ERROR_CODE, 0)) {
			struct cursor number = cursor_on(e.value);
			fact_number(input, tx, MONGODB_ERROR_CODE, cursor_le32(&number));
		}
	}
}

// The document of a message: OP_MSG's section of kind 0, OP_QUERY's query, OP_REPLY's first. Empty: there is none.
static struct span find_document(struct app_input *input, struct fact_tx *tx, uint32_t opcode, struct span body)
{
	struct cursor c = cursor_on(body);
	if (opcode == OP_REPLY) {
		cursor_skip(&c, 20);
	} else if (opcode == OP_QUERY) {
		cursor_le32(&c);
		struct span name = take_cstring(&c);
		uint32_t dot = span_find(name, '.', 0);
		if (cursor_ok(&c)) {
			put_once(input, tx, MONGODB_DATABASE, span_slice(name, 0, dot));
			if (!span_is(span_from(name, dot + 1), "$cmd")) {
				fact_string(input, tx, MONGODB_COMMAND, "query");
				put_once(input, tx, MONGODB_COLLECTION, span_from(name, dot + 1));
			}
		}
		cursor_skip(&c, 8);
	} else {
		cursor_le32(&c);
		for (unsigned i = 0; i < 4 && cursor_u8(&c) == 1; i++) { // sequences of documents before it
			struct cursor peek = c;
			cursor_skip(&c, cursor_le32(&peek));
		}
	}
	return cursor_rest(&c);
}

static const char *old_command(uint32_t opcode)
{
	switch (opcode) {
	case OP_UPDATE: return "update";
	case OP_INSERT: return "insert";
	case OP_GET_MORE: return "getMore";
	case OP_DELETE: return "delete";
	case OP_KILL_CURSORS: return "killCursors";
	default: return NULL;
	}
}

static bool known(uint32_t opcode)
{
	return opcode == OP_REPLY || (opcode >= OP_UPDATE && opcode <= OP_MSG);
}

static uint32_t length(const struct app_input *input, struct span rest)
{
	(void)input;
	if (rest.len < HEADER_BYTES)
		return 0;
	struct cursor c = cursor_on(rest);
	uint32_t len = cursor_le32(&c);
	cursor_skip(&c, 8);
	return len <= HEADER_BYTES || len > MESSAGE_BYTES || !known(cursor_le32(&c)) ? UINT32_MAX : len;
}

static enum app_result take(struct app_input *input, struct span message, uint32_t whole)
{
	(void)whole;
	struct cursor c = cursor_on(span_from(message, 12));
	uint32_t opcode = cursor_le32(&c);
	struct span body = span_from(message, HEADER_BYTES);
	if (input->direction == TO_CLIENT) {
		struct fact_tx *tx = fact_answering(input);
		if (tx && opcode != OP_COMPRESSED)
			take_answer(input, tx, find_document(input, NULL, opcode == OP_QUERY ? OP_MSG : opcode, body));
		fact_finish(input, tx);
		return APP_OK;
	}
	bool answered = opcode == OP_QUERY || opcode == OP_GET_MORE || opcode == OP_COMPRESSED ||
			(opcode == OP_MSG && body.len && !(body.data[0] & 2)); // no more to come
	struct fact_tx *tx = fact_begin(input, answered);
	if (opcode == OP_COMPRESSED) {
		tally(input, TALLY_UNSUPPORTED);
		fact_string(input, tx, MONGODB_COMMAND, "compressed");
	} else if (old_command(opcode)) {
		fact_string(input, tx, MONGODB_COMMAND, old_command(opcode));
	} else if (tx) {
		take_command(input, tx, find_document(input, tx, opcode, body));
	}
	fact_said(input, tx, TO_SERVER);
	return APP_OK;
}

static enum app_result parse(struct app_input *input)
{
	return fact_messages(input, MONGODB_MESSAGE_MAX, length, take);
}

static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	if (direction == TO_CLIENT && flow->app.proto != APP_MONGODB)
		return APP_PROBE_NO;
	if (data.len < HEADER_BYTES)
		return APP_PROBE_MORE;
	struct cursor c = cursor_on(data);
	uint32_t len = cursor_le32(&c);
	cursor_le32(&c);
	uint32_t answers = cursor_le32(&c), opcode = cursor_le32(&c);
	if (len < HEADER_BYTES + 5 || len > MESSAGE_BYTES || !known(opcode))
		return APP_PROBE_NO;
	if (direction == TO_CLIENT)
		return APP_PROBE_YES;
	if (opcode == OP_REPLY || (opcode != OP_QUERY && opcode != OP_MSG && !(flow->app.flags & APP_HINTED)))
		return APP_PROBE_NO;
	return answers == 0 || answers == UINT32_MAX ? APP_PROBE_YES : APP_PROBE_NO;
}

static const struct app_port ports[] = { { PROTO_TCP, 27017, 27019 }, { 0 } };

const struct app_parser mongodb_parser = {
	.proto = APP_MONGODB,
	.name = "mongodb",
	.tcp = true,
	.ports = ports,
	.probe_bytes = HEADER_BYTES,
	.probe = probe,
	.state_bytes = sizeof(struct fact_flow),
	.parse = parse,
	FACT_PARSER,
};
