// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/feeds/feed_state.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include "sensor/feeds/entry_file.h"

#define STATUS_MAX   ((size_t)64 << 10)
#define BACK_OFF_MAX 86400u // seconds

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

static bool feed_part(const struct feed_state *state, const char *feed, const char *part, char out[PATH_BYTES])
{
	char below[FEED_NAME_MAX + 64];
	snprintf(below, sizeof(below), "feeds/%.64s/%s", feed, part);
	return path_join(out, state->root, below);
}

bool feed_state_entries(const struct feed_state *state, const char *feed, char out[PATH_BYTES])
{
	return feed_part(state, feed, "entries", out);
}

// Status ---------------------------------------------------------------------------------------------------------------------------

static void copy_text(char *out, size_t size, const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	snprintf(out, size, "%s", text ? text : "");
}

static uint64_t number(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));
	return value > 0 ? (uint64_t)value : 0;
}

bool feed_status_read(const struct feed_state *state, const char *feed, struct feed_status *status)
{
	char path[PATH_BYTES], *bytes;
	struct pack_error error;
	size_t len, i;
	*status = (struct feed_status) { 0 };
	if (!feed_part(state, feed, "state.json", path) || !file_read(path, STATUS_MAX, &bytes, &len, &error))
		return false;
	json_t *root = json_loadb(bytes, len, 0, NULL);
	free(bytes);
	if (!root)
		return false;
	copy_text(status->source, sizeof(status->source), root, "source");
	copy_text(status->etag, sizeof(status->etag), root, "etag");
	copy_text(status->error, sizeof(status->error), root, "error");
	const char *signature = json_string_value(json_object_get(root, "signature"));
	status->signature = signature ? strtoull(signature, NULL, 16) : 0;
	status->how = number(root, "how");
	status->read_s = (uint32_t)number(root, "read");
	status->tried_s = (uint32_t)number(root, "tried");
	status->next_s = (uint32_t)number(root, "next");
	status->failures = (uint32_t)number(root, "failures");
	status->taken = number(root, "taken");
	status->refused = number(root, "refused");
	status->skipped = number(root, "skipped");
	status->lines = number(root, "lines");
	const json_t *list = json_object_get(root, "refusals"), *item;
	json_array_foreach(list, i, item) if (status->refusal_count < FEED_REFUSALS && json_string_value(item))
		snprintf(status->refusals[status->refusal_count++], sizeof(status->refusals[0]), "%s",
			json_string_value(item));
	json_decref(root);
	return status->read_s != 0;
}

// Of any bytes; what is not UTF-8 is shown as '?'.
static json_t *text_value(const char *text)
{
	json_t *value = json_string(text);
	char plain[2048];
	if (value)
		return value;
	snprintf(plain, sizeof(plain), "%s", text);
	for (char *at = plain; *at; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	return json_string(plain);
}

static bool status_write(
	const struct feed_state *state, const char *feed, const struct feed_status *status, struct pack_error *error)
{
	char path[PATH_BYTES], signature[24];
	json_t *refusals = json_array();
	snprintf(signature, sizeof(signature), "%016llx", (unsigned long long)status->signature);
	for (unsigned i = 0; i < status->refusal_count; i++)
		json_array_append_new(refusals, text_value(status->refusals[i]));
	json_t *root = json_pack("{s:o, s:o, s:s, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "source",
		text_value(status->source), "etag", text_value(status->etag), "signature", signature, "how",
		(json_int_t)status->how, "error", text_value(status->error), "read", (json_int_t)status->read_s,
		"tried", (json_int_t)status->tried_s, "next", (json_int_t)status->next_s, "failures",
		(json_int_t)status->failures, "taken", (json_int_t)status->taken, "refused",
		(json_int_t)status->refused, "skipped", (json_int_t)status->skipped, "lines", (json_int_t)status->lines,
		"refusals", refusals);
	char *text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;
	bool good = text && feed_part(state, feed, "state.json", path) &&
		    file_replace(path, text, strlen(text), 0640, error);
	free(text);
	json_decref(root);
	return good;
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
		snprintf(status->refusals[status->refusal_count++], sizeof(status->refusals[0]), "line %llu: %.190s",
			(unsigned long long)report->refusals[i].line, report->refusals[i].text);
}

static bool shrank(const struct feed *feed, const struct feed_status *old, const struct feed_status *status)
{
	return old->taken >= 20 && status->taken * 100 < old->taken * feed->least_percent;
}

// Reads the files into new entries. False with the reason; the old entries stay.
static bool read_sources(struct feed_state *state, const struct feed *feed, const struct feed_site *site,
	const struct sources *sources, bool force, uint32_t now_s, const struct feed_status *old,
	struct feed_status *status, struct pack_error *error)
{
	char path[PATH_BYTES], entries[PATH_BYTES];
	struct filling *filling = calloc(1, sizeof(*filling));
	struct feed_report report;
	if (!filling)
		return pack_fail(error, "out of memory");
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
		good = good && feed_read(feed, site, path, now_s, keep, filling, &report, error);
		add_report(status, &report);
	}
	if (good && !status->taken && !status->skipped && old->taken)
		good = pack_fail(
			error, "nothing in it can be taken; it had %llu entries", (unsigned long long)old->taken);
	if (good && !force && shrank(feed, old, status))
		good = pack_fail(error,
			"it has %llu entries after %llu: shrank below %u %% (shrink-limit); --force takes it",
			(unsigned long long)status->taken, (unsigned long long)old->taken, feed->least_percent);
	if (good)
		good = entry_writer_commit(&filling->writer, error);
	else
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

// Is what was read too old, or was it read otherwise than it would be now? Entries without an expiry of their own live from when they were read: what the
// feed still has is read again in time.
static bool is_stale(const struct feed *feed, const struct feed_status *old, uint64_t how, uint32_t now_s)
{
	return old->how != how || (feed->expire_after_s && (uint64_t)old->read_s + feed->expire_after_s / 4 <= now_s);
}

static bool has_entries(const struct feed_state *state, const struct feed *feed)
{
	char path[PATH_BYTES];
	return feed_state_entries(state, feed->name, path) && access(path, F_OK) == 0;
}

// Fetches into path. *same: it is what was read before.
static bool fetch_source(const struct fetch_config *config, const struct feed *feed, const char *etag, const char *path,
	bool *same, struct fetch_answer *answer, struct pack_error *error)
{
	enum fetch_result result = fetch(config, feed->source, etag, path, answer);
	*same = result == FETCH_UNCHANGED;
	return result != FETCH_FAILED || pack_fail(error, "%s", answer->error);
}

// With the ending that the URL's path has (".csv.gz"): it says what format a file is that does not say so itself.
static bool fetched_path(const struct feed_state *state, const struct feed *feed, char out[PATH_BYTES])
{
	char part[24];
	size_t end = strcspn(feed->source, "?#"), at = end;
	for (unsigned dots = 0; dots < 2 && at > 0 && end - at < 10; at--) { // ".csv", ".csv.gz"
		char c = feed->source[at - 1];
		if (c == '.' && (++dots == 2 || strncmp(feed->source + at, "gz", end - at) != 0)) {
			at--;
			break;
		}
		if (c != '.' && (c < 'a' || c > 'z'))
			break;
	}
	bool ends = feed->source[at] == '.' && end - at < 10;
	snprintf(part, sizeof(part), "fetched%.*s", ends ? (int)(end - at) : 0, feed->source + at);
	return feed_part(state, feed->name, part, out);
}

// What is at feed's source becomes its entries, if it is new. False: error has the reason, and *status is not to be used.
static bool renew(struct feed_state *state, const struct feed *feed, const struct feed_site *site,
	const struct fetch_config *fetching, bool force, bool stale, uint32_t now_s, const struct feed_status *old,
	struct feed_status *status, bool *same, struct pack_error *error)
{
	struct sources sources = { 0 };
	struct fetch_answer answer = { 0 };
	struct feed source = *feed;
	char folder[PATH_BYTES], fetched[PATH_BYTES] = "";
	bool url = source.remote = fetch_is_url(feed->source);
	bool good = feed_part(state, feed->name, "", folder) && folder_make(folder, error);
	if (good && url) {
		good = fetched_path(state, feed, fetched) &&
		       fetch_source(fetching, feed, !stale && old->etag[0] ? old->etag : NULL, fetched, same, &answer,
			       error);
		source.source = fetched;
	}
	if (good && !*same)
		good = find_sources(&source, &sources, error);
	if (good && !*same && !url && !stale && !force)
		*same = old->signature == sources.signature;
	if (good && !*same) {
		*status = (struct feed_status) { .read_s = now_s };
		good = read_sources(state, &source, site, &sources, force, now_s, old, status, error);
		status->signature = sources.signature;
		status->how = how_read(feed, site);
		snprintf(status->etag, sizeof(status->etag), "%s", answer.etag);
	}
	if (fetched[0])
		unlink(fetched);
	tree_list_free(&sources.tree);
	return good;
}

enum feed_outcome feed_state_update(struct feed_state *state, const struct feed *feed, const struct feed_site *site,
	const struct fetch_config *fetching, bool force, uint32_t now_s, struct feed_status *status)
{
	struct feed_status old;
	struct pack_error error = { "" };
	bool known = feed_status_read(state, feed->name, &old), same = false;
	uint64_t how = how_read(feed, site);
	if (strcmp(old.source, feed->source) != 0) { // another feed of that name: nothing of the old one holds
		known = false;
		old = (struct feed_status) { 0 };
	}
	known &= has_entries(state, feed);
	*status = old;
	bool as_before = !known || old.how == how || old.failures;
	if (fetch_is_url(feed->source) && !force && as_before && old.next_s > now_s && old.tried_s <= now_s)
		return known ? old.error[0] ? FEED_KEPT : FEED_SAME : FEED_MISSING;
	bool stale = !known || is_stale(feed, &old, how, now_s);
	bool good = renew(state, feed, site, fetching, force, stale, now_s, &old, status, &same, &error);
	if (!good) {
		*status = old;
		snprintf(status->error, sizeof(status->error), "%.500s", error.text);
		if (is_stopping(state->stop))
			return known ? FEED_KEPT : FEED_MISSING;
	} else {
		status->error[0] = 0;
	}
	snprintf(status->source, sizeof(status->source), "%.2000s", feed->source);
	status->failures = good ? 0 : old.failures + 1;
	status->tried = true;
	status->tried_s = now_s;
	status->next_s = now_s + (good ? (uint32_t)feed->interval_s : back_off(feed, status->failures));
	if (!status_write(state, feed->name, status, &error) && good) {
		snprintf(status->error, sizeof(status->error), "%.500s", error.text);
		good = false;
	}
	return good ? same ? FEED_SAME : FEED_FRESH : known ? FEED_KEPT : FEED_MISSING;
}
