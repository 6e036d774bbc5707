// SPDX-License-Identifier: GPL-3.0-or-later
// Dataset: a named set of values rules look up (dataset), add to and take from, some with a score (datarep).
//
// Life cycle   dataset_new -> dataset_load_line ... -> lookups from all workers, dataset_add / dataset_remove -> dataset_free
// Memory       a pool of fixed size, taken at start: memory for what is loaded and room for what rules add; when it is used up nothing
//              more is added, which dataset_refused counts
// Threads      loading: one. After it any worker may call: chains only grow, by compare-and-swap, and a value that was taken away is
//              marked. No call takes a lock
#pragma once
#include "decoders/base/span.h"
#include <stddef.h>

enum dataset_type { DATASET_STRING, DATASET_MD5, DATASET_SHA256, DATASET_IPV4, DATASET_IP, DATASET_TYPES };

struct dataset;

// pool_bytes bounds values and their 32 bytes each. NULL: no memory.
struct dataset *dataset_new(enum dataset_type type, size_t pool_bytes);
void dataset_free(struct dataset *set);
enum dataset_type dataset_type(const struct dataset *set);
// "string", "md5", "sha256", "ipv4", "ip". False: none of these.
bool dataset_type_find(struct span name, enum dataset_type *out);

// A line of a file: the value in text form (strings in base64, hashes in hex), with has_score a comma and 0 to 65535 after it. NULL when
// good, else the reason.
const char *dataset_load_line(struct dataset *set, struct span line, bool has_score);

// value: the bytes of a buffer (hashes and addresses in binary; an IPv4 address has 4 bytes).
bool dataset_has(const struct dataset *set, struct span value, uint16_t *score);
// True when value was not there before.
bool dataset_add(struct dataset *set, struct span value, uint16_t score);
// True when value was there.
bool dataset_remove(struct dataset *set, struct span value);
uint64_t dataset_refused(const struct dataset *set);

enum dataset_op { DATASET_SET, DATASET_UNSET, DATASET_ISSET, DATASET_ISNOTSET, DATASET_SCORE };

// A rule's condition.
struct match_dataset {
	struct dataset *set;
	uint8_t op;      // enum dataset_op
	uint8_t compare; // DATASET_SCORE: '<', '>' or '='
	uint16_t score;
};

// Does what the condition says and tells whether it holds.
bool dataset_match(const struct match_dataset *match, struct span value);
