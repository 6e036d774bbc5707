// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho intel check VALUE...`: every entry that names a value, and why the sensor would or would not alert.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "decoders/base/plain_text.h"
#include "sensor/intel/match.h"
#include "sensor/intel/verbs.h"
#include "sensor/verb/tool_json.h"

struct checked {
	const char *text;
	const char *wrong; // why it cannot be an indicator
	struct match_query query;
	json_t *entries;                   // as intel_json, with "match" and "expired"
	unsigned listed, allowed, expired; // counts; expired ones are in expired only
	unsigned ports;                    // of those listed: with another port only
};

struct checking {
	struct checked *all;
	unsigned count;
	uint32_t now_s;
};

static bool look(void *context, const struct intel_entry *entry)
{
	struct checking *checking = context;
	for (unsigned i = 0; i < checking->count; i++) {
		struct checked *one = &checking->all[i];
		enum match_how how = one->wrong ? MATCH_NOT : match_entry(&one->query, &entry->indicator);
		if (how == MATCH_NOT)
			continue;
		bool expired = entry->indicator.expiry_s && entry->indicator.expiry_s <= checking->now_s;
		json_t *object = intel_json(entry);
		tool_json_text(object, "match", match_how_names[how]);
		if (expired)
			tool_json_bool(object, "expired", true);
		json_array_append_new(one->entries, object);
		if (expired)
			one->expired++;
		else if (entry->indicator.flags & INDICATOR_ALLOW)
			one->allowed++;
		else
			one->listed++;
		one->ports += !expired && how == MATCH_ENDPOINT && !(entry->indicator.flags & INDICATOR_ALLOW);
	}
	return true;
}

// Why it would or would not be told of.
static void explain(const struct intel *intel, const struct store *store, const char *reason, const struct checked *one,
	uint32_t now_s, char *out, size_t size)
{
	struct store_entry entry = { 0 };
	struct store_source source;
	unsigned least = (unsigned)intel->config.reputation.least_confidence;
	if (!store) {
		snprintf(out, size, "no alert: %s (sekisho intel build compiles)", reason);
		return;
	}
	switch (match_verdict(store, &one->query, least, now_s, &entry)) {
	case VERDICT_ALERT: {
		int len = snprintf(out, size, "alert: confidence %u by", entry.confidence);
		for (unsigned i = 0; store_source(store, &entry, i, &source) && len > 0 && (size_t)len < size; i++)
			len += snprintf(out + len, size - (size_t)len, "%s %.*s (%u)", i ? "," : "",
				(int)source.feed.len, (const char *)source.feed.data, source.confidence);
		break;
	}
	case VERDICT_ALLOWED:
		if (!store_source(store, &entry, 0, &source))
			source = (struct store_source) { .feed = span_text("an allow list") };
		snprintf(out, size, "no alert: allowed by %.*s", (int)source.feed.len, (const char *)source.feed.data);
		break;
	case VERDICT_DOUBTFUL:
		snprintf(out, size, "no alert: confidence %u is below reputation.least-confidence, %u",
			entry.confidence, least);
		break;
	case VERDICT_UNKNOWN:
		if (one->listed && one->listed == one->ports)
			snprintf(out, size, "alert at a port that is listed, and at no other");
		else if (one->listed)
			snprintf(out, size, "no alert: not compiled since it was listed (sekisho intel build)");
		else if (one->expired)
			snprintf(out, size, "no alert: expired");
		else if (one->allowed)
			snprintf(out, size, "no alert: allowed, and not listed");
		else
			snprintf(out, size, "not listed");
	}
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "";
}

static void show_entry(const json_t *entry)
{
	static const char *const flags[] = { "allow", "drop", "exact", "expired" };
	plain_printf(stdout, "  %-20s %s %s (%s), confidence %lld", text_of(entry, "feed"), text_of(entry, "kind"),
		text_of(entry, "value"), text_of(entry, "match"),
		(long long)json_integer_value(json_object_get(entry, "confidence")));
	static const struct {
		const char *key, *title, *note; // note: of a flag beside it
	} texts[] = { { "family", "family", NULL }, { "technique", "technique", NULL },
		{ "first_seen", "first seen", "or_earlier" }, { "expires", "expires", NULL }, { "by", "by", NULL },
		{ "note", "note:", NULL } };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (text_of(entry, texts[i].key)[0])
			plain_printf(stdout, ", %s %s%s", texts[i].title, text_of(entry, texts[i].key),
				texts[i].note && json_is_true(json_object_get(entry, texts[i].note)) ? " or earlier"
												     : "");
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (json_is_true(json_object_get(entry, flags[i])))
			printf(", %s", flags[i]);
	printf("\n");
}

static void show(const struct checked *one, const char *why)
{
	size_t i;
	const json_t *entry;
	plain_printf(stdout, "%s: %s\n", one->text, why);
	json_array_foreach(one->entries, i, entry) show_entry(entry);
}

static json_t *as_json(const struct checked *one, const char *why)
{
	json_t *object = json_object();
	tool_json_text(object, "value", one->text);
	tool_json_text(object, "verdict", why);
	tool_json_bool(object, "listed", one->listed != 0);
	json_object_set(object, "entries", one->entries);
	return object;
}

// The exit code.
static int tell(const struct intel *intel, struct checking *checking, bool json)
{
	char path[PATH_BYTES], reason[256], why[1024];
	bool listed = false, wrong = false;
	struct store *store = NULL;
	bool compiled = intel_compiled_path(intel, path) && (access(path, F_OK) == 0 || errno != ENOENT);
	snprintf(reason, sizeof(reason), "nothing is compiled");
	if (compiled)
		store = store_open(path, reason, sizeof(reason));
	json_t *list = json_array();
	for (unsigned i = 0; i < checking->count; i++) {
		const struct checked *one = &checking->all[i];
		if (one->wrong)
			snprintf(why, sizeof(why), "not listed: no feed can list it: %s", one->wrong);
		else
			explain(intel, store, reason, one, checking->now_s, why, sizeof(why));
		listed |= one->listed != 0;
		wrong |= one->wrong != NULL;
		if (json)
			json_array_append_new(list, as_json(one, why));
		else
			show(one, why);
	}
	if (json)
		tool_json_print(list);
	else
		json_decref(list);
	if (store)
		store_close(store);
	return listed ? VERB_FOUND : wrong ? VERB_BAD : VERB_DONE;
}

static int check_all(const struct intel *intel, const struct verb_line *line, unsigned kind, bool json)
{
	struct checking checking = { .count = line->count, .now_s = (uint32_t)time(NULL) };
	int result = VERB_BAD;
	checking.all = calloc(line->count, sizeof(*checking.all));
	if (!checking.all) {
		log_error("out of memory");
		return VERB_BAD;
	}
	for (unsigned i = 0; i < line->count; i++) {
		struct checked *one = &checking.all[i];
		one->text = line->arguments[i];
		one->wrong = match_ask(one->text, kind, &one->query);
		one->entries = json_array();
	}
	if (intel_each(intel, NULL, look, &checking))
		result = tell(intel, &checking, json);
	for (unsigned i = 0; i < line->count; i++)
		json_decref(checking.all[i].entries);
	free(checking.all);
	return result;
}

static int run_check(int argc, char **argv)
{
	bool json = false;
	const char *kind_name = NULL;
	unsigned kind = INDICATOR_KINDS;
	const struct verb_option own[] = {
		{ "kind", NULL, &kind_name, "where its form does not say it: ja3, cert_sha1, user_agent ..." },
		{ "json", &json, NULL, "one JSON document" },
		{ 0 },
	};
	struct verb_line line;
	int result;
	if (!verb_parse(&line, &intel_check, own, argc, argv, &result))
		return result;
	if (!line.count) {
		log_error("intel check: which value? (sekisho intel check --help)");
		return VERB_BAD;
	}
	if (kind_name && !intel_kind(kind_name, &kind))
		return VERB_BAD;
	struct intel *intel = intel_begin(&line, false, &result);
	if (!intel)
		return result;
	result = check_all(intel, &line, kind, json);
	intel_end(intel);
	return result;
}

const struct verb intel_check = { &intel_tool, "check", "VALUE...",
	"every entry that names a value, and whether the sensor would alert; exit code 1 when it is listed",
	run_check };
