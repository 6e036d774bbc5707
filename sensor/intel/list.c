// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho intel list`: entries by what they are, a line each, as they are read.
#include <string.h>
#include <time.h>
#include "decoders/base/log.h"
#include "decoders/base/plain_text.h"
#include "sensor/intel/filter.h"
#include "sensor/intel/verbs.h"

struct listing {
	const struct intel_filter *filter;
	bool json;
	uint64_t count;
};

static bool show(void *context, const struct intel_entry *entry)
{
	struct listing *listing = context;
	const struct indicator *indicator = &entry->indicator;
	char value[INTEL_TEXT_MAX], seen[32], expires[32];
	if (!intel_fits(listing->filter, entry))
		return true;
	listing->count++;
	if (listing->json) {
		json_t *object = intel_json(entry);
		bool good = json_dumpf(object, stdout, JSON_COMPACT) == 0 && putchar('\n') != EOF;
		json_decref(object);
		return good;
	}
	feed_value_text(indicator, value, sizeof(value));
	intel_date(indicator->first_seen_s, seen);
	intel_date(indicator->expiry_s, expires);
	plain_line(stdout, "%-20s %-11s %s  %u%s%.*s%s%s%s%s%s%s%s%s", entry->feed,
		indicator_kind_names[indicator->kind], value, indicator->confidence, indicator->family.len ? "  " : "",
		(int)indicator->family.len, indicator->family.len ? (const char *)indicator->family.data : "",
		seen[0] ? "  seen " : "", seen, indicator->flags & INDICATOR_EARLIER ? " or earlier" : "",
		expires[0] ? "  until " : "", expires, indicator->flags & INDICATOR_ALLOW ? "  allowed" : "",
		indicator->flags & INDICATOR_DROP ? "  drop" : "", indicator->flags & INDICATOR_EXACT ? "  exact" : "");
	return !ferror(stdout);
}

static int run_list(int argc, char **argv)
{
	struct intel_filter filter = { 0 };
	struct listing listing = { .filter = &filter };
	const struct verb_option own[] = { INTEL_FILTER_OPTIONS(filter),
		{ "json", &listing.json, NULL, "a JSON object a line" }, { 0 } };
	struct verb_line line;
	int result;
	if (!verb_parse(&line, &intel_list, own, argc, argv, &result))
		return result;
	if (line.count) {
		log_error("intel list takes no arguments; `sekisho intel check` looks a value up");
		return VERB_BAD;
	}
	struct intel *intel = intel_begin(&line, false, &result);
	if (!intel)
		return result;
	result = VERB_BAD;
	if (intel_filter_ready(&filter, intel))
		result = intel_each(intel, filter.feed, show, &listing) && fflush(stdout) == 0 ? VERB_DONE : VERB_FOUND;
	intel_end(intel);
	return result;
}

const struct verb intel_list = { &intel_tool, "list", "[OPTION...]", "entries by feed and kind", run_list };
