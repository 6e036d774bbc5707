// SPDX-License-Identifier: GPL-3.0-or-later
// File: bytes a protocol carries as one thing (HTTP body, mail attachment, SMB file), hashed and named while they pass.
//
// Life cycle   file_open -> file_append / file_gap ... -> file_close; on its transaction until that is freed (file_free_list)
// Memory       worker's slab: the struct, a window of the newest bytes for inspection (bounded), hash contexts. Over budget the
//              window stops and hashing goes on
// Threads      worker of its flow
#pragma once
#include "decoders/base/bytes.h"
#include "decoders/packet/packet.h"

enum file_state {
	FILE_OPEN,
	FILE_CLOSED,    // complete
	FILE_TRUNCATED, // ended early: gap, depth, limit or connection lost
	FILE_ERROR,
};

enum file_want {
	FILE_WANT_MD5 = 1 << 0,
	FILE_WANT_SHA1 = 1 << 1,
	FILE_WANT_SHA256 = 1 << 2,
	FILE_WANT_MAGIC = 1 << 3,
};

#define FILE_MAGIC_BYTES 4096 // first bytes given to libmagic
#define FILE_NAME_MAX    2048 // bytes; a longer name is cut
#define FILE_SIDS_MAX    8    // rules told that had a file stored

struct file {
	struct file *next;
	uint32_t track;    // number in the flow
	uint8_t direction; // enum direction it travels in
	uint8_t state;     // enum file_state
	bool has_gaps, logged;
	bool wanted; // a rule chose it to be stored
	bool stored; // and it was handed over whole, as store_id
	bool named;  // its hashes were looked up (signatures/reputation)
	uint8_t sid_count;
	uint32_t kept_as;             // the keeper's number; 0: not kept
	uint32_t sids[FILE_SIDS_MAX]; // of the rules that chose it
	uint64_t store_id;
	uint64_t size;                                // bytes seen
	uint64_t range_start, range_end, range_total; // HTTP ranges; all 0: none
	struct bytes name;
	struct bytes head;         // first FILE_MAGIC_BYTES bytes
	struct bytes window;       // newest bytes, for inspection
	uint64_t window_offset;    // of window.data[0] in the file
	uint64_t inspected_offset; // rules have seen everything before; set by the engine, lets the window slide
	char *magic;               // libmagic's text, zero-ended; NULL until known
	uint32_t magic_size;       // bytes magic takes in the slab
	void *hashes;              // contexts while open
	bool has_md5, has_sha1, has_sha256; // digests of the bytes seen: of the whole file only when CLOSED
	uint8_t md5[16], sha1[20], sha256[32];
};

struct file_tools; // one a worker: libmagic handle and hash contexts

// want: enum file_want bits. window_bytes bounds what a file keeps. NULL with the reason logged.
struct file_tools *file_tools_new(uint8_t want, uint32_t window_bytes);
void file_tools_free(struct file_tools *tools);
// From now on files are given to keeper too (borrowed; NULL: no more).
struct file_keeper;
void file_tools_keep(struct file_tools *tools, const struct file_keeper *keeper);

// NULL: no memory (counted by the caller). Linked at the end of *list.
struct file *file_open(struct file_tools *tools, struct slab *slab, struct file **list, struct span name,
	enum direction direction, uint32_t track);
void file_append(struct file_tools *tools, struct slab *slab, struct file *file, struct span data);
void file_gap(struct file *file, uint32_t bytes);
// Finishes hashes and magic.
void file_close(struct file_tools *tools, struct slab *slab, struct file *file, enum file_state state);
void file_free_list(struct file_tools *tools, struct slab *slab, struct file **list);
