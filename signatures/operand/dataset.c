// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/operand/dataset.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>
#include "signatures/operand/dataset_table.h"

#define LINE_MAX_BYTES 90000
#define DOMAIN_MAX     255 // bytes, RFC 1035 section 3.1

// What outlives a generation.
struct live {
	unsigned references; // counted by the one thread that makes and frees sets
	uint64_t seed;       // so that who chooses the values cannot choose the chains
	struct dataset_table *table;
};

struct dataset {
	enum dataset_type type;
	size_t memcap_bytes;
	struct dataset_table *loaded;
	_Atomic bool loaded_gone; // cleared
	struct live *live;
	_Atomic uint64_t refused;
};

static void live_release(struct live *live)
{
	if (!live || --live->references)
		return;
	dataset_table_free(live->table);
	free(live);
}

static struct live *live_new(const struct dataset_options *options)
{
	struct live *live = calloc(1, sizeof(*live));
	size_t chains = options->memcap_bytes / 512; // six small values each when it is full
	if (!live)
		return NULL;
	live->references = 1;
	if (chains < options->hashsize)
		chains = options->hashsize;
	live->table = dataset_table_new(options->memcap_bytes, chains > UINT32_MAX ? UINT32_MAX : (uint32_t)chains);
	if (live->table && getrandom(&live->seed, sizeof(live->seed), 0) == sizeof(live->seed))
		return live;
	live_release(live);
	return NULL;
}

struct dataset *dataset_new(const struct dataset_options *options)
{
	struct dataset *set = calloc(1, sizeof(*set));
	if (!set)
		return NULL;
	set->type = options->type;
	set->memcap_bytes = options->memcap_bytes;
	if (options->before) {
		set->live = options->before->live;
		set->live->references++;
	} else {
		set->live = live_new(options);
	}
	set->loaded = dataset_table_new(options->expected ? options->memcap_bytes : 0, options->expected);
	if (set->live && set->loaded)
		return set;
	dataset_free(set);
	return NULL;
}

void dataset_free(struct dataset *set)
{
	if (!set)
		return;
	dataset_table_free(set->loaded);
	live_release(set->live);
	free(set);
}

enum dataset_type dataset_type(const struct dataset *set)
{
	return set->type;
}

bool dataset_goes_on(const struct dataset *set, const struct dataset *other)
{
	return set->live == other->live;
}

uint64_t dataset_refused(const struct dataset *set)
{
	return atomic_load_explicit(&set->refused, memory_order_relaxed);
}

static uint64_t value_hash(const struct dataset *set, struct span value)
{
	uint64_t hash = set->live->seed ^ value.len;
	for (uint32_t i = 0; i < value.len; i++) {
		hash = (hash ^ value.data[i]) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	return hash;
}

static const struct dataset_entry *loaded_find(const struct dataset *set, struct span value, uint64_t hash)
{
	return atomic_load_explicit(&set->loaded_gone, memory_order_acquire)
		       ? NULL
		       : dataset_table_find(set->loaded, value, hash);
}

// The entry of value when it is there. *live: the entry that says so, or that it is gone; NULL when nothing changed since loading.
static const struct dataset_entry *lookup(
	const struct dataset *set, struct span value, uint64_t hash, struct dataset_entry **live)
{
	*live = dataset_table_find(set->live->table, value, hash);
	if (!*live)
		return loaded_find(set, value, hash);
	return atomic_load_explicit(&(*live)->gone, memory_order_acquire) ? NULL : *live;
}

static bool has_normal(const struct dataset *set, struct span value, struct dataset_found *found)
{
	struct dataset_entry *live;
	const struct dataset_entry *entry = lookup(set, value, value_hash(set, value), &live);
	if (entry && found)
		*found = (struct dataset_found) { entry->score, dataset_entry_json(entry) };
	return entry != NULL;
}

bool dataset_has(const struct dataset *set, struct span value, struct dataset_found *found)
{
	struct address address;
	return dataset_value_normal(set->type, &value, &address) && has_normal(set, value, found);
}

// Value or a domain it lies in ("a.b.example" in "b.example"); domains have at most 255 bytes.
static bool dataset_has_domain(const struct dataset *set, struct span value, struct dataset_found *found)
{
	if (dataset_has(set, value, found))
		return true;
	if (set->type != DATASET_STRING || value.len > DOMAIN_MAX)
		return false;
	for (uint32_t dot = 0; (dot = span_find(value, '.', dot)) + 1 < value.len; dot++)
		if (has_normal(set, span_from(value, dot + 1), found))
			return true;
	return false;
}

static struct dataset_item item_of(struct span value, uint64_t hash, const struct dataset_found *with, bool gone)
{
	static const struct dataset_found nothing;
	if (!with)
		with = &nothing;
	return (struct dataset_item) {
		.value = value, .hash = hash, .gone = gone, .score = with->score, .json = with->json
	};
}

static struct dataset_entry *live_put(struct dataset *set, const struct dataset_item *item, bool *fresh)
{
	size_t loaded = dataset_table_used(set->loaded);
	size_t limit = set->memcap_bytes > loaded ? set->memcap_bytes - loaded : 0;
	struct dataset_entry *entry = dataset_table_add(set->live->table, item, limit, fresh);
	if (!entry)
		atomic_fetch_add_explicit(&set->refused, 1, memory_order_relaxed);
	return entry;
}

bool dataset_add(struct dataset *set, struct span value, const struct dataset_found *with)
{
	struct address address;
	struct dataset_entry *live;
	bool fresh = false;
	if (!dataset_value_normal(set->type, &value, &address))
		return false;
	uint64_t hash = value_hash(set, value);
	if (lookup(set, value, hash, &live))
		return false;
	if (!live) {
		struct dataset_item item = item_of(value, hash, with, false);
		live = live_put(set, &item, &fresh);
	}
	return live && (fresh || atomic_exchange(&live->gone, false));
}

bool dataset_load(struct dataset *set, struct span value, const struct dataset_found *with)
{
	struct address address;
	bool fresh;
	if (!dataset_value_normal(set->type, &value, &address))
		return false;
	struct dataset_item item = item_of(value, value_hash(set, value), with, false);
	if (!dataset_table_add(set->loaded, &item, set->memcap_bytes, &fresh)) {
		atomic_fetch_add_explicit(&set->refused, 1, memory_order_relaxed);
		return false;
	}
	return fresh;
}

bool dataset_remove(struct dataset *set, struct span value)
{
	struct address address;
	struct dataset_entry *live;
	bool fresh = false;
	if (!dataset_value_normal(set->type, &value, &address))
		return false;
	uint64_t hash = value_hash(set, value);
	const struct dataset_entry *entry = lookup(set, value, hash, &live);
	if (!entry)
		return false;
	if (!live) {
		// A value of the file: that it is gone must be known to the next generation too, which reads the file again
		const struct dataset_found with = { entry->score, dataset_entry_json(entry) };
		struct dataset_item item = item_of(value, hash, &with, true);
		live = live_put(set, &item, &fresh);
	}
	return live && (fresh || !atomic_exchange(&live->gone, true));
}

void dataset_clear(struct dataset *set)
{
	uint32_t chain = 0;
	atomic_store_explicit(&set->loaded_gone, true, memory_order_release);
	for (struct dataset_entry *at = NULL; (at = dataset_table_next(set->live->table, &chain, at));)
		atomic_store_explicit(&at->gone, true, memory_order_release);
}

static bool read_score(struct span text, uint16_t *score)
{
	uint32_t value = 0;
	for (uint32_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		value = value * 10 + (uint32_t)(text.data[i] - '0');
		if (value > UINT16_MAX)
			return false;
	}
	*score = (uint16_t)value;
	return text.len != 0;
}

const char *dataset_load_line(struct dataset *set, struct span line)
{
	uint8_t bytes[DATASET_VALUE_MAX];
	struct dataset_found with = { 0 };
	if (line.len > LINE_MAX_BYTES)
		return "the line is too long";
	uint32_t comma = span_find(line, ',', 0);
	if (comma < line.len && !read_score(span_trim(span_from(line, comma + 1)), &with.score))
		return "expected a score of 0 to 65535 after the comma";
	uint32_t len = dataset_value_read(set->type, span_trim(span_slice(line, 0, comma)), false, bytes);
	if (len == 0)
		return "the value is not of the set's type (strings are in base64, hashes in hex)";
	uint64_t refused = dataset_refused(set);
	dataset_load(set, span_of(bytes, len), &with);
	return dataset_refused(set) != refused ? "there is no more room in the set (memcap)" : NULL;
}

static void write_entry(const struct dataset *set, const struct dataset_entry *entry, FILE *out)
{
	char text[DATASET_TEXT_MAX];
	fwrite(text, 1, dataset_value_write(set->type, dataset_entry_value(entry), text), out);
	if (entry->score)
		fprintf(out, ",%u", entry->score);
	fputc('\n', out);
}

uint64_t dataset_write(const struct dataset *set, FILE *out)
{
	uint64_t count = 0;
	uint32_t chain = 0;
	for (struct dataset_entry *at = NULL; (at = dataset_table_next(set->live->table, &chain, at));) {
		if (atomic_load_explicit(&at->gone, memory_order_acquire))
			continue;
		write_entry(set, at, out);
		count++;
	}
	chain = 0;
	if (atomic_load_explicit(&set->loaded_gone, memory_order_acquire))
		return count;
	for (struct dataset_entry *at = NULL; (at = dataset_table_next(set->loaded, &chain, at));) {
		if (dataset_table_find(set->live->table, dataset_entry_value(at), at->hash))
			continue; // written above, or gone
		write_entry(set, at, out);
		count++;
	}
	return count;
}

bool dataset_match(const struct match_dataset *match, struct span value, struct dataset_found *found)
{
	if (match->op == DATASET_SET)
		return dataset_add(match->set, value, NULL);
	if (match->op == DATASET_UNSET)
		return dataset_remove(match->set, value);
	bool has =
		match->subdomain ? dataset_has_domain(match->set, value, found) : dataset_has(match->set, value, found);
	if (match->op != DATASET_SCORE)
		return has == (match->op == DATASET_ISSET);
	if (!has)
		return false;
	return match->compare == '<'   ? found->score < match->score
	       : match->compare == '>' ? found->score > match->score
				       : found->score == match->score;
}
