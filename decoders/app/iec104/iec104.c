// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/iec104/iec104.h"

#define START       0x68
#define HEAD_BYTES  2
#define LEAST       4 // control field
#define MOST        253
#define PORT        2404
#define FRAME_BYTES (HEAD_BYTES + MOST)

enum {
	STARTDT_ACT = 0x07,
	STARTDT_CON = 0x0b,
	STOPDT_ACT = 0x13,
	STOPDT_CON = 0x23,
	TESTFR_ACT = 0x43,
	TESTFR_CON = 0x83
};
enum format { FORMAT_I, FORMAT_S, FORMAT_U, FORMAT_NONE };

const struct fact_name iec104_facts[] = {
	[IEC104_FRAME] = { "apdu_type", FACT_TEXT, false },
	[IEC104_FUNCTION] = { "function", FACT_TEXT, false },
	[IEC104_TYPE_ID] = { "type_id", FACT_NUMBER, false },
	[IEC104_TYPE] = { "type", FACT_TEXT, false },
	[IEC104_CAUSE_ID] = { "cause_id", FACT_NUMBER, false },
	[IEC104_CAUSE] = { "cause", FACT_TEXT, false },
	[IEC104_NEGATIVE] = { "negative", FACT_FLAG, false },
	[IEC104_TEST] = { "test", FACT_FLAG, false },
	[IEC104_ORIGINATOR] = { "originator_address", FACT_NUMBER, false },
	[IEC104_COMMON_ADDRESS] = { "common_address", FACT_NUMBER, false },
	[IEC104_OBJECT_COUNT] = { "num_objects", FACT_NUMBER, false },
	[IEC104_OBJECT] = { "info_obj_addresses", FACT_NUMBER, true },
	[IEC104_VALUE] = { "values", FACT_TEXT, true },
	[IEC104_SELECT] = { "select", FACT_FLAG, false },
	[IEC104_QUALIFIER] = { "qualifier", FACT_NUMBER, false },
	{ NULL, 0, false },
};

struct iec104_state {
	struct fact_flow facts;
	bool told[2]; // that something is no frame, since the last one
};

static const char *function_name(uint8_t control)
{
	switch (control) {
	case STARTDT_ACT: return "STARTDT_act";
	case STARTDT_CON: return "STARTDT_con";
	case STOPDT_ACT: return "STOPDT_act";
	case STOPDT_CON: return "STOPDT_con";
	case TESTFR_ACT: return "TESTFR_act";
	case TESTFR_CON: return "TESTFR_con";
	default: return NULL;
	}
}

// Of a control field of four bytes (section 5.1).
static enum format format_of(const uint8_t *control, uint32_t len)
{
	if (!(control[0] & 1))
		return control[2] & 1 || len <= LEAST ? FORMAT_NONE : FORMAT_I;
	if (len != LEAST)
		return FORMAT_NONE;
	if (control[0] == 1)
		return control[1] || control[2] & 1 ? FORMAT_NONE : FORMAT_S;
	return function_name(control[0]) && !control[1] && !control[2] && !control[3] ? FORMAT_U : FORMAT_NONE;
}

// Its length; 0: not whole enough to tell; UINT32_MAX: no frame begins here.
static uint32_t frame_length(struct span rest)
{
	if (rest.data[0] != START || (rest.len > 1 && (rest.data[1] < LEAST || rest.data[1] > MOST)))
		return UINT32_MAX;
	if (rest.len < HEAD_BYTES + LEAST)
		return 0;
	uint32_t len = rest.data[1];
	return format_of(rest.data + HEAD_BYTES, len) == FORMAT_NONE ? UINT32_MAX : HEAD_BYTES + len;
}

// Stations pass over what does not begin a frame, up to the next byte that may: who gave up there would see nothing of what follows.
static uint32_t length(const struct app_input *input, struct span rest)
{
	(void)input;
	uint32_t len = frame_length(rest);
	if (len != UINT32_MAX)
		return len;
	uint32_t next = span_find(span_slice(rest, 0, FRAME_BYTES), START, 1);
	work_step(1 + next / 16);
	return next;
}

static void tell_name(const struct app_input *input, struct fact_tx *tx, uint8_t id, const char *name, uint8_t code)
{
	if (name)
		fact_string(input, tx, id, name);
	else
		fact_format(input, tx, id, "%u", code);
}

static uint32_t read_address(struct cursor *c)
{
	uint32_t low = cursor_le16(c);
	return low | (uint32_t)cursor_u8(c) << 16;
}

// Objects: each with its address, or with successive ones from the first on (sequence). False: broken.
static bool take_objects(const struct app_input *input, struct fact_tx *tx, const struct iec104_type *type,
	unsigned count, bool sequence, struct cursor *c)
{
	uint32_t size = iec104_object_bytes(type), address = 0;
	for (unsigned i = 0; i < count; i++) {
		address = i && sequence ? address + 1 : read_address(c);
		struct span object = cursor_span(c, size);
		if (!cursor_ok(c))
			return false;
		if (i == IEC104_TOLD)
			tally(input, TALLY_TRUNCATED);
		if (i >= IEC104_TOLD)
			continue;
		fact_number(input, tx, IEC104_OBJECT, address);
		iec104_tell_value(input, tx, type, object);
	}
	return cursor_left(c) == 0;
}

static bool take_asdu(const struct app_input *input, struct fact_tx *tx, struct span asdu)
{
	struct cursor c = cursor_on(asdu);
	uint8_t id = cursor_u8(&c), variable = cursor_u8(&c), cause = cursor_u8(&c), originator = cursor_u8(&c);
	uint16_t common = cursor_le16(&c);
	if (!cursor_ok(&c))
		return false;
	const struct iec104_type *type = iec104_type_of(id);
	unsigned count = variable & 127;
	fact_number(input, tx, IEC104_TYPE_ID, id);
	tell_name(input, tx, IEC104_TYPE, type ? type->name : NULL, id);
	fact_number(input, tx, IEC104_CAUSE_ID, cause & 63);
	tell_name(input, tx, IEC104_CAUSE, iec104_cause_name(cause & 63), cause & 63);
	if (cause & 0x40)
		fact_flag(input, tx, IEC104_NEGATIVE);
	if (cause & 0x80)
		fact_flag(input, tx, IEC104_TEST);
	fact_number(input, tx, IEC104_ORIGINATOR, originator);
	fact_number(input, tx, IEC104_COMMON_ADDRESS, common);
	fact_number(input, tx, IEC104_OBJECT_COUNT, count);
	if (!type || !type->elements) { // of what length its objects are, nothing says
		tally(input, TALLY_UNSUPPORTED);
		if (count && cursor_left(&c) >= 3)
			fact_number(input, tx, IEC104_OBJECT, read_address(&c));
		return true;
	}
	return take_objects(input, tx, type, count, variable & 128, &c);
}

static void take_garbage(const struct app_input *input, bool *told)
{
	if (*told)
		return;
	*told = true;
	struct fact_tx *tx = fact_begin(input, false);
	fact_raise(input, tx, FACT_MALFORMED);
	fact_said(input, tx, input->direction);
}

static enum app_result take(struct app_input *input, struct span frame, uint32_t whole)
{
	(void)whole;
	struct iec104_state *state = input->flow->app.state;
	bool *told = &state->told[input->direction];
	if (frame_length(frame) != frame.len) {
		take_garbage(input, told);
		return APP_OK;
	}
	*told = false;
	const uint8_t *control = frame.data + HEAD_BYTES;
	enum format format = format_of(control, frame.data[1]);
	bool test = control[0] == TESTFR_ACT || control[0] == TESTFR_CON;
	if (format == FORMAT_S || (format == FORMAT_U && test))
		return APP_OK;
	struct fact_tx *tx = fact_begin(input, false);
	fact_string(input, tx, IEC104_FRAME, format == FORMAT_I ? "I" : "U");
	if (format == FORMAT_U)
		fact_string(input, tx, IEC104_FUNCTION, function_name(control[0]));
	else if (!take_asdu(input, tx, span_from(frame, HEAD_BYTES + LEAST)))
		fact_raise(input, tx, FACT_MALFORMED);
	fact_said(input, tx, input->direction);
	return APP_OK;
}

static enum app_result parse(struct app_input *input)
{
	struct iec104_state *state = input->flow->app.state;
	if (input->gap_bytes) // the rest of a frame may follow
		state->told[input->direction] = true;
	return fact_messages_resuming(input, FRAME_BYTES, length, take);
}

// The controlling station is the client: it starts and stops the transfer, the other side confirms. Both may test the connection and send ASDUs.
static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	bool hinted = flow->app.flags & APP_HINTED;
	if (data.len < HEAD_BYTES + LEAST) {
		bool may = data.len && data.data[0] == START && (data.len < 2 || data.data[1] >= LEAST);
		return may ? APP_PROBE_MORE : APP_PROBE_NO;
	}
	if (frame_length(data) == UINT32_MAX)
		return APP_PROBE_NO;
	uint8_t control = data.data[HEAD_BYTES];
	enum format format = format_of(data.data + HEAD_BYTES, data.data[1]);
	bool asks = control == STARTDT_ACT || control == STOPDT_ACT;
	if (format == FORMAT_U && (asks || control == STARTDT_CON || control == STOPDT_CON))
		return asks == (direction == TO_SERVER) ? APP_PROBE_YES : APP_PROBE_REVERSED;
	if (hinted)
		return flow->key.dport == PORT || flow->key.sport != PORT ? APP_PROBE_YES : APP_PROBE_REVERSED;
	return flow->app.proto == APP_IEC104 || format == FORMAT_U ? APP_PROBE_YES : APP_PROBE_NO;
}

static const struct app_port ports[] = { { PROTO_TCP, PORT, PORT }, { 0 } };

const struct app_parser iec104_parser = {
	.proto = APP_IEC104,
	.name = "iec104",
	.tcp = true,
	.ports = ports,
	.probe_bytes = HEAD_BYTES + LEAST,
	.probe = probe,
	.state_bytes = sizeof(struct iec104_state),
	.parse = parse,
	FACT_PARSER,
};
