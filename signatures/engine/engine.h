// SPDX-License-Identifier: GPL-3.0-or-later
// Engine: finds which rules a packet, its stream and its transactions meet.
//
// Life cycle   engine_build makes an immutable generation from a rule set; each worker makes an engine_worker on it, calls engine_inspect
//              for every packet and engine_flow_free / engine_tx_free for what ends; engine_free when no worker uses it
// Order        decode/stream events and packet conditions, payload (packet, then stream), transactions in the packet's direction. Findings
//              come sorted as Suricata orders them (rule index), once a rule and packet or transaction
// Memory       generation: malloc at build. Worker: scratch at start, per flow and transaction state from the worker's slab (bounded; over
//              budget is counted and the rule evaluated statelessly)
// Threads      the generation is read by all; an engine_worker belongs to one worker
#pragma once
#include "decoders/app/app_layer.h"
#include "decoders/stream/tcp_session.h"
#include "signatures/engine/finding_detail.h"
#include "signatures/rule/rule.h"

struct rule_set;

struct engine_config {
	uint64_t packet_alert_max; // findings kept a packet (15); the rest is counted
	uint64_t pcre_match_limit, pcre_recursion_limit;
	uint64_t rule_steps; // evaluation steps a rule and buffer may take; over it the rule does not match, counted
	uint64_t
		body_min_bytes; // bodies are first inspected with this much, or when complete (32 KiB request and response)
	uint64_t body_window_bytes; // then in windows that start this much before the new bytes (4 KiB)
	bool profile;               // count checks, matches and time per rule
	bool drops_enabled;         // inline or simulated
	bool inline_mode;           // bodies and stream are inspected as they come
	bool cache;                 // keep compiled Hyperscan databases
	char *cache_dir;            // where; NULL: the caller of engine_build chooses, or none are kept
	uint64_t cache_budget_bytes;
	uint32_t cache_from; // literals a set must have to be worth it; not an option
};
extern const struct option engine_options[];

struct engine;
struct engine_worker;

// Borrows set and config for life. NULL with the reason in error (size bytes).
struct engine *engine_build(const struct rule_set *set, const struct engine_config *config, char *error, size_t size);
// The same, but literal databases that like has too are shared with it instead of made again. like may be freed before or after the new engine, but
// not during the call. NULL: none.
struct engine *engine_build_like(const struct rule_set *set, const struct engine_config *config,
	const struct engine *like, char *error, size_t size);
void engine_free(struct engine *engine);

// What a build gave, for the summary and the tools.
struct engine_facts {
	uint32_t rules, groups, databases, patterns, rules_without_pattern;
	uint32_t databases_cached,
		databases_shared; // of databases: read from the cache; taken over from another engine
	uint64_t database_bytes;
	double compile_s;
};
void engine_facts(const struct engine *engine, struct engine_facts *out);

struct engine_worker *engine_worker_new(const struct engine *engine, struct slab *slab, struct stream_engine *streams);
void engine_worker_free(struct engine_worker *worker);
// After a reload: worker goes on where old stopped, with its counts and what it knows of hosts (bits, tags). Constant time. old is only to be freed.
void engine_worker_take_over(struct engine_worker *worker, struct engine_worker *old);

const struct rule_set *engine_worker_rules(const struct engine_worker *worker); // of its generation

enum finding_where {
	FOUND_PACKET = 1 << 0,
	FOUND_STREAM = 1 << 1,     // in the reassembled stream
	FOUND_TX = 1 << 2,         // in a transaction: tx is set
	FOUND_TX_GUESSED = 1 << 3, // a payload match put on the only live transaction
	FOUND_DROP_FLOW = 1 << 4,  // action goes to the whole flow
	FOUND_FRAME = 1 << 5,      // in a frame: frame is set
};

// A far end that is listed, in a flow that says nothing of it: who knows what its host has resolved lately tells the finding only if that is so.
enum far_end {
	FAR_END_ANY,
	FAR_END_BARE,     // it was not resolved
	FAR_END_RESOLVED, // from a name that nobody lists
	FAR_END_ALLOWED,  // from a name that is allowed
};

struct finding {
	const struct rule *rule;
	struct app_tx *tx; // NULL when it is not about one
	uint64_t tx_id;
	uint8_t where;   // enum finding_where
	uint8_t action;  // enum rule_action: the rule's, or a rate_filter's
	bool suppressed; // threshold says no event (action still holds)
	enum direction direction;
	const struct app_frame *frame;       // FOUND_FRAME; good until the flow's next data
	const struct finding_detail *detail; // a detector's reasoning; NULL for plain rules. Borrowed until exported
	uint64_t
		situation; // a detector's: what the collector makes one alert of, with the inside host; 0: each is told
	uint64_t indicator, repeats; // what it is about; and how often it was met untold
	struct address inside;       // the host here that it is about
	bool silenced;               // a detector's that a suppress line takes out
	uint8_t level;               // of the situation: one above what was told is told at once
	bool anywhere;               // one situation, whatever host here it is about
	uint8_t far_end; // enum far_end; what is not ANY or BARE marks nothing and counts as no alert until it is told
	uint64_t began_ns; // of what it is about; 0: its situation is not told with first_seen, last_seen and count
	bool of_host;      // about what that host did in many flows: marks none of them, and carries no transaction
	// Registered domain that it names (0: none), and what that must be for it to be told (enum told_if, enum domain_reason: signatures/heuristics/site_domains.h). What is not
	// TOLD_ALWAYS marks nothing and counts as no alert until the collector tells it
	bool domain_by_dns;
	uint8_t told_if, domain_reasons;
	uint64_t domain;
};

#define FINDINGS_MAX 256

struct findings {
	uint32_t count;
	uint32_t max;  // packet_alert_max: events written for a packet
	uint32_t lost; // over it, or over FINDINGS_MAX
	struct finding items[FINDINGS_MAX];
};

struct inspection {
	struct packet *packet; // a pseudo packet at a flow's end
	struct flow *flow;     // NULL: without state
	bool flow_ended;       // nothing will follow: what is incomplete is inspected as it is
	bool app_updated;      // the application layer has new data
};

// A pass rule, of the flow or in this packet, takes from detectors what it takes from rules.
bool inspection_passed(const struct inspection *inspection, const struct findings *findings);

// Fills findings (count reset). Rules' own post-match actions (flow bits ...) are done; noalert rules are left out unless their action drops or passes.
void engine_inspect(struct engine_worker *worker, const struct inspection *inspection, struct findings *findings);

void engine_tx_free(struct engine_worker *worker, struct flow *flow, struct app_tx *tx);
void engine_flow_free(struct engine_worker *worker, struct flow *flow);

// What rules noted, for EVE's metadata.
enum engine_var_kind {
	VAR_BIT,     // flowbits
	VAR_INT,     // flowints
	VAR_TEXT,    // flowvars, pktvars, alert.context
	VAR_ENTROPY, // metadata.entropy
	VAR_JSON,    // alert.context: text is ready JSON
};
struct engine_var {
	enum engine_var_kind kind;
	struct span name;
	uint64_t number;
	struct span text;
	double real;
};
typedef void engine_var_each(void *context, const struct engine_var *var);
#define ENGINE_VARS_ALL (~0u)
// kinds: a bit each (1 << VAR_INT); the others are passed over.
void engine_flow_vars(const struct engine_worker *worker, const struct flow *flow, unsigned kinds,
	engine_var_each *each, void *context);
// What rules captured for packet, the one inspected last; finding: what its rule captured for that alert instead. The texts are good
// until the next inspection.
void engine_packet_vars(const struct engine_worker *worker, const struct packet *packet, const struct finding *finding,
	engine_var_each *each, void *context);
// Packets left to log because of a tag; decremented by the call. False: none.
bool engine_tagged(struct engine_worker *worker, struct flow *flow, const struct packet *packet);

#define ENGINE_COUNTERS(X)                                        \
	X(ENGINE_COUNT_ALERTS, "detect.findings")                 \
	X(ENGINE_COUNT_PCRE_LIMIT, "detect.pcre_limit")           \
	X(ENGINE_COUNT_STEP_LIMIT, "detect.step_limit")           \
	X(ENGINE_COUNT_STATE_BUDGET, "detect.state_over_budget")  \
	X(ENGINE_COUNT_VALUE_BUDGET, "detect.values_over_budget") \
	X(ENGINE_COUNT_CHECKS, "detect.rule_checks")              \
	X(ENGINE_COUNT_PREFILTER_HITS, "detect.prefilter_hits")   \
	X(ENGINE_COUNT_SCANNED_BYTES, "detect.scanned_bytes")     \
	X(ENGINE_COUNT_SCANS, "detect.scans")
#define ENGINE_COUNTER_CONSTANT(constant, name) constant,
enum engine_counter { ENGINE_COUNTERS(ENGINE_COUNTER_CONSTANT) ENGINE_COUNTERS_END };
extern const char *const engine_counter_names[ENGINE_COUNTERS_END];
const uint64_t *engine_worker_counters(const struct engine_worker *worker);

// What each rule cost a worker, by rule index; NULL unless config.profile.
struct engine_profile {
	uint64_t checks, matches;
	uint64_t ns;                    // spent on its checks, machine time
	uint64_t steps_over, pcre_over; // evaluations stopped by rule_steps; expressions stopped by PCRE2's limits
};
const struct engine_profile *engine_worker_profile(const struct engine_worker *worker);

// Where a worker's time of inspection went, nanoseconds of machine time; zero unless config.profile. The rest of inspect_ns is spent on
// reading values, transforms, and what surrounds it all.
struct engine_stages {
	uint64_t inspect_ns;   // all of it
	uint64_t prefilter_ns; // looking for literals (Hyperscan)
	uint64_t evaluate_ns;  // candidates' conditions, PCRE2 included
	uint64_t pcre_ns;      // PCRE2, that of transforms included
};
void engine_worker_stages(const struct engine_worker *worker, struct engine_stages *out);

// A rule that ran over a budget, counted with and without profile, by all workers of its engine.
struct engine_over {
	const struct rule *rule;
	uint64_t steps, pcre; // as in engine_profile
};
// Fills rows (at most max) with such rules, the worst first, and gives how many there are in all. Any thread, as long as engine lives.
uint32_t engine_over_budget(const struct engine *engine, struct engine_over *rows, uint32_t max);
