// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/engine/threshold.h"
#include <stdlib.h>
#include <sys/random.h>
#include <xxhash.h>
#include "decoders/base/clock.h"
#include "signatures/rule/rule_set.h"

#define NEAR 8 // slots an entry may lie in

struct key {
	uint32_t sid, gid;
	uint64_t flow_id;
	struct address first, second;
	uint32_t which; // of the rule's thresholds
	uint32_t track;
};

struct entry {
	struct key key;
	uint64_t start_ns; // of the interval; 0: free
	uint64_t used_ns;
	uint64_t rate_ns; // rate_filter: since when its action is in force; 0 not
	uint32_t count, next;
};

struct threshold_table {
	uint64_t seed;
	uint32_t mask;
	struct entry entries[];
};

struct threshold_table *threshold_table_new(size_t memcap_bytes)
{
	uint32_t size = 64;
	while ((size_t)size * 2 * sizeof(struct entry) <= memcap_bytes && size < 1u << 26)
		size *= 2;
	struct threshold_table *table = calloc(1, sizeof(*table) + size * sizeof(struct entry));
	if (!table)
		return NULL;
	table->mask = size - 1;
	if (getrandom(&table->seed, sizeof(table->seed), 0) != sizeof(table->seed))
		table->seed = (uint64_t)(uintptr_t)table;
	return table;
}

void threshold_table_free(struct threshold_table *table)
{
	free(table);
}

static struct key key_of(const struct threshold_event *event, uint32_t which)
{
	struct key key;
	memset(&key, 0, sizeof(key));
	const struct rule_threshold *threshold = &event->rule->thresholds[which];
	key.sid = event->rule->sid;
	key.gid = event->rule->gid;
	key.which = which;
	key.track = threshold->track;
	bool ordered = address_compare(&event->src, &event->dst) <= 0;
	switch (threshold->track) {
	case TRACK_SRC: key.first = event->src; break;
	case TRACK_DST: key.first = event->dst; break;
	case TRACK_BOTH:
		key.first = ordered ? event->src : event->dst;
		key.second = ordered ? event->dst : event->src;
		break;
	case TRACK_FLOW: key.flow_id = event->flow_id; break;
	default: break;
	}
	return key;
}

// The entry of key, or one made for it in place of the least recently used near it. fresh: it was made.
static struct entry *entry_of(struct threshold_table *table, const struct key *key, uint64_t now_ns, bool *fresh)
{
	uint32_t home = (uint32_t)XXH3_64bits_withSeed(key, sizeof(*key), table->seed);
	struct entry *oldest = NULL;
	*fresh = false;
	for (unsigned i = 0; i < NEAR; i++) {
		struct entry *entry = &table->entries[(home + i) & table->mask];
		if (entry->start_ns && memcmp(&entry->key, key, sizeof(*key)) == 0) {
			entry->used_ns = now_ns;
			return entry;
		}
		if (!oldest || entry->used_ns < oldest->used_ns)
			oldest = entry;
	}
	*oldest = (struct entry) { .start_ns = now_ns ? now_ns : 1, .used_ns = now_ns };
	memcpy(&oldest->key, key, sizeof(*key));
	*fresh = true;
	return oldest;
}

static bool suppresses(const struct rule_threshold *threshold, const struct threshold_event *event)
{
	const struct address_set *set = threshold->addresses;
	if (!set)
		return true;
	bool src = address_set_has(set, &event->src), dst = address_set_has(set, &event->dst);
	switch (threshold->track) {
	case TRACK_SRC: return src;
	case TRACK_DST: return dst;
	default: return src || dst;
	}
}

// Counts the event, in a new interval when the old one is over.
static void count(struct entry *entry, const struct rule_threshold *threshold, uint64_t now_ns, bool fresh)
{
	if (!fresh && now_ns <= entry->start_ns + threshold->seconds * NS_PER_S) {
		entry->count++;
		return;
	}
	entry->start_ns = now_ns ? now_ns : 1;
	entry->count = 1;
}

static enum threshold_answer rate(
	struct entry *entry, const struct rule_threshold *threshold, uint64_t now_ns, uint8_t *new_action)
{
	if (entry->rate_ns && threshold->timeout_s && now_ns - entry->rate_ns > threshold->timeout_s * NS_PER_S)
		entry->rate_ns = 0;
	if (entry->count > threshold->count && !entry->rate_ns)
		entry->rate_ns = now_ns ? now_ns : 1;
	if (entry->rate_ns)
		*new_action = threshold->new_action;
	return THRESHOLD_PASS;
}

static enum threshold_answer backoff(struct entry *entry, const struct rule_threshold *threshold)
{
	uint64_t next = entry->next ? entry->next : threshold->count;
	enum threshold_answer answer = THRESHOLD_SILENT;
	entry->count++;
	if (entry->count >= next) {
		uint64_t after = next * (threshold->multiplier > 1 ? threshold->multiplier : 2);
		next = after > UINT32_MAX ? UINT32_MAX : after;
		answer = THRESHOLD_PASS;
	}
	entry->next = (uint32_t)next;
	return answer;
}

static enum threshold_answer apply(
	struct threshold_table *table, const struct threshold_event *event, uint32_t which, uint8_t *new_action)
{
	const struct rule_threshold *threshold = &event->rule->thresholds[which];
	bool fresh;
	struct key key = key_of(event, which);
	struct entry *entry = entry_of(table, &key, event->ts_ns, &fresh);
	if (threshold->type == THRESHOLD_BACKOFF)
		return backoff(entry, threshold);
	count(entry, threshold, event->ts_ns, fresh);
	switch (threshold->type) {
	case THRESHOLD_LIMIT: return entry->count <= threshold->count ? THRESHOLD_PASS : THRESHOLD_SILENT;
	case THRESHOLD_THRESHOLD:
		if (entry->count < threshold->count)
			return THRESHOLD_NO_MATCH;
		entry->count = 0; // the interval goes on
		return THRESHOLD_PASS;
	case THRESHOLD_BOTH:
		return entry->count < threshold->count    ? THRESHOLD_NO_MATCH
		       : entry->count == threshold->count ? THRESHOLD_PASS
							  : THRESHOLD_SILENT;
	case THRESHOLD_DETECTION: return entry->count > threshold->count ? THRESHOLD_PASS : THRESHOLD_NO_MATCH;
	case THRESHOLD_RATE: return rate(entry, threshold, event->ts_ns, new_action);
	default: return THRESHOLD_PASS;
	}
}

bool threshold_suppressed(const struct threshold_event *event)
{
	const struct rule *rule = event->rule;
	for (uint32_t i = 0; i < rule->threshold_count; i++)
		if (rule->thresholds[i].type == THRESHOLD_SUPPRESS && suppresses(&rule->thresholds[i], event))
			return true;
	return false;
}

bool threshold_suppressed_of(
	const struct rule_set *set, const struct threshold_event *event, const struct address *inside)
{
	for (uint32_t i = 0; i < set->suppression_count; i++) {
		const struct rule_suppression *line = &set->suppressions[i];
		const struct rule_threshold *threshold = &line->threshold;
		if ((line->gid && line->gid != event->rule->gid) || (line->sid && line->sid != event->rule->sid))
			continue;
		if (suppresses(threshold, event) ||
			(threshold->track != TRACK_DST && address_set_has(threshold->addresses, inside)))
			return true;
	}
	return false;
}

enum threshold_answer threshold_apply(
	struct threshold_table *table, const struct threshold_event *event, uint8_t *new_action)
{
	const struct rule *rule = event->rule;
	if (threshold_suppressed(event))
		return THRESHOLD_SILENT;
	for (uint32_t i = 0; i < rule->threshold_count; i++) {
		if (rule->thresholds[i].type == THRESHOLD_SUPPRESS)
			continue;
		enum threshold_answer answer = apply(table, event, i, new_action);
		if (answer != THRESHOLD_PASS)
			return answer;
	}
	return THRESHOLD_PASS;
}
