// SPDX-License-Identifier: GPL-3.0-or-later
// The database as the sightings thread keeps it: opened and tried again, written, merged, forgotten; and moved aside where it is damaged.
#include <stdio.h>
#include <unistd.h>
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "sensor/files/files.h"
#include "sensor/process/wall_clock.h"
#include "sensor/sightings/sightings_state.h"

#define SLICES     8    // of merging between looks for other work
#define ROOM_TIMES 3    // what a batch is reckoned to take, at most
#define RETRY_S    30.0 // between tries to open a database
#define MOVES_MAX  3    // databases moved aside in one run; a disk that damages more is not used on
#define DAY_S      86400u
#define AGED_PART  8 // of the days it is kept for, something may lie longer

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
	sightings_count(sightings, SIGHTINGS_COUNT_MOVED_ASIDE, 1);
}

uint64_t sightings_now_s(const struct sightings *sightings)
{
	return sightings->setup.live ? wall_ns() / NS_PER_S : sightings->newest_s;
}

void sightings_disk_open(struct sightings *sightings)
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
		look_back_begin(sightings->back, sightings->store, sightings->reputation, sightings_now_s(sightings));
}

void sightings_disk_fault(struct sightings *sightings, enum sighting_fault fault)
{
	char reason[256];
	if (fault == SIGHTING_GOOD)
		return;
	sightings_count(sightings, SIGHTINGS_COUNT_DISK_ERRORS, 1);
	snprintf(reason, sizeof(reason), "%s", sighting_store_error(sightings->store));
	if (fault == SIGHTING_DAMAGED) {
		look_back_stop(sightings->back);
		sighting_store_close(sightings->store);
		sightings->store = NULL;
		move_aside(sightings, reason);
		sightings_disk_open(sightings);
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
	return sightings->setup.live && sightings_now_s(sightings) > keep_s ? sightings_now_s(sightings) - keep_s : 0;
}

static void gauge(struct sightings *sightings)
{
	if (sightings->store)
		atomic_store_explicit(&sightings->counts[SIGHTINGS_COUNT_BYTES], sighting_store_bytes(sightings->store),
			memory_order_relaxed);
}

void sightings_disk_trim(struct sightings *sightings, size_t room_bytes)
{
	enum sighting_fault fault;
	if (!sightings->store)
		return;
	uint64_t removed = sighting_store_trim(sightings->store, forgotten_s(sightings, 0), room_bytes, &fault);
	sightings_count(sightings, SIGHTINGS_COUNT_REMOVED, removed);
	gauge(sightings);
	sightings->trimmed = monotonic_s();
	sightings_disk_fault(sightings, fault);
}

void sightings_disk_merge(struct sightings *sightings)
{
	enum sighting_fault fault = SIGHTING_GOOD;
	uint64_t removed = 0;
	sightings->merging = sightings->store;
	for (unsigned i = 0; i < SLICES && sightings->merging; i++)
		sightings->merging = sighting_store_merge(sightings->store, forgotten_s(sightings, 0),
			forgotten_s(sightings, AGED_PART), &removed, &fault);
	sightings_count(sightings, SIGHTINGS_COUNT_REMOVED, removed);
	sightings_disk_fault(sightings, fault);
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

void sightings_disk_flush(struct sightings *sightings)
{
	struct sighting_batch *batch = sightings->batch;
	unsigned rows = sighting_batch_count(batch);
	sightings->flushed = monotonic_s();
	if (!sightings->store && sightings->flushed - sightings->tried > RETRY_S)
		sightings_disk_open(sightings);
	if (!rows)
		return;
	enum sighting_fault fault = SIGHTING_FAILED;
	sightings_disk_trim(sightings, sighting_batch_bytes(batch));
	if (sightings->store) {
		sighting_batch_sort(batch);
		fault = write_batch(sightings);
	}
	if (fault == SIGHTING_FULL) { // it took more than it looked like; or the disk is full
		sightings_disk_trim(sightings, ROOM_TIMES * sighting_batch_bytes(batch));
		fault = sightings->store ? write_batch(sightings) : SIGHTING_FAILED;
	}
	if (sightings->store)
		sightings_disk_fault(sightings, fault);
	sightings_count(sightings, fault == SIGHTING_GOOD ? SIGHTINGS_COUNT_WRITTEN : SIGHTINGS_COUNT_LOST, rows);
	if (fault == SIGHTING_GOOD && sightings->told_fault) {
		log_notice("sightings: %s: written again", sightings->setup.config->path);
		sightings->told_fault = false;
	}
	sighting_batch_clear(batch);
	gauge(sightings);
	sightings->merging = true; // if there is something to
}
