// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/feeds/reputation_source.h"
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "sensor/feeds/local_entries.h"
#include "signatures/reputation/store.h"

#define FIRST_WAITS   100 // for another process that compiles
#define FIRST_WAIT_NS 200000000

static void tell_refusals(const struct feed *feed, const struct feed_status *status)
{
	for (unsigned i = 0; i < status->refusal_count; i++)
		log_warning("%s: %s", feed->source, status->refusals[i]);
	if (status->refused > status->refusal_count)
		log_warning("%s: %llu more that cannot be taken", feed->source,
			(unsigned long long)(status->refused - status->refusal_count));
}

// False: a list, which the configuration itself names, cannot be read.
static bool update(struct feed_state *state, const struct feeds *feeds, const struct feed_site *site, uint64_t *refused,
	struct pack_error *error)
{
	struct feed_status *status = malloc(sizeof(*status));
	bool good = status || pack_fail(error, "out of memory");
	for (unsigned i = 0; good && i < feeds->count; i++) {
		const struct feed *feed = &feeds->items[i];
		if (!feed->enabled || fetch_is_url(feed->source))
			continue;
		enum feed_outcome outcome =
			feed_state_update(state, feed, site, NULL, feed->is_list, (uint32_t)time(NULL), status);
		if (outcome == FEED_FRESH && status->refused)
			tell_refusals(feed, status);
		*refused += feed->is_list ? status->refused : 0;
		if (outcome != FEED_KEPT && outcome != FEED_MISSING)
			continue;
		if (feed->is_list)
			good = pack_fail(error, "%.600s", status->error);
		else
			log_warning("feed %s: %s%s", feed->name, status->error,
				outcome == FEED_KEPT ? "; its last good entries stay" : "");
	}
	free(status);
	return good;
}

struct opening {
	const struct feeds *feeds;
	const struct feed_site *site;
	struct store *store;
	uint64_t refused;
};

static bool compile_in(struct opening *opening, struct feed_state *state, struct pack_error *error)
{
	struct feed_compiled compiled;
	return update(state, opening->feeds, opening->site, &opening->refused, error) &&
	       feed_state_compile(state, opening->feeds, (uint32_t)time(NULL), &opening->store, &compiled, error);
}

static bool in_temporary(struct opening *opening, struct pack_error *error)
{
	struct feed_state state;
	char folder[PATH_BYTES];
	const char *base = getenv("TMPDIR");
	snprintf(folder, sizeof(folder), "%.2000s/sekisho-lists-XXXXXX", base && *base ? base : "/tmp");
	if (!mkdtemp(folder))
		return pack_fail(error, "no folder can be made for the lists below %s", base && *base ? base : "/tmp");
	bool good = feed_state_open(&state, folder, true, error);
	if (good) {
		good = compile_in(opening, &state, error);
		feed_state_close(&state);
	}
	tree_remove(folder);
	return good;
}

static bool take_compiled(struct opening *opening, const struct feed_state *state, struct pack_error *error)
{
	char path[PATH_BYTES], reason[512];
	if (!feed_state_path(state, "indicators", path))
		return pack_fail(error, "the path is too long");
	opening->store = store_open(path, reason, sizeof(reason));
	return opening->store || pack_fail(error, "%s", reason);
}

// Another process may hold the folder, or it may be another user's: what is compiled there already is used then.
static bool in_state(struct opening *opening, const char *folder, struct pack_error *error)
{
	struct feed_state state;
	char path[PATH_BYTES];
	bool known = feed_state_open(&state, folder, false, error) && feed_state_path(&state, "indicators", path) &&
		     access(path, R_OK) == 0;
	bool mine = feed_state_open(&state, folder, true, error);
	bool held = path_join(path, folder, "lock") && access(path, R_OK | W_OK) == 0;
	// Somebody else is making the first ones: they are there soon
	for (unsigned i = 0; !mine && !known && held && i < FIRST_WAITS; i++) {
		nanosleep(&(struct timespec) { .tv_nsec = FIRST_WAIT_NS }, NULL);
		mine = feed_state_open(&state, folder, true, error);
	}
	if (mine) {
		bool good = compile_in(opening, &state, error);
		feed_state_close(&state);
		return good;
	}
	log_warning("reputation: %s; using what is compiled there", error->text);
	return feed_state_open(&state, folder, false, error) && take_compiled(opening, &state, error);
}

bool reputation_source_open(const struct sensor_config *config, const struct address_set *home, struct store **store,
	uint64_t *refused, struct pack_error *error)
{
	char local[PATH_BYTES];
	struct feed_plan *plan = feed_plan_new(config, home, error);
	*store = NULL;
	*refused = 0;
	if (!plan)
		return false;
	struct opening opening = { .feeds = &plan->feeds, .site = &plan->site };
	bool added = plan->state && path_join(local, plan->state, "local.jsonl") && access(local, F_OK) == 0;
	bool good = true;
	if ((plan->has_feeds || added) && !plan->state)
		good = pack_fail(error, "feeds need a folder to be kept in (reputation.state)");
	else if (plan->has_feeds || added)
		good = in_state(&opening, plan->state, error);
	else if (plan->feeds.count)
		good = in_temporary(&opening, error);
	feed_plan_free(plan);
	*store = opening.store;
	*refused = opening.refused;
	return good;
}
