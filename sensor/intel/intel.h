// SPDX-License-Identifier: GPL-3.0-or-later
// Intel: what the verbs of `sekisho intel` share: configuration, feeds, the state folder and its lock, the audit log, compiling and the reload.
//
// Life cycle   intel_begin -> ... -> intel_end
// Memory       intel_begin allocates all of it, intel_end frees it
// Threads      one
#pragma once
#include <jansson.h>
#include "sensor/feeds/feed_plan.h"
#include "sensor/feeds/local_entries.h"
#include "sensor/verb/verb.h"

struct intel {
	struct sensor_config config;
	struct rule_set *set; // only for HOME_NET
	struct feed_plan *plan;
	struct feed_state state;
	bool no_reload;
};

// change: takes the state's lock, for which it waits a while, and sees that the audit log can be written. NULL with the exit code in *result.
struct intel *intel_begin(const struct verb_line *line, bool change, int *result);
void intel_end(struct intel *intel);
bool intel_is_locked(const struct intel *intel);

// One line of audit.jsonl; facts is dropped here. False: it could not be written (told).
bool intel_audit(const struct intel *intel, const char *action, json_t *facts);
enum intel_update {
	UPDATE_DUE,   // a URL is fetched when it is due
	UPDATE_NOW,   // or not
	UPDATE_FORCE, // and taken, though it did not change or shrank
};
// Brings one feed up to date (feed_state_update), says so on standard output, and puts what changed or failed on record. The lock is given up while a URL is fetched.
// False: it failed, or another process keeps the lock (told).
bool intel_update_feed(struct intel *intel, const struct feed *feed, enum intel_update how, bool *fresh);
// Compiles, gives up the lock, and asks a running sensor to use it. store: as feed_state_compile. False: one of these failed (told).
bool intel_apply(struct intel *intel, struct store **store, struct feed_compiled *compiled);
// Has change take each of line's values (it tells and puts on record what is wrong), and applies that. value: room for one. Gives the exit code.
typedef bool intel_change(struct intel *intel, const char *text, struct feed_value *value, const void *context);
int intel_change_values(const struct verb_line *line, bool no_reload, intel_change *change, const void *context);
// Path of the compiled file.
bool intel_compiled_path(const struct intel *intel, char out[PATH_BYTES]);

// One entry of a feed, or one added by hand.
struct intel_entry {
	const char *feed;                // name
	const struct local_entry *local; // NULL: of a feed
	struct indicator indicator;
};
typedef bool intel_visit(void *context, const struct intel_entry *entry); // false ends
// All entries of all enabled feeds (feed: only of this one, NULL all), then those added by hand. False: a file of them is damaged (told), or visit ended it.
bool intel_each(const struct intel *intel, const char *feed, intel_visit *visit, void *context);

// An indicator's text: value as it is given, with a mark for "only below".
#define INTEL_TEXT_MAX (2 * INDICATOR_VALUE_MAX + 64)
// "2026-11-22", or "" for 0.
void intel_date(uint32_t s, char out[32]);
// "2026-11-22T01:02:03Z".
void intel_time(uint32_t s, char out[32]);
// The kind called name. False: none is.
bool intel_kind(const char *name, unsigned *kind);
// What list, check and export say of an entry, as JSON.
json_t *intel_json(const struct intel_entry *entry);
