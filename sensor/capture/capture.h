// SPDX-License-Identifier: GPL-3.0-or-later
// Capture: where frames come from. pcap_file.c and pcap_live.c implement it (capture_kind.h).
//
// Threads      an open capture belongs to the thread that reads it, which looks itself whether it is to end: capture_next waits for a live frame only a moment
#pragma once
#include "decoders/base/option.h"
#include "decoders/base/span.h"
#include "decoders/packet/packet.h"

struct capture_config {
	uint64_t snaplen_bytes;       // capture.snaplen
	uint64_t ring_bytes;          // capture.ring-size: kernel buffer of one handle
	bool promiscuous;             // capture.promiscuous
	char *bpf_filter;             // capture.bpf-filter; NULL none
	uint64_t fanout_group;        // capture.fanout-group: PACKET_FANOUT id; 0: from the process id
	uint64_t workers;             // threads.workers; 0: one for files, one a CPU live
	uint64_t frame_queue_bytes;   // threads.frame-queue: between a file's reader and one worker
	uint64_t worker_memory_bytes; // memory.worker: slab of one worker (flows, streams, transactions)
	uint64_t record_ring_bytes;   // memory.record-ring: events of one worker on their way out
	uint64_t stats_interval_s;    // stats.interval
};
extern const struct option capture_options[];

struct capture_frame {
	struct span bytes; // borrowed until the next read
	uint32_t wire_len;
	enum linktype linktype;
	uint64_t ts_ns;
	uint64_t number;   // from 1 over all files of a run; 0 live
	uint8_t checksums; // enum frame_checksums; set by who spreads frames, 0 otherwise
};

// Whether a frame's checksums are to be verified, where one reader judges for all workers (CHECKSUM_AUTO).
enum frame_checksums { FRAME_CHECKSUMS_OWN, FRAME_CHECKSUMS_VERIFY, FRAME_CHECKSUMS_SKIP };

enum capture_result {
	CAPTURE_FRAME,
	CAPTURE_IDLE, // live: nothing came within the poll interval
	CAPTURE_END,
	CAPTURE_ERROR, // this source is over; the reason was logged
};

struct capture_counts {
	uint64_t received;     // frames the kernel gave or the file held
	uint64_t kernel_drops; // by the kernel: ring full
	uint64_t interface_drops;
};

struct capture;

// A file or every capture file of a directory, in order of their first frames. NULL: none can be read (logged).
struct capture *capture_open_files(const struct capture_config *config, const char *path);
// One live handle; index of count joined by PACKET_FANOUT with a symmetric hash when count > 1. NULL: logged.
struct capture *capture_open_live(
	const struct capture_config *config, const char *interface, unsigned index, unsigned count);

enum capture_result capture_next(struct capture *capture, struct capture_frame *frame);
void capture_counts(struct capture *capture, struct capture_counts *counts);
// The file being read (files), for pcap_filename; the interface (live).
const char *capture_source(const struct capture *capture);
// Share of the input read so far, 0..1; negative when unknown.
double capture_progress(const struct capture *capture);
// Files that could not be read, or broke off.
unsigned capture_failed(const struct capture *capture);
void capture_close(struct capture *capture);
