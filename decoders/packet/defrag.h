// SPDX-License-Identifier: GPL-3.0-or-later
// Defragmenter: collects the fragments of IPv4 and IPv6 datagrams (RFC 791 section 3.2, RFC 8200 section 4.5) and puts each together as the
// host it goes to would, since hosts differ in which of two overlapping fragments they keep.
//
// Life cycle   defrag_new -> defrag_next_frame, defrag_add ... -> defrag_free
// Memory       own slab of defrag.memcap; proportional to the bytes that came, not to the offsets they claim. Policy when memory or trackers
//              are used up: the datagram that waited longest is given up, and counted
// Time         packet time; a datagram that got no fragment for defrag.timeout is given up
// Bounds       a fragment costs a search in its datagram's sorted pieces, and moving their pointers; at most 8,192 pieces a datagram, as
//              every one but the last begins and ends at a multiple of 8
// Hash         keyed with a random seed
// Threads      belongs to one worker
#pragma once
#include "decoders/packet/decoder.h"

struct defrag;

// One fragment, as its IP decoder saw it.
struct fragment {
	uint32_t offset;      // of data in the datagram, bytes
	uint32_t header_len;  // IPv4: IP header; IPv6: IP and extension headers before the fragment header
	uint32_t next_offset; // IPv6: of the byte that named the fragment header, from the IP header on
	struct span data;
	uint8_t next_header; // of what is fragmented
	bool more;
};

struct defrag_outcome {
	bool overlap;   // the fragment covers bytes another had brought
	bool too_large; // headers and data together are more than a datagram can be
	struct span
		frame; // the datagram, when this was its last missing fragment: link headers of the first fragment, IP header(s) mended,
	// data. Valid until defrag_next_frame. Empty otherwise
	uint32_t ip_offset; // of its IP header in frame
	bool has_ether;
	uint32_t ether_offset;
};

// counters is the decoder's row. NULL when there is no memory, or host-os-policy is not usable (and the reason logged).
struct defrag *defrag_new(const struct packet_config *config, uint64_t *counters);
void defrag_free(struct defrag *defrag);

// What was handed out for the frame before is not needed any more.
void defrag_next_frame(struct defrag *defrag);
// Takes a fragment (p: the packet it is, addresses and id set). Its bytes are copied.
void defrag_add(
	struct defrag *defrag, const struct packet *p, const struct fragment *fragment, struct defrag_outcome *outcome);
// Datagrams that wait for fragments.
unsigned defrag_waiting(const struct defrag *defrag);
