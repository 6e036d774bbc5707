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
	if (!pipeline->evidence_wanted)
		return;
	pipeline->evidence_wanted = false;
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
	struct evidence_frame kept = { frame->bytes, frame->wire_len, (uint16_t)frame->linktype };
	pipeline->counters[PIPELINE_COUNT_EVIDENCE_FRAMES]++;
	pipeline->counters[PIPELINE_COUNT_EVIDENCE_CUT] +=
		frame->bytes.len > config->snaplen_bytes || frame->bytes.len > EVIDENCE_FRAME_MAX;
	record_ring_commit(pipeline->ring, record, evidence_pack(record->line, &kept, config->snaplen_bytes));
}
