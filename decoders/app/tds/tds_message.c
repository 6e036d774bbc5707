// SPDX-License-Identifier: GPL-3.0-or-later
// Messages of TDS (MS-TDS section 2.2.6 and 2.2.7).
#include <stdio.h>
#include "decoders/app/ntlmssp/ntlmssp.h"
#include "decoders/app/ntlmssp/spnego.h"
#include "decoders/app/tds/tds.h"

#define OPTIONS_MAX 16
#define TOKENS_MAX  64

static const char *encryption_name(uint8_t value)
{
	static const char *const names[] = { "off", "on", "not_supported", "required" };
	return value < 4 ? names[value] : "other";
}

// Options: token, place and length each, until 0xff.
void tds_read_prelogin(const struct app_input *input, struct fact_tx *tx, struct span payload, uint8_t *encryption)
{
	bool client = input->direction == TO_SERVER;
	struct cursor c = cursor_on(payload);
	for (unsigned i = 0; i < OPTIONS_MAX; i++) {
		uint8_t token = cursor_u8(&c);
		if (token == 0xff || !cursor_ok(&c))
			break;
		uint16_t at = cursor_be16(&c), len = cursor_be16(&c);
		struct span value = span_slice(payload, at, len);
		char text[24];
		if (value.len < len) {
			fact_raise(input, tx, FACT_MALFORMED);
			return;
		}
		if (token == 0 && len >= 4) {
			int used = snprintf(
				text, sizeof(text), "%u.%u.%u", value.data[0], value.data[1], be16_at(value.data + 2));
			fact_text(input, tx, client ? TDS_VERSION : TDS_SERVER_VERSION, span_of(text, (size_t)used));
		} else if (token == 1 && len >= 1) {
			*encryption = value.data[0];
			fact_string(input, tx, client ? TDS_CLIENT_ENCRYPTION : TDS_ENCRYPTION,
				encryption_name(value.data[0]));
		} else if (token == 2 && client && len > 1) {
			fact_text(input, tx, TDS_INSTANCE, span_slice(value, 0, span_find(value, 0, 0)));
		}
	}
}

void tds_read_sspi(const struct app_input *input, struct fact_tx *tx, struct span blob)
{
	struct ntlmssp m;
	struct spnego found = spnego_read(blob);
	if (found.kind != SPNEGO_NTLMSSP || !ntlmssp_parse(found.token, &m) || m.type != NTLMSSP_AUTHENTICATE)
		return;
	void (*put)(const struct app_input *, struct fact_tx *, uint8_t, struct span) =
		m.flags & NTLMSSP_UNICODE ? fact_utf16 : fact_text;
	put(input, tx, TDS_USER, m.user);
	put(input, tx, TDS_DOMAIN, m.domain);
}

// LOGIN7: fixed fields, then places and lengths of texts.
void tds_read_login(const struct app_input *input, struct fact_tx *tx, struct span payload)
{
	static const struct {
		uint16_t at;
		uint8_t id;
	} texts[] = { { 36, TDS_HOST }, { 40, TDS_USER }, { 48, TDS_APPLICATION }, { 52, TDS_SERVER },
		{ 60, TDS_LIBRARY }, { 64, TDS_LANGUAGE }, { 68, TDS_DATABASE } };
	if (payload.len < 94) {
		fact_raise(input, tx, FACT_MALFORMED);
		return;
	}
	char version[8]; // 0x74000004 is 7.4
	uint8_t digits = payload.data[7];
	int used = snprintf(version, sizeof(version), "%u.%u", digits >> 4, digits & 15);
	fact_text(input, tx, TDS_PROTOCOL, span_of(version, (size_t)used));
	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct cursor c = cursor_on(span_from(payload, texts[i].at));
		uint16_t at = cursor_le16(&c), len = cursor_le16(&c);
		struct span text = span_slice(payload, at, len * 2u);
		if (text.len < len * 2u)
			fact_raise(input, tx, FACT_MALFORMED);
		else if (len)
			fact_utf16(input, tx, texts[i].id, text);
	}
	struct cursor c = cursor_on(span_from(payload, 78));
	uint16_t at = cursor_le16(&c), len = cursor_le16(&c);
	if (len)
		tds_read_sspi(input, tx, span_slice(payload, at, len));
}

// ALL_HEADERS of TDS 7.2 and later: their whole length, then headers each with its own.
static struct span after_headers(struct span payload)
{
	struct cursor c = cursor_on(payload);
	uint32_t total = cursor_le32(&c), first = cursor_le32(&c);
	uint16_t type = cursor_le16(&c);
	bool there = cursor_ok(&c) && total >= 10 && total <= 256 && total <= payload.len && first <= total - 4 &&
		     type >= 1 && type <= 3;
	return there ? span_from(payload, total) : payload;
}

void tds_read_batch(const struct app_input *input, struct fact_tx *tx, struct span payload)
{
	fact_utf16(input, tx, TDS_QUERY, after_headers(payload));
}

// Types of parameters that are read (MS-TDS 2.2.5.4); a call's parameters behind another one are not looked for.
enum { TYPE_INTN = 0x26, TYPE_BITN = 0x68, TYPE_NVARCHAR = 0xe7, TYPE_NCHAR = 0xef };

// One parameter: its name, status, type and value; text is set for those of text. False: it is of a type that is not read, or cut.
static bool read_parameter(struct cursor *c, struct span *text)
{
	*text = (struct span) { 0 };
	cursor_skip(c, cursor_u8(c) * 2u);
	cursor_u8(c);
	uint8_t type = cursor_u8(c);
	if (type == TYPE_INTN || type == TYPE_BITN) {
		cursor_u8(c);
		cursor_skip(c, cursor_u8(c));
		return cursor_ok(c);
	}
	if (type != TYPE_NVARCHAR && type != TYPE_NCHAR)
		return false;
	uint16_t max = cursor_le16(c);
	cursor_skip(c, 5); // collation
	bool chunked = max == 0xffff;
	uint32_t len;
	if (chunked) { // the first chunk is all but always the only one
		cursor_skip(c, 8);
		len = cursor_le32(c);
	} else if ((len = cursor_le16(c)) == 0xffff) { // NULL
		return cursor_ok(c);
	}
	if (!cursor_ok(c))
		return false;
	uint32_t have = cursor_left(c);
	*text = cursor_span(c, len < have ? len : have);
	if (chunked && len)
		return len < have && cursor_le32(c) == 0;
	return len <= have;
}

static void read_parameters(const struct app_input *input, struct fact_tx *tx, struct cursor *c, unsigned statement)
{
	struct span text;
	for (unsigned i = 0; i < TDS_PARAMETERS_MAX && cursor_left(c); i++) {
		bool more = read_parameter(c, &text);
		work_step(1);
		if (text.data)
			fact_utf16(input, tx, i == statement ? TDS_QUERY : TDS_PARAMETERS, text);
		if (!more)
			return;
	}
}

void tds_read_call(const struct app_input *input, struct fact_tx *tx, struct span payload)
{
	// Which parameter is a statement; 255: none
	static const struct {
		const char *name;
		uint8_t statement;
	} procedures[] = { { NULL, 255 }, { "sp_cursor", 255 }, { "sp_cursoropen", 1 }, { "sp_cursorprepare", 2 },
		{ "sp_cursorexecute", 255 }, { "sp_cursorprepexec", 3 }, { "sp_cursorunprepare", 255 },
		{ "sp_cursorfetch", 255 }, { "sp_cursoroption", 255 }, { "sp_cursorclose", 255 },
		{ "sp_executesql", 0 }, { "sp_prepare", 2 }, { "sp_execute", 255 }, { "sp_prepexec", 2 },
		{ "sp_prepexecrpc", 1 }, { "sp_unprepare", 255 } };
	struct cursor c = cursor_on(after_headers(payload));
	uint16_t len = cursor_le16(&c);
	unsigned statement = 255;
	if (len != 0xffff) {
		struct span name = cursor_span(&c, len * 2u);
		fact_utf16(input, tx, TDS_PROCEDURE, name);
		if (name.len == 26 && name.data[0] == 's' && name.data[6] == 'e') // sp_executesql by its name
			statement = 0;
	} else {
		uint16_t id = cursor_le16(&c);
		if (id < sizeof(procedures) / sizeof(procedures[0])) {
			fact_string(input, tx, TDS_PROCEDURE, procedures[id].name);
			statement = procedures[id].statement;
		}
	}
	cursor_le16(&c);
	if (cursor_ok(&c))
		read_parameters(input, tx, &c, statement);
}

enum token {
	TOKEN_ORDER = 0xa9,
	TOKEN_ERROR = 0xaa,
	TOKEN_INFO = 0xab,
	TOKEN_LOGINACK = 0xad,
	TOKEN_ENVCHANGE = 0xe3,
	TOKEN_DONE = 0xfd
};

static void read_error(const struct app_input *input, struct fact_tx *tx, struct span value)
{
	struct cursor c = cursor_on(value);
	uint32_t number = cursor_le32(&c);
	cursor_le16(&c);
	struct span text = cursor_span(&c, cursor_le16(&c) * 2u);
	if (!cursor_ok(&c)) {
		fact_raise(input, tx, FACT_MALFORMED);
		return;
	}
	fact_number(input, tx, TDS_ERROR_CODE, number);
	fact_utf16(input, tx, TDS_ERROR, text);
}

static void read_login_answer(const struct app_input *input, struct fact_tx *tx, struct span value)
{
	struct cursor c = cursor_on(value);
	cursor_skip(&c, 5);
	struct span product = cursor_span(&c, cursor_u8(&c) * 2u);
	if (cursor_ok(&c))
		fact_utf16(input, tx, TDS_PRODUCT, product);
}

// Tokens up to the first that is none of those read here: columns and rows are not looked at.
void tds_read_result(const struct app_input *input, struct fact_tx *tx, struct span payload)
{
	struct cursor c = cursor_on(payload);
	bool failed = false;
	for (unsigned i = 0; i < TOKENS_MAX && cursor_left(&c); i++) {
		uint8_t token = cursor_u8(&c);
		if (token >= TOKEN_DONE) {
			failed |= (cursor_le16(&c) & 2) != 0;
			cursor_skip(&c, 10);
			continue;
		}
		if (token != TOKEN_ERROR && token != TOKEN_INFO && token != TOKEN_LOGINACK &&
			token != TOKEN_ENVCHANGE && token != TOKEN_ORDER)
			break;
		struct span value = cursor_span(&c, cursor_le16(&c));
		if (!cursor_ok(&c))
			break;
		if (token == TOKEN_ERROR)
			read_error(input, tx, value);
		else if (token == TOKEN_LOGINACK)
			read_login_answer(input, tx, value);
		failed |= token == TOKEN_ERROR;
	}
	fact_number(input, tx, TDS_SUCCESS, !failed);
}
