// SPDX-License-Identifier: GPL-3.0-or-later
// Timeout lists: every live flow is in the list of its family and state, the one idle longest first, so that finding what timed out
// costs what it finds. They are sorted by packet time, not by arrival: what ends then does not depend on which other flows a worker has.
// Captures read one after the other may go back in time; flows of what was the future then end, as they do when a clock is set back.
//
// Threads      those of the table
#pragma once
#include "decoders/base/clock.h"
#include "decoders/flow/flow_table.h"

#define FLOW_STATES  (FLOW_BYPASSED + 1)
#define FLOW_LISTS   (FLOW_FAMILIES * FLOW_STATES)
#define FLOW_BACK_NS (3600 * NS_PER_S) // time that goes back further than this starts anew

struct flow_list {
	struct flow *first, *last;
};

struct flow_lists {
	struct flow_list lists[FLOW_LISTS];
	uint64_t timeout_ns[2][FLOW_LISTS]; // [emergency]
	uint64_t check_ns;                  // no list has anything to expire before this time
	uint64_t newest_ns;                 // no flow had a packet after this time
};

void flow_lists_init(struct flow_lists *lists, const struct flow_config *config);
// At the end of the list of the flow's family and state.
void flow_lists_add(struct flow_lists *lists, struct flow *flow);
void flow_lists_remove(struct flow_lists *lists, struct flow *flow);
// The flow had a packet.
void flow_lists_touch(struct flow_lists *lists, struct flow *flow);
// Has flow been idle at now_ns for as long as its list allows?
bool flow_lists_is_over(const struct flow_lists *lists, const struct flow *flow, bool emergency, uint64_t now_ns);
// A flow that is over at now_ns, still in its list; NULL when there is none.
struct flow *flow_lists_find_over(struct flow_lists *lists, bool emergency, uint64_t now_ns);
// The flow idle longest among those of one direction, and only if there is none of all; NULL when there is no flow.
struct flow *flow_lists_find_victim(const struct flow_lists *lists);
// The flow idle longest of all; NULL when there is none.
struct flow *flow_lists_first(const struct flow_lists *lists);
enum flow_family flow_family_of(uint8_t proto);
