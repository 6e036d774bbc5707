// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/rules/rules_command.h"
#include <string.h>
#include "decoders/base/log.h"
#include "sensor/rules/verbs.h"

static const struct rules_verb *const verbs[] = {
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

static void show_usage(FILE *out)
{
	fputs("sekisho rules VERB ...     (sekisho rules VERB --help says more)\n\n", out);
	for (unsigned i = 0; verbs[i]; i++)
		fprintf(out, "  %-9s %-22s %s\n", verbs[i]->name, verbs[i]->arguments, verbs[i]->summary);
}

int rules_command(int argc, char **argv)
{
	if (argc < 2) {
		show_usage(stderr);
		return VERB_BAD;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		show_usage(stdout);
		return VERB_DONE;
	}
	for (unsigned i = 0; verbs[i]; i++)
		if (strcmp(verbs[i]->name, argv[1]) == 0)
			return verbs[i]->run(argc - 1, argv + 1);
	log_error("rules %s: no such verb (sekisho rules --help)", argv[1]);
	return VERB_BAD;
}
