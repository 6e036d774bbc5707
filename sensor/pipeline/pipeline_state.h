// SPDX-License-Identifier: GPL-3.0-or-later
// State of one pipeline, shared by the files of sensor/pipeline that run its stages. Private to the folder.
#pragma once
#include "decoders/app/files/file_keeper.h"
#include "export/eve/eve.h"
#include "sensor/pipeline/pipeline.h"
#include "sensor/sightings/sighting_cache.h"
#include "signatures/heuristics/heuristics.h"
#include "signatures/reputation/named_list.h"
#include "signatures/verdict/verdict.h"

// What goes to the file store; ring NULL: nothing does.
struct pipeline_files {
	struct file_store *store;
	struct record_ring *ring;
	struct file_keeper keeper;
	uint16_t *idle, *dying; // numbers of files: free, and of files the store has not been told to forget
	uint32_t idle_count, dying_count;
};

// What one inspection names (pipeline_detect.c).
struct pipeline_names {
	bool lists;   // there are indicators
	bool rules;   // are to be run ...
	bool through; // ... and have been
	bool wanted;  // somebody looks at it
	bool again;   // the flow's ends, in a new generation
	struct named_list list;
	struct lookup_ahead ahead[NAMED_LIST_MAX]; // of the list's items
};

struct pipeline {
	const struct sensor_config *config;
	struct slab *slab;
	uint64_t slab_refused; // requests, when memory was last asked back
	struct packet_decoder *decoder;
	struct flow_table *flows;
	struct stream_engine *streams;
	struct app_layer *apps;
	struct engine_worker *engine;
	struct reputation_worker *reputation; // NULL: off
	struct heuristics_worker *heuristics; // NULL: off
	struct named_reader named;
	struct pipeline_names names;
	struct sighting_cache *sightings; // NULL: off
	const struct address_set *home;   // HOME_NET; NULL unknown
	struct eve_writer *eve;
	struct threshold_table *thresholds; // NULL: the collector's
	struct record_ring *ring;
	struct pipeline_offer *_Atomic offer; // rules to be taken at the next tick; NULL none
	atomic_bool finished;                 // no tick will come
	bool mark_due;                        // rules were taken, and the ring does not say so yet
	struct flow_config flow_config;       // the configured ones, with the number of workers
	struct stream_config stream_config;
	struct app_config app_config; // without what no event and no rule would read
	bool lossless, drops_enabled;
	bool evidence_wanted; // the frame at work is to be kept
	bool evidence_asked;  // ... if one of its findings is told, which the collector decides
	uint64_t order;       // number of the frame at work: order of its records
	uint64_t counters[PIPELINE_COUNTERS_END];
	_Atomic uint64_t *published; // pipeline_counter_count() values
	const char **counter_names;
	size_t counter_count;
	struct pipeline_files files;
	struct packet_batch batch;
	struct findings findings;
	struct packet pseudo;
};

// Application stage (pipeline_app.c): gives packet's flow what its stream or datagram holds. True when the application layer took anything.
bool pipeline_app_stream(struct pipeline *pipeline, struct flow *flow, uint64_t now_ns);
// At a flow's end: what is left of one direction. The other one is fed too only when the protocol was found in it.
void pipeline_app_stream_end(struct pipeline *pipeline, struct flow *flow, enum direction direction, uint64_t now_ns);
bool pipeline_app_datagram(struct pipeline *pipeline, struct flow *flow, const struct packet *packet);
void pipeline_app_clean(struct pipeline *pipeline, struct flow *flow);
void pipeline_app_close(struct pipeline *pipeline, struct flow *flow);

// Inspect stage (pipeline_detect.c): rules, unless there is nothing left for them, and what the packet's flow names of a far end for all who want to know. Fills findings.
void pipeline_detect(struct pipeline *pipeline, const struct inspection *inspection, bool rules);

// What was named, for who keeps what was seen (pipeline_sightings.c).
bool pipeline_sightings_init(struct pipeline *pipeline);
void pipeline_sighting(struct pipeline *pipeline, const struct inspection *inspection, const struct named *named);

// Domains that are used, for who knows the site's (pipeline_domains.c).
void pipeline_domains_init(struct pipeline *pipeline, const struct pipeline_options *options);
// Says of the findings from index first on what domain they name; named NULL: they are about the flow.
void pipeline_domains_mark(
	struct pipeline *pipeline, const struct inspection *inspection, const struct named *named, uint32_t first);

// What hosts have resolved, for who weighs their sessions by it (pipeline_resolved.c).
void pipeline_resolved_init(struct pipeline *pipeline);

// Export stage (pipeline_events.c).
// A record to fill, with its order set; NULL: no room (live: counted as lost). For capture files the worker waits for the collector.
struct record *pipeline_reserve(struct pipeline *pipeline);
void pipeline_export_packet(struct pipeline *pipeline, const struct packet *packet, const struct flow *flow);
void pipeline_export_frames(struct pipeline *pipeline, const struct packet *packet, struct flow *flow);
void pipeline_export_findings(
	struct pipeline *pipeline, const struct packet *packet, const struct flow *flow, const struct verdict *verdict);
void pipeline_export_tagged(struct pipeline *pipeline, const struct packet *packet, struct flow *flow);
void pipeline_export_transactions(
	struct pipeline *pipeline, const struct packet *packet, struct flow *flow, bool flow_ended);
void pipeline_export_flow(struct pipeline *pipeline, const struct flow *flow, bool alive, uint64_t now_ns);
void pipeline_export_drop(
	struct pipeline *pipeline, const struct packet *packet, struct flow *flow, const struct verdict *verdict);

// Evidence stage (pipeline_evidence.c): packet alerted; a packet of flow was handled; the frame they came in is done.
void pipeline_evidence_alert(struct pipeline *pipeline, const struct packet *packet, struct flow *flow);
void pipeline_evidence_findings(struct pipeline *pipeline, const struct packet *packet);
void pipeline_evidence_packet(struct pipeline *pipeline, struct flow *flow);
void pipeline_evidence_frame(struct pipeline *pipeline, const struct capture_frame *frame);

// Files stage (pipeline_files.c). attach: once the application layer is there.
struct app_tx;
struct file;
bool pipeline_files_init(struct pipeline *pipeline, struct file_store *store, bool rules_choose);
void pipeline_files_fini(struct pipeline *pipeline);
void pipeline_files_attach(struct pipeline *pipeline);
// Keeps file, once it is whole and something chose it.
void pipeline_files_settle(
	struct pipeline *pipeline, struct flow *flow, const struct app_tx *tx, struct file *file, bool flow_ended);
// The event of a stored file.
void pipeline_files_note(struct pipeline *pipeline, const struct file *file, uint64_t ts_ns, struct span line);

// Observations for behaviour (pipeline_observe.c): that flow ended.
void pipeline_observe(struct pipeline *pipeline, const struct flow *flow);
// ... and that packet, a flow's first, opens it as no TCP does: without SYN, ACK and RST (FIN, NULL and XMAS scans).
void pipeline_observe_probe(struct pipeline *pipeline, const struct packet *packet);

// Reload (pipeline_reload.c): takes rules that were offered. Between packets only.
void pipeline_take_rules(struct pipeline *pipeline);

// Counters (pipeline_counters.c).
bool pipeline_counters_init(struct pipeline *pipeline);
void pipeline_counters_fini(struct pipeline *pipeline);
