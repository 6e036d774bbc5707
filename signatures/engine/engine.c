// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/engine/engine.h"
#include <stdio.h>
#include <time.h>
#include "decoders/base/log.h"
#include "decoders/base/option.h"
#include "signatures/engine/worker.h"
#include "signatures/rule/rule_set.h"

#define ROW(key_, type_, member_, preset_, min_, max_, help_)                                                     \
	{                                                                                                         \
		.key = key_, .type = type_, .offset = offsetof(struct engine_config, member_), .preset = preset_, \
		.min = min_, .max = max_, .change = CHANGE_RELOAD, .help = help_                                  \
	}

const struct option engine_options[] = {
	ROW("packet-alert-max", OPTION_UINT, packet_alert_max, "15", 1, FINDINGS_MAX,
		"Alerts written for one packet at most."),
	ROW("pcre.match-limit", OPTION_UINT, pcre_match_limit, "3500", 1, UINT32_MAX,
		"Steps a regular expression may take (PCRE2's match limit)."),
	ROW("pcre.match-limit-recursion", OPTION_UINT, pcre_recursion_limit, "1500", 1, UINT32_MAX,
		"Depth a regular expression may go to (PCRE2's depth limit)."),
	ROW("detect.inspection-recursion-limit", OPTION_UINT, rule_steps, "3000", 1, UINT32_MAX,
		"Conditions of one rule tried on one buffer at most."),
	ROW("detect.body-minimal-inspect-size", OPTION_SIZE, body_min_bytes, "32 KiB", 0, 0,
		"Bytes of a body before rules first look into it, unless it is complete."),
	ROW("detect.body-inspect-window", OPTION_SIZE, body_window_bytes, "4 KiB", 0, 0,
		"Bytes before the new ones that rules see again."),
	ROW("detect.profiling", OPTION_BOOL, profile, "no", 0, 0, "Count checks, matches and time of every rule."),
	ROW("detect.sgh-mpm-caching", OPTION_BOOL, cache, "yes", 0, 0,
		"Keep compiled literal databases on disk, so that the next start or reload need not make them again."),
	ROW("detect.sgh-mpm-caching-path", OPTION_STRING, cache_dir, NULL, 0, 0,
		"Directory for them; without one, /var/cache/sekisho for root, else sekisho in $XDG_CACHE_HOME or "
		"~/.cache, where sets of few literals are not kept."),
	ROW("detect.sgh-mpm-caching-budget", OPTION_SIZE, cache_budget_bytes, "128 MiB", 0, 0,
		"Bytes the directory may have; what was used longest ago goes first."),
	{ .key = NULL },
};

#define NAME(constant, name) [constant] = name,
const char *const engine_counter_names[ENGINE_COUNTERS_END] = { ENGINE_COUNTERS(NAME) };

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void collect_facts(struct engine *engine, double start)
{
	engine->facts.rules = engine->set->count;
	engine->facts.groups = engine->groups.group_count;
	engine->facts.databases = engine->store.count;
	engine->facts.patterns = engine->store.patterns;
	engine->facts.rules_without_pattern = engine->groups.without_pattern;
	for (uint32_t i = 0; i < engine->store.count; i++)
		engine->facts.database_bytes += pattern_db_bytes(engine->store.databases[i].db);
	engine->facts.databases_cached = engine->store.cached;
	engine->facts.databases_shared = engine->store.shared;
	engine->facts.compile_s = seconds() - start;
}

// The cache is a help: that there is none is told and no more.
static struct pattern_cache *open_cache(const struct engine_config *config)
{
	char error[160];
	if (!config->cache || !config->cache_dir)
		return NULL;
	struct pattern_cache *cache =
		pattern_cache_open(config->cache_dir, config->cache_budget_bytes, error, sizeof(error));
	if (!cache)
		log_warning("%s is not used to keep compiled patterns: %s", config->cache_dir, error);
	return cache;
}

static bool compile(struct engine *engine, const struct engine *like, char *error, size_t size)
{
	const struct engine_config *config = &engine->config;
	struct pattern_cache *cache = engine->store.patterns >= config->cache_from ? open_cache(config) : NULL;
	bool good = prefilter_compile(&engine->store, like ? &like->store : NULL, cache, error, size);
	pattern_cache_close(cache);
	engine->config.cache_dir = NULL; // the caller's, for the build
	return good;
}

struct engine *engine_build(const struct rule_set *set, const struct engine_config *config, char *error, size_t size)
{
	return engine_build_like(set, config, NULL, error, size);
}

struct engine *engine_build_like(const struct rule_set *set, const struct engine_config *config,
	const struct engine *like, char *error, size_t size)
{
	double start = seconds();
	struct engine *engine = calloc(1, sizeof(*engine));
	if (!engine) {
		snprintf(error, size, "no memory");
		return NULL;
	}
	engine->set = set;
	engine->config = *config;
	snprintf(error, size, "no memory");
	engine->over = calloc(set->count + 1, sizeof(*engine->over));
	if (!engine->over || !plans_build(&engine->plans, &engine->region, set) ||
		!groups_build(&engine->groups, &engine->store, &engine->region, &engine->plans) ||
		!compile(engine, like, error, size)) {
		engine_free(engine);
		return NULL;
	}
	collect_facts(engine, start);
	return engine;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	prefilter_store_free(&engine->store);
	plans_free(&engine->plans);
	region_free(&engine->region);
	free(engine->over);
	free(engine);
}

void engine_facts(const struct engine *engine, struct engine_facts *out)
{
	*out = engine->facts;
}

static bool candidates_init(struct candidates *candidates, uint32_t rules)
{
	candidates->seen = calloc(rules / 64 + 1, sizeof(*candidates->seen));
	candidates->list = calloc(rules + 1, sizeof(*candidates->list));
	return candidates->seen && candidates->list;
}

static bool worker_init(struct engine_worker *worker)
{
	const struct engine *engine = worker->engine;
	const struct engine_config *config = &engine->config;
	uint32_t rules = engine->plans.count;
	worker->field_scratch = calloc(1, sizeof(*worker->field_scratch));
	worker->arena = (struct transform_arena) { malloc(TRANSFORM_ARENA_BYTES), TRANSFORM_ARENA_BYTES, 0 };
	worker->matcher.regex = regex_runner_new(config->pcre_match_limit, config->pcre_recursion_limit);
	worker->matcher.base64 = malloc(BASE64_BYTES_MAX);
	worker->matcher.captures = calloc(1, sizeof(*worker->matcher.captures));
	worker->packet_vars = calloc(1, sizeof(*worker->packet_vars));
	worker->matcher.steps_max = config->rule_steps ? config->rule_steps : UINT64_MAX;
	worker->payload_tx = calloc(rules + 1, sizeof(*worker->payload_tx));
	worker->values = calloc(engine->plans.key_count + 1, sizeof(*worker->values));
	worker->address_memo[0] = calloc(engine->plans.address_count + 1, sizeof(uint32_t));
	worker->address_memo[1] = calloc(engine->plans.address_count + 1, sizeof(uint32_t));
	worker->hosts = host_bits_new(HOST_BITS_ENTRIES);
	if (config->profile)
		worker->profile = calloc(rules + 1, sizeof(*worker->profile));
	if (config->profile && worker->matcher.regex)
		regex_runner_time(worker->matcher.regex);
	for (uint32_t i = 0; i < rules; i++)
		worker->host_tags |= engine->plans.plans[i].rule->tag && engine->plans.plans[i].rule->tag->type == 1;
	if (worker->host_tags && !(worker->tagged_hosts = calloc(HOST_TAGS_MAX, sizeof(*worker->tagged_hosts))))
		return false;
	for (uint32_t i = 0; i < engine->store.count; i++)
		if (!pattern_scratch_fit(&worker->scratch, engine->store.databases[i].db))
			return false;
	return candidates_init(&worker->packet_rules, rules) && candidates_init(&worker->tx_rules, rules) &&
	       worker->field_scratch && worker->arena.bytes && worker->matcher.regex && worker->matcher.base64 &&
	       worker->matcher.captures && worker->packet_vars && worker->payload_tx && worker->values &&
	       worker->address_memo[0] && worker->address_memo[1] && worker->hosts &&
	       (!config->profile || worker->profile);
}

struct engine_worker *engine_worker_new(const struct engine *engine, struct slab *slab, struct stream_engine *streams)
{
	struct engine_worker *worker = calloc(1, sizeof(*worker));
	if (!worker)
		return NULL;
	worker->engine = engine;
	worker->slab = slab;
	worker->streams = streams;
	if (!worker_init(worker)) {
		engine_worker_free(worker);
		return NULL;
	}
	return worker;
}

const struct rule_set *engine_worker_rules(const struct engine_worker *worker)
{
	return worker->engine->set;
}

void engine_worker_free(struct engine_worker *worker)
{
	if (!worker)
		return;
	pattern_scratch_free(worker->scratch);
	regex_runner_free(worker->matcher.regex);
	host_bits_free(worker->hosts);
	free(worker->matcher.base64);
	free(worker->matcher.captures);
	free(worker->packet_vars);
	free(worker->tagged_hosts);
	free(worker->field_scratch);
	free(worker->arena.bytes);
	free(worker->packet_rules.seen);
	free(worker->packet_rules.list);
	free(worker->tx_rules.seen);
	free(worker->tx_rules.list);
	free(worker->payload_tx);
	free(worker->values);
	free(worker->address_memo[0]);
	free(worker->address_memo[1]);
	free(worker->profile);
	free(worker);
}

void engine_worker_take_over(struct engine_worker *worker, struct engine_worker *old)
{
	for (unsigned i = 0; i < ENGINE_COUNTERS_END; i++)
		worker->counters[i] += old->counters[i];
	if (old->engine->set->generation >= worker->engine->set->names_since) {
		struct host_bits *hosts = worker->hosts;
		worker->hosts = old->hosts;
		old->hosts = hosts;
	}
	if (old->host_tags) {
		struct host_tag *tagged = worker->tagged_hosts;
		worker->tagged_hosts = old->tagged_hosts;
		old->tagged_hosts = tagged;
		worker->host_tag_count = old->host_tag_count;
		worker->host_tags = true; // until the generation after that: tags end by themselves
	}
}

const uint64_t *engine_worker_counters(const struct engine_worker *worker)
{
	return worker->counters;
}

void engine_worker_stages(const struct engine_worker *worker, struct engine_stages *out)
{
	*out = worker->stages;
	for (uint32_t i = 0; worker->profile && i < worker->engine->plans.count; i++)
		out->evaluate_ns += worker->profile[i].ns;
	out->pcre_ns = regex_runner_ns(worker->matcher.regex);
}

const struct engine_profile *engine_worker_profile(const struct engine_worker *worker)
{
	return worker->profile;
}

static bool worse(const struct engine_over *a, const struct engine_over *b)
{
	return a->steps + a->pcre > b->steps + b->pcre;
}

uint32_t engine_over_budget(const struct engine *engine, struct engine_over *rows, uint32_t max)
{
	uint32_t found = 0, kept = 0;
	for (uint32_t i = 0; i < engine->set->count; i++) {
		struct engine_over row = { engine->set->rules[i],
			atomic_load_explicit(&engine->over[i].steps, memory_order_relaxed),
			atomic_load_explicit(&engine->over[i].pcre, memory_order_relaxed) };
		if (row.steps + row.pcre == 0)
			continue;
		found++;
		uint32_t at = kept < max ? kept++ : max;
		for (; at > 0 && worse(&row, &rows[at - 1]); at--)
			if (at < max)
				rows[at] = rows[at - 1];
		if (at < max)
			rows[at] = row;
	}
	return found;
}
