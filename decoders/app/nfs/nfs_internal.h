// SPDX-License-Identifier: GPL-3.0-or-later
// What the files of the NFS parser share: the state of a flow, and one message while it is read.
//
// Threads      worker of its flow
#pragma once
#include "decoders/app/files/file.h"
#include "decoders/app/nfs/nfs.h"

// A call whose reply is to come.
struct nfs_call {
	uint32_t xid, version, procedure;
	uint64_t offset; // READ
	struct nfs_handle handle;
	struct bytes name;
};

struct nfs_name {
	struct nfs_handle handle;
	struct bytes name;
};

struct nfs_state {
	uint32_t tracks, held;
	bool ended[2];
	struct nfs_call *calls[NFS_CALLS]; // by xid
	struct nfs_name *names[NFS_NAMES]; // by handle
	struct nfs_side {
		uint32_t left;      // bytes of the record, or fragment, in hand still to come
		uint32_t data_left; // those of them that are a file's, first
		struct nfs_tx *data_tx;
		struct bytes head; // of a record in fragments, while it is gathered
		uint32_t length;   // of its fragments so far
		bool gathers;
		bool goes_on; // another fragment follows the one in hand
		bool lost;    // bytes were lost: nothing is read until something begins like a record
	} sides[2];
};

enum {
	NFS_COUNT_TRUNCATED,
	NFS_COUNT_MALFORMED,
	NFS_COUNT_UNSUPPORTED,
	NFS_COUNT_OVER_BUDGET,
	NFS_COUNTERS,
};

struct nfs_worker {
	struct file_tools *files;
	uint64_t counters[NFS_COUNTERS];
};

struct nfs_reader {
	struct app_input *input;
	struct nfs_state *state;
	struct nfs_worker *worker;
	struct rpc_message rpc;
	struct span data;    // what is there of the message
	uint32_t record_len; // of the whole
};

// Reads NFS's arguments or results; c stands at them.
void nfs_read_call(struct nfs_reader *r, struct cursor *c);
void nfs_read_reply(struct nfs_reader *r, struct cursor *c, struct nfs_call *call);
void nfs_read_compound_call(struct nfs_reader *r, struct cursor *c, struct nfs_call *call);
void nfs_read_compound_reply(struct nfs_reader *r, struct cursor *c, struct nfs_call *call);

// nfs_tx.c
struct nfs_tx *nfs_tx_begin(struct nfs_reader *r, struct nfs_call *call, uint32_t procedure);
// The transaction of a call, with what its answer says of it noted. NULL: none waits.
struct nfs_tx *nfs_tx_answered(struct nfs_reader *r, uint32_t xid, uint32_t status);
void nfs_tx_done_all(struct flow *flow); // no more data follows
void nfs_tx_done(struct flow *flow, struct nfs_tx *tx);
void nfs_tx_release(struct flow *flow, struct nfs_tx *tx, struct slab *slab, struct nfs_worker *worker);
// A piece of a file at c, behind its length: as much of len bytes as is there; the rest is taken as it comes.
void nfs_file_piece(struct nfs_reader *r, struct nfs_call *call, uint32_t procedure, struct cursor *c, uint64_t offset,
	uint32_t len, bool last);
void nfs_file_close(struct nfs_reader *r, const struct nfs_handle *handle, enum direction carries);
void nfs_file_more(struct app_input *input, struct nfs_tx *tx, struct span data);

bool nfs_handle_set(struct nfs_handle *handle, struct span bytes);
void nfs_name_learn(struct nfs_reader *r, const struct nfs_handle *handle, struct span name);
struct span nfs_name_of(const struct nfs_state *state, const struct nfs_handle *handle);
void nfs_names_free(struct nfs_state *state, struct slab *slab);
struct nfs_call *nfs_call_keep(struct nfs_reader *r);
struct nfs_call *nfs_call_of(struct nfs_state *state, uint32_t xid);
void nfs_call_free(struct nfs_state *state, struct slab *slab, struct nfs_call *call);
