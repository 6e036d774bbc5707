// SPDX-License-Identifier: GPL-3.0-or-later
// Domains: what hosts here use is handed to who knows the site's, and findings say which domain they name, so that they are told whether it is new here.
#include "sensor/pipeline/pipeline_state.h"

static bool give(void *context, const struct domain_met *met)
{
	struct pipeline *pipeline = context;
	struct record *record;
	if (pipeline->lossless) {
		record = pipeline_reserve(pipeline); // waits
	} else if ((record = record_ring_reserve(pipeline->ring))) {
		record->order = pipeline->order;
	} else {
		return false;
	}
	record->type = RECORD_DOMAIN;
	record->ts_ns = met->ts_ns;
	memcpy(record->line, met, sizeof(*met));
	record_ring_commit(pipeline->ring, record, sizeof(*met));
	return true;
}

void pipeline_domains_init(struct pipeline *pipeline, const struct pipeline_options *options)
{
	const struct heuristics_domains domains = { .seed = options->domain_seed,
		.all = options->config->heuristics.new_domain == NEW_DOMAIN_ALL,
		.home = &pipeline->home,
		.give = give,
		.context = pipeline };
	if (pipeline->heuristics && options->domains)
		heuristics_worker_set_domains(pipeline->heuristics, &domains);
}

void pipeline_domains_mark(
	struct pipeline *pipeline, const struct inspection *inspection, const struct named *named, uint32_t first)
{
	uint64_t domain =
		pipeline->heuristics ? heuristics_domain_of(pipeline->heuristics, named, inspection->flow) : 0;
	for (uint32_t i = first; i < pipeline->findings.count; i++)
		if (!pipeline->findings.items[i].domain)
			pipeline->findings.items[i].domain = domain;
}
