// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/ftp.h"
#include "decoders/app/ftp/ftp.h"
#include "signatures/field/argument.h"

static const char *parse_mode(const char *arguments, void *data)
{
	struct span text = span_trim(span_text(arguments));
	bool *active = data;
	*active = span_is_nocase(text, "active");
	return *active || span_is_nocase(text, "passive") ? NULL : "expected active or passive";
}

static const char *parse_reply_received(const char *arguments, void *data)
{
	return argument_yes_no(span_text(arguments), data) ? NULL : "expected yes or no";
}

// What the file on the data connection was asked for with.
static const char *parse_data_command(const char *arguments, void *data)
{
	struct span text = span_trim(span_text(arguments));
	bool *stored = data;
	*stored = span_is_nocase(text, "stor");
	return *stored || span_is_nocase(text, "retr") ? NULL : "expected stor or retr";
}

static bool get_command(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && field_filled(value, ftp_tx_of(source->tx)->name);
}

static bool get_command_data(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && field_filled(value, ftp_tx_of(source->tx)->argument);
}

// Replies are few (FTP_REPLIES_MAX): finding the nth anew each time costs little.
static const struct ftp_reply *nth_reply(const struct field_source *source, unsigned index)
{
	const struct ftp_reply *reply = ftp_tx_of(source->tx)->first;
	while (reply && index--)
		reply = reply->next;
	return reply;
}

static bool get_reply(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct span code, text;
	const struct ftp_reply *reply = nth_reply(source, index);
	if (!reply)
		return false;
	ftp_reply_parts(reply, &code, &text);
	field_filled(value, text);
	return true;
}

static bool get_code(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct span code, text;
	const struct ftp_reply *reply = nth_reply(source, index);
	if (!reply)
		return false;
	ftp_reply_parts(reply, &code, &text);
	field_filled(value, code);
	return true;
}

static bool get_dynamic_port(const struct field_source *source, unsigned index, uint64_t *value)
{
	*value = ftp_tx_of(source->tx)->dynamic_port;
	return index == 0 && *value;
}

static bool match_mode(const struct field_source *source, const void *data)
{
	const struct ftp_tx *tx = ftp_tx_of(source->tx);
	return *(const bool *)data ? tx->active : tx->passive;
}

static bool match_reply_received(const struct field_source *source, const void *data)
{
	const struct ftp_tx *tx = ftp_tx_of(source->tx);
	return tx->name.len && tx->done == *(const bool *)data; // a greeting answers nothing
}

static bool match_bounce(const struct field_source *source, const void *data)
{
	(void)data;
	return ftp_tx_of(source->tx)->bounce;
}

static bool match_data_command(const struct field_source *source, const void *data)
{
	const struct ftp_data_tx *tx = ftp_data_tx_of(source->tx);
	return *(const bool *)data ? tx->stored : memcmp(tx->command, "RETR", 4) == 0;
}

// clang-format off
#define TO_SERVER_AT(progress, function) { APP_FTP, TO_SERVER, progress, function }
#define TO_CLIENT_AT(progress, function) { APP_FTP, TO_CLIENT, progress, function }
#define BOTH_AT(progress, function) TO_SERVER_AT(progress, function), TO_CLIENT_AT(progress, function)
#define DATA_BOTH(function) { APP_FTP_DATA, TO_SERVER, 0, function }, { APP_FTP_DATA, TO_CLIENT, 0, function }
// clang-format on

FIELD_NUMBER(field_ftp_dynamic_port, APP_FTP, "ftp.dynamic_port", NULL, 16, 0, NULL, BOTH_AT(0, get_dynamic_port));
FIELD_TEST(field_ftp_mode, APP_FTP, "ftp.mode", NULL, parse_mode, BOTH_AT(0, match_mode));
FIELD_TEST(field_ftp_reply_received, APP_FTP, "ftp.reply_received", NULL, parse_reply_received,
	TO_CLIENT_AT(2, match_reply_received));
FIELD_TEST(field_ftpbounce, APP_FTP, "ftpbounce", NULL, NULL, TO_SERVER_AT(1, match_bounce));
FIELD_TEST(field_ftpdata_command, APP_FTP_DATA, "ftpdata_command", NULL, parse_data_command,
	DATA_BOTH(match_data_command));
FIELD_BUFFER(field_ftp_command, APP_FTP, "ftp.command", NULL, "ftp command", 0, TO_SERVER_AT(1, get_command));
FIELD_BUFFER(field_ftp_command_data, APP_FTP, "ftp.command_data", NULL, "ftp command data", 0,
	TO_SERVER_AT(1, get_command_data));
FIELD_BUFFER(field_ftp_reply, APP_FTP, "ftp.reply", NULL, "ftp reply", FIELD_MULTI, TO_CLIENT_AT(1, get_reply));
FIELD_BUFFER(field_ftp_completion_code, APP_FTP, "ftp.completion_code", NULL, "ftp completion code", FIELD_MULTI,
	TO_CLIENT_AT(1, get_code));
