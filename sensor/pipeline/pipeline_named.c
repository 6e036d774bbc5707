// SPDX-License-Identifier: GPL-3.0-or-later
// Named: what a packet's flow names of a far end is read once and given to all who want to know.
#include "sensor/pipeline/pipeline_state.h"

static void take(void *context, const struct inspection *inspection, const struct named *named)
{
	struct pipeline *pipeline = context;
	uint32_t before = pipeline->findings.count;
	if (pipeline->reputation)
		reputation_take(pipeline->reputation, inspection, named, &pipeline->findings);
	if (pipeline->heuristics && !named->early) // it is given again when all is there
		heuristics_take(pipeline->heuristics, inspection, named, &pipeline->findings);
	if (pipeline->findings.count > before)
		pipeline_domains_mark(pipeline, inspection, named, before);
	if (pipeline->sightings && !named->early)
		pipeline_sighting(pipeline, inspection, named);
}

// A flow that goes on over a reload: its ends may be listed now.
static void take_again(void *context, const struct inspection *inspection, const struct named *named)
{
	struct pipeline *pipeline = context;
	reputation_take(pipeline->reputation, inspection, named, &pipeline->findings);
}

// threshold.config's suppress lines take detectors' alerts out as they do rules'.
static void silence(struct pipeline *pipeline, const struct packet *packet)
{
	const struct rule_set *rules = engine_worker_rules(pipeline->engine);
	for (uint32_t i = 0; rules->suppression_count && i < pipeline->findings.count; i++) {
		struct finding *finding = &pipeline->findings.items[i];
		const struct threshold_event event = { .rule = finding->rule, .src = packet->src, .dst = packet->dst };
		finding->silenced = finding->situation && threshold_suppressed_of(rules, &event, &finding->inside);
	}
}

// May the flow's transactions have something that has not been read? What is named changes with data for the parser only, and is read once in each direction.
static bool has_news(const struct inspection *inspection)
{
	struct app_flow *app = &inspection->flow->app;
	uint32_t due = inspection->packet->direction == TO_SERVER ? APP_NAMES_TS : APP_NAMES_TC;
	if (inspection->app_updated)
		app->flags |= APP_NAMES_TS | APP_NAMES_TC;
	bool news = app->tx_first && (app->flags & due || inspection->flow_ended);
	app->flags &= ~due;
	return news;
}

void pipeline_named(struct pipeline *pipeline, const struct inspection *inspection)
{
	const struct flow *flow = inspection->flow;
	bool lists = pipeline->reputation && !reputation_worker_idle(pipeline->reputation);
	if (!flow || (!lists && !pipeline->heuristics && !pipeline->sightings))
		return;
	bool first = inspection->packet->flags & PACKET_FLOW_FIRST;
	bool again = lists && reputation_look_again(pipeline->reputation, inspection->flow, first);
	bool news = has_news(inspection) || (first && (lists || pipeline->sightings));
	if (!news && !again && !(flow->flags & FLOW_LISTED))
		return;
	if (pipeline->reputation)
		reputation_begin(pipeline->reputation, inspection, &pipeline->findings);
	if (pipeline->heuristics)
		heuristics_begin(pipeline->heuristics, inspection, &pipeline->findings);
	pipeline->named.early = lists && reputation_worker_drops(pipeline->reputation);
	pipeline->named.certificate_sha256 =
		lists && reputation_worker_wants(pipeline->reputation, INDICATOR_CERT_SHA256);
	if (again)
		named_ends(&pipeline->named, inspection, take_again, pipeline);
	if (news)
		named_each(&pipeline->named, inspection, take, pipeline);
	uint32_t before = pipeline->findings.count;
	if (lists)
		reputation_end(pipeline->reputation, inspection, &pipeline->findings);
	if (pipeline->findings.count > before)
		pipeline_domains_mark(pipeline, inspection, NULL, before);
	silence(pipeline, inspection->packet);
}
