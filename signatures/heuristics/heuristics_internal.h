// SPDX-License-Identifier: GPL-3.0-or-later
// State of heuristics, shared by its files. Private to the folder.
//
// Threads  one worker
#pragma once
#include <libpsl.h>
#include "signatures/heuristics/heuristics.h"
#include "signatures/heuristics/lookalike.h"

#define HEURISTICS_HITS_MAX 8 // of one packet; more are counted as lost
#define TEXT_MAX            384

#define WINDOWS         4096 // a power of two
#define WINDOW_WAYS     8
#define WINDOW_SEEN     100 // the most that a preset may ask for
#define WINDOW_EXAMPLES 3
#define EXAMPLE_MAX     80

enum window_kind {
	WINDOW_NXDOMAIN = 1,
	WINDOW_FLOOD,
	WINDOW_WEB,
	WINDOW_VISITS,
	WINDOW_TOLD = 16 /* and the sid */
};

// Ends of names of which is remembered whether they are public suffixes: to look one up costs more than all other checks of a name. A power of two
#define SUFFIXES 4096

#define AGENTS 64 // a power of two: browsers and tools come again and again

#define SEEN_SETS 2048 // of pairs of host and domain that were given; a power of two
#define SEEN_WAYS 4

struct domain_seen {
	uint64_t key; // hash of both; 0 empty
	uint32_t day; // it was given for, + 1; 0 none
	uint8_t reasons;
	bool left_out; // it does not count
};

// How many distinct things one did in a while, exactly up to WINDOW_SEEN.
struct window {
	uint64_t key; // 0 empty
	uint64_t start_ns, last_ns;
	uint32_t seen[WINDOW_SEEN]; // hashes
	uint32_t distinct;
	uint32_t total, drawn; // all, and those that look drawn by a program
	bool told;
	char examples[WINDOW_EXAMPLES][EXAMPLE_MAX];
	unsigned example_count;
};

struct heuristics_hit {
	struct finding_detail detail;
	char text[6][TEXT_MAX];
	unsigned texts;
};

struct heuristics_worker {
	const struct heuristics_config *config;
	const psl_ctx_t *suffixes;
	const struct address_set *home; // NULL unknown
	uint64_t seed;
	uint64_t counters[HEURISTICS_COUNTERS_END];
	bool passed;
	unsigned hit_count;
	struct heuristics_hit hits[HEURISTICS_HITS_MAX];
	struct {
		char skeleton[LOOKALIKE_MAX];
		const char *name;
		uint32_t len;
	} own[LOOKALIKE_NAMES_MAX];
	unsigned own_count;
	struct heuristics_domains domains; // give NULL: off
	struct domain_seen seen[SEEN_SETS][SEEN_WAYS];
	uint64_t harmless_agents[AGENTS];  // hashes of user agents that are no scanner's
	uint64_t suffixes_known[SUFFIXES]; // hashes, the lowest bit: it is one
	struct window windows[WINDOWS];
};

// One value on its way through the checks.
struct check {
	struct heuristics_worker *worker;
	const struct inspection *inspection;
	struct findings *findings;
	const struct named *named;
};

// The rule of a heuristic, of a severity (3, 4) or, 0, that of its kind (heuristics_rules.c).
const struct rule *heuristics_rule(enum heuristics_sid sid, unsigned severity);
// Begins a finding, one situation by the host it is about, sid and what (any text; empty: by sid alone). NULL: told in this window already, or no room (counted).
// The host is the client; of an attack the side that is here, with "attacker" beside it, and the situation is the attacker's too.
struct heuristics_hit *heuristics_tell(const struct check *check, enum heuristics_sid sid, struct span what);
// The same without the window. NULL: no room.
struct heuristics_hit *heuristics_add(const struct check *check, enum heuristics_sid sid, struct span what);
// Another severity, 3 or 4, than the finding begun last has by its kind.
void heuristics_weigh(const struct check *check, unsigned severity);
// Text of the finding's own for a pair.
void hit_text(struct heuristics_hit *hit, const char *key, struct span text);
// Adds what to the window of kind, of this client and server and of extra.
struct window *window_add(const struct check *check, enum window_kind kind, struct span extra, struct span what);

// Of the flow: the client, and the server.
const struct address *check_client(const struct check *check);
const struct address *check_server(const struct check *check);
// Of this site, by HOME_NET or because nobody on the Internet has it.
bool is_here(const struct heuristics_worker *worker, const struct address *address);
// Not of this site, and none that honest machines ask all the time.
bool is_bare_far(const struct check *check, const struct address *address);

// Of names of domains and files (names.c).
// The registered domain of a name and where its public suffix begins. Empty: none.
struct span registered_domain(struct heuristics_worker *worker, struct span name, uint32_t *suffix_at);
// Not of the Internet's names: reverse lookups, and what stays inside; and names that programs draw by trade.
bool is_ignored(const struct check *check, struct span name);
// Under none of the top-level domains where most of what is visited lives.
bool is_rare_tld(struct span name);
// Does text end in one of ends, with something before it? Case does not matter.
bool ends_in(struct span text, const char *const *ends, size_t count);
// Of a path or file name: a type that is no program.
bool is_harmless_name(struct span name);

// What is known of an answer of HTTP/1, and of the request if it was seen.
struct answer {
	const struct app_tx *tx;
	struct span body; // its beginning; empty when that is no longer there, or nothing came
	struct span host, host_said, target, path, agent;
	int status; // 0 or less: no answer
	bool bare;  // the host is an address
};
// The URL that it answers, as it is compared; nothing if the request was not seen.
void hit_url(struct heuristics_hit *hit, const struct answer *answer);

// The checks: check_name.c, check_http.c (request, user agent, file), check_answer.c, check_program.c, check_certificate.c. heuristics_take says which value gets which.
void heuristics_check_name(const struct check *check);
void heuristics_check_request(const struct check *check);
void heuristics_check_user_agent(const struct check *check);
void heuristics_check_file(const struct check *check);
void heuristics_check_answer(const struct check *check);
void heuristics_check_program(const struct check *check, const struct answer *answer);
void heuristics_check_certificate(const struct check *check);
// The domain that a name of traffic belongs to is met, unless it does not count (heuristics_domains.c).
void heuristics_check_domain(const struct check *check);
void heuristics_check_proxy(const struct check *check);
// Another reason to look at the domain of the transaction's server name or host. about: words on it, or NULL.
void heuristics_domain_reason(
	const struct check *check, enum domain_reason reason, struct span name, const char *about);
