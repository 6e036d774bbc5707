// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/pop3.h"
#include <ctype.h>
#include "decoders/app/pop3/pop3.h"
#include "export/eve/email.h"

#define LINE_RESERVE (8u << 10) // bytes of the line kept for what follows a list

static void put_request(struct json *json, const struct pop3_tx *tx)
{
	struct span command = pop3_command(tx), word;
	char name[32];
	uint32_t len = command.len < sizeof(name) ? command.len : (uint32_t)sizeof(name);
	for (uint32_t i = 0; i < len; i++)
		name[i] = (char)toupper(command.data[i]);
	json_put_object(json, "request");
	json_put_span(json, "command", span_of(name, len));
	struct json_mark mark = json_mark(json);
	json_put_array(json, "args");
	for (unsigned i = 0; pop3_argument(tx, i, &word); i++)
		json_put_span(json, NULL, word);
	json_array_end(json);
	json_keep_if_room(json, mark, LINE_RESERVE);
	json_object_end(json);
}

static void put_response(struct json *json, const struct pop3_tx *tx)
{
	struct span rest = bytes_span(&tx->data);
	json_put_object(json, "response");
	json_put_bool(json, "success", tx->success);
	json_put_text(json, "status", tx->success ? "OK" : "ERR");
	json_put_span(json, "header", bytes_span(&tx->header));
	struct json_mark mark = json_mark(json);
	json_put_array(json, "data");
	while (rest.len) {
		uint32_t end = span_find(rest, '\n', 0);
		json_put_span(json, NULL, span_slice(rest, 0, end));
		rest = span_from(rest, end + 1);
	}
	json_array_end(json);
	json_keep_if_room(json, mark, LINE_RESERVE);
	json_object_end(json);
}

static bool write_pop3(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *base, unsigned part, bool in_alert)
{
	(void)flow, (void)in_alert;
	if (part)
		return false;
	const struct pop3_tx *tx = pop3_tx_of(base);
	json_put_object(json, "pop3");
	if (tx->asked)
		put_request(json, tx);
	if (tx->answered)
		put_response(json, tx);
	json_object_end(json);
	if (tx->mail)
		eve_email(json, config, tx->mail, base);
	return true;
}

const struct eve_app eve_pop3 = { .proto = APP_POP3, .event_type = "pop3", .write = write_pop3 };
