// SPDX-License-Identifier: GPL-3.0-or-later
// Detection: rules, and what a packet's flow names of a far end, read once and given to all who want to know. It is read before rules are, and looked at
// after them: what a lookup needs from memory comes while they are at work.
#include "sensor/pipeline/pipeline_state.h"
#include "signatures/rule/rule_set.h"

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

static void take_due(void *context, const struct inspection *inspection, const struct named *named)
{
	struct pipeline *pipeline = context;
	uint32_t before = pipeline->findings.count;
	reputation_take(pipeline->reputation, inspection, named, &pipeline->findings);
	if (pipeline->findings.count > before)
		pipeline_domains_mark(pipeline, inspection, named, before);
}

// What allow lists hold back for the name beside it is not to be seen in the value: it is kept with it.
static void keep_beside_allowed(struct pipeline *pipeline, const struct inspection *inspection)
{
	unsigned count;
	const struct named *beside = reputation_beside_allowed(pipeline->reputation, &count);
	for (unsigned i = 0; pipeline->sightings && i < count; i++)
		pipeline_sighting(pipeline, inspection, &beside[i]);
}

// What waited for this packet.
static void end_lists(struct pipeline *pipeline, const struct inspection *inspection)
{
	uint32_t before = pipeline->findings.count;
	struct app_tx *tx;
	if (inspection->flow->flags & FLOW_LISTED) {
		while ((tx = reputation_due(pipeline->reputation, inspection)))
			named_request(&pipeline->named, inspection, tx, take_due, pipeline);
		reputation_end(pipeline->reputation, inspection, &pipeline->findings);
	}
	keep_beside_allowed(pipeline, inspection);
	if (pipeline->findings.count > before)
		pipeline_domains_mark(pipeline, inspection, NULL, before);
}

// threshold.config's suppress lines take detectors' alerts out as they do rules'.
static void silence(struct pipeline *pipeline, const struct packet *packet)
{
	const struct rule_set *rules = engine_worker_rules(pipeline->engine);
	for (uint32_t i = 0; rules->suppression_count && i < pipeline->findings.count; i++) {
		struct finding *finding = &pipeline->findings.items[i];
		const struct threshold_event event = { .rule = finding->rule, .src = packet->src, .dst = packet->dst };
		finding->silenced = finding->situation && threshold_suppressed_of(rules, &event, &finding->inside);
		pipeline->counters[PIPELINE_COUNT_DETECTORS_SUPPRESSED] += finding->silenced;
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

// Rules, then those who wait for them, with what has been read so far. Once an inspection.
static void run_rules(struct pipeline *pipeline, const struct inspection *inspection)
{
	struct pipeline_names *names = &pipeline->names;
	if (names->through)
		return;
	names->through = true;
	if (names->rules)
		engine_inspect(pipeline->engine, inspection, &pipeline->findings);
	if (!names->wanted)
		return;
	if (pipeline->reputation)
		reputation_begin(pipeline->reputation, inspection, &pipeline->findings);
	if (pipeline->heuristics)
		heuristics_begin(pipeline->heuristics, inspection, &pipeline->findings);
	if (names->again)
		named_ends(&pipeline->named, inspection, take_again, pipeline);
	for (unsigned i = 0; i < names->list.count; i++)
		take(pipeline, inspection, &names->list.items[i]);
}

// Keeps what was read until rules are through. What finds no room has them run first.
static void keep(void *context, const struct inspection *inspection, const struct named *named)
{
	struct pipeline *pipeline = context;
	struct pipeline_names *names = &pipeline->names;
	struct named *kept = names->through ? NULL : named_list_add(&names->list, named);
	if (!kept) {
		run_rules(pipeline, inspection);
		take(pipeline, inspection, named);
		return;
	}
	kept->ahead = NULL;
	if (names->lists) {
		struct lookup_ahead *ahead = &names->ahead[kept - names->list.items];
		reputation_ahead(pipeline->reputation, kept, ahead);
		kept->ahead = ahead;
	}
}

void pipeline_detect(struct pipeline *pipeline, const struct inspection *inspection, bool rules)
{
	const struct flow *flow = inspection->flow;
	struct pipeline_names *names = &pipeline->names;
	bool news = false;
	names->lists = pipeline->reputation && !reputation_worker_idle(pipeline->reputation);
	names->rules = rules;
	names->through = names->wanted = names->again = false;
	if (flow && (names->lists || pipeline->heuristics || pipeline->sightings)) {
		bool first = inspection->packet->flags & PACKET_FLOW_FIRST;
		names->again = names->lists && reputation_look_again(pipeline->reputation, inspection->flow, first);
		news = has_news(inspection) || (first && (names->lists || pipeline->sightings));
		names->wanted = news || names->again || flow->flags & FLOW_LISTED;
	}
	if (news) {
		pipeline->named.early = names->lists && reputation_worker_drops(pipeline->reputation);
		pipeline->named.certificate_sha256 =
			names->lists && reputation_worker_wants(pipeline->reputation, INDICATOR_CERT_SHA256);
		named_each(&pipeline->named, inspection, keep, pipeline);
	}
	run_rules(pipeline, inspection);
	if (!names->wanted)
		return;
	named_list_clear(&names->list);
	if (names->lists)
		end_lists(pipeline, inspection);
	silence(pipeline, inspection->packet);
}
