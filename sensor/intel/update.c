// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho intel update [FEED...]`: feeds again, from where they come.
#include <string.h>
#include "decoders/base/log.h"
#include "sensor/intel/intel.h"
#include "sensor/intel/verbs.h"

static bool is_wanted(const struct verb_line *line, const char *name)
{
	for (unsigned i = 0; i < line->count; i++)
		if (strcmp(line->arguments[i], name) == 0)
			return true;
	return line->count == 0;
}

static int run_update(int argc, char **argv)
{
	bool force = false, no_reload = false, fresh = false, good = true;
	const struct verb_option own[] = {
		{ "force", &force, NULL,
			"fetch what is not due yet, and take a feed that shrank by more than its limit" },
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
	const struct feeds *feeds = &intel->plan->feeds;
	for (unsigned i = 0; i < line.count; i++)
		if (!feeds_find(feeds, line.arguments[i])) {
			log_error("%s: no such feed is configured", line.arguments[i]);
			good = false;
		}
	for (unsigned i = 0; i < feeds->count && intel_is_locked(intel); i++)
		if (feeds->items[i].enabled && is_wanted(&line, feeds->items[i].name))
			good &= intel_update_feed(intel, &feeds->items[i], force, &fresh);
	if (!feeds->count)
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
	"fetches the feeds that are due, compiles, and has a running sensor use them", run_update };
