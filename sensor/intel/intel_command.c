// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/intel/intel_command.h"
#include "sensor/intel/verbs.h"

static const struct verb *const verbs[] = {
	&intel_update,
	&intel_build,
	&intel_check,
	&intel_add,
	&intel_remove,
	&intel_list,
	&intel_stats,
	&intel_export,
	&intel_sightings,
	&intel_allowed,
	NULL,
};

const struct verb_tool intel_tool = { "intel", verbs, false };

int intel_command(int argc, char **argv)
{
	return verb_command(&intel_tool, argc, argv);
}
