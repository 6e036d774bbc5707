// SPDX-License-Identifier: GPL-3.0-or-later
// The large public rule set: how many of its rules load, in what time and memory, and why the rest does not. Skipped when the set is not
// beside the project. Run by hand with file names it does the same for these.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "decoders/base/option.h"
#include "signatures/rule/rule_set.h"

#define SET_PATH PROJECT_DIR "/../shared/rules/emerging-all.rules.gz"
#define REASONS  512

static struct option_pair addresses[] = { { "HOME_NET", "[192.168.0.0/16,10.0.0.0/8,172.16.0.0/12]" },
	{ "EXTERNAL_NET", "!$HOME_NET" }, { "HTTP_SERVERS", "$HOME_NET" }, { "SMTP_SERVERS", "$HOME_NET" },
	{ "SQL_SERVERS", "$HOME_NET" }, { "DNS_SERVERS", "$HOME_NET" }, { "TELNET_SERVERS", "$HOME_NET" },
	{ "AIM_SERVERS", "$EXTERNAL_NET" }, { "DC_SERVERS", "$HOME_NET" }, { "DNP3_SERVER", "$HOME_NET" },
	{ "DNP3_CLIENT", "$HOME_NET" }, { "MODBUS_CLIENT", "$HOME_NET" }, { "MODBUS_SERVER", "$HOME_NET" },
	{ "ENIP_CLIENT", "$HOME_NET" }, { "ENIP_SERVER", "$HOME_NET" } };
static struct option_pair ports[] = { { "HTTP_PORTS", "80" }, { "SHELLCODE_PORTS", "!80" }, { "ORACLE_PORTS", "1521" },
	{ "SSH_PORTS", "22" }, { "DNP3_PORTS", "20000" }, { "MODBUS_PORTS", "502" },
	{ "FILE_DATA_PORTS", "[$HTTP_PORTS,110,143]" }, { "FTP_PORTS", "21" }, { "GENEVE_PORTS", "6081" },
	{ "VXLAN_PORTS", "4789" }, { "TEREDO_PORTS", "3544" }, { "SIP_PORTS", "[5060,5061]" } };

static struct {
	char text[160];
	unsigned count;
	uint32_t sid;
} reasons[REASONS];
static unsigned reason_count;

static void on_error(void *context, const struct rule_error *error)
{
	(void)context;
	char text[160];
	unsigned i = 0;
	snprintf(text, sizeof(text), "%s%s%s: %.100s", error->warning ? "(warning) " : "",
		error->keyword[0] ? error->keyword : "rule", "", error->reason);
	while (i < reason_count && strcmp(reasons[i].text, text) != 0)
		i++;
	if (i == REASONS)
		return;
	if (i == reason_count) {
		memcpy(reasons[reason_count++].text, text, sizeof(text));
		reasons[i].sid = error->sid;
	}
	reasons[i].count++;
	if (getenv("RULE_ERRORS"))
		printf("%s:%u:%u: sid %u: %s: %s\n", error->file, error->line, error->column, error->sid,
			error->keyword, error->reason);
}

static double seconds_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct rule_set *load(const char *const *paths)
{
	struct option_map address_groups = { addresses, sizeof(addresses) / sizeof(addresses[0]) },
			  port_groups = { ports, sizeof(ports) / sizeof(ports[0]) };
	struct rule_options options = {
		.address_groups = &address_groups, .port_groups = &port_groups, .on_error = on_error
	};
	struct mallinfo2 before = mallinfo2();
	double start = seconds_now();
	struct rule_set *set = rule_set_new(&options);
	assert_non_null(set);
	for (; *paths; paths++)
		if (!rule_set_load_file(set, *paths))
			printf("%s: cannot be read\n", *paths);
	assert_true(rule_set_finish(set));
	struct mallinfo2 after = mallinfo2();
	size_t used = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
	printf("%u rules loaded, %u failed, %u skipped; %.2f s, %.1f MB\n", set->count, set->failed, set->skipped,
		seconds_now() - start, (double)used / 1e6);
	unsigned types[RULE_TYPE_TX + 1] = { 0 };
	for (uint32_t i = 0; i < set->count; i++)
		types[set->rules[i]->type]++;
	printf("packet %u, ip-only %u, like-ip-only %u, event-only %u, proto-only %u, stream %u, packet+stream %u, app "
	       "%u, tx %u\n",
		types[RULE_TYPE_PACKET], types[RULE_TYPE_IP_ONLY], types[RULE_TYPE_LIKE_IP_ONLY],
		types[RULE_TYPE_EVENT_ONLY], types[RULE_TYPE_PROTO_ONLY], types[RULE_TYPE_STREAM],
		types[RULE_TYPE_PACKET_STREAM], types[RULE_TYPE_APP], types[RULE_TYPE_TX]);
	for (unsigned i = 0; i < reason_count; i++)
		printf("%6u  %s (first: sid %u)\n", reasons[i].count, reasons[i].text, reasons[i].sid);
	return set;
}

static void the_public_set_loads(void **state)
{
	(void)state;
	const char *const paths[] = { SET_PATH, NULL };
	struct rule_set *set = load(paths);
	assert_true(set->count + set->failed + set->skipped == 31996);
	if (field_buffer_find("http.uri") && field_buffer_find("dns.query") && field_buffer_find("tls.sni"))
		assert_true(set->count >= 31980);
	else
		printf("SKIPPED: the count of loaded rules, since http, dns or tls have no fields here\n");
	for (uint32_t i = 1; i < set->count; i++)
		assert_true(set->rules[i]->index == i && set->rules[i]->msg && set->rules[i]->sid);
	rule_set_free(set);
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		rule_set_free(load((const char *const *)argv + 1));
		return 0;
	}
	if (access(SET_PATH, R_OK) != 0) {
		printf("SKIPPED: %s is not there\n", SET_PATH);
		return 77;
	}
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_public_set_loads) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
