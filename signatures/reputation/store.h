// SPDX-License-Identifier: GPL-3.0-or-later
// Store: all indicators of all feeds, compiled to one file that is read as a whole and looked up without locks.
//
// File       store_file.h: a header, a filter, entries sorted into buckets, networks, sets of sources, feeds, families and techniques. An entry has a
//            64-bit hash of kind and canonical value for its key: the text is not kept (who asks has it from the traffic, and `sekisho intel list` reads
//            the feeds' own files). Two indicators of one hash are one: at ten million, one chance in 300,000
// Filter     in front of everything: a miss costs one cache line. No false negative, under 1 % false positives; what looks up several things (a name and its
//            parents) asks for all their lines at once. A URL asks for its host and for the first segment of its path before it tries prefixes
// Merging    the same indicator from several feeds is one entry; a feed's own repetitions count once, with the highest confidence
// Life cycle store_open -> find ... -> store_close. What becomes of the file afterwards, also who truncates it in place, does not matter
// Memory     the file's bytes, in large pages where there are, shared by all threads; nothing is allocated by a lookup
// Threads    any
// Safety     a file is not trusted: its checksum and all its offsets, counts and ids are checked when it is opened, so that a lookup cannot leave the
//            store. It is not mapped: a file that somebody cuts would end the process, and one that leaves memory would have packets wait for the disk
#pragma once
#include "decoders/base/address.h"
#include "signatures/reputation/indicator.h"

struct store;

// NULL with the reason in error (size bytes): no such file, not ours, of another version, damaged.
struct store *store_open(const char *path, char *error, size_t size);
void store_close(struct store *store);

// What is known of an indicator, by all feeds that name it. Spans borrow from the store.
struct store_entry {
	uint8_t kind;
	uint8_t flags; // DROP when any feed asks for it; EXACT and BELOW only when all agree; ALLOW as asked; EARLIER of first_seen_s
	uint8_t confidence; // of all feeds together: 100 (1 - product of (1 - c/100)), at most 99 unless one says 100
	uint8_t source_count;
	uint32_t set;                    // names the set of sources
	uint32_t first_seen_s, expiry_s; // the earliest; the latest
	struct span family, technique;   // of the most confident feed that has one
	uint64_t key;                    // of the indicator: equal in all generations of the file
};
struct store_source {
	struct span feed, family; // feed: its name in the configuration
	uint8_t confidence;
};
// The nth source of an entry, the most confident first (the 255 most confident are kept). False: there are fewer.
bool store_source(const struct store *store, const struct store_entry *entry, unsigned n, struct store_source *out);

// One lookup of an indicator exactly as given: kind, value, bits, port, and ALLOW of its flags, nothing else of it matters. now_s: entries that expired are
// not found. False: nothing.
bool store_find(const struct store *store, const struct indicator *indicator, uint32_t now_s, struct store_entry *out);

// What a search found: the entry and the part of the asked value that it stands for.
struct store_match {
	struct store_entry entry;
	struct span value;      // domain: the listed name; URL: the listed beginning; address: empty
	struct address address; // network: its first
	uint8_t bits;           // network: of the 16-byte form
	uint16_t port;          // endpoint
};
// allow: look among the allow lists' entries, else among the others. Of several entries that name a value the most confident is told, the narrowest of
// equally confident ones; with DROP when any of them has it.
bool store_match_address(const struct store *store, bool allow, const struct address *address, uint16_t port,
	uint32_t now_s, struct store_match *out); // port 0: any endpoint is left out
// name in canonical form: itself and each parent; at most 10 labels from the right are tried.
bool store_match_domain(
	const struct store *store, bool allow, struct span name, uint32_t now_s, struct store_match *out);
struct canonical_url;
// The whole URL, with its query cut (after '?' and '=', before '&'), without its query, then each shorter path ("/a/b/", "/a/b", "/a/", "/a", "/"); with
// the host, each parent of two labels and more, and without a host; at most 64 lookups, the longest host first, then the longest path.
bool store_match_url(const struct store *store, bool allow, const struct canonical_url *url, uint32_t now_s,
	struct store_match *out);
// Hashes, fingerprints, user agents, mail addresses.
bool store_match_value(const struct store *store, bool allow, enum indicator_kind kind, struct span value,
	uint32_t now_s, struct store_match *out);

// One more entry that names the value: found joins what out has by the rule above. any: out has something; true afterwards.
void store_match_join(bool *any, const struct store_match *found, struct store_match *out);

// The same in two steps: the first hashes, and asks memory for what the second reads; it does not wait. Whatever is between them, both must have the
// same store and value.
#define STORE_AHEAD_KEYS 11
struct store_ahead {
	bool allow;
	uint32_t count;                    // of the next two, the shortest end of a name first
	uint32_t starts[STORE_AHEAD_KEYS]; // where in the value they begin
	uint64_t keys[STORE_AHEAD_KEYS];   // with that of their space
	uint64_t host, anywhere;           // of a URL; 0: none
};
void store_ahead_address(const struct store *store, bool allow, const struct address *address, struct store_ahead *out);
void store_ahead_domain(const struct store *store, bool allow, struct span name, struct store_ahead *out);
void store_ahead_url(const struct store *store, bool allow, const struct canonical_url *url, struct store_ahead *out);
void store_ahead_value(
	const struct store *store, bool allow, enum indicator_kind kind, struct span value, struct store_ahead *out);
bool store_match_address_ahead(const struct store *store, const struct address *address, uint16_t port,
	const struct store_ahead *ahead, uint32_t now_s, struct store_match *out);
bool store_match_domain_ahead(const struct store *store, struct span name, const struct store_ahead *ahead,
	uint32_t now_s, struct store_match *out);
bool store_match_url_ahead(const struct store *store, const struct canonical_url *url, const struct store_ahead *ahead,
	uint32_t now_s, struct store_match *out);
bool store_match_value_ahead(const struct store *store, enum indicator_kind kind, struct span value,
	const struct store_ahead *ahead, uint32_t now_s, struct store_match *out);

struct store_facts {
	uint64_t entries, by_kind[INDICATOR_KINDS], allowed, bytes, filter_bytes;
	uint32_t feeds, built_s;
	uint64_t digest; // of what it was built from, as the builder was told
};
void store_facts(const struct store *store, struct store_facts *out);
// The same of a file by its header alone: what follows it is not looked at. False with the reason in error, as store_open.
bool store_peek(const char *path, struct store_facts *out, char *error, size_t size);
