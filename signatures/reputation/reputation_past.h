// SPDX-License-Identifier: GPL-3.0-or-later
// Reputation past: what indicators say of what was seen before they were known.
//
// Findings   as those of live traffic (gid REPUTATION_GID, the same signatures, alert.context.reputation), with `retrospective`, when first and last, how often, how many
//            hosts and which flows
// Severity   as live: names that were only asked for, and addresses, of which nobody noted what came of them, weigh one less than sessions
// Memory     the caller's; what a finding says is borrowed from its struct reputation_past
// Threads    any
#pragma once
#include "signatures/reputation/reputation.h"

#define PAST_FLOWS_MAX 4

// One host's meetings with one indicator.
struct reputation_met {
	uint64_t places;          // a bit an enum named_place
	uint64_t first_s, last_s; // of the Unix epoch
	uint64_t count;
	uint32_t hosts; // that met it
	uint64_t flows[PAST_FLOWS_MAX];
	unsigned flow_count;
};

struct reputation_past {
	struct finding finding;
	struct reputation_hit hit;
	char where[512], flow_ids[128];
};

// What speaks for a value and against it.
enum reputation_standing {
	STANDING_UNLISTED,
	STANDING_BELOW,   // reputation.least-confidence
	STANDING_ALLOWED, // an allow list holds it back
	STANDING_LISTED,  // it is told of
};
// Of a value of the past (kind, value, address, port and url of named), looked up as live ones are. now_s: entries that expired are not found. listed: from STANDING_BELOW on;
// allowed: of STANDING_ALLOWED; of a URL that may be its host's.
enum reputation_standing reputation_past_standing(const struct reputation *reputation, const struct named *named,
	uint32_t now_s, struct store_match *listed, struct store_match *allowed);
// True: it is told of.
bool reputation_past_find(
	const struct reputation *reputation, const struct named *named, uint32_t now_s, struct store_match *out);
// Makes the finding; valid as long as past and reputation are.
void reputation_past_tell(const struct reputation *reputation, const struct named *named,
	const struct store_match *match, const struct reputation_met *met, uint64_t now_s,
	struct reputation_past *past);
// "dns question, tls sni": the names of places; bytes written, out is terminated.
size_t named_places_text(uint64_t places, char *out, size_t size);
