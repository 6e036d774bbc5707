// SPDX-License-Identifier: GPL-3.0-or-later
// SMB parser, inside: what its framing, its two command sets, its files and its pipes share.
#pragma once
#include "decoders/app/hold.h"
#include "decoders/app/smb/smb.h"
#include "decoders/app/smb/smb_channel.h"
#include "decoders/base/cursor.h"

#define SMB_TREES_MAX 256  // shares of a flow remembered
#define SMB_OPENS_MAX 1024 // open files and pipes
#define SMB_READS_MAX 1024 // reads asked for and not answered
#define SMB_COMMAND_MAX \
	(256u << 10) // bytes of a command kept until it is whole; longer ones are passed over, but for file data
#define SMB_HOLD_MAX (SMB_COMMAND_MAX + 64)

#define SMB1_HEADER_BYTES 32
#define SMB2_HEADER_BYTES 64

#define NT_SUCCESS         0x00000000u
#define NT_PENDING         0x00000103u
#define NT_BUFFER_OVERFLOW 0x80000005u

// X(constant, name)
#define SMB_COUNTERS(X)                                                       \
	X(SMB_COUNT_MALFORMED, "malformed")                                   \
	X(SMB_COUNT_UNSUPPORTED, "unsupported") /* compressed, unknown */     \
	X(SMB_COUNT_ENCRYPTED, "encrypted")     /* messages we cannot read */ \
	X(SMB_COUNT_OVER_BUDGET, "over_budget") /* commands, names, chunks */ \
	X(SMB_COUNT_NO_MEMORY, "no_memory")                                   \
	X(SMB_COUNT_GAP, "gap")                                               \
	X(SMB_COUNT_FILES, "files")                                           \
	X(SMB_COUNT_TX_EXPIRED, "tx_expired")
#define SMB_COUNTER_CONSTANT(constant, name) constant,
enum smb_counter { SMB_COUNTERS(SMB_COUNTER_CONSTANT) SMB_COUNTERS_END };

// A worker's.
struct smb_worker {
	struct file_tools *files;
	struct app_expect *expect;
	uint64_t max_read, max_write; // bytes of one; 0: any
	uint64_t queue_bytes[2];      // by direction: what came too early; 0: any
	uint64_t queue_count[2];
	uint64_t waiting_bytes,
		waiting_max; // what came too early of all files: a share of the worker's memory, not all of it
	uint64_t opens_max, trees_max, reads_max;
	uint32_t max_tx;
	struct smb_channels channels;
	uint64_t counters[SMB_COUNTERS_END];
};

// Tables of a flow: lists, newest use first, so that what is used is found at once and what is not is forgotten first.
struct smb_key {
	uint8_t bytes[16];
	uint8_t len;
};

struct smb_entry {
	struct smb_entry *next;
	struct smb_key key;
};

struct smb_table {
	struct smb_entry *first;
	uint32_t count;
};

struct smb_tree {
	struct smb_entry entry; // key: session and tree
	struct bytes name;
	bool is_pipe;
};

struct smb_open {
	struct smb_entry entry; // key: file id
	struct bytes name;
	bool rpc;                 // carries DCE-RPC
	struct hold fragments[2]; // DCE-RPC, by direction
	struct dcerpc_binding binding;
};

struct smb_read {
	struct smb_entry entry; // key: message
	uint64_t offset;
	uint32_t tree; // an asynchronous answer does not say
	uint8_t fuid[16];
	uint8_t fuid_len;
};

// What a direction's stream is in the middle of.
struct smb_side {
	struct hold hold;
	bool lost;              // after a gap: look for a message
	bool skipping;          // what is left of the message is passed over
	uint32_t message_left;  // bytes of the NetBIOS message to come; 0: at its header
	uint32_t command_left;  // bytes of the command being read to come; 0: at its header
	uint32_t data_left;     // of them: file data
	uint32_t need;          // bytes from the command's header on, before it is worth looking at again
	struct smb_tx *file_tx; // takes the data; NULL: nobody
	bool joined;            // the data goes into a file that another flow carries
	uint64_t join_offset, join_session;
	uint8_t join_fuid[16];
	uint64_t framed; // frames of what lies before were told
	// Within a compound (MS-SMB2 2.2.1): what related commands inherit
	uint64_t session;
	uint32_t tree;
	uint8_t fuid[16];
	bool has_fuid;
};

struct smb_state {
	struct smb_side side[2];
	struct smb_table trees, opens, reads;
	uint16_t dialect;
	struct bytes dialect1;
	uint32_t max_read, max_write;
	uint32_t file_track;
	bool opened; // files that other flows may bring parts of
	bool ended[2];
};

// One call of the parser.
struct smb_reader {
	struct app_input *input;
	struct flow *flow;
	struct slab *slab;
	struct smb_worker *worker;
	struct smb_state *state;
	struct smb_side *side;
	enum direction direction;
	struct smb_tx *tx; // of the command being read, for its events; may be NULL
	uint64_t end;      // of the data being read, in the stream
	uint32_t taken;    // bytes of the command that was read: taken from the stream
};

// A command's header, of either version.
struct smb_header {
	uint8_t version;
	uint16_t command;
	uint32_t status;
	bool dos_status;
	bool related;
	bool async;
	bool unicode;
	uint16_t flags2; // SMB 1
	uint64_t message, session;
	uint32_t tree;
	uint32_t next;    // SMB 2: offset of the next command in the compound; 0: none
	struct span data; // SMB 1: behind the header; SMB 2: from the header on, which offsets count from
	uint32_t len;     // of the whole command, of which data may be the start
};

// smb.c ----------------------------------------------------------------------------------------------------------------------------
static inline void smb_count(struct smb_reader *r, enum smb_counter counter)
{
	r->worker->counters[counter]++;
}
// Frames for rules, in the order of their names: a message of the NetBIOS session, a command of SMB 1, of SMB 2, or an encrypted message.
enum smb_frame { SMB_FRAME_NETBIOS, SMB_FRAME_SMB1 = 3, SMB_FRAME_SMB2 = 6, SMB_FRAME_SMB3 = 9 };
// Names the len bytes at the front of left, of which header are the header; once.
void smb_tell_frame(struct smb_reader *r, enum smb_frame frame, struct span left, uint32_t header, uint32_t len);
// Event on the command's transaction, else on the newest one.
void smb_event(struct smb_reader *r, enum smb_event event);
void smb_malformed(struct smb_reader *r);

// smb_tx.c -------------------------------------------------------------------------------------------------------------------------
// NULL: no memory or too many; the command is then passed over.
struct smb_tx *smb_tx_new(struct smb_reader *r, const struct smb_header *header, enum smb_kind kind);
void smb_tx_free(struct flow *flow, struct app_tx *base, struct slab *slab, void *shared);
void smb_request_done(struct smb_reader *r, struct smb_tx *tx);
void smb_response_done(struct smb_reader *r, struct smb_tx *tx);
void smb_set_status(struct smb_tx *tx, const struct smb_header *header);
// The unanswered transaction of header's message, of kind, or of any kind but files and calls with SMB_GENERIC.
struct smb_tx *smb_tx_find(struct smb_reader *r, const struct smb_header *header);
struct smb_tx *smb_tx_negotiate(struct smb_reader *r);
void smb_keep_text(struct smb_reader *r, struct bytes *out, struct span text, bool unicode);

// smb_table.c ----------------------------------------------------------------------------------------------------------------------
struct smb_key smb_key_message(uint64_t session, uint64_t message);
struct smb_tree *smb_tree_find(struct smb_reader *r, uint64_t session, uint32_t tree);
struct smb_tree *smb_tree_add(struct smb_reader *r, uint64_t session, uint32_t tree);
void smb_tree_drop(struct smb_reader *r, uint64_t session, uint32_t tree);
struct smb_open *smb_open_find(struct smb_reader *r, const uint8_t *fuid, unsigned len);
struct smb_open *smb_open_add(struct smb_reader *r, const uint8_t *fuid, unsigned len);
void smb_open_drop(struct smb_reader *r, const uint8_t *fuid, unsigned len);
struct smb_read *smb_read_add(struct smb_reader *r, const struct smb_header *header);
// Takes it out into *out. False: nobody asked.
bool smb_read_take(struct smb_reader *r, const struct smb_header *header, struct smb_read *out);
void smb_tables_free(struct smb_state *state, struct slab *slab);

// smb_file.c -----------------------------------------------------------------------------------------------------------------------
// Bytes of an open file: the transaction that carries it, in reader's direction; NULL: no room.
struct smb_tx *smb_file_tx(struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid, unsigned len);
// total bytes at offset follow, of which data is the start; the rest comes by smb_file_more. False: they are not wanted.
bool smb_file_data(struct smb_reader *r, struct smb_tx *tx, uint64_t offset, uint32_t total, struct span data);
void smb_file_more(struct smb_reader *r, struct smb_tx *tx, struct span data, bool last);
void smb_file_lost(struct smb_reader *r, struct smb_tx *tx, uint32_t bytes);
// data, complete, at offset: of a file whose own flow may be in the middle of other data. Kept until its turn, like what comes too early.
void smb_file_piece(struct smb_reader *r, struct smb_tx *tx, uint64_t offset, struct span data);
void smb_file_end(struct smb_reader *r, struct smb_tx *tx);
// The file was closed: its transactions end.
void smb_file_close(struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid, unsigned len);
void smb_file_fini(struct smb_worker *worker, struct slab *slab, struct smb_file *file);

// smb_join.c: files of SMB 3 over several connections; fuid has 16 bytes ----------------------------------------------------------
void smb_join_opened(struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid);
// tx carries what this flow brings of the file, from its first byte on; its name, too, when another flow opened it.
void smb_join_carried(struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid, struct smb_tx *tx);
// data at offset, of a message that smb_join_more goes on with, if another flow carries the file. False: none does.
bool smb_join_data(
	struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid, uint64_t offset, struct span data);
void smb_join_more(struct smb_reader *r, struct span data);
void smb_join_close(struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid);  // was asked for
void smb_join_closed(struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid); // was done

// smb_pipe.c -----------------------------------------------------------------------------------------------------------------------
// Does the open file carry DCE-RPC, as far as its share, its name and data, its next bytes, tell?
bool smb_is_pipe(struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid, unsigned len);
// Bytes of a pipe in reader's direction. False: no DCE-RPC.
bool smb_pipe_data(
	struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid, unsigned len, struct span data);

// smb_session.c --------------------------------------------------------------------------------------------------------------------
void smb_security_blob(struct smb_reader *r, struct smb_tx *tx, struct span blob);

// smb2_command.c, smb1_command.c ---------------------------------------------------------------------------------------------------
// One command of the message, at the front of left, which goes on to the end of the data being read. Sets side->command_left to the command's length and
// r->taken to what of left was read. False: more bytes are wanted.
bool smb2_command(struct smb_reader *r, struct span left);
bool smb1_command(struct smb_reader *r, struct span left);

// smb2_request.c, smb2_response.c: one whole command.
void smb2_request(struct smb_reader *r, const struct smb_header *header);
void smb2_response(struct smb_reader *r, const struct smb_header *header);
// smb2_read_write.c: file data of a command that may not be whole. What is not in header->data comes later: side->data_left says how much.
// False: data must be whole first (a pipe), or there is none.
bool smb2_data_streams(struct smb_reader *r, const struct smb_header *header);
void smb2_write_request(struct smb_reader *r, const struct smb_header *header);
void smb2_read_response(struct smb_reader *r, const struct smb_header *header);
