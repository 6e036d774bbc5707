// SPDX-License-Identifier: GPL-3.0-or-later
// DGA score: how much a domain name looks as if a program had drawn it (domain generation algorithm, ATT&CK T1568.002).
//
// Method       an n-gram model (1 to 4 characters, what the whole label looks like, kind of public suffix), trained by train/ and shipped as a
//              table of small whole numbers. What it learned from, what it finds and what it does not: docs/detections.md
// Work         one pass over one label of at most 63 bytes: at most 262 rows of 4 bytes of a table of 252 KB; no memory is taken
// Threads      any
//
// One name's score is no finding: honest names of random letters exist. A burst of names that do not exist (NXDOMAIN) with DGA_SCORE_BURST, or a name that
// does exist, is new to the site and has DGA_SCORE_ALONE, is one.
#pragma once
#include <stdint.h>

#define DGA_SCORE_MAX 1000
// For names that come in bursts and do not exist: of held out names, as many of each kind, 96 of 100 with this score are generated.
#define DGA_SCORE_BURST 900
// For a name by itself, beside other reasons: 99 of 100 are. One honest name of a hundred has it all the same.
#define DGA_SCORE_ALONE 995
// Characters: shorter labels are nearly all taken by honest owners, and look drawn (initials).
#define DGA_LABEL_MIN 4

// Of a label and the public suffix it stands below (suffix_len 0: not known). 0 also for what is not judged: labels shorter than DGA_LABEL_MIN and
// labels in punycode (xn--), whose letters are no one's choice. Bytes beyond the 63rd of a label are not looked at.
uint32_t dga_score_label(const char *label, uint32_t label_len, const char *suffix, uint32_t suffix_len);

// Of name, len bytes without a dot at the end; suffix_at: where its public suffix begins ("www.example.co.uk": 12), by the public suffix list with its
// private part or without; len if it has none or none is known. Scored is the registered domain's label, the one before the suffix; below a
// zone of dynamic DNS it is the label before that zone. 0 when there is none, and below other private suffixes (cloudfront.net, amazonaws.com):
// there machines give the names.
uint32_t dga_score(const char *name, uint32_t len, uint32_t suffix_at);
