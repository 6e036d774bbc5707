// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/amqp/amqp.h"
#include "decoders/app/starttls.h"

#define TLS_ID       2 // of a protocol header
#define HEADER_BYTES 7
#define FIELDS_MAX   32

const struct fact_name amqp_facts[] = {
	[AMQP_METHOD] = { "method", FACT_TEXT, false },
	[AMQP_CHANNEL] = { "channel", FACT_NUMBER, false },
	[AMQP_PRODUCT] = { "product", FACT_TEXT, false },
	[AMQP_VERSION] = { "version", FACT_TEXT, false },
	[AMQP_MECHANISM] = { "mechanism", FACT_TEXT, false },
	[AMQP_USER] = { "user", FACT_TEXT, false },
	[AMQP_VHOST] = { "vhost", FACT_TEXT, false },
	[AMQP_EXCHANGE] = { "exchange", FACT_TEXT, false },
	[AMQP_ROUTING_KEY] = { "routing_key", FACT_TEXT, false },
	[AMQP_QUEUE] = { "queue", FACT_TEXT, false },
	[AMQP_CODE] = { "reply_code", FACT_NUMBER, false },
	[AMQP_TEXT] = { "reply_text", FACT_TEXT, false },
	{ NULL, 0, false },
};

// What a method's arguments are, a letter each: b byte, w two bytes, q eight bytes, t a table of properties; others are short strings told as exchange (e), routing
// key (r), queue (u), vhost (v), mechanism (m), not at all (s); c a reply code, x its text, L a long string not told, P the client's credentials.
static const struct {
	uint16_t class, method;
	const char *name, *arguments;
} methods[] = {
	{ 10, 10, "connection.start", "bbtML" },
	{ 10, 11, "connection.start-ok", "tmP" },
	{ 10, 20, "connection.secure", "" },
	{ 10, 21, "connection.secure-ok", "" },
	{ 10, 30, "connection.tune", "" },
	{ 10, 31, "connection.tune-ok", "" },
	{ 10, 40, "connection.open", "v" },
	{ 10, 41, "connection.open-ok", "" },
	{ 10, 50, "connection.close", "cx" },
	{ 10, 51, "connection.close-ok", "" },
	{ 20, 10, "channel.open", "" },
	{ 20, 11, "channel.open-ok", "" },
	{ 20, 20, "channel.flow", "" },
	{ 20, 21, "channel.flow-ok", "" },
	{ 20, 40, "channel.close", "cx" },
	{ 20, 41, "channel.close-ok", "" },
	{ 40, 10, "exchange.declare", "we" },
	{ 40, 11, "exchange.declare-ok", "" },
	{ 40, 20, "exchange.delete", "we" },
	{ 40, 21, "exchange.delete-ok", "" },
	{ 50, 10, "queue.declare", "wu" },
	{ 50, 11, "queue.declare-ok", "u" },
	{ 50, 20, "queue.bind", "wuer" },
	{ 50, 21, "queue.bind-ok", "" },
	{ 50, 30, "queue.purge", "wu" },
	{ 50, 31, "queue.purge-ok", "" },
	{ 50, 40, "queue.delete", "wu" },
	{ 50, 41, "queue.delete-ok", "" },
	{ 50, 50, "queue.unbind", "wuer" },
	{ 50, 51, "queue.unbind-ok", "" },
	{ 60, 10, "basic.qos", "" },
	{ 60, 11, "basic.qos-ok", "" },
	{ 60, 20, "basic.consume", "wu" },
	{ 60, 21, "basic.consume-ok", "" },
	{ 60, 30, "basic.cancel", "" },
	{ 60, 31, "basic.cancel-ok", "" },
	{ 60, 40, "basic.publish", "wer" },
	{ 60, 50, "basic.return", "cxer" },
	{ 60, 60, "basic.deliver", "sqber" },
	{ 60, 70, "basic.get", "wu" },
	{ 60, 71, "basic.get-ok", "qber" },
	{ 60, 72, "basic.get-empty", "" },
	{ 60, 80, "basic.ack", "" },
	{ 60, 90, "basic.reject", "" },
	{ 60, 120, "basic.nack", "" },
	{ 85, 10, "confirm.select", "" },
	{ 85, 11, "confirm.select-ok", "" },
	{ 90, 10, "tx.select", "" },
	{ 90, 11, "tx.select-ok", "" },
};

static void put_text(const struct app_input *input, struct fact_tx *tx, uint8_t id, struct span text)
{
	if (text.len)
		fact_text(input, tx, id, text);
}

// A table: length, then fields of name, type and value; texts are all that is read.
static void take_table(const struct app_input *input, struct fact_tx *tx, struct cursor *c)
{
	struct span table = cursor_span(c, cursor_be32(c));
	struct cursor fields = cursor_on(table);
	for (unsigned i = 0; i < FIELDS_MAX && cursor_left(&fields); i++) {
		struct span name = cursor_span(&fields, cursor_u8(&fields));
		uint8_t type = cursor_u8(&fields);
		struct span value;
		switch (type) {
		case 'S':
		case 'F':
		case 'A':
		case 'x': value = cursor_span(&fields, cursor_be32(&fields)); break;
		case 't':
		case 'b':
		case 'B': value = cursor_span(&fields, 1); break;
		case 's':
		case 'u': value = cursor_span(&fields, 2); break;
		case 'I':
		case 'i':
		case 'f': value = cursor_span(&fields, 4); break;
		case 'D': value = cursor_span(&fields, 5); break;
		case 'V': value = (struct span) { NULL, 0 }; break;
		default: value = cursor_span(&fields, 8); break;
		}
		if (!cursor_ok(&fields)) {
			fact_raise(input, tx, FACT_MALFORMED);
			return;
		}
		if (type == 'S' && span_is(name, "product"))
			put_text(input, tx, AMQP_PRODUCT, value);
		else if (type == 'S' && span_is(name, "version"))
			put_text(input, tx, AMQP_VERSION, value);
	}
}

// PLAIN (RFC 4616): zero, user, zero, password, which is not told.
static void take_credentials(const struct app_input *input, struct fact_tx *tx, struct span value)
{
	if (value.len && value.data[0] == 0)
		put_text(input, tx, AMQP_USER, span_slice(value, 1, span_find(value, 0, 1) - 1));
}

static void take_argument(const struct app_input *input, struct fact_tx *tx, char kind, struct cursor *c)
{
	static const struct {
		char kind;
		uint8_t id;
	} texts[] = { { 'e', AMQP_EXCHANGE }, { 'r', AMQP_ROUTING_KEY }, { 'u', AMQP_QUEUE }, { 'v', AMQP_VHOST },
		{ 'm', AMQP_MECHANISM }, { 'x', AMQP_TEXT } };
	switch (kind) {
	case 'b': cursor_u8(c); return;
	case 'w': cursor_be16(c); return;
	case 'q': cursor_skip(c, 8); return;
	case 'c': fact_number(input, tx, AMQP_CODE, cursor_be16(c)); return;
	case 't': take_table(input, tx, c); return;
	case 'P': take_credentials(input, tx, cursor_span(c, cursor_be32(c))); return;
	case 'M': put_text(input, tx, AMQP_MECHANISM, cursor_span(c, cursor_be32(c))); return;
	case 'L': cursor_skip(c, cursor_be32(c)); return;
	default: break;
	}
	struct span text = cursor_span(c, cursor_u8(c));
	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].kind == kind)
			put_text(input, tx, texts[i].id, text);
}

static void take_method(const struct app_input *input, uint16_t channel, struct span payload, bool cut)
{
	struct cursor c = cursor_on(payload);
	uint16_t class = cursor_be16(&c), method = cursor_be16(&c);
	struct fact_tx *tx = fact_begin(input, false);
	unsigned i = 0, count = sizeof(methods) / sizeof(methods[0]);
	while (i < count && (methods[i].class != class || methods[i].method != method))
		i++;
	if (i == count) {
		tally(input, TALLY_UNSUPPORTED);
		fact_string(input, tx, AMQP_METHOD, "unknown");
	} else {
		fact_string(input, tx, AMQP_METHOD, methods[i].name);
		for (const char *kind = methods[i].arguments; *kind && cursor_ok(&c); kind++)
			take_argument(input, tx, *kind, &c);
	}
	if (!cursor_ok(&c) && !cut)
		fact_raise(input, tx, FACT_MALFORMED);
	fact_number(input, tx, AMQP_CHANNEL, channel);
	fact_said(input, tx, input->direction);
}

static bool is_header(struct span data)
{
	return data.len >= 4 && memcmp(data.data, "AMQP", 4) == 0;
}

static uint32_t length(const struct app_input *input, struct span rest)
{
	(void)input;
	if (rest.len < HEADER_BYTES)
		return 0;
	if (is_header(rest))
		return 8;
	uint32_t size = be32_at(rest.data + 3);
	bool known = rest.data[0] >= 1 && (rest.data[0] <= 4 || rest.data[0] == 8);
	return !known || size > 1u << 30 ? UINT32_MAX : HEADER_BYTES + size + 1;
}

static enum app_result take(struct app_input *input, struct span message, uint32_t whole)
{
	if (is_header(message)) {
		if (message.len >= 8 && message.data[5] == 0)
			return APP_OK;
		// AMQP 1.0 section 5.2: TLS is asked for by a header of its own, and granted by the same one
		if (message.len >= 8 && message.data[4] == TLS_ID && input->direction == TO_SERVER)
			return APP_OK;
		if (message.len >= 8 && message.data[4] == TLS_ID) {
			return app_switch_to_tls(input);
		}
		tally(input, TALLY_UNSUPPORTED); // AMQP 1.0
		return APP_STOP_BOTH;
	}
	bool cut = whole > message.len;
	if (!cut && message.data[message.len - 1] != 0xce)
		return fact_give_up(input, FACT_MALFORMED);
	if (message.data[0] == 1)
		take_method(input, be16_at(message.data + 1),
			span_slice(message, HEADER_BYTES, message.len - HEADER_BYTES - !cut), cut);
	return APP_OK;
}

static enum app_result parse(struct app_input *input)
{
	return fact_messages(input, AMQP_FRAME_MAX, length, take);
}

static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	if (flow->app.proto == APP_AMQP)
		return APP_PROBE_YES;
	if (data.len < 8)
		return memcmp(data.data, "AMQP", data.len < 4 ? data.len : 4) == 0 ? APP_PROBE_MORE : APP_PROBE_NO;
	if (is_header(data) && data.data[4] <= 3 && data.data[5] <= 1)
		return direction == TO_SERVER ? APP_PROBE_YES : APP_PROBE_NO;
	if (!(flow->app.flags & APP_HINTED) || data.len < 11)
		return APP_PROBE_NO;
	// In the middle of a session: a method of a class there is
	uint16_t class = be16_at(data.data + HEADER_BYTES);
	return data.data[0] == 1 && be32_at(data.data + 3) < 1 << 20 && class >= 10 && class <= 90 && class % 5 == 0
		       ? APP_PROBE_YES
		       : APP_PROBE_NO;
}

static const struct app_port ports[] = { { PROTO_TCP, 5672, 5672 }, { 0 } };

const struct app_parser amqp_parser = {
	.proto = APP_AMQP,
	.name = "amqp",
	.tcp = true,
	.ports = ports,
	.probe_bytes = 16,
	.probe = probe,
	.state_bytes = sizeof(struct fact_flow),
	.parse = parse,
	FACT_PARSER,
};
