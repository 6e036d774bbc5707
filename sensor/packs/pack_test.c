// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/pack_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "sensor/config/configure.h"
#include "sensor/packs/recipe.h"
#include "sensor/packs/trial.h"

#define EXPECTATIONS_MAX 1000
#define RULE_FILES_MAX   512

struct expectation {
	uint32_t gid, sid;
	uint64_t low, high; // alerts
};

struct test_run {
	const struct pack *pack;
	const struct command_line *command;
	const char *scratch;
	const struct pack_test_told *told;
	struct pack_error *error;
	const char *path; // in the pack
	struct sensor_config *config;
	struct rules rules;
	char *files[RULE_FILES_MAX + COMMAND_MANY_MAX + 1]; // NULL-terminated; the first file_count are ours
	unsigned file_count;
	bool loaded, own_vars;
	struct expectation wants[EXPECTATIONS_MAX];
	unsigned want_count, failures;
	bool no_others;
	char capture[PATH_BYTES];
	bool made; // the capture is ours to remove
};

// Expectations -------------------------------------------------------------------------------------------------------------------

// "9000001" or "1:9000001".
static bool read_sid(
	const struct yaml_tree *tree, const struct yaml_node *node, const char *text, struct expectation *want)
{
	const char *colon = strchr(text, ':');
	char gid[16] = "1";
	uint64_t number = 1;
	if (colon && (size_t)(colon - text) < sizeof(gid))
		snprintf(gid, sizeof(gid), "%.*s", (int)(colon - text), text);
	if (!yaml_number_of(tree, node, gid, 0, UINT32_MAX, &number))
		return false;
	want->gid = (uint32_t)number;
	if (!yaml_number_of(tree, node, colon ? colon + 1 : text, 1, UINT32_MAX, &number))
		return false;
	want->sid = (uint32_t)number;
	return true;
}

// "3", "2+", "1-4", "any".
static bool read_count(const struct yaml_tree *tree, const struct yaml_node *node, struct expectation *want)
{
	char low[24], high[24] = "";
	const char *text = node->text;
	*want = (struct expectation) { want->gid, want->sid, 1, UINT64_MAX };
	if (node->kind != YAML_NODE_TEXT)
		return yaml_fail(tree, node, "expected a number of alerts: 3, 2+, 1-4 or any");
	if (strcmp(text, "any") == 0)
		return true;
	size_t len = strspn(text, "0123456789");
	snprintf(low, sizeof(low), "%.*s", (int)(len < 20 ? len : 20), text);
	if (text[len] == '-')
		snprintf(high, sizeof(high), "%.20s", text + len + 1);
	else if (text[len] && strcmp(text + len, "+") != 0)
		return yaml_fail(tree, node, "\"%.40s\" is no number of alerts: 3, 2+, 1-4 or any", text);
	if (!yaml_number_of(tree, node, low, 0, UINT32_MAX, &want->low))
		return false;
	want->high = text[len] == '+' ? UINT64_MAX : want->low;
	return !high[0] || yaml_number_of(tree, node, high, want->low, UINT32_MAX, &want->high);
}

static struct expectation *add_want(struct test_run *run, const struct yaml_tree *tree, const struct yaml_node *node)
{
	if (run->want_count == EXPECTATIONS_MAX) {
		yaml_fail(tree, node, "more than %u sids", EXPECTATIONS_MAX);
		return NULL;
	}
	return &run->wants[run->want_count++];
}

static bool read_must(struct test_run *run, const struct yaml_tree *tree, const struct yaml_node *must)
{
	if (must && must->kind == YAML_NODE_TEXT)
		return yaml_fail(tree, must, "must: a list of sids, or \"sid: count\" lines");
	for (const struct yaml_node *node = must ? must->first : NULL; node; node = node->next) {
		struct expectation *want = add_want(run, tree, node);
		bool list = must->kind == YAML_NODE_LIST;
		if (list && node->kind != YAML_NODE_TEXT)
			return yaml_fail(tree, node, "must: expected a sid");
		if (!want || !read_sid(tree, node, list ? node->text : node->key, want))
			return false;
		want->low = 1;
		want->high = UINT64_MAX;
		if (!list && !read_count(tree, node, want))
			return false;
	}
	return true;
}

static bool read_must_not(struct test_run *run, const struct yaml_tree *tree, const struct yaml_node *node)
{
	if (node && node->kind == YAML_NODE_TEXT) {
		run->no_others = strcmp(node->text, "others") == 0;
		return run->no_others || yaml_fail(tree, node, "must-not: a list of sids, or \"others\"");
	}
	if (node && node->kind == YAML_NODE_MAP)
		return yaml_fail(tree, node, "must-not: a list of sids, or \"others\"");
	for (node = node ? node->first : NULL; node; node = node->next) {
		struct expectation *want = add_want(run, tree, node);
		if (!want || node->kind != YAML_NODE_TEXT || !read_sid(tree, node, node->text, want))
			return want && node->kind != YAML_NODE_TEXT ? yaml_fail(tree, node, "must-not: expected a sid")
								    : false;
		want->low = want->high = 0;
	}
	return true;
}

// Capture ------------------------------------------------------------------------------------------------------------------------

static bool beside_test(
	struct test_run *run, const struct yaml_tree *tree, const struct yaml_node *node, char out[PATH_BYTES])
{
	char inner[PATH_BYTES];
	const char *slash = strrchr(run->path, '/');
	snprintf(inner, sizeof(inner), "%.*s/%s", slash ? (int)(slash - run->path) : 0, run->path, node->text);
	if (!path_is_safe(inner) || !path_join(out, run->pack->root, inner))
		return yaml_fail(tree, node, "%.100s: a file beside the test, or in a folder there", node->text);
	return access(out, R_OK) == 0 || yaml_fail(tree, node, "%.200s: there is no such file", node->text);
}

static bool make_capture(struct test_run *run, const struct yaml_tree *tree, const struct yaml_node *recipe)
{
	struct capture_writer *writer = malloc(sizeof(*writer));
	char name[64];
	if (!writer)
		return pack_fail(run->error, "no memory");
	capture_writer_init(writer);
	snprintf(name, sizeof(name), "recipe-%ld.pcap", (long)getpid());
	run->made = path_join(run->capture, run->scratch, name);
	bool good = recipe_write(tree, recipe, writer) &&
		    file_write(run->capture, writer->bytes, writer->len, 0600, run->error);
	capture_writer_fini(writer);
	free(writer);
	return good;
}

static bool read_recipe_file(struct test_run *run, const char *path)
{
	struct yaml_tree tree;
	char *bytes;
	size_t len;
	if (!file_read(path, YAML_BYTES_MAX, &bytes, &len, run->error))
		return false;
	bool good = yaml_tree_read(&tree, path, bytes, len, run->error);
	if (good) {
		good = make_capture(run, &tree, tree.root);
		yaml_tree_free(&tree);
	}
	free(bytes);
	return good;
}

static bool find_capture(struct test_run *run, const struct yaml_tree *tree)
{
	const struct yaml_node *capture = yaml_get(tree->root, "capture"), *recipe = yaml_get(tree->root, "recipe");
	char path[PATH_BYTES];
	if ((capture != NULL) == (recipe != NULL))
		return yaml_fail(tree, capture ? capture : tree->root, "a test has either capture or recipe");
	if (recipe && recipe->kind != YAML_NODE_TEXT) // the flows, or a map with them, as a recipe file has it
		return make_capture(run, tree, recipe);
	const struct yaml_node *file = capture ? capture : recipe;
	if (file->kind != YAML_NODE_TEXT)
		return yaml_fail(tree, file, "expected a file's name%s", recipe ? " or a list of flows" : "");
	if (capture)
		return beside_test(run, tree, file, run->capture);
	return beside_test(run, tree, file, path) && read_recipe_file(run, path);
}

// Rules --------------------------------------------------------------------------------------------------------------------------

static void unload(struct test_run *run)
{
	if (run->loaded)
		rules_unload(&run->rules);
	config_free(run->config);
	run->config = NULL;
	run->loaded = false;
}

static bool set_vars(struct test_run *run, const struct yaml_tree *tree, const struct yaml_node *vars)
{
	if (vars && vars->kind != YAML_NODE_MAP)
		return yaml_fail(tree, vars, "vars: expected \"HOME_NET: 10.0.0.0/8\" lines");
	for (const struct yaml_node *node = vars ? vars->first : NULL; node; node = node->next) {
		struct config_error reason;
		char key[CONFIG_KEY_MAX];
		size_t len = strlen(node->key);
		bool port = len > 6 && strcmp(node->key + len - 6, "_PORTS") == 0;
		snprintf(key, sizeof(key), "vars.%s-groups.%.100s", port ? "port" : "address", node->key);
		if (node->kind != YAML_NODE_TEXT || strchr(node->key, '.'))
			return yaml_fail(tree, node, "vars: expected a text");
		if (!config_set(run->config, key, node->text, &reason))
			return yaml_fail(tree, node, "%s", reason.text);
	}
	return true;
}

// Rules for the test's variables; those of a test without are kept for the next.
static bool load(struct test_run *run, const struct yaml_tree *tree)
{
	static const struct command_line presets;
	const struct yaml_node *vars = tree ? yaml_get(tree->root, "vars") : NULL;
	if (run->loaded && !vars && !run->own_vars)
		return true;
	unload(run);
	run->own_vars = vars != NULL;
	run->config = config_new();
	if (!run->config)
		return pack_fail(run->error, "no memory");
	if (!configure(run->config, run->command ? run->command : &presets))
		return pack_fail(run->error, "the configuration has errors");
	if (!set_vars(run, tree, vars))
		return false;
	trial_config(run->config);
	struct rules_request request = { .config = run->config,
		.only = run->files[0],
		.more = (const char *const *)run->files + 1,
		.drops_enabled = run->config->engine.drops_enabled };
	run->loaded = rules_load(&request, &run->rules);
	return run->loaded || pack_fail(run->error, "%s: its rules cannot be loaded", run->pack->root);
}

static const struct rule *find_rule(const struct test_run *run, uint32_t gid, uint32_t sid)
{
	for (uint32_t i = 0; i < run->rules.set->count; i++)
		if (run->rules.set->rules[i]->sid == sid && run->rules.set->rules[i]->gid == gid)
			return run->rules.set->rules[i];
	return NULL;
}

// Outcome ------------------------------------------------------------------------------------------------------------------------

static void describe_want(const struct expectation *want, char *out, size_t size)
{
	if (want->high == 0)
		snprintf(out, size, "not at all");
	else if (want->high == UINT64_MAX && want->low == 1)
		snprintf(out, size, "at least once");
	else if (want->high == UINT64_MAX)
		snprintf(out, size, "at least %llu times", (unsigned long long)want->low);
	else if (want->low == want->high)
		snprintf(out, size, "%llu time%s", (unsigned long long)want->low, want->low == 1 ? "" : "s");
	else
		snprintf(
			out, size, "%llu to %llu times", (unsigned long long)want->low, (unsigned long long)want->high);
}

static void tell(struct test_run *run, const struct trial *trial, const struct engine_trace *trace,
	const struct expectation *want, const struct trace_attempt *attempt)
{
	struct pack_test_failure failure = { .gid = want->gid, .sid = want->sid, .msg = "" };
	const struct rule *rule = find_rule(run, want->gid, want->sid);
	describe_want(want, failure.expected, sizeof(failure.expected));
	if (!rule) {
		snprintf(failure.reason, sizeof(failure.reason),
			"the pack has no such rule that is enabled and could be taken");
	} else {
		failure.msg = rule->msg ? rule->msg : "";
		failure.alerts = trial->alerts[rule->index];
		failure.packet = failure.alerts ? trial->first[rule->index] : 0;
		if (attempt)
			why_describe(run->rules.set, trace, attempt, failure.alerts, failure.reason, failure.near);
	}
	run->failures++;
	run->told->failed(run->told->context, run->path, &failure);
}

static bool is_met(const struct expectation *want, uint64_t alerts)
{
	return alerts >= want->low && alerts <= want->high;
}

static bool is_wanted(const struct test_run *run, const struct rule *rule)
{
	for (unsigned i = 0; i < run->want_count; i++)
		if (run->wants[i].sid == rule->sid && run->wants[i].gid == rule->gid)
			return true;
	return false;
}

// The rules that should have fired more often are looked at again, with a trace.
static bool explain(struct test_run *run, const struct trial *first)
{
	struct engine_trace trace = { .rules = calloc(run->want_count + 1, sizeof(*trace.rules)) };
	const struct trace_attempt *attempts[EXPECTATIONS_MAX] = { 0 };
	for (unsigned i = 0; trace.rules && i < run->want_count; i++) {
		const struct rule *rule = find_rule(run, run->wants[i].gid, run->wants[i].sid);
		if (!rule || first->alerts[rule->index] >= run->wants[i].low)
			continue;
		trace.rules[trace.count].rule = rule->index;
		attempts[i] = &trace.rules[trace.count++];
	}
	struct trial again = { .config = run->config, .rules = &run->rules, .capture = run->capture, .trace = &trace };
	bool good = !trace.count || trial_run(&again);
	for (unsigned i = 0; good && i < run->want_count; i++) {
		const struct rule *rule = find_rule(run, run->wants[i].gid, run->wants[i].sid);
		if (rule ? !is_met(&run->wants[i], first->alerts[rule->index]) : run->wants[i].low > 0)
			tell(run, first, &trace, &run->wants[i], attempts[i]);
	}
	trial_fini(&again);
	free(trace.rules);
	return good || pack_fail(run->error, "%s: the capture cannot be read", run->path);
}

static bool judge(struct test_run *run)
{
	struct trial trial = { .config = run->config, .rules = &run->rules, .capture = run->capture };
	bool good = trial_run(&trial);
	if (!good)
		pack_fail(run->error, "%s: the capture cannot be read", run->path);
	good = good && explain(run, &trial);
	for (uint32_t i = 0; good && run->no_others && i < run->rules.set->count; i++) {
		const struct rule *rule = run->rules.set->rules[i];
		struct expectation none = { rule->gid, rule->sid, 0, 0 };
		if (trial.alerts[i] && !is_wanted(run, rule))
			tell(run, &trial, NULL, &none, NULL);
	}
	trial_fini(&trial);
	return good;
}

static bool run_tree(struct test_run *run, const struct yaml_tree *tree)
{
	static const char *const keys[] = { "description", "capture", "recipe", "vars", "must", "must-not", NULL };
	if (!yaml_only(tree, tree->root, keys) || !read_must(run, tree, yaml_get(tree->root, "must")) ||
		!read_must_not(run, tree, yaml_get(tree->root, "must-not")))
		return false;
	if (!run->want_count && !run->no_others)
		return yaml_fail(tree, tree->root, "the test expects nothing: must and must-not are missing");
	return find_capture(run, tree) && load(run, tree) && judge(run);
}

static bool run_one(struct test_run *run, const char *path)
{
	char full[PATH_BYTES], *bytes;
	size_t len;
	struct yaml_tree tree;
	run->path = path;
	run->want_count = run->failures = 0;
	run->no_others = run->made = false;
	if (!path_join(full, run->pack->root, path) || !file_read(full, YAML_BYTES_MAX, &bytes, &len, run->error))
		return false;
	bool good = yaml_tree_read(&tree, full, bytes, len, run->error);
	if (good) {
		good = run_tree(run, &tree);
		yaml_tree_free(&tree);
	}
	free(bytes);
	if (run->made)
		unlink(run->capture);
	run->told->ended(run->told->context, path, run->failures, good ? NULL : run->error->text);
	return good && !run->failures;
}

static bool list_rules(struct test_run *run)
{
	const struct pack *pack = run->pack;
	char path[PATH_BYTES];
	for (size_t i = 0; i < pack->files.count; i++) {
		if (!pack_is_rule_file(pack, pack->files.paths[i]))
			continue;
		if (run->file_count == RULE_FILES_MAX)
			return pack_fail(run->error, "%s: more than %u rule files", pack->root, RULE_FILES_MAX);
		if (!path_join(path, pack->root, pack->files.paths[i]) ||
			!(run->files[run->file_count++] = strdup(path)))
			return pack_fail(run->error, "no memory");
	}
	for (unsigned i = 0; run->command && i < run->command->rule_count; i++)
		run->files[run->file_count + i] = (char *)(uintptr_t)run->command->more_rules[i];
	return true;
}

bool pack_tests_run(const struct pack *pack, const struct command_line *command, const char *scratch,
	const struct pack_test_told *told, struct pack_test_counts *counts, struct pack_error *error)
{
	struct test_run *run = calloc(1, sizeof(*run));
	*counts = (struct pack_test_counts) { 0 };
	if (!run)
		return pack_fail(error, "no memory");
	run->pack = pack;
	run->command = command;
	run->scratch = scratch;
	run->told = told;
	run->error = error;
	bool good = list_rules(run) && load(run, NULL);
	if (good) {
		counts->rules = run->rules.set->count;
		counts->refused = run->rules.set->failed;
	}
	for (size_t i = 0; good && i < pack->files.count; i++) {
		if (!pack_is_test_file(pack, pack->files.paths[i]))
			continue;
		counts->tests++;
		counts->failed += !run_one(run, pack->files.paths[i]);
	}
	if (good && counts->refused)
		good = pack_fail(error, "%s: %u of its rules cannot be taken", pack->name, counts->refused);
	unload(run);
	for (unsigned i = 0; i < run->file_count; i++)
		free(run->files[i]);
	free(run);
	return good;
}
