// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/feeds/known_since.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "decoders/base/log.h"
#include "sensor/feeds/entry_file.h"
#include "signatures/reputation/store_build.h"

#define FINGERPRINT 0x7fffffffu
#define EARLIER     (1ull << 31)
#define TOGETHER    64
#define ENTRY_TEXTS (INDICATOR_VALUE_MAX + 2 * ENTRY_TEXT_MAX)

// Entries wait for each other: asked for in one go, their places come from memory at the same time, and not each in its turn.
struct waiting {
	struct indicator indicator;
	uint64_t key;
};

struct known_since {
	struct known_basis basis;
	feed_give *give;
	void *context;
	bool read, earlier;
	uint64_t *slots; // date << 32 | EARLIER | fingerprint; 0 free. NULL: nothing is known
	uint64_t room;
	unsigned count;
	size_t text_len;
	struct waiting waiting[TOGETHER];
	uint8_t texts[4 * ENTRY_TEXTS];
};

struct known_since *known_since_new(const struct known_basis *basis, feed_give *give, void *context)
{
	struct known_since *known = calloc(1, sizeof(*known));
	if (known)
		*known = (struct known_since) {
			.basis = *basis, .give = give, .context = context, .earlier = basis->earlier
		};
	return known;
}

static void forget(struct known_since *known)
{
	if (known->slots)
		munmap(known->slots, known->room * sizeof(*known->slots));
	known->slots = NULL;
	known->earlier = true;
}

void known_since_free(struct known_since *known)
{
	if (known)
		forget(known);
	free(known);
}

// The table --------------------------------------------------------------------------------------------------------------------------

static uint64_t key_of(const struct indicator *indicator)
{
	return store_key((enum indicator_kind)indicator->kind, indicator->value,
		indicator->kind == INDICATOR_NETWORK ? indicator->bits : 0,
		indicator->kind == INDICATOR_ENDPOINT ? indicator->port : 0);
}

static uint64_t home_of(const struct known_since *known, uint64_t key)
{
	return (uint64_t)((unsigned __int128)key * known->room >> 64);
}

// The slot of key: where it is, or where it may be put. NULL: there is no room near its home.
static uint64_t *slot_of(const struct known_since *known, uint64_t key)
{
	uint64_t at = home_of(known, key);
	for (unsigned probe = 0; probe < KNOWN_PROBES; probe++) {
		uint64_t *slot = &known->slots[at];
		if (!*slot || !((*slot ^ key) & FINGERPRINT))
			return slot;
		at = at + 1 == known->room ? 0 : at + 1;
	}
	return NULL;
}

// What is to be learnt.
struct learning {
	uint64_t keys[TOGETHER], values[TOGETHER];
	unsigned count;
};

static void learn(struct known_since *known, struct learning *learning)
{
	for (unsigned i = 0; i < learning->count; i++)
		__builtin_prefetch(&known->slots[home_of(known, learning->keys[i])], 1);
	for (unsigned i = 0; i < learning->count; i++) {
		uint64_t *slot = slot_of(known, learning->keys[i]), value = learning->values[i];
		if (!slot)
			known->earlier = true;
		else if (!*slot || value < *slot) // what is there twice: since the earlier one
			*slot = value;
	}
	learning->count = 0;
}

static void take(struct known_since *known, struct learning *learning, const struct indicator *indicator)
{
	uint64_t key = key_of(indicator);
	if (!indicator->first_seen_s)
		return;
	learning->keys[learning->count] = key;
	learning->values[learning->count++] = (uint64_t)indicator->first_seen_s << 32 |
					      (indicator->flags & INDICATOR_EARLIER ? EARLIER : 0) |
					      (key & FINGERPRINT);
	if (learning->count == TOGETHER)
		learn(known, learning);
}

// False: no memory, or stopped.
static bool learn_all(struct known_since *known, struct entry_reader *reader, struct pack_error *error)
{
	const atomic_bool *stop = known->basis.stop;
	struct indicator indicator;
	struct learning learning = { .count = 0 };
	known->room = reader->count + reader->count / 2 + KNOWN_PROBES;
	void *slots = mmap(
		NULL, known->room * sizeof(*known->slots), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (slots == MAP_FAILED)
		return false;
	(void)madvise(slots, known->room * sizeof(*known->slots), MADV_HUGEPAGE);
	known->slots = slots;
	while (entry_reader_next(reader, &indicator, error)) {
		if (stop && atomic_load_explicit(stop, memory_order_relaxed))
			return false;
		take(known, &learning, &indicator);
	}
	learn(known, &learning);
	return true;
}

static bool read_last(struct known_since *known)
{
	struct pack_error error = { "" };
	struct entry_reader *reader = malloc(sizeof(*reader));
	bool good = reader != NULL;
	known->read = true;
	if (good && entry_reader_open(reader, known->basis.entries, &error)) {
		if (reader->count > KNOWN_MAX)
			pack_fail(&error, "%.300s: more than %u entries", known->basis.entries, KNOWN_MAX);
		else
			good = learn_all(known, reader, &error);
		entry_reader_close(reader);
	}
	free(reader);
	if (error.text[0]) {
		log_warning("%s: it is not known since when its entries are", error.text);
		forget(known);
	}
	return good;
}

// Dating -----------------------------------------------------------------------------------------------------------------------------

static void date(const struct known_since *known, struct indicator *indicator, uint64_t key)
{
	const uint64_t *slot = known->slots ? slot_of(known, key) : NULL;
	uint64_t value = slot ? *slot : 0;
	indicator->first_seen_s = value ? (uint32_t)(value >> 32) : known->basis.now_s;
	if (value ? (value & EARLIER) != 0 : known->earlier)
		indicator->flags |= INDICATOR_EARLIER;
}

static bool settle(struct known_since *known)
{
	bool good = true;
	for (unsigned i = 0; i < known->count; i++)
		__builtin_prefetch(&known->slots[home_of(known, known->waiting[i].key)]);
	for (unsigned i = 0; good && i < known->count; i++) {
		struct waiting *waiting = &known->waiting[i];
		if (!waiting->indicator.first_seen_s)
			date(known, &waiting->indicator, waiting->key);
		good = known->give(known->context, &waiting->indicator);
	}
	known->count = 0;
	known->text_len = 0;
	return good;
}

static struct span copy(struct known_since *known, struct span text, uint32_t most)
{
	uint8_t *to = known->texts + known->text_len;
	text.len = text.len < most ? text.len : most;
	if (text.len)
		memcpy(to, text.data, text.len);
	known->text_len += text.len;
	return span_of(to, text.len);
}

bool known_since_add(void *context, const struct indicator *indicator)
{
	struct known_since *known = context;
	if (!indicator->first_seen_s && !known->read && known->basis.entries && !read_last(known))
		return false;
	if (!known->slots) { // nothing to wait for
		struct indicator dated = *indicator;
		if (!dated.first_seen_s)
			date(known, &dated, 0);
		return known->give(known->context, &dated);
	}
	if ((known->count == TOGETHER || ENTRY_TEXTS > sizeof(known->texts) - known->text_len) && !settle(known))
		return false;
	struct waiting *waiting = &known->waiting[known->count++];
	waiting->indicator = *indicator;
	waiting->indicator.value = copy(known, indicator->value, INDICATOR_VALUE_MAX);
	waiting->indicator.family = copy(known, indicator->family, ENTRY_TEXT_MAX);
	waiting->indicator.technique = copy(known, indicator->technique, ENTRY_TEXT_MAX);
	waiting->key = indicator->first_seen_s ? 0 : key_of(indicator);
	return true;
}

bool known_since_end(struct known_since *known)
{
	return settle(known);
}
