// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/run/collector_state.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "sensor/stats/stats.h"
#include "sensor/process/wall_clock.h"

#define IDLE_MIN_NS 100000  // waits when no worker has anything: they double from here
#define IDLE_MAX_NS 5000000 // to here
#define BATCH       256     // records between two polls of the sinks

static void give_alert(void *context, const struct record *record)
{
	collector_give(context, record);
}

static void poll_sinks(struct collector *collector)
{
	for (size_t i = 0; i < collector->sink_count; i++)
		collector->sinks[i].kind->poll(collector->sinks[i].state);
	if (collector->evidence)
		evidence_writer_flush(collector->evidence);
}

static void write_stats(struct collector *collector, uint64_t ts_ns)
{
	const struct stats_rules rules = { collector->rules[0], collector->rules[1], collector->rules[2] };
	struct stats_facts facts = { .config = collector->options.config,
		.rules = &rules,
		.pressure_max = &collector->pressure_max,
		.alerts_held = collector->held };
	if (collector->options.file_store) {
		struct file_store_counts counts;
		file_store_counts(collector->options.file_store, &counts);
		facts.file_errors = counts.failed;
	}
	if (collector->options.capture_counts)
		collector->options.capture_counts(collector->options.context, &facts.capture);
	struct json json;
	json_begin(&json, collector->own->line, RECORD_LINE_MAX);
	if (!stats_write(collector->eve, &json, collector->own, ts_ns, (wall_ns() - collector->started_ns) / NS_PER_S,
		    collector->options.pipelines, collector->options.workers, &facts))
		return;
	size_t len = json_end(&json);
	if (!len)
		return;
	collector->own->line_len = (uint32_t)len;
	collector_give(collector, collector->own);
}

static bool all_closed(struct collector *collector)
{
	for (unsigned i = 0; i < collector->options.workers; i++)
		if (collector->lanes[i].first || !record_ring_closed(collector->lanes[i].ring))
			return false;
	return true;
}

// Takes what is there, worker by worker. Gives the number of records.
static unsigned collect_unordered(struct collector *collector)
{
	unsigned taken = 0;
	for (unsigned i = 0; i < collector->options.workers; i++) {
		const struct record *record;
		for (unsigned n = 0; n < BATCH && (record = record_ring_peek(collector->lanes[i].ring)); n++) {
			collector_take(collector, &collector->lanes[i], record);
			record_ring_release(collector->lanes[i].ring);
			taken++;
		}
	}
	return taken;
}

static void copy_out(struct lane *lane)
{
	const struct record *record;
	while ((record = record_ring_peek(lane->ring))) {
		size_t size = sizeof(*record) + record->line_len;
		struct pending *pending = malloc(offsetof(struct pending, record) + size);
		if (!pending)
			return; // stays in the ring; its worker waits
		memcpy(&pending->record, record, size);
		pending->next = NULL;
		if (lane->last)
			lane->last->next = pending;
		else
			lane->first = pending;
		lane->last = pending;
		record_ring_release(lane->ring);
	}
}

static void drop_head(struct lane *lane)
{
	struct pending *pending = lane->first;
	if (!pending) {
		record_ring_release(lane->ring);
		return;
	}
	lane->first = pending->next;
	if (!lane->first)
		lane->last = NULL;
	free(pending);
}

// Flows that end with the same packet's time, or with the run, have one order in all workers: the one that was heard of longest ago is first.
static bool is_before(const struct record *record, const struct record *other)
{
	return record->order != other->order ? record->order < other->order : record->ts_ns < other->ts_ns;
}

// The lane whose head is next in packet order; NULL when a worker without records may still give an earlier one.
static struct lane *next_lane(struct collector *collector, const struct record **head)
{
	struct lane *best = NULL;
	uint64_t best_order = UINT64_MAX, reached = UINT64_MAX;
	for (unsigned i = 0; i < collector->options.workers; i++) {
		struct lane *lane = &collector->lanes[i];
		// In this order: what is progressed past before the look at the ring is in the ring by then.
		bool closed = record_ring_closed(lane->ring);
		uint64_t progressed = record_ring_progressed(lane->ring);
		const struct record *record = lane->first ? &lane->first->record : record_ring_peek(lane->ring);
		if (record && (!best || is_before(record, *head))) {
			best = lane;
			best_order = record->order;
			*head = record;
		} else if (!record && !closed) {
			// Flows ended by the run's end have the last order there is: a worker that goes on may still give some
			progressed = progressed < UINT64_MAX ? progressed : UINT64_MAX - 1;
			reached = progressed < reached ? progressed : reached;
		}
	}
	return best && best_order <= reached ? best : NULL;
}

static unsigned collect_ordered(struct collector *collector)
{
	unsigned taken = 0;
	const struct record *record = NULL;
	for (struct lane *lane; taken < BATCH && (lane = next_lane(collector, &record)); taken++) {
		collector_take(collector, lane, record);
		drop_head(lane);
	}
	if (!taken)
		for (unsigned i = 0; i < collector->options.workers; i++)
			copy_out(&collector->lanes[i]);
	return taken;
}

static void *collect(void *argument)
{
	struct collector *collector = argument;
	collector->next_stats_ns = collector->started_ns + collector->interval_s * NS_PER_S;
	long idle_ns = IDLE_MIN_NS;
	for (;;) {
		bool last = atomic_load_explicit(&collector->joining, memory_order_acquire) && all_closed(collector);
		unsigned taken = collector->options.ordered ? collect_ordered(collector) : collect_unordered(collector);
		if (collector->behaviour && (collector->options.live || (last && !taken)))
			behaviour_feed_flush(collector->behaviour);
		if (collector->sightings && last && !taken)
			sightings_finish(collector->sightings);
		if (collector->options.site && last && !taken)
			site_memory_finish(collector->options.site);
		else if (collector->options.site && collector->options.live)
			site_memory_tick(collector->options.site);
		if (collector->sightings)
			sightings_told(collector->sightings, collector_give_past, collector);
		poll_sinks(collector);
		if (last && !taken)
			break;
		if (!taken)
			nanosleep(&(struct timespec) { 0, idle_ns }, NULL);
		idle_ns = taken || 2 * idle_ns > IDLE_MAX_NS ? IDLE_MIN_NS : 2 * idle_ns;
		if (collector->options.live && wall_ns() >= collector->next_stats_ns) {
			write_stats(collector, wall_ns());
			collector->next_stats_ns += collector->interval_s * NS_PER_S;
		}
	}
	if (collector->options.config->eve.stats)
		write_stats(collector, collector->options.live || !collector->last_ns ? wall_ns() : collector->last_ns);
	return NULL;
}

static bool open_sinks(struct collector *collector)
{
	const struct sink_config *config = &collector->options.config->sink;
	for (size_t i = 0; sink_kinds[i]; i++) {
		if (!sink_kinds[i]->wanted(config))
			continue;
		if (collector->sink_count == SINKS_MAX)
			return false;
		void *state = sink_kinds[i]->open(config);
		if (!state)
			return false;
		collector->sinks[collector->sink_count++] = (struct sink) { sink_kinds[i], state };
	}
	return true;
}

static void make_boot_id(char boot[33])
{
	unsigned char random[16];
	if (getentropy(random, sizeof(random)) != 0) {
		uint64_t time[2] = { wall_ns(), (uint64_t)getpid() };
		memcpy(random, time, sizeof(random));
	}
	for (unsigned i = 0; i < sizeof(random); i++)
		snprintf(boot + 2 * i, 3, "%02x", random[i]);
}

static void remember(void *context, uint64_t indicator, const struct address *host, uint64_t at_s)
{
	struct collector *collector = context;
	situations_remember(collector->situations, indicator, host, at_s * NS_PER_S);
}

// Without them the sensor works on.
static void open_sightings(struct collector *collector)
{
	const struct collector_options *options = &collector->options;
	const struct sightings_setup setup = {
		.config = &options->config->sightings,
		.eve = &options->config->eve,
		.home = options->home,
		.live = options->live,
		.domains = options->site != NULL,
		.domain_seed = options->site ? site_memory_seed(options->site) : 0,
	};
	if (!(collector->sightings = sightings_new(&setup)))
		return;
	if (collector->situations)
		sightings_remember(
			collector->sightings, TOUCH_KEEP_S, TOUCH_ENTRIES * TOUCH_HOSTS, remember, collector);
	if (options->reputation)
		sightings_look_back(collector->sightings, options->reputation);
}

struct collector *collector_new(const struct collector_options *options)
{
	struct collector *collector = calloc(1, sizeof(*collector));
	if (!collector)
		return NULL;
	collector->options = *options;
	collector->delivered = true;
	collector->started_ns = wall_ns();
	make_boot_id(collector->boot);
	pthread_mutex_init(&collector->lock, NULL);
	collector_set_rules(collector, &options->rules, options->set);
	collector_set_interval(collector, options->config->capture.stats_interval_s);
	collector->lanes = calloc(options->workers, sizeof(*collector->lanes));
	collector->own = calloc(1, sizeof(*collector->own) + RECORD_LINE_MAX);
	bool ready = collector->lanes && collector->own &&
		     (collector->eve = eve_writer_new(&options->config->eve, NULL, NULL)) &&
		     (!options->thresholds || (collector->thresholds = threshold_table_new(THRESHOLD_MEMORY_BYTES)));
	if (ready && options->config->behaviour.enabled) {
		collector->behaviour = behaviour_feed_new(options->config, options->home, give_alert, collector);
		ready = collector->behaviour != NULL;
	}
	const struct reputation_config *reputation = &options->config->reputation;
	if (ready && reputation->enabled)
		ready = (collector->situations = situations_new(reputation->hold_s)) &&
			(collector->resolved = resolved_new());
	if (ready && options->sightings)
		open_sightings(collector);
	const struct evidence_config *evidence = &options->config->evidence;
	if (ready && evidence->packets_enabled)
		ready = (collector->evidence = evidence_writer_open(evidence, options->config->sink.directory));
	if (!ready || !open_sinks(collector)) {
		collector_free(collector);
		return NULL;
	}
	for (unsigned i = 0; i < options->workers; i++)
		collector->lanes[i].ring = pipeline_ring(options->pipelines[i]);
	return collector;
}

void collector_set_rules(struct collector *collector, const struct stats_rules *rules, const struct rule_set *set)
{
	pthread_mutex_lock(&collector->lock);
	collector->set = set;
	pthread_mutex_unlock(&collector->lock);
	collector->rules[0] = rules->count;
	collector->rules[1] = rules->failed;
	collector->rules[2] = rules->skipped;
}

void collector_set_interval(struct collector *collector, uint64_t seconds)
{
	collector->interval_s = seconds;
}

uint64_t collector_marks(const struct collector *collector)
{
	return atomic_load_explicit(&collector->marks, memory_order_acquire);
}

void collector_look_back(struct collector *collector, struct reputation *reputation)
{
	if (collector->sightings)
		sightings_look_back(collector->sightings, reputation);
}

bool collector_start(struct collector *collector)
{
	if (collector->sightings && !sightings_start(collector->sightings))
		return false;
	collector->started = pthread_create(&collector->thread, NULL, collect, collector) == 0;
	return collector->started;
}

static void close_sinks(struct collector *collector)
{
	for (size_t i = 0; i < collector->sink_count; i++)
		if (!collector->sinks[i].kind->close(collector->sinks[i].state))
			collector->delivered = false;
	collector->sink_count = 0;
	if (collector->evidence && !evidence_writer_close(collector->evidence, &collector->evidence_counts))
		collector->delivered = false;
	collector->evidence = NULL;
}

bool collector_join(struct collector *collector)
{
	atomic_store_explicit(&collector->joining, true, memory_order_release);
	if (collector->started)
		pthread_join(collector->thread, NULL);
	collector->started = false;
	close_sinks(collector);
	tally_sort(&collector->tally);
	return collector->delivered && !collector->lost;
}

void collector_free(struct collector *collector)
{
	if (!collector)
		return;
	close_sinks(collector);
	if (collector->thresholds)
		threshold_table_free(collector->thresholds);
	if (collector->eve)
		eve_writer_free(collector->eve);
	behaviour_feed_free(collector->behaviour);
	situations_free(collector->situations);
	resolved_free(collector->resolved);
	sightings_free(collector->sightings);
	tally_fini(&collector->tally);
	pthread_mutex_destroy(&collector->lock);
	free(collector->own);
	free(collector->lanes);
	free(collector);
}

const struct tally *collector_tally(const struct collector *collector)
{
	return &collector->tally;
}

uint64_t collector_lost(const struct collector *collector)
{
	return collector->lost;
}

const struct evidence_counts *collector_evidence(const struct collector *collector)
{
	return &collector->evidence_counts;
}

void collector_counters(
	const struct collector *collector, void (*each)(void *context, const char *name, uint64_t value), void *context)
{
	uint64_t counts[SIGHTINGS_COUNTERS_END];
	if (collector->situations)
		each(context, "situations.held", situations_held(collector->situations));
	if (collector->behaviour)
		each(context, "behaviour.alerts_suppressed", behaviour_feed_suppressed(collector->behaviour));
	if (collector->options.site)
		site_memory_counters(collector->options.site, each, context);
	if (collector->resolved)
		resolved_counters(collector->resolved, each, context);
	if (!collector->sightings)
		return;
	sightings_counts(collector->sightings, counts);
	for (int i = 0; i < SIGHTINGS_COUNTERS_END; i++)
		each(context, sightings_counter_names[i], counts[i]);
}
