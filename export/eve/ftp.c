// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/ftp.h"
#include <ctype.h>
#include "decoders/app/ftp/ftp.h"

static void put_command(struct json *json, const struct ftp_tx *tx)
{
	char name[32];
	if (!tx->name.len)
		return;
	uint32_t len = tx->name.len < sizeof(name) ? tx->name.len : (uint32_t)sizeof(name);
	for (uint32_t i = 0; i < len; i++)
		name[i] = (char)toupper(tx->name.data[i]);
	json_put_span(json, "command", span_of(name, len));
	if (tx->argument.len)
		json_put_span(json, "command_data", tx->argument);
}

static void put_replies(struct json *json, const struct ftp_tx *tx)
{
	struct span code, text;
	if (!tx->first)
		return;
	json_put_array(json, "reply");
	for (const struct ftp_reply *reply = tx->first; reply; reply = reply->next) {
		ftp_reply_parts(reply, &code, &text);
		json_put_span(json, NULL, text);
	}
	json_array_end(json);
	unsigned codes = 0;
	for (const struct ftp_reply *reply = tx->first; reply; reply = reply->next) {
		ftp_reply_parts(reply, &code, &text);
		if (!code.len)
			continue;
		if (!codes++)
			json_put_array(json, "completion_code");
		json_put_span(json, NULL, code);
	}
	if (codes)
		json_array_end(json);
}

static bool write_ftp(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *base, unsigned part, bool in_alert)
{
	(void)config, (void)flow, (void)in_alert;
	if (part)
		return false;
	const struct ftp_tx *tx = ftp_tx_of(base);
	json_put_object(json, "ftp");
	put_command(json, tx);
	json_put_bool(json, "command_truncated", tx->line_truncated);
	struct json_mark mark = json_mark(json);
	put_replies(json, tx);
	json_keep_if_room(json, mark, 1024);
	if (tx->dynamic_port)
		json_put_uint(json, "dynamic_port", tx->dynamic_port);
	if (tx->active || tx->passive)
		json_put_text(json, "mode", tx->active ? "active" : "passive");
	json_put_text(json, "reply_received", tx->done ? "yes" : "no");
	json_put_bool(json, "reply_truncated", tx->reply_truncated);
	json_object_end(json);
	return true;
}

static bool write_data(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *base, unsigned part, bool in_alert)
{
	(void)config, (void)flow, (void)in_alert;
	if (part)
		return false;
	const struct ftp_data_tx *tx = ftp_data_tx_of(base);
	json_put_object(json, "ftp_data");
	if (tx->name_len)
		json_put_span(json, "filename", span_of(tx->name, tx->name_len));
	if (tx->command_len)
		json_put_span(json, "command", span_of(tx->command, tx->command_len));
	json_object_end(json);
	return true;
}

const struct eve_app eve_ftp = { .proto = APP_FTP, .event_type = "ftp", .write = write_ftp };
const struct eve_app eve_ftp_data = { .proto = APP_FTP_DATA, .event_type = "ftp_data", .write = write_data };
