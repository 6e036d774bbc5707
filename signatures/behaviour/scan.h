// SPDX-License-Identifier: GPL-3.0-or-later
// Scans, by host: many ports of one host (vertical), one port or ping of many hosts (horizontal), from openings that met silence or a reset, or that no TCP sends.
//
// Life cycle   scan_new -> scan_observe per observation, in order -> scan_free
// Method       two series an opening: (source, target, protocol) collects distinct ports, (source, port, protocol) distinct targets, each with
//              the time it was last tried. A series is a scan when the last 60 s hold `ports` / `hosts` of them, or the last hour twice
//              as many (what fails by itself adds up over an hour). All scans of one kind by one source are one situation: one alert,
//              told again at most every 10 minutes while it goes on, over after an hour of quiet
// Order        times are the flows' own, so that a flow that ends late counts where it began
// Memory       memcap_bytes: series (half), what they collect (3/8), situations (1/8). Full: what was longest without a new opening goes, counted.
//              A series collects at most SCAN_ITEMS_MAX
// Threads      belongs to one thread
#pragma once
#include "decoders/base/option.h"
#include "signatures/behaviour/observation.h"
#include "signatures/engine/finding_detail.h"
#include "signatures/rule/rule.h"

#define SCAN_GID       4002
#define SCAN_ITEMS_MAX 1000 // distinct ports or targets a series tells apart
#define SCAN_KINDS     2    // findings of one observation
#define SCAN_TEXT_MAX  256

enum scan_sid { SCAN_VERTICAL = 1, SCAN_HORIZONTAL = 2 };

struct scan_config {
	uint64_t ports, hosts; // a minute's worth
	uint64_t memcap_bytes;
	struct option_list ignore; // sources: addresses and networks
};

const struct rule *scan_rule(enum scan_sid sid); // what an alert says of itself

// What was found. The ends are an alert's: dport 0 with many ports, dst the latest target with many targets.
struct scan_finding {
	const struct rule *rule;
	struct observation ends;
	struct finding_detail detail;
	char examples[SCAN_TEXT_MAX]; // detail borrows it
};

struct scan;

// NULL with the reason logged: no memory, or an address in ignore that is none.
struct scan *scan_new(const struct scan_config *config);
void scan_free(struct scan *scan);
// Does observation say anything of scans? What does not need not be given.
bool scan_wants(const struct observation *observation);
// Gives the number of findings. They hold until findings is used again and must not be copied (detail points into them).
unsigned scan_observe(
	struct scan *scan, const struct observation *observation, struct scan_finding findings[SCAN_KINDS]);

struct scan_counts {
	uint64_t openings; // observations counted
	uint64_t ignored;  // left out: their source is in scan.ignore
	uint64_t evicted;  // series and situations that lost what they had collected because memory was full
};
void scan_counts(const struct scan *scan, struct scan_counts *counts);
