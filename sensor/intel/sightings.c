// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho intel sightings VALUE...`: who met it, as `sekisho hunt` tells.
#include "sensor/hunt/hunt.h"
#include "sensor/intel/verbs.h"

static int run_sightings(int argc, char **argv)
{
	return hunt_run(&intel_sightings, argc, argv);
}

const struct verb intel_sightings = { &intel_tool, "sightings", "VALUE...",
	"which hosts met a value, when and how often (sekisho hunt); exit code 1 when some did", run_sightings };
