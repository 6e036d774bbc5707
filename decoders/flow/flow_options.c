// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/flow/flow_table.h"

#define FLOW_TIMEOUT(family, FAMILY, member, name, row, seconds, what)                                              \
	{                                                                                                           \
		"flow-timeouts." family "." name, OPTION_SECONDS, offsetof(struct flow_config, row[FAMILY].member), \
			seconds, 0, 0, NULL, CHANGE_RESTART, what                                                   \
	}

#define FLOW_TIMEOUTS_OF(family, FAMILY, new_, established, closed, bypassed)                                      \
	FLOW_TIMEOUT(                                                                                              \
		family, FAMILY, new_s, "new", timeouts, new_, "idle seconds before a flow of one direction ends"), \
		FLOW_TIMEOUT(family, FAMILY, established_s, "established", timeouts, established,                  \
			"idle seconds before a flow of both directions ends"),                                     \
		FLOW_TIMEOUT(family, FAMILY, closed_s, "closed", timeouts, closed,                                 \
			"seconds a closed flow is kept for late packets"),                                         \
		FLOW_TIMEOUT(family, FAMILY, bypassed_s, "bypassed", timeouts, bypassed,                           \
			"idle seconds before a bypassed flow ends")

#define FLOW_EMERGENCY_OF(family, FAMILY, new_, established, closed, bypassed)                               \
	FLOW_TIMEOUT(family, FAMILY, new_s, "emergency-new", emergency, new_,                                \
		"the same in emergency mode, one direction seen"),                                           \
		FLOW_TIMEOUT(family, FAMILY, established_s, "emergency-established", emergency, established, \
			"the same in emergency mode, both directions seen"),                                 \
		FLOW_TIMEOUT(family, FAMILY, closed_s, "emergency-closed", emergency, closed,                \
			"the same in emergency mode, closed"),                                               \
		FLOW_TIMEOUT(family, FAMILY, bypassed_s, "emergency-bypassed", emergency, bypassed,          \
			"the same in emergency mode, bypassed")

#define AT(member) offsetof(struct flow_config, member)

const struct option flow_options[] = {
	{ "flow.memcap", OPTION_SIZE, AT(memcap_bytes), "128 MiB", 1 << 16, 0, NULL, CHANGE_RESTART,
		"bytes for flows, all workers together" },
	{ "flow.hash-size", OPTION_UINT, AT(hash_size), "65536", 1, 1 << 28, NULL, CHANGE_RESTART,
		"buckets of the flow table, all workers together" },
	{ "flow.prealloc", OPTION_UINT, AT(prealloc), "10000", 0, 0, NULL, CHANGE_RESTART,
		"taken for compatibility: all of flow.memcap is reserved at start" },
	{ "flow.emergency-recovery", OPTION_UINT, AT(emergency_recovery_pct), "30", 1, 100, NULL, CHANGE_RESTART,
		"percent of flows free again before emergency mode ends" },
	{ "flow.elephant-bytes", OPTION_SIZE, AT(elephant_bytes), "1 GiB", 0, 0, NULL, CHANGE_RESTART,
		"bytes one direction of a flow carries before it is an elephant; 0 off" },
	{ "flow.report-interval", OPTION_SECONDS, AT(report_interval_s), "3600", 0, 0, NULL, CHANGE_RESTART,
		"seconds between events of a flow that still lives; 0 never" },
	{ "flow.tunnel-id-use-for-tracking", OPTION_BOOL, AT(tunnel_id_use_for_tracking), "yes", 0, 0, NULL,
		CHANGE_RESTART, "flows in tunnels of different ids (VNI, TEID, key) are different" },
	{ "vlan.use-for-tracking", OPTION_BOOL, AT(vlan_use_for_tracking), "yes", 0, 0, NULL, CHANGE_RESTART,
		"flows of different VLANs are different" },
	{ "livedev.use-for-tracking", OPTION_BOOL, AT(livedev_use_for_tracking), "yes", 0, 0, NULL, CHANGE_RESTART,
		"flows of different interfaces are different" },
	FLOW_TIMEOUTS_OF("default", FLOW_FAMILY_OTHER, "30", "300", "0", "100"),
	FLOW_EMERGENCY_OF("default", FLOW_FAMILY_OTHER, "10", "100", "0", "50"),
	FLOW_TIMEOUTS_OF("tcp", FLOW_FAMILY_TCP, "30", "300", "10", "100"),
	FLOW_EMERGENCY_OF("tcp", FLOW_FAMILY_TCP, "5", "100", "10", "50"),
	FLOW_TIMEOUTS_OF("udp", FLOW_FAMILY_UDP, "30", "300", "0", "100"),
	FLOW_EMERGENCY_OF("udp", FLOW_FAMILY_UDP, "10", "100", "0", "50"),
	FLOW_TIMEOUTS_OF("icmp", FLOW_FAMILY_ICMP, "30", "300", "0", "100"),
	FLOW_EMERGENCY_OF("icmp", FLOW_FAMILY_ICMP, "10", "100", "0", "50"),
	{ 0 },
};

#define FLOW_COUNTER_NAME(constant, name) [constant] = name,
const char *const flow_counter_names[FLOW_COUNTERS_END] = { FLOW_COUNTERS(FLOW_COUNTER_NAME) };
