// SPDX-License-Identifier: GPL-3.0-or-later
// Named: what a packet's flow names of a far end is read once and given to all who want to know.
#include "sensor/pipeline/pipeline_state.h"

static void take(void *context, const struct inspection *inspection, const struct named *named)
{
	struct pipeline *pipeline = context;
	reputation_take(pipeline->reputation, inspection, named, &pipeline->findings);
}

void pipeline_named(struct pipeline *pipeline, const struct inspection *inspection)
{
	const struct flow *flow = inspection->flow;
	if (!pipeline->reputation || !flow || (!(inspection->packet->flags & PACKET_FLOW_FIRST) && !flow->app.tx_first))
		return;
	reputation_begin(pipeline->reputation, inspection, &pipeline->findings);
	named_each(&pipeline->named, inspection, take, pipeline);
}
