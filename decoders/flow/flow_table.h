// SPDX-License-Identifier: GPL-3.0-or-later
// Flow table: finds or creates the flow of a packet, and says which flows ended.
//
// Life cycle   flow_table_new -> flow_table_lookup / flow_table_expire ... -> flow_table_end_all -> flow_table_free
// Memory       flows come from the worker's slab up to flow.memcap's share; the hash is keyed with a random seed. Policy when full:
//              emergency mode (shorter timeouts, leaves with hysteresis), then the oldest flow that saw no handshake goes first,
//              then the oldest; each counted
// Threads      one table belongs to one worker; no call here takes a lock
#pragma once
#include "decoders/base/option.h"
#include "decoders/flow/flow.h"

struct flow_timeouts {
	uint64_t new_s, established_s, closed_s, bypassed_s;
};

// Protocol families with timeouts of their own.
enum flow_family { FLOW_FAMILY_OTHER, FLOW_FAMILY_TCP, FLOW_FAMILY_UDP, FLOW_FAMILY_ICMP, FLOW_FAMILIES };

struct flow_config {
	uint64_t memcap_bytes; // of all workers together
	uint64_t hash_size;
	uint64_t prealloc;               // taken, not used: the budget is reserved at start
	uint64_t emergency_recovery_pct; // of flows free again before emergency mode ends
	struct flow_timeouts timeouts[FLOW_FAMILIES];
	struct flow_timeouts emergency[FLOW_FAMILIES];
	bool vlan_use_for_tracking;
	bool tunnel_id_use_for_tracking;
	bool livedev_use_for_tracking;
	uint64_t elephant_bytes;    // a direction over this many bytes is an elephant; 0 off
	uint64_t report_interval_s; // long flows are reported while alive this often; 0 never
	uint64_t workers;           // the budgets are divided by this
};

extern const struct option flow_options[];

#define FLOW_COUNTERS(X)                                       \
	X(FLOW_COUNT_TOTAL, "flow.total")                      \
	X(FLOW_COUNT_ACTIVE, "flow.active")                    \
	X(FLOW_COUNT_TCP, "flow.tcp")                          \
	X(FLOW_COUNT_UDP, "flow.udp")                          \
	X(FLOW_COUNT_ICMPV4, "flow.icmpv4")                    \
	X(FLOW_COUNT_ICMPV6, "flow.icmpv6")                    \
	X(FLOW_COUNT_TCP_REUSE, "flow.tcp_reuse")              \
	X(FLOW_COUNT_ELEPHANT, "flow.elephant")                \
	X(FLOW_COUNT_EVICTED_NEW, "flow.evicted_new")          \
	X(FLOW_COUNT_EVICTED, "flow.evicted")                  \
	X(FLOW_COUNT_NO_ROOM, "flow.memcap")                   \
	X(FLOW_COUNT_EMERG_ENTERED, "flow.emerg_mode_entered") \
	X(FLOW_COUNT_EMERG_OVER, "flow.emerg_mode_over")       \
	X(FLOW_COUNT_MEMUSE, "flow.memuse")                    \
	X(FLOW_COUNT_END_TIMEOUT, "flow.end.timeout")          \
	X(FLOW_COUNT_END_FORCED, "flow.end.forced")            \
	X(FLOW_COUNT_END_SHUTDOWN, "flow.end.shutdown")
#define FLOW_COUNTER_CONSTANT(constant, name) constant,
enum flow_counter { FLOW_COUNTERS(FLOW_COUNTER_CONSTANT) FLOW_COUNTERS_END };
extern const char *const flow_counter_names[FLOW_COUNTERS_END];

struct flow_table;

// config and slab are borrowed for the table's life. NULL: no memory.
struct flow_table *flow_table_new(const struct flow_config *config, struct slab *slab);
// Every flow must have been handed out and released.
void flow_table_free(struct flow_table *table);

// Asked when a SYN comes to a flow that has a TCP session: does the packet start a new session (the old one ended)? Set by
// decoders/stream, which knows; without it no session is taken for ended.
typedef bool flow_reuse_test(const struct flow *flow, const struct packet *packet, enum direction direction);
void flow_table_set_reuse_test(struct flow_table *table, flow_reuse_test *test);

// Finds the flow of packet, in either direction, or starts one (packet->flow, packet->direction and PACKET_FLOW_FIRST are set, counters,
// times and state updated). A flow idle for longer than its timeout, and a TCP session that ended and starts anew with a SYN of
// another sequence, is ended first: flow_table_expire hands it out before the packet's events are written. NULL when
// every flow is pinned or memory is full (FLOW_COUNT_NO_ROOM; the packet is then inspected without state), and for packets that have
// no flow (no IP, fragments, PACKET_INVALID).
struct flow *flow_table_lookup(struct flow_table *table, struct packet *packet);

// What TCP learned moves a flow between timeout lists.
void flow_table_set_state(struct flow_table *table, struct flow *flow, enum flow_state state);
// Client and server swap: key, counters, ports, per-direction state of the flow (not of tcp or app).
void flow_swap_direction(struct flow *flow);

// Hands out one flow that ended by packet time now_ns (end_reason is set), NULL when there is none. The caller owns it and gives it to
// flow_release. Bounded work a call.
struct flow *flow_table_expire(struct flow_table *table, uint64_t now_ns);
// Hands out one flow after the other, whatever its age: reason FLOW_END_SHUTDOWN. At the end of a capture file call flow_table_expire
// with the time of the file's last packet first, in every worker: then a flow's reason does not depend on the number of workers.
struct flow *flow_table_end_all(struct flow_table *table);
// A live flow that should be reported again (it had a packet report_interval_s after its start or its last report), NULL when there is
// none; it stays in the table and its reported_ns is set to its last packet's time. Ask after every packet, so that what is reported
// depends on the flow alone.
struct flow *flow_table_report(struct flow_table *table, uint64_t now_ns);
// When the worker's memory is used up: of the flows in the next buckets of the table (called again, it goes on from there), the one whose application
// holds most (app_flow.held_bytes). It stays in the table. NULL: none of them holds anything.
struct flow *flow_table_heaviest(struct flow_table *table, uint64_t buckets);
// Gives the flow's own memory back. What hangs on it was freed by its owners before.
void flow_release(struct flow_table *table, struct flow *flow);

const uint64_t *flow_table_counters(const struct flow_table *table);
