// SPDX-License-Identifier: GPL-3.0-or-later
// Names of commands, dialects and control codes (MS-CIFS 2.2.2.1, MS-SMB2 2.2.1, MS-FSCC 2.3) as events write them.
#include <stdio.h>
#include "decoders/app/smb/smb.h"

static const char *const smb1_commands[256] = {
	[0x00] = "SMB1_COMMAND_CREATE_DIRECTORY",
	[0x01] = "SMB1_COMMAND_DELETE_DIRECTORY",
	[0x02] = "SMB1_COMMAND_OPEN",
	[0x03] = "SMB1_COMMAND_CREATE",
	[0x04] = "SMB1_COMMAND_CLOSE",
	[0x05] = "SMB1_COMMAND_FLUSH",
	[0x06] = "SMB1_COMMAND_DELETE",
	[0x07] = "SMB1_COMMAND_RENAME",
	[0x08] = "SMB1_COMMAND_QUERY_INFORMATION",
	[0x09] = "SMB1_COMMAND_SET_INFORMATION",
	[0x0a] = "SMB1_COMMAND_READ",
	[0x0b] = "SMB1_COMMAND_WRITE",
	[0x0c] = "SMB1_COMMAND_LOCK_BYTE_RANGE",
	[0x0d] = "SMB1_COMMAND_UNLOCK_BYTE_RANGE",
	[0x0e] = "SMB1_COMMAND_CREATE_TEMPORARY",
	[0x0f] = "SMB1_COMMAND_CREATE_NEW",
	[0x10] = "SMB1_COMMAND_CHECK_DIRECTORY",
	[0x11] = "SMB1_COMMAND_PROCESS_EXIT",
	[0x12] = "SMB1_COMMAND_SEEK",
	[0x13] = "SMB1_COMMAND_LOCK_AND_READ",
	[0x14] = "SMB1_COMMAND_WRITE_AND_UNLOCK",
	[0x1a] = "SMB1_COMMAND_READ_RAW",
	[0x1b] = "SMB1_COMMAND_READ_MPX",
	[0x1c] = "SMB1_COMMAND_READ_MPX_SECONDARY",
	[0x1d] = "SMB1_COMMAND_WRITE_RAW",
	[0x1e] = "SMB1_COMMAND_WRITE_MPX",
	[0x1f] = "SMB1_COMMAND_WRITE_MPX_SECONDARY",
	[0x20] = "SMB1_COMMAND_WRITE_COMPLETE",
	[0x21] = "SMB1_COMMAND_QUERY_SERVER",
	[0x22] = "SMB1_COMMAND_SET_INFORMATION2",
	[0x23] = "SMB1_COMMAND_QUERY_INFORMATION2",
	[0x24] = "SMB1_COMMAND_LOCKING_ANDX",
	[0x25] = "SMB1_COMMAND_TRANS",
	[0x26] = "SMB1_COMMAND_TRANS_SECONDARY",
	[0x27] = "SMB1_COMMAND_IOCTL",
	[0x28] = "SMB1_COMMAND_IOCTL_SECONDARY",
	[0x29] = "SMB1_COMMAND_COPY",
	[0x2a] = "SMB1_COMMAND_MOVE",
	[0x2b] = "SMB1_COMMAND_ECHO",
	[0x2c] = "SMB1_COMMAND_WRITE_AND_CLOSE",
	[0x2d] = "SMB1_COMMAND_OPEN_ANDX",
	[0x2e] = "SMB1_COMMAND_READ_ANDX",
	[0x2f] = "SMB1_COMMAND_WRITE_ANDX",
	[0x30] = "SMB1_COMMAND_NEW_FILE_SIZE",
	[0x31] = "SMB1_COMMAND_CLOSE_AND_TREE_DISC",
	[0x32] = "SMB1_COMMAND_TRANS2",
	[0x33] = "SMB1_COMMAND_TRANS2_SECONDARY",
	[0x34] = "SMB1_COMMAND_FIND_CLOSE2",
	[0x35] = "SMB1_COMMAND_FIND_NOTIFY_CLOSE",
	[0x70] = "SMB1_COMMAND_TREE_CONNECT",
	[0x71] = "SMB1_COMMAND_TREE_DISCONNECT",
	[0x72] = "SMB1_COMMAND_NEGOTIATE_PROTOCOL",
	[0x73] = "SMB1_COMMAND_SESSION_SETUP_ANDX",
	[0x74] = "SMB1_COMMAND_LOGOFF_ANDX",
	[0x75] = "SMB1_COMMAND_TREE_CONNECT_ANDX",
	[0x7e] = "SMB1_COMMAND_SECURITY_PACKAGE_ANDX",
	[0x80] = "SMB1_COMMAND_QUERY_INFO_DISK",
	[0x81] = "SMB1_COMMAND_SEARCH",
	[0x82] = "SMB1_COMMAND_FIND",
	[0x83] = "SMB1_COMMAND_FIND_UNIQUE",
	[0x84] = "SMB1_COMMAND_FIND_CLOSE",
	[0xa0] = "SMB1_COMMAND_NT_TRANS",
	[0xa1] = "SMB1_COMMAND_NT_TRANS_SECONDARY",
	[0xa2] = "SMB1_COMMAND_NT_CREATE_ANDX",
	[0xa4] = "SMB1_COMMAND_NT_CANCEL",
	[0xa5] = "SMB1_COMMAND_NT_RENAME",
	[0xc0] = "SMB1_COMMAND_OPEN_PRINT_FILE",
	[0xc1] = "SMB1_COMMAND_WRITE_PRINT_FILE",
	[0xc2] = "SMB1_COMMAND_CLOSE_PRINT_FILE",
	[0xc3] = "SMB1_COMMAND_GET_PRINT_QUEUE",
	[0xd8] = "SMB1_COMMAND_READ_BULK",
	[0xd9] = "SMB1_COMMAND_WRITE_BULK",
	[0xda] = "SMB1_COMMAND_WRITE_BULK_DATA",
	[0xfe] = "SMB1_COMMAND_INVALID",
	[0xff] = "SMB1_COMMAND_NO_ANDX_COMMAND",
};

static const char *const smb2_commands[] = {
	"SMB2_COMMAND_NEGOTIATE_PROTOCOL",
	"SMB2_COMMAND_SESSION_SETUP",
	"SMB2_COMMAND_SESSION_LOGOFF",
	"SMB2_COMMAND_TREE_CONNECT",
	"SMB2_COMMAND_TREE_DISCONNECT",
	"SMB2_COMMAND_CREATE",
	"SMB2_COMMAND_CLOSE",
	"SMB2_COMMAND_FLUSH",
	"SMB2_COMMAND_READ",
	"SMB2_COMMAND_WRITE",
	"SMB2_COMMAND_LOCK",
	"SMB2_COMMAND_IOCTL",
	"SMB2_COMMAND_CANCEL",
	"SMB2_COMMAND_KEEPALIVE",
	"SMB2_COMMAND_FIND",
	"SMB2_COMMAND_CHANGE_NOTIFY",
	"SMB2_COMMAND_GET_INFO",
	"SMB2_COMMAND_SET_INFO",
	"SMB2_COMMAND_OPLOCK_BREAK",
};

static const char *as_number(uint32_t number, char *buffer, size_t size)
{
	snprintf(buffer, size, "%u", number);
	return buffer;
}

const char *smb1_command_name(uint16_t command, char buffer[16])
{
	return command < 256 && smb1_commands[command] ? smb1_commands[command] : as_number(command, buffer, 16);
}

const char *smb2_command_name(uint16_t command, char buffer[16])
{
	return command < sizeof smb2_commands / sizeof *smb2_commands ? smb2_commands[command]
								      : as_number(command, buffer, 16);
}

struct number_name {
	uint32_t number;
	const char *name;
};

static const char *find(const struct number_name *names, uint32_t number)
{
	for (; names->name; names++)
		if (names->number == number)
			return names->name;
	return NULL;
}

static const struct number_name dialects[] = {
	{ 0x0202, "2.02" },
	{ 0x0210, "2.10" },
	{ 0x0222, "2.22" },
	{ 0x0224, "2.24" },
	{ 0x02ff, "2.FF" },
	{ 0x0300, "3.00" },
	{ 0x0302, "3.02" },
	{ 0x0310, "3.10" },
	{ 0x0311, "3.11" },
	{ 0 },
};

const char *smb2_dialect_name(uint16_t dialect, char buffer[16])
{
	const char *name = find(dialects, dialect);
	return name ? name : as_number(dialect, buffer, 16);
}

static const struct number_name functions[] = {
	{ 0x00060194, "FSCTL_DFS_GET_REFERRALS" },
	{ 0x000601b0, "FSCTL_DFS_GET_REFERRALS_EX" },
	{ 0x00090000, "FSCTL_REQUEST_OPLOCK_LEVEL_1" },
	{ 0x00090018, "FSCTL_LOCK_VOLUME" },
	{ 0x0009001c, "FSCTL_UNLOCK_VOLUME" },
	{ 0x0009002c, "FSCTL_IS_PATHNAME_VALID" },
	{ 0x0009003c, "FSCTL_GET_COMPRESSION" },
	{ 0x00090060, "FSCTL_FILESYSTEM_GET_STATISTICS" },
	{ 0x00090064, "FSCTL_GET_NTFS_VOLUME_DATA" },
	{ 0x00090073, "FSCTL_GET_RETRIEVAL_POINTERS" },
	{ 0x0009008f, "FSCTL_FIND_FILES_BY_SID" },
	{ 0x00090098, "FSCTL_SET_OBJECT_ID" },
	{ 0x0009009c, "FSCTL_GET_OBJECT_ID" },
	{ 0x000900a0, "FSCTL_DELETE_OBJECT_ID" },
	{ 0x000900a4, "FSCTL_SET_REPARSE_POINT" },
	{ 0x000900a8, "FSCTL_GET_REPARSE_POINT" },
	{ 0x000900ac, "FSCTL_DELETE_REPARSE_POINT" },
	{ 0x000900bc, "FSCTL_SET_OBJECT_ID_EXTENDED" },
	{ 0x000900c0, "FSCTL_CREATE_OR_GET_OBJECT_ID" },
	{ 0x000900c4, "FSCTL_SET_SPARSE" },
	{ 0x000900d7, "FSCTL_SET_ENCRYPTION" },
	{ 0x000900eb, "FSCTL_READ_FILE_USN_DATA" },
	{ 0x000900ef, "FSCTL_WRITE_USN_CLOSE_RECORD" },
	{ 0x0009023c, "FSCTL_GET_INTEGRITY_INFORMATION" },
	{ 0x00090284, "FSCTL_QUERY_FILE_REGIONS" },
	{ 0x00090344, "FSCTL_REFS_STREAM_SNAPSHOT_MANAGEMENT" },
	{ 0x000940cf, "FSCTL_QUERY_ALLOCATED_RANGES" },
	{ 0x00094264, "FSCTL_OFFLOAD_READ" },
	{ 0x00098134, "FSCTL_SET_SHORT_NAME_BEHAVIOR" },
	{ 0x00098208, "FSCTL_FILE_LEVEL_TRIM" },
	{ 0x00098268, "FSCTL_OFFLOAD_WRITE" },
	{ 0x00098344, "FSCTL_DUPLICATE_EXTENTS_TO_FILE" },
	{ 0x000980c8, "FSCTL_SET_ZERO_DATA" },
	{ 0x0009c040, "FSCTL_SET_COMPRESSION" },
	{ 0x0009c280, "FSCTL_SET_INTEGRITY_INFORMATION" },
	{ 0x00110018, "FSCTL_PIPE_WAIT" },
	{ 0x0011400c, "FSCTL_PIPE_PEEK" },
	{ 0x0011c017, "FSCTL_PIPE_TRANSCEIVE" },
	{ 0x00140078, "FSCTL_SRV_REQUEST_RESUME_KEY" },
	{ 0x001401d4, "FSCTL_LMR_REQUEST_RESILIENCY" },
	{ 0x001401fc, "FSCTL_QUERY_NETWORK_INTERFACE_INFO" },
	{ 0x00140200, "FSCTL_VALIDATE_NEGOTIATE_INFO_224" },
	{ 0x00140204, "FSCTL_VALIDATE_NEGOTIATE_INFO" },
	{ 0x00144064, "FSCTL_SRV_ENUMERATE_SNAPSHOTS" },
	{ 0x001440f2, "FSCTL_SRV_COPYCHUNK" },
	{ 0x001441bb, "FSCTL_SRV_READ_HASH" },
	{ 0x001480f2, "FSCTL_SRV_COPYCHUNK_WRITE" },
	{ 0x00144210, "FSCTL_LMR_SET_LINK_TRACKING_INFORMATION" },
	{ 0 },
};

const char *smb_function_name(uint32_t function, char buffer[16])
{
	const char *name = find(functions, function);
	if (!name)
		snprintf(buffer, 16, "0x%08x", function);
	return name ? name : buffer;
}

const char *smb_disposition_name(uint32_t disposition)
{
	static const char *const names[] = { "FILE_SUPERSEDE", "FILE_OPEN", "FILE_CREATE", "FILE_OPEN_IF",
		"FILE_OVERWRITE", "FILE_OVERWRITE_IF" };
	return disposition < sizeof names / sizeof *names ? names[disposition] : "UNKNOWN";
}

void smb_guid_text(const uint8_t *guid, unsigned len, char text[37])
{
	text[0] = 0;
	if (len == 2 || len == 6) {
		snprintf(text, 37, "%02x%02x", guid[1], guid[0]);
	} else if (len == 16) {
		snprintf(text, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", guid[3],
			guid[2], guid[1], guid[0], guid[5], guid[4], guid[7], guid[6], guid[9], guid[8], guid[11],
			guid[10], guid[15], guid[14], guid[13], guid[12]);
	}
}
