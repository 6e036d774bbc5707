// SPDX-License-Identifier: GPL-3.0-or-later
// SMB 1, inside: commands, and a command's words and bytes (MS-CIFS 2.2.3).
#pragma once
#include "decoders/app/smb/smb_internal.h"

enum smb1_command {
	SMB1_CLOSE = 0x04,
	SMB1_DELETE = 0x06,
	SMB1_RENAME = 0x07,
	SMB1_WRITE = 0x0b,
	SMB1_TRANS = 0x25,
	SMB1_WRITE_AND_CLOSE = 0x2c,
	SMB1_OPEN_ANDX = 0x2d,
	SMB1_READ_ANDX = 0x2e,
	SMB1_WRITE_ANDX = 0x2f,
	SMB1_TRANS2 = 0x32,
	SMB1_TREE_DISCONNECT = 0x71,
	SMB1_NEGOTIATE = 0x72,
	SMB1_SESSION_SETUP_ANDX = 0x73,
	SMB1_LOGOFF_ANDX = 0x74,
	SMB1_TREE_CONNECT_ANDX = 0x75,
	SMB1_NT_CREATE_ANDX = 0xa2,
	SMB1_NT_CANCEL = 0xa4,
	SMB1_NONE = 0xff, // ends a chain
};

#define SMB1_FUID_BYTES 6
#define SMB1_ANDX_BYTES 4 // of the words: next command and its offset

// One command: its words, its bytes, and where the bytes begin from the header on, which texts of two bytes are aligned to.
struct smb1_body {
	struct cursor words;
	struct span bytes;
	uint32_t bytes_at;
	uint8_t word_count;
};

// The body of the command at offset at. False: malformed.
bool smb1_body_read(const struct smb_header *header, uint32_t at, struct smb1_body *out);

// A text ended by zero from c, whose bytes begin bytes_at from the header on; the padding before one of two bytes a character is skipped.
struct span smb1_text(struct cursor *c, uint32_t bytes_at, bool unicode);

static inline void smb1_fuid(const struct smb_header *header, uint16_t fid, uint8_t fuid[SMB1_FUID_BYTES])
{
	uint32_t session = (uint32_t)header->session;
	fuid[0] = (uint8_t)fid;
	fuid[1] = (uint8_t)(fid >> 8);
	for (int i = 0; i < 4; i++)
		fuid[2 + i] = (uint8_t)(session >> 8 * i);
}

static inline void smb1_keep_fuid(struct smb_tx *tx, const struct smb_header *header, uint16_t fid)
{
	smb1_fuid(header, fid, tx->fuid);
	tx->fuid_len = SMB1_FUID_BYTES;
}

// smb1_request.c, smb1_response.c: one command of a chain.
void smb1_request(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body);
void smb1_response(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body);
// smb1_read_write.c
bool smb1_data_streams(struct smb_reader *r, const struct smb_header *header);
void smb1_read_request(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body);
void smb1_write_request(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body);
void smb1_read_response(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body);
// smb1_trans.c
void smb1_trans_request(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body);
void smb1_trans2_request(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body);
void smb1_trans_response(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body);
// smb1_session.c
void smb1_negotiate_request(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body);
void smb1_negotiate_response(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body);
void smb1_setup_request(struct smb_reader *r, const struct smb_header *header, struct smb1_body *body);
void smb1_setup_response(
	struct smb_reader *r, struct smb_tx *tx, const struct smb_header *header, struct smb1_body *body);
