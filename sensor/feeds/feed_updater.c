// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/feeds/feed_updater.h"
#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "sensor/files/audit_log.h"

#define LOOK_S   15 // at most between looks at the feeds file
#define LOCKED_S 5  // until another try, when another process changes the folder
#define WAITS    60 // half a second each: for another process, with something fetched in the hand
#define PRIORITY 10 // nice: packets come first

struct feed_updater {
	struct feed_updater_options options;
	atomic_bool stop; // set before stopping, for who cannot take the lock
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stopping;
	pthread_t thread;
	struct feed_plan *plan; // of the round at hand
	struct feed_status status;
	struct feed_fetched fetched;
	char told[640]; // the last fault of the feeds file, told once
	bool reload_due;
};

static void take_plan(void *context, const struct sensor_config *config, const struct address_set *home)
{
	struct feed_updater *updater = context;
	struct pack_error error = { "" };
	updater->plan = NULL;
	if (!config->reputation.enabled || !config->reputation.update || !config->reputation.feeds)
		return;
	updater->plan = feed_plan_new(config, home, &error);
	if (updater->plan || strcmp(error.text, updater->told) == 0)
		return;
	snprintf(updater->told, sizeof(updater->told), "%.600s", error.text);
	log_error("reputation: %s; feeds are not updated", error.text);
}

static void record(const struct feed_state *state, const struct feed *feed, const struct feed_status *status)
{
	char path[PATH_BYTES];
	struct pack_error error = { "the path is too long" };
	json_t *facts = json_pack("{s:s, s:o, s:o, s:I, s:I, s:s}", "by", "updater", "feed", audit_text(feed->name),
		"source", audit_text(feed->source), "entries", (json_int_t)status->taken, "refused",
		(json_int_t)status->refused, "result", "done");
	if (!feed_state_path(state, "audit.jsonl", path))
		json_decref(facts);
	else if (audit_log_write(path, "update", facts, &error))
		return;
	log_error("reputation: %s", error.text);
}

static void tell(const struct feed *feed, enum feed_outcome outcome, const struct feed_status *status)
{
	if (outcome == FEED_FRESH)
		log_notice("feed %s: %llu entries, %llu refused%s%s", feed->name, (unsigned long long)status->taken,
			(unsigned long long)status->refused, status->refusal_count ? "; the first: " : "",
			status->refusal_count ? status->refusals[0] : "");
	else if (outcome != FEED_SAME)
		log_warning("feed %s: %s%s; failed %u times, tried again in %u s", feed->name, status->error,
			outcome == FEED_KEPT ? "; its last good entries stay" : "", status->failures,
			status->next_s - status->tried_s);
}

static bool is_stopping(const struct feed_updater *updater)
{
	return atomic_load_explicit(&updater->stop, memory_order_relaxed);
}

// What was fetched is judged and placed. Gives when to look at the feed again.
static uint32_t place(struct feed_updater *updater, const struct feed *feed, uint32_t now_s)
{
	struct feed_state state;
	struct pack_error error;
	const struct feed_plan *plan = updater->plan;
	bool open = feed_state_open(&state, plan->state, true, &error);
	for (unsigned i = 0; !open && i < WAITS && !is_stopping(updater); i++) {
		nanosleep(&(struct timespec) { .tv_nsec = 500000000 }, NULL);
		open = feed_state_open(&state, plan->state, true, &error);
	}
	if (!open) {
		log_info("reputation: %s", error.text);
		return now_s + LOCKED_S;
	}
	state.stop = &updater->stop;
	enum feed_outcome outcome =
		feed_state_update(&state, feed, &plan->site, &updater->fetched, false, now_s, &updater->status);
	if (updater->status.tried && !is_stopping(updater))
		tell(feed, outcome, &updater->status);
	if (outcome == FEED_FRESH)
		record(&state, feed, &updater->status);
	updater->reload_due |= outcome == FEED_FRESH;
	feed_state_close(&state);
	return updater->status.next_s;
}

// One feed, if it is due. Gives when to look at it again.
static uint32_t update_one(struct feed_updater *updater, const struct feed *feed)
{
	struct feed_state state;
	struct pack_error error;
	const struct feed_plan *plan = updater->plan;
	uint32_t now_s = (uint32_t)time(NULL);
	if (!feed_state_open(&state, plan->state, false, &error)) {
		log_info("reputation: %s", error.text);
		return now_s + LOOK_S;
	}
	feed_state_fetch(&state, feed, &plan->site, &plan->fetch, false, now_s, &updater->fetched);
	feed_state_close(&state);
	if (!updater->fetched.due)
		return updater->fetched.next_s;
	uint32_t next_s = is_stopping(updater) ? now_s + LOOK_S : place(updater, feed, now_s);
	feed_fetched_drop(&updater->fetched);
	return next_s;
}

static void compile(struct feed_updater *updater)
{
	struct feed_state state;
	struct feed_compiled compiled;
	struct pack_error error;
	if (!feed_state_open(&state, updater->plan->state, true, &error)) {
		log_info("reputation: %s", error.text);
		return; // again in the next round
	}
	state.stop = &updater->stop;
	bool good = feed_state_compile(&state, &updater->plan->feeds, (uint32_t)time(NULL), NULL, &compiled, &error);
	feed_state_close(&state);
	if (is_stopping(updater))
		return;
	updater->reload_due = false;
	if (!good)
		log_error("reputation: the indicators cannot be compiled: %s", error.text);
	else
		updater->options.reload(updater->options.context);
}

// All feeds once. Gives when to look again.
static uint32_t work(struct feed_updater *updater)
{
	uint32_t now_s = (uint32_t)time(NULL), next_s = now_s + LOOK_S;
	updater->options.with_config(updater->options.context, take_plan, updater);
	if (!updater->plan)
		return next_s;
	updater->plan->fetch.stop = &updater->stop;
	const struct feeds *feeds = &updater->plan->feeds;
	for (unsigned i = 0; i < feeds->count && updater->plan->state; i++) {
		const struct feed *feed = &feeds->items[i];
		if (!feed->enabled || !fetch_is_url(feed->source))
			continue;
		if (is_stopping(updater))
			break;
		uint32_t due_s = update_one(updater, feed);
		next_s = due_s < next_s ? due_s : next_s;
	}
	if (updater->reload_due && !is_stopping(updater))
		compile(updater);
	if (updater->reload_due)
		next_s = now_s + LOCKED_S;
	feed_plan_free(updater->plan);
	updater->plan = NULL;
	return next_s;
}

static void *updater_thread(void *argument)
{
	struct feed_updater *updater = argument;
	setpriority(PRIO_PROCESS, (id_t)gettid(), PRIORITY); // of this thread alone (Linux); no matter if it fails
	pthread_mutex_lock(&updater->lock);
	while (!updater->stopping) {
		pthread_mutex_unlock(&updater->lock);
		uint32_t next_s = work(updater);
		uint32_t now_s = (uint32_t)time(NULL);
		struct timespec until;
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += next_s > now_s ? (time_t)(next_s - now_s) : 1;
		pthread_mutex_lock(&updater->lock);
		while (!updater->stopping)
			if (pthread_cond_timedwait(&updater->changed, &updater->lock, &until) == ETIMEDOUT)
				break;
	}
	pthread_mutex_unlock(&updater->lock);
	return NULL;
}

struct feed_updater *feed_updater_start(const struct feed_updater_options *options)
{
	struct feed_updater *updater = calloc(1, sizeof(*updater));
	pthread_condattr_t attributes;
	if (!updater) {
		log_error("the updater of feeds could not be started: out of memory");
		return NULL;
	}
	updater->options = *options;
	pthread_mutex_init(&updater->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&updater->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	if (pthread_create(&updater->thread, NULL, updater_thread, updater) == 0)
		return updater;
	log_error("the updater of feeds could not be started");
	free(updater);
	return NULL;
}

void feed_updater_stop(struct feed_updater *updater)
{
	if (!updater)
		return;
	atomic_store(&updater->stop, true);
	pthread_mutex_lock(&updater->lock);
	updater->stopping = true;
	pthread_cond_broadcast(&updater->changed);
	pthread_mutex_unlock(&updater->lock);
	pthread_join(updater->thread, NULL);
	pthread_cond_destroy(&updater->changed);
	pthread_mutex_destroy(&updater->lock);
	free(updater);
}
