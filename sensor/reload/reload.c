// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/reload/reload.h"
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "sensor/config/config_change.h"
#include "sensor/config/configure.h"
#include "sensor/process/signals.h"
#include "sensor/process/wall_clock.h"
#include "signatures/rule/rule_datasets.h"
#include "signatures/rule/rule_waiting.h"

#define POLL_NS (20 * (NS_PER_S / 1000)) // between looks for a SIGHUP and at workers that have not gone over yet

struct reload {
	struct reload_options options;
	struct rules current, retired; // current changes under lock
	bool has_retired;
	uint64_t marks_due; // the collector's count at which no record refers to retired
	struct rule_needs started_with;
	struct pipeline_offer *offers; // one a pipeline
	pthread_t thread;
	bool started;
	pthread_mutex_t lock; // of what follows
	pthread_cond_t changed;
	uint64_t asked, done; // reloads
	bool partial, whole;  // some of those asked for and not begun; whole: rules too, not only indicators
	struct reload_answer last;
	bool stopping;
	pthread_mutex_t using; // held to use, replace or free current and retired
};

// Waits for POLL_NS, or until something was asked. False: the end is asked for.
static bool wait_a_little(struct reload *reload, bool until_asked)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	uint64_t ns = (uint64_t)until.tv_nsec + POLL_NS;
	until.tv_sec += (time_t)(ns / NS_PER_S);
	until.tv_nsec = (long)(ns % NS_PER_S);
	pthread_mutex_lock(&reload->lock);
	while (!reload->stopping && !(until_asked && reload->asked != reload->done))
		if (pthread_cond_timedwait(&reload->changed, &reload->lock, &until) == ETIMEDOUT)
			break;
	bool goes_on = !reload->stopping;
	pthread_mutex_unlock(&reload->lock);
	return goes_on;
}

static bool any_finished(const struct reload *reload)
{
	for (unsigned i = 0; i < reload->options.count; i++)
		if (pipeline_finished(reload->options.pipelines[i]))
			return true;
	return false;
}

static void free_retired_if_unused(struct reload *reload)
{
	if (!reload->has_retired || reload->options.marks(reload->options.context) < reload->marks_due)
		return;
	pthread_mutex_lock(&reload->using);
	if (reload->retired.set)
		rule_datasets_save(reload->retired.set, reload->current.set, NULL); // those no rule names any more
	rules_unload(&reload->retired);
	malloc_trim(0);
	reload->has_retired = false;
	pthread_mutex_unlock(&reload->using);
}

// What costs to make is made only when rules at start read it, and that is settled when a worker is set up.
static void warn_of_new_needs(const struct rule_needs *before, const struct rule_needs *now)
{
	const struct {
		bool is_new;
		const char *name;
	} needs[] = {
		{ now->magic && !before->magic, "file types (magic)" },
		{ now->file_hashes && !before->file_hashes, "file hashes" },
		{ now->file_store && !before->file_store, "files to store" },
		{ now->ja3 && !before->ja3, "JA3 fingerprints" },
		{ now->ja4 && !before->ja4, "JA4 fingerprints" },
	};
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (needs[i].is_new)
			log_warning("reload: new rules read %s, which no rule did at start: they may find nothing "
				    "before a restart",
				needs[i].name);
}

static void free_offers(struct reload *reload)
{
	for (unsigned i = 0; i < reload->options.count; i++) {
		engine_worker_free(reload->offers[i].worker);
		reload->offers[i].worker = NULL;
	}
}

static bool make_offers(struct reload *reload, const struct rules *rules)
{
	for (unsigned i = 0; i < reload->options.count; i++) {
		struct pipeline_offer *offer = &reload->offers[i];
		offer->worker = pipeline_engine_worker(reload->options.pipelines[i], rules->engine);
		offer->home = rules->home;
		offer->frame_protos = rules->needs.frame_protos;
		offer->reputation = rules->reputation;
		atomic_store_explicit(&offer->taken, false, memory_order_relaxed);
		if (!offer->worker) {
			free_offers(reload);
			return false;
		}
	}
	return true;
}

// Gives every pipeline its new worker and waits until they use them. False: the end came first, or a worker's did.
static bool swap_all(struct reload *reload)
{
	bool goes_on = true, all = false;
	for (unsigned i = 0; i < reload->options.count; i++)
		pipeline_offer_rules(reload->options.pipelines[i], &reload->offers[i]);
	while (goes_on && !all) {
		bool finished = any_finished(reload);
		all = true;
		for (unsigned i = 0; i < reload->options.count; i++)
			all &= atomic_load_explicit(&reload->offers[i].taken, memory_order_acquire);
		if (!all)
			goes_on = !finished && wait_a_little(reload, false);
	}
	return all;
}

// A setting that takes a restart was changed.
static void warn_of_restart(void *context, const struct option *option)
{
	(void)context;
	if (option->change == CHANGE_RESTART)
		log_warning("reload: %s was changed, which takes a restart: it stays as it was", option->key);
}

// The configuration as it is written now. NULL: answer has the reason, or there is none to read again.
static struct sensor_config *read_config(struct reload *reload, struct reload_answer *answer)
{
	const struct sensor_config *start = reload->options.request.config;
	struct config_error error = { "out of memory" };
	if (!reload->options.command)
		return NULL;
	struct sensor_config *config = config_new();
	if (!config || !configure_again(config, reload->options.command, &error)) {
		snprintf(answer->reason, sizeof(answer->reason), "%s", error.text);
		log_error("reload: %s", error.text);
		config_free(config);
		return NULL;
	}
	config->engine.inline_mode = start->engine.inline_mode;
	config->engine.drops_enabled = start->engine.drops_enabled;
	if (!start->reputation.enabled && config->reputation.enabled) {
		log_warning("reload: reputation was off at start, and switching it on takes a restart");
		config->reputation.enabled = false;
	}
	return config;
}

static bool load(struct reload *reload, bool partial, struct rules *rules, struct reload_answer *answer)
{
	struct rules_request request = reload->options.request;
	struct rules_problem problem = { "" };
	struct sensor_config *config = read_config(reload, answer);
	if (!config && answer->reason[0])
		return false;
	if (config)
		request.config = config;
	request.like = &reload->current;
	request.all_or_nothing = !partial && !request.config->rules.partial_reload;
	request.problem = &problem;
	if (!rules_load(&request, rules)) {
		snprintf(answer->reason, sizeof(answer->reason), "%s", problem.text);
		log_error("reload: %s", problem.text);
		config_free(config);
		return false;
	}
	rules->config = config;
	return true;
}

// Waits until nothing refers to the generation before the one at work. False: the end came first.
static bool await_retirement(struct reload *reload)
{
	while (reload->has_retired) {
		free_retired_if_unused(reload);
		if (reload->has_retired && (any_finished(reload) || !wait_a_little(reload, false)))
			return false;
	}
	return true;
}

static void count_indicators(const struct reputation *reputation, struct reload_answer *answer)
{
	struct store_facts facts = { 0 };
	if (reputation)
		reputation_facts(reputation, &facts);
	answer->indicators = facts.entries - facts.allowed;
	answer->allowed = facts.allowed;
}

static void tell(struct reload *reload, const struct rules *rules, struct reload_answer *answer)
{
	answer->good = true;
	count_indicators(rules->reputation, answer);
	answer->rules = (struct stats_rules) { rules->set->count, rules->set->failed, rules->set->skipped };
	answer->generation = rules->set->generation;
	reload->options.set_rules(reload->options.context, &answer->rules, rules->set);
	if (rules->config) {
		configure_log(rules->config, reload->options.command);
		config_changes(reload->options.request.config, rules->config, warn_of_restart, NULL);
		if (reload->options.set_config)
			reload->options.set_config(reload->options.context, rules->config);
	}
	if (rules->reputation && reload->options.set_reputation)
		reload->options.set_reputation(reload->options.context, rules->reputation);
	log_notice("rules reloaded: %u loaded, %u refused, %u not for this sensor; in %.2f s; generation %u",
		answer->rules.count, answer->rules.failed, answer->rules.skipped, answer->seconds, answer->generation);
	uint32_t counts[APP_PROTOS_END], waiting = rule_set_waiting(rules->set, counts);
	char protocols[400];
	if (waiting)
		log_notice("%u rule%s for what is not parsed yet: %s", waiting, waiting == 1 ? " waits" : "s wait",
			rule_waiting_text(counts, protocols, sizeof(protocols)));
}

static const char ending[] = "the sensor is ending";

static const struct sensor_config *config_at_work(const struct reload *reload)
{
	return reload->current.config ? reload->current.config : reload->options.request.config;
}

// As build_and_swap, for indicators alone: the workers keep their engines.
static void swap_indicators(struct reload *reload, struct reload_answer *answer)
{
	struct pack_error error;
	double started = monotonic_s();
	struct rules rules = { 0 };
	*answer = (struct reload_answer) { 0 };
	if (!await_retirement(reload)) {
		memcpy(answer->reason, ending, sizeof(ending));
		return;
	}
	if (!reload->current.reputation) {
		snprintf(answer->reason, sizeof(answer->reason), "reputation is off");
		return;
	}
	if (!rules_load_reputation(config_at_work(reload), reload->current.home, true, &rules, &error)) {
		snprintf(answer->reason, sizeof(answer->reason), "reputation: %.600s", error.text);
		log_error("reload: %s; the indicators loaded before go on", answer->reason);
		return;
	}
	for (unsigned i = 0; i < reload->options.count; i++) {
		struct pipeline_offer *offer = &reload->offers[i];
		offer->worker = NULL;
		offer->reputation = rules.reputation;
		atomic_store_explicit(&offer->taken, false, memory_order_relaxed);
	}
	bool all = !any_finished(reload) && swap_all(reload);
	pthread_mutex_lock(&reload->using);
	reload->retired = (struct rules) { .reputation = reload->current.reputation };
	reload->current.reputation = rules.reputation;
	reload->has_retired = true;
	pthread_mutex_unlock(&reload->using);
	reload->marks_due += reload->options.count;
	if (!all) { // the run ends: both generations stay until reload_free
		memcpy(answer->reason, ending, sizeof(ending));
		return;
	}
	answer->good = true;
	answer->seconds = monotonic_s() - started;
	answer->rules = (struct stats_rules) { reload->current.set->count, reload->current.set->failed,
		reload->current.set->skipped };
	answer->generation = reload->current.set->generation;
	count_indicators(rules.reputation, answer);
	if (reload->options.set_reputation)
		reload->options.set_reputation(reload->options.context, rules.reputation);
	log_notice("indicators reloaded: %" PRIu64 ", and %" PRIu64 " allowed; in %.2f s", answer->indicators,
		answer->allowed, answer->seconds);
}

static void build_and_swap(struct reload *reload, bool partial, struct reload_answer *answer)
{
	double started = monotonic_s();
	struct rules rules;
	*answer = (struct reload_answer) { 0 };
	if (!await_retirement(reload)) {
		memcpy(answer->reason, ending, sizeof(ending));
		return;
	}
	pthread_mutex_lock(&reload->using);
	rule_datasets_save(reload->current.set, NULL, NULL);
	pthread_mutex_unlock(&reload->using);
	if (!load(reload, partial, &rules, answer)) {
		log_error("reload: nothing was changed; the rules loaded before go on");
		return;
	}
	if (any_finished(reload) || !make_offers(reload, &rules)) {
		snprintf(answer->reason, sizeof(answer->reason), "%s",
			any_finished(reload) ? "a worker has ended" : "out of memory");
		log_error("reload: %s; the rules loaded before go on", answer->reason);
		rules_unload(&rules);
		return;
	}
	warn_of_new_needs(&reload->started_with, &rules.needs);
	bool all = swap_all(reload);
	pthread_mutex_lock(&reload->using);
	pthread_mutex_lock(&reload->lock);
	reload->retired = reload->current;
	reload->current = rules;
	pthread_mutex_unlock(&reload->lock);
	reload->has_retired = true;
	pthread_mutex_unlock(&reload->using);
	reload->marks_due += reload->options.count;
	if (!all) { // the run ends: both generations stay until reload_free
		memcpy(answer->reason, ending, sizeof(ending));
		return;
	}
	free_offers(reload);
	answer->seconds = monotonic_s() - started;
	tell(reload, &rules, answer);
}

static void *reload_thread(void *argument)
{
	struct reload *reload = argument;
	while (wait_a_little(reload, true)) {
		bool hung_up = signals_take_reload();
		pthread_mutex_lock(&reload->lock);
		reload->asked += hung_up;
		uint64_t ticket = reload->asked;
		bool wanted = ticket != reload->done, partial = reload->partial, whole = reload->whole || hung_up;
		reload->partial = reload->whole = false;
		pthread_mutex_unlock(&reload->lock);
		free_retired_if_unused(reload);
		if (!wanted)
			continue;
		struct reload_answer answer;
		if (whole)
			build_and_swap(reload, partial, &answer);
		else
			swap_indicators(reload, &answer);
		pthread_mutex_lock(&reload->lock);
		reload->done = ticket;
		reload->last = answer;
		pthread_cond_broadcast(&reload->changed);
		pthread_mutex_unlock(&reload->lock);
	}
	return NULL;
}

struct reload *reload_new(const struct reload_options *options, struct rules *rules)
{
	struct reload *reload = calloc(1, sizeof(*reload));
	struct pipeline_offer *offers = calloc(options->count, sizeof(*offers));
	if (!reload || !offers) {
		free(reload);
		free(offers);
		rules_unload(rules);
		return NULL;
	}
	reload->options = *options;
	reload->offers = offers;
	reload->current = *rules;
	reload->started_with = rules->needs;
	*rules = (struct rules) { 0 };
	pthread_mutex_init(&reload->lock, NULL);
	pthread_cond_init(&reload->changed, NULL);
	pthread_mutex_init(&reload->using, NULL);
	return reload;
}

bool reload_start(struct reload *reload)
{
	reload->started = pthread_create(&reload->thread, NULL, reload_thread, reload) == 0;
	if (!reload->started)
		log_error("the reload thread could not be started");
	return reload->started;
}

static bool ask(struct reload *reload, bool whole, bool partial, struct reload_answer *answer)
{
	pthread_mutex_lock(&reload->lock);
	reload->partial |= partial;
	reload->whole |= whole;
	uint64_t ticket = ++reload->asked;
	pthread_cond_broadcast(&reload->changed);
	while (reload->done < ticket && !reload->stopping)
		pthread_cond_wait(&reload->changed, &reload->lock);
	if (reload->done >= ticket)
		*answer = reload->last;
	else
		*answer = (struct reload_answer) { .reason = "the sensor is ending" };
	pthread_mutex_unlock(&reload->lock);
	return answer->good;
}

bool reload_rules(struct reload *reload, bool partial, struct reload_answer *answer)
{
	return ask(reload, true, partial, answer);
}

bool reload_indicators(struct reload *reload, struct reload_answer *answer)
{
	return ask(reload, false, false, answer);
}

void reload_with_config(struct reload *reload,
	void (*use)(void *context, const struct sensor_config *config, const struct address_set *home), void *context)
{
	pthread_mutex_lock(&reload->using);
	use(context, config_at_work(reload), reload->current.home);
	pthread_mutex_unlock(&reload->using);
}

void reload_use_engine(struct reload *reload, void (*use)(void *context, const struct engine *engine), void *context)
{
	pthread_mutex_lock(&reload->lock);
	use(context, reload->current.engine);
	pthread_mutex_unlock(&reload->lock);
}

void reload_with_rules(struct reload *reload, void (*use)(void *context, const struct rule_set *set), void *context)
{
	pthread_mutex_lock(&reload->using);
	use(context, reload->current.set);
	pthread_mutex_unlock(&reload->using);
}

void reload_save_sets(struct reload *reload)
{
	pthread_mutex_lock(&reload->using);
	rule_datasets_save(reload->current.set, NULL, NULL);
	if (reload->has_retired && reload->retired.set)
		rule_datasets_save(reload->retired.set, reload->current.set, NULL);
	pthread_mutex_unlock(&reload->using);
}

void reload_stop(struct reload *reload)
{
	if (!reload)
		return;
	pthread_mutex_lock(&reload->lock);
	reload->stopping = true;
	pthread_cond_broadcast(&reload->changed);
	pthread_mutex_unlock(&reload->lock);
	if (reload->started)
		pthread_join(reload->thread, NULL);
	reload->started = false;
}

void reload_free(struct reload *reload)
{
	if (!reload)
		return;
	free_offers(reload); // never taken, or what taking them left
	free(reload->offers);
	rules_unload(&reload->retired);
	rules_unload(&reload->current);
	pthread_mutex_destroy(&reload->lock);
	pthread_cond_destroy(&reload->changed);
	pthread_mutex_destroy(&reload->using);
	free(reload);
}
