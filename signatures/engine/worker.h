// SPDX-License-Identifier: GPL-3.0-or-later
// Worker: the inside of an engine and of an engine_worker, shared by the engine's sources only.
#pragma once
#include <stdatomic.h>
#include <time.h>
#include "signatures/engine/engine.h"
#include "signatures/engine/engine_state.h"
#include "signatures/engine/group.h"
#include "signatures/engine/host_bits.h"
#include "signatures/engine/trace.h"
#include "signatures/match/buffer_match.h"
#include "signatures/match/transform.h"

#define VALUES_KEPT           4     // values of a multi buffer kept during a pass
#define VALUES_READ_MAX       65536 // of the others, in a pass: rules times values is what a sender can make long
#define TRANSFORM_ARENA_BYTES (2u << 20)
#define HOST_TAGS_MAX         64 // hosts tagged at once
#define HOST_BITS_ENTRIES     (1u << 16)
#define PACKET_VARS_MAX       64
#define PACKET_VAR_BYTES      (64u << 10) // of all variables of a packet

struct engine {
	const struct rule_set *set;
	struct engine_config config;
	struct region region;
	struct plan_set plans;
	struct prefilter_store store;
	struct groups groups;
	struct engine_facts facts;
	// Of rules that ran over a budget, by rule: the one thing workers write in a generation. Rare: each count is thousands of steps.
	struct over_count {
		atomic_uint_least64_t steps, pcre;
	} * over;
};

enum value_state { VALUE_UNKNOWN, VALUE_ABSENT, VALUE_THERE, VALUE_WAITING /* a body with too little yet */ };

// What a buffer key gave in this pass.
struct value_slot {
	uint32_t stamp;
	uint8_t state[VALUES_KEPT]; // enum value_state
	struct field_value values[VALUES_KEPT];
	uint64_t ends[VALUES_KEPT]; // in the whole value, before transforms
};

// What the rules that matched captured for the packet at hand and its alerts.
struct packet_vars {
	const struct packet *packet;
	uint32_t count, used;
	struct packet_var {
		uint16_t var;
		bool json;               // text is ready JSON
		const struct rule *rule; // for its alert; NULL: the packet's
		const struct app_tx *tx; // the alert is about
		struct span key, text;
	} items[PACKET_VARS_MAX];
	uint8_t bytes[PACKET_VAR_BYTES];
};

struct engine_worker {
	const struct engine *engine;
	struct slab *slab;
	struct stream_engine *streams;
	struct pattern_scratch *scratch;
	struct buffer_matcher matcher; // its captures are ours to free
	struct packet_vars *packet_vars;
	struct field_scratch *field_scratch;
	struct transform_arena arena;
	struct candidates packet_rules, tx_rules;
	uint32_t *payload_tx; // transaction rules whose literal was in the payload
	uint32_t payload_tx_count;
	struct value_slot *values; // a slot a buffer key
	uint32_t value_stamp;
	uint32_t values_read;      // in this pass, of those that are not kept
	uint32_t *address_memo[2]; // by address set, of source and destination: stamp << 1 | answer
	uint32_t address_stamp;
	struct host_bits *hosts;
	bool host_tags; // some rule tags hosts
	uint32_t host_tag_count;
	struct host_tag {
		struct address address;
		struct flow_tag tag;
	} * tagged_hosts; // HOST_TAGS_MAX; NULL unless host_tags
	struct engine_profile *profile;
	struct engine_stages stages; // with profile
	struct engine_trace *trace;  // NULL: not asked for
	uint64_t counters[ENGINE_COUNTERS_END];

	// The inspection at hand
	const struct inspection *now;
	struct findings *findings;
	uint32_t traits;
	uint8_t proto_bit, class;
	enum direction direction;
	bool stream_ready;
	struct stream_view stream;
	uint64_t app_events;     // flow-level events new to rules
	bool app_detected;       // detection in this direction has just ended
	const struct app_tx *tx; // of the pass at hand; NULL: packet
	struct tx_state *tx_state;
	bool pending_bodies;
};

// Is the packet one of the flow's own? An ICMP error that quotes a flow belongs to it too, and anybody can send one: it must not use up what
// is looked at once for the flow.
static inline bool is_own_packet(const struct engine_worker *worker)
{
	return worker->now->flow && worker->now->flow->key.proto == worker->now->packet->proto;
}

// Starts a pass: values read before are forgotten.
static inline void values_reset(struct engine_worker *worker)
{
	worker->value_stamp++;
	worker->values_read = 0;
	worker->field_scratch->used = 0;
	worker->arena.used = 0;
}

// Starts the evaluation of one rule: variables and captures of the one before are forgotten.
static inline void rule_reset(struct engine_worker *worker)
{
	memset(worker->matcher.vars, 0, sizeof(worker->matcher.vars));
	captures_reset(worker->matcher.captures);
}

// Time of a rule's evaluation, when it is asked for.
static inline uint64_t profile_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline uint64_t profile_start(const struct engine_worker *worker)
{
	return worker->profile ? profile_now() : 0;
}

// What began at start was a scan for literals.
static inline void profile_stage(struct engine_worker *worker, uint64_t start)
{
	if (worker->profile)
		worker->stages.prefilter_ns += profile_now() - start;
}

static inline void profile_end(struct engine_worker *worker, uint32_t rule, uint64_t start)
{
	if (!worker->profile)
		return;
	worker->profile[rule].checks++;
	worker->profile[rule].ns += profile_now() - start;
}

static inline void count_over(struct engine_worker *worker, uint32_t rule, bool steps, bool pcre)
{
	worker->counters[ENGINE_COUNT_STEP_LIMIT] += steps;
	worker->counters[ENGINE_COUNT_PCRE_LIMIT] += pcre;
	atomic_fetch_add_explicit(&worker->engine->over[rule].steps, steps, memory_order_relaxed);
	atomic_fetch_add_explicit(&worker->engine->over[rule].pcre, pcre, memory_order_relaxed);
	if (worker->profile) {
		worker->profile[rule].steps_over += steps;
		worker->profile[rule].pcre_over += pcre;
	}
}

// Adds the rules whose literal is in data to candidates; base: offset of data in the value.
static inline void scan_literals(struct engine_worker *worker, const struct prefilter *prefilter, struct span data,
	uint64_t base, struct candidates *candidates)
{
	data = prefilter_window(prefilter, data, base);
	if (data.len == 0)
		return;
	worker->counters[ENGINE_COUNT_SCANS]++;
	worker->counters[ENGINE_COUNT_SCANNED_BYTES] += data.len;
	uint64_t begun = profile_start(worker);
	prefilter_scan(&worker->engine->store, prefilter, worker->scratch, data, base, candidates);
	profile_stage(worker, begun);
}

// value.c: the index-th value of a key for the packet or the transaction of the pass, transforms done. VALUE_WAITING: a body that is too short yet.
enum value_state value_get(struct engine_worker *worker, uint16_t key, unsigned index, struct field_value *out);
// Remembers how far bodies were looked at in this pass.
void value_commit_bodies(struct engine_worker *worker);
struct field_source value_source(const struct engine_worker *worker);

// condition.c
enum answer { ANSWER_NO, ANSWER_YES };
// Does a condition of rule hold, as far as the pass at hand can tell?
enum answer condition_holds(struct engine_worker *worker, const struct plan *plan, const struct condition *condition);
bool buffer_holds(struct engine_worker *worker, const struct rule *rule, const struct rule_buffer *buffer,
	const struct field_value *value);

// packet_test.c: tests on headers and flow state, and what a match does to them.
bool header_fits(struct engine_worker *worker, const struct plan *plan);
bool packet_tests_hold(struct engine_worker *worker, const struct rule *rule);
void run_actions(struct engine_worker *worker, const struct rule *rule);
// file_choice.c: marks the files of tx that rule's filestore wants.
void choose_files(struct engine_worker *worker, const struct rule *rule, struct app_tx *tx);

// packet_rules.c
void inspect_packet_rules(struct engine_worker *worker);
// Rules on the stream alone, on one more stretch of it; those that fired on an earlier one do not again.
void inspect_stretch(struct engine_worker *worker);
// Payload and packet conditions of a rule. where: FOUND_STREAM is added when it was met in the stream.
bool packet_conditions_hold(struct engine_worker *worker, const struct plan *plan, uint8_t *where);
// tx_rules.c: uses tx_rules' candidates that payload literals gave.
void inspect_transactions(struct engine_worker *worker);
// variables.c: what rules captured, on the flow and on the packet.
void packet_vars_reset(struct engine_worker *worker, const struct packet *packet);
// rule matched: what it captured is kept.
void keep_captures(struct engine_worker *worker, const struct rule *rule, const struct app_tx *tx);
void keep_entropy(struct engine_worker *worker, const struct rule_buffer *buffer);
bool variable_holds(const struct engine_worker *worker, const struct rule_test *test);
// frame_rules.c
void inspect_frames(struct engine_worker *worker);
void pass_frames(struct engine_worker *worker); // nobody will look at the flow's frames
// tag.c: packets that rules want logged after their match.
void host_tag_set(struct engine_worker *worker, const struct rule_tag *tag);
// inspect.c
void add_finding(struct engine_worker *worker, const struct plan *plan, uint8_t where, struct app_tx *tx);
// trace.c: with worker->trace set. What stands in the way of the traced rules on the packet, in the transaction of the pass; an alert of rule.
void trace_packet(struct engine_worker *worker);
void trace_tx(struct engine_worker *worker, uint8_t progress);
void trace_matched(struct engine_worker *worker, const struct rule *rule);
