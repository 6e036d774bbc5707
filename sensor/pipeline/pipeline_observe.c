// SPDX-License-Identifier: GPL-3.0-or-later
// Observations: what behaviour learns of a flow that ended.
#include "sensor/pipeline/pipeline_state.h"
#include "signatures/behaviour/scan.h"
#include "signatures/rule/rule_set.h"

#define ICMP_ECHO   8   // RFC 792
#define ICMPV6_ECHO 128 // RFC 4443 4.1

// An opening is a SYN. A client that acknowledges was answered, whether we saw it or not: one-sided captures are no scans.
static uint8_t tcp_flags(const struct flow *flow)
{
	struct tcp_summary tcp = { 0 };
	if (!tcp_session_present(flow))
		return flow->packets[TO_CLIENT] ? OBSERVED_ANSWERED : 0;
	tcp_session_summary(flow, &tcp);
	const uint8_t client = tcp.flags[TO_SERVER], server = tcp.flags[TO_CLIENT];
	uint8_t flags = 0;
	if (server & TCP_SYN && client & TCP_ACK) // the summary's own word holds for every session that ended
		flags |= OBSERVED_ESTABLISHED;
	if (flow->packets[TO_CLIENT] && !((server & TCP_RST) && !(server & TCP_SYN)))
		flags |= OBSERVED_ANSWERED;
	if (tcp.midstream || !(client & TCP_SYN) || client & TCP_ACK)
		return flags;
	if (!flow->packets[TO_CLIENT])
		flags |= OBSERVED_SILENT;
	else if (server & TCP_RST && !(server & TCP_SYN))
		flags |= OBSERVED_REFUSED;
	else if (server & TCP_SYN && client & TCP_RST)
		flags |= OBSERVED_HALF_OPEN;
	return flags;
}

static uint8_t observed_flags(const struct flow *flow)
{
	const uint8_t proto = flow->key.proto;
	if (proto == PROTO_TCP)
		return tcp_flags(flow);
	if (flow->packets[TO_CLIENT])
		return OBSERVED_ANSWERED | OBSERVED_ESTABLISHED;
	bool echo = (proto == PROTO_ICMP && flow->icmp_type == ICMP_ECHO) ||
		    (proto == PROTO_ICMPV6 && flow->icmp_type == ICMPV6_ECHO);
	return proto == PROTO_UDP || proto == PROTO_SCTP || echo ? OBSERVED_SILENT : 0;
}

// Bits of scans that threshold.config's suppress lines take out: the rules are the worker's, the collector only sees the bits.
static uint8_t silenced(const struct pipeline *pipeline, const struct flow_key *key)
{
	const struct rule_set *rules = engine_worker_rules(pipeline->engine);
	uint8_t bits = 0;
	for (unsigned sid = SCAN_VERTICAL; rules->suppression_count && sid <= SCAN_HORIZONTAL; sid++) {
		const struct threshold_event event = {
			.rule = scan_rule((enum scan_sid)sid), .src = key->src, .dst = key->dst
		};
		bits |= (uint8_t)(threshold_suppressed_of(rules, &event, &key->src) << sid);
	}
	return bits;
}

static void observe(struct pipeline *pipeline, const struct flow *flow, uint8_t kind, uint8_t flags)
{
	if (!pipeline->config->behaviour.enabled)
		return;
	struct record *record = pipeline_reserve(pipeline);
	if (!record)
		return;
	const struct flow_key *key = &flow->key;
	bool ports = key->proto == PROTO_TCP || key->proto == PROTO_UDP || key->proto == PROTO_SCTP;
	const struct observation observation = {
		.kind = kind,
		.start_ns = flow->first_ns,
		.end_ns = flow->last_ns,
		.src = key->src,
		.dst = key->dst,
		.bytes = { flow->bytes[TO_SERVER], flow->bytes[TO_CLIENT] },
		.flow_id = flow->id,
		.sport = ports ? key->sport : 0,
		.dport = ports ? key->dport : 0,
		.interface = key->interface,
		.proto = key->proto,
		.ip_version = key->ip_version,
		.flags = flags,
		.silenced = silenced(pipeline, key),
	};
	record->type = RECORD_OBSERVATION;
	record->ts_ns = flow->last_ns;
	memcpy(record->line, &observation, sizeof(observation));
	record_ring_commit(pipeline->ring, record, sizeof(observation));
}

void pipeline_observe(struct pipeline *pipeline, const struct flow *flow)
{
	observe(pipeline, flow, OBSERVATION_FLOW_END, observed_flags(flow));
}

void pipeline_observe_probe(struct pipeline *pipeline, const struct packet *packet)
{
	const bool first = packet->flags & PACKET_FLOW_FIRST && packet->proto == PROTO_TCP && packet->l4;
	if (!first || packet->tcp.flags & (TCP_SYN | TCP_ACK | TCP_RST) || packet->payload.len)
		return;
	observe(pipeline, packet->flow, OBSERVATION_PROBE, 0);
}
