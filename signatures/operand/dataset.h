// SPDX-License-Identifier: GPL-3.0-or-later
// Dataset: a named set of values rules look up (dataset), add to and take from, some with a score (datarep) or with JSON for alerts.
//
// A set has two parts: what was read from its file, which belongs to one generation of rules, and what was added or taken away since, which the
// next generation's set goes on with (options.before).
//
// Life cycle   dataset_new -> dataset_load_line, dataset_load_json -> lookups from all workers, dataset_add / dataset_remove -> dataset_free
// Memory       at most memcap bytes of values with 32 bytes each (and what rules add to the part that is shared), address space for them taken at
//              start; when they are used up nothing more is added, which dataset_refused counts
// Threads      making, loading and freeing: one for all sets. After loading any worker may call the rest. No call takes a lock
#pragma once
#include <stddef.h>
#include <stdio.h>
#include "signatures/operand/dataset_value.h"

struct dataset;

struct dataset_options {
	enum dataset_type type;
	size_t memcap_bytes;
	uint32_t hashsize; // chains wanted; 0: by memcap and expected
	uint32_t expected; // values about to be loaded
	const struct dataset *
		before; // of the generation before, of the same type: what was added and taken away goes on. NULL: none
};

// NULL: no memory.
struct dataset *dataset_new(const struct dataset_options *options);
void dataset_free(struct dataset *set);
enum dataset_type dataset_type(const struct dataset *set);
// Was other's changing part taken over by set?
bool dataset_goes_on(const struct dataset *set, const struct dataset *other);

// A line of a file: the value in text form, maybe with a comma and a score of 0 to 65535 after it. The first line with a value counts. NULL
// when good, else the reason.
const char *dataset_load_line(struct dataset *set, struct span line);

// value: the bytes of a buffer (hashes and addresses in binary; an IPv4 address has 4 bytes).
// What is known of a value; the JSON is borrowed from the set.
struct dataset_found {
	uint16_t score;
	struct span json;
};
// found may be NULL.
bool dataset_has(const struct dataset *set, struct span value, struct dataset_found *found);
// True when value was not there before. False also when there is no room (counted), or it is no value of the set's type.
bool dataset_add(struct dataset *set, struct span value, const struct dataset_found *with);
// As read from a file: not carried over to the next generation.
bool dataset_load(struct dataset *set, struct span value, const struct dataset_found *with);
// True when value was there.
bool dataset_remove(struct dataset *set, struct span value);
// Takes all values away. What other threads add meanwhile may stay.
void dataset_clear(struct dataset *set);
uint64_t dataset_refused(const struct dataset *set);
// Writes all values, a line each, as dataset_load_line reads them. Gives their number.
uint64_t dataset_write(const struct dataset *set, FILE *out);

enum dataset_op { DATASET_SET, DATASET_UNSET, DATASET_ISSET, DATASET_ISNOTSET, DATASET_SCORE };

// A rule's condition.
struct match_dataset {
	struct dataset *set;
	const char *context_key; // the JSON of what was found goes to alerts under this; NULL none
	uint8_t op;              // enum dataset_op
	uint8_t compare;         // DATASET_SCORE: '<', '>' or '='
	uint16_t score;
	bool subdomain; // parents of a domain are looked up as well
};

// Does what the condition says and tells whether it holds. found: filled when a value was found.
bool dataset_match(const struct match_dataset *match, struct span value, struct dataset_found *found);
