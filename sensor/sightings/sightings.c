// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/sightings/sightings.h"
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "sensor/files/files.h"
#include "sensor/process/wall_clock.h"
#include "sensor/sightings/look_back.h"
#include "sensor/sightings/sighting_batch.h"

#define QUEUE_BYTES (4u << 20)
#define WAIT_NS     (200 * (NS_PER_S / 1000))
#define FLUSH_S     5.0  // what was seen is on disk after, and for sekisho hunt to find
#define TRIM_S      60.0 // between looks for what is too old
#define SLICES      8
#define ROOM_TIMES  3    // what a batch is reckoned to take, at most
#define RETRY_S     30.0 // between tries to open a database
#define MOVES_MAX   3    // databases moved aside in one run; a disk that damages more is not used on
#define DAY_S       86400u
#define AHEAD_S     86400u // of the clock, more is not believed
#define AGED_PART   8      // of the days it is kept for, something may lie longer

struct queue {
	uint8_t *data;
	size_t used;
};

// An alert on its way to the collector.
struct told {
	struct told *next;
	struct reputation *reputation; // whose rule record refers to
	struct record record;
};

struct sightings {
	struct sightings_setup setup;
	pthread_t thread;
	bool started;
	_Atomic uint64_t counts[SIGHTINGS_COUNTERS_END];
	pthread_mutex_t lock; // of what follows
	pthread_cond_t changed;
	struct queue filling;
	struct reputation *offered; // NULL: none
	struct told *first, *last;
	bool closing;
	// The thread's
	struct queue draining;
	struct sighting_store *store; // NULL: there is none now
	struct sighting_batch *batch;
	struct eve_writer *eve;
	struct look_back *back;
	struct reputation *reputation; // whose indicators live traffic is asked for; NULL none
	struct past_value space;
	bool merging;      // runs are
	uint64_t newest_s; // packet time
	double flushed, trimmed, tried;
	unsigned moves;
	bool told_fault;
};

#define SIGHTINGS_COUNTER_NAME(constant, name) [constant] = name,
const char *const sightings_counter_names[SIGHTINGS_COUNTERS_END] = { SIGHTINGS_COUNTERS(SIGHTINGS_COUNTER_NAME) };

static void count(struct sightings *sightings, enum sightings_counter which, uint64_t more)
{
	atomic_fetch_add_explicit(&sightings->counts[which], more, memory_order_relaxed);
}

void sightings_counts(const struct sightings *sightings, uint64_t counts[SIGHTINGS_COUNTERS_END])
{
	for (int i = 0; i < SIGHTINGS_COUNTERS_END; i++)
		counts[i] = atomic_load_explicit(&sightings->counts[i], memory_order_relaxed);
}

// The database ------------------------------------------------------------------------------------------------------------------

static void move_aside(struct sightings *sightings, const char *reason)
{
	static const char *const beside[] = { "-wal", "-shm" };
	char from[PATH_BYTES], to[PATH_BYTES + 64];
	if (!path_join(from, sightings->setup.config->path, SIGHTINGS_FILE))
		return;
	snprintf(to, sizeof(to), "%s.damaged-%llu", from, (unsigned long long)(wall_ns() / NS_PER_S));
	int moved = rename(from, to);
	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		char path[PATH_BYTES + 8];
		snprintf(path, sizeof(path), "%s%s", from, beside[i]);
		unlink(path);
	}
	log_error("sightings: %s is damaged (%s); %s %s", from, reason,
		moved == 0 ? "it is moved aside, and a new one begun:" : "it cannot be moved to", to);
	sightings->moves++;
	count(sightings, SIGHTINGS_COUNT_MOVED_ASIDE, 1);
}

static uint64_t now_s(const struct sightings *sightings)
{
	return sightings->setup.live ? wall_ns() / NS_PER_S : sightings->newest_s;
}

static void open_store(struct sightings *sightings)
{
	const struct sightings_config *config = sightings->setup.config;
	char error[256];
	enum sighting_fault fault = SIGHTING_DAMAGED;
	sightings->tried = monotonic_s();
	while (!sightings->store && fault == SIGHTING_DAMAGED && sightings->moves < MOVES_MAX) {
		sightings->store = sighting_store_open(config->path, config->max_bytes, &fault, error, sizeof(error));
		if (!sightings->store && fault == SIGHTING_DAMAGED)
			move_aside(sightings, error);
		else if (!sightings->store && !sightings->told_fault)
			log_warning("sightings: %s: %s; what is seen is not kept", config->path, error);
	}
	sightings->told_fault |= !sightings->store;
	if (sightings->store && sightings->reputation)
		look_back_begin(sightings->back, sightings->store, sightings->reputation, now_s(sightings));
}

// Told once, until something could be written again.
static void handle_fault(struct sightings *sightings, enum sighting_fault fault)
{
	char reason[256];
	if (fault == SIGHTING_GOOD)
		return;
	count(sightings, SIGHTINGS_COUNT_DISK_ERRORS, 1);
	snprintf(reason, sizeof(reason), "%s", sighting_store_error(sightings->store));
	if (fault == SIGHTING_DAMAGED) {
		look_back_stop(sightings->back);
		sighting_store_close(sightings->store);
		sightings->store = NULL;
		move_aside(sightings, reason);
		open_store(sightings);
	} else if (!sightings->told_fault) {
		log_error("sightings: %s: %s; what was to be written is lost, and the sensor goes on",
			sightings->setup.config->path, reason);
		sightings->told_fault = true;
	}
}

// Time before which things are forgotten, or were to be that part of the time ago. What captures of long ago have is not too old for who reads them now: only live.
static uint64_t forgotten_s(const struct sightings *sightings, unsigned part)
{
	uint64_t keep_s = sightings->setup.config->keep_days * DAY_S;
	keep_s += part ? keep_s / part : 0;
	return sightings->setup.live && now_s(sightings) > keep_s ? now_s(sightings) - keep_s : 0;
}

static void gauge(struct sightings *sightings)
{
	if (sightings->store)
		atomic_store_explicit(&sightings->counts[SIGHTINGS_COUNT_BYTES], sighting_store_bytes(sightings->store),
			memory_order_relaxed);
}

// What is too old goes, and the oldest until there is room.
static void trim(struct sightings *sightings, size_t room_bytes)
{
	enum sighting_fault fault;
	if (!sightings->store)
		return;
	uint64_t removed = sighting_store_trim(sightings->store, forgotten_s(sightings, 0), room_bytes, &fault);
	count(sightings, SIGHTINGS_COUNT_REMOVED, removed);
	gauge(sightings);
	sightings->trimmed = monotonic_s();
	handle_fault(sightings, fault);
}

// A few slices: as many as keep up with what one queue brings.
static void merge(struct sightings *sightings)
{
	enum sighting_fault fault = SIGHTING_GOOD;
	uint64_t removed = 0;
	sightings->merging = sightings->store;
	for (unsigned i = 0; i < SLICES && sightings->merging; i++)
		sightings->merging = sighting_store_merge(sightings->store, forgotten_s(sightings, 0),
			forgotten_s(sightings, AGED_PART), &removed, &fault);
	count(sightings, SIGHTINGS_COUNT_REMOVED, removed);
	handle_fault(sightings, fault);
}

// Live traffic was told of this: looking back need not tell it again.
static void note_listed(struct sightings *sightings, struct span key, const struct sighting_seen *seen)
{
	struct store_match match;
	uint8_t bytes[SIGHTING_VALUE_MAX];
	struct span value = span_of(bytes, sighting_key_value(key, bytes));
	if (!past_value_of(key.data[0], value, &sightings->space) ||
		!reputation_past_find(sightings->reputation, &sightings->space.named, (uint32_t)seen->last_s, &match))
		return;
	sighting_store_tell(sightings->store, match.entry.key ? match.entry.key : 1, &seen->host, seen->last_s);
}

static enum sighting_fault write_batch(struct sightings *sightings)
{
	const struct sighting_batch *batch = sightings->batch;
	sighting_store_begin(sightings->store);
	for (unsigned i = 0; i < sighting_batch_count(batch); i++) {
		struct span key;
		const struct sighting_seen *seen = sighting_batch_row(batch, i, &key);
		sighting_store_put(sightings->store, key, seen);
		if (sightings->reputation)
			note_listed(sightings, key, seen);
	}
	return sighting_store_commit(sightings->store);
}

static void flush(struct sightings *sightings)
{
	struct sighting_batch *batch = sightings->batch;
	unsigned rows = sighting_batch_count(batch);
	sightings->flushed = monotonic_s();
	if (!sightings->store && sightings->flushed - sightings->tried > RETRY_S)
		open_store(sightings);
	if (!rows)
		return;
	enum sighting_fault fault = SIGHTING_FAILED;
	trim(sightings, sighting_batch_bytes(batch));
	if (sightings->store) {
		sighting_batch_sort(batch);
		fault = write_batch(sightings);
	}
	if (fault == SIGHTING_FULL) { // it took more than it looked like; or the disk is full
		trim(sightings, ROOM_TIMES * sighting_batch_bytes(batch));
		fault = sightings->store ? write_batch(sightings) : SIGHTING_FAILED;
	}
	if (sightings->store)
		handle_fault(sightings, fault);
	count(sightings, fault == SIGHTING_GOOD ? SIGHTINGS_COUNT_WRITTEN : SIGHTINGS_COUNT_LOST, rows);
	if (fault == SIGHTING_GOOD && sightings->told_fault) {
		log_notice("sightings: %s: written again", sightings->setup.config->path);
		sightings->told_fault = false;
	}
	sighting_batch_clear(batch);
	gauge(sightings);
	sightings->merging = true; // if there is something to
}

// Looking back ------------------------------------------------------------------------------------------------------------------

static void take_alert(void *context, const struct record *record)
{
	struct sightings *sightings = context;
	struct told *told = malloc(sizeof(*told) + record->line_len);
	if (!told)
		return;
	memcpy(&told->record, record, sizeof(*record) + record->line_len);
	told->reputation = reputation_hold(sightings->reputation);
	told->next = NULL;
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
	flush(sightings); // all that was seen so far is the past
	reputation_free(sightings->reputation);
	sightings->reputation = reputation;
	if (!sightings->store)
		return;
	look_back_begin(sightings->back, sightings->store, reputation, now_s(sightings));
}

static void step_look_back(struct sightings *sightings)
{
	enum sighting_fault fault;
	uint64_t told, left_out;
	if (!look_back_step(sightings->back, sightings->store, &fault))
		handle_fault(sightings, fault);
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
			flush(sightings);
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
			flush(sightings);
			return NULL;
		} else if (now - sightings->flushed >= FLUSH_S) {
			flush(sightings);
		} else if (now - sightings->trimmed >= TRIM_S) {
			trim(sightings, 0);
			sightings->merging = true;
		} else if (sightings->merging) {
			merge(sightings);
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
	if (sightings->eve)
		sightings->back = look_back_new(sightings->eve, take_alert, sightings);
	if (!sightings->filling.data || !sightings->draining.data || !sightings->batch || !sightings->back) {
		log_error("sightings: out of memory: what is seen is not kept");
		sightings_free(sightings);
		return NULL;
	}
	open_store(sightings);
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
	count(sightings, SIGHTINGS_COUNT_TAKEN, 1);
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
		count(sightings, SIGHTINGS_COUNT_QUEUE_FULL, 1);
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
		give(context, &told->record);
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
