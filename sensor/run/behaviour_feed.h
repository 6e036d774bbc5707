// SPDX-License-Identifier: GPL-3.0-or-later
// Behaviour feed: brings the workers' observations to behaviour in one order, whatever the number of workers, and makes alerts of what it finds.
//
// Life cycle   behaviour_feed_new -> behaviour_feed_take ... behaviour_feed_flush -> behaviour_feed_free
// Order        flows end at ticks, and the records of one tick carry one number: those that came with it are sorted by end and flow id, and given
//              to behaviour when a record of another number comes (files), or when the rings are empty (live, where numbers are the workers' own)
// Memory       the observations of one tick that a detector reads, at most FEED_PENDING_MAX; more are given in parts
// Threads      the collector's
#pragma once
#include "export/record/record.h"
#include "sensor/config/config.h"

#define FEED_PENDING_MAX (1u << 18)

struct behaviour_feed;

// Takes each alert; record is valid for the call.
typedef void behaviour_feed_give(void *context, const struct record *record);

// home: HOME_NET, may be NULL; borrowed as config is. NULL with the reason logged.
struct behaviour_feed *behaviour_feed_new(
	const struct sensor_config *config, const struct address_set *home, behaviour_feed_give *give, void *context);
void behaviour_feed_free(struct behaviour_feed *feed);
// Every record a worker gave comes by here, in the collector's order. True: it was an observation, and nobody else's.
bool behaviour_feed_take(struct behaviour_feed *feed, const struct record *record);
// Any thread. Alerts that a suppress line took out.
uint64_t behaviour_feed_suppressed(const struct behaviour_feed *feed);
// Nothing more belongs to what is held: gives it to behaviour.
void behaviour_feed_flush(struct behaviour_feed *feed);
