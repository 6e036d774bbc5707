// SPDX-License-Identifier: GPL-3.0-or-later
// Pcap stream: opens one capture file as libpcap handle, pcap or pcapng, plain or gzip'd (by content, not by name).
#pragma once
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct pcap_stream {
	pcap_t *pcap; // owns file
	FILE *file;
	char *buffer;  // of file; NULL: its own
	int fd;        // of the file on disk, to tell how far reading is
	uint64_t size; // bytes on disk
};

// False with the reason in error (PCAP_ERRBUF_SIZE bytes).
bool pcap_stream_open(struct pcap_stream *stream, const char *path, char *error);
// Share of the file read, 0..1.
double pcap_stream_progress(const struct pcap_stream *stream);
void pcap_stream_close(struct pcap_stream *stream);
