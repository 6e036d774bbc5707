// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP attack: what a request's target or body looks like an attempt at, without a rule for the application it is aimed at.
//
// Method     the bytes with percent-encoding undone once, '+' as a blank, in lower case, searched for short phrases that a query language, a shell or a browser
//            acts on and that people hardly write. Each kind needs a phrase of its own; one phrase is enough
// Work       linear: one pass to decode, one to compare, over at most ATTACK_BYTES_MAX bytes
// Threads    any; no state
#pragma once
#include "decoders/base/span.h"

#define ATTACK_BYTES_MAX 4096 // of a target or body that are looked at

enum http_attack {
	ATTACK_NONE,
	ATTACK_SQL,       // SQL injection
	ATTACK_SCRIPT,    // cross-site scripting
	ATTACK_COMMAND,   // shell or code execution
	ATTACK_TRAVERSAL, // a path out of the document root, to a file that is worth it
	ATTACKS_END,
};

// phrase: what was found, static text; may be NULL.
enum http_attack http_attack_of(struct span bytes, const char **phrase);

// Is the user agent one of a scanner that says so? Its name, static text; NULL: no.
const char *http_scanner_of(struct span user_agent);
// Is it a program that fetches from a command line (curl, wget, PowerShell, certutil ...)? Its name; NULL: no.
const char *http_command_client_of(struct span user_agent);
// What is odd about a user agent: what RFC 9110 10.1.5 lets none have; static text. NULL: nothing, or there is none.
const char *http_odd_agent(struct span user_agent);
// The same, or that there is none, or no product with its version: browsers and the updates of systems have these.
const char *http_nameless_agent(struct span user_agent);
