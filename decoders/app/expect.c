// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/expect.h"
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <xxhash.h>

#define BUCKETS   512
#define CHAIN_MAX 16  // entries of a bucket; more push its oldest out
#define OWNERS    512 // owners are told apart by hash: two that meet share a share

// Entries by age: all that are used, and those of an owner.
enum line_kind { LINE_ALL, LINE_OWNER, LINE_KINDS };

struct entry {
	struct app_expectation what;
	struct entry *next; // in its bucket, newest first; or of the free ones
	struct entry *older[LINE_KINDS], *newer[LINE_KINDS];
};

struct line {
	struct entry *oldest, *newest;
	uint32_t count;
};

struct app_expect {
	uint64_t seed, counters[APP_EXPECT_COUNTERS_END];
	struct line all, owners[OWNERS];
	struct entry *free;
	struct entry *buckets[BUCKETS];
	struct entry entries[APP_EXPECT_MAX];
};

struct app_expect *app_expect_new(void)
{
	struct app_expect *expect = calloc(1, sizeof(*expect));
	if (expect && getrandom(&expect->seed, sizeof(expect->seed), 0) != sizeof(expect->seed)) {
		free(expect);
		return NULL;
	}
	for (unsigned i = 0; expect && i < APP_EXPECT_MAX; i++) {
		expect->entries[i].next = expect->free;
		expect->free = &expect->entries[i];
	}
	return expect;
}

void app_expect_free(struct app_expect *expect)
{
	free(expect);
}

uint64_t app_expect_counter(const struct app_expect *expect, enum app_expect_counter counter)
{
	return expect->counters[counter];
}

static void line_add(struct line *line, enum line_kind kind, struct entry *entry)
{
	entry->older[kind] = line->newest;
	entry->newer[kind] = NULL;
	if (line->newest)
		line->newest->newer[kind] = entry;
	else
		line->oldest = entry;
	line->newest = entry;
	line->count++;
}

static void line_remove(struct line *line, enum line_kind kind, struct entry *entry)
{
	if (entry->older[kind])
		entry->older[kind]->newer[kind] = entry->newer[kind];
	else
		line->oldest = entry->newer[kind];
	if (entry->newer[kind])
		entry->newer[kind]->older[kind] = entry->older[kind];
	else
		line->newest = entry->older[kind];
	line->count--;
}

static struct entry **bucket_of(
	struct app_expect *expect, const struct address *responder, uint16_t port, uint8_t ip_proto)
{
	struct {
		uint8_t bytes[16];
		uint16_t port, ip_proto;
	} key = { .port = port, .ip_proto = ip_proto };
	memcpy(key.bytes, responder->bytes, sizeof(key.bytes));
	return &expect->buckets[XXH3_64bits_withSeed(&key, sizeof(key), expect->seed) % BUCKETS];
}

static struct line *line_of_owner(struct app_expect *expect, const struct address *owner)
{
	return &expect->owners[XXH3_64bits_withSeed(owner->bytes, sizeof(owner->bytes), expect->seed) % OWNERS];
}

static void release(struct app_expect *expect, struct entry *entry)
{
	struct entry **link = bucket_of(expect, &entry->what.responder, entry->what.port, entry->what.ip_proto);
	while (*link && *link != entry)
		link = &(*link)->next;
	if (*link)
		*link = entry->next;
	line_remove(&expect->all, LINE_ALL, entry);
	line_remove(line_of_owner(expect, &entry->what.owner), LINE_OWNER, entry);
	entry->next = expect->free;
	expect->free = entry;
}

static void evict(struct app_expect *expect, struct entry *entry, enum app_expect_counter counter)
{
	expect->counters[counter]++;
	release(expect, entry);
}

static bool goes_to(const struct app_expectation *a, const struct address *responder, uint16_t port, uint8_t ip_proto)
{
	return a->port == port && a->ip_proto == ip_proto && address_equal(&a->responder, responder);
}

static void drop_like(struct app_expect *expect, const struct app_expectation *what, struct entry *head)
{
	unsigned seen = 0;
	for (struct entry *entry = head, *next; entry; entry = next) {
		next = entry->next;
		bool same = goes_to(&entry->what, &what->responder, what->port, what->ip_proto) &&
			    entry->what.any_initiator == what->any_initiator &&
			    address_equal(&entry->what.initiator, &what->initiator);
		if (same)
			release(expect, entry);
		else if (++seen >= CHAIN_MAX)
			evict(expect, entry, APP_EXPECT_EVICTED);
	}
}

void app_expect_add(struct app_expect *expect, const struct app_expectation *what)
{
	struct entry **bucket = bucket_of(expect, &what->responder, what->port, what->ip_proto);
	struct line *own = line_of_owner(expect, &what->owner);
	drop_like(expect, what, *bucket);
	if (own->count >= APP_EXPECT_SHARE)
		evict(expect, own->oldest, APP_EXPECT_OVER_SHARE);
	else if (!expect->free)
		evict(expect, expect->all.oldest, APP_EXPECT_EVICTED);
	struct entry *entry = expect->free;
	expect->free = entry->next;
	entry->what = *what;
	entry->next = *bucket;
	*bucket = entry;
	line_add(&expect->all, LINE_ALL, entry);
	line_add(own, LINE_OWNER, entry);
}

static struct entry *find(struct app_expect *expect, const struct flow_key *key, uint64_t now_ns)
{
	if (!expect->all.count)
		return NULL;
	for (struct entry *entry = *bucket_of(expect, &key->dst, key->dport, key->proto), *next; entry; entry = next) {
		next = entry->next;
		if (now_ns > entry->what.ends_ns) {
			release(expect, entry);
			continue;
		}
		if (goes_to(&entry->what, &key->dst, key->dport, key->proto) &&
			(entry->what.any_initiator || address_equal(&entry->what.initiator, &key->src)))
			return entry;
	}
	return NULL;
}

const struct app_expectation *app_expect_peek(struct app_expect *expect, const struct flow_key *key, uint64_t now_ns)
{
	const struct entry *entry = find(expect, key, now_ns);
	return entry ? &entry->what : NULL;
}

bool app_expect_take(
	struct app_expect *expect, const struct flow_key *key, uint64_t now_ns, struct app_expectation *out)
{
	struct entry *entry = find(expect, key, now_ns);
	if (!entry)
		return false;
	*out = entry->what;
	if (!entry->what.lasting)
		release(expect, entry);
	return true;
}
