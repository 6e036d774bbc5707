// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/feeds/feed_state.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include "sensor/feeds/entry_file.h"
#include "sensor/feeds/feed_last.h"
#include "sensor/feeds/known_since.h"

#define BACK_OFF_MAX 86400u        // seconds
#define LOOKED_MAX   (2u * 86400u) // what came since a look that is longer ago is as old as that, or not

bool feed_state_open(struct feed_state *state, const char *folder, bool change, struct pack_error *error)
{
	char path[PATH_BYTES];
	state->lock = -1;
	state->stop = NULL;
	if (strlen(folder) > PATH_BYTES - 1024)
		return pack_fail(error, "%.100s...: the path is too long", folder);
	snprintf(state->root, sizeof(state->root), "%s", folder);
	if (!change)
		return true;
	if (!feed_state_path(state, "feeds", path) || !folder_make(path, error) ||
		!feed_state_path(state, "lock", path))
		return false;
	state->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (state->lock < 0)
		return pack_fail(error, "%s: %s", path, strerror(errno));
	if (flock(state->lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	feed_state_close(state);
	return pack_fail(error, "%s: another sekisho is changing the indicators", folder);
}

void feed_state_close(struct feed_state *state)
{
	if (state->lock >= 0)
		close(state->lock);
	state->lock = -1;
}

bool feed_state_path(const struct feed_state *state, const char *part, char out[PATH_BYTES])
{
	return path_join(out, state->root, part);
}

bool feed_state_part(const struct feed_state *state, const char *feed, const char *part, char out[PATH_BYTES])
{
	char below[FEED_NAME_MAX + 64];
	snprintf(below, sizeof(below), "feeds/%.64s/%s", feed, part);
	return path_join(out, state->root, below);
}

bool feed_state_entries(const struct feed_state *state, const char *feed, char out[PATH_BYTES])
{
	return feed_state_part(state, feed, "entries", out);
}

// Sources --------------------------------------------------------------------------------------------------------------------------

// The files of a source that is no URL: itself, or those of a folder.
struct sources {
	struct tree_list tree;
	char root[PATH_BYTES];
	bool folder;
	uint64_t signature;
};

static bool find_sources(const struct feed *feed, struct sources *sources, struct pack_error *error)
{
	struct stat info;
	*sources = (struct sources) { 0 };
	snprintf(sources->root, sizeof(sources->root), "%s", feed->source);
	if (stat(feed->source, &info) != 0)
		return pack_fail(error, "%.300s: %s", feed->source, strerror(errno));
	sources->folder = S_ISDIR(info.st_mode);
	if (sources->folder && !tree_list(feed->source, &sources->tree, error))
		return false;
	size_t count = sources->folder ? sources->tree.count : 1;
	for (size_t i = 0; i < count; i++) {
		char path[PATH_BYTES];
		if (sources->folder ? !path_join(path, sources->root, sources->tree.paths[i])
				    : snprintf(path, sizeof(path), "%s", feed->source) < 0)
			return pack_fail(error, "%.300s: the path is too long", feed->source);
		if (stat(path, &info) != 0)
			return pack_fail(error, "%.300s: %s", path, strerror(errno));
		const uint64_t facts[4] = { (uint64_t)info.st_size, (uint64_t)info.st_mtim.tv_sec,
			(uint64_t)info.st_mtim.tv_nsec, sources->signature };
		sources->signature = XXH3_64bits_withSeed(path, strlen(path), XXH3_64bits(facts, sizeof(facts)));
	}
	sources->signature |= 1;
	return true;
}

static uint64_t how_read(const struct feed *feed, const struct feed_site *site)
{
	return XXH3_64bits_withSeed(&feed->format, offsetof(struct feed, interval_s) - offsetof(struct feed, format),
		       site ? site->digest : 0) >>
	       1;
}

struct filling {
	struct entry_writer writer;
	uint32_t expiry_s; // of entries that have none; 0 never
	const atomic_bool *stop;
};

static bool is_stopping(const atomic_bool *stop)
{
	return stop && atomic_load_explicit(stop, memory_order_relaxed);
}

static bool keep(void *context, const struct indicator *indicator)
{
	struct filling *filling = context;
	struct indicator copy = *indicator;
	if (!copy.expiry_s)
		copy.expiry_s = filling->expiry_s;
	return !is_stopping(filling->stop) && entry_writer_add(&filling->writer, &copy);
}

static void add_report(struct feed_status *status, const struct feed_report *report)
{
	status->taken += report->taken;
	status->refused += report->refused;
	status->skipped += report->skipped;
	status->lines += report->lines;
	for (unsigned i = 0; i < report->refusal_count && status->refusal_count < FEED_REFUSALS; i++)
		snprintf(status->refusals[status->refusal_count++], sizeof(status->refusals[0]), "%s %llu: %.190s",
			feed_refusal_place(&report->refusals[i]), (unsigned long long)report->refusals[i].line,
			report->refusals[i].text);
}

static bool shrank(const struct feed *feed, const struct feed_status *old, const struct feed_status *status)
{
	return old->taken >= 20 && status->taken * 100 < old->taken * feed->least_percent;
}

// May what is new have been listed days before now? Nobody looked so long, or other lines were taken then.
static bool may_be_older(const struct feed_last *last, uint32_t now_s)
{
	return !last->known || last->otherwise || (uint64_t)last->status.good_s + LOOKED_MAX < now_s;
}

// Is what was read to be believed, after what there was?
static bool is_plausible(const struct feed *feed, const struct feed_status *old, const struct feed_status *status,
	bool force, struct pack_error *error)
{
	if (!status->taken && status->refused && !feed->is_list)
		return pack_fail(error, "nothing in it can be taken; the first: %.200s", status->refusals[0]);
	if (!status->taken && !status->skipped && old->taken)
		return pack_fail(
			error, "nothing in it can be taken; it had %llu entries", (unsigned long long)old->taken);
	if (!force && shrank(feed, old, status))
		return pack_fail(error,
			"it has %llu entries after %llu: shrank below %u %% (shrink-limit); --force takes it",
			(unsigned long long)status->taken, (unsigned long long)old->taken, feed->least_percent);
	return true;
}

// Reads the files into new entries. False with the reason; the old entries stay.
static bool read_sources(struct feed_state *state, const struct feed *feed, const struct feed_site *site,
	const struct sources *sources, bool force, uint32_t now_s, const struct feed_last *last,
	struct feed_status *status, struct pack_error *error)
{
	char path[PATH_BYTES], entries[PATH_BYTES];
	struct filling *filling = calloc(1, sizeof(*filling));
	struct feed_report report;
	const struct known_basis basis = { last->known ? entries : NULL, now_s, may_be_older(last, now_s),
		state->stop };
	struct known_since *known = filling ? known_since_new(&basis, keep, filling) : NULL;
	if (!known) {
		free(filling);
		return pack_fail(error, "out of memory");
	}
	filling->stop = state->stop;
	if (feed->expire_after_s)
		filling->expiry_s = now_s + (uint32_t)feed->expire_after_s;
	bool good =
		feed_state_entries(state, feed->name, entries) && entry_writer_open(&filling->writer, entries, error);
	size_t count = sources->folder ? sources->tree.count : 1;
	for (size_t i = 0; good && i < count; i++) {
		if (sources->folder)
			good = path_join(path, sources->root, sources->tree.paths[i]);
		else
			snprintf(path, sizeof(path), "%s", sources->root);
		good = good && feed_read(feed, site, path, now_s, known_since_add, known, &report, error);
		add_report(status, &report);
	}
	if (good && !known_since_end(known))
		good = pack_fail(error, "out of memory, or of room on the disk");
	known_since_free(known);
	if (!good && filling->writer.fault) // whoever reads knows only that nobody takes more
		(void)pack_fail(error, "%.300s: %s", filling->writer.staging, strerror(filling->writer.fault));
	if (good && is_plausible(feed, &last->status, status, force, error))
		good = entry_writer_commit(&filling->writer, error);
	else
		good = false;
	entry_writer_abort(&filling->writer);
	free(filling);
	return good;
}

static uint32_t back_off(const struct feed *feed, uint32_t failures)
{
	uint64_t wait = feed->interval_s / 4 + 1;
	for (uint32_t i = 1; i < failures && wait < BACK_OFF_MAX; i++)
		wait *= 2;
	return wait < BACK_OFF_MAX ? (uint32_t)wait : BACK_OFF_MAX;
}

static bool has_entries(const struct feed_state *state, const struct feed *feed)
{
	char path[PATH_BYTES];
	return feed_state_entries(state, feed->name, path) && access(path, F_OK) == 0;
}

// What is at feed's source becomes its entries, if it is new. False: error has the reason, and *status is not to be used.
static bool renew(struct feed_state *state, const struct feed *feed, const struct feed_site *site,
	const struct feed_fetched *fetched, bool force, uint32_t now_s, const struct feed_last *last,
	struct feed_status *status, bool *same, struct pack_error *error)
{
	const struct feed_status *old = &last->status;
	struct sources sources = { 0 };
	struct feed source = *feed;
	char folder[PATH_BYTES];
	if (fetched && fetched->result == FETCH_FAILED)
		return pack_fail(error, "%s", fetched->answer.error);
	*same = fetched && fetched->result == FETCH_UNCHANGED;
	if (*same)
		return true;
	if (fetched) {
		source.remote = true;
		source.origin = feed->source;
		source.source = (char *)(uintptr_t)fetched->path;
	}
	bool good = feed_state_part(state, feed->name, "", folder) && folder_make(folder, error) &&
		    find_sources(&source, &sources, error);
	if (good && fetched) // the file has another time each time
		sources.signature = fetched->content;
	*same = good && !last->stale && !force && old->signature == sources.signature;
	if (good && !*same) {
		*status = (struct feed_status) { .read_s = now_s };
		good = read_sources(state, &source, site, &sources, force, now_s, last, status, error);
		status->signature = sources.signature;
		status->how = how_read(feed, site);
	}
	if (fetched) {
		snprintf(status->etag, sizeof(status->etag), "%s", fetched->answer.etag);
		snprintf(status->modified, sizeof(status->modified), "%s", fetched->answer.modified);
	}
	tree_list_free(&sources.tree);
	return good;
}

void feed_last_read(struct feed_last *last, const struct feed_state *state, const struct feed *feed,
	const struct feed_site *site, uint32_t now_s)
{
	struct feed_status *status = &last->status;
	bool read = feed_status_read(state, feed->name, status);
	if (strcmp(status->source, feed->source) != 0) { // another feed of that name: nothing of the old one holds
		read = false;
		*status = (struct feed_status) { .version = status->version };
	}
	last->known = read && has_entries(state, feed);
	last->otherwise = last->known && status->how != how_read(feed, site);
	// Entries without an expiry of their own live from when they were read: what the feed still has is read again in time
	last->stale = !last->known || last->otherwise ||
		      (feed->expire_after_s && (uint64_t)status->read_s + feed->expire_after_s / 4 <= now_s);
}

// Did another process bring the feed up to date while this one fetched? What was fetched is taken then only if the other failed, or somebody insists.
static bool is_overtaken(const struct feed_fetched *fetched, const struct feed_status *old, bool force)
{
	return fetched->basis != old->version && (fetched->result != FETCH_DONE || (!force && !old->error[0]));
}

enum feed_outcome feed_state_update(struct feed_state *state, const struct feed *feed, const struct feed_site *site,
	const struct feed_fetched *fetched, bool force, uint32_t now_s, struct feed_status *status)
{
	struct feed_last last;
	struct pack_error error = { "" };
	assert(!fetched == !fetch_is_url(feed->source));
	feed_last_read(&last, state, feed, site, now_s);
	const struct feed_status *old = &last.status;
	bool same = false, known = last.known;
	*status = *old;
	if (fetched && (!fetched->due || is_overtaken(fetched, old, force)))
		return known ? old->error[0] ? FEED_KEPT : FEED_SAME : FEED_MISSING;
	bool good = renew(state, feed, site, fetched, force, now_s, &last, status, &same, &error);
	if (!good) {
		*status = *old;
		snprintf(status->error, sizeof(status->error), "%.500s", error.text);
		if (is_stopping(state->stop))
			return known ? FEED_KEPT : FEED_MISSING;
	} else {
		status->error[0] = 0;
	}
	snprintf(status->source, sizeof(status->source), "%.2000s", feed->source);
	status->good_s = good ? now_s : old->good_s;
	status->failures = good ? 0 : old->failures + 1;
	status->tried = true;
	status->tried_s = now_s;
	status->next_s = now_s + (good ? (uint32_t)feed->interval_s : back_off(feed, status->failures));
	if (!feed_status_write(state, feed->name, status, &error) && good) {
		snprintf(status->error, sizeof(status->error), "%.500s", error.text);
		good = false;
	}
	return good ? same ? FEED_SAME : FEED_FRESH : known ? FEED_KEPT : FEED_MISSING;
}
