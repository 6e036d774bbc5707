// SPDX-License-Identifier: GPL-3.0-or-later
// Tally: what the summary at the end tells: events by type, alerts by rule, hosts.
//
// Memory       grows with the number of different rules and hosts seen; hosts stop being told apart at TALLY_HOSTS_MAX
// Threads      belongs to the collector; read by the main thread after it ended
#pragma once
#include "export/record/record.h"
#include "signatures/rule/rule.h"

#define TALLY_HOSTS_MAX (1u << 20)
#define TALLY_TYPES_MAX 64

struct tally_alert {
	uint32_t gid, sid, rev; // of the rule as it first alerted
	char *msg;              // ours; NULL none. Rules themselves may be gone after a reload
	uint64_t count;
	uint8_t severity;
	uint64_t first_ns, last_ns;
};

struct tally {
	struct {
		char name[24];
		uint64_t count;
	} types[TALLY_TYPES_MAX];
	size_t type_count;
	struct tally_alert *alerts;
	size_t alert_count, alert_capacity;
	uint32_t *alert_index; // by hash of rule, alert number + 1; alert_index_size entries
	size_t alert_index_size;
	struct address *hosts; // open addressing; hosts_size entries, all-zero: free
	size_t host_count, hosts_size;
	uint64_t events, severities[5];
};

void tally_record(struct tally *tally, const struct record *record);
// Sorts alerts: most severe first, then most frequent.
void tally_sort(struct tally *tally);
void tally_fini(struct tally *tally);
