// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho rules update [NAME...]`: installed packs again, from where they came.
#include <string.h>
#include "decoders/base/log.h"
#include "sensor/rules/pack_change.h"
#include "sensor/rules/verbs.h"

static bool is_wanted(const struct verb_line *line, const char *name)
{
	for (unsigned i = 0; i < line->count; i++)
		if (strcmp(line->arguments[i], name) == 0)
			return true;
	return line->count == 0;
}

// False: something was refused. The packs after one that was refused are updated all the same.
static bool update_all(
	struct pack_change *change, const struct verb_line *line, struct install_request *request, bool *changed)
{
	struct store_set set;
	struct pack_error error;
	unsigned count = 0;
	bool good = true;
	if (!pack_store_read_set(&change->store, 0, &set, &error)) {
		log_error("%s", error.text);
		return false;
	}
	for (unsigned i = 0; i < line->count; i++)
		if (!pack_store_find(&set, line->arguments[i])) {
			log_error("%s: no such pack is installed", line->arguments[i]);
			good = false;
		}
	for (unsigned i = 0; i < set.count; i++) {
		if (!is_wanted(line, set.packs[i].name))
			continue;
		request->known = &set.packs[i];
		request->source = set.packs[i].source;
		good &= pack_change_install(change, request, changed);
		count++;
	}
	if (!set.count)
		log_warning("no pack is installed");
	return good;
}

static int run_update(int argc, char **argv)
{
	bool no_reload = false, changed = false;
	struct install_request request = { .action = "update" };
	const struct verb_option own[] = {
		{ "force", &request.force, NULL,
			"take a pack whose tests or rules fail, that shrank by half, or is older" },
		{ "no-reload", &no_reload, NULL, "do not ask a running sensor to use the rules" },
		{ 0 },
	};
	struct verb_line line;
	int result;
	if (!verb_parse(&line, &rules_update, own, argc, argv, &result))
		return result;
	struct pack_change *change = pack_change_begin(&line, true, &result);
	if (!change)
		return result;
	change->no_reload = no_reload;
	bool good = update_all(change, &line, &request, &changed);
	if (changed)
		good &= pack_change_reload(change);
	pack_change_end(change);
	return good ? VERB_DONE : VERB_FOUND;
}

const struct verb rules_update = { &rules_tool, "update", "[NAME...]",
	"reads installed packs again from where they came", run_update };
