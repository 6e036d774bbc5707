// SPDX-License-Identifier: GPL-3.0-or-later
// Packet evidence: the frames that alerted and what followed them in their flows, kept in one capture file a run.
//
// Life cycle   worker: evidence_pack into a record of RECORD_EVIDENCE; collector: evidence_writer_open -> evidence_writer_add ... -> _close
// Memory       a writer has one buffer, taken when it is opened
// Disk         DIR/evidence.pcap, at most budget bytes a run; what is over it is counted. The file of the run before stays as evidence.1.pcap
// Threads      evidence_pack: any worker; a writer belongs to one thread
// Sources      draft-ietf-opsawg-pcap (file format, its magic number for nanoseconds)
#pragma once
#include "decoders/base/option.h"
#include "decoders/base/span.h"
#include "export/record/record.h"

#define EVIDENCE_FRAME_MAX    (128u << 10) // bytes of one frame
#define EVIDENCE_PER_FLOW_MAX 65000

struct evidence_config {
	bool packets_enabled;   // evidence.packets.enabled
	uint64_t budget_bytes;  // evidence.packets.budget: of one run
	uint64_t per_flow;      // evidence.packets.per-flow: frames after an alert
	uint64_t snaplen_bytes; // evidence.snaplen
};
extern const struct option evidence_options[];

struct evidence_frame {
	struct span bytes;
	uint32_t wire_len;
	uint16_t linktype; // enum linktype
};

// Writes frame into a record's line (RECORD_LINE_MAX bytes of room), cut at snaplen_bytes. Gives the line's length. The record's ts_ns is the caller's.
uint32_t evidence_pack(char *line, const struct evidence_frame *frame, uint64_t snaplen_bytes);

struct evidence_counts {
	uint64_t frames, bytes; // kept; bytes of the file
	uint64_t over_budget;   // frames not kept: the budget was spent
	uint64_t other_link;    // frames not kept: of another link type than the file's first
	uint64_t failed;        // frames not kept: the disk did not take them
};

struct evidence_writer;

// NULL with the reason logged.
struct evidence_writer *evidence_writer_open(const struct evidence_config *config, const char *directory);
// Keeps the frame of a RECORD_EVIDENCE, or counts why not.
void evidence_writer_add(struct evidence_writer *writer, const struct record *record);
// What was added is readable in the file.
void evidence_writer_flush(struct evidence_writer *writer);
// False: some frames could not be written (logged). The last counts are given.
bool evidence_writer_close(struct evidence_writer *writer, struct evidence_counts *counts);

// The file's path in directory (NULL: the current one).
void evidence_path(const char *directory, char *path, size_t size);
