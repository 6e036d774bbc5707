// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/intel/intel.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "decoders/base/plain_text.h"
#include "sensor/feeds/entry_file.h"
#include "sensor/files/audit_log.h"
#include "sensor/hunt/hunt_limits.h"
#include "sensor/reload/rules_load.h"
#include "sensor/verb/ask_reload.h"
#include "sensor/verb/tool_json.h"
#include "signatures/rule/rule_set.h"

#define LOCK_TRIES 60 // half a second each

static const struct address_set *home_of(struct intel *intel)
{
	struct rule_options options;
	rules_options(&intel->config, &options);
	intel->set = rule_set_new(&options);
	return intel->set ? rule_set_addresses(intel->set, "$HOME_NET") : NULL;
}

static bool audit_file(const struct intel *intel, char out[PATH_BYTES])
{
	return feed_state_path(&intel->state, "audit.jsonl", out);
}

// Who may not look must not be told that nothing is there.
static bool is_readable(const struct intel *intel, struct pack_error *error)
{
	char feeds[PATH_BYTES];
	const char *const folders[] = { intel->plan->state, feeds };
	if (!feed_state_path(&intel->state, "feeds", feeds))
		return pack_fail(error, "the path is too long");
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (access(folders[i], R_OK | X_OK) != 0 && errno != ENOENT)
			return pack_fail(error, "%s: %s", folders[i], strerror(errno));
	return true;
}

// The updater of a running sensor holds the lock while it judges a feed and compiles.
static bool open_state(struct intel *intel, bool change, struct pack_error *error)
{
	char path[PATH_BYTES];
	bool open = feed_state_open(&intel->state, intel->plan->state, change, error);
	for (unsigned i = 0; !open && i < LOCK_TRIES && strstr(error->text, "another sekisho"); i++) {
		if (i == 2)
			log_notice("%s; waiting", error->text);
		usleep(500000);
		open = feed_state_open(&intel->state, intel->plan->state, change, error);
	}
	if (!open)
		return false;
	return change ? audit_file(intel, path) && audit_log_ready(path, error) : is_readable(intel, error);
}

struct intel *intel_begin(const struct verb_line *line, bool change, int *result)
{
	struct pack_error error = { "out of memory" };
	struct intel *intel = calloc(1, sizeof(*intel));
	*result = VERB_BAD;
	if (!intel) {
		log_error("%s", error.text);
		return NULL;
	}
	intel->state.lock = -1;
	config_init(&intel->config);
	if (!configure(&intel->config, &line->common)) {
		intel_end(intel);
		return NULL;
	}
	intel->plan = feed_plan_new(&intel->config, home_of(intel), &error);
	if (intel->plan && !intel->plan->state)
		pack_fail(&error, "reputation.state is not set: there is no folder to keep indicators in");
	else if (intel->plan && open_state(intel, change, &error))
		return intel;
	else if (intel->plan)
		*result = change ? VERB_FOUND : VERB_BAD; // 1 would be an answer
	log_error("%s", error.text);
	intel_end(intel);
	return NULL;
}

void intel_end(struct intel *intel)
{
	feed_state_close(&intel->state);
	feed_plan_free(intel->plan);
	if (intel->set)
		rule_set_free(intel->set);
	config_fini(&intel->config);
	free(intel);
}

bool intel_is_locked(const struct intel *intel)
{
	return intel->state.lock >= 0;
}

bool intel_audit(const struct intel *intel, const char *action, json_t *facts)
{
	char path[PATH_BYTES];
	struct pack_error error = { "the path is too long" };
	if (!audit_file(intel, path))
		json_decref(facts);
	else if (audit_log_write(path, action, facts, &error))
		return true;
	log_error("%s", error.text);
	return false;
}

// Feeds ----------------------------------------------------------------------------------------------------------------------------

static void show_refusals(const struct feed_status *status)
{
	for (unsigned i = 0; i < status->refusal_count; i++)
		plain_line(stdout, "  %s", status->refusals[i]);
	if (status->refused > status->refusal_count)
		printf("  and %llu more\n", (unsigned long long)(status->refused - status->refusal_count));
}

// Fetches with the lock given up, and takes it again. False: another process keeps it (told).
static bool fetch_feed(
	struct intel *intel, const struct feed *feed, bool force, uint32_t now_s, struct feed_fetched *fetched)
{
	struct pack_error error = { "" };
	const struct feed_plan *plan = intel->plan;
	feed_state_close(&intel->state);
	feed_state_fetch(&intel->state, feed, &plan->site, &plan->fetch, force, now_s, fetched);
	if (open_state(intel, true, &error))
		return true;
	log_error("%s", error.text);
	return false;
}

static void tell_feed(const struct feed *feed, enum feed_outcome outcome, const struct feed_status *status, bool due)
{
	static const char *const results[] = {
		[FEED_FRESH] = "read", [FEED_SAME] = "unchanged", [FEED_KEPT] = "kept", [FEED_MISSING] = "failed"
	};
	char next[32];
	intel_time(status->next_s, next);
	plain_printf(stdout, "%-24s ", feed->name);
	if (outcome == FEED_FRESH || outcome == FEED_SAME) {
		if (due)
			printf("%s: ", results[outcome]);
		else
			printf("not due before %s (its name fetches it now): ", next);
		printf("%llu entries", (unsigned long long)status->taken);
	} else {
		plain_printf(stdout, "%s%s: %s", results[outcome], outcome == FEED_KEPT ? " what it had" : "",
			status->error);
		if (!due)
			printf(" (not due again before %s; its name tries now)", next);
	}
	if (outcome == FEED_FRESH && status->refused)
		printf(", %llu refused", (unsigned long long)status->refused);
	printf("\n");
	if (outcome == FEED_FRESH)
		show_refusals(status);
}

bool intel_update_feed(struct intel *intel, const struct feed *feed, enum intel_update how, bool *fresh)
{
	struct feed_status *status = malloc(sizeof(*status));
	struct feed_fetched *fetched = calloc(1, sizeof(*fetched));
	uint32_t now_s = (uint32_t)time(NULL);
	bool url = fetch_is_url(feed->source), ready = status && fetched, force = how == UPDATE_FORCE;
	if (!ready)
		log_error("out of memory");
	if (ready && url)
		ready = fetch_feed(intel, feed, how != UPDATE_DUE, now_s, fetched);
	if (!ready) {
		if (fetched)
			feed_fetched_drop(fetched);
		free(fetched);
		free(status);
		return false;
	}
	enum feed_outcome outcome =
		feed_state_update(&intel->state, feed, &intel->plan->site, url ? fetched : NULL, force, now_s, status);
	tell_feed(feed, outcome, status, !url || fetched->due);
	feed_fetched_drop(fetched);
	free(fetched);
	bool good = outcome == FEED_FRESH || outcome == FEED_SAME;
	*fresh |= outcome == FEED_FRESH;
	bool recorded = !status->tried || outcome == FEED_SAME ||
			intel_audit(intel, "update",
				json_pack("{s:o, s:o, s:I, s:I, s:b, s:o}", "feed", audit_text(feed->name), "source",
					audit_text(feed->source), "entries", (json_int_t)status->taken, "refused",
					(json_int_t)status->refused, "force", (int)force, "result",
					audit_text(good ? "done" : status->error)));
	free(status);
	return good && recorded;
}

bool intel_apply(struct intel *intel, struct store **store, struct feed_compiled *compiled)
{
	struct pack_error error = { "" };
	if (!feed_state_compile(&intel->state, &intel->plan->feeds, (uint32_t)time(NULL), store, compiled, &error)) {
		log_error("the indicators cannot be compiled: %s", error.text);
		return false;
	}
	feed_state_close(&intel->state);
	return !compiled->changed || intel->no_reload || ask_reload(&intel->config, CTL_RELOAD_INDICATORS);
}

int intel_change_values(const struct verb_line *line, bool no_reload, intel_change *change, const void *context)
{
	int result;
	struct feed_compiled compiled;
	struct intel *intel = intel_begin(line, true, &result);
	struct feed_value *value = malloc(sizeof(*value));
	bool good = true;
	if (intel && value) {
		intel->no_reload = no_reload;
		for (unsigned i = 0; i < line->count; i++)
			good &= change(intel, line->arguments[i], value, context);
		good &= intel_apply(intel, NULL, &compiled);
		result = good ? VERB_DONE : VERB_FOUND;
	}
	if (intel)
		intel_end(intel);
	free(value);
	return result;
}

bool intel_compiled_path(const struct intel *intel, char out[PATH_BYTES])
{
	return feed_state_path(&intel->state, "indicators", out);
}

// Entries --------------------------------------------------------------------------------------------------------------------------

static bool each_of(const struct intel *intel, const struct feed *feed, intel_visit *visit, void *context)
{
	char path[PATH_BYTES];
	struct pack_error error = { "" };
	struct intel_entry entry = { .feed = feed->name };
	struct entry_reader *reader = malloc(sizeof(*reader));
	if (!reader || !feed_state_entries(&intel->state, feed->name, path)) {
		free(reader);
		return false;
	}
	if (access(path, F_OK) != 0 && errno == ENOENT) { // never read
		free(reader);
		return true;
	}
	bool good = entry_reader_open(reader, path, &error), goes_on = good;
	while (goes_on && entry_reader_next(reader, &entry.indicator, &error))
		goes_on = visit(context, &entry);
	if (good)
		entry_reader_close(reader);
	if (error.text[0])
		log_error("%s", error.text);
	free(reader);
	return goes_on && !error.text[0];
}

struct local_visit {
	intel_visit *visit;
	void *context;
	struct feed_value value;
	bool ended;
};

static bool visit_local(void *context, const struct local_entry *local)
{
	struct local_visit *with = context;
	const char *wrong = local_indicator(local, NULL, &with->value);
	if (wrong) {
		log_warning("local.jsonl: %s: %s", local->value, wrong);
		return true;
	}
	const struct intel_entry entry = { .feed = LOCAL_FEED, .local = local, .indicator = with->value.indicator };
	with->ended = !with->visit(with->context, &entry);
	return !with->ended;
}

bool intel_each(const struct intel *intel, const char *feed, intel_visit *visit, void *context)
{
	struct pack_error error = { "out of memory" };
	for (unsigned i = 0; i < intel->plan->feeds.count; i++) {
		const struct feed *one = &intel->plan->feeds.items[i];
		if (one->enabled && (!feed || strcmp(feed, one->name) == 0) && !each_of(intel, one, visit, context))
			return false;
	}
	if (feed && strcmp(feed, LOCAL_FEED) != 0)
		return true;
	struct local_visit *local = calloc(1, sizeof(*local));
	if (local) {
		local->visit = visit;
		local->context = context;
	}
	bool good = local && local_read(&intel->state, visit_local, local, &error);
	bool ended = local && local->ended;
	if (!good)
		log_error("%s", error.text);
	free(local);
	return good && !ended;
}

// Texts ----------------------------------------------------------------------------------------------------------------------------

static void format_time(uint32_t s, const char *format, char out[32])
{
	time_t seconds = (time_t)s;
	struct tm parts;
	out[0] = 0;
	if (s && gmtime_r(&seconds, &parts))
		strftime(out, 32, format, &parts);
}

void intel_date(uint32_t s, char out[32])
{
	format_time(s, "%Y-%m-%d", out);
}

void intel_time(uint32_t s, char out[32])
{
	format_time(s, "%Y-%m-%dT%H:%M:%SZ", out);
}

bool intel_kind(const char *name, unsigned *kind)
{
	return hunt_kind_take("intel", name, kind);
}

json_t *intel_json(const struct intel_entry *entry)
{
	const struct indicator *indicator = &entry->indicator;
	char value[INTEL_TEXT_MAX], when[32];
	json_t *object = json_object();
	size_t len = feed_value_text(indicator, value, sizeof(value));
	tool_json_text(object, "feed", entry->feed);
	tool_json_text(object, "kind", indicator_kind_names[indicator->kind]);
	tool_json_span(object, "value", span_of(value, len));
	tool_json_number(object, "confidence", indicator->confidence);
	if (indicator->family.len)
		tool_json_span(object, "family", indicator->family);
	if (indicator->technique.len)
		tool_json_span(object, "technique", indicator->technique);
	intel_time(indicator->first_seen_s, when);
	if (when[0])
		tool_json_text(object, "first_seen", when);
	if (indicator->flags & INDICATOR_EARLIER)
		tool_json_bool(object, "or_earlier", true);
	intel_time(indicator->expiry_s, when);
	if (when[0])
		tool_json_text(object, "expires", when);
	if (indicator->flags & INDICATOR_ALLOW)
		tool_json_bool(object, "allow", true);
	if (indicator->flags & INDICATOR_DROP)
		tool_json_bool(object, "drop", true);
	if (indicator->flags & INDICATOR_EXACT)
		tool_json_bool(object, "exact", true);
	if (entry->local) {
		tool_json_text(object, "by", entry->local->by);
		if (entry->local->note[0])
			tool_json_text(object, "note", entry->local->note);
	}
	return object;
}
