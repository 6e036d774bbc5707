// SPDX-License-Identifier: GPL-3.0-or-later
// Verdict: what happens to a packet and its flow, from findings and mode. The last word is the pipeline's.
#pragma once
#include "signatures/engine/engine.h"
#include "signatures/engine/threshold.h"

enum drop_reason {
	DROP_NONE,
	DROP_RULES,
	DROP_RULES_THRESHOLD,
	DROP_FLOW_DROP,
	DROP_DECODE_ERROR,
	DROP_DEFRAG_ERROR,
	DROP_DEFRAG_MEMCAP,
	DROP_FLOW_MEMCAP,
	DROP_STREAM_ERROR,
	DROP_STREAM_MEMCAP,
	DROP_STREAM_MIDSTREAM,
	DROP_STREAM_REASSEMBLY,
	DROP_STREAM_URG,
	DROP_APPLAYER_ERROR,
	DROP_APPLAYER_MEMCAP,
	DROP_NFQ_ERROR,
	DROP_INNER_PACKET,
	DROP_FLOW_POLICY,
	DROP_REASONS,
};
const char *drop_reason_name(enum drop_reason reason); // EVE drop.reason: "rules", "flow_drop", ...

struct verdict {
	bool drop; // this packet does not pass (only ever true when drops are enabled)
	bool reject_src, reject_dst;
	bool pass;               // a pass rule matched
	uint8_t reason;          // enum drop_reason
	const struct rule *rule; // that decided; NULL none
	bool alerted;            // at least one event is to be written
	bool matched;            // the same before thresholds count: does not depend on the number of workers
	uint32_t suppressed;     // matches a threshold or noalert keeps from being written
};

// Sorts out findings: a pass rule ends what comes after it (for the flow when it matched a transaction or stream), drop marks the flow, alerts after a drop
// stay, thresholds are applied when table is given (NULL: the collector does it later). Findings left with suppressed unset are to be
// written. Sets the flow's flags.
struct verdict verdict_decide(struct findings *findings, struct packet *packet, struct flow *flow, bool drops_enabled,
	struct threshold_table *table);
