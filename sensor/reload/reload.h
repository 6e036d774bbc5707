// SPDX-License-Identifier: GPL-3.0-or-later
// Reload: reads the rule files and indicators again while the sensor works, and has every worker go over to what they say.
//
// Life cycle   reload_new -> reload_start -> SIGHUP or reload_rules ... -> reload_stop (workers may have ended, pipelines still are)
//              -> (pipelines are freed) -> reload_free
// Generation   one rule set, the engine built from it and the indicators; immutable. Indicators can go over alone (reload_indicators): then the workers keep
//              their engine and all that rules remember. A new one is built by the reload thread, which also makes an engine worker
//              for every pipeline; each pipeline takes its own at its next tick, between two packets. A build that fails changes nothing
// Memory       two generations while one is built or retired, never three: records on their way to the collector refer to the rules that made
//              them, so the old generation is kept until the collector has taken from every worker's ring the mark that worker put behind its last
//              such record; the next reload begins after that
// Threads      one of its own; it takes locks that no worker takes. reload_rules may be called by any thread
#pragma once
#include "sensor/pipeline/pipeline.h"
#include "sensor/reload/rules_load.h"
#include "sensor/stats/stats.h"

struct reload;

struct reload_options {
	struct rules_request request;       // as at start; what it points to is borrowed
	const struct command_line *command; // borrowed: what the configuration is read again by; NULL: it is not
	struct pipeline *const *pipelines;
	unsigned count;
	// The collector's side. Marks it has taken out of the rings (RECORD_MARK), and what stats are to tell of rules from now on, with the set of these:
	// the one before goes after that.
	uint64_t (*marks)(void *context);
	void (*set_rules)(void *context, const struct stats_rules *rules, const struct rule_set *set);
	void (*set_config)(void *context, const struct sensor_config *config); // live settings; only good for the call
	void (*set_reputation)(void *context, struct reputation *reputation); // at work from now on; to be held if kept
	void *context;
};

// Takes rules over (the generation the pipelines began with), also when it fails: NULL: out of memory.
struct reload *reload_new(const struct reload_options *options, struct rules *rules);
bool reload_start(struct reload *reload);
// What a reload gave.
struct reload_answer {
	bool good;                    // false: what was at work before goes on
	char reason[640];             // when it is not good: what was wrong first, with file and line
	struct stats_rules rules;     // when it is
	uint32_t generation;          // of rules; the first is 1
	uint64_t indicators, allowed; // of reputation, then at work
	double seconds;               // until every worker had gone over
};
// Reloads and waits until every worker has gone over. False: the old rules go on (told in answer and in the log), or the sensor is ending.
// partial: rules that are wrong are left out, whatever the configuration says.
bool reload_rules(struct reload *reload, bool partial, struct reload_answer *answer);
// Reads only lists and feeds of indicators again, by the configuration at work: rules and what they remember are not touched.
bool reload_indicators(struct reload *reload, struct reload_answer *answer);
// Calls use with the configuration at work and HOME_NET of its rules (may be NULL); a full reload waits until use is done.
void reload_with_config(struct reload *reload,
	void (*use)(void *context, const struct sensor_config *config, const struct address_set *home), void *context);
// Calls use with the engine that packets meet now; it stays until use is done, and reloads wait for that.
void reload_use_engine(struct reload *reload, void (*use)(void *context, const struct engine *engine), void *context);
// Calls use with the rule set workers use now, or are about to: no reload frees or replaces it meanwhile. Any thread but use itself.
void reload_with_rules(struct reload *reload, void (*use)(void *context, const struct rule_set *set), void *context);
// Writes the sets of values that have a file: when no worker changes them any more.
void reload_save_sets(struct reload *reload);
// Ends the thread and everybody who waits in reload_rules. Pipelines that have not taken what they were offered keep what they have.
void reload_stop(struct reload *reload);
// Frees the generations. No pipeline may be left.
void reload_free(struct reload *reload);
