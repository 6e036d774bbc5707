// SPDX-License-Identifier: GPL-3.0-or-later
// Hunt reader: asks the database of what was seen, beside the sensor that writes it.
//
// Life cycle   hunt_reader_open -> ask ... -> hunt_reader_close
// Memory       what is found, up to a million at a time
// Threads      one; the writer is not kept waiting: WAL
#pragma once
#include <stddef.h>
#include "sensor/hunt/hunt_query.h"
#include "sensor/sightings/sighting_block.h"

struct hunt_reader;

struct hunt_found {
	struct indicator indicator; // borrowed for the call; an address met with a port is an ENDPOINT
	struct sighting_seen seen;
};
typedef void hunt_each(void *context, const struct hunt_found *found);

struct hunt_limits {
	uint64_t since_s, until_s; // seen in this time
	struct address host;       // hosts of this network; bits 0: any
	unsigned host_bits;        // 128: one host
};

// folder: sightings.path. NULL with the reason in error.
struct hunt_reader *hunt_reader_open(const char *folder, char *error, size_t size);
void hunt_reader_close(struct hunt_reader *reader);
// The time of which the database tells; false: it is empty.
bool hunt_reader_span(struct hunt_reader *reader, uint64_t *from_s, uint64_t *to_s);
// All distinct values seen, as they lie: value says whether who met it is wanted, by host, as rows of it. False with the reason in error: the database failed.
typedef bool hunt_each_value(void *context, unsigned kind, struct span value); // as struct sighting has it
typedef void hunt_each_seen(void *context, const struct sighting_seen *seen);
bool hunt_reader_walk(struct hunt_reader *reader, const struct hunt_limits *limits, hunt_each_value *value,
	hunt_each_seen *seen, void *context, char *error, size_t size);
// Those of query, the latest first (of a million at a time); query NULL: all that limits' hosts met. False with the reason in error: the database failed.
bool hunt_reader_ask(struct hunt_reader *reader, const struct hunt_query *query, const struct hunt_limits *limits,
	hunt_each *each, void *context, char *error, size_t size);
