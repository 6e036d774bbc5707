// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho rules rollback [VERSION]`.
#include "decoders/base/log.h"
#include "sensor/rules/pack_change.h"
#include "sensor/rules/verbs.h"

static int run_rollback(int argc, char **argv)
{
	bool no_reload = false;
	const struct verb_option own[] = {
		{ "no-reload", &no_reload, NULL, "do not ask a running sensor to use the rules" },
		{ 0 },
	};
	struct verb_line line;
	struct store_set set;
	struct pack_error error;
	int result;
	if (!verb_parse(&line, &rules_rollback, own, argc, argv, &result))
		return result;
	if (line.count > 1) {
		log_error("rules rollback: give one set's number, or a pack's version");
		return VERB_BAD;
	}
	struct pack_change *change = pack_change_begin(&line, true, &result);
	if (!change)
		return result;
	change->no_reload = no_reload;
	bool good = install_rollback(&change->store, line.arguments[0], &set, &error);
	if (!good) {
		log_error("%s", error.text);
	} else {
		printf("set %u of %s is in use again:", set.number, set.made);
		for (unsigned i = 0; i < set.count; i++)
			printf(" %s %s", set.packs[i].name, set.packs[i].version);
		printf("\n");
		good = pack_change_reload(change);
	}
	pack_change_end(change);
	return good ? VERB_DONE : VERB_FOUND;
}

const struct verb rules_rollback = { &rules_tool, "rollback", "[SET|VERSION]", "goes back to an earlier set of packs",
	run_rollback };
