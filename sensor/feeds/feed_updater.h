// SPDX-License-Identifier: GPL-3.0-or-later
// Feed updater: fetches a live sensor's feeds when they are due, compiles, and has the workers go over to what came.
//
// What it does   feeds with a URL, as their interval and back-off say (feed_state.h); a feeds file is read again each time, so that a new feed is found.
//                Without a feed that has a URL it does nothing. Files and folders are read at start and at a reload only
// Life cycle     feed_updater_start -> feed_updater_stop, while who is asked still is
// Threads        one of its own, at a low priority; workers are not waited for and do not wait. The state folder's lock is held while what was
//                fetched is judged and compiled, not while it is fetched
// Memory         a plan, and what a feed takes while it is read (feed_read.h)
// Stopping       within about a second, also amid a transfer: what was under way is as if it had not begun
#pragma once
#include "sensor/feeds/feed_plan.h"

struct feed_updater;

struct feed_updater_options {
	// Calls use with the configuration at work and its HOME_NET.
	void (*with_config)(void *context,
		void (*use)(void *use_context, const struct sensor_config *config, const struct address_set *home),
		void *use_context);
	// Has the workers use what is compiled now. False: they go on with what they have (told).
	bool (*reload)(void *context);
	void *context;
};

// NULL: no memory, or no thread (told).
struct feed_updater *feed_updater_start(const struct feed_updater_options *options);
void feed_updater_stop(struct feed_updater *updater); // NULL: nothing
