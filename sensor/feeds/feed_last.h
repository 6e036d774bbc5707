// SPDX-License-Identifier: GPL-3.0-or-later
// Feed last: how a feed was when it was last tried, against how it is to be read now. Private to the folder.
//
// Threads  one
#pragma once
#include "sensor/feeds/feed_state.h"

struct feed_last {
	struct feed_status status;
	bool known;     // there are entries of it
	bool otherwise; // it was read otherwise than it would be now: other settings, another site
	bool stale;     // what is known does not do: none, read otherwise, or entries are to be renewed
};

// What state.json says of feed, judged at now_s (seconds of the epoch) by the settings of feed and site.
void feed_last_read(struct feed_last *last, const struct feed_state *state, const struct feed *feed,
	const struct feed_site *site, uint32_t now_s);
// Replaces state.json, by a rename. False with the reason in error.
bool feed_status_write(
	const struct feed_state *state, const char *feed, const struct feed_status *status, struct pack_error *error);
