// SPDX-License-Identifier: GPL-3.0-or-later
// Heuristics: what speaks for itself without a list: names that programs drew, bursts of names that do not exist, floods of names below one domain, look-alikes
// of the site's own names, programs that hide behind another type or come from a bare address, requests that attack, scanners, odd certificates.
//
// Findings     gid HEURISTICS_GID, a signature_id each (enum heuristics_sid). All low (4) but where two reasons meet. docs/detections.md has each one's
//              technique, presets and blind spots
// Once         a host and a heuristic (and what it is about) are one alert in hold: the collector joins them
// Inputs       what signatures/reputation/named.h gives
// Life cycle   heuristics_worker_new -> heuristics_begin, heuristics_take ... -> heuristics_worker_free
// Memory       WINDOWS windows and HEURISTICS_HITS_MAX findings in the worker; a full set of windows forgets its oldest
// Threads      a worker's own. Both directions of two hosts meet one worker: windows are kept by the pair of client and server
#pragma once
#include "decoders/base/option.h"
#include "signatures/heuristics/site_domains.h"
#include "signatures/reputation/named.h"

#define HEURISTICS_GID 4003

enum heuristics_sid {
	HEURISTICS_NXDOMAIN_BURST = 1,
	HEURISTICS_NAME_FLOOD,
	HEURISTICS_GENERATED_NAME,
	HEURISTICS_LOOKALIKE,
	HEURISTICS_HIDDEN_PROGRAM,
	HEURISTICS_BARE_PROGRAM,
	HEURISTICS_FETCHED_PROGRAM,
	HEURISTICS_SQL,
	HEURISTICS_SCRIPT,
	HEURISTICS_COMMAND,
	HEURISTICS_TRAVERSAL,
	HEURISTICS_PROXY_PROBE,
	HEURISTICS_SCANNER,
	HEURISTICS_WEB_SCAN,
	HEURISTICS_CERTIFICATE,
	HEURISTICS_SINKHOLE,
	HEURISTICS_SHELL_SCRIPT,
	HEURISTICS_LONG_NAME,
	HEURISTICS_YOUNG_CERTIFICATE,
	HEURISTICS_NEW_DOMAIN, // these four are told or not by who knows the site's domains (site_domains.h)
	HEURISTICS_NEW_ODD_DOMAIN,
	HEURISTICS_NEW_DOMAIN_PROGRAM,
	HEURISTICS_RARE_DOMAIN_PROGRAM,
	HEURISTICS_RARE_PROGRAM,
	HEURISTICS_CIPHERED_PROGRAM,
	HEURISTICS_BARE_VISIT,
	HEURISTICS_RARE_VISIT,
	HEURISTICS_SIDS_END,
};

enum new_domain_mode {
	NEW_DOMAIN_AUTO, // live: reasons; files: off
	NEW_DOMAIN_OFF,
	NEW_DOMAIN_REASONS, // findings where it is new and another reason holds
	NEW_DOMAIN_ALL,     // ... and of each new one
};

struct heuristics_config {
	bool enabled;
	uint64_t nxdomain_names; // distinct names that do not exist, of one client, in window_s
	uint64_t flood_names;    // distinct names below one registered domain, of one client, in window_s
	uint64_t web_paths;      // distinct paths of one server a client gets nothing for, in window_s
	uint64_t window_s;
	struct option_list
		ignore_domains; // and what is below them: names that programs draw by trade (block lists, telemetry)
	int new_domain;         // enum new_domain_mode
	char *new_domain_state; // folder of the site's memory
	struct site_domains_config site;
};
extern const struct option heuristics_options[];

struct heuristics_worker;

// Who knows the site's domains: takes what is met, for the call. False: no room; the host's next use of the domain is given again.
typedef bool domain_met_give(void *context, const struct domain_met *met);
struct heuristics_domains {
	uint64_t seed;                         // site_domains_seed
	bool all;                              // NEW_DOMAIN_ALL
	const struct address_set *const *home; // where HOME_NET (or NULL) is, as it changes
	domain_met_give *give;
	void *context;
};

// own: the site's own domains, for look-alikes; borrowed. NULL: no memory.
struct heuristics_worker *heuristics_worker_new(
	const struct heuristics_config *config, const struct option_list *own_domains);
void heuristics_worker_free(struct heuristics_worker *worker);
// Before the first packet: gives what hosts here use, once a host, domain and day, and makes findings that ask (finding.told_if). Without it neither.
void heuristics_worker_set_domains(struct heuristics_worker *worker, const struct heuristics_domains *domains);
// home: HOME_NET; borrowed until the next call. NULL: what nobody on the Internet has is inside. After a reload too.
void heuristics_worker_set_home(struct heuristics_worker *worker, const struct address_set *home);
// Before the values of a packet.
void heuristics_begin(
	struct heuristics_worker *worker, const struct inspection *inspection, const struct findings *findings);
// Appends to findings. Details are borrowed until the next heuristics_begin.
void heuristics_take(struct heuristics_worker *worker, const struct inspection *inspection, const struct named *named,
	struct findings *findings);

// Key of the registered domain that a value of the packet names, or that its transaction is about (server name, host, question); named NULL: the flow's first, if that is no
// question. 0: none, or nobody wants to know.
uint64_t heuristics_domain_of(struct heuristics_worker *worker, const struct named *named, const struct flow *flow);

#define HEURISTICS_COUNTERS(X)                                    \
	X(HEURISTICS_COUNT_FINDINGS, "heuristics.findings")       \
	X(HEURISTICS_COUNT_EVICTED, "heuristics.windows_evicted") \
	X(HEURISTICS_COUNT_DOMAINS, "heuristics.domains_met")     \
	X(HEURISTICS_COUNT_DOMAINS_LOST, "heuristics.domains_lost")
#define HEURISTICS_COUNTER_CONSTANT(constant, name) constant,
enum heuristics_counter { HEURISTICS_COUNTERS(HEURISTICS_COUNTER_CONSTANT) HEURISTICS_COUNTERS_END };
extern const char *const heuristics_counter_names[HEURISTICS_COUNTERS_END];
const uint64_t *heuristics_worker_counters(const struct heuristics_worker *worker);
