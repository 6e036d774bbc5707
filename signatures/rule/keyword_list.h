// SPDX-License-Identifier: GPL-3.0-or-later
// Keyword list: all a rule may say, a row a keyword, for `sekisho rules keywords` and the documentation.
//
// Memory       the caller's rows; other texts are const
// Threads      pure
#pragma once
#include <stdbool.h>

enum keyword_state {
	KEYWORD_BOUND,   // works
	KEYWORD_WAITS,   // read and checked; cannot match until its parser is there
	KEYWORD_REFUSED, // known, and not done by this sensor
};

struct keyword_row {
	const char *name;
	char also[120];    // other spellings, the legacy modifier among them: "dns_query", "http_uri"; "" none
	char group[24];    // "rule", "content", "packet", "http", "mqtt" ...
	const char *kind;  // "keyword", "buffer", "number", "test"
	const char *about; // "" when nothing is said
	enum keyword_state state;
	unsigned place; // where its group stands
};

#define KEYWORD_ROWS_MAX 1024

// Fills rows, sorted by group (the language's first, then protocols by name) and name. Gives how many, at most max.
unsigned keyword_list(struct keyword_row *rows, unsigned max);
const char *keyword_state_name(enum keyword_state state); // "bound", "waits", "refused"

// What a keyword that is no buffer is, in a few words; "" unknown.
const char *keyword_about(const char *name);
