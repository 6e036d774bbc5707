// SPDX-License-Identifier: GPL-3.0-or-later
// Pipeline: the one place that calls the stages in order, for one worker:
// capture -> decode -> flow -> reassembly -> application -> inspect -> verdict -> export.
//
// Life cycle   pipeline_new -> pipeline_frame / pipeline_tick ... -> pipeline_finish (ends every flow) -> pipeline_free
// Memory       one slab for flows, streams and transactions; a ring for the events on their way out; all made at start
// Threads      one pipeline belongs to one worker thread; its ring has one reader, the collector; pipeline_publish copies its counters into
//              a block that any thread may read
#pragma once
#include <stdatomic.h>
#include "export/evidence/file_store.h"
#include "export/record/record.h"
#include "sensor/capture/capture.h"
#include "sensor/config/config.h"
#include "signatures/engine/engine.h"
#include "signatures/engine/trace.h"

#define THRESHOLD_MEMORY_BYTES (16u << 20) // of one threshold table

struct pipeline;

// What the loaded rules read that costs to make.
struct rule_needs {
	bool magic, file_hashes, ja3, ja4, file_store;
	uint64_t frame_protos; // a bit a protocol (enum app_proto)
};

struct pipeline_options {
	const struct sensor_config *config;
	const struct engine *engine;         // borrowed
	const struct reputation *reputation; // borrowed; NULL: none
	const struct address_set *home;      // HOME_NET; NULL unknown
	struct rule_needs needs;
	struct file_store *file_store; // borrowed; NULL: no files are stored
	unsigned workers;              // all of them: budgets are shared out by it
	bool lossless;                 // capture files: wait for room in the record ring instead of counting a loss
	bool drops_enabled;            // inline or simulated
	bool collector_thresholds;     // several workers: thresholds are the collector's
	uint64_t domain_seed;          // of the site's memory of domains
	bool domains;                  // there is one: domains that are used are handed to it (RECORD_DOMAIN)
	bool resolved; // somebody knows what hosts have resolved: it is handed to him (RECORD_RESOLVED), and asked for (finding.far_end)
	bool sightings; // what flows name is handed to who keeps it (RECORD_SIGHTING)
};

// NULL with the reason logged.
struct pipeline *pipeline_new(const struct pipeline_options *options);
void pipeline_free(struct pipeline *pipeline);

// Name of the capture source for events; NULL none. Valid until set again.
void pipeline_set_source(struct pipeline *pipeline, const char *interface, const char *file);
void pipeline_frame(struct pipeline *pipeline, const struct capture_frame *frame);
// Records why chosen rules do not match (signatures/engine/trace.h); before the first frame. NULL: stops that.
void pipeline_trace(struct pipeline *pipeline, struct engine_trace *trace);
// Packet time now_ns has come (frame number: order of what it causes): flows end, long flows are reported. Call regularly: what ends when
// depends on these calls alone, so that the outcome is the same for any number of workers.
void pipeline_tick(struct pipeline *pipeline, uint64_t now_ns, uint64_t number);
// Number of the frame that gave a record of that order, or after which it came; 0: the end of the run.
uint64_t pipeline_frame_of(uint64_t order);
// Another capture begins, earlier than what was read last: ends every flow, so that none goes on in it.
void pipeline_restart(struct pipeline *pipeline);
// Ends every flow and closes the ring.
void pipeline_finish(struct pipeline *pipeline);

// Reload. Any thread: offers rules, which the pipeline takes at its next tick; one offer at a time. offer is the caller's, for as long
// as it waits; taken: offer->worker is the worker used before, unused from then on. The pipeline then puts a RECORD_MARK into its ring.
// That takes constant time: a flow is taken over with its next packet. What has a name goes on (flow bits and variables, bits of hosts,
// pairs and transactions), thresholds and tags too; half-matched rules are forgotten, and transactions that still live are looked at again.
struct pipeline_offer {
	struct engine_worker *worker; // NULL: only reputation changes
	const struct address_set *home;
	uint64_t frame_protos;               // as in rule_needs
	const struct reputation *reputation; // there exactly when there was one at start
	atomic_bool taken;
};
// NULL: out of memory. To be made by the caller of pipeline_offer_rules, and freed by it when no pipeline took it.
struct engine_worker *pipeline_engine_worker(const struct pipeline *pipeline, const struct engine *engine);
void pipeline_offer_rules(struct pipeline *pipeline, struct pipeline_offer *offer);
// Any thread: pipeline_finish is over, no offer will be taken any more.
bool pipeline_finished(const struct pipeline *pipeline);

// What inspects its packets, for what it counted; when the pipeline is finished.
const struct engine_worker *pipeline_inspector(const struct pipeline *pipeline);
struct record_ring *pipeline_ring(struct pipeline *pipeline);
// What it hands to the file store; NULL: nothing.
struct record_ring *pipeline_file_ring(struct pipeline *pipeline);

// Counters, by name; names are the same for every pipeline. publish copies them, read adds them to sums.
size_t pipeline_counter_count(const struct pipeline *pipeline);
const char *pipeline_counter_name(const struct pipeline *pipeline, size_t index);
void pipeline_publish(struct pipeline *pipeline);
void pipeline_read(const struct pipeline *pipeline, uint64_t *sums);

#define PIPELINE_COUNTERS(X)                                                                 \
	X(PIPELINE_COUNT_EVENTS, "export.events")                                            \
	X(PIPELINE_COUNT_EVENTS_LOST, "export.events_lost")                                  \
	X(PIPELINE_COUNT_EVENTS_TOO_LARGE, "export.events_too_large")                        \
	X(PIPELINE_COUNT_RING_WAITS, "export.ring_waits")                                    \
	X(PIPELINE_COUNT_SIGHTINGS, "sightings.given")                                       \
	X(PIPELINE_COUNT_SIGHTINGS_LOST, "sightings.given_lost")                             \
	X(PIPELINE_COUNT_EVIDENCE_FRAMES, "evidence.frames")                                 \
	X(PIPELINE_COUNT_EVIDENCE_ASKED, "evidence.frames_asked")                            \
	X(PIPELINE_COUNT_EVIDENCE_CUT, "evidence.frames_cut")                                \
	X(PIPELINE_COUNT_EVIDENCE_LOST, "evidence.frames_lost")                              \
	X(PIPELINE_COUNT_FILES_KEPT, "file_store.files")                                     \
	X(PIPELINE_COUNT_FILES_LOST, "file_store.files_lost")                                \
	X(PIPELINE_COUNT_FILES_REFUSED, "file_store.files_refused")                          \
	X(PIPELINE_COUNT_FILES_OPEN_MAX, "file_store.open_files_max_hit")                    \
	X(PIPELINE_COUNT_FILES_NOTES_LOST, "file_store.notes_lost")                          \
	X(PIPELINE_COUNT_FILES_WAITS, "file_store.ring_waits")                               \
	X(PIPELINE_COUNT_IPS_ACCEPTED, "ips.accepted")                                       \
	X(PIPELINE_COUNT_IPS_BLOCKED, "ips.blocked")                                         \
	X(PIPELINE_COUNT_IPS_REJECTED, "ips.rejected")                                       \
	X(PIPELINE_COUNT_DROP_RULES, "ips.drop_reason.rules")                                \
	X(PIPELINE_COUNT_DROP_RULES_THRESHOLD, "ips.drop_reason.threshold_detection_filter") \
	X(PIPELINE_COUNT_DROP_FLOW, "ips.drop_reason.flow_drop")                             \
	X(PIPELINE_COUNT_DROP_FLOW_POLICY, "ips.drop_reason.exception_policy_flow_drop")     \
	X(PIPELINE_COUNT_DROP_STREAM_ERROR, "ips.drop_reason.stream_error")                  \
	X(PIPELINE_COUNT_DROP_STREAM_MIDSTREAM, "ips.drop_reason.stream_midstream")          \
	X(PIPELINE_COUNT_ALERTS, "detect.alert")                                             \
	X(PIPELINE_COUNT_ALERTS_SUPPRESSED, "detect.alerts_suppressed")                      \
	X(PIPELINE_COUNT_DETECTORS_SUPPRESSED, "detect.detectors_suppressed")                \
	X(PIPELINE_COUNT_ALERTS_LOST, "detect.alert_queue_overflow")                         \
	X(PIPELINE_COUNT_SLAB_USED, "memory.slab_used")                                      \
	X(PIPELINE_COUNT_SLAB_PEAK, "memory.slab_peak")                                      \
	X(PIPELINE_COUNT_SLAB_REFUSED, "memory.slab_refused")                                \
	X(PIPELINE_COUNT_SLAB_RELIEVED, "memory.flows_relieved")
#define PIPELINE_COUNTER_CONSTANT(constant, name) constant,
enum pipeline_counter { PIPELINE_COUNTERS(PIPELINE_COUNTER_CONSTANT) PIPELINE_COUNTERS_END };
