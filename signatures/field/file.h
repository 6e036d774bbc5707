// SPDX-License-Identifier: GPL-3.0-or-later
// File fields: what rules ask of files any protocol carries (file.data, file.name, filesize, hash lists, ...).
//
// Memory       values lie in the transaction's files; a rule's hash list is its own, freed with it
// Threads      tables are const
#pragma once
#include "signatures/field/field.h"

// X(table)
#define FILE_BUFFERS(X)    \
	X(field_file_data) \
	X(field_file_name) \
	X(field_file_magic)
#define FILE_TESTS(X)       \
	X(field_filename)   \
	X(field_fileext)    \
	X(field_filemagic)  \
	X(field_filesize)   \
	X(field_filemd5)    \
	X(field_filesha1)   \
	X(field_filesha256) \
	X(field_filestore)

#define FILE_DECLARE_BUFFER(table) extern const struct field_buffer table;
#define FILE_DECLARE_TEST(table)   extern const struct field_test table;
FILE_BUFFERS(FILE_DECLARE_BUFFER)
FILE_TESTS(FILE_DECLARE_TEST)

// Who carries files, in which direction, and the progress at which the first may be there: X(protocol, direction, progress).
#define FILE_CARRIERS(X)              \
	X(APP_HTTP1, TO_SERVER, 3)    \
	X(APP_HTTP1, TO_CLIENT, 3)    \
	X(APP_HTTP2, TO_SERVER, 1)    \
	X(APP_HTTP2, TO_CLIENT, 1)    \
	X(APP_SMTP, TO_SERVER, 0)     \
	X(APP_POP3, TO_CLIENT, 0)     \
	X(APP_IMAP, TO_SERVER, 0)     \
	X(APP_IMAP, TO_CLIENT, 0)     \
	X(APP_FTP_DATA, TO_SERVER, 0) \
	X(APP_FTP_DATA, TO_CLIENT, 0) \
	X(APP_SMB, TO_SERVER, 0)      \
	X(APP_SMB, TO_CLIENT, 0)      \
	X(APP_NFS, TO_SERVER, 0)      \
	X(APP_NFS, TO_CLIENT, 0)

// What filestore chooses: its test's data.
enum field_store_scope {
	FIELD_STORE_FILE, // those the rule matched
	FIELD_STORE_TX,   // all of the transaction
	FIELD_STORE_FLOW, // all of the flow, from here on
};
struct field_store {
	uint8_t directions; // a bit each; 0: the one the rule looks at
	uint8_t scope;      // enum field_store_scope
};

struct file;

// The index-th file of the direction being inspected; NULL past the last.
const struct file *field_file_at(const struct field_source *source, unsigned index);
// What of it lies in its window now: a buffer's get.
bool field_file_window(const struct field_source *source, unsigned index, struct field_value *value);
