// SPDX-License-Identifier: GPL-3.0-or-later
// Site domains: which registered domains (public suffix list) the hosts here have used, since when, and by how many; so that one which nobody here met before can be told.
//
// Used         a DNS question that was answered, a TLS or QUIC server name, an HTTP host or target of CONNECT, of a host here. Not: names that do not exist, internal ones, the
//              site's own, what outsiders ask servers here for (heuristics_domains.c leaves those out)
// New          what was first met less than age_s ago, and after the first learn_s of this memory, in which nothing is new
// Memory       a hash of 8 bytes a domain, not its name: memory_bytes in all, in sets of SITE_WAYS. A full set forgets a domain that was met on one day only, the one longest ago and of these
//              the latest come; where all came back on another day, the one not met for longest. So a flood of names displaces itself, not what the site uses
// Bounds       a host adds at most host_limit domains a day, and SITE_TOLD_MAX a day are told of it; what is over is counted
// Others'      a host here that was seen answering another one's questions (a resolver), or taking it further (CONNECT, SOCKS: a proxy), asks or visits for others: what it does so is
//              remembered, and told with who wanted it
// Life cycle   site_domains_new -> site_domains_load (what was packed) -> meet, ask ... -> site_domains_pack -> site_domains_free
// Threads      one: the collector's, which alone sees all workers in one order, so that what is new does not depend on their number
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "decoders/base/address.h"
#include "decoders/base/span.h"

#define SITE_WAYS      8
#define SITE_HOSTS_MAX 4    // who met a domain is counted up to here: so many or more
#define SITE_TOLD_MAX  100  // findings of new domains of one host a day
#define SITE_BIG       10   // hosts here from which on it says something that only one of them visits a domain
#define SITE_HOSTS     4096 // hosts whose limits are kept; a full set forgets who came longest ago

// Another reason to look at a domain, besides that it is new.
enum domain_reason {
	DOMAIN_RARE_TLD = 1 << 0,          // its top-level domain is none of those that most visits go to
	DOMAIN_DRAWN = 1 << 1,             // it looks as if a program had drawn it
	DOMAIN_PUNYCODE = 1 << 2,          // it has letters beyond ASCII
	DOMAIN_YOUNG_CERTIFICATE = 1 << 3, // its server shows a certificate of a day
	DOMAIN_PROGRAM = 1 << 4,           // a program or script came from it, by its first bytes
	DOMAIN_REASONS_END = 1 << 5,
};

// A host met a domain.
struct domain_met {
	uint64_t key;   // of the domain: by the site's seed; 0: none, it says what far does
	uint64_t ts_ns; // packet time
	struct address host, far;
	bool by_dns, by_proxy; // far answered a question; went on to where it was asked to
	bool far_inside;       // it is a host here
	uint8_t reserved[5];
};

// When a finding is to be told.
enum told_if {
	TOLD_ALWAYS,
	TOLD_IF_NEW,         // the domain is new, and was not told of
	TOLD_IF_NEW_AND_ODD, // it is new, and was not told of for one of these reasons
	TOLD_IF_RARE,        // it is not new, no other host here met it, and there are SITE_BIG or more
};

// A finding that asks.
struct domain_asked {
	uint64_t key, ts_ns;
	struct address host;
	uint8_t told_if; // enum told_if
	uint8_t reasons; // enum domain_reason
	bool by_dns;
};

struct domain_known {
	uint32_t first_s; // of the Unix epoch; 0: not known, and the rest says nothing
	unsigned hosts;   // here that met it, up to SITE_HOSTS_MAX
	bool is_new;
	bool learning; // it is too early to say
};

struct site_domains_config {
	uint64_t memory_bytes, learn_s, age_s, host_limit;
};

struct site_domains;

struct site_domains *site_domains_new(const struct site_domains_config *config); // NULL: no memory
void site_domains_free(struct site_domains *site);
// Of keys. Changed by site_domains_load.
uint64_t site_domains_seed(const struct site_domains *site);
// The key of a registered domain.
uint64_t site_domains_key(uint64_t seed, struct span domain);
// The key of name's registered domain; name: canonical. For who is not on the packet path. 0: it has none.
uint64_t site_domains_key_of_name(uint64_t seed, struct span name);

void site_domains_meet(struct site_domains *site, const struct domain_met *met);
// Is it to be told? Then it counts as told. out: what is known of its domain, in any case.
bool site_domains_ask(struct site_domains *site, const struct domain_asked *asked, struct domain_known *out);

// All of it as bytes that load takes, in this machine's order; the caller frees them. NULL: no memory.
void *site_domains_pack(const struct site_domains *site, size_t *len);
// Into an empty one. False with the reason: cut, damaged, or of another version; it is still empty then.
bool site_domains_load(struct site_domains *site, const void *bytes, size_t len, const char **reason);

#define SITE_DOMAINS_COUNTERS(X)                                                       \
	X(SITE_COUNT_MET, "site.domains_met")               /* a host and day */       \
	X(SITE_COUNT_ADDED, "site.domains_added")           /* not known before */     \
	X(SITE_COUNT_FORGOTTEN, "site.domains_forgotten")   /* for want of memory */   \
	X(SITE_COUNT_OVER_LIMIT, "site.domains_over_limit") /* of a host: not added */ \
	X(SITE_COUNT_TOLD, "site.domains_told")             /* findings */             \
	X(SITE_COUNT_UNTOLD, "site.domains_untold")         /* over SITE_TOLD_MAX */
#define SITE_COUNTER_CONSTANT(constant, name) constant,
enum site_domains_counter { SITE_DOMAINS_COUNTERS(SITE_COUNTER_CONSTANT) SITE_COUNTERS_END };
extern const char *const site_domains_counter_names[SITE_COUNTERS_END];
const uint64_t *site_domains_counters(const struct site_domains *site);
uint64_t site_domains_count(const struct site_domains *site); // domains known
