// SPDX-License-Identifier: GPL-3.0-or-later
// Reputation source: brings the indicators that a configuration names into the one compiled file, and opens it.
//
// What is read   reputation.lists and reputation.allow, the feeds of reputation.feeds that are files or folders, what was fetched of the others, and what was added
//                by hand. URLs are fetched by `sekisho intel update` and the updater, not here: a start never waits for somebody else's server
// Where          reputation.state, when there are feeds or something was added by hand; lists alone are compiled in a folder of their own that goes at once
// Threads        any; one at a time changes a state folder
#pragma once
#include "sensor/feeds/feed_plan.h"

// *store: what is compiled, opened, the caller's; NULL: there is nothing to look up. *refused: how many entries of lists cannot be taken. home: HOME_NET, may be
// NULL. False with the reason in error: a list or the feeds file cannot be read, or nothing can be compiled. Feeds that fail are told in the log, and keep what
// they had.
bool reputation_source_open(const struct sensor_config *config, const struct address_set *home, struct store **store,
	uint64_t *refused, struct pack_error *error);
