// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/config/config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "sensor/config/schema.h"
#include "sensor/config/value.h"

static struct sensor_config config;
static struct config_error error;

static int setup(void **state)
{
	(void)state;
	config_init(&config);
	error.text[0] = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	config_fini(&config);
	return 0;
}

static bool load(const char *text)
{
	return config_load_bytes(&config, "test.yaml", text, strlen(text), &error);
}

static const char *pair(const struct option_map *map, const char *key)
{
	for (size_t i = 0; i < map->count; i++)
		if (strcmp(map->pairs[i].key, key) == 0)
			return map->pairs[i].value;
	return NULL;
}

static char *dump_of(const struct sensor_config *of)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	config_dump(of, out);
	fclose(out);
	return text;
}

static void presets_are_in_place(void **state)
{
	(void)state;
	assert_true(config.eve.community_id);
	assert_int_equal(config.eve.dns_version, 3);
	assert_int_equal(config.flow.memcap_bytes, 128u << 20);
	assert_string_equal(config.sink.file_name, "eve.json");
	assert_string_equal(pair(&config.rules.address_groups, "EXTERNAL_NET"), "!$HOME_NET");
	assert_string_equal(pair(&config.rules.port_groups, "SHELLCODE_PORTS"), "!80");
	assert_null(config.sink.kafka_brokers);
}

static void every_option_is_sound(void **state)
{
	(void)state;
	struct schema_entry entry;
	unsigned count = 0;
	for (; schema_entry(&config, count, &entry); count++) {
		const struct option *option = entry.option;
		assert_non_null(option->help);
		assert_true(strlen(option->help) > 10);
		assert_true(strlen(option->key) < CONFIG_KEY_MAX);
		assert_int_equal(option->type == OPTION_CHOICE, option->choices != NULL);
		size_t len = strlen(option->key);
		assert_int_equal(option->type == OPTION_MAP, len > 2 && strcmp(option->key + len - 2, ".*") == 0);
		if (option->type != OPTION_STRING && !option_is_list(option) && option->type != OPTION_MAP)
			assert_non_null(option->preset);
		assert_false(
			schema_is_section(option->key)); // a value and a section of one name could not both be written
	}
	assert_true(count > 60);
}

static void yaml_sets_values_of_each_kind(void **state)
{
	(void)state;
	bool good = load("%YAML 1.1\n---\nflow:\n  memcap: 64mb\n  hash-size: 100\nflow-timeouts:\n  tcp: { new: 5m }\n"
			 "vars:\n  address-groups:\n    HOME_NET: [10.0.0.0/8, \"!10.1.0.0/16\"]\n    MINE: 1.2.3.4\n"
			 "rule-files:\n  - a.rules\n  - b.rules\ndatasets:\noutputs:\n  - eve-log:\n      types:\n     "
			 "   - alert:\n            payload: no\n"
			 "        - dns: {version: 2}\n        - http:\n            extended: yes\n");
	assert_string_equal(error.text, "");
	assert_true(good);
	assert_int_equal(config.flow.memcap_bytes, 64u << 20);
	assert_int_equal(config.flow.hash_size, 100);
	assert_int_equal(config.flow.timeouts[FLOW_FAMILY_TCP].new_s, 300);
	assert_string_equal(pair(&config.rules.address_groups, "HOME_NET"), "[10.0.0.0/8,!10.1.0.0/16]");
	assert_string_equal(pair(&config.rules.address_groups, "MINE"), "1.2.3.4");
	assert_string_equal(pair(&config.rules.address_groups, "DNS_SERVERS"), "$HOME_NET");
	assert_int_equal(config.rules.rule_files.count, 2);
	assert_string_equal(config.rules.rule_files.values[1], "b.rules");
	assert_false(config.eve.alert_payload);
	assert_int_equal(config.eve.dns_version, 2);
	assert_string_equal(pair(&config.eve.types, "http.extended"), "yes");
	assert_true(load("decoder: { vxlan: { ports: [ 4789, 8472 ] } }\nhost-os-policy: { linux: [10.0.0.0/8, "
			 "10.1.1.1], windows: 0.0.0.0/0 }\n"));
	assert_string_equal(config.packet.vxlan_ports, "[4789,8472]");
	assert_string_equal(pair(&config.packet.host_os_policy, "linux"), "[10.0.0.0/8,10.1.1.1]");
	assert_string_equal(pair(&config.stream.host_os_policy, "windows"), "0.0.0.0/0");
	assert_true(load("rule-files: []\n"));
	assert_int_equal(config.rules.rule_files.count, 0);
	assert_true(load(""));
}

static void settings_from_the_command_line(void **state)
{
	(void)state;
	assert_true(config_set_text(&config, "outputs.eve-log.ethernet=off", &error));
	assert_false(config.eve.ethernet);
	assert_true(config_set_text(&config, "reputation-files.0=/a b/x.list", &error));
	assert_true(config_set_text(&config, "reputation-files.1=y=z", &error));
	assert_string_equal(config.rules.reputation_files.values[0], "/a b/x.list");
	assert_string_equal(config.rules.reputation_files.values[1], "y=z");
	assert_false(config_set_text(&config, "reputation-files.9=z", &error));
	assert_true(config_set_text(&config, "vars.address-groups.HOME_NET=[192.168.0.0/16]", &error));
	assert_string_equal(pair(&config.rules.address_groups, "HOME_NET"), "[192.168.0.0/16]");
	assert_true(config_set_text(&config, "flow.memcap = 1 GiB", &error));
	assert_int_equal(config.flow.memcap_bytes, 1u << 30);
	assert_true(config_set_text(&config, "rule-files=[a, b,c]", &error));
	assert_int_equal(config.rules.rule_files.count, 3);
	assert_string_equal(config.rules.rule_files.values[1], "b");
	assert_false(config_set_text(&config, "flow.memcap", &error));
	assert_false(config_set_text(&config, "=1", &error));
	assert_false(config_set_text(&config, "sensor-name=\xff", &error));
	assert_true(config_set_text(&config, "sensor-name=caf\xc3\xa9", &error));
	assert_string_equal(config.sink.sensor_name, config.eve.sensor_name); // a key of two modules
	assert_true(config_set_text(&config,
		"reputation.own-domains=[B\xc3\xbc"
		"cher.DE., .example.org]",
		&error));
	assert_string_equal(config.reputation.own_domains.values[0], "xn--bcher-kva.de");
	assert_string_equal(config.reputation.own_domains.values[1], "example.org");
}

static void mistakes_say_where_and_what(void **state)
{
	(void)state;
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "flow:\n  memcapp: 1\n", "test.yaml:2:3: unknown setting flow.memcapp; did you mean flow.memcap?" },
		{ "zzzzzzzzzz: 1\n", "test.yaml:1:1: unknown setting zzzzzzzzzz" },
		{ "flow:\n  emergency-recovery: 400\n",
			"test.yaml:2:23: flow.emergency-recovery: \"400\" is not a number from 1 to 100" },
		{ "flow:\n  memcap: lots\n",
			"test.yaml:2:11: flow.memcap: \"lots\" is not a size such as 64 MiB of at least 64 KiB" },
		{ "vlan: {use-for-tracking: maybe}\n",
			"test.yaml:1:26: vlan.use-for-tracking: \"maybe\" is not yes or no" },
		{ "logging: {default-log-level: loud}\n", "test.yaml:1:30: logging.default-log-level: \"loud\" is not "
							  "error, warning, notice, info or debug" },
		{ "flow: [1\n", "test.yaml:1:8: unknown setting flow.0" },
		{ "outputs: {a: [1}\n", "test.yaml:1:11: unknown setting outputs.a" },
		{ "sensor-name: \"x\n", "test.yaml:2:1: found unexpected end of stream" },
		{ "sensor-name: &x 1\nb: *x\n", "test.yaml:2:4: aliases are not supported" },
		{ "hello\n", "test.yaml:1:1: expected settings as \"key: value\"" },
		{ "- a\n", "test.yaml:1:1: expected settings as \"key: value\"" },
		{ "rule-files: [[a]]\n", "test.yaml:1:14: a list in a list" },
		{ "flow: 3\n", "test.yaml:1:7: flow holds settings and has no value of its own" },
		{ "sensor-name: \"a\\0b\"\n", "test.yaml:1:14: text with a zero byte" },
		{ "reputation:\n  own-domains: [example.org, \"a b\"]\n",
			"test.yaml:2:30: reputation.own-domains.1: \"a b\" is not a domain name" },
		{ "heuristics:\n  ignore-domains: '*.x.org'\n",
			"test.yaml:2:19: heuristics.ignore-domains: \"*.x.org\" is not a domain name" },
		{ "vlan: [yes]\n", "test.yaml:1:8: unknown setting vlan.0" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_false(load(cases[i].text));
		if (strncmp(error.text, cases[i].message, strlen(cases[i].message)) != 0)
			assert_string_equal(error.text, cases[i].message);
	}
	assert_false(config_load(&config, "/no/such.yaml", &error));
	assert_string_equal(error.text, "/no/such.yaml: No such file or directory");
}

static void depth_is_bounded(void **state)
{
	(void)state;
	char text[200];
	memset(text, '{', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	assert_false(load(text));
	for (size_t i = 0; i + 3 < sizeof(text); i += 3)
		memcpy(text + i, "{a:", 3);
	assert_false(load(text));
}

static void a_dump_reads_back_equal(void **state)
{
	(void)state;
	assert_true(config_set_text(&config, "vars.address-groups.ODD=[::1, !\"quoted\\\"]", &error));
	assert_true(config_set_text(&config, "outputs.eve-log.types.tls.custom.0=subject", &error));
	assert_true(config_set_text(&config, "outputs.eve-log.types.a key: # odd=v: w", &error));
	assert_true(config_set_text(&config, "rule-files.0=- x: y", &error));
	assert_true(config_set_text(&config, "flow.memcap=123456789", &error));
	assert_true(config_set_text(&config, "outputs.eve-log.types.flow.enabled=no", &error));
	assert_true(config_set_text(&config, "outputs.kafka.topic=", &error));
	char *first = dump_of(&config);
	struct sensor_config other;
	config_init(&other);
	bool good = config_load_bytes(&other, "dump", first, strlen(first), &error);
	assert_string_equal(error.text, "");
	assert_true(good);
	char *second = dump_of(&other);
	assert_string_equal(first, second);
	assert_false(other.eve.flow);
	assert_null(other.sink.kafka_topic);
	config_fini(&other);
	free(first);
	free(second);
}

// SEKISHO_UPDATE=1 writes the file anew.
static void the_default_file_is_up_to_date(void **state)
{
	(void)state;
	const char *path = PROJECT_DIR "/appliance/sekisho.yaml";
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	config_write_default(out);
	fclose(out);
	if (getenv("SEKISHO_UPDATE")) {
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		fputs(text, file);
		fclose(file);
	}
	char *presets = dump_of(&config);
	bool good = config_load_bytes(&config, "default", text, size, &error);
	assert_string_equal(error.text, "");
	assert_true(good);
	char *read_back = dump_of(&config);
	assert_string_equal(presets, read_back);
	free(presets);
	free(read_back);

	FILE *file = fopen(path, "r");
	assert_non_null(file);
	char *found = calloc(1, size + 2);
	size_t found_len = fread(found, 1, size + 1, file);
	fclose(file);
	if (found_len != size || memcmp(found, text, size) != 0)
		fail_msg("appliance/sekisho.yaml is not what the option tables say; run this test with "
			 "SEKISHO_UPDATE=1");
	free(found);
	free(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(presets_are_in_place),
		TEST(every_option_is_sound),
		TEST(yaml_sets_values_of_each_kind),
		TEST(settings_from_the_command_line),
		TEST(mistakes_say_where_and_what),
		TEST(depth_is_bounded),
		TEST(a_dump_reads_back_equal),
		TEST(the_default_file_is_up_to_date),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
