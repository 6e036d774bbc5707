// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/operand/dataset.h"
#include "decoders/base/address.h"
#include "signatures/operand/base64.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>

#define VALUE_MAX      4096 // bytes of a value
#define LINE_MAX_BYTES 8192

struct entry {
	_Atomic(struct entry *) next;
	uint64_t hash;
	_Atomic bool gone;
	uint16_t score;
	uint32_t len;
	uint8_t bytes[];
};

struct dataset {
	enum dataset_type type;
	uint64_t seed; // so that who chooses the values cannot choose the chains
	uint8_t *pool;
	size_t pool_bytes;
	_Atomic size_t used_bytes;
	_Atomic uint64_t refused;
	uint32_t chain_count; // a power of two
	_Atomic(struct entry *) chains[];
};

static const struct {
	const char *name;
	uint32_t len; // of a value in bytes; 0 any
} types[DATASET_TYPES] = {
	[DATASET_STRING] = { "string", 0 },
	[DATASET_MD5] = { "md5", 16 },
	[DATASET_SHA256] = { "sha256", 32 },
	[DATASET_IPV4] = { "ipv4", 4 },
	[DATASET_IP] = { "ip", 16 },
};

struct dataset *dataset_new(enum dataset_type type, size_t pool_bytes)
{
	uint32_t chains = 256;
	while (chains < pool_bytes / 64 && chains < 1u << 22)
		chains *= 2;
	struct dataset *set = calloc(1, sizeof(*set) + chains * sizeof(set->chains[0]));
	uint8_t *pool = malloc(pool_bytes);
	if (!set || !pool || getrandom(&set->seed, sizeof(set->seed), 0) != sizeof(set->seed)) {
		free(set);
		free(pool);
		return NULL;
	}
	set->type = type;
	set->pool = pool;
	set->pool_bytes = pool_bytes;
	set->chain_count = chains;
	return set;
}

void dataset_free(struct dataset *set)
{
	if (!set)
		return;
	free(set->pool);
	free(set);
}

enum dataset_type dataset_type(const struct dataset *set)
{
	return set->type;
}

bool dataset_type_find(struct span name, enum dataset_type *out)
{
	for (int i = 0; i < DATASET_TYPES; i++)
		if (span_is(name, types[i].name)) {
			*out = (enum dataset_type)i;
			return true;
		}
	return false;
}

uint64_t dataset_refused(const struct dataset *set)
{
	return atomic_load_explicit(&set->refused, memory_order_relaxed);
}

// The form a value is kept in: addresses of both families in 16 bytes. False: no value of this type.
static bool value_normal(const struct dataset *set, struct span *value, struct address *address)
{
	if (set->type == DATASET_IP && value->len == 4) {
		*address = address_v4(value->data);
		*value = span_of(address->bytes, 16);
	}
	if (set->type == DATASET_IPV4 && value->len == 16) {
		memcpy(address->bytes, value->data, 16);
		if (!address_is_v4(address))
			return false;
		*value = span_of(address->bytes + 12, 4);
	}
	return value->len && value->len <= VALUE_MAX &&
	       (types[set->type].len == 0 || value->len == types[set->type].len);
}

static uint64_t value_hash(const struct dataset *set, struct span value)
{
	uint64_t hash = set->seed ^ value.len;
	for (uint32_t i = 0; i < value.len; i++) {
		hash = (hash ^ value.data[i]) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	return hash;
}

static struct entry *find(const struct dataset *set, struct span value, uint64_t hash)
{
	struct entry *entry = atomic_load_explicit(&set->chains[hash & (set->chain_count - 1)], memory_order_acquire);
	while (entry &&
		(entry->hash != hash || entry->len != value.len || memcmp(entry->bytes, value.data, value.len) != 0))
		entry = atomic_load_explicit(&entry->next, memory_order_acquire);
	return entry;
}

static struct entry *entry_new(struct dataset *set, struct span value, uint64_t hash, uint16_t score)
{
	size_t size = (sizeof(struct entry) + value.len + 15) & ~(size_t)15;
	size_t at = atomic_load_explicit(&set->used_bytes, memory_order_relaxed);
	do {
		if (size > set->pool_bytes - at) {
			atomic_fetch_add_explicit(&set->refused, 1, memory_order_relaxed);
			return NULL;
		}
	} while (!atomic_compare_exchange_weak_explicit(
		&set->used_bytes, &at, at + size, memory_order_relaxed, memory_order_relaxed));
	struct entry *entry = (struct entry *)(void *)(set->pool + at);
	atomic_init(&entry->next, NULL);
	atomic_init(&entry->gone, false);
	entry->hash = hash;
	entry->score = score;
	entry->len = value.len;
	memcpy(entry->bytes, value.data, value.len);
	return entry;
}

bool dataset_has(const struct dataset *set, struct span value, uint16_t *score)
{
	struct address address;
	if (!value_normal(set, &value, &address))
		return false;
	const struct entry *entry = find(set, value, value_hash(set, value));
	if (!entry || atomic_load_explicit(&entry->gone, memory_order_acquire))
		return false;
	if (score)
		*score = entry->score;
	return true;
}

bool dataset_add(struct dataset *set, struct span value, uint16_t score)
{
	struct address address;
	if (!value_normal(set, &value, &address))
		return false;
	uint64_t hash = value_hash(set, value);
	_Atomic(struct entry *) *chain = &set->chains[hash & (set->chain_count - 1)];
	struct entry *fresh = NULL;
	for (;;) {
		// The head is read before the search: if the chain grows after it, the exchange fails and the search is done anew
		struct entry *first = atomic_load_explicit(chain, memory_order_acquire),
			     *known = find(set, value, hash);
		if (known)
			return atomic_exchange(&known->gone, false); // of fresh, if there is one, only the room is lost
		if (!fresh && !(fresh = entry_new(set, value, hash, score)))
			return false;
		atomic_store_explicit(&fresh->next, first, memory_order_relaxed);
		if (atomic_compare_exchange_strong_explicit(
			    chain, &first, fresh, memory_order_acq_rel, memory_order_acquire))
			return true;
	}
}

bool dataset_remove(struct dataset *set, struct span value)
{
	struct address address;
	if (!value_normal(set, &value, &address))
		return false;
	struct entry *entry = find(set, value, value_hash(set, value));
	return entry && !atomic_exchange(&entry->gone, true);
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static uint32_t read_hex(struct span text, uint8_t *out, uint32_t len)
{
	if (text.len != len * 2)
		return 0;
	for (uint32_t i = 0; i < len; i++) {
		int high = hex_digit(text.data[2 * i]), low = hex_digit(text.data[2 * i + 1]);
		if (high < 0 || low < 0)
			return 0;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return len;
}

static uint32_t read_address(struct span text, struct address *out)
{
	char copy[ADDRESS_TEXT_SIZE];
	if (text.len == 0 || text.len >= sizeof(copy))
		return 0;
	memcpy(copy, text.data, text.len);
	copy[text.len] = 0;
	return address_parse(copy, out) ? 16 : 0;
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

const char *dataset_load_line(struct dataset *set, struct span line, bool has_score)
{
	uint8_t bytes[VALUE_MAX];
	struct address address;
	uint16_t score = 0;
	if (line.len > LINE_MAX_BYTES)
		return "the line is too long";
	uint32_t comma = span_find(line, ',', 0);
	struct span text = span_trim(span_slice(line, 0, comma));
	if (has_score && (comma == line.len || !read_score(span_trim(span_from(line, comma + 1)), &score)))
		return "expected a score of 0 to 65535 after a comma";
	uint32_t len;
	switch (set->type) {
	case DATASET_STRING: len = base64_decode(text, BASE64_STRICT, bytes, sizeof(bytes)); break;
	case DATASET_MD5: len = read_hex(text, bytes, 16); break;
	case DATASET_SHA256: len = read_hex(text, bytes, 32); break;
	default:
		len = read_address(text, &address);
		memcpy(bytes, address.bytes, len);
		break;
	}
	if (len == 0)
		return "the value is not of the set's type (strings are in base64, hashes in hex)";
	uint64_t refused = dataset_refused(set);
	dataset_add(set, span_of(bytes, len), score);
	return dataset_refused(set) != refused ? "there is no more room in the set" : NULL;
}

bool dataset_match(const struct match_dataset *match, struct span value)
{
	uint16_t score;
	switch (match->op) {
	case DATASET_SET: return dataset_add(match->set, value, 0);
	case DATASET_UNSET: return dataset_remove(match->set, value);
	case DATASET_ISSET: return dataset_has(match->set, value, NULL);
	case DATASET_ISNOTSET: return !dataset_has(match->set, value, NULL);
	default: break;
	}
	if (!dataset_has(match->set, value, &score))
		return false;
	return match->compare == '<'   ? score < match->score
	       : match->compare == '>' ? score > match->score
				       : score == match->score;
}
