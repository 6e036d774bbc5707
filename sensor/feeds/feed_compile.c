// SPDX-License-Identifier: GPL-3.0-or-later
// Compiling: the entries of all feeds become the one file that is read into memory for all workers.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>
#include "decoders/base/log.h"
#include "sensor/feeds/entry_file.h"
#include "sensor/feeds/feed_state.h"
#include "sensor/feeds/local_entries.h"
#include "signatures/reputation/store.h"
#include "signatures/reputation/store_build.h"

#define ENTRIES_MAX   (64ull << 20)
#define FORMAT_NUMBER 2 // part of the digest: another way of compiling makes the file anew

struct compiling {
	struct store_build *build;
	const struct feed_site *site;
	struct pack_error *error;
	uint32_t feed;
	struct feed_value value;
};

static bool digest_file(const char *path, uint64_t *digest)
{
	struct stat info;
	if (stat(path, &info) != 0)
		return false;
	const uint64_t facts[5] = { *digest, (uint64_t)info.st_size, (uint64_t)info.st_mtim.tv_sec,
		(uint64_t)info.st_mtim.tv_nsec, (uint64_t)info.st_ino };
	*digest = XXH3_64bits(facts, sizeof(facts));
	return true;
}

// Of what the file is made from: which feeds, in which order, and their entries' files.
static uint64_t digest_of(const struct feed_state *state, const struct feeds *feeds)
{
	char path[PATH_BYTES];
	uint64_t digest = FORMAT_NUMBER;
	for (unsigned i = 0; i < feeds->count; i++) {
		const struct feed *feed = &feeds->items[i];
		if (!feed->enabled || !feed_state_entries(state, feed->name, path) || !digest_file(path, &digest))
			continue;
		digest = XXH3_64bits_withSeed(feed->name, strlen(feed->name), digest);
	}
	if (feed_state_path(state, "local.jsonl", path))
		digest_file(path, &digest);
	return digest;
}

static bool is_stopping(const struct feed_state *state)
{
	return state->stop && atomic_load_explicit(state->stop, memory_order_relaxed);
}

// Damaged entries of one feed must not keep all others from being used: what was read of them is, and without the file the feed is read anew when it is
// looked at next.
static bool put_aside(const struct feed *feed, const char *path, struct pack_error *error)
{
	char aside[PATH_BYTES + sizeof(".damaged")];
	snprintf(aside, sizeof(aside), "%s.damaged", path);
	log_warning("feed %s: %s: what is whole of it is used, and the feed read anew", feed->name, error->text);
	if (rename(path, aside) != 0)
		return pack_fail(error, "%.300s: %s", aside, strerror(errno));
	error->text[0] = 0;
	return true;
}

static bool add_feed(
	struct compiling *compiling, const struct feed_state *state, const struct feed *feed, bool *missing)
{
	char path[PATH_BYTES];
	struct stat info;
	struct indicator indicator;
	struct entry_reader *reader;
	*missing = !feed_state_entries(state, feed->name, path) || stat(path, &info) != 0;
	if (*missing)
		return true;
	if (!store_build_feed(compiling->build, feed->is_list ? feed->source : feed->name, &compiling->feed))
		return pack_fail(compiling->error, "%s: too many feeds, or out of memory", feed->name);
	reader = malloc(sizeof(*reader));
	if (!reader)
		return pack_fail(compiling->error, "out of memory");
	if (!entry_reader_open(reader, path, compiling->error)) {
		bool damaged = reader->damaged;
		free(reader);
		return damaged && put_aside(feed, path, compiling->error);
	}
	const char *wrong = NULL;
	while (!wrong && !is_stopping(state) && entry_reader_next(reader, &indicator, compiling->error))
		wrong = store_build_add(compiling->build, compiling->feed, &indicator);
	bool good = !wrong && (!compiling->error->text[0] || put_aside(feed, path, compiling->error)) &&
		    (!is_stopping(state) || pack_fail(compiling->error, "the sensor is ending"));
	if (wrong)
		pack_fail(compiling->error, "%.300s: %s", path, wrong);
	entry_reader_close(reader);
	free(reader);
	return good;
}

static bool add_local(void *context, const struct local_entry *entry)
{
	struct compiling *compiling = context;
	const char *wrong = local_indicator(entry, NULL, &compiling->value);
	if (!wrong)
		wrong = store_build_add(compiling->build, compiling->feed, &compiling->value.indicator);
	if (wrong)
		log_warning("local.jsonl: %s: %s", entry->value, wrong);
	return true;
}

static bool add_all(struct compiling *compiling, const struct feed_state *state, const struct feeds *feeds,
	struct feed_compiled *out)
{
	bool missing;
	for (unsigned i = 0; i < feeds->count; i++) {
		if (!feeds->items[i].enabled)
			continue;
		if (!add_feed(compiling, state, &feeds->items[i], &missing))
			return false;
		out->feeds += !missing;
		out->missing += missing;
	}
	if (!store_build_feed(compiling->build, LOCAL_FEED, &compiling->feed))
		return pack_fail(compiling->error, "too many feeds, or out of memory");
	return local_read(state, add_local, compiling, compiling->error);
}

// Is the file made from that? store (may be NULL): then it is opened, and so found good.
static bool is_current(const char *path, uint64_t digest, struct store **store, struct feed_compiled *out)
{
	char reason[512];
	struct store_facts facts;
	if (!store_peek(path, &facts, reason, sizeof(reason)) || facts.digest != digest)
		return false;
	out->entries = facts.entries;
	out->feeds = facts.feeds;
	if (!store || (*store = store_open(path, reason, sizeof(reason))))
		return true;
	log_warning("%s; made anew", reason);
	return false;
}

static bool compile(struct feed_state *state, const struct feeds *feeds, const char *path, uint64_t digest,
	uint32_t now_s, struct feed_compiled *out, struct pack_error *error)
{
	struct compiling *compiling = calloc(1, sizeof(*compiling));
	bool good = compiling && (compiling->build = store_build_new(ENTRIES_MAX));
	if (!good) {
		free(compiling);
		return pack_fail(error, "out of memory");
	}
	compiling->error = error;
	good = add_all(compiling, state, feeds, out) &&
	       store_build_write(compiling->build, path, digest, now_s, error->text, sizeof(error->text));
	store_build_free(compiling->build);
	free(compiling);
	return good;
}

bool feed_state_compile(struct feed_state *state, const struct feeds *feeds, uint32_t now_s, struct store **store,
	struct feed_compiled *out, struct pack_error *error)
{
	char path[PATH_BYTES], reason[512];
	struct store_facts facts;
	*out = (struct feed_compiled) { 0 };
	error->text[0] = 0;
	if (!feed_state_path(state, "indicators", path))
		return pack_fail(error, "the path is too long");
	uint64_t digest = digest_of(state, feeds);
	if (is_current(path, digest, store, out))
		return true;
	*out = (struct feed_compiled) { .changed = true };
	if (!compile(state, feeds, path, digest, now_s, out, error))
		return false;
	if (store && !(*store = store_open(path, reason, sizeof(reason))))
		return pack_fail(error, "%s", reason);
	if (store)
		store_facts(*store, &facts);
	else if (!store_peek(path, &facts, reason, sizeof(reason)))
		return pack_fail(error, "%s", reason);
	out->entries = facts.entries;
	out->feeds = facts.feeds;
	return true;
}
