// SPDX-License-Identifier: GPL-3.0-or-later
// SMB 2 and 3, inside: commands, flags and what their files share.
#pragma once
#include "decoders/app/smb/smb_internal.h"

enum smb2_command {
	SMB2_NEGOTIATE = 0,
	SMB2_SESSION_SETUP = 1,
	SMB2_LOGOFF = 2,
	SMB2_TREE_CONNECT = 3,
	SMB2_TREE_DISCONNECT = 4,
	SMB2_CREATE = 5,
	SMB2_CLOSE = 6,
	SMB2_FLUSH = 7,
	SMB2_READ = 8,
	SMB2_WRITE = 9,
	SMB2_LOCK = 10,
	SMB2_IOCTL = 11,
	SMB2_CANCEL = 12,
	SMB2_ECHO = 13,
	SMB2_FIND = 14,
	SMB2_NOTIFY = 15,
	SMB2_GET_INFO = 16,
	SMB2_SET_INFO = 17,
	SMB2_OPLOCK_BREAK = 18,
	SMB2_COMMANDS_END,
};

#define SMB2_FLAG_RESPONSE 0x00000001u
#define SMB2_FLAG_ASYNC    0x00000002u
#define SMB2_FLAG_RELATED  0x00000004u

#define SMB2_FUID_BYTES 16

#define FSCTL_PIPE_TRANSCEIVE 0x0011c017u

// The body of a command, at its first field.
static inline struct cursor smb2_body(const struct smb_header *header)
{
	return cursor_on(span_from(header->data, SMB2_HEADER_BYTES));
}

// A part of the command that it names by offset (from its header) and length. False: it lies outside, malformed.
static inline bool smb2_part(const struct smb_header *header, uint32_t offset, uint32_t len, struct span *out)
{
	*out = span_slice(header->data, offset, len);
	return len == 0 || (offset >= SMB2_HEADER_BYTES && out->len == len);
}

// The file of a command: in a compound, that of the command before (all ones).
static inline void smb2_fuid(struct smb_reader *r, struct cursor *c, uint8_t fuid[SMB2_FUID_BYTES])
{
	static const uint8_t related[SMB2_FUID_BYTES] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
		255, 255, 255, 255 };
	struct span id = cursor_span(c, SMB2_FUID_BYTES);
	if (!id.len) {
		memset(fuid, 0, SMB2_FUID_BYTES);
		return;
	}
	memcpy(fuid, id.data, SMB2_FUID_BYTES);
	if (memcmp(fuid, related, SMB2_FUID_BYTES) == 0 && r->side->has_fuid)
		memcpy(fuid, r->side->fuid, SMB2_FUID_BYTES);
	memcpy(r->side->fuid, fuid, SMB2_FUID_BYTES);
	r->side->has_fuid = true;
}

static inline bool smb2_fuid_is_related(const uint8_t fuid[SMB2_FUID_BYTES])
{
	for (int i = 0; i < SMB2_FUID_BYTES; i++)
		if (fuid[i] != 255)
			return false;
	return true;
}
