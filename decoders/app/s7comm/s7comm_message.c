// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/s7comm/s7comm.h"
#include "decoders/app/s7comm/s7comm_names.h"
#include <stdio.h>

#define PROTOCOL_ID   0x32
#define VALUE_BYTES   32 // told of a value
#define SYNTAX_ANY    0x10
#define SYNTAX_DB     0xb0
#define ITEM_TAG      0x12
#define ANY_BYTES     10
#define FILENAME_LEN  9 // "_", type of block, five digits, file system
#define AREA_COUNTER  0x1c
#define AREA_TIMER_EX 0x1f

enum {
	READ_VAR = 0x04,
	WRITE_VAR = 0x05,
	REQUEST_DOWNLOAD = 0x1a,
	DOWNLOAD_BLOCK = 0x1b,
	DOWNLOAD_ENDED = 0x1c,
	START_UPLOAD = 0x1d,
	UPLOAD = 0x1e,
	END_UPLOAD = 0x1f,
	PLC_CONTROL = 0x28,
	PLC_STOP = 0x29,
	SETUP = 0xf0,
};

bool s7comm_message_read(struct span bytes, struct s7comm_message *out)
{
	struct cursor c = cursor_on(bytes);
	uint8_t id = cursor_u8(&c);
	*out = (struct s7comm_message) { .rosctr = cursor_u8(&c) };
	cursor_skip(&c, 2); // redundancy
	out->reference = cursor_be16(&c);
	uint16_t parameters = cursor_be16(&c), data = cursor_be16(&c);
	if (out->rosctr == S7COMM_ACK || out->rosctr == S7COMM_ACK_DATA) {
		out->error_class = cursor_u8(&c);
		out->error_code = cursor_u8(&c);
	}
	out->parameters = cursor_span(&c, parameters);
	out->data = cursor_span(&c, data);
	bool known = out->rosctr && (out->rosctr <= S7COMM_ACK_DATA || out->rosctr == S7COMM_USERDATA);
	return cursor_ok(&c) && id == PROTOCOL_ID && known;
}

static void tell_name(const struct app_input *input, struct fact_tx *tx, uint8_t id, const char *name, uint8_t code)
{
	if (name)
		fact_string(input, tx, id, name);
	else
		fact_format(input, tx, id, "0x%02x", code);
}

static void tell_function(const struct app_input *input, struct fact_tx *tx, uint8_t function)
{
	const char *name = s7comm_function_name(function);
	fact_number(input, tx, S7COMM_FUNCTION_CODE, function);
	tell_name(input, tx, S7COMM_FUNCTION, name, function);
	if (!name)
		tally(input, TALLY_UNSUPPORTED);
}

static void tell_any(const struct app_input *input, struct fact_tx *tx, struct cursor *c)
{
	uint8_t transport = cursor_u8(c);
	uint16_t count = cursor_be16(c), db = cursor_be16(c);
	uint8_t area = cursor_u8(c);
	uint32_t address = cursor_be24(c);
	const char *area_name = s7comm_area_name(area), *type = s7comm_transport_name(transport);
	char number[16], kind[8], where[32];
	snprintf(number, sizeof(number), "0x%02x", area);
	snprintf(kind, sizeof(kind), "0x%02x", transport);
	if (area == 0x84 || area == 0x85) // blocks of data
		snprintf(where, sizeof(where), "%s%u.DBX%u.%u", area == 0x84 ? "DB" : "DI", db, address >> 3,
			address & 7);
	else if (area >= AREA_COUNTER && area <= AREA_TIMER_EX)
		snprintf(where, sizeof(where), "%s%u", area_name, address);
	else
		snprintf(where, sizeof(where), "%s%u.%u", area_name ? area_name : number, address >> 3, address & 7);
	fact_format(input, tx, S7COMM_ITEM, "%s %s %u", where, type ? type : kind, count);
}

// Areas of blocks of data, five bytes each.
static void tell_db(const struct app_input *input, struct fact_tx *tx, struct cursor *c, unsigned *told)
{
	uint8_t areas = cursor_u8(c);
	for (unsigned i = 0; i < areas && cursor_left(c) && *told < S7COMM_TOLD; i++, ++*told) {
		uint8_t bytes = cursor_u8(c);
		uint16_t db = cursor_be16(c), address = cursor_be16(c);
		if (cursor_ok(c))
			fact_format(input, tx, S7COMM_ITEM, "DB%u.DBX%u.0 BYTE %u", db, address, bytes);
	}
}

static bool take_items(const struct app_input *input, struct fact_tx *tx, struct cursor *c)
{
	uint8_t count = cursor_u8(c);
	unsigned told = 0;
	fact_number(input, tx, S7COMM_ITEM_COUNT, count);
	for (unsigned i = 0; i < count && cursor_ok(c); i++) {
		uint8_t tag = cursor_u8(c), len = cursor_u8(c);
		struct span item = cursor_span(c, len);
		if (len & 1 && i + 1u < count)
			cursor_u8(c); // filled up
		if (!cursor_ok(c))
			break;
		struct cursor in = cursor_on(item);
		uint8_t syntax = cursor_u8(&in);
		if (told >= S7COMM_TOLD) {
			tally(input, TALLY_TRUNCATED);
			break;
		}
		if (tag == ITEM_TAG && syntax == SYNTAX_ANY && len == ANY_BYTES) {
			tell_any(input, tx, &in);
			told++;
		} else if (tag == ITEM_TAG && syntax == SYNTAX_DB) {
			tell_db(input, tx, &in, &told);
		} else {
			fact_format(input, tx, S7COMM_ITEM, "syntax 0x%02x", syntax);
			tally(input, TALLY_UNSUPPORTED);
			told++;
		}
	}
	return cursor_ok(c);
}

static void tell_return(const struct app_input *input, struct fact_tx *tx, uint8_t code)
{
	tell_name(input, tx, S7COMM_RETURN, s7comm_return_name(code), code);
}

// Items of data, each with a return code; told: which value each has.
static bool take_values(
	const struct app_input *input, struct fact_tx *tx, struct span data, unsigned count, bool codes, bool values)
{
	struct cursor c = cursor_on(data);
	for (unsigned i = 0; i < count && cursor_ok(&c); i++) {
		uint8_t code = cursor_u8(&c), size = cursor_u8(&c);
		uint32_t len = cursor_be16(&c);
		if (size >= 3 && size <= 5) // told in bits
			len = (len + 7) / 8;
		struct span value = cursor_span(&c, len);
		if (!cursor_ok(&c))
			return false;
		if (len & 1 && i + 1 < count && cursor_left(&c))
			cursor_u8(&c);
		if (i >= S7COMM_TOLD)
			continue;
		if (codes)
			tell_return(input, tx, code);
		if (values)
			fact_hex(input, tx, S7COMM_VALUE, value, VALUE_BYTES);
	}
	return true;
}

static void take_filename(const struct app_input *input, struct fact_tx *tx, struct span name)
{
	static const struct {
		char code;
		const char *name;
	} types[] = { { '8', "OB" }, { 'A', "DB" }, { 'B', "SDB" }, { 'C', "FC" }, { 'D', "SFC" }, { 'E', "FB" },
		{ 'F', "SFB" } };
	static const struct {
		char code;
		const char *name;
	} filesystems[] = { { 'P', "passive" }, { 'A', "active" }, { 'B', "both" } };
	if (!name.len)
		return;
	fact_text(input, tx, S7COMM_FILENAME, name);
	// Nine bytes with what identifies a complete block or its header in front, eight without
	struct span block = name.len == FILENAME_LEN ? span_from(name, 1) : name;
	if (block.len != FILENAME_LEN - 1)
		return;
	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (block.data[0] == '0' && block.data[1] == (uint8_t)types[i].code)
			fact_string(input, tx, S7COMM_BLOCK_TYPE, types[i].name);
	fact_text(input, tx, S7COMM_BLOCK_NUMBER, span_slice(block, 2, 5));
	for (unsigned i = 0; i < sizeof(filesystems) / sizeof(filesystems[0]); i++)
		if (block.data[7] == (uint8_t)filesystems[i].code)
			fact_string(input, tx, S7COMM_FILESYSTEM, filesystems[i].name);
}

// Status, two bytes, session; then the name of a block, with two lengths behind it where it is offered.
static bool take_transfer(const struct app_input *input, struct fact_tx *tx, uint8_t function, struct cursor *c)
{
	cursor_skip(c, 3);
	uint32_t session = cursor_be32(c);
	if (!cursor_ok(c))
		return false;
	fact_number(input, tx, S7COMM_SESSION, session);
	if (function == UPLOAD || function == END_UPLOAD || !cursor_left(c))
		return true;
	take_filename(input, tx, cursor_span(c, cursor_u8(c)));
	if (function != REQUEST_DOWNLOAD || !cursor_left(c))
		return cursor_ok(c);
	struct span lengths = cursor_span(c, cursor_u8(c)); // "1", in memory, of code; six digits each
	if (lengths.len >= 7)
		fact_text(input, tx, S7COMM_BLOCK_LENGTH, span_slice(lengths, 1, 6));
	return cursor_ok(c);
}

// A service's name, and what it is asked for: blocks (a count, zero, eight bytes each) or a text.
static void take_service(const struct app_input *input, struct fact_tx *tx, struct span argument, struct span name)
{
	fact_text(input, tx, S7COMM_SERVICE, name);
	const char *meaning = name.len ? s7comm_service_meaning(name.data, name.len) : NULL;
	fact_string(input, tx, S7COMM_SUBFUNCTION, meaning);
	bool blocks = argument.len >= 2 && argument.data[1] == 0 && argument.data[0] * 8u + 2 == argument.len;
	if (blocks && argument.data[0] == 1)
		take_filename(input, tx, span_from(argument, 2));
	else if (argument.len)
		fact_text(input, tx, S7COMM_ARGUMENT, blocks ? span_from(argument, 2) : argument);
}

static bool take_control(const struct app_input *input, struct fact_tx *tx, struct cursor *c)
{
	cursor_skip(c, 7);
	struct span argument = cursor_span(c, cursor_be16(c));
	struct span name = cursor_span(c, cursor_u8(c));
	if (cursor_ok(c))
		take_service(input, tx, argument, name);
	return cursor_ok(c);
}

static bool take_stop(const struct app_input *input, struct fact_tx *tx, struct cursor *c)
{
	cursor_skip(c, 5);
	struct span name = cursor_span(c, cursor_u8(c));
	if (cursor_ok(c))
		fact_text(input, tx, S7COMM_SERVICE, name);
	return cursor_ok(c);
}

static bool take_setup(const struct app_input *input, struct fact_tx *tx, struct cursor *c)
{
	cursor_skip(c, 5); // jobs at a time, both ways
	uint16_t len = cursor_be16(c);
	if (cursor_ok(c))
		fact_number(input, tx, S7COMM_PDU_LENGTH, len);
	return cursor_ok(c);
}

bool s7comm_read_job(const struct app_input *input, struct fact_tx *tx, const struct s7comm_message *m)
{
	struct cursor c = cursor_on(m->parameters);
	uint8_t function = cursor_u8(&c);
	if (!tx || !cursor_ok(&c))
		return cursor_ok(&c);
	tell_function(input, tx, function);
	switch (function) {
	case READ_VAR: return take_items(input, tx, &c);
	case WRITE_VAR:
		return take_items(input, tx, &c) && take_values(input, tx, m->data, m->parameters.data[1], false, true);
	case REQUEST_DOWNLOAD:
	case DOWNLOAD_BLOCK:
	case DOWNLOAD_ENDED:
	case START_UPLOAD:
	case UPLOAD:
	case END_UPLOAD: return take_transfer(input, tx, function, &c);
	case PLC_CONTROL: return take_control(input, tx, &c);
	case PLC_STOP: return take_stop(input, tx, &c);
	case SETUP: return take_setup(input, tx, &c);
	default: return true;
	}
}

static void tell_error(const struct app_input *input, struct fact_tx *tx, uint8_t class, uint8_t code)
{
	tell_name(input, tx, S7COMM_ERROR_CLASS, s7comm_error_class_name(class), class);
	fact_number(input, tx, S7COMM_ERROR_CODE, code);
}

bool s7comm_read_answer(const struct app_input *input, struct fact_tx *tx, const struct s7comm_message *m)
{
	tell_error(input, tx, m->error_class, m->error_code);
	struct cursor c = cursor_on(m->parameters);
	if (!tx || !cursor_left(&c))
		return true;
	uint8_t function = cursor_u8(&c);
	if (!fact_find(tx, S7COMM_FUNCTION, 0))
		tell_function(input, tx, function);
	switch (function) {
	case READ_VAR: {
		uint8_t count = cursor_u8(&c);
		return cursor_ok(&c) && take_values(input, tx, m->data, count, true, false);
	}
	case WRITE_VAR: {
		uint8_t count = cursor_u8(&c);
		struct cursor codes = cursor_on(m->data);
		for (unsigned i = 0; i < count && i < S7COMM_TOLD && cursor_left(&codes); i++)
			tell_return(input, tx, cursor_u8(&codes));
		return cursor_ok(&c) && m->data.len >= count;
	}
	case START_UPLOAD: {
		cursor_skip(&c, 3);
		uint32_t session = cursor_be32(&c);
		if (!cursor_ok(&c))
			return false;
		if (!m->error_class)
			fact_number(input, tx, S7COMM_SESSION, session);
		if (cursor_left(&c))
			fact_text(input, tx, S7COMM_BLOCK_LENGTH, cursor_span(&c, cursor_u8(&c)));
		return cursor_ok(&c);
	}
	case SETUP: return take_setup(input, tx, &c);
	default: return true;
	}
}

uint8_t s7comm_userdata_type(const struct s7comm_message *m)
{
	return m->parameters.len < 8 ? UINT8_MAX : m->parameters.data[5] >> 4;
}

// What a request or answer is about, behind return code, size and length.
static bool take_userdata_body(const struct app_input *input, struct fact_tx *tx, const struct s7comm_message *m,
	uint8_t group, uint8_t subfunction, bool answer)
{
	struct cursor c = cursor_on(m->data);
	if (!cursor_left(&c))
		return true;
	uint8_t code = cursor_u8(&c);
	cursor_u8(&c);
	struct span body = cursor_span(&c, cursor_be16(&c));
	if (!cursor_ok(&c))
		return false;
	if (answer)
		tell_return(input, tx, code);
	c = cursor_on(body);
	if (group == 4 && subfunction == 1 && body.len >= 4) {
		uint16_t id = cursor_be16(&c), index = cursor_be16(&c);
		if (fact_find(tx, S7COMM_SZL_ID, 0))
			return true;
		fact_format(input, tx, S7COMM_SZL_ID, "0x%04x", id);
		fact_format(input, tx, S7COMM_SZL_INDEX, "0x%04x", index);
	} else if (group == 3 && subfunction == 3 && !answer && body.len >= 8) {
		take_filename(input, tx, span_slice(body, 0, 8));
	}
	return true;
}

bool s7comm_read_userdata(const struct app_input *input, struct fact_tx *tx, const struct s7comm_message *m)
{
	struct cursor c = cursor_on(m->parameters);
	cursor_skip(&c, 3); // what introduces them
	struct cursor head = cursor_on(cursor_span(&c, cursor_u8(&c)));
	cursor_u8(&head); // method: the type says it too
	uint8_t what = cursor_u8(&head), subfunction = cursor_u8(&head);
	cursor_u8(&head); // sequence
	if (!cursor_ok(&c) || !cursor_ok(&head))
		return false;
	uint8_t type = what >> 4, group = what & 15;
	if (!fact_find(tx, S7COMM_FUNCTION, 0)) {
		fact_number(input, tx, S7COMM_FUNCTION_CODE, group);
		tell_name(input, tx, S7COMM_FUNCTION, s7comm_group_name(group), group);
		fact_number(input, tx, S7COMM_SUBFUNCTION_CODE, subfunction);
		tell_name(input, tx, S7COMM_SUBFUNCTION, s7comm_subfunction_name(group, subfunction), subfunction);
	}
	if (type == 8 && cursor_left(&head) >= 4) {
		cursor_skip(&head, 2); // number of the data unit; is it the last?
		fact_number(input, tx, S7COMM_ERROR_CODE, cursor_be16(&head));
	}
	return take_userdata_body(input, tx, m, group, subfunction, type == 8);
}
