// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/reputation.h"
#include <stdlib.h>
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "signatures/reputation/reputation_internal.h"

#define AT(member) offsetof(struct reputation_config, member)

const struct option reputation_options[] = {
	{ "reputation.enabled", OPTION_BOOL, AT(enabled), "yes", 0, 0, NULL, CHANGE_RELOAD,
		"look up what traffic names of a far end; without feeds and lists it costs nothing" },
	{ "reputation.lists", OPTION_LIST, AT(lists), NULL, 0, 0, NULL, CHANGE_RELOAD,
		"files or folders of known bad addresses, networks, domains, URLs and hashes, one a line" },
	{ "reputation.allow", OPTION_LIST, AT(allow), NULL, 0, 0, NULL, CHANGE_RELOAD,
		"files or folders of the same form with what is never told of; they win over all feeds and lists" },
	{ "reputation.feeds", OPTION_STRING, AT(feeds), NULL, 0, 0, NULL, CHANGE_RELOAD,
		"file that says where indicators come from (docs/reputation.md)" },
	{ "reputation.state", OPTION_STRING, AT(state), "/var/lib/sekisho/intel", 0, 0, NULL, CHANGE_RELOAD,
		"folder of what is kept of feeds, and of what was added by hand (sekisho intel)" },
	{ "reputation.update", OPTION_BOOL, AT(update), "yes", 0, 0, NULL, CHANGE_RELOAD,
		"fetch feeds that have a URL when they are due, while capturing live; no: by sekisho intel update" },
	{ "reputation.own-domains", OPTION_DOMAINS, AT(own_domains), NULL, 0, 0, NULL, CHANGE_RELOAD,
		"the site's own domains: no feed may list them or what is above or below them" },
	{ "reputation.least-confidence", OPTION_UINT, AT(least_confidence), "10", 1, 100, NULL, CHANGE_RELOAD,
		"what all feeds together are less sure of is not told" },
	{ "reputation.tell-allowed", OPTION_BOOL, AT(tell_allowed), "no", 0, 0, NULL, CHANGE_RELOAD,
		"write what allow lists hold back as alerts of severity 4 (signature_id 9), to list it" },
	{ "reputation.hold", OPTION_SECONDS, AT(hold_s), "1h", 60, 7 * 86400, NULL, CHANGE_RELOAD,
		"one host and one indicator are one alert in this time; what comes meanwhile is counted" },
	{ NULL, OPTION_BOOL, 0, NULL, 0, 0, NULL, CHANGE_RESTART, NULL },
};

#define REPUTATION_COUNTER_NAME(constant, name) [constant] = name,
const char *const reputation_counter_names[REPUTATION_COUNTERS_END] = { REPUTATION_COUNTERS(REPUTATION_COUNTER_NAME) };

struct reputation *reputation_new(const struct reputation_config *config, struct store *store)
{
	struct store_facts facts = { 0 };
	struct reputation *reputation = calloc(1, sizeof(*reputation));
	if (!reputation) {
		store_close(store);
		return NULL;
	}
	atomic_init(&reputation->holders, 1);
	reputation->tell_allowed = config->tell_allowed;
	reputation->least_confidence = (uint8_t)config->least_confidence;
	reputation->hold_ns = config->hold_s * NS_PER_S;
	reputation_make_rules(reputation);
	if (!store)
		return reputation;
	reputation->store = store;
	store_facts(store, &facts);
	reputation->has_allow = facts.allowed != 0;
	for (unsigned kind = 0; kind < INDICATOR_KINDS; kind++)
		reputation->wanted |= (uint32_t)(facts.by_kind[kind] != 0) << kind;
	return reputation;
}

struct reputation *reputation_load(const struct reputation_config *config, const char *path)
{
	char error[512];
	struct store *store = path ? store_open(path, error, sizeof(error)) : NULL;
	if (store || !path)
		return reputation_new(config, store);
	log_error("reputation: %s", error);
	return NULL;
}

void reputation_free(struct reputation *reputation)
{
	if (!reputation || atomic_fetch_sub_explicit(&reputation->holders, 1, memory_order_acq_rel) != 1)
		return;
	if (reputation->store)
		store_close(reputation->store);
	free(reputation);
}

struct reputation *reputation_hold(struct reputation *reputation)
{
	atomic_fetch_add_explicit(&reputation->holders, 1, memory_order_relaxed);
	return reputation;
}

bool reputation_is_empty(const struct reputation *reputation)
{
	return !reputation->store;
}

void reputation_facts(const struct reputation *reputation, struct store_facts *out)
{
	*out = (struct store_facts) { 0 };
	if (reputation->store)
		store_facts(reputation->store, out);
}

struct reputation_worker *reputation_worker_new(const struct reputation *reputation, bool drops_enabled)
{
	struct reputation_worker *worker = calloc(1, sizeof(*worker));
	if (!worker || !told_table_init(&worker->told)) {
		free(worker);
		return NULL;
	}
	worker->reputation = reputation;
	worker->generation = 1;
	worker->drops_enabled = drops_enabled;
	return worker;
}

void reputation_worker_set_resolved(struct reputation_worker *worker, reputation_resolved_give *give, void *context)
{
	worker->resolved.give = give;
	worker->resolved.context = context;
}

void reputation_worker_set(struct reputation_worker *worker, const struct reputation *reputation)
{
	worker->reputation = reputation;
	worker->generation = (uint16_t)(worker->generation + (worker->generation == UINT16_MAX ? 2 : 1)); // 0: none
}

// What was found already is told when it is due, and needs to be found again only to be dropped.
bool reputation_look_again(struct reputation_worker *worker, struct flow *flow, bool first)
{
	bool waits = flow->flags & FLOW_LISTED && flow->lists_seen; // 0: it found no room to wait
	bool due = flow->lists_seen != worker->generation && !first && (worker->drops_enabled || !waits);
	flow->lists_seen = worker->generation;
	return due;
}

void reputation_worker_free(struct reputation_worker *worker)
{
	free(worker);
}

bool reputation_worker_wants(const struct reputation_worker *worker, enum indicator_kind kind)
{
	return worker->reputation->wanted >> kind & 1;
}

bool reputation_worker_drops(const struct reputation_worker *worker)
{
	return worker->drops_enabled;
}

bool reputation_worker_idle(const struct reputation_worker *worker)
{
	return !worker->reputation->store;
}

const uint64_t *reputation_worker_counters(const struct reputation_worker *worker)
{
	return worker->counters;
}
