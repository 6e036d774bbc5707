// SPDX-License-Identifier: GPL-3.0-or-later
// SMB 1, 2 and 3 (MS-CIFS, MS-SMB, MS-SMB2) over TCP, on its own port or in a NetBIOS session (RFC 1002): sessions, shares, files, pipes, and the
// DCE-RPC calls in pipes. A command and its answer are a transaction; the reads or the writes of an open file are one, which carries the file.
//
// Life cycle   the first bytes make the flow's state; a transaction is done when its answer came, a file's when the file is closed
// Memory       worker's slab: what hangs on transactions, and tables of open files, shares and reads asked for (SMB_OPENS_MAX ... in
//              smb_internal.h), which forget the oldest
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/dcerpc/dcerpc_call.h"
#include "decoders/app/files/file.h"

// X(constant, name in app-layer-event:smb.NAME)
#define SMB_EVENTS(X)                                                                   \
	X(SMB_INTERNAL_ERROR, "internal_error")                                         \
	X(SMB_MALFORMED_DATA, "malformed_data")                                         \
	X(SMB_RECORD_OVERFLOW, "record_overflow")                                       \
	X(SMB_MALFORMED_NTLMSSP_REQUEST, "malformed_ntlmssp_request")                   \
	X(SMB_MALFORMED_NTLMSSP_RESPONSE, "malformed_ntlmssp_response")                 \
	X(SMB_DUPLICATE_NEGOTIATE, "duplicate_negotiate")                               \
	X(SMB_NEGOTIATE_MALFORMED_DIALECTS, "negotiate_malformed_dialects")             \
	X(SMB_FILE_OVERLAP, "file_overlap")                                             \
	X(SMB_RESPONSE_TO_SERVER, "response_to_server")                                 \
	X(SMB_REQUEST_TO_CLIENT, "request_to_client")                                   \
	X(SMB_NEGOTIATE_MAX_READ_SIZE_TOO_LARGE, "negotiate_max_read_size_too_large")   \
	X(SMB_NEGOTIATE_MAX_WRITE_SIZE_TOO_LARGE, "negotiate_max_write_size_too_large") \
	X(SMB_READ_REQUEST_TOO_LARGE, "read_request_too_large")                         \
	X(SMB_READ_RESPONSE_TOO_LARGE, "read_response_too_large")                       \
	X(SMB_READ_QUEUE_SIZE_EXCEEDED, "read_queue_size_exceeded")                     \
	X(SMB_READ_QUEUE_CNT_EXCEEDED, "read_queue_cnt_exceeded")                       \
	X(SMB_WRITE_REQUEST_TOO_LARGE, "write_request_too_large")                       \
	X(SMB_WRITE_QUEUE_SIZE_EXCEEDED, "write_queue_size_exceeded")                   \
	X(SMB_WRITE_QUEUE_CNT_EXCEEDED, "write_queue_cnt_exceeded")                     \
	X(SMB_UNUSUAL_NTLMSSP_ORDER, "unusual_ntlmssp_order")                           \
	X(SMB_TOO_MANY_TRANSACTIONS, "too_many_transactions")
#define SMB_EVENT_CONSTANT(constant, name) constant,
enum smb_event { SMB_EVENTS(SMB_EVENT_CONSTANT) SMB_EVENTS_END };

#define SMB_NAME_MAX     4096 // bytes of a path or share
#define SMB_DIALECTS_MAX 64

enum smb_kind {
	SMB_GENERIC,
	SMB_NEGOTIATE,
	SMB_SESSION_SETUP,
	SMB_TREE_CONNECT,
	SMB_CREATE,
	SMB_FILE,     // all reads, or all writes, of an open file
	SMB_RENAME,   // names: name -> new_name
	SMB_SET_INFO, // SMB 2: of a file
	SMB_SET_PATH, // SMB 1: of a file or path (level, subcommand)
	SMB_RPC,
	SMB_IOCTL,
};

// Bytes that came before those they follow.
struct smb_chunk {
	struct smb_chunk *next;
	uint64_t offset;
	struct bytes bytes;
};

// File as its reads or writes come: in any order, put right within a budget.
struct smb_file {
	struct file *file;         // on the transaction; NULL before the first byte
	uint64_t tracked;          // everything before was appended, or is a gap
	struct smb_chunk *waiting; // by offset
	struct smb_chunk *filling; // of waiting: the one that grows
	uint64_t waiting_bytes;
	uint32_t waiting_count;
	uint64_t channel; // smb_channel.h: key of the open file; 0: none
	bool direct;      // of what comes now, bytes go on at tracked
	bool closed;
};

struct smb_session_setup {
	bool has_ntlmssp, has_version, has_kerberos;
	bool unordered;                  // texts of NTLMSSP overlap, or come in an unusual order
	struct bytes domain, user, host; // NTLMSSP
	uint8_t major, minor, revision;
	uint16_t build;
	struct bytes realm;  // Kerberos ticket
	struct bytes snames; // zero-ended texts
	bool has_os[2];
	struct bytes native_os[2], native_lm[2]; // SMB 1, by direction
};

struct smb_negotiate {
	struct bytes dialects; // zero-ended texts
	unsigned dialect_count;
	bool has_client_guid;
	uint8_t client_guid[16], server_guid[16]; // as on the wire
	bool has_server_guid;
};

struct smb_tree_connect {
	uint8_t share_type; // SMB 2: 1 disk, 2 pipe, 3 printer
	bool is_pipe;
	bool has_request_service, has_response_service;
	char request_service[16], response_service[16]; // SMB 1, zero-ended
};

struct smb_create {
	uint32_t disposition;
	bool delete_on_close, directory;
	uint64_t created, accessed, modified, changed; // seconds since 1970
	uint64_t size;
};

struct smb_set_info {
	bool delete_on_close;
	uint16_t subcommand; // SMB 1: TRANS2's
	uint16_t level;      // SMB 1: level of interest; SMB 2: information class
};

struct smb_tx {
	struct app_tx tx;
	uint8_t kind;    // enum smb_kind
	uint8_t version; // 1 or 2: of the command
	uint16_t command;
	bool request_done, response_done;
	bool has_status, dos_status;
	uint32_t status; // NT status; a DOS error: class << 16 | code
	uint64_t session, message;
	uint32_t tree;
	uint8_t fuid[16]; // file, as on the wire
	uint8_t fuid_len; // 0, 2 or 6 (SMB 1: FID, then user and process), 16
	struct bytes name, new_name, share;
	union {
		struct smb_negotiate negotiate;
		struct smb_session_setup setup;
		struct smb_tree_connect connect;
		struct smb_create create;
		struct smb_file file;
		struct smb_set_info set_info;
		struct dcerpc_call call;
		uint32_t function; // IOCTL
	};
};

static inline const struct smb_tx *smb_tx_of(const struct app_tx *tx)
{
	return (const struct smb_tx *)(const void *)tx;
}

extern const struct app_parser smb_parser;

// What the two ends agreed on, of a flow that speaks SMB.
struct smb_agreed {
	uint16_t dialect;     // SMB 2 and 3; 0: none, or SMB 1
	struct span dialect1; // SMB 1; empty: none
	uint32_t max_read, max_write;
};
struct smb_agreed smb_agreed_of(const struct flow *flow);

// Names for events (smb_names.c, smb_status.c). What has no name is written into buffer as a number.
const char *smb1_command_name(uint16_t command, char buffer[16]);
const char *smb2_command_name(uint16_t command, char buffer[16]);
const char *smb2_dialect_name(uint16_t dialect, char buffer[16]);
const char *smb_status_name(uint32_t status, char buffer[24]);     // NT status
const char *smb_dos_status_name(uint32_t status, char buffer[24]); // class << 16 | code
const char *smb_function_name(uint32_t function, char buffer[16]);
const char *smb_disposition_name(uint32_t disposition);
// Text of a GUID or file id (37 bytes at most); len is 16, 6 or 2, else the text is empty.
void smb_guid_text(const uint8_t *guid, unsigned len, char text[37]);
