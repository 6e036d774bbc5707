// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/rules/rules_command.h"
#include "sensor/rules/verbs.h"

static const struct verb *const verbs[] = {
	&rules_check,
	&rules_explain,
	&rules_keywords,
	&rules_list,
	&rules_profile,
	&rules_test,
	&rules_install,
	&rules_update,
	&rules_rollback,
	&rules_history,
	&rules_keygen,
	&rules_sign,
	&rules_recipe,
	NULL,
};

const struct verb_tool rules_tool = { "rules", verbs, true };

int rules_command(int argc, char **argv)
{
	return verb_command(&rules_tool, argc, argv);
}
