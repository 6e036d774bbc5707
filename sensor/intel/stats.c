// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho intel stats`: how each feed is, and what there is of each kind.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "decoders/base/plain_text.h"
#include "sensor/intel/intel.h"
#include "sensor/intel/verbs.h"
#include "sensor/verb/tool_json.h"
#include "signatures/reputation/store.h"

// "3 d", "2 h", "5 min", "12 s".
static const char *span_text_of(uint32_t seconds, char out[32])
{
	if (seconds >= 2 * 86400)
		snprintf(out, 32, "%u d", seconds / 86400);
	else if (seconds >= 2 * 3600)
		snprintf(out, 32, "%u h", seconds / 3600);
	else if (seconds >= 120)
		snprintf(out, 32, "%u min", seconds / 60);
	else
		snprintf(out, 32, "%u s", seconds);
	return out;
}

static const char *state_of(const struct feed *feed, const struct feed_status *status)
{
	if (!feed->enabled)
		return "off";
	if (status->error[0])
		return status->read_s ? "failing" : "failed";
	return status->read_s ? "good" : "never read";
}

static void show_feed(const struct feed *feed, const struct feed_status *status, uint32_t now_s)
{
	char age[32], next[32];
	plain_printf(stdout, "%-24s %-10s %10llu entries, %llu refused", feed->name, state_of(feed, status),
		(unsigned long long)status->taken, (unsigned long long)status->refused);
	if (status->read_s)
		printf(", read %s ago", span_text_of(now_s > status->read_s ? now_s - status->read_s : 0, age));
	if (feed->enabled && fetch_is_url(feed->source))
		printf(", next fetch %s%s", status->next_s > now_s ? "in " : "due",
			status->next_s > now_s ? span_text_of(status->next_s - now_s, next) : "");
	plain_printf(stdout, "\n  %s%s%s\n", feed->source, feed->allow ? "; allows" : "", feed->drop ? "; drops" : "");
	if (status->error[0])
		plain_printf(stdout, "  failed %u times in a row: %s\n", status->failures, status->error);
	for (unsigned i = 0; i < status->refusal_count; i++)
		plain_printf(stdout, "  refused: %s\n", status->refusals[i]);
	if (status->refused > status->refusal_count && status->refusal_count)
		printf("  and %llu more\n", (unsigned long long)(status->refused - status->refusal_count));
}

static json_t *feed_json(const struct feed *feed, const struct feed_status *status)
{
	json_t *object = json_object(), *refusals = json_array();
	char when[32];
	tool_json_text(object, "feed", feed->name);
	tool_json_text(object, "source", feed->source);
	tool_json_text(object, "state", state_of(feed, status));
	tool_json_number(object, "entries", status->taken);
	tool_json_number(object, "refused", status->refused);
	tool_json_number(object, "skipped", status->skipped);
	intel_time(status->read_s, when);
	if (when[0])
		tool_json_text(object, "read", when);
	intel_time(status->tried_s, when);
	if (when[0])
		tool_json_text(object, "tried", when);
	intel_time(status->next_s, when);
	if (when[0] && fetch_is_url(feed->source))
		tool_json_text(object, "next", when);
	if (status->error[0]) {
		tool_json_text(object, "error", status->error);
		tool_json_number(object, "failures", status->failures);
	}
	for (unsigned i = 0; i < status->refusal_count; i++)
		tool_json_add(refusals, status->refusals[i]);
	json_object_set_new(object, "refusals", refusals);
	return object;
}

static bool count_local(void *context, const struct local_entry *entry)
{
	(void)entry;
	++*(uint64_t *)context;
	return true;
}

static json_t *compiled_json(const struct store_facts *facts)
{
	json_t *object = json_object(), *kinds = json_object();
	char when[32];
	tool_json_number(object, "indicators", facts->entries);
	tool_json_number(object, "allowed", facts->allowed);
	tool_json_number(object, "bytes", facts->bytes);
	intel_time(facts->built_s, when);
	tool_json_text(object, "built", when);
	for (unsigned i = 0; i < INDICATOR_KINDS; i++)
		if (facts->by_kind[i])
			tool_json_number(kinds, indicator_kind_names[i], facts->by_kind[i]);
	json_object_set_new(object, "kinds", kinds);
	return object;
}

static void show_compiled(const char *path, const struct store_facts *facts)
{
	char when[32];
	intel_time(facts->built_s, when);
	printf("\n");
	for (unsigned i = 0; i < INDICATOR_KINDS; i++)
		if (facts->by_kind[i])
			printf("%12llu %s\n", (unsigned long long)facts->by_kind[i], indicator_kind_names[i]);
	printf("%12llu indicators, %llu of them allowed, compiled %s (%s, %.1f MB)\n",
		(unsigned long long)facts->entries, (unsigned long long)facts->allowed, when, path,
		(double)facts->bytes / 1e6);
}

static void show_unusable(const char *path, const char *reason)
{
	bool missing = access(path, F_OK) != 0 && errno == ENOENT;
	printf("%s: %s\n", missing ? "nothing is compiled" : "what is compiled cannot be used", reason);
}

static bool show_all(const struct intel *intel, bool json)
{
	char path[PATH_BYTES], reason[256];
	uint64_t local = 0;
	struct pack_error error;
	struct store_facts facts = { 0 };
	struct feed_status *status = malloc(sizeof(*status));
	json_t *root = json_object(), *list = json_array();
	uint32_t now_s = (uint32_t)time(NULL);
	for (unsigned i = 0; status && i < intel->plan->feeds.count; i++) {
		const struct feed *feed = &intel->plan->feeds.items[i];
		feed_status_read(&intel->state, feed->name, status);
		if (json)
			json_array_append_new(list, feed_json(feed, status));
		else
			show_feed(feed, status, now_s);
	}
	bool good = local_read(&intel->state, count_local, &local, &error);
	if (!good)
		log_error("%s", error.text);
	bool compiled = intel_compiled_path(intel, path) && store_peek(path, &facts, reason, sizeof(reason));
	json_object_set_new(root, "feeds", list);
	tool_json_number(root, "local", local);
	if (compiled)
		json_object_set_new(root, "compiled", compiled_json(&facts));
	if (json) {
		good &= tool_json_print(root);
	} else {
		json_decref(root);
		printf("%-24s %-10s %10llu entries added by hand\n", LOCAL_FEED, "", (unsigned long long)local);
		if (compiled)
			show_compiled(path, &facts);
		else
			show_unusable(path, reason);
	}
	free(status);
	return good;
}

static int run_stats(int argc, char **argv)
{
	bool json = false;
	const struct verb_option own[] = { { "json", &json, NULL, "one JSON document" }, { 0 } };
	struct verb_line line;
	int result;
	if (!verb_parse(&line, &intel_stats, own, argc, argv, &result))
		return result;
	struct intel *intel = intel_begin(&line, false, &result);
	if (!intel)
		return result;
	bool good = show_all(intel, json);
	intel_end(intel);
	return good ? VERB_DONE : VERB_FOUND;
}

const struct verb intel_stats = { &intel_tool, "stats", "", "how each feed is, and how many indicators of each kind",
	run_stats };
