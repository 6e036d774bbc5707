// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho rules install SOURCE`.
#include "decoders/base/log.h"
#include "sensor/rules/pack_change.h"
#include "sensor/rules/verbs.h"

static int run_install(int argc, char **argv)
{
	bool no_reload = false, changed = false;
	struct install_request request = { .action = "install" };
	const struct verb_option own[] = {
		{ "allow-unsigned", &request.allow_unsigned, NULL,
			"take a pack nobody signed; whoever can change the source then decides what the sensor sees" },
		{ "force", &request.force, NULL,
			"take a pack whose tests or rules fail, that shrank by half, or is older" },
		{ "name", NULL, &request.name, "NAME of a pack without pack.yaml; from the source's name without" },
		{ "no-reload", &no_reload, NULL, "do not ask a running sensor to use the rules" },
		{ 0 },
	};
	struct verb_line line;
	int result;
	if (!verb_parse(&line, &rules_install, own, argc, argv, &result))
		return result;
	if (line.count != 1) {
		log_error("rules install: give one folder, archive or URL");
		return VERB_BAD;
	}
	struct pack_change *change = pack_change_begin(&line, true, &result);
	if (!change)
		return result;
	change->no_reload = no_reload;
	request.source = line.arguments[0];
	bool good = pack_change_install(change, &request, &changed) && (!changed || pack_change_reload(change));
	pack_change_end(change);
	return good ? VERB_DONE : VERB_FOUND;
}

const struct verb rules_install = { &rules_tool, "install", "FOLDER|ARCHIVE|URL",
	"checks a pack of rules and puts it into use", run_install };
