// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of FTP and of the data connections it opens.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define FTP_BUFFERS(X)            \
	X(field_ftp_command)      \
	X(field_ftp_command_data) \
	X(field_ftp_reply)        \
	X(field_ftp_completion_code)
#define FTP_NUMBERS(X) X(field_ftp_dynamic_port)
#define FTP_TESTS(X)                \
	X(field_ftp_mode)           \
	X(field_ftp_reply_received) \
	X(field_ftpbounce)          \
	X(field_ftpdata_command)

FTP_BUFFERS(FIELD_DECLARE_BUFFER)
FTP_NUMBERS(FIELD_DECLARE_NUMBER)
FTP_TESTS(FIELD_DECLARE_TEST)
