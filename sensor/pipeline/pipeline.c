// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/pipeline/pipeline.h"
#include <stdlib.h>
#include "decoders/base/log.h"
#include "sensor/pipeline/pipeline_state.h"

// Decides on what was found, and writes it.
static void conclude(struct pipeline *pipeline, struct packet *packet, struct flow *flow)
{
	struct verdict verdict =
		verdict_decide(&pipeline->findings, packet, flow, pipeline->drops_enabled, pipeline->thresholds);
	pipeline->counters[PIPELINE_COUNT_ALERTS_LOST] += pipeline->findings.lost;
	pipeline->counters[PIPELINE_COUNT_ALERTS_SUPPRESSED] += verdict.suppressed;
	if (verdict.matched)
		pipeline_evidence_alert(pipeline, packet, flow);
	if (pipeline->findings.count) {
		pipeline_evidence_findings(pipeline, packet);
		pipeline_export_findings(pipeline, packet, flow, &verdict);
	}
	if (flow)
		pipeline_export_frames(pipeline, packet, flow);
	if (flow)
		pipeline_export_tagged(pipeline, packet, flow);
	if (verdict.drop && !(packet->flags & PACKET_PSEUDO)) {
		packet->flags |= PACKET_DROPPED;
		pipeline_export_drop(pipeline, packet, flow, &verdict);
	}
	if (verdict.reject_src || verdict.reject_dst)
		pipeline->counters[PIPELINE_COUNT_IPS_REJECTED]++;
}

// Inspects packet (with or without a flow), decides, and writes what was found.
static void inspect(
	struct pipeline *pipeline, struct packet *packet, struct flow *flow, bool flow_ended, bool app_updated)
{
	struct inspection inspection = { packet, flow, flow_ended, app_updated };
	pipeline_detect(pipeline, &inspection, true);
	conclude(pipeline, packet, flow);
}

// The same at the end of a flow that rules have nothing left to see of.
static void inspect_named(struct pipeline *pipeline, struct packet *packet, struct flow *flow)
{
	struct inspection inspection = { packet, flow, true, false };
	pipeline->findings.count = pipeline->findings.lost = 0;
	pipeline_detect(pipeline, &inspection, false);
	if (pipeline->findings.count)
		conclude(pipeline, packet, flow);
}

// A packet of a flow the verdict has already been spoken on.
static void drop_of_flow(struct pipeline *pipeline, struct packet *packet, struct flow *flow)
{
	struct verdict verdict = { .drop = true,
		.reason = flow->flags & FLOW_MIDSTREAM_POLICY ? DROP_FLOW_POLICY : DROP_FLOW_DROP };
	packet->flags |= PACKET_DROPPED;
	pipeline->findings.count = 0;
	pipeline_export_drop(pipeline, packet, flow, &verdict);
}

static void drop_by_stream(struct pipeline *pipeline, struct packet *packet, struct flow *flow)
{
	bool by_policy = flow->flags & FLOW_MIDSTREAM_POLICY;
	struct verdict verdict = { .drop = true,
		.reason = by_policy ? DROP_STREAM_MIDSTREAM : DROP_STREAM_ERROR,
		.reject_src = packet->flags & PACKET_REJECTED };
	packet->flags |= PACKET_DROPPED;
	pipeline->findings.count = 0;
	pipeline_export_drop(pipeline, packet, flow, &verdict);
}

// Transport stage of a packet with a flow. Gives whether the application layer took new data.
static bool reassemble(struct pipeline *pipeline, struct packet *packet, struct flow *flow, bool *drop)
{
	if (packet->proto == PROTO_TCP && packet->l4) {
		struct stream_result result = tcp_session_handle(pipeline->streams, packet);
		*drop = result.drop && pipeline->drops_enabled;
		packet->flags &= ~(uint32_t)PACKET_DROPPED; // set again where the drop is told
		if (!result.ready[TO_SERVER] && !result.ready[TO_CLIENT] && !result.closed)
			return false;
		uint32_t before = flow->flags & FLOW_REVERSED;
		bool taken = pipeline_app_stream(pipeline, flow, packet->ts_ns);
		if ((flow->flags & FLOW_REVERSED) != before) // the application knew better who the server is
			packet->direction = direction_other(packet->direction);
		return taken;
	}
	if (packet->proto == PROTO_UDP && packet->payload.len)
		return pipeline_app_datagram(pipeline, flow, packet);
	return false;
}

static void name_unclaimed(struct pipeline *pipeline, struct packet *packet, struct flow *flow)
{
	if (flow->app.flags & APP_NAMED || flow->app.parser || !packet->payload.len)
		return;
	if (packet->proto != flow->key.proto) // an ICMP error about one of its packets
		return;
	if (app_layer_name(pipeline->apps, flow, packet))
		flow->app.flags |= APP_NAMED;
}

// A packet without bytes that stands for the next one of flow in direction: lets rules see what is left.
static struct packet *pseudo_packet(struct pipeline *pipeline, struct flow *flow, enum direction direction)
{
	struct packet *packet = &pipeline->pseudo;
	bool back = (direction == TO_CLIENT);
	*packet = (struct packet) {
		.ts_ns = flow->last_ns,
		.flags = PACKET_PSEUDO | (flow->state == FLOW_NEW ? 0u : PACKET_STREAM_EST),
		.ip_version = flow->key.ip_version,
		.proto = flow->key.proto,
		.src = back ? flow->key.dst : flow->key.src,
		.dst = back ? flow->key.src : flow->key.dst,
		.sport = back ? flow->key.dport : flow->key.sport,
		.dport = back ? flow->key.sport : flow->key.dport,
		.direction = direction,
		.flow = flow,
		.interface = flow->key.interface,
	};
	packet->vlan_count = (uint8_t)flow->vlan_count;
	for (unsigned i = 0; i < PACKET_VLANS_MAX; i++)
		packet->vlan[i] = flow->vlan[i];
	return packet;
}

// Will flow's transactions be freed before its other side speaks again? That side's rules must see them now: an
// answer is read with the packet that acknowledges it, the client's.
static bool transactions_go_early(const struct pipeline *pipeline, const struct flow *flow)
{
	return flow->app.flags & APP_CHANGING || flow->app.tx_live > pipeline->app_config.max_tx;
}

// The parser of a flow that held too much memory: what is there is told as at the flow's end, and given back.
static void end_application(struct pipeline *pipeline, const struct packet *packet, struct flow *flow)
{
	for (int direction = TO_SERVER; direction <= TO_CLIENT; direction++)
		inspect(pipeline, pseudo_packet(pipeline, flow, (enum direction)direction), flow, true, true);
	pipeline_export_transactions(pipeline, packet, flow, true);
	pipeline_app_close(pipeline, flow);
	flow->app.flags |= APP_NAMED;
}

static void packet_with_flow(struct pipeline *pipeline, struct packet *packet, struct flow *flow)
{
	if (flow->flags & FLOW_DROPPED && pipeline->drops_enabled) {
		drop_of_flow(pipeline, packet, flow);
		return;
	}
	bool drop = false;
	bool bypassed = flow->flags & FLOW_BYPASS;
	bool app_updated = reassemble(pipeline, packet, flow, &drop);
	name_unclaimed(pipeline, packet, flow);
	pipeline_export_packet(pipeline, packet, flow);
	inspect(pipeline, packet, flow, false, app_updated);
	pipeline_observe_probe(pipeline, packet);
	if (flow->flags & FLOW_BYPASS && !bypassed) // a rule's bypass keyword
		flow_table_set_state(pipeline->flows, flow, FLOW_BYPASSED);
	if (drop && !(packet->flags & PACKET_DROPPED))
		drop_by_stream(pipeline, packet, flow);
	if (flow->app.tx_first && transactions_go_early(pipeline, flow))
		inspect(pipeline, pseudo_packet(pipeline, flow, direction_other(packet->direction)), flow, false, true);
	if (flow->app.flags & APP_OVER_MEMORY && flow->app.parser)
		end_application(pipeline, packet, flow);
	if (flow->app.tx_first) {
		pipeline_export_transactions(pipeline, packet, flow, false);
		pipeline_app_clean(pipeline, flow);
	}
	if (packet->proto == PROTO_TCP && packet->l4)
		tcp_session_packet_done(pipeline->streams, packet);
}

static void one_packet(struct pipeline *pipeline, struct packet *packet)
{
	struct flow *flow = NULL;
	if (!(packet->flags & PACKET_INVALID))
		flow = flow_table_lookup(pipeline->flows, packet);
	if (flow) {
		packet_with_flow(pipeline, packet, flow);
		pipeline_evidence_packet(pipeline, flow);
	} else {
		pipeline_export_packet(pipeline, packet, NULL);
		inspect(pipeline, packet, NULL, false, false);
	}
}

// A frame, the flows that end with the time after it, and those that end because another capture begins: other workers' records of the same step may
// come between, of another step not. number UINT64_MAX: behind all frames.
enum step { STEP_FRAME, STEP_TICK, STEP_RESTART, STEPS };

static uint64_t order_of(uint64_t number, enum step step)
{
	return number == UINT64_MAX ? UINT64_MAX - 1 : number * STEPS + step;
}

uint64_t pipeline_frame_of(uint64_t order)
{
	return order < UINT64_MAX - 1 ? order / STEPS : 0;
}

void pipeline_frame(struct pipeline *pipeline, const struct capture_frame *frame)
{
	pipeline->order = order_of(frame->number, STEP_FRAME);
	if (frame->checksums != FRAME_CHECKSUMS_OWN)
		packet_decoder_set_verify(pipeline->decoder, frame->checksums == FRAME_CHECKSUMS_VERIFY);
	packet_decode(pipeline->decoder, frame->bytes, frame->wire_len, frame->ts_ns, frame->number, frame->linktype,
		&pipeline->batch);
	bool dropped = false;
	for (unsigned i = 0; i < pipeline->batch.count; i++) {
		one_packet(pipeline, &pipeline->batch.packets[i]);
		dropped |= pipeline->batch.packets[i].flags & PACKET_DROPPED;
	}
	pipeline_evidence_frame(pipeline, frame);
	pipeline->counters[dropped ? PIPELINE_COUNT_IPS_BLOCKED : PIPELINE_COUNT_IPS_ACCEPTED] +=
		pipeline->drops_enabled;
	record_ring_progress(pipeline->ring, pipeline->order);
}

static void end_flow(struct pipeline *pipeline, struct flow *flow)
{
	bool dropped = flow->flags & FLOW_DROPPED && pipeline->drops_enabled;
	bool left = flow->app.tx_first != NULL;
	bool streams = tcp_session_present(flow) && !dropped;
	if (streams)
		tcp_session_finish(pipeline->streams, flow);
	// A direction's rules see what its own bytes told, as they would have with a packet more
	for (int direction = TO_SERVER; direction <= TO_CLIENT && (left || streams) && !dropped; direction++) {
		if (streams)
			pipeline_app_stream_end(pipeline, flow, (enum direction)direction, flow->last_ns);
		inspect(pipeline, pseudo_packet(pipeline, flow, (enum direction)direction), flow, true, true);
	}
	if (flow->flags & FLOW_LISTED && !left && !streams && !dropped)
		inspect_named(pipeline, pseudo_packet(pipeline, flow, TO_SERVER), flow);
	if (pipeline->reputation)
		reputation_flow_gone(pipeline->reputation, flow);
	if (flow->app.tx_first && !dropped)
		pipeline_export_transactions(pipeline, pseudo_packet(pipeline, flow, TO_SERVER), flow, true);
	app_layer_name_end(pipeline->apps, flow);
	pipeline_export_flow(pipeline, flow, false, flow->last_ns);
	pipeline_observe(pipeline, flow);
	engine_flow_free(pipeline->engine, flow);
	pipeline_app_close(pipeline, flow);
	if (tcp_session_present(flow))
		tcp_session_free(pipeline->streams, flow);
	flow_release(pipeline->flows, flow);
}

#define RELIEF_FLOWS   16u   // that give their applications' memory back, at most a tick
#define RELIEF_BUCKETS 1024u // of the flow table looked through for each of them

// The slab refused somebody memory since the last tick: the applications that hold most give it back, whoever they are, so that flows after them
// are not the ones who pay.
static void relieve(struct pipeline *pipeline)
{
	uint64_t refused = slab_refused(pipeline->slab);
	if (refused == pipeline->slab_refused)
		return;
	pipeline->slab_refused = refused;
	size_t enough = slab_budget_bytes(pipeline->slab) / 16 * 15;
	for (unsigned i = 0; i < RELIEF_FLOWS && slab_used_bytes(pipeline->slab) > enough; i++) {
		struct flow *flow = flow_table_heaviest(pipeline->flows, RELIEF_BUCKETS);
		if (!flow)
			continue;
		app_layer_give_up(flow);
		pipeline->counters[PIPELINE_COUNT_SLAB_RELIEVED]++;
		end_application(pipeline, pseudo_packet(pipeline, flow, TO_SERVER), flow);
		for (int direction = TO_SERVER; direction <= TO_CLIENT && tcp_session_present(flow); direction++)
			tcp_session_app_stop(flow, (enum direction)direction);
	}
}

void pipeline_tick(struct pipeline *pipeline, uint64_t now_ns, uint64_t number)
{
	pipeline->order = order_of(number, STEP_TICK);
	struct flow *flow;
	while ((flow = flow_table_expire(pipeline->flows, now_ns)))
		end_flow(pipeline, flow);
	while ((flow = flow_table_report(pipeline->flows, now_ns)))
		pipeline_export_flow(pipeline, flow, true, now_ns);
	relieve(pipeline);
	pipeline_take_rules(pipeline);
	if (pipeline->sightings)
		sighting_cache_tick(pipeline->sightings, now_ns);
	record_ring_progress(pipeline->ring, pipeline->order);
}

static void end_all(struct pipeline *pipeline)
{
	struct flow *flow;
	while ((flow = flow_table_end_all(pipeline->flows)))
		end_flow(pipeline, flow);
}

void pipeline_restart(struct pipeline *pipeline)
{
	pipeline->order++; // STEP_RESTART behind the tick
	end_all(pipeline);
	record_ring_progress(pipeline->ring, pipeline->order);
}

void pipeline_finish(struct pipeline *pipeline)
{
	pipeline->order = UINT64_MAX;
	end_all(pipeline);
	if (pipeline->sightings)
		sighting_cache_flush(pipeline->sightings);
	pipeline_publish(pipeline);
	record_ring_close(pipeline->ring);
	if (pipeline->files.ring)
		record_ring_close(pipeline->files.ring);
	atomic_store_explicit(&pipeline->finished, true, memory_order_release);
}

const struct engine_worker *pipeline_inspector(const struct pipeline *pipeline)
{
	return pipeline->engine;
}

struct record_ring *pipeline_ring(struct pipeline *pipeline)
{
	return pipeline->ring;
}

void pipeline_set_source(struct pipeline *pipeline, const char *interface, const char *file)
{
	eve_writer_set_source(pipeline->eve, interface, file);
}

void pipeline_trace(struct pipeline *pipeline, struct engine_trace *trace)
{
	engine_worker_trace(pipeline->engine, trace);
}

// Hashes, types and names cost more than most of the way of a packet: they are made only where an event or a rule reads them.
static void leave_out_unread(struct app_config *app, const struct pipeline_options *options)
{
	const struct eve_config *eve = &options->config->eve;
	const struct reputation_config *reputation = &options->config->reputation;
	const struct rule_needs *needs = &options->needs;
	bool lists = options->reputation &&
		     (reputation->feeds || reputation->lists.count || !reputation_is_empty(options->reputation));

	app->hash_md5 &= eve->fileinfo || needs->file_hashes || lists;
	app->hash_sha1 &= eve->fileinfo || needs->file_hashes || lists;
	app->hash_sha256 &= eve->fileinfo || needs->file_hashes || lists;
	app->magic &= eve->fileinfo || needs->magic || options->config->heuristics.enabled;
	app->ndpi_enabled &= eve->flow;
	app->rules_use_ja3 = needs->ja3;
	app->rules_use_ja4 = needs->ja4;
	app->frame_protos = eve->frame ? UINT64_MAX : needs->frame_protos;
}

struct pipeline *pipeline_new(const struct pipeline_options *options)
{
	const struct sensor_config *config = options->config;
	struct pipeline *pipeline = calloc(1, sizeof(*pipeline));
	if (!pipeline)
		return NULL;
	pipeline->config = config;
	pipeline->home = options->home;
	pipeline->lossless = options->lossless;
	pipeline->drops_enabled = options->drops_enabled;
	pipeline->flow_config = config->flow;
	pipeline->flow_config.workers = options->workers;
	pipeline->stream_config = config->stream;
	pipeline->stream_config.workers = options->workers;
	pipeline->app_config = config->app;
	leave_out_unread(&pipeline->app_config, options);
	pipeline->app_config.hash_sha256 |= config->file_store.enabled; // it is what a stored file is called
	pipeline->stream_config.file_depth_bytes = config->file_store.depth;
	bool ready =
		(pipeline->slab = slab_new(config->capture.worker_memory_bytes)) &&
		(pipeline->decoder = packet_decoder_new(&config->packet)) &&
		(pipeline->flows = flow_table_new(&pipeline->flow_config, pipeline->slab)) &&
		(pipeline->streams = stream_engine_new(&pipeline->stream_config, pipeline->slab, pipeline->flows)) &&
		(pipeline->apps = app_layer_new(&pipeline->app_config, pipeline->slab)) &&
		(pipeline->engine = engine_worker_new(options->engine, pipeline->slab, pipeline->streams)) &&
		(!options->config->heuristics.enabled ||
			(pipeline->heuristics = heuristics_worker_new(
				 &options->config->heuristics, &options->config->reputation.own_domains))) &&
		(!options->reputation ||
			(pipeline->reputation = reputation_worker_new(options->reputation, options->drops_enabled))) &&
		(pipeline->eve = eve_writer_new(&config->eve, options->home, pipeline->engine)) &&
		(pipeline->ring = record_ring_new(config->capture.record_ring_bytes)) &&
		(options->collector_thresholds ||
			(pipeline->thresholds = threshold_table_new(THRESHOLD_MEMORY_BYTES))) &&
		(!options->sightings || pipeline_sightings_init(pipeline)) &&
		pipeline_files_init(pipeline, options->file_store, options->needs.file_store) &&
		pipeline_counters_init(pipeline);
	if (!ready) {
		log_error("a worker could not be set up: out of memory, or a setting above");
		pipeline_free(pipeline);
		return NULL;
	}
	if (pipeline->heuristics)
		heuristics_worker_set_home(pipeline->heuristics, options->home);
	pipeline_files_attach(pipeline);
	pipeline_domains_init(pipeline, options);
	if (options->resolved && pipeline->reputation)
		pipeline_resolved_init(pipeline);
	return pipeline;
}

void pipeline_free(struct pipeline *pipeline)
{
	if (!pipeline)
		return;
	pipeline_counters_fini(pipeline);
	if (pipeline->thresholds)
		threshold_table_free(pipeline->thresholds);
	if (pipeline->ring)
		record_ring_free(pipeline->ring);
	if (pipeline->eve)
		eve_writer_free(pipeline->eve);
	reputation_worker_free(pipeline->reputation);
	heuristics_worker_free(pipeline->heuristics);
	sighting_cache_free(pipeline->sightings);
	if (pipeline->engine)
		engine_worker_free(pipeline->engine);
	if (pipeline->apps)
		app_layer_free(pipeline->apps);
	if (pipeline->streams)
		stream_engine_free(pipeline->streams);
	if (pipeline->flows)
		flow_table_free(pipeline->flows);
	if (pipeline->decoder)
		packet_decoder_free(pipeline->decoder);
	pipeline_files_fini(pipeline);
	slab_destroy(pipeline->slab);
	free(pipeline);
}
