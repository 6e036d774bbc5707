// SPDX-License-Identifier: GPL-3.0-or-later
// The sightings thread, and how work comes to it and alerts come back.
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "sensor/process/wall_clock.h"
#include "sensor/sightings/sightings_state.h"

#define QUEUE_BYTES (4u << 20)
#define WAIT_NS     (200 * (NS_PER_S / 1000)) // for work; nobody is told of less than half a queue
#define FLUSH_S     5.0                       // what was seen is on disk after, and for sekisho hunt to find
#define TRIM_S      60.0                      // between looks for what is too old
#define AHEAD_S     86400u                    // of the clock, more is not believed

#define SIGHTINGS_COUNTER_NAME(constant, name) [constant] = name,
const char *const sightings_counter_names[SIGHTINGS_COUNTERS_END] = { SIGHTINGS_COUNTERS(SIGHTINGS_COUNTER_NAME) };

void sightings_count(struct sightings *sightings, enum sightings_counter which, uint64_t more)
{
	atomic_fetch_add_explicit(&sightings->counts[which], more, memory_order_relaxed);
}

void sightings_counts(const struct sightings *sightings, uint64_t counts[SIGHTINGS_COUNTERS_END])
{
	for (int i = 0; i < SIGHTINGS_COUNTERS_END; i++)
		counts[i] = atomic_load_explicit(&sightings->counts[i], memory_order_relaxed);
}

// Looking back ------------------------------------------------------------------------------------------------------------------

static void take_alert(void *context, const struct record *record, uint64_t met_ns)
{
	struct sightings *sightings = context;
	struct told *told = malloc(sizeof(*told) + record->line_len);
	if (!told)
		return;
	memcpy(&told->record, record, sizeof(*record) + record->line_len);
	told->reputation = reputation_hold(sightings->reputation);
	told->next = NULL;
	told->met_ns = met_ns;
	pthread_mutex_lock(&sightings->lock);
	if (sightings->last)
		sightings->last->next = told;
	else
		sightings->first = told;
	sightings->last = told;
	pthread_mutex_unlock(&sightings->lock);
}

static void begin_look_back(struct sightings *sightings, struct reputation *reputation)
{
	sightings_disk_flush(sightings); // all that was seen so far is the past
	reputation_free(sightings->reputation);
	sightings->reputation = reputation;
	if (!sightings->store)
		return;
	look_back_begin(sightings->back, sightings->store, reputation, sightings_now_s(sightings));
}

static void step_look_back(struct sightings *sightings)
{
	enum sighting_fault fault;
	uint64_t told, left_out;
	if (!look_back_step(sightings->back, sightings->store, &fault))
		sightings_disk_fault(sightings, fault);
	look_back_counts(sightings->back, &told, &left_out);
	atomic_store_explicit(&sightings->counts[SIGHTINGS_COUNT_PAST], told, memory_order_relaxed);
	atomic_store_explicit(&sightings->counts[SIGHTINGS_COUNT_PAST_LEFT_OUT], left_out, memory_order_relaxed);
}

// The thread --------------------------------------------------------------------------------------------------------------------

// A packet dated ahead of the clock would make all before it old: it is of the time of those before it.
static void mend_time(struct sightings *sightings, struct sighting *sighting, uint64_t now_ns)
{
	if (sighting->last_ns <= now_ns + AHEAD_S * NS_PER_S) {
		if (sighting->last_ns / NS_PER_S > sightings->newest_s)
			sightings->newest_s = sighting->last_ns / NS_PER_S;
		return;
	}
	sighting->last_ns = sightings->newest_s ? sightings->newest_s * NS_PER_S : now_ns;
	if (sighting->first_ns > sighting->last_ns)
		sighting->first_ns = sighting->last_ns;
}

static void drain(struct sightings *sightings)
{
	struct queue *bytes = &sightings->draining;
	uint64_t now_ns = wall_ns();
	for (size_t at = 0; at < bytes->used;) {
		struct sighting *sighting = (void *)(bytes->data + at);
		mend_time(sightings, sighting, now_ns);
		if (!sighting_batch_add(sightings->batch, sighting)) {
			sightings_disk_flush(sightings);
			continue;
		}
		at += (sizeof(*sighting) + sighting->len + 7) / 8 * 8;
	}
	bytes->used = 0;
}

// Waits for work unless there is; takes it. True: nothing more will come.
static bool fetch_work(struct sightings *sightings, bool busy, struct reputation **offered)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	uint64_t ns = (uint64_t)until.tv_nsec + WAIT_NS;
	until.tv_sec += (time_t)(ns / NS_PER_S);
	until.tv_nsec = (long)(ns % NS_PER_S);
	pthread_mutex_lock(&sightings->lock);
	while (!busy && !sightings->closing && !sightings->offered && sightings->filling.used < QUEUE_BYTES / 2)
		if (pthread_cond_timedwait(&sightings->changed, &sightings->lock, &until) == ETIMEDOUT)
			break;
	struct queue full = sightings->filling;
	sightings->filling = sightings->draining;
	sightings->draining = full;
	*offered = sightings->offered;
	sightings->offered = NULL;
	bool closing = sightings->closing;
	pthread_cond_broadcast(&sightings->changed); // there is room
	pthread_mutex_unlock(&sightings->lock);
	return closing;
}

static void *keep(void *argument)
{
	struct sightings *sightings = argument;
	sightings->flushed = sightings->trimmed = monotonic_s();
	pthread_mutex_lock(&sightings->lock);
	struct reputation *first = sightings->offered; // what workers begin with
	sightings->offered = NULL;
	pthread_mutex_unlock(&sightings->lock);
	if (first)
		begin_look_back(sightings, first);
	for (;;) {
		struct reputation *offered;
		bool closing =
			fetch_work(sightings, look_back_is_at_work(sightings->back) || sightings->merging, &offered);
		if (closing && sightings->setup.live)
			look_back_stop(sightings->back); // begun again at the next start
		bool idle = !sightings->draining.used;
		drain(sightings);
		if (offered)
			begin_look_back(sightings, offered);
		double now = monotonic_s();
		if (look_back_is_at_work(sightings->back)) {
			step_look_back(sightings);
		} else if (closing && idle) {
			sightings_disk_flush(sightings);
			return NULL;
		} else if (now - sightings->flushed >= FLUSH_S) {
			sightings_disk_flush(sightings);
		} else if (now - sightings->trimmed >= TRIM_S) {
			sightings_disk_trim(sightings, 0);
			sightings->merging = true;
		} else if (sightings->merging) {
			sightings_disk_merge(sightings);
		}
	}
}

struct sightings *sightings_new(const struct sightings_setup *setup)
{
	struct sightings *sightings = calloc(1, sizeof(*sightings));
	if (!sightings)
		return NULL;
	sightings->setup = *setup;
	pthread_mutex_init(&sightings->lock, NULL);
	pthread_cond_init(&sightings->changed, NULL);
	sightings->filling.data = malloc(QUEUE_BYTES);
	sightings->draining.data = malloc(QUEUE_BYTES);
	sightings->batch = sighting_batch_new();
	sightings->eve = eve_writer_new(setup->eve, setup->home, NULL);
	const struct look_back_options past = { .eve = sightings->eve,
		.domains = setup->domains,
		.domain_seed = setup->domain_seed,
		.give = take_alert,
		.context = sightings };
	if (sightings->eve)
		sightings->back = look_back_new(&past);
	if (!sightings->filling.data || !sightings->draining.data || !sightings->batch || !sightings->back) {
		log_error("sightings: out of memory: what is seen is not kept");
		sightings_free(sightings);
		return NULL;
	}
	sightings_disk_open(sightings);
	if (!sightings->store && !setup->live) {
		sightings_free(sightings);
		return NULL;
	}
	if (sightings->store)
		sightings->newest_s = sighting_store_newest_s(sightings->store);
	return sightings;
}

static void tell_losses(const struct sightings *sightings)
{
	uint64_t counts[SIGHTINGS_COUNTERS_END];
	sightings_counts(sightings, counts);
	uint64_t full = counts[SIGHTINGS_COUNT_QUEUE_FULL], lost = counts[SIGHTINGS_COUNT_LOST];
	if (full || lost)
		log_warning("sightings: %llu lost because the queue was full, %llu because they could not be written",
			(unsigned long long)full, (unsigned long long)lost);
	log_info("sightings: %llu taken, %llu rows written, %llu removed for age or size",
		(unsigned long long)counts[SIGHTINGS_COUNT_TAKEN], (unsigned long long)counts[SIGHTINGS_COUNT_WRITTEN],
		(unsigned long long)counts[SIGHTINGS_COUNT_REMOVED]);
}

void sightings_free(struct sightings *sightings)
{
	if (!sightings)
		return;
	sightings_finish(sightings);
	while (sightings->first) {
		struct told *told = sightings->first;
		sightings->first = told->next;
		reputation_free(told->reputation);
		free(told);
	}
	look_back_free(sightings->back);
	sighting_store_close(sightings->store);
	reputation_free(sightings->reputation);
	reputation_free(sightings->offered);
	sighting_batch_free(sightings->batch);
	if (sightings->eve)
		eve_writer_free(sightings->eve);
	free(sightings->filling.data);
	free(sightings->draining.data);
	pthread_mutex_destroy(&sightings->lock);
	pthread_cond_destroy(&sightings->changed);
	free(sightings);
}

void sightings_remember(struct sightings *sightings, uint64_t keep_s, unsigned most, sighting_told *each, void *context)
{
	uint64_t newest_s = sightings->newest_s;
	if (!sightings->store)
		return;
	sighting_store_each_told(sightings->store, newest_s > keep_s ? newest_s - keep_s : 0, most, each, context);
}

bool sightings_start(struct sightings *sightings)
{
	sightings->started = pthread_create(&sightings->thread, NULL, keep, sightings) == 0;
	return sightings->started;
}

void sightings_take(struct sightings *sightings, const struct record *record)
{
	size_t size = ((size_t)record->line_len + 7) / 8 * 8;
	sightings_count(sightings, SIGHTINGS_COUNT_TAKEN, 1);
	pthread_mutex_lock(&sightings->lock);
	struct queue *bytes = &sightings->filling;
	while (!sightings->setup.live && sightings->started && bytes->used + size > QUEUE_BYTES) {
		pthread_cond_broadcast(&sightings->changed);
		pthread_cond_wait(&sightings->changed, &sightings->lock);
	}
	bool room = bytes->used + size <= QUEUE_BYTES;
	if (room) {
		memcpy(bytes->data + bytes->used, record->line, record->line_len);
		bytes->used += size;
	}
	if (bytes->used >= QUEUE_BYTES / 2)
		pthread_cond_broadcast(&sightings->changed);
	pthread_mutex_unlock(&sightings->lock);
	if (!room)
		sightings_count(sightings, SIGHTINGS_COUNT_QUEUE_FULL, 1);
}

void sightings_told(struct sightings *sightings, sightings_give *give, void *context)
{
	pthread_mutex_lock(&sightings->lock);
	struct told *first = sightings->first;
	sightings->first = sightings->last = NULL;
	pthread_mutex_unlock(&sightings->lock);
	while (first) {
		struct told *told = first;
		first = told->next;
		if (!give(context, &told->record, told->met_ns))
			sightings_count(sightings, SIGHTINGS_COUNT_PAST_SUPPRESSED, 1);
		reputation_free(told->reputation);
		free(told);
	}
}

void sightings_finish(struct sightings *sightings)
{
	if (!sightings->started)
		return;
	pthread_mutex_lock(&sightings->lock);
	sightings->closing = true;
	pthread_cond_broadcast(&sightings->changed);
	pthread_mutex_unlock(&sightings->lock);
	pthread_join(sightings->thread, NULL);
	sightings->started = false;
	tell_losses(sightings);
}

void sightings_look_back(struct sightings *sightings, struct reputation *reputation)
{
	pthread_mutex_lock(&sightings->lock);
	reputation_free(sightings->offered);
	sightings->offered = reputation_hold(reputation);
	pthread_cond_broadcast(&sightings->changed);
	pthread_mutex_unlock(&sightings->lock);
}
