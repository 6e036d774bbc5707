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
	HEURISTICS_SIDS_END,
};

struct heuristics_config {
	bool enabled;
	uint64_t nxdomain_names; // distinct names that do not exist, of one client, in window_s
	uint64_t flood_names;    // distinct names below one registered domain, of one client, in window_s
	uint64_t web_paths;      // distinct paths of one server a client gets nothing for, in window_s
	uint64_t window_s;
	struct option_list
		ignore_domains; // and what is below them: names that programs draw by trade (block lists, telemetry)
};
extern const struct option heuristics_options[];

struct heuristics_worker;

// own: the site's own domains, for look-alikes; borrowed. NULL: no memory.
struct heuristics_worker *heuristics_worker_new(
	const struct heuristics_config *config, const struct option_list *own_domains);
void heuristics_worker_free(struct heuristics_worker *worker);
// Before the values of a packet.
void heuristics_begin(
	struct heuristics_worker *worker, const struct inspection *inspection, const struct findings *findings);
// Appends to findings. Details are borrowed until the next heuristics_begin.
void heuristics_take(struct heuristics_worker *worker, const struct inspection *inspection, const struct named *named,
	struct findings *findings);

#define HEURISTICS_COUNTERS(X)                              \
	X(HEURISTICS_COUNT_FINDINGS, "heuristics.findings") \
	X(HEURISTICS_COUNT_EVICTED, "heuristics.windows_evicted")
#define HEURISTICS_COUNTER_CONSTANT(constant, name) constant,
enum heuristics_counter { HEURISTICS_COUNTERS(HEURISTICS_COUNTER_CONSTANT) HEURISTICS_COUNTERS_END };
extern const char *const heuristics_counter_names[HEURISTICS_COUNTERS_END];
const uint64_t *heuristics_worker_counters(const struct heuristics_worker *worker);
