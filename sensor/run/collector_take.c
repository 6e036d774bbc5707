// SPDX-License-Identifier: GPL-3.0-or-later
// Taking: what becomes of one record.
#include "sensor/run/collector_state.h"

void collector_give(struct collector *collector, const struct record *record)
{
	struct sink_event event = { record, ++collector->seq, collector->boot };
	for (size_t i = 0; i < collector->sink_count; i++)
		if (!collector->sinks[i].kind->write(collector->sinks[i].state, &event))
			collector->lost++;
	tally_record(&collector->tally, record);
	if (record->ts_ns > collector->last_ns)
		collector->last_ns = record->ts_ns;
}

bool collector_give_past(void *context, const struct record *record, uint64_t met_ns)
{
	struct collector *collector = context;
	const struct threshold_event event = { .rule = record->rule, .src = record->src, .dst = record->dst };
	pthread_mutex_lock(&collector->lock);
	bool silenced = threshold_suppressed_of(collector->set, &event, &record->inside);
	pthread_mutex_unlock(&collector->lock);
	if (silenced)
		return false;
	if (record->domain && collector->options.site)
		record = site_memory_join(collector->options.site, record, met_ns);
	collector_give(collector, record);
	return true;
}

// One of a situation. NULL: it is not told.
static const struct record *join(struct collector *collector, const struct record *record)
{
	char more[SITUATION_MORE_MAX];
	size_t len = 0;
	if (record->far_end && !resolved_find(collector->resolved, record, more, sizeof(more), &len))
		return NULL;
	return situations_join(collector->situations, record, more, len);
}

void collector_take(struct collector *collector, struct lane *lane, const struct record *record)
{
	if (record->type == RECORD_MARK) {
		atomic_fetch_add_explicit(&collector->marks, 1, memory_order_release);
		return;
	}
	if (collector->behaviour && behaviour_feed_take(collector->behaviour, record))
		return;
	struct site_memory *site = collector->options.site;
	if (record->type == RECORD_DOMAIN) {
		if (site)
			site_memory_take(site, record);
		return;
	}
	if (record->type == RECORD_RESOLVED) {
		if (collector->resolved)
			resolved_take(collector->resolved, record);
		return;
	}
	if (record->type == RECORD_SIGHTING) {
		if (collector->sightings)
			sightings_take(collector->sightings, record);
		return;
	}
	if (record->type == RECORD_EVIDENCE) {
		bool told = record->order == lane->told_order && record->ts_ns == lane->told_ns;
		if (collector->evidence && (!record->told_if || told))
			evidence_writer_add(collector->evidence, record);
		return;
	}
	if (record->threshold_pending) {
		struct threshold_event event = { record->rule, record->src, record->dst, record->flow_id,
			record->ts_ns };
		uint8_t action;
		if (threshold_apply(collector->thresholds, &event, &action) != THRESHOLD_PASS) {
			collector->held++;
			return;
		}
	}
	if (record->situation && collector->situations && !record->told_if)
		record = join(collector, record);
	bool asked = record && record->told_if;
	if (record && record->domain && site)
		record = site_memory_join(site, record, record->ts_ns);
	if (record && asked) {
		lane->told_order = record->order;
		lane->told_ns = record->ts_ns;
	}
	if (record)
		collector_give(collector, record);
}
