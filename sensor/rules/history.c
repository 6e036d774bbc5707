// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho rules history`: the sets that are kept, and the audit log.
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "decoders/base/plain_text.h"
#include "sensor/packs/audit.h"
#include "sensor/rules/pack_change.h"
#include "sensor/rules/verbs.h"

#define AUDIT_MAX ((size_t)256 << 20)

static void show_sets(const struct pack_store *store)
{
	unsigned numbers[STORE_SETS_MAX], count = pack_store_sets(store, numbers);
	struct store_set current, set;
	struct pack_error error;
	if (!pack_store_read_set(store, 0, &current, &error))
		log_error("%s", error.text);
	for (unsigned i = 0; i < count; i++) {
		if (!pack_store_read_set(store, numbers[i], &set, &error)) {
			log_error("%s", error.text);
			continue;
		}
		plain_printf(stdout, "%c set %-4u %s ", set.number == current.number ? '*' : ' ', set.number, set.made);
		for (unsigned p = 0; p < set.count; p++)
			plain_printf(stdout, " %s %s (%u rules, %s)", set.packs[p].name, set.packs[p].version,
				set.packs[p].rules, set.packs[p].signed_by[0] ? "signed" : "unsigned");
		plain_printf(stdout, "\n");
	}
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "";
}

static void show_entry(const json_t *entry)
{
	const json_t *who = json_object_get(entry, "who"), *from = json_object_get(entry, "from");
	const json_t *to = json_object_get(entry, "to");
	const char *sudo = text_of(who, "sudo_user"), *user = text_of(who, "user"), *pack = text_of(entry, "pack");
	plain_printf(stdout, "%s  %-8s %-8s %s: set %lld %s -> set %lld %s  %.12s  %s\n", text_of(entry, "time"),
		*sudo ? sudo : user, text_of(entry, "action"),
		*pack                                               ? pack
		: strcmp(text_of(entry, "action"), "rollback") == 0 ? "all"
								    : "-",
		(long long)json_integer_value(json_object_get(from, "set")), text_of(from, "version"),
		(long long)json_integer_value(json_object_get(to, "set")), text_of(to, "version"),
		text_of(entry, "sha256"), text_of(entry, "result"));
}

// False: a line of the log is damaged.
static bool show_log(const char *path, bool raw)
{
	struct pack_error error;
	char *text, *at;
	size_t len;
	bool good = true;
	if (access(path, F_OK) != 0)
		return true;
	if (!file_read(path, AUDIT_MAX, &text, &len, &error)) {
		log_error("%s", error.text);
		return false;
	}
	at = text;
	for (char *line; (line = strsep(&at, "\n"));) {
		if (!*line)
			continue;
		json_t *entry = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		good &= entry != NULL;
		if (raw && entry)
			puts(line);
		else if (entry)
			show_entry(entry);
		else
			log_error("%s: a line is damaged", path);
		json_decref(entry);
	}
	free(text);
	return good;
}

static int run_history(int argc, char **argv)
{
	bool json = false;
	const struct verb_option own[] = { { "json", &json, NULL, "the audit log as it is: JSON lines" }, { 0 } };
	struct verb_line line;
	char path[PATH_BYTES];
	int result;
	if (!verb_parse(&line, &rules_history, own, argc, argv, &result))
		return result;
	struct pack_change *change = pack_change_begin(&line, false, &result);
	if (!change)
		return result;
	if (!json)
		show_sets(&change->store);
	bool good = audit_path(&change->store, path) && show_log(path, json);
	pack_change_end(change);
	return good ? VERB_DONE : VERB_FOUND;
}

const struct verb rules_history = { &rules_tool, "history", "", "the sets that are kept, and who changed what when",
	run_history };
