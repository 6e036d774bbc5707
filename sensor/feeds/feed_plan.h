// SPDX-License-Identifier: GPL-3.0-or-later
// Feed plan: what a configuration says of indicators, as copies of its own: a reload may replace the configuration while feeds are fetched.
//
// Life cycle   feed_plan_new -> feed_state_update, feed_state_compile ... -> feed_plan_free
// Memory       its own copies
// Threads      one thread a plan
#pragma once
#include "sensor/config/config.h"
#include "sensor/feeds/feed_state.h"

struct address_set;

struct feed_plan {
	struct feeds feeds; // of the feeds file, then lists and allow lists
	struct feed_site site;
	struct fetch_config fetch;
	char *state;    // folder; NULL none
	bool has_feeds; // a feeds file is named
	struct feed_plan_site *own;
};

// home: HOME_NET of the rules, whose public networks no feed may list; NULL: none. NULL with the reason in error: the feeds file is wrong, or no memory.
struct feed_plan *feed_plan_new(
	const struct sensor_config *config, const struct address_set *home, struct pack_error *error);
void feed_plan_free(struct feed_plan *plan);
