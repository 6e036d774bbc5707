// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/ftp.h"
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

FIELD_NUMBER(field_ftp_dynamic_port, APP_FTP, "ftp.dynamic_port", NULL, 16, 0, NULL, FIELD_WAITING);
FIELD_TEST(field_ftp_mode, APP_FTP, "ftp.mode", NULL, parse_mode, FIELD_WAITING);
FIELD_TEST(field_ftp_reply_received, APP_FTP, "ftp.reply_received", NULL, parse_reply_received, FIELD_WAITING);
FIELD_TEST(field_ftpbounce, APP_FTP, "ftpbounce", NULL, NULL, FIELD_WAITING);
FIELD_TEST(field_ftpdata_command, APP_FTP_DATA, "ftpdata_command", NULL, parse_data_command, FIELD_WAITING);
FIELD_BUFFER(field_ftp_command, APP_FTP, "ftp.command", NULL, "ftp command", 0, FIELD_WAITING);
FIELD_BUFFER(field_ftp_command_data, APP_FTP, "ftp.command_data", NULL, "ftp command data", 0, FIELD_WAITING);
FIELD_BUFFER(field_ftp_reply, APP_FTP, "ftp.reply", NULL, "ftp reply", FIELD_MULTI, FIELD_WAITING);
FIELD_BUFFER(field_ftp_completion_code, APP_FTP, "ftp.completion_code", NULL, "ftp completion code", FIELD_MULTI,
	FIELD_WAITING);
