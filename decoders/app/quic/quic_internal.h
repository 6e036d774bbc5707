// SPDX-License-Identifier: GPL-3.0-or-later
// QUIC parser, inside: what its sources share. Nothing outside decoders/app/quic includes it.
//
// Life cycle   quic_worker with the worker; quic_state with its flow
// Memory       quic_state from the slab; the worker's at start
// Threads      those of the worker
#pragma once
#include "decoders/app/app_layer.h"
#include "decoders/app/quic/quic.h"
#include "decoders/app/quic/quic_crypto.h"
#include "decoders/app/quic/quic_header.h"

enum { QUIC_COUNT_TRUNCATED, QUIC_COUNT_MALFORMED, QUIC_COUNT_UNSUPPORTED, QUIC_COUNT_OVER_BUDGET, QUIC_COUNTERS };

#define QUIC_DATAGRAM_MAX 65536u

struct quic_worker {
	struct quic_crypto *crypto;
	struct fingerprints *fingerprints;
	bool ja3, ja4;
	uint64_t counters[QUIC_COUNTERS];
	uint8_t plain[QUIC_DATAGRAM_MAX];
};

// The CRYPTO stream of a direction (RFC 9000 7.5, 19.6), as far as it came.
struct quic_stream {
	struct bytes bytes;
	struct quic_range {
		uint32_t from, to;
	} ranges[QUIC_RANGES_MAX]; // in order, apart
	uint32_t range_count;
};

struct quic_state {
	bool has_keys, retried;
	bool hello[2]; // was read: what follows is encrypted for us
	struct quic_keys keys[2];
	struct quic_stream streams[2];
};

enum quic_frames {
	QUIC_FRAMES_OK,
	QUIC_FRAMES_BAD,
	QUIC_FRAMES_TOO_LONG, // more CRYPTO than is kept
};

// Frames of a packet (quic_frame.c): CRYPTO goes to stream.
enum quic_frames quic_frames_read(struct slab *slab, struct quic_stream *stream, struct span frames);
// The first message of stream if it is whole: type in front.
bool quic_stream_message(const struct quic_stream *stream, struct span *out);
// Frames of Google's versions: the message of a STREAM frame that begins with a tag. False: there is none.
bool quic_google_message(struct span frames, struct span *out);
// Tags of such a message: *at starts at 0.
bool quic_google_tag(struct span message, uint32_t *at, struct span *name, struct span *value);
