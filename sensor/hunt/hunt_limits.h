// SPDX-License-Identifier: GPL-3.0-or-later
// Hunt limits: when and by which hosts something was met, as options of the verbs that ask what was seen.
#pragma once
#include "sensor/hunt/hunt_reader.h"

struct hunt_limits_text {
	const char *since, *until, *host; // NULL: not given
};

#define HUNT_LIMITS_OPTIONS(text)                                                                                \
	{ "since", NULL, &(text).since, "seen since: 2026-11-22, 2026-11-22T10:00:00 (UTC), 30m, 12h, 7d ago" }, \
		{ "until", NULL, &(text).until, "seen until, as --since (a day alone: until it begins)" },       \
	{                                                                                                        \
		"host", NULL, &(text).host, "only by this inside host, or network of hosts"                      \
	}

// The kind called name. False: told, as tool's, with the kinds there are.
bool hunt_kind_take(const char *tool, const char *name, unsigned *kind);
// False: told, as tool's.
bool hunt_limits_take(const char *tool, const struct hunt_limits_text *text, struct hunt_limits *out);
