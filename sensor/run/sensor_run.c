// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/run/sensor_run.h"
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "export/sink/file_sink.h"
#include "sensor/capture/capture.h"
#include "sensor/feeds/feed_updater.h"
#include "sensor/run/checksum_sample.h"
#include "sensor/run/collector.h"
#include "sensor/run/frame_queue.h"
#include "sensor/manage/control.h"
#include "sensor/pipeline/pipeline.h"
#include "sensor/reload/reload.h"
#include "sensor/reload/rules_load.h"
#include "sensor/run/site_memory.h"
#include "sensor/run/summary.h"
#include "sensor/process/signals.h"
#include "sensor/process/wall_clock.h"
#include "signatures/rule/rule_waiting.h"

#define WORKERS_MAX    256
#define QUEUE_BATCHES  64
#define TICK_FRAMES    FRAME_BATCH_FRAMES // frames between ticks: the same for any number of workers
#define PUBLISH_TICKS  4096
#define PROGRESS_TICKS 1024

struct worker {
	pthread_t thread;
	bool started;
	struct pipeline *pipeline;
	struct frame_queue *queue; // capture files with several workers
	struct capture *capture;   // live
	bool failed;
};

struct run {
	const struct run_options *options;
	const struct sensor_config *config;
	struct rules rules;
	struct worker workers[WORKERS_MAX];
	struct pipeline *pipelines[WORKERS_MAX];
	unsigned count;
	struct collector *collector;
	struct file_store *file_store; // NULL: none is wanted
	struct site_memory *site;      // NULL: no domain is told as new
	struct record_ring *file_rings[WORKERS_MAX];
	struct address_set *home;        // HOME_NET at start, the run's own
	struct reload *reload;           // has the rules once it is there
	struct control *control;         // NULL: no socket
	struct feed_updater *updater;    // NULL: reads captures
	struct packet_decoder *spreader; // tells the reader which worker a frame is for
	struct packet_batch judged;      // what it decodes to judge checksums
	uint8_t checksums;               // enum frame_checksums: of all frames of a file
	unsigned failed_files;
	struct capture_counts counts; // of captures that are closed
	uint64_t lost_frames;
	bool ran; // every worker ran and closed its ring
	double read_s;
};

static void show_progress(const struct run *run, const struct capture *capture, uint64_t frames, double started_s)
{
	if (!run->options->progress)
		return;
	double share = capture_progress(capture), seconds = monotonic_s() - started_s;
	fprintf(stderr, "\r\033[K%5.1f %%  %.1f M packets  %.2f M/s  %s", share < 0 ? 0 : 100 * share,
		(double)frames / 1e6, seconds > 0 ? (double)frames / 1e6 / seconds : 0,
		capture_source(capture) ? capture_source(capture) : "");
	fflush(stderr);
}

// Capture files ------------------------------------------------------------------------------------------------------------------

// The next file of a folder goes on from the one before it, or it is another capture of an earlier time, in which no flow goes on.
static bool begins_earlier(const struct capture_frame *first, uint64_t now_ns)
{
	return first->ts_ns + NS_PER_S < now_ns;
}

static void *file_worker(void *argument)
{
	struct worker *worker = argument;
	char source[512] = "";
	uint64_t ticks = 0;
	for (struct frame_batch *batch; (batch = frame_queue_take(worker->queue));) {
		if (strcmp(source, batch->source) != 0) {
			snprintf(source, sizeof(source), "%s", batch->source);
			pipeline_set_source(worker->pipeline, NULL, source);
		}
		for (uint32_t i = 0; i < batch->count; i++)
			pipeline_frame(worker->pipeline, &batch->frames[i]);
		pipeline_tick(worker->pipeline, batch->tick_ns, batch->tick_number);
		if (batch->restart)
			pipeline_restart(worker->pipeline);
		frame_queue_give_back(worker->queue, batch);
		if (++ticks % PUBLISH_TICKS == 0)
			pipeline_publish(worker->pipeline);
	}
	pipeline_finish(worker->pipeline);
	return NULL;
}

static void flush_all(struct run *run, uint64_t now_ns, uint64_t number, const char *source, bool restart)
{
	for (unsigned i = 0; i < run->count; i++)
		frame_queue_flush(run->workers[i].queue, now_ns, number, source, restart);
}

// Whether workers verify a frame's checksums must not depend on their number: the reader decodes the first frames too, and judges for all.
static void judge_checksums(struct packet_decoder *spreader, struct packet_batch *batch, struct capture_frame *frame)
{
	frame->checksums = packet_decoder_verifies(spreader) ? FRAME_CHECKSUMS_VERIFY : FRAME_CHECKSUMS_SKIP;
	if (packet_decoder_judging(spreader))
		packet_decode(
			spreader, frame->bytes, frame->wire_len, frame->ts_ns, frame->number, frame->linktype, batch);
}

// Reads frames and spreads them over the workers' queues.
static void read_spread(struct run *run, struct capture *capture)
{
	struct capture_frame frame = { 0 };
	uint64_t now_ns = 0, frames = 0;
	double started = monotonic_s();
	char source[512] = "";
	while (!signals_stop_asked() && capture_next(capture, &frame) == CAPTURE_FRAME) {
		const char *path = capture_source(capture);
		if (path && strcmp(path, source) != 0) {
			if (source[0])
				flush_all(run, now_ns, frame.number - 1, source, begins_earlier(&frame, now_ns));
			snprintf(source, sizeof(source), "%s", path);
		}
		judge_checksums(run->spreader, &run->judged, &frame);
		uint64_t hash = packet_spread_hash(run->spreader, frame.bytes, frame.linktype);
		if (!frame_queue_add(run->workers[hash % run->count].queue, &frame))
			run->lost_frames++;
		now_ns = frame.ts_ns;
		frames++;
		if (frame.number % TICK_FRAMES == 0)
			flush_all(run, now_ns, frame.number, source, false);
		if (frames % ((uint64_t)TICK_FRAMES * PROGRESS_TICKS) == 0)
			show_progress(run, capture, frames, started);
	}
	flush_all(run, now_ns, UINT64_MAX, source, false);
	for (unsigned i = 0; i < run->count; i++)
		frame_queue_close(run->workers[i].queue);
}

// One worker: reading and working in one thread.
static void read_alone(struct run *run, struct capture *capture)
{
	struct pipeline *pipeline = run->pipelines[0];
	struct capture_frame frame = { .checksums = run->checksums };
	uint64_t frames = 0, now_ns = 0;
	double started = monotonic_s();
	char source[512] = "";
	while (!signals_stop_asked() && capture_next(capture, &frame) == CAPTURE_FRAME) {
		const char *path = capture_source(capture);
		if (path && strcmp(path, source) != 0) {
			if (source[0]) {
				pipeline_tick(pipeline, now_ns, frame.number - 1);
				if (begins_earlier(&frame, now_ns))
					pipeline_restart(pipeline);
			}
			snprintf(source, sizeof(source), "%s", path);
			pipeline_set_source(pipeline, NULL, source);
		}
		pipeline_frame(pipeline, &frame);
		now_ns = frame.ts_ns;
		frames++;
		if (frame.number % TICK_FRAMES != 0)
			continue;
		pipeline_tick(pipeline, now_ns, frame.number);
		if (frames % ((uint64_t)TICK_FRAMES * PUBLISH_TICKS) == 0)
			pipeline_publish(pipeline);
		if (frames % ((uint64_t)TICK_FRAMES * PROGRESS_TICKS) == 0)
			show_progress(run, capture, frames, started);
	}
	pipeline_tick(pipeline, now_ns, UINT64_MAX);
	pipeline_finish(pipeline);
}

static enum run_result run_files(struct run *run)
{
	struct capture *capture = capture_open_files(&run->config->capture, run->options->read_path);
	if (!capture)
		return RUN_FAULT;
	bool threads = run->count > 1;
	if (checksum_sample_offloaded(run->config, run->options->read_path)) {
		run->checksums = FRAME_CHECKSUMS_SKIP;
		if (threads)
			packet_decoder_set_verify(run->spreader, false);
	}
	for (unsigned i = 0; threads && i < run->count; i++) {
		struct worker *worker = &run->workers[i];
		worker->queue = frame_queue_new(QUEUE_BATCHES);
		worker->started = worker->queue && pthread_create(&worker->thread, NULL, file_worker, worker) == 0;
		if (!worker->started) {
			log_error("a worker thread could not be started");
			capture_close(capture);
			return RUN_FAULT;
		}
	}
	run->ran = true;
	if (threads)
		read_spread(run, capture);
	else
		read_alone(run, capture);
	for (unsigned i = 0; i < run->count; i++) {
		if (run->workers[i].started)
			pthread_join(run->workers[i].thread, NULL);
		run->workers[i].started = false;
	}
	if (run->options->progress)
		fprintf(stderr, "\r\033[K");
	capture_counts(capture, &run->counts);
	run->counts.kernel_drops += run->lost_frames;
	run->failed_files = capture_failed(capture);
	capture_close(capture);
	// A file that cannot be read among others that can is told and counted; nothing read at all is a fault.
	return run->failed_files && !run->counts.received ? RUN_FAULT : RUN_OK;
}

// Live ---------------------------------------------------------------------------------------------------------------------------

static void *live_worker(void *argument)
{
	struct worker *worker = argument;
	struct capture_frame frame = { 0 };
	uint64_t frames = 0, now_ns = wall_ns(), published_ns = now_ns;
	pipeline_set_source(worker->pipeline, capture_source(worker->capture), NULL);
	while (!signals_stop_asked()) {
		enum capture_result result = capture_next(worker->capture, &frame);
		if (result == CAPTURE_FRAME) {
			frame.number = 0;
			pipeline_frame(worker->pipeline, &frame);
			now_ns = frame.ts_ns;
			if (++frames % TICK_FRAMES != 0)
				continue;
		} else if (result == CAPTURE_IDLE) {
			now_ns = wall_ns();
		} else {
			worker->failed = result == CAPTURE_ERROR;
			break;
		}
		pipeline_tick(worker->pipeline, now_ns, 0);
		if (now_ns - published_ns >= NS_PER_S) {
			pipeline_publish(worker->pipeline);
			published_ns = now_ns;
		}
	}
	pipeline_finish(worker->pipeline);
	return NULL;
}

static void sum_live(void *context, struct capture_counts *counts)
{
	struct run *run = context;
	*counts = run->counts;
	for (unsigned i = 0; i < run->count; i++) {
		struct capture_counts one;
		if (!run->workers[i].capture)
			continue;
		capture_counts(run->workers[i].capture, &one);
		counts->received += one.received;
		counts->kernel_drops += one.kernel_drops;
		counts->interface_drops += one.interface_drops;
	}
}

static enum run_result run_live(struct run *run)
{
	unsigned interfaces = 0;
	while (run->options->interfaces[interfaces])
		interfaces++;
	unsigned each = run->count / interfaces;
	for (unsigned i = 0; i < run->count; i++) {
		run->workers[i].capture =
			capture_open_live(&run->config->capture, run->options->interfaces[i / each], i % each, each);
		if (!run->workers[i].capture)
			return RUN_FAULT;
	}
	log_notice("capturing on %u interface%s with %u worker%s", interfaces, interfaces == 1 ? "" : "s", run->count,
		run->count == 1 ? "" : "s");
	bool failed = false;
	run->ran = true;
	for (unsigned i = 0; i < run->count; i++) {
		struct worker *worker = &run->workers[i];
		worker->started = pthread_create(&worker->thread, NULL, live_worker, worker) == 0;
		failed |= !worker->started;
	}
	for (unsigned i = 0; i < run->count; i++) {
		if (!run->workers[i].started)
			continue;
		pthread_join(run->workers[i].thread, NULL);
		run->workers[i].started = false;
		failed |= run->workers[i].failed;
	}
	return failed ? RUN_FAULT : RUN_OK;
}

static void close_live(struct run *run)
{
	struct capture_counts all;
	sum_live(run, &all);
	run->counts = all;
	for (unsigned i = 0; i < run->count; i++) {
		capture_close(run->workers[i].capture);
		run->workers[i].capture = NULL;
	}
}

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

static void tell_rules(void *context, const struct stats_rules *rules)
{
	collector_set_rules(((struct run *)context)->collector, rules);
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
		.home = (run->home = copy_of(run->rules.home)),
		.ordered = files && run->count > 1,
		.thresholds = collector_thresholds,
		.live = !files,
		.site = run->site,
		.sightings = wants_sightings(run),
		.reputation = run->rules.reputation,
		.capture_counts = sum_live,
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
			close_live(run);
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
