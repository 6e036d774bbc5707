// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/verdict/verdict.h"

static const char *const reason_names[DROP_REASONS] = {
	[DROP_NONE] = "not set",
	[DROP_RULES] = "rules",
	[DROP_RULES_THRESHOLD] = "threshold detection_filter",
	[DROP_FLOW_DROP] = "flow drop",
	[DROP_DECODE_ERROR] = "decode error",
	[DROP_DEFRAG_ERROR] = "defrag error",
	[DROP_DEFRAG_MEMCAP] = "defrag memcap",
	[DROP_FLOW_MEMCAP] = "flow memcap",
	[DROP_STREAM_ERROR] = "stream error",
	[DROP_STREAM_MEMCAP] = "stream memcap",
	[DROP_STREAM_MIDSTREAM] = "stream midstream",
	[DROP_STREAM_REASSEMBLY] = "stream reassembly",
	[DROP_STREAM_URG] = "stream urgent",
	[DROP_APPLAYER_ERROR] = "applayer error",
	[DROP_APPLAYER_MEMCAP] = "applayer memcap",
	[DROP_NFQ_ERROR] = "nfq error",
	[DROP_INNER_PACKET] = "tunnel packet drop",
	[DROP_FLOW_POLICY] = "exception policy flow drop",
};

const char *drop_reason_name(enum drop_reason reason)
{
	return reason < DROP_REASONS ? reason_names[reason] : reason_names[DROP_NONE];
}

static bool is_blocking(uint8_t action)
{
	return action == RULE_DROP || action == RULE_REJECT || action == RULE_REJECT_DST || action == RULE_REJECT_BOTH;
}

static enum threshold_answer ask_threshold(
	struct finding *finding, const struct packet *packet, const struct flow *flow, struct threshold_table *table)
{
	if (!table || !threshold_needed(finding->rule) || packet->ip_version == 0)
		return THRESHOLD_PASS;
	struct threshold_event event = { finding->rule, packet->src, packet->dst, flow ? flow->id : 0, packet->ts_ns };
	return threshold_apply(table, &event, &finding->action);
}

// What one finding does to packet and flow.
static void act(struct verdict *verdict, const struct finding *finding, struct packet *packet, struct flow *flow,
	bool drops_enabled)
{
	bool whole_flow = finding->where & FOUND_DROP_FLOW && flow;
	bool modified =
		finding->action != finding->rule->action && !finding->detail; // detectors' actions are their own
	if (finding->action == RULE_PASS) {
		verdict->pass = true; // what comes after it is not looked at, but what was dropped stays so
		if (whole_flow && !verdict->drop)
			flow->flags |= FLOW_PASSED;
	}
	if (!is_blocking(finding->action))
		return;
	verdict->reject_src |= finding->action == RULE_REJECT || finding->action == RULE_REJECT_BOTH;
	verdict->reject_dst |= finding->action == RULE_REJECT_DST || finding->action == RULE_REJECT_BOTH;
	if (verdict->reject_src || verdict->reject_dst)
		packet->flags |= PACKET_REJECTED;
	if (whole_flow) // also where nothing is dropped: rules look at no more of it, and its event says so
		flow->flags |= FLOW_DROPPED;
	if (!drops_enabled)
		return;
	if (!verdict->drop) {
		verdict->drop = true;
		verdict->reason = modified ? DROP_RULES_THRESHOLD : DROP_RULES;
		verdict->rule = finding->rule;
	}
	packet->flags |= PACKET_DROPPED;
}

// What marks a flow as alerted: a match that no suppress line takes out. How often a threshold lets it be told does not count, for with several
// workers only the collector knows that, and the flow's event must not depend on their number.
static bool counts_as_alert(const struct finding *finding, const struct packet *packet, const struct flow *flow)
{
	if (finding->rule->flags & RULE_NOALERT || finding->silenced)
		return false;
	struct threshold_event event = { finding->rule, packet->src, packet->dst, flow ? flow->id : 0, packet->ts_ns };
	return !threshold_needed(finding->rule) || !threshold_suppressed(&event);
}

struct verdict verdict_decide(struct findings *findings, struct packet *packet, struct flow *flow, bool drops_enabled,
	struct threshold_table *table)
{
	struct verdict verdict = { 0 };
	uint32_t written = 0;
	bool matched = false;
	for (uint32_t i = 0; i < findings->count; i++) {
		struct finding *finding = &findings->items[i];
		if (verdict.pass) { // what comes after a pass rule is not looked at
			finding->suppressed = true;
			continue;
		}
		if (finding->told_if || finding->far_end > FAR_END_BARE) {
			finding->suppressed = finding->silenced;
			continue;
		}
		bool counts = counts_as_alert(finding, packet, flow);
		matched |= counts && !finding->of_host;
		verdict.matched |= counts && finding->rule->action != RULE_PASS;
		enum threshold_answer answer = ask_threshold(finding, packet, flow, table);
		bool made_pass = finding->action == RULE_PASS && finding->rule->action != RULE_PASS; // by a rate_filter
		finding->suppressed = answer != THRESHOLD_PASS || finding->rule->flags & RULE_NOALERT || made_pass ||
				      finding->silenced;
		if (answer != THRESHOLD_NO_MATCH)
			act(&verdict, finding, packet, flow, drops_enabled);
		if (finding->suppressed) {
			verdict.suppressed += finding->rule->action != RULE_PASS;
			continue;
		}
		if (findings->max && written >= findings->max) {
			finding->suppressed = true;
			findings->lost++;
			continue;
		}
		written++;
	}
	verdict.alerted = written != 0;
	if (written)
		packet->flags |= PACKET_ALERTED;
	if (matched && flow)
		flow->flags |= FLOW_ALERTED;
	return verdict;
}
