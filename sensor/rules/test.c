// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho rules test PACK`: a pack's tests, and why a rule did not match.
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "decoders/base/plain_text.h"
#include "sensor/packs/pack_test.h"
#include "sensor/rules/verbs.h"

struct report {
	bool json;
	json_t *tests, *failures; // of the whole, of the test at hand
};

static void on_failed(void *context, const char *test, const struct pack_test_failure *failure)
{
	struct report *report = context;
	if (report->json) {
		json_t *item = json_pack("{s:i, s:I, s:s, s:s, s:I, s:s, s:s}", "gid", (int)failure->gid, "sid",
			(json_int_t)failure->sid, "msg", failure->msg, "expected", failure->expected, "alerts",
			(json_int_t)failure->alerts, "why", failure->reason, "nearest", failure->near);
		if (item)
			json_array_append_new(report->failures, item);
		return;
	}
	plain_printf(stdout, "FAIL  %s: sid %u \"%s\"\n      expected %s, alerted %llu time%s", test, failure->sid,
		failure->msg, failure->expected, (unsigned long long)failure->alerts, failure->alerts == 1 ? "" : "s");
	if (failure->packet)
		plain_printf(stdout, ", first on packet %llu", (unsigned long long)failure->packet);
	plain_printf(stdout, "\n");
	if (failure->reason[0])
		plain_printf(stdout, "      %s\n", failure->reason);
	if (failure->near[0])
		plain_printf(stdout, "      %s\n", failure->near);
}

static void on_ended(void *context, const char *test, unsigned failures, const char *error)
{
	struct report *report = context;
	if (report->json) {
		json_t *item = json_pack("{s:s, s:b, s:O, s:s*}", "test", test, "ok", !failures && !error, "failures",
			report->failures, "error", error);
		if (item)
			json_array_append_new(report->tests, item);
		json_decref(report->failures);
		report->failures = json_array();
		return;
	}
	if (error)
		plain_printf(stdout, "FAIL  %s\n      %s\n", test, error);
	else if (!failures)
		plain_printf(stdout, "ok    %s\n", test);
}

static void show_end(const struct pack *pack, const struct report *report, const struct pack_test_counts *counts,
	bool good, const struct pack_error *error)
{
	if (!report->json) {
		plain_printf(stdout, "%s %s: %u rules, %u refused; %u tests, %u failed\n", pack->name, pack->version,
			counts->rules, counts->refused, counts->tests, counts->failed);
		return;
	}
	json_t *whole = json_pack("{s:s, s:s, s:I, s:I, s:i, s:i, s:O, s:s*}", "pack", pack->name, "version",
		pack->version, "rules", (json_int_t)counts->rules, "refused", (json_int_t)counts->refused, "tests",
		(int)counts->tests, "failed", (int)counts->failed, "results", report->tests, "error",
		good ? NULL : error->text);
	if (whole)
		json_dumpf(whole, stdout, JSON_INDENT(2));
	plain_printf(stdout, "\n");
	json_decref(whole);
}

static int test_pack(const struct verb_line *line, bool json)
{
	struct pack pack;
	struct pack_error error;
	struct pack_test_counts counts;
	char scratch[] = "/tmp/sekisho-test-XXXXXX";
	if (!pack_open(&pack, line->arguments[0], NULL, &error)) {
		log_error("%s", error.text);
		return VERB_FOUND;
	}
	struct report report = { json, json_array(), json_array() };
	struct pack_test_told told = { &report, on_failed, on_ended };
	bool ready = mkdtemp(scratch) != NULL;
	if (!ready)
		log_error("%s: no folder can be made", scratch);
	bool good = ready && pack_tests_run(&pack, &line->common, scratch, &told, &counts, &error);
	if (ready) {
		rmdir(scratch);
		show_end(&pack, &report, &counts, good, &error);
		if (!good)
			log_error("%s", error.text);
		else if (!counts.tests)
			log_warning("%s has no tests", pack.name);
	}
	json_decref(report.tests);
	json_decref(report.failures);
	pack_close(&pack);
	return good && !counts.failed ? VERB_DONE : VERB_FOUND;
}

static int run_test(int argc, char **argv)
{
	bool json = false;
	const struct verb_option own[] = { { "json", &json, NULL, "the outcome as JSON" }, { 0 } };
	struct verb_line line;
	int result;
	if (!verb_parse(&line, &rules_test, own, argc, argv, &result))
		return result;
	if (line.count != 1) {
		log_error("rules test: give one pack's folder");
		return VERB_BAD;
	}
	return test_pack(&line, json);
}

const struct verb rules_test = { &rules_tool, "test", "PACK", "runs a pack's tests, and says why a rule did not match",
	run_test };
