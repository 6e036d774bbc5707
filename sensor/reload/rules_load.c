// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/reload/rules_load.h"
#include "signatures/field/frame.h"
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "sensor/feeds/reputation_source.h"

#define ERRORS_SHOWN           50 // the rest is counted
#define LITERALS_WORTH_KEEPING 1000

struct told {
	struct rules *rules;
	struct rules_problem *problem; // NULL: nobody asks
	uint32_t lines;                // of lists, left out
};

__attribute__((format(printf, 2, 3))) static void note(struct rules_problem *problem, const char *format, ...)
{
	va_list args;
	if (!problem || problem->text[0])
		return;
	va_start(args, format);
	vsnprintf(problem->text, sizeof(problem->text), format, args);
	va_end(args);
}

void rules_error_text(const struct rule_error *error, char out[RULES_ERROR_TEXT])
{
	char where[64] = ""; // none: about the file
	if (error->line && error->column)
		snprintf(where, sizeof(where), ":%u:%u", error->line, error->column);
	else if (error->line)
		snprintf(where, sizeof(where), ":%u", error->line);
	snprintf(out, RULES_ERROR_TEXT, "%s%s: %s%s%s", error->file ? error->file : "rules", where, error->keyword,
		error->keyword[0] ? ": " : "", error->reason);
}

// A line of a list or of the threshold file that is left out, say a suppress: no rule is at fault, and nothing else would tell.
static bool about_a_list(const struct rule_error *error)
{
	return error->warning && !error->sid && !error->keyword[0];
}

static void on_error(void *context, const struct rule_error *error)
{
	struct told *told = context;
	uint32_t *count = error->warning ? &told->lines : &told->rules->errors;
	told->rules->warnings += error->warning;
	if (error->warning && !about_a_list(error))
		return;
	if (++*count > ERRORS_SHOWN) {
		if (*count == ERRORS_SHOWN + 1)
			log_error("more %s could not be taken; `sekisho -T` shows the first %d",
				error->warning ? "lines of lists" : "rules", ERRORS_SHOWN);
		return;
	}
	char text[RULES_ERROR_TEXT];
	rules_error_text(error, text);
	if (error->warning) {
		log_warning("%s", text);
		return;
	}
	log_error("%s", text);
	if (!error->known)
		note(told->problem, "%s", text);
}

// Rules of installed packs (`sekisho rules install`), when there are any.
static bool load_store(const char *store, struct rule_set *set)
{
	char path[4096];
	int len = store ? snprintf(path, sizeof(path), "%s/current/rules", store) : -1;
	if (len < 0 || (size_t)len > sizeof(path) - 16 || access(path, R_OK | X_OK) != 0)
		return true;
	snprintf(path + len, sizeof(path) - (size_t)len, "/*/*.rules");
	return rule_set_load_file(set, path);
}

static bool load_files(const struct rules_request *request, struct rule_set *set)
{
	const struct rule_config *config = &request->config->rules;
	bool good = true;
	if (request->only) {
		good = rule_set_load_file(set, request->only);
	} else {
		for (size_t i = 0; i < config->rule_files.count; i++)
			good &= rule_set_load_file(set, config->rule_files.values[i]);
		good &= load_store(config->store, set);
	}
	for (const char *const *more = request->more; more && *more; more++)
		good &= rule_set_load_file(set, *more);
	return good;
}

static bool asks_host_bits(const struct rule *rule)
{
	for (uint32_t i = 0; i < rule->test_count; i++)
		if (rule->tests[i].kind == TEST_XBITS)
			return true;
	return false;
}

// The protocols whose frames rule asks for, a bit each: its header may name a family of them.
static uint64_t framed_protos(const struct rule *rule)
{
	uint64_t protos = 0;
	for (unsigned i = 0; rule->flags & RULE_HAS_FRAME && i < rule->buffer_count; i++) {
		const struct field_buffer *field = rule->buffers[i].field;
		if (field && field->level == FIELD_FRAME)
			protos |= UINT64_C(1) << frame_field_of(field)->proto;
	}
	return protos;
}

static void sum_needs(struct rules *rules)
{
	for (uint32_t i = 0; i < rules->set->count; i++) {
		uint64_t flags = rules->set->rules[i]->flags;
		rules->host_bits += asks_host_bits(rules->set->rules[i]);
		rules->needs.magic |= (flags & RULE_NEEDS_MAGIC) != 0;
		rules->needs.file_store |= (flags & RULE_FILESTORE) != 0;
		rules->needs.file_hashes |= (flags & RULE_NEEDS_FILE_HASH) != 0;
		rules->needs.ja3 |= (flags & RULE_NEEDS_JA3) != 0;
		rules->needs.frame_protos |= framed_protos(rules->set->rules[i]);
		rules->needs.ja4 |= (flags & RULE_NEEDS_JA4) != 0;
	}
}

bool rules_load_reputation(const struct sensor_config *config, const struct address_set *home, bool keep_on,
	struct rules *rules, struct pack_error *error)
{
	struct store *store = NULL;
	struct store_facts facts;
	uint64_t refused = 0;
	if (!config->reputation.enabled && !keep_on)
		return true;
	if (config->reputation.enabled && !reputation_source_open(config, home, &store, &refused, error))
		return false;
	rules->reputation = reputation_new(&config->reputation, store);
	if (!rules->reputation)
		return pack_fail(error, "out of memory");
	reputation_facts(rules->reputation, &facts);
	rules->errors += (uint32_t)refused;
	if (store)
		log_notice("reputation: %" PRIu64 " indicators, %" PRIu64 " allowed", facts.entries - facts.allowed,
			facts.allowed);
	return true;
}

// Where compiled patterns are kept when the config does not say. A few are compiled as fast as they are read.
static void choose_cache(struct engine_config *config, char directory[PATH_MAX])
{
	const char *caches = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int len = 0;
	if (config->cache_dir)
		return;
	if (geteuid() == 0)
		len = snprintf(directory, PATH_MAX, "/var/cache/sekisho");
	else if (caches && caches[0] == '/')
		len = snprintf(directory, PATH_MAX, "%s/sekisho", caches);
	else if (home && home[0] == '/')
		len = snprintf(directory, PATH_MAX, "%s/.cache/sekisho", home);
	if (len > 0 && len < PATH_MAX) {
		config->cache_dir = directory;
		config->cache_from = LITERALS_WORTH_KEEPING;
	}
}

void rules_options(const struct sensor_config *config, struct rule_options *options)
{
	const struct rule_config *rules = &config->rules;
	*options = (struct rule_options) {
		.address_groups = &rules->address_groups,
		.port_groups = &rules->port_groups,
		.datasets = &rules->datasets,
		.action_order = &rules->action_order,
		.classification_file = rules->classification_file,
		.reference_file = rules->reference_file,
		.threshold_file = rules->threshold_file,
		.rule_path = rules->rule_path,
		.reputation_files = &rules->reputation_files,
		.reputation_path = rules->reputation_path,
		.reputation_categories = rules->reputation_categories,
		.geoip_database = rules->geoip_database,
		.data_path = rules->data_path,
		.keep_out = rules->store,
	};
}

static bool build_engine(const struct rules_request *request, struct rules *rules)
{
	char error[512] = "";
	char cache_dir[PATH_MAX];
	struct engine_config engine_config = request->config->engine;
	choose_cache(&engine_config, cache_dir);
	rules->engine = engine_build_like(
		rules->set, &engine_config, request->like ? request->like->engine : NULL, error, sizeof(error));
	if (rules->engine)
		return true;
	log_error("rules cannot be built: %s", error);
	note(request->problem, "the rules cannot be built: %s", error);
	return false;
}

static bool fill(const struct rules_request *request, struct rules *rules)
{
	struct told told = { .rules = rules, .problem = request->problem };
	struct rule_options options;
	rules_options(request->config, &options);
	options.like = request->like ? request->like->set : NULL;
	options.drops_enabled = request->drops_enabled;
	options.on_error = on_error;
	options.on_error_context = &told;
	rules->set = rule_set_new(&options);
	if (!rules->set)
		return false;
	rules->home = rule_set_addresses(rules->set, "$HOME_NET");
	bool read = load_files(request, rules->set);
	if (!rule_set_finish(rules->set) || !read)
		return false;
	if (request->all_or_nothing && rules->set->failed_anew)
		return false;
	sum_needs(rules);
	if (!build_engine(request, rules))
		return false;
	struct pack_error error;
	bool keep_on = request->like && request->like->reputation;
	if (rules_load_reputation(request->config, rules->home, keep_on, rules, &error))
		return true;
	log_error("reputation: %s", error.text);
	note(request->problem, "reputation: %s", error.text);
	return false;
}

bool rules_load(const struct rules_request *request, struct rules *rules)
{
	*rules = (struct rules) { 0 };
	if (request->problem)
		request->problem->text[0] = 0;
	bool good = fill(request, rules);
	if (good && request->problem)
		request->problem->text[0] = 0;
	if (!good)
		note(request->problem, "the rules cannot be loaded; the sensor's log has the reason");
	if (!good)
		rules_unload(rules);
	return good;
}

void rules_unload(struct rules *rules)
{
	reputation_free(rules->reputation);
	if (rules->engine)
		engine_free(rules->engine);
	if (rules->set)
		rule_set_free(rules->set);
	config_free(rules->config);
	*rules = (struct rules) { 0 };
}
