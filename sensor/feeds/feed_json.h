// SPDX-License-Identifier: GPL-3.0-or-later
// Feed JSON: the JSON of a feed's file as values, for the readers of STIX and MISP. Private to the folder.
//
// Memory       the text (FEED_JSON_MAX) and its values: at most about 1 GB, whatever the text is made of (FEED_JSON_WEIGHT)
// Threads      one
#pragma once
#include <jansson.h>
#include "sensor/feeds/feed_file.h"

#define FEED_JSON_WEIGHT    12000000u // values, and
#define FEED_JSON_CONTAINER 4u        // what an object or array counts for: half a million indicators of STIX

// For the caller to json_decref. NULL: failed, with the reason.
json_t *feed_file_json(struct feed_file *file);
