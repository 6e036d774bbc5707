// SPDX-License-Identifier: GPL-3.0-or-later
// Evidence stage of the pipeline: marks flows that alerted, and hands their frames over.
#include <time.h>
#include "sensor/pipeline/pipeline_state.h"

#define RING_WAIT_NS 50000

static_assert(EVIDENCE_PER_FLOW_MAX < UINT16_MAX, "flow.evidence_left counts them, and the frame that alerted");

void pipeline_evidence_alert(struct pipeline *pipeline, const struct packet *packet, struct flow *flow)
{
	if (!pipeline->config->evidence.packets_enabled || packet->flags & PACKET_PSEUDO)
		return;
	pipeline->evidence_wanted = true;
	if (flow)
		flow->evidence_left = (uint16_t)(pipeline->config->evidence.per_flow + 1);
}

// Findings that the collector tells or not (finding.told_if): their frame goes after them, and is kept if one was told. Nothing is held for that: the ring is its bound.
void pipeline_evidence_findings(struct pipeline *pipeline, const struct packet *packet)
{
	if (!pipeline->config->evidence.packets_enabled || packet->flags & PACKET_PSEUDO)
		return;
	for (uint32_t i = 0; i < pipeline->findings.count; i++) {
		const struct finding *finding = &pipeline->findings.items[i];
		pipeline->evidence_asked |= finding->told_if && !finding->suppressed;
	}
}

void pipeline_evidence_packet(struct pipeline *pipeline, struct flow *flow)
{
	if (!flow->evidence_left)
		return;
	flow->evidence_left--;
	pipeline->evidence_wanted = true;
}

void pipeline_evidence_frame(struct pipeline *pipeline, const struct capture_frame *frame)
{
	const struct evidence_config *config = &pipeline->config->evidence;
	bool wanted = pipeline->evidence_wanted, asked = pipeline->evidence_asked;
	if (!wanted && !asked)
		return;
	pipeline->evidence_wanted = pipeline->evidence_asked = false;
	struct record *record;
	while (!(record = record_ring_reserve(pipeline->ring))) {
		if (!pipeline->lossless) {
			pipeline->counters[PIPELINE_COUNT_EVIDENCE_LOST]++;
			return;
		}
		pipeline->counters[PIPELINE_COUNT_RING_WAITS]++;
		nanosleep(&(struct timespec) { 0, RING_WAIT_NS }, NULL);
	}
	record->type = RECORD_EVIDENCE;
	record->order = pipeline->order;
	record->ts_ns = frame->ts_ns;
	record->told_if = wanted ? TOLD_ALWAYS : TOLD_IF_NEW;
	struct evidence_frame kept = { frame->bytes, frame->wire_len, (uint16_t)frame->linktype };
	pipeline->counters[wanted ? PIPELINE_COUNT_EVIDENCE_FRAMES : PIPELINE_COUNT_EVIDENCE_ASKED]++;
	pipeline->counters[PIPELINE_COUNT_EVIDENCE_CUT] +=
		frame->bytes.len > config->snaplen_bytes || frame->bytes.len > EVIDENCE_FRAME_MAX;
	record_ring_commit(pipeline->ring, record, evidence_pack(record->line, &kept, config->snaplen_bytes));
}
