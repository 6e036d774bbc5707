// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho intel build`: what was fetched, the feeds that are files, and what was added by hand become the compiled file.
#include <stdlib.h>
#include <sys/resource.h>
#include "decoders/base/log.h"
#include "sensor/intel/intel.h"
#include "sensor/intel/verbs.h"
#include "sensor/process/wall_clock.h"
#include "signatures/reputation/store.h"

#define COMPILED_MAX ((size_t)8 << 30)

static bool copy_to(const char *from, const char *to)
{
	struct pack_error error;
	char *bytes = NULL;
	size_t len;
	bool good = file_read(from, COMPILED_MAX, &bytes, &len, &error) && file_replace(to, bytes, len, 0640, &error);
	free(bytes);
	if (!good)
		log_error("%s", error.text);
	return good;
}

static bool show(const struct intel *intel, const struct store *store, const struct feed_compiled *compiled,
	double read_s, double compile_s)
{
	char path[PATH_BYTES];
	struct store_facts facts;
	if (!intel_compiled_path(intel, path))
		return false;
	store_facts(store, &facts);
	for (unsigned i = 0; i < INDICATOR_KINDS; i++)
		if (facts.by_kind[i])
			printf("%12llu %s\n", (unsigned long long)facts.by_kind[i], indicator_kind_names[i]);
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	printf("%12llu indicators, %llu of them allowed; of %u feeds%s\n", (unsigned long long)facts.entries,
		(unsigned long long)facts.allowed, compiled->feeds, compiled->changed ? "" : "; nothing changed");
	printf("%s: %.1f MB, %.1f bytes an indicator; feeds read in %.2f s, compiled in %.2f s, %.2f s of CPU; at most "
	       "%.0f MB of "
	       "memory\n",
		path, (double)facts.bytes / 1e6, facts.entries ? (double)facts.bytes / (double)facts.entries : 0.0,
		read_s, compile_s,
		(double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
			(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
		(double)usage.ru_maxrss / 1e3);
	return true;
}

static int run_build(int argc, char **argv)
{
	bool no_reload = false, fresh = false, good = true;
	const char *output = NULL;
	char path[PATH_BYTES];
	const struct verb_option own[] = {
		{ "o", NULL, &output, "FILE: put a copy there" },
		{ "no-reload", &no_reload, NULL, "do not ask a running sensor to use the indicators" },
		{ 0 },
	};
	struct verb_line line;
	struct feed_compiled compiled;
	struct store *store = NULL;
	int result;
	if (!verb_parse(&line, &intel_build, own, argc, argv, &result))
		return result;
	if (line.count) {
		log_error("intel build takes no arguments");
		return VERB_BAD;
	}
	struct intel *intel = intel_begin(&line, true, &result);
	if (!intel)
		return result;
	intel->no_reload = no_reload;
	double started = monotonic_s();
	for (unsigned i = 0; i < intel->plan->feeds.count; i++) {
		const struct feed *feed = &intel->plan->feeds.items[i];
		if (feed->enabled && !fetch_is_url(feed->source))
			good &= intel_update_feed(intel, feed, UPDATE_DUE, &fresh);
	}
	double read = monotonic_s();
	if (intel_apply(intel, &store, &compiled))
		good &= show(intel, store, &compiled, read - started, monotonic_s() - read);
	else
		good = false;
	if (good && output)
		good = intel_compiled_path(intel, path) && copy_to(path, output);
	store_close(store);
	intel_end(intel);
	return good ? VERB_DONE : VERB_FOUND;
}

const struct verb intel_build = { &intel_tool, "build", "[-o FILE]",
	"compiles all indicators to the file that sensors look them up in", run_build };
