// SPDX-License-Identifier: GPL-3.0-or-later
// The verbs, a file each: intel_update is in update.c, and so on. intel_command.c lists them.
#pragma once
#include "sensor/verb/verb.h"

extern const struct verb_tool intel_tool;

extern const struct verb intel_update;
extern const struct verb intel_build;
extern const struct verb intel_check;
extern const struct verb intel_add;
extern const struct verb intel_remove;
extern const struct verb intel_list;
extern const struct verb intel_stats;
extern const struct verb intel_export;
extern const struct verb intel_sightings;
extern const struct verb intel_allowed;
