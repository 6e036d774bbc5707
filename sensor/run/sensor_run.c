// SPDX-License-Identifier: GPL-3.0-or-later
// A run from its beginning to its end: what is set up for it, in which order, and taken down.
#include "sensor/run/sensor_run.h"
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "export/sink/file_sink.h"
#include "sensor/run/run_state.h"
#include "sensor/run/site_memory.h"
#include "sensor/run/summary.h"
#include "sensor/process/signals.h"
#include "sensor/process/wall_clock.h"
#include "signatures/rule/rule_waiting.h"

// Set-up -------------------------------------------------------------------------------------------------------------------------

static unsigned worker_count(const struct run *run)
{
	uint64_t asked = run->config->capture.workers;
	if (run->options->read_path)
		return asked ? (unsigned)asked : 1;
	unsigned interfaces = 0;
	while (run->options->interfaces[interfaces])
		interfaces++;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned each = asked ? (unsigned)asked : (unsigned)(cpus > 0 ? cpus : 1);
	return each * interfaces > WORKERS_MAX ? interfaces : each * interfaces;
}

// Evidence read again into its own folder would be moved away while it is read, and the next time be gone.
static bool reads_own_evidence(const struct run *run)
{
	char path[PATH_MAX];
	struct stat read, evidence;
	evidence_path(run->config->sink.directory, path, sizeof(path));
	if (!run->config->evidence.packets_enabled || !run->options->read_path ||
		stat(run->options->read_path, &read) != 0 || stat(path, &evidence) != 0 ||
		read.st_dev != evidence.st_dev || read.st_ino != evidence.st_ino)
		return false;
	log_error(
		"%s: is what evidence is written to: choose another folder (-l), or evidence.packets.enabled=no", path);
	return true;
}

static uint64_t marks_of(void *context)
{
	return collector_marks(((struct run *)context)->collector);
}

static void tell_rules(void *context, const struct stats_rules *rules, const struct rule_set *set)
{
	collector_set_rules(((struct run *)context)->collector, rules, set);
}

static void apply_config(void *context, const struct sensor_config *config)
{
	collector_set_interval(((struct run *)context)->collector, config->capture.stats_interval_s);
}

static void look_back(void *context, struct reputation *reputation)
{
	collector_look_back(((struct run *)context)->collector, reputation);
}

// Reload and the socket that asks for it.
static void counters_behind(void *context, void (*each)(void *to, const char *name, uint64_t value), void *to)
{
	collector_counters(((struct run *)context)->collector, each, to);
}

static bool set_up_control(struct run *run)
{
	const struct run_options *asked = run->options;
	const struct process_config *process = &run->config->process;
	struct reload_options options = {
		.request = { .config = run->config,
			.only = asked->only_rules,
			.more = asked->more_rules,
			.drops_enabled = asked->simulate_ips },
		.pipelines = run->pipelines,
		.count = run->count,
		.marks = marks_of,
		.command = asked->command,
		.set_rules = tell_rules,
		.set_config = apply_config,
		.set_reputation = look_back,
		.context = run,
	};
	run->reload = reload_new(&options, &run->rules);
	if (!run->reload || !reload_start(run->reload))
		return false;
	if (!process->socket || !process->socket_enabled)
		return true;
	struct control_options control = { process->socket, run->pipelines, run->count, run->reload, counters_behind,
		run };
	run->control = control_start(&control);
	return run->control != NULL;
}

static void with_config(void *context,
	void (*use)(void *use_context, const struct sensor_config *config, const struct address_set *home),
	void *use_context)
{
	reload_with_config(((struct run *)context)->reload, use, use_context);
}

static bool use_indicators(void *context)
{
	struct reload_answer answer;
	return reload_indicators(((struct run *)context)->reload, &answer);
}

static bool start_updater(struct run *run)
{
	const struct feed_updater_options options = { with_config, use_indicators, run };
	return run->options->read_path || (run->updater = feed_updater_start(&options));
}

// The updater waits for a reload, which ends when it is stopped.
static void stop_control(struct run *run)
{
	reload_stop(run->reload);
	feed_updater_stop(run->updater);
	run->updater = NULL;
	control_stop(run->control);
	run->control = NULL;
}

// The collector keeps HOME_NET for the whole run, and a reload frees the rules it is from. NULL when there is none (or no memory: then no
// side is inside).
static struct address_set *copy_of(const struct address_set *set)
{
	struct address_set *copy = set ? malloc(sizeof(*copy) + set->count * sizeof(*set->ranges)) : NULL;
	if (!copy)
		return NULL;
	*copy = *set;
	copy->ranges = (struct address_range *)(copy + 1);
	if (set->count)
		memcpy(copy->ranges, set->ranges, set->count * sizeof(*set->ranges));
	return copy;
}

// Nothing is opened where no rule and no setting would ever choose a file.
static bool open_file_store(struct run *run)
{
	const struct file_store_config *config = &run->config->file_store;
	if (!config->enabled || (!config->force && !run->rules.needs.file_store))
		return true;
	run->file_store = file_store_open(config, run->config->sink.directory);
	return run->file_store != NULL;
}

static bool start_file_store(struct run *run)
{
	for (unsigned i = 0; i < run->count; i++)
		run->file_rings[i] = pipeline_file_ring(run->pipelines[i]);
	return !run->file_store || file_store_start(run->file_store, run->file_rings, run->count);
}

// What a tool reads to look at it is not what was seen.
static bool wants_sightings(const struct run *run)
{
	const struct sightings_config *config = &run->config->sightings;
	if (run->options->finished || config->enabled == SIGHTINGS_NO || !config->path)
		return false;
	return config->enabled == SIGHTINGS_YES || !run->options->read_path;
}

// A file has no past of its own: it is asked for by name.
static bool open_site(struct run *run)
{
	const struct heuristics_config *config = &run->config->heuristics;
	bool off = config->new_domain == NEW_DOMAIN_OFF ||
		   (config->new_domain == NEW_DOMAIN_AUTO && run->options->read_path);
	if (off || !config->enabled || run->options->finished)
		return true;
	run->site = site_memory_open(config);
	return run->site != NULL;
}

static bool set_up(struct run *run)
{
	if (reads_own_evidence(run) || !open_file_store(run) || !open_site(run))
		return false;
	bool files = run->options->read_path != NULL;
	run->count = worker_count(run);
	if (run->count > 1 && run->rules.host_bits)
		log_warning("%u rules ask for xbits or hostbits: each of the %u workers knows only those its own flows "
			    "set (threads.workers: 1 knows all)",
			run->rules.host_bits, run->count);
	// Inline, a threshold decides over packets now: each worker keeps its own.
	bool collector_thresholds = run->count > 1 && !run->options->simulate_ips;
	for (unsigned i = 0; i < run->count; i++) {
		struct pipeline_options options = {
			.config = run->config,
			.engine = run->rules.engine,
			.reputation = run->rules.reputation,
			.home = run->rules.home,
			.needs = run->rules.needs,
			.file_store = run->file_store,
			.workers = run->count,
			.lossless = files,
			.drops_enabled = run->options->simulate_ips,
			.collector_thresholds = collector_thresholds,
			.domain_seed = run->site ? site_memory_seed(run->site) : 0,
			.domains = run->site != NULL,
			.resolved = run->config->reputation.enabled,
			.sightings = wants_sightings(run),
		};
		run->pipelines[i] = run->workers[i].pipeline = pipeline_new(&options);
		if (!run->pipelines[i])
			return false;
	}
	if (files && run->count > 1 && !(run->spreader = packet_decoder_new(&run->config->packet)))
		return false;
	struct collector_options options = {
		.config = run->config,
		.pipelines = run->pipelines,
		.workers = run->count,
		.rules = { run->rules.set->count, run->rules.set->failed, run->rules.set->skipped },
		.set = run->rules.set,
		.home = (run->home = copy_of(run->rules.home)),
		.ordered = files && run->count > 1,
		.thresholds = collector_thresholds,
		.live = !files,
		.site = run->site,
		.sightings = wants_sightings(run),
		.reputation = run->rules.reputation,
		.capture_counts = run_live_counts,
		.context = run,
		.file_store = run->file_store,
	};
	run->collector = collector_new(&options);
	return run->collector && set_up_control(run) && start_file_store(run) && collector_start(run->collector) &&
	       start_updater(run);
}

static void tear_down(struct run *run)
{
	stop_control(run);
	collector_free(run->collector);
	site_memory_free(run->site);
	file_store_free(run->file_store);
	for (unsigned i = 0; i < run->count; i++) {
		pipeline_free(run->pipelines[i]);
		frame_queue_free(run->workers[i].queue);
		capture_close(run->workers[i].capture);
	}
	packet_decoder_free(run->spreader);
	reload_free(run->reload);
	rules_unload(&run->rules);
	free(run->home);
}

// What is told to a person keeps out of the way of events on standard output.
static FILE *told_to(const struct run *run)
{
	return run->config->sink.file_enabled && file_sink_is_stdout(&run->config->sink) ? stderr : stdout;
}

static void print_rules(const struct run *run, double seconds)
{
	FILE *out = told_to(run);
	struct engine_facts facts;
	engine_facts(run->rules.engine, &facts);
	fprintf(out, "Rules      %u loaded, %u refused, %u not for this sensor; ready in %.2f s\n",
		run->rules.set->count, run->rules.set->failed, run->rules.set->skipped, seconds);
	log_info("rules: %u groups, %u literals in %u databases (%" PRIu64 " KiB, %u from the cache)", facts.groups,
		facts.patterns, facts.databases, facts.database_bytes >> 10, facts.databases_cached);
	uint32_t counts[APP_PROTOS_END], waiting = rule_set_waiting(run->rules.set, counts);
	char protocols[400];
	if (waiting)
		fprintf(out, "Waiting    %u rule%s for what is not parsed yet: %s\n", waiting, waiting == 1 ? "" : "s",
			rule_waiting_text(counts, protocols, sizeof(protocols)));
	fflush(out);
}

// Pipelines whose worker never ran close their rings, so that the collector ends.
static void close_idle_rings(struct run *run)
{
	for (unsigned i = 0; !run->ran && i < run->count; i++)
		if (run->pipelines[i]) {
			record_ring_close(pipeline_ring(run->pipelines[i]));
			if (run->file_rings[i])
				record_ring_close(run->file_rings[i]);
		}
}

static void tell_finished(void *context, const struct rule_set *set)
{
	const struct run *run = context;
	struct run_outcome outcome = { set, run->pipelines, run->count, run->counts.received, run->read_s };
	run->options->finished(run->options->finished_context, &outcome);
}

enum run_result sensor_run(const struct run_options *options)
{
	struct run *run = calloc(1, sizeof(*run));
	if (!run)
		return RUN_FAULT;
	run->options = options;
	run->config = options->config;
	double started = monotonic_s();
	struct rules_request request = {
		.config = options->config,
		.only = options->only_rules,
		.more = options->more_rules,
		.drops_enabled = options->simulate_ips,
	};
	if (!rules_load(&request, &run->rules)) {
		free(run);
		return RUN_BAD_CONFIG;
	}
	if (!options->quiet)
		print_rules(run, monotonic_s() - started);
	enum run_result result = RUN_FAULT;
	if (options->test_only) {
		result = run->rules.errors ? RUN_BAD_CONFIG : RUN_OK;
		rules_unload(&run->rules);
		free(run);
		return result;
	}
	if (set_up(run)) {
		double reading = monotonic_s();
		result = options->read_path ? run_files(run) : run_live(run);
		run->read_s = monotonic_s() - reading;
		stop_control(run);
		close_idle_rings(run);
		file_store_join(run->file_store); // the last stats tell what became of it
		if (!collector_join(run->collector) && result == RUN_OK)
			result = RUN_FAULT;
		if (!options->finished) // a tool only looks
			reload_save_sets(run->reload);
		if (!options->read_path)
			run_live_close(run);
		char path[PATH_MAX];
		file_sink_path(&run->config->sink, path, sizeof(path));
		char evidence[PATH_MAX];
		evidence_path(run->config->sink.directory, evidence, sizeof(evidence));
		struct summary summary = {
			.pipelines = run->pipelines,
			.workers = run->count,
			.tally = collector_tally(run->collector),
			.capture = run->counts,
			.read_s = run->read_s,
			.lost = collector_lost(run->collector),
			.events = run->config->sink.file_enabled ? path : NULL,
			.evidence = collector_evidence(run->collector),
			.evidence_file = run->config->evidence.packets_enabled ? evidence : NULL,
			.file_store = run->file_store,
			.out = told_to(run),
			.failed_files = run->failed_files,
			.live = !options->read_path,
		};
		if (options->finished && run->ran)
			reload_with_rules(run->reload, tell_finished, run);
		if (!options->quiet && run->ran) {
			summary_print(&summary);
			reload_use_engine(run->reload, summary_print_over_budget, told_to(run));
		}
	}
	tear_down(run);
	free(run);
	return result;
}
