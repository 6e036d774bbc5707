// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/capture/capture.h"

#define AT(member) offsetof(struct capture_config, member)

const struct option capture_options[] = {
	{ "capture.snaplen", OPTION_SIZE, AT(snaplen_bytes), "256 KiB", 64, 1 << 20, NULL, CHANGE_RESTART,
		"Bytes of each frame that are captured live" },
	{ "capture.ring-size", OPTION_SIZE, AT(ring_bytes), "64 MiB", 1 << 16, UINT64_C(2) << 30, NULL, CHANGE_RESTART,
		"Kernel ring of each live capture handle, bytes" },
	{ "capture.promiscuous", OPTION_BOOL, AT(promiscuous), "yes", 0, 0, NULL, CHANGE_RESTART,
		"Put the interface into promiscuous mode" },
	{ "capture.bpf-filter", OPTION_STRING, AT(bpf_filter), NULL, 0, 0, NULL, CHANGE_RESTART,
		"Frames to capture, in pcap-filter(7) syntax; unset: all" },
	{ "capture.fanout-group", OPTION_UINT, AT(fanout_group), "0", 0, 65535, NULL, CHANGE_RESTART,
		"PACKET_FANOUT group of the workers' handles; 0: taken from the process id" },
	{ "threads.workers", OPTION_UINT, AT(workers), "0", 0, 256, NULL, CHANGE_RESTART,
		"Worker threads; 0: one for capture files, one a CPU for live capture" },
	{ "threads.frame-queue", OPTION_SIZE, AT(frame_queue_bytes), "8 MiB", 1 << 20, 1 << 30, NULL, CHANGE_RESTART,
		"Frames on their way from a capture file's reader to one worker, bytes" },
	{ "memory.worker", OPTION_SIZE, AT(worker_memory_bytes), "512 MiB", 16 << 20, UINT64_C(64) << 30, NULL,
		CHANGE_RESTART,
		"Memory one worker may take for flows, streams and transactions, bytes; touched as it is needed" },
	{ "memory.record-ring", OPTION_SIZE, AT(record_ring_bytes), "8 MiB", 1 << 20, 1 << 30, NULL, CHANGE_RESTART,
		"Events of one worker on their way to the sinks, bytes" },
	{ "stats.interval", OPTION_SECONDS, AT(stats_interval_s), "8", 1, 86400, NULL, CHANGE_LIVE,
		"Seconds between stats events" },
	{ 0 },
};
