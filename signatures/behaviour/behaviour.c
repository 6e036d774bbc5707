// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/behaviour/behaviour.h"
#include <stdlib.h>

#define AT(member) offsetof(struct behaviour_config, member)

const struct option behaviour_options[] = {
	{ "behaviour.enabled", OPTION_BOOL, AT(enabled), "yes", 0, 0, NULL, CHANGE_RESTART,
		"watch what hosts do over many flows: alerts of gid 4002 and its like" },
	{ "behaviour.memcap", OPTION_SIZE, AT(scan.memcap_bytes), "32 MiB", 1u << 20, UINT64_C(64) << 30, NULL,
		CHANGE_RESTART, "bytes for what is known of hosts; full, what was quiet longest goes" },
	{ "behaviour.scan.ports", OPTION_UINT, AT(scan.ports), "15", 2, SCAN_ITEMS_MAX / 2, NULL, CHANGE_RESTART,
		"ports of one host tried in vain within a minute that make a scan; over an hour it takes twice as "
		"many" },
	{ "behaviour.scan.hosts", OPTION_UINT, AT(scan.hosts), "25", 2, SCAN_ITEMS_MAX / 2, NULL, CHANGE_RESTART,
		"hosts tried in vain on one port within a minute that make a scan; over an hour it takes twice as "
		"many" },
	{ "behaviour.scan.ignore", OPTION_LIST, AT(scan.ignore), NULL, 0, 0, NULL, CHANGE_RESTART,
		"addresses and networks that may scan: monitoring, inventory, vulnerability scanners" },
	{ 0 },
};

struct behaviour {
	struct scan *scan;
};

struct behaviour *behaviour_new(const struct behaviour_config *config)
{
	struct behaviour *behaviour = calloc(1, sizeof(*behaviour));
	if (!behaviour)
		return NULL;
	if (!(behaviour->scan = scan_new(&config->scan))) {
		free(behaviour);
		return NULL;
	}
	return behaviour;
}

void behaviour_free(struct behaviour *behaviour)
{
	if (!behaviour)
		return;
	scan_free(behaviour->scan);
	free(behaviour);
}

bool behaviour_wants(const struct observation *observation)
{
	return scan_wants(observation);
}

unsigned behaviour_observe(struct behaviour *behaviour, const struct observation *observation,
	struct scan_finding findings[BEHAVIOUR_FINDINGS_MAX])
{
	return scan_observe(behaviour->scan, observation, findings);
}

void behaviour_counts(const struct behaviour *behaviour, struct scan_counts *counts)
{
	scan_counts(behaviour->scan, counts);
}

int observation_compare(const void *a, const void *b)
{
	const struct observation *x = a, *y = b;
	if (x->end_ns != y->end_ns)
		return x->end_ns < y->end_ns ? -1 : 1;
	return x->flow_id < y->flow_id ? -1 : x->flow_id > y->flow_id;
}
