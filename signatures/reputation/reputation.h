// SPDX-License-Identifier: GPL-3.0-or-later
// Reputation: says when what traffic names of a far end is on a list of known bad ones.
//
// What is looked up   what named.h gives, in the store that feeds were compiled to. Addresses that are nobody's on the Internet (private, loopback, multicast ...)
//                     are left out, unless a URL or a mail has them for a host. Entries of allow lists win, and are counted
// Findings            gid REPUTATION_GID, a signature_id a kind (enum reputation_sid). Severity from confidence, kind and what came of it: content and sessions
//                     weigh more than questions, and these more than what was not answered
// When it is told     a name asked for: with its answer; what a request names: with its answer, or after PENDING_PACKETS from its server; an address: when the
//                     flow says what it is about (server name, host), or has gone on for PENDING_PACKETS; all at the flow's end at the latest, as
//                     unanswered. At once where its feed says drop and the sensor is inline.
//                     An address in a flow that was told of for its name is not told again
// Once                a pair of addresses, an indicator and a kind are one finding an hour (told table); what the collector then makes one situation
//                     carries a key: the inside host and the indicator
// Life cycle          reputation_new makes an immutable generation of a store; each worker makes a reputation_worker on it, and gives it what packets name;
//                     reputation_free when no worker uses it
// Memory              the store, shared; a worker: malloc at start, nothing on the packet path
// Threads             the generation is read by all; a reputation_worker belongs to one worker. Both directions of two hosts meet one worker, so
//                     findings do not depend on the number of workers as long as the tables have room
// Cost                without a hit: a filter lookup a value (a few for names and URLs), of which nobody waits for memory (reputation_ahead)
#pragma once
#include "decoders/base/option.h"
#include "signatures/reputation/lookup.h"
#include "signatures/reputation/named.h"
#include "signatures/reputation/store.h"

#define REPUTATION_GID  4001
#define PENDING_PACKETS 12 // of a flow that says nothing of itself

enum reputation_sid {
	REPUTATION_SID_ADDRESS = 1,
	REPUTATION_SID_DOMAIN,
	REPUTATION_SID_URL,
	REPUTATION_SID_FILE,
	REPUTATION_SID_CERTIFICATE,
	REPUTATION_SID_FINGERPRINT,
	REPUTATION_SID_MAIL,
	REPUTATION_SID_USER_AGENT,
	REPUTATION_SID_ALLOWED, // any kind, held back by an allow list: told with reputation.tell-allowed only
	REPUTATION_SIDS_END,
};

struct reputation_config {
	bool enabled, update;
	struct option_list lists, allow; // paths of plain lists
	char *feeds;                     // feeds file; NULL none
	char *state;                     // folder of feeds' state
	struct option_list own_domains;
	bool tell_allowed;         // write what allow lists hold back as alerts of their own
	uint64_t least_confidence; // below it nothing is told
	uint64_t hold_s;           // one situation is one alert in this time
};
extern const struct option reputation_options[];

struct reputation;
struct reputation_worker;

// A listed address stood in the answer to a name that nobody lists, or that is allowed: sessions of that host with that address that say nothing of themselves
// are to be taken for that name's. Other workers see them, so that it is handed over.
struct reputation_resolved {
	struct address host, address; // who asked
	uint64_t ts_ns;
	uint32_t ttl_s;
	bool allowed; // the name is
	uint8_t len;
	uint8_t name[CANONICAL_NAME_MAX];
};
typedef void reputation_resolved_give(void *context, const struct reputation_resolved *resolved);
#define REPUTATION_RESOLVED_LEAST_S \
	300 // so long after the answer a session is taken for its name's, though its TTL be shorter: programs keep addresses
#define REPUTATION_RESOLVED_MOST_S 3600 // and no longer, however long its TTL is

#define REPUTATION_SHOWN_MAX 512 // bytes of a value shown

// What a finding says, and the texts it borrows.
struct reputation_hit {
	struct finding_detail detail;
	char indicator[REPUTATION_SHOWN_MAX], value[REPUTATION_SHOWN_MAX], sources[1024];
};

// store: theirs from now on, also when it fails; NULL: an empty one, in which nothing is found. NULL: no memory.
struct reputation *reputation_new(const struct reputation_config *config, struct store *store);
// Of the compiled store at path (may be NULL). NULL with the reason logged: it cannot be opened, or no memory.
struct reputation *reputation_load(const struct reputation_config *config, const char *path);
// Gives it back; the last holder's frees it. NULL: nothing.
void reputation_free(struct reputation *reputation);
// Another holder, which gives it back with reputation_free of its own. Any thread that has it.
struct reputation *reputation_hold(struct reputation *reputation);
void reputation_facts(const struct reputation *reputation, struct store_facts *out);
bool reputation_is_empty(const struct reputation *reputation);
enum reputation_sid reputation_sid_of(enum indicator_kind kind);

// drops_enabled: inline or simulated. NULL: no memory.
struct reputation_worker *reputation_worker_new(const struct reputation *reputation, bool drops_enabled);
void reputation_worker_free(struct reputation_worker *worker);
// Before the first packet: hands over what is resolved, and gives findings that ask for it (finding.far_end). Without it neither.
void reputation_worker_set_resolved(struct reputation_worker *worker, reputation_resolved_give *give, void *context);
// After a reload: looks up in another generation from now on; counters and what was told go on.
void reputation_worker_set(struct reputation_worker *worker, const struct reputation *reputation);
// Does its generation hold indicators of this kind?
bool reputation_worker_wants(const struct reputation_worker *worker, enum indicator_kind kind);
// May what it finds be dropped? Then it wants hosts of requests early (named_reader.early).
bool reputation_worker_drops(const struct reputation_worker *worker);
bool reputation_worker_idle(const struct reputation_worker *worker); // its generation is empty

// Is flow older than its generation? Then its ends are to be given again (named_ends); once a generation. first: this is the flow's first packet.
bool reputation_look_again(struct reputation_worker *worker, struct flow *flow, bool first);
// Before the packet is inspected: asks memory for what reputation_take will read of a value. Its named has ahead then.
void reputation_ahead(const struct reputation_worker *worker, const struct named *named, struct lookup_ahead *ahead);
// Before the values of a packet (named_each), after the engine has inspected it.
void reputation_begin(
	struct reputation_worker *worker, const struct inspection *inspection, const struct findings *findings);
// Looks one value up and appends to findings, or waits for what comes of it. Details are borrowed until the next reputation_begin.
void reputation_take(struct reputation_worker *worker, const struct inspection *inspection, const struct named *named,
	struct findings *findings);
// After the values of a packet: the next transaction that was answered, or will not be, and whose request is to be told of: it is to be given again
// (named_request), and then this asked again. NULL: none.
struct app_tx *reputation_due(struct reputation_worker *worker, const struct inspection *inspection);
// After these: tells what else need not wait longer.
void reputation_end(struct reputation_worker *worker, const struct inspection *inspection, struct findings *findings);
// After reputation_end: addresses of the packet that an allow list holds back for the name beside them, which they do not show themselves. Borrowed until the next
// reputation_begin.
const struct named *reputation_beside_allowed(const struct reputation_worker *worker, unsigned *count);
// flow has ended: what still waits for it (it was dropped or passed) is forgotten. To be called for each flow.
void reputation_flow_gone(struct reputation_worker *worker, const struct flow *flow);

// Of what is listed: below_confidence, allowed (of these allowed_by_name: addresses beside an allowed name) and hits; of hits those told of already (held), or dropped with what
// was told (told_with_drop). Besides: addresses of what was told by name (told_with_name), and what waited for a flow that was dropped or passed (gone).
#define REPUTATION_COUNTERS(X)                                         \
	X(REPUTATION_COUNT_CHECKS, "reputation.checks")                \
	X(REPUTATION_COUNT_BELOW, "reputation.below_confidence")       \
	X(REPUTATION_COUNT_ALLOWED, "reputation.allowed")              \
	X(REPUTATION_COUNT_ALLOWED_NAME, "reputation.allowed_by_name") \
	X(REPUTATION_COUNT_HITS, "reputation.hits")                    \
	X(REPUTATION_COUNT_HELD, "reputation.held")                    \
	X(REPUTATION_COUNT_WITH_NAME, "reputation.told_with_name")     \
	X(REPUTATION_COUNT_DROPPED, "reputation.told_with_drop")       \
	X(REPUTATION_COUNT_GONE, "reputation.gone")                    \
	X(REPUTATION_COUNT_DOUBTFUL, "reputation.doubtful")            \
	X(REPUTATION_COUNT_PENDING_FULL, "reputation.pending_full")
#define REPUTATION_COUNTER_CONSTANT(constant, name) constant,
enum reputation_counter { REPUTATION_COUNTERS(REPUTATION_COUNTER_CONSTANT) REPUTATION_COUNTERS_END };
extern const char *const reputation_counter_names[REPUTATION_COUNTERS_END];
const uint64_t *reputation_worker_counters(const struct reputation_worker *worker);
