// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho hunt VALUE...`: which hosts met a value, when, how often, in which flows.
//
// Exit codes   0 nothing was found, 1 something was, 2 bad command line, or the database cannot be read (as `sekisho intel check`)
#pragma once
#include "sensor/verb/verb.h"

// argv[0] is "hunt".
int hunt_command(int argc, char **argv);
// The same for another verb (`sekisho intel sightings`), whose name and help it then shows.
int hunt_run(const struct verb *verb, int argc, char **argv);
