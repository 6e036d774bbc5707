// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/run/situation.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <xxhash.h>
#include "decoders/base/clock.h"
#include "sensor/run/splice.h"

struct situation {
	uint64_t key; // of host, indicator and what came of it; 0 empty
	uint64_t told_ns, first_ns;
	uint64_t repeats, count; // since it was told; in all
	uint8_t level;           // told so far
	bool update;             // what is told now goes on from what was told a while ago
};

struct touch {
	uint64_t indicator; // 0 empty
	uint64_t last_ns;
	uint32_t count;            // of seen
	uint32_t seen[TOUCH_SEEN]; // hashes of all hosts, so that one that was forgotten is not counted again
	struct {
		struct address host;
		uint64_t last_ns; // 0 empty
	} hosts[TOUCH_HOSTS];
};

struct situations {
	uint64_t seed, hold_ns;
	_Atomic uint64_t held; // written by one
	struct situation table[SITUATION_ENTRIES];
	struct touch touches[TOUCH_ENTRIES];
	struct record *copy;
};

struct situations *situations_new(uint64_t hold_s)
{
	struct situations *situations = calloc(1, sizeof(*situations));
	if (!situations)
		return NULL;
	situations->hold_ns = hold_s * NS_PER_S;
	situations->copy = malloc(sizeof(*situations->copy) + RECORD_LINE_MAX + SPLICE_MAX);
	if (situations->copy && getrandom(&situations->seed, sizeof(situations->seed), 0) == sizeof(situations->seed))
		return situations;
	situations_free(situations);
	return NULL;
}

void situations_free(struct situations *situations)
{
	if (situations)
		free(situations->copy);
	free(situations);
}

uint64_t situations_held(const struct situations *situations)
{
	return atomic_load_explicit(&situations->held, memory_order_relaxed);
}

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a; // captures read one after the other may go back in time
}

// What is known already is told when it was not for a while, or when it has come further: then as an update.
static bool go_on(struct situation *known, const struct record *record, uint64_t hold_ns, struct situation *out)
{
	bool held = apart(record->ts_ns, known->told_ns) < hold_ns;
	known->count += 1 + record->repeats;
	if (record->began_ns < known->first_ns)
		known->first_ns = record->began_ns;
	if (held && record->level <= known->level) {
		known->repeats += 1 + record->repeats;
		return false;
	}
	*out = *known;
	out->update = held;
	known->level = record->level;
	known->repeats = 0;
	if (!held)
		known->told_ns = record->ts_ns;
	return true;
}

// True: it is to be told, and entry says what came before.
static bool ask(struct situations *situations, const struct record *record, struct situation *out)
{
	struct {
		struct address host;
		uint64_t situation;
	} key = { record->inside, record->situation };
	if (record->anywhere)
		key.host = (struct address) { 0 };
	uint64_t hash = XXH3_64bits_withSeed(&key, sizeof(key), situations->seed) | 1;
	struct situation *set = &situations->table[(hash >> 8) % (SITUATION_ENTRIES / SITUATION_WAYS) * SITUATION_WAYS];
	struct situation *place = set;
	for (unsigned i = 0; i < SITUATION_WAYS; i++) {
		if (set[i].key == hash)
			return go_on(&set[i], record, situations->hold_ns, out);
		if (place->key && (!set[i].key || set[i].told_ns < place->told_ns))
			place = &set[i];
	}
	*place = (struct situation) { .key = hash,
		.told_ns = record->ts_ns,
		.first_ns = record->began_ns,
		.count = 1 + record->repeats,
		.level = record->level };
	*out = *place;
	return true;
}

static struct touch *touch_of(struct situations *situations, uint64_t indicator)
{
	// Senders choose what indicators are made of
	uint64_t hash = XXH3_64bits_withSeed(&indicator, sizeof(indicator), situations->seed);
	struct touch *set = &situations->touches[hash % (TOUCH_ENTRIES / TOUCH_WAYS) * TOUCH_WAYS], *place = set;
	for (unsigned i = 0; i < TOUCH_WAYS; i++) {
		if (set[i].indicator == indicator)
			return &set[i];
		if (place->indicator && (!set[i].indicator || set[i].last_ns < place->last_ns))
			place = &set[i];
	}
	*place = (struct touch) { .indicator = indicator };
	return place;
}

static uint32_t host_hash(const struct situations *situations, const struct address *host)
{
	return (uint32_t)XXH3_64bits_withSeed(host, sizeof(*host), situations->seed);
}

// Its place in seen, or how many there are.
static uint32_t seen_at(const struct touch *touch, uint32_t hash)
{
	uint32_t at = 0;
	while (at < touch->count && touch->seen[at] != hash)
		at++;
	return at;
}

void situations_remember(struct situations *situations, uint64_t indicator, const struct address *host, uint64_t ts_ns)
{
	struct touch *touch = touch_of(situations, indicator);
	unsigned oldest = 0;
	if (touch->count && apart(ts_ns, touch->last_ns) > TOUCH_KEEP_S * NS_PER_S)
		*touch = (struct touch) { .indicator = indicator };
	if (ts_ns > touch->last_ns)
		touch->last_ns = ts_ns;
	for (unsigned i = 0; i < TOUCH_HOSTS; i++) {
		if (touch->hosts[i].last_ns && address_equal(&touch->hosts[i].host, host)) {
			touch->hosts[i].last_ns = ts_ns;
			return;
		}
		if (touch->hosts[i].last_ns < touch->hosts[oldest].last_ns)
			oldest = i;
	}
	uint32_t hash = host_hash(situations, host);
	if (touch->count < TOUCH_SEEN && seen_at(touch, hash) == touch->count)
		touch->seen[touch->count++] = hash;
	touch->hosts[oldest].host = *host;
	touch->hosts[oldest].last_ns = ts_ns ? ts_ns : 1;
}

// `,"other_hosts":N,"others":["a",...]`: who else inside met it within TOUCH_KEEP_S.
static size_t write_others(struct situations *situations, const struct record *record, char *out, size_t size)
{
	const struct touch *touch = touch_of(situations, record->indicator);
	char list[TOUCH_HOSTS * (ADDRESS_TEXT_SIZE + 4)];
	size_t len = 0;
	unsigned known = 0, stale = 0;
	bool self = seen_at(touch, host_hash(situations, &record->inside)) < touch->count;
	for (unsigned i = 0; i < TOUCH_HOSTS; i++) {
		char text[ADDRESS_TEXT_SIZE];
		if (!touch->hosts[i].last_ns)
			continue;
		if (address_equal(&touch->hosts[i].host, &record->inside))
			continue;
		if (apart(record->ts_ns, touch->hosts[i].last_ns) > TOUCH_KEEP_S * NS_PER_S) {
			stale++;
			continue;
		}
		address_format(&touch->hosts[i].host, true, text);
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s\"%s\"", known++ ? "," : "", text);
	}
	unsigned gone = stale + self, others = touch->count > gone ? touch->count - gone : 0;
	others = others > known ? others : known; // more met it than are counted
	if (!known)
		return (size_t)snprintf(out, size, ",\"other_hosts\":0");
	return (size_t)snprintf(out, size, ",\"other_hosts\":%u,\"others\":[%.*s]", others, (int)len, list);
}

static size_t write_count(const struct record *record, const struct situation *known, char *out, size_t size)
{
	char first[SPLICE_TIME_SIZE], last[SPLICE_TIME_SIZE];
	splice_time(known->first_ns, first);
	splice_time(record->ts_ns, last);
	return (size_t)snprintf(out, size, ",\"first_seen\":\"%s\",\"last_seen\":\"%s\",\"count\":%llu", first, last,
		(unsigned long long)known->count);
}

const struct record *situations_join(
	struct situations *situations, const struct record *record, const char *more, size_t len)
{
	struct situation known;
	char extra[SPLICE_MAX];
	bool told = ask(situations, record, &known);
	memcpy(extra, more, len);
	if (told && record->began_ns)
		len += write_count(record, &known, extra + len, sizeof(extra) - len);
	if (told)
		len += write_others(situations, record, extra + len, sizeof(extra) - len);
	situations_remember(situations, record->indicator, &record->inside, record->ts_ns);
	if (!told) {
		atomic_fetch_add_explicit(&situations->held, 1, memory_order_relaxed);
		return NULL;
	}
	if (known.update)
		len += (size_t)snprintf(extra + len, sizeof(extra) - len, ",\"update\":true");
	if (known.repeats)
		len += (size_t)snprintf(
			extra + len, sizeof(extra) - len, ",\"held_back\":%llu", (unsigned long long)known.repeats);
	return splice_into(situations->copy, record, extra, len);
}
