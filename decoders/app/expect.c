// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/expect.h"
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <xxhash.h>

#define BUCKETS   512
#define CHAIN_MAX 16 // entries of a bucket; more push its oldest out

struct entry {
	struct app_expectation what;
	struct entry *next; // in its bucket, newest first; or of the free ones
	bool used;
};

struct app_expect {
	uint64_t seed, evicted;
	uint32_t live, oldest; // entries[oldest] is made use of next when all are out
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
	return expect;
}

void app_expect_free(struct app_expect *expect)
{
	free(expect);
}

uint64_t app_expect_evicted(const struct app_expect *expect)
{
	return expect->evicted;
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

static void unlink_entry(struct app_expect *expect, struct entry *entry)
{
	struct entry **link = bucket_of(expect, &entry->what.responder, entry->what.port, entry->what.ip_proto);
	while (*link && *link != entry)
		link = &(*link)->next;
	if (*link)
		*link = entry->next;
	entry->used = false;
	expect->live--;
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
		if (++seen >= CHAIN_MAX && !same)
			expect->evicted++;
		if (same || seen >= CHAIN_MAX)
			unlink_entry(expect, entry);
	}
}

void app_expect_add(struct app_expect *expect, const struct app_expectation *what)
{
	struct entry **bucket = bucket_of(expect, &what->responder, what->port, what->ip_proto);
	drop_like(expect, what, *bucket);
	struct entry *entry = &expect->entries[expect->oldest];
	expect->oldest = (expect->oldest + 1) % APP_EXPECT_MAX;
	if (entry->used) {
		unlink_entry(expect, entry);
		expect->evicted++;
	}
	entry->what = *what;
	entry->used = true;
	entry->next = *bucket;
	*bucket = entry;
	expect->live++;
}

bool app_expect_take(
	struct app_expect *expect, const struct flow_key *key, uint64_t now_ns, struct app_expectation *out)
{
	if (!expect->live)
		return false;
	for (struct entry *entry = *bucket_of(expect, &key->dst, key->dport, key->proto), *next; entry; entry = next) {
		next = entry->next;
		if (now_ns > entry->what.ends_ns) {
			unlink_entry(expect, entry);
			continue;
		}
		if (!goes_to(&entry->what, &key->dst, key->dport, key->proto))
			continue;
		if (!entry->what.any_initiator && !address_equal(&entry->what.initiator, &key->src))
			continue;
		*out = entry->what;
		if (!entry->what.lasting)
			unlink_entry(expect, entry);
		return true;
	}
	return false;
}
