// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho rules profile`: what each rule costs on a capture, in the ordinary pipeline.
#include <stdlib.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "decoders/base/plain_text.h"
#include "sensor/process/signals.h"
#include "sensor/rules/profile_sums.h"
#include "sensor/verb/tool_json.h"
#include "sensor/rules/verbs.h"

static verb_run run;

const struct verb rules_profile = { &rules_tool, "profile", "-r CAPTURE [OPTION...]",
	"what each rule costs on a capture: checks, matches, time, and where the time of inspection goes", run };

#define LIMIT_PRESET 25

static double share(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void show(const struct profile_sums *sums, uint32_t limit)
{
	const struct engine_stages *stages = &sums->stages;
	printf("%6s %10s %6s %10s %9s %9s %7s  %s\n", "TIME %", "TIME us", "AVG ns", "SID", "CHECKS", "MATCHES", "OVER",
		"MSG");
	for (uint32_t i = 0; i < sums->count && i < limit; i++) {
		const struct profile_row *row = &sums->rows[i];
		const struct engine_profile *cost = &row->cost;
		plain_printf(stdout, "%6.2f %10.1f %6llu %10u %9llu %9llu %7llu  %s\n", share(cost->ns, sums->rules_ns),
			(double)cost->ns / 1e3, (unsigned long long)(cost->checks ? cost->ns / cost->checks : 0),
			row->sid, (unsigned long long)cost->checks, (unsigned long long)cost->matches,
			(unsigned long long)(cost->steps_over + cost->pcre_over), row->msg ? row->msg : "");
	}
	uint64_t known = stages->prefilter_ns + stages->evaluate_ns;
	uint64_t rest = stages->inspect_ns > known ? stages->inspect_ns - known : 0;
	printf("\n%u of %u rules were checked; %llu packets in %.2f s (with the clocks of this profile)\n", sums->count,
		sums->rules, (unsigned long long)sums->packets, sums->read_s);
	printf("Inspection %.1f ms, %.1f %% of the run. Of it:\n", (double)stages->inspect_ns / 1e6,
		sums->read_s > 0 ? (double)stages->inspect_ns / 1e7 / sums->read_s : 0);
	printf("  prefilter   %5.1f %%   looking for literals\n", share(stages->prefilter_ns, stages->inspect_ns));
	printf("  evaluation  %5.1f %%   conditions of candidates, PCRE2 included\n",
		share(stages->evaluate_ns, stages->inspect_ns));
	printf("  PCRE2       %5.1f %%   regular expressions\n", share(stages->pcre_ns, stages->inspect_ns));
	printf("  the rest    %5.1f %%   reading values, transforms, groups\n", share(rest, stages->inspect_ns));
}

static json_t *row_json(const struct profile_row *row, const struct profile_sums *sums)
{
	const struct engine_profile *cost = &row->cost;
	json_t *object = json_object();
	tool_json_number(object, "sid", row->sid);
	tool_json_number(object, "gid", row->gid);
	tool_json_number(object, "rev", row->rev);
	tool_json_text(object, "msg", row->msg);
	tool_json_number(object, "checks", cost->checks);
	tool_json_number(object, "matches", cost->matches);
	tool_json_number(object, "ns", cost->ns);
	tool_json_number(object, "average_ns", cost->checks ? cost->ns / cost->checks : 0);
	json_object_set_new(object, "time_percent", json_real(share(cost->ns, sums->rules_ns)));
	tool_json_number(object, "steps_over", cost->steps_over);
	tool_json_number(object, "pcre_over", cost->pcre_over);
	return object;
}

static bool show_json(const struct profile_sums *sums, uint32_t limit)
{
	json_t *document = json_object(), *array = json_array(), *stages = json_object();
	tool_json_number(document, "packets", sums->packets);
	json_object_set_new(document, "seconds", json_real(sums->read_s));
	tool_json_number(document, "rules", sums->rules);
	tool_json_number(document, "checked", sums->count);
	tool_json_number(stages, "inspection", sums->stages.inspect_ns);
	tool_json_number(stages, "prefilter", sums->stages.prefilter_ns);
	tool_json_number(stages, "evaluation", sums->stages.evaluate_ns);
	tool_json_number(stages, "pcre2", sums->stages.pcre_ns);
	json_object_set_new(document, "ns", stages);
	for (uint32_t i = 0; i < sums->count && i < limit; i++)
		json_array_append_new(array, row_json(&sums->rows[i], sums));
	json_object_set_new(document, "profile", array);
	return tool_json_print(document);
}

static bool order_find(const char *name, enum profile_order *order)
{
	for (unsigned i = 0; i < PROFILE_ORDERS; i++)
		if (strcmp(name, profile_order_names[i]) == 0) {
			*order = (enum profile_order)i;
			return true;
		}
	log_error("--sort %s: expected time, average, checks, matches or over", name);
	return false;
}

// The run as it would be, but nothing is written.
static enum run_result run_profile(
	const struct verb_line *line, struct sensor_config *config, struct profile_sums *sums)
{
	struct run_options options = {
		.config = config,
		.read_path = line->common.read_path,
		.only_rules = line->common.only_rules,
		.more_rules = line->common.more_rules,
		.progress = isatty(STDERR_FILENO),
		.quiet = true,
		.finished = profile_sums_take,
		.finished_context = sums,
	};
	config->engine.profile = true;
	config->sink.file_enabled = false;
	free(config->sink.kafka_brokers);
	config->sink.kafka_brokers = NULL;
	config->evidence.packets_enabled = false;
	config->file_store.enabled = false;
	config->process.socket_enabled = false;
	signals_install();
	return sensor_run(&options);
}

static int run(int argc, char **argv)
{
	bool as_json = false;
	const char *sort = "time", *limit = NULL;
	const struct verb_option own[] = {
		{ "sort", NULL, &sort, "time (the preset), average, checks, matches or over" },
		{ "limit", NULL, &limit, "N: the first N rules; 25 as a table, all as JSON" },
		{ "json", &as_json, NULL, "one JSON document" },
		{ 0 },
	};
	struct verb_line line;
	enum profile_order order;
	int result;
	if (!verb_parse(&line, &rules_profile, own, argc, argv, &result))
		return result;
	if (!line.common.read_path || line.count) {
		log_error("rules profile: expected -r CAPTURE (sekisho rules profile --help)");
		return VERB_BAD;
	}
	struct sensor_config *config = config_new();
	struct profile_sums sums = { 0 };
	if (!order_find(sort, &order) || !config) {
		config_free(config);
		return VERB_BAD;
	}
	result = VERB_BAD;
	if (configure(config, &line.common))
		result = (int)run_profile(&line, config, &sums);
	uint32_t most = limit ? (uint32_t)strtoul(limit, NULL, 10) : as_json ? UINT32_MAX : LIMIT_PRESET;
	profile_sums_sort(&sums, order);
	if (result == VERB_DONE && sums.failed)
		result = VERB_FOUND;
	if (result == VERB_DONE && !as_json)
		show(&sums, most);
	else if (result == VERB_DONE && !show_json(&sums, most))
		result = VERB_FOUND;
	profile_sums_free(&sums);
	config_free(config);
	return result;
}
