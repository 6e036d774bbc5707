// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/rules/pack_change.h"
#include <stdlib.h>
#include "decoders/base/log.h"
#include "decoders/base/plain_text.h"
#include "sensor/verb/ask_reload.h"

struct pack_change *pack_change_begin(const struct verb_line *line, bool change, int *result)
{
	struct pack_error error = { "no memory" };
	struct pack_change *made = calloc(1, sizeof(*made));
	*result = VERB_FOUND;
	if (!made) {
		log_error("%s", error.text);
		return NULL;
	}
	made->store.lock = -1;
	config_init(&made->config);
	if (!configure(&made->config, &line->common)) {
		*result = VERB_BAD;
	} else if (!made->config.rules.store) {
		*result = VERB_BAD;
		log_error("rules.store is not set: there is no folder for installed packs");
	} else if (!pack_store_open(&made->store, made->config.rules.store, change, &error)) {
		log_error("%s", error.text);
	} else {
		*result = VERB_DONE;
		return made;
	}
	pack_change_end(made);
	return NULL;
}

void pack_change_end(struct pack_change *change)
{
	pack_store_close(&change->store);
	config_fini(&change->config);
	free(change);
}

static void on_failed(void *context, const char *test, const struct pack_test_failure *failure)
{
	(void)context;
	plain_printf(stderr, "%s: sid %u expected %s, alerted %llu times%s%s\n", test, failure->sid, failure->expected,
		(unsigned long long)failure->alerts, failure->reason[0] ? "; " : "", failure->reason);
}

static void on_ended(void *context, const char *test, unsigned failures, const char *error)
{
	(void)context;
	(void)failures;
	if (error)
		plain_printf(stderr, "%s: %s\n", test, error);
}

static void show(const struct install_outcome *outcome)
{
	const struct store_pack *pack = &outcome->pack;
	printf("%s %s installed as set %u", pack->name, pack->version, outcome->set);
	if (outcome->from_version[0])
		printf(" (before: %s)", outcome->from_version);
	if (pack->signed_by[0])
		printf(", signed by %s\n", pack->signed_by);
	else
		printf(", unsigned\n");
	printf("%u rules are on; by the filters %u turned off, %u turned on, %u changed to drop, %u modified; %u "
	       "turned on for "
	       "their flow bits\n",
		outcome->rules, outcome->disabled, outcome->enabled, outcome->dropped, outcome->modified,
		outcome->for_flowbits);
}

bool pack_change_install(struct pack_change *change, struct install_request *request, bool *changed)
{
	static const struct pack_test_told told = { NULL, on_failed, on_ended };
	struct install_outcome *outcome = malloc(sizeof(*outcome));
	if (!outcome) {
		log_error("no memory");
		return false;
	}
	request->config = &change->config;
	request->told = &told;
	enum install_result result = install_pack(&change->store, request, outcome);
	if (result == INSTALL_REFUSED)
		log_error("%s", outcome->error.text);
	else if (result == INSTALL_UNCHANGED)
		printf("%s %s is installed already: nothing changed\n", outcome->pack.name, outcome->pack.version);
	else
		show(outcome);
	*changed |= result == INSTALL_DONE;
	free(outcome);
	return result != INSTALL_REFUSED;
}

bool pack_change_reload(const struct pack_change *change)
{
	return change->no_reload || ask_reload(&change->config, CTL_RELOAD_RULES);
}
