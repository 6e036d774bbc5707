// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho intel update [FEED...]`: feeds again, from where they come.
#include <string.h>
#include "decoders/base/log.h"
#include "sensor/intel/intel.h"
#include "sensor/intel/verbs.h"

static bool is_named(const struct verb_line *line, const char *name)
{
	for (unsigned i = 0; i < line->count; i++)
		if (strcmp(line->arguments[i], name) == 0)
			return true;
	return false;
}

// Who names a feed wants it now.
static bool update_all(struct intel *intel, const struct verb_line *line, bool force)
{
	bool fresh = false, good = true;
	const struct feeds *feeds = &intel->plan->feeds;
	for (unsigned i = 0; i < line->count; i++) {
		const struct feed *feed = feeds_find(feeds, line->arguments[i]);
		if (!feed || !feed->enabled)
			log_error("%s: %s", line->arguments[i], feed ? "not enabled" : "no such feed is configured");
		good &= feed && feed->enabled;
	}
	for (unsigned i = 0; i < feeds->count && intel_is_locked(intel); i++) {
		const struct feed *feed = &feeds->items[i];
		bool named = is_named(line, feed->name);
		if (feed->enabled && (named || !line->count))
			good &= intel_update_feed(intel, feed,
				force   ? UPDATE_FORCE
				: named ? UPDATE_NOW
					: UPDATE_DUE,
				&fresh);
	}
	return good;
}

static int run_update(int argc, char **argv)
{
	bool force = false, no_reload = false;
	const struct verb_option own[] = {
		{ "force", &force, NULL,
			"fetch what is not due yet, and take a feed that did not change, or shrank by more than its "
			"limit" },
		{ "no-reload", &no_reload, NULL, "do not ask a running sensor to use the indicators" },
		{ 0 },
	};
	struct verb_line line;
	struct feed_compiled compiled;
	int result;
	if (!verb_parse(&line, &intel_update, own, argc, argv, &result))
		return result;
	struct intel *intel = intel_begin(&line, true, &result);
	if (!intel)
		return result;
	intel->no_reload = no_reload;
	bool good = update_all(intel, &line, force);
	if (!intel->plan->feeds.count)
		log_warning("no feed is configured (reputation.feeds)");
	if (intel_is_locked(intel) && intel_apply(intel, NULL, &compiled))
		printf("%llu indicators of %u feeds%s\n", (unsigned long long)compiled.entries, compiled.feeds,
			compiled.changed ? "" : "; nothing changed");
	else
		good = false;
	intel_end(intel);
	return good ? VERB_DONE : VERB_FOUND;
}

const struct verb intel_update = { &intel_tool, "update", "[FEED...]",
	"fetches the feeds that are due, or those that are named, compiles, and has a running sensor use them",
	run_update };
