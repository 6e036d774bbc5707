// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/feeds/local_entries.h"
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX ((size_t)256 << 20)

// False: longer than it may be. Half of it would be something else.
static bool copy_text(char *out, size_t size, const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return snprintf(out, size, "%s", text ? text : "") < (int)size;
}

// False: no time.
static bool copy_time(uint32_t *out, const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));
	*out = (uint32_t)value;
	return value >= 0 && value <= UINT32_MAX;
}

static bool entry_read(const json_t *object, struct local_entry *entry)
{
	char kind[32];
	*entry = (struct local_entry) { .kind = INDICATOR_KINDS };
	bool good = copy_text(entry->value, sizeof(entry->value), object, "value") &&
		    copy_text(entry->by, sizeof(entry->by), object, "by") &&
		    copy_text(entry->note, sizeof(entry->note), object, "note") &&
		    copy_text(entry->family, sizeof(entry->family), object, "family") &&
		    copy_text(entry->technique, sizeof(entry->technique), object, "technique") &&
		    copy_text(kind, sizeof(kind), object, "kind") && copy_time(&entry->expiry_s, object, "expiry") &&
		    copy_time(&entry->added_s, object, "added");
	for (unsigned i = 0; i < INDICATOR_KINDS; i++)
		if (strcmp(kind, indicator_kind_names[i]) == 0)
			entry->kind = (uint8_t)i;
	json_int_t confidence = json_integer_value(json_object_get(object, "confidence"));
	entry->confidence = confidence >= 1 && confidence <= 100 ? (uint8_t)confidence : 90;
	entry->allow = json_is_true(json_object_get(object, "allow"));
	entry->drop = json_is_true(json_object_get(object, "drop"));
	entry->exact = json_is_true(json_object_get(object, "exact"));
	return good && entry->value[0] && entry->kind < INDICATOR_KINDS;
}

bool local_read_bytes(
	const char *name, char *bytes, size_t len, local_give *give, void *context, struct pack_error *error)
{
	unsigned number = 0;
	bool good = true;
	// Lines behind a zero byte (what a crash may leave) would be lost with the next change
	if (memchr(bytes, 0, len))
		return pack_fail(error, "%.200s: a zero byte in it: repair it by hand", name);
	char *at = bytes;
	for (char *line; good && (line = strsep(&at, "\n"));) {
		number++;
		if (!*line)
			continue;
		struct local_entry entry;
		json_t *object = json_loads(line, 0, NULL);
		bool read = json_is_object(object) && entry_read(object, &entry);
		json_decref(object);
		if (!read)
			good = pack_fail(error, "%.200s:%u: expected an entry as `intel add` writes it", name, number);
		else if (!give(context, &entry))
			break;
	}
	return good;
}

bool local_read(const struct feed_state *state, local_give *give, void *context, struct pack_error *error)
{
	char path[PATH_BYTES], *bytes;
	size_t len;
	if (!feed_state_path(state, "local.jsonl", path))
		return pack_fail(error, "the path is too long");
	if (access(path, F_OK) != 0)
		return true;
	if (!file_read(path, FILE_MAX, &bytes, &len, error))
		return false;
	bool good = local_read_bytes(path, bytes, len, give, context, error);
	free(bytes);
	return good;
}

const char *local_indicator(const struct local_entry *entry, const struct feed_site *site, struct feed_value *value)
{
	const char *wrong = feed_value_parse(span_text(entry->value), entry->kind, site, entry->allow, value);
	if (wrong)
		return wrong;
	struct indicator *indicator = &value->indicator;
	indicator->flags |= (uint8_t)((entry->drop ? INDICATOR_DROP : 0) |
				      (entry->exact && !(indicator->flags & INDICATOR_BELOW) ? INDICATOR_EXACT : 0));
	indicator->confidence = entry->confidence;
	indicator->first_seen_s = entry->added_s;
	indicator->expiry_s = entry->expiry_s;
	indicator->family = span_text(entry->family);
	indicator->technique = span_text(entry->technique);
	return NULL;
}

// Rewriting ------------------------------------------------------------------------------------------------------------------------

struct rewriting {
	FILE *out;
	const struct local_entry *added; // NULL: removing
	const char *removed;
	uint32_t now_s;
	unsigned count, gone;
	bool lost; // one could not be written
};

// False: no memory, or a text is not UTF-8.
static bool write_entry(FILE *out, const struct local_entry *entry)
{
	json_t *object = json_pack("{s:s, s:s, s:b, s:b, s:b, s:i, s:s, s:s, s:I, s:I, s:s, s:s}", "value",
		entry->value, "kind", indicator_kind_names[entry->kind], "allow", (int)entry->allow, "drop",
		(int)entry->drop, "exact", (int)entry->exact, "confidence", (int)entry->confidence, "family",
		entry->family, "technique", entry->technique, "expiry", (json_int_t)entry->expiry_s, "added",
		(json_int_t)entry->added_s, "by", entry->by, "note", entry->note);
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	bool good = text && fprintf(out, "%s\n", text) > 0;
	free(text);
	json_decref(object);
	return good;
}

static bool rewrite_one(void *context, const struct local_entry *entry)
{
	struct rewriting *rewriting = context;
	const struct local_entry *added = rewriting->added;
	bool replaced = added && entry->kind == added->kind && entry->allow == added->allow &&
			strcmp(entry->value, added->value) == 0;
	bool removed = rewriting->removed && strcmp(entry->value, rewriting->removed) == 0;
	bool expired = added && entry->expiry_s && entry->expiry_s <= rewriting->now_s;
	rewriting->gone += removed;
	if (replaced || removed || expired)
		return true;
	rewriting->count++;
	rewriting->lost |= !write_entry(rewriting->out, entry);
	return true;
}

static bool rewrite(const struct feed_state *state, struct rewriting *rewriting, struct pack_error *error)
{
	char path[PATH_BYTES], *bytes = NULL;
	size_t len = 0;
	rewriting->out = open_memstream(&bytes, &len);
	if (!rewriting->out)
		return pack_fail(error, "out of memory");
	bool good = local_read(state, rewrite_one, rewriting, error);
	if (good && rewriting->added)
		rewriting->lost |= !write_entry(rewriting->out, rewriting->added);
	if (fclose(rewriting->out) != 0)
		rewriting->lost = true;
	if (good && rewriting->lost)
		good = pack_fail(error, "an entry cannot be written: a text in it is not UTF-8, or out of memory");
	if (good && rewriting->count >= LOCAL_MAX && rewriting->added)
		good = pack_fail(
			error, "%d entries are there already: put them into a file and name it as a feed", LOCAL_MAX);
	good = good && feed_state_path(state, "local.jsonl", path) && file_replace(path, bytes, len, 0640, error);
	free(bytes);
	return good;
}

bool local_add(
	const struct feed_state *state, const struct local_entry *entry, uint32_t now_s, struct pack_error *error)
{
	struct rewriting rewriting = { .added = entry, .now_s = now_s };
	return rewrite(state, &rewriting, error);
}

bool local_remove(const struct feed_state *state, const char *value, unsigned *removed, struct pack_error *error)
{
	struct rewriting rewriting = { .removed = value };
	bool good = rewrite(state, &rewriting, error);
	*removed = rewriting.gone;
	return good;
}
