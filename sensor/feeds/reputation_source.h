// SPDX-License-Identifier: GPL-3.0-or-later
// Reputation source: brings the indicators that a configuration names into the one compiled file that workers map.
//
// What is read   reputation.lists and reputation.allow, the feeds of reputation.feeds that are files or folders, what was fetched of the others, and what was added
//                by hand. URLs are fetched by `sekisho intel update` and the updater, not here: a start never waits for somebody else's server
// Where          reputation.state, when there are feeds or something was added by hand; lists alone are compiled in a folder of their own that goes at once
// Threads        any; one at a time changes a state folder
#pragma once
#include "sensor/feeds/feed_plan.h"

struct reputation_source {
	char path[PATH_BYTES];   // of the compiled file; "" there is nothing to look up
	char folder[PATH_BYTES]; // to be removed once it is mapped; "" none
	uint64_t refused;        // entries of lists that cannot be taken
};

// False with the reason in error: a list or the feeds file cannot be read, or nothing can be compiled. Feeds that fail are told in the log, and keep what they had.
// home: HOME_NET, may be NULL.
bool reputation_source_prepare(const struct sensor_config *config, const struct address_set *home,
	struct reputation_source *source, struct pack_error *error);
// After the file is mapped.
void reputation_source_done(struct reputation_source *source);
