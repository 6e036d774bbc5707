// SPDX-License-Identifier: GPL-3.0-or-later
// Resolved: listed addresses that stood in answers to names nobody lists are handed to who weighs the sessions with them, which other workers may see.
#include "sensor/pipeline/pipeline_state.h"

static void give(void *context, const struct reputation_resolved *resolved)
{
	struct pipeline *pipeline = context;
	struct record *record = pipeline_reserve(pipeline);
	if (!record)
		return;
	record->type = RECORD_RESOLVED;
	record->ts_ns = resolved->ts_ns;
	memcpy(record->line, resolved, sizeof(*resolved));
	record_ring_commit(pipeline->ring, record, sizeof(*resolved));
}

void pipeline_resolved_init(struct pipeline *pipeline)
{
	reputation_worker_set_resolved(pipeline->reputation, give, pipeline);
}
