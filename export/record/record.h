// SPDX-License-Identifier: GPL-3.0-or-later
// Record: one event as a worker hands it over: a small header and its EVE JSON line, in a ring of bytes.
//
// Life cycle   worker: record_ring_reserve -> writes the line -> record_ring_commit; collector: record_ring_peek -> sinks -> record_ring_release
// Memory       one ring a worker, size from config. Full: in a capture file the worker waits; live it drops the event and counts it by type
// Threads      single producer (worker), single consumer (collector)
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "decoders/base/address.h"

enum record_type {
	RECORD_ALERT,
	RECORD_ANOMALY,
	RECORD_ARP,
	RECORD_DOMAIN, // no event: a struct domain_met, for who knows the site's
	RECORD_DROP,
	RECORD_EVIDENCE, // no event: a frame for the evidence writer
	RECORD_FILEINFO,
	RECORD_FLOW,
	RECORD_FRAME,
	RECORD_OBSERVATION, // no event: a struct observation, for behaviour
	RECORD_PACKET,
	RECORD_RESOLVED, // no event: a struct reputation_resolved
	RECORD_SIGHTING, // no event: a struct sighting, for who keeps them
	RECORD_STATS,
	RECORD_APP, // an application event: name in app_type
	RECORD_TYPES_END,
};
// No event: the worker's events after it are of another generation of rules. Readers of a ring take it out.
#define RECORD_MARK 255

struct record {
	uint32_t size;     // of header and line, rounded up to 8
	uint32_t line_len; // with its newline
	uint8_t type;      // enum record_type
	uint8_t severity;  // alerts: 1..4; 0 others
	bool has_host;
	uint64_t order; // grows with packet numbers (pipeline_frame_of): workers are merged by it in files
	uint64_t ts_ns;
	struct address host;   // the internal host's address: Kafka key
	char app_type[24];     // event_type: "dns", "http", "alert", ...
	char community_id[40]; // "" unknown
	// Alerts: their rule; and, when the collector must apply its threshold (several workers), what that is tracked by
	const void *rule;
	// A detector's alert that the collector makes one situation of (0: none): its key without the host, the indicator's, how often it was met untold, the host,
	// and where in line more about it may be put in (0: nowhere)
	uint64_t situation, indicator, repeats;
	struct address inside;
	uint8_t level;   // how far the situation has come
	bool anywhere;   // the host is no part of the situation's key
	uint8_t far_end; // as in struct finding
	uint64_t began_ns;
	uint32_t splice;
	// The registered domain it names (0: none), and when it is to be told: as in struct finding. A RECORD_EVIDENCE with told_if: only if an alert of the same worker,
	// order and time that asked was told
	uint64_t domain;
	uint8_t told_if, domain_reasons;
	bool domain_by_dns;
	bool threshold_pending;
	struct address src, dst;
	uint64_t flow_id;
	char line[];
};

#define RECORD_LINE_MAX (256u << 10) // bytes; a longer event is cut at its optional parts or counted as lost

struct record_ring;
struct record_ring *record_ring_new(size_t size_bytes);
void record_ring_free(struct record_ring *ring);

// Producer. Room for a record with a line of at most RECORD_LINE_MAX bytes; NULL when the ring is full.
struct record *record_ring_reserve(struct record_ring *ring);
// Publishes what was reserved; size, line_len are set by this from line_len.
void record_ring_commit(struct record_ring *ring, struct record *record, uint32_t line_len);
// All records of packets up to order are in the ring (also when a packet gave none).
void record_ring_progress(struct record_ring *ring, uint64_t order);
void record_ring_close(struct record_ring *ring); // producer is done

// Consumer. The oldest record, NULL when there is none now. Valid until release.
const struct record *record_ring_peek(struct record_ring *ring);
void record_ring_release(struct record_ring *ring);
uint64_t record_ring_progressed(const struct record_ring *ring);
bool record_ring_closed(const struct record_ring *ring); // closed and empty
