// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/app_parser.h"

static void give_back(const struct app_parser *parser, struct flow *flow, struct slab *slab)
{
	if (flow->app.state)
		slab_free(slab, flow->app.state, parser->state_bytes);
	flow->app.state = NULL;
}

bool app_state_open(const struct app_parser *parser, struct flow *flow, struct slab *slab, void *shared)
{
	if (parser->state_bytes && !(flow->app.state = slab_alloc(slab, parser->state_bytes)))
		return false;
	if (!parser->open || parser->open(flow, slab, shared))
		return true;
	give_back(parser, flow, slab);
	return false;
}

void app_state_close(const struct app_parser *parser, struct flow *flow, struct slab *slab, void *shared)
{
	bool open = flow->app.state || !parser->state_bytes;
	if (parser->close && open)
		parser->close(flow, slab, shared);
	give_back(parser, flow, slab);
}

const uint64_t *app_parser_counters(const struct app_parser *parser, const void *shared)
{
	if (!parser->counter_names || !shared)
		return NULL;
	return (const uint64_t *)(const void *)((const uint8_t *)shared + parser->counters_at);
}
