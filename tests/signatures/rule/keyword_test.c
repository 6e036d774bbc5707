// SPDX-License-Identifier: GPL-3.0-or-later
// Every keyword of Suricata 8 is known, and the keywords of protocols take the arguments they should and refuse the others with a reason.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "signatures/rule/keyword.h"
#include "signatures/rule/keyword_list.h"
#include "signatures/rule/rule_event.h"
#include "signatures/rule/rule_set.h"
#include "signatures/rule/rule_waiting.h"

#define LIST_PATH PROJECT_DIR "/../shared/rules/suricata-8-keywords.csv"

static struct rule_error last;

static void on_error(void *context, const struct rule_error *error)
{
	(void)context;
	last = *error;
}

static struct rule_set *new_set(void)
{
	struct rule_options options = { .on_error = on_error };
	struct rule_set *set = rule_set_new(&options);
	assert_non_null(set);
	last = (struct rule_error) { 0 };
	return set;
}

// Adds a rule of these options; its sid is the number of rules so far.
static bool add(struct rule_set *set, const char *header, const char *options)
{
	char text[1024];
	snprintf(text, sizeof(text), "alert %s any any -> any any (%s; sid:%u;)", header, options,
		set->count + set->failed + 1);
	return rule_set_add(set, text, "test", 1);
}

static bool takes(const char *options)
{
	struct rule_set *set = new_set();
	bool good = add(set, "ip", options);
	rule_set_free(set);
	return good;
}

static void every_keyword_is_known(void **state)
{
	(void)state;
	FILE *list = fopen(LIST_PATH, "r");
	char line[1024];
	unsigned count = 0, unknown = 0;
	if (!list) {
		printf("SKIPPED: %s is not there\n", LIST_PATH);
		skip();
	}
	assert_non_null(fgets(line, sizeof(line), list)); // head
	while (fgets(line, sizeof(line), list)) {
		struct span name = span_of(line, strcspn(line, ";\n"));
		count++;
		if (!keyword_known(name)) {
			printf("unknown: %.*s\n", (int)name.len, line);
			unknown++;
		}
	}
	fclose(list);
	assert_true(count > 350);
	assert_int_equal(unknown, 0);
}

// Arguments that must be taken, and those that must not; NULL ends each.
struct arguments {
	const char *keyword;
	const char *good[16], *bad[16];
};

static const struct arguments numbers[] = {
	{ "mqtt.type",
		{ "CONNECT", "publish", "!PUBLISH", "15", "<3", "1-4", "UNASSIGNED", "SUBSCRIBE,all", "PUBLISH,nb>2",
			"count>3", "PUBLISH,all,1:3", "2,any,-2:-1" },
		{ "CONNECTED", "256", "", "-1", "PUBLISH,sometimes", "PUBLISH,nb", "3-4", "count" } },
	{ "mqtt.reason_code", { "0", "0x80", "!134", ">=128" }, { "yes", "300", "1,2,3" } },
	{ "mqtt.connack.return_code", { "5" }, { "x" } },
	{ "mqtt.protocol_version", { "5", ">3" }, { "5.0", "" } },
	{ "mqtt.flags", { "retain", "!retain,!dup", "dup, retain", "8", "&0x08=0x08" },
		{ "retain,retain", "will", "retain dup", ",", "!" } },
	{ "mqtt.connect.flags", { "username,password,clean_session", "!will,will_retain" }, { "dup", "will_" } },
	{ "snmp.version", { "1", "3", "!2", "<3" }, { "v3", "" } },
	{ "snmp.pdu_type", { "0", "get_request", "trap_v2", ">3" }, { "get", "4294967296" } },
	{ "snmp.trap_type", { "link_down", "6", "!cold_start" }, { "linkdown2", "256" } },
	{ "rfb.sectype", { "2", ">3", "1-5" }, { "vnc", "5-5" } },
	{ "rfb.secresult", { "ok", "fail", "toomany", "unknown", "!ok", "0" }, { "good", "" } },
	{ "ike.exchtype", { "34", ">=2", "!4" }, { "256", "main" } },
	{ "ike.nonce_payload_length", { "<32", "16-300", "200" }, { "long" } },
	{ "ike.key_exchange_payload_length", { ">132", "128" }, { "" } },
	{ "ftp.dynamic_port", { "30", ">1024", "1000-2000" }, { "65536", "http" } },
	{ "http2.frametype", { "GOAWAY", "goaway", "RST_STREAM", "RSTSTREAM", "6", "!SETTINGS" }, { "ABORT", "256" } },
	{ "http2.errorcode", { "NO_ERROR", "NOERROR", "PROTOCOL_ERROR", "13" }, { "ERROR" } },
	{ "http2.priority", { "2", ">100", "32-64" }, { "high", "256" } },
	{ "http2.window", { "1000", "<70000" }, { "4294967296" } },
	{ "http2.size_update", { "1234", ">4096" }, { "-1" } },
	{ "websocket.opcode", { "text", "1", "!ping", "binary" }, { "words", "256" } },
	{ "websocket.mask", { ">0", "281040006", "0x01020304" }, { "on" } },
	{ "websocket.flags", { "fin", "!comp", "fin,!comp", "&0x40=0x40", "0x80", "&0x40!=0" }, { "fin,fin", "rsv" } },
	{ "ldap.request.operation", { "search_request", "3", "!bind_request", "0-4" }, { "search", "256" } },
	{ "ldap.responses.operation", { "bind_response", "search_result_entry,all", "5,-1", "1,0", "1,any" },
		{ "bind_response,first", "1,0,0" } },
	{ "ldap.responses.count", { ">2", "1" }, { "all" } },
	{ "ldap.responses.result_code", { "success", "0", "invalid_credentials,any", "!success", "busy,-2" },
		{ "failure" } },
	{ "ntp.version", { "4", "<4" }, { "256" } },
	{ "ntp.mode", { "3", "client", "!server" }, { "x" } },
	{ "ntp.stratum", { ">=16", "1-5" }, { "" } },
	{ "dhcp.leasetime", { "<7200", "3600" }, { "hour" } },
	{ "dhcp.rebinding_time", { ">3000" }, { "" } },
	{ "dhcp.renewal_time", { "1000<>2000", "1000-2000" }, { "2000<>1000", "5<>6" } },
	{ "nfs_procedure", { "3", "2<>4", ">3" }, { "read" } },
	{ "nfs.version", { "4", "<3" }, { "v4" } },
	{ "nfs_version", { "2<>4" }, { "" } },
	{ "dnp3_func", { "read", "2", "direct_operate", "response" }, { "reading", "256" } },
	{ "dnp3_ind", { "all_stations", "class_1_events,class_2_events", "device_restart" },
		{ "stations", "need_time,x", "!need_time" } },
	{ "enip_command", { "99", "list_identity", "!0x70" }, { "list", "65536" } },
	{ "enip.status", { "success", "100", "invalid_cmd" }, { "bad" } },
	{ "enip.revision", { "0x403", ">1" }, { "1.3" } },
	{ "enip.serial", { "0x524D8E" }, { "0x524D8E00FF" } },
	{ "enip.cip_attribute", { "5", "1-7" }, { "a" } },
	{ "enip.cip_status", { "0", "!0" }, { "256" } },
	{ "dns.rrtype", { "a", "!txt", "65", "a,all", "a,1" }, { "b4", "65536" } },
	{ "template2", { "64", "<128" }, { "256" } },
};

static const struct arguments tests[] = {
	{ "mqtt.qos", { "0", "1", "2" }, { "3", "", "high", "-1" } },
	{ "mqtt.connack.session_present", { "yes", "no", "true" }, { "maybe", "", "on", "1" } },
	{ "ike.chosen_sa_attribute", { "alg_hash=2", "alg_enc=7", "sa_key_length=256" },
		{ "alg_hash", "alg_hash=", "hash=2", "alg_hash=x", "=2" } },
	{ "ftp.mode", { "active", "passive" }, { "both", "" } },
	{ "ftp.reply_received", { "yes", "no" }, { "perhaps" } },
	{ "ftpdata_command", { "stor", "retr", "RETR" }, { "list", "" } },
	{ "ssh.protoversion", { "2_compat", "1.99", "\"2.0\"" }, { "", "2 0", "2/0" } },
	{ "ssh.softwareversion", { "\"OpenSSH\"", "lsh 2" }, { "" } },
	{ "http2.settings",
		{ "SETTINGS_ENABLE_PUSH=0", "SETTINGSENABLEPUSH", "SETTINGS_MAX_FRAME_SIZE > 16384", "4<70000" },
		{ "SETTINGS_PULL=1", "SETTINGS_ENABLE_PUSH=on", "" } },
	{ "dnp3_obj", { "99,99", "1, 2" }, { "99", "256,1", "1,2,3", "a,b" } },
	{ "cip_service", { "10", "75,1", "16,246,6" }, { "128", "1,2,3,4", "", "1,,2", "x" } },
	{ "modbus",
		{ "function 21", "function 8, subfunction 4", "function !user", "function public", "unit 10",
			"unit 10, function 21", "access read", "access read coils",
			"access write holding, address 500, value >200", "unit <5, access read input, address 100<>200",
			"access write, address 3" },
		{ "", "function", "function nobody", "subfunction 4", "function user, subfunction 4", "access",
			"access peek", "access write discretes", "access write input", "address 5",
			"access read coils, value 3", "unit 256", "access read coils, address 65536",
			"function 3, access read" } },
};

static void check(const struct arguments *table, unsigned count)
{
	char options[256];
	for (unsigned i = 0; i < count; i++) {
		for (const char *const *good = table[i].good; *good; good++) {
			snprintf(options, sizeof(options), "%s:%s", table[i].keyword, *good);
			if (!takes(options))
				fail_msg("%s was refused: %s", options, last.reason);
		}
		for (const char *const *bad = table[i].bad; *bad; bad++) {
			snprintf(options, sizeof(options), "%s:%s", table[i].keyword, *bad);
			if (takes(options))
				fail_msg("%s was taken", options);
			assert_true(last.reason[0] && strcasecmp(last.keyword, table[i].keyword) == 0);
		}
	}
}

static void numbers_are_read(void **state)
{
	(void)state;
	check(numbers, sizeof(numbers) / sizeof(numbers[0]));
}

static void tests_are_read(void **state)
{
	(void)state;
	check(tests, sizeof(tests) / sizeof(tests[0]));
	assert_true(takes("ftpbounce"));
	assert_false(takes("ftpbounce:yes"));
}

static void flags_become_masks(void **state)
{
	(void)state;
	struct rule_set *set = new_set();
	assert_true(add(set, "ip", "websocket.flags:fin,!comp"));
	assert_true(add(set, "ip", "websocket.flags:!comp,fin"));
	assert_true(add(set, "ip", "dnp3_ind:class_1_events,need_time"));
	for (unsigned i = 0; i < 2; i++) {
		const struct rule_number *number = &set->rules[i]->numbers[0];
		assert_int_equal(number->match.op, OP_MASK_EQ);
		assert_int_equal(number->match.low, 0xc0);
		assert_int_equal(number->match.high, 0x80);
		assert_false(number->negated);
	}
	assert_int_equal(set->rules[2]->numbers[0].match.op, OP_AND);
	assert_int_equal(set->rules[2]->numbers[0].match.low, 0x1200);
	rule_set_free(set);
}

static void which_of_several_values(void **state)
{
	(void)state;
	static const struct {
		const char *options;
		uint8_t how;
		int32_t index;
	} cases[] = {
		{ "mqtt.type:publish", NUMBER_ANY, 0 },
		{ "mqtt.type:publish,any", NUMBER_ANY, 0 },
		{ "mqtt.type:publish,or_absent", NUMBER_ANY_OR_ABSENT, 0 },
		{ "mqtt.type:publish,all", NUMBER_ALL, 0 },
		{ "mqtt.type:publish,all1", NUMBER_ALL, 0 },
		{ "mqtt.type:publish,all_or_absent", NUMBER_ALL_OR_ABSENT, 0 },
		{ "mqtt.type:publish, 3", NUMBER_INDEX, 3 },
		{ "mqtt.type:publish,-1", NUMBER_INDEX, -1 },
		{ "mqtt.type:publish,oob_or 2", NUMBER_INDEX_OR_ABSENT, 2 },
		{ "mqtt.type:publish,nb>=2", NUMBER_TIMES, 0 },
		{ "mqtt.type:count>2", NUMBER_COUNT, 0 },
	};
	struct rule_set *set = new_set();
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(add(set, "ip", cases[i].options));
		const struct rule_number *number = &set->rules[i]->numbers[0];
		assert_int_equal(number->how, cases[i].how);
		assert_int_equal(number->index, cases[i].index);
	}
	assert_int_equal(set->rules[9]->numbers[0].amount.op, OP_GE);
	assert_int_equal(set->rules[10]->numbers[0].amount.low, 2);
	rule_set_free(set);
}

static void hashes_have_their_length(void **state)
{
	(void)state;
	assert_true(takes("ssh-hassh-server; content:\"b12d2871a1189eff20364cf5333619ee\""));
	assert_true(takes("ssh.hassh; content:\"B12D2871A1189EFF20364CF5333619EE\""));
	assert_false(takes("ssh.hassh; content:\"b12d2871\""));
	assert_true(takes("quic.cyu.hash; content:\"7b3ceb1adc974ad360cfa634e8d0a730\""));
	assert_false(takes("quic.cyu.hash; content:\"7B3CEB1ADC974AD360CFA634E8D0A730\""));
	assert_false(takes("quic.cyu.hash; content:\"7b3c\""));
}

// Every buffer takes a content, under each of its names, and none without one.
static void buffers_take_contents(void **state)
{
	(void)state;
	char options[256];
	for (const struct field_buffer *const *b = field_buffers; *b; b++) {
		if ((*b)->check_content)
			continue;
		snprintf(options, sizeof(options), "%s; content:\"abc\"", (*b)->name);
		if (!takes(options))
			fail_msg("%s: %s", options, last.reason);
		snprintf(options, sizeof(options), "%s; sid:7", (*b)->name);
		assert_false(takes(options));
		for (const char *const *s = (*b)->sticky; s && *s; s++) {
			snprintf(options, sizeof(options), "%s; content:\"abc\"", *s);
			if (!(*b)->modifier || strcmp((*b)->modifier, *s) != 0)
				assert_true(takes(options));
		}
	}
}

static void a_keyword_names_its_protocol(void **state)
{
	(void)state;
	struct rule_set *set = new_set();
	assert_true(add(set, "tcp", "rfb.name; content:\"desk\""));
	assert_int_equal(set->rules[0]->app_proto, APP_RFB);
	assert_true(add(set, "rfb", "rfb.sectype:2"));
	assert_false(add(set, "ssh", "rfb.sectype:2"));
	assert_false(add(set, "tcp", "rfb.sectype:2; ntp.version:4"));
	rule_set_free(set);
}

static const struct field_number_reader no_readers[] = { { 0 } };
static const struct field_number number_to_come = {
	.name = "x", .level = FIELD_TX, .proto = APP_RDP, .readers = no_readers
};

static void rules_that_wait_are_counted(void **state)
{
	(void)state;
	static struct rule *rules[4];
	static struct rule_number on_number = { .field = &number_to_come };
	static struct rule_test event = { .kind = TEST_APP_EVENT,
		.app_event = { .proto = APP_TELNET, .bit = RULE_EVENT_WAITS } };
	static struct rule with_number = { .numbers = &on_number, .number_count = 1, .app_proto = APP_RDP },
			   with_event = { .tests = &event, .test_count = 1, .app_proto = APP_TELNET },
			   with_http = { .app_proto = APP_HTTP, .flags = RULE_HAS_TX }, plain;
	uint32_t counts[APP_PROTOS_END];
	char text[64];
	rules[0] = &with_number, rules[1] = &with_event, rules[2] = &with_http, rules[3] = &plain;
	assert_int_equal(rule_waits_for(&with_number), APP_RDP);
	assert_int_equal(rule_waits_for(&with_event), APP_TELNET);
	assert_int_equal(rule_waits_for(&with_http), APP_UNKNOWN);
	struct rule *twice[] = { rules[0], rules[1], rules[2], rules[3], rules[1] };
	const struct rule_set set = { .rules = twice, .count = 5 };
	assert_int_equal(rule_set_waiting(&set, counts), 3);
	assert_string_equal(rule_waiting_text(counts, text, sizeof(text)), "telnet 2, rdp 1");
	assert_string_equal(rule_waiting_text(counts, text, 9), "telnet 2");
}

static void events_are_known(void **state)
{
	(void)state;
	assert_true(rule_event_known(APP_TLS, "certificate_Invalid_String"));
	assert_false(rule_event_known(APP_QUIC, "certificate_invalid_string"));
	assert_false(rule_event_known(APP_TLS, "too_many_records_in_packet")); // the parser names it
	assert_true(takes("app-layer-event:mqtt.missing_connect"));
	assert_true(takes("app-layer-event:http.COMPRESSION_BOMB"));
	assert_true(takes("app-layer-event:tls.certificate_invalid_string"));
	assert_false(takes("app-layer-event:mqtt.no_such_event"));
	assert_false(takes("app-layer-event:nothing.missing_connect"));
	assert_false(takes("app-layer-event:mqtt"));
}

static void states_and_phases_are_read(void **state)
{
	(void)state;
	struct rule_set *set = new_set();
	assert_true(add(set, "http", "app-layer-state:>request_headers"));
	assert_int_equal(set->rules[0]->tests[0].app_state.op, OP_GT);
	assert_int_equal(set->rules[0]->tests[0].app_state.direction, TO_SERVER);
	assert_true(set->rules[0]->flags & RULE_FLOW_TO_SERVER);
	assert_true(add(set, "http", "app-layer-state:response_complete"));
	assert_int_equal(set->rules[1]->tests[0].app_state.direction, TO_CLIENT);
	assert_false(add(set, "http", "app-layer-state:request_somewhere"));
	assert_false(add(set, "tcp", "app-layer-state:request_complete"));
	assert_false(add(set, "http", "app-layer-state:>request_line; flow:to_client"));
	assert_true(add(set, "tcp", "tcp.session:setup,closing"));
	assert_int_equal(set->rules[2]->tests[0].tcp_phases, PHASE_SETUP | PHASE_CLOSING);
	assert_false(add(set, "tcp", "tcp.session:open"));
	assert_false(add(set, "udp", "tcp.session:setup"));
	// hooks of a parser to come are any word; of one that is there, its own
	assert_true(add(set, "irc:request_something", "msg:\"x\""));
	assert_int_equal(rule_waits_for(set->rules[3]), APP_IRC);
	assert_false(add(set, "irc:Request-1", "msg:\"x\""));
	assert_false(add(set, "http:request_something", "msg:\"x\""));
	rule_set_free(set);
}

static void every_row_is_explained(void **state)
{
	(void)state;
	static struct keyword_row rows[KEYWORD_ROWS_MAX];
	unsigned count = keyword_list(rows, KEYWORD_ROWS_MAX);
	assert_true(count > 350 && count < KEYWORD_ROWS_MAX);
	for (unsigned i = 0; i < count; i++) {
		if (!*rows[i].about)
			fail_msg("%s: keyword_about.c says nothing of it", rows[i].name);
		if (i && strcmp(rows[i].name, rows[i - 1].name) == 0)
			fail_msg("%s is there twice", rows[i].name);
	}
	assert_int_equal(keyword_list(rows, 10), 10);
}

int main(void)
{
	const struct CMUnitTest tests_of_this[] = {
		cmocka_unit_test(every_keyword_is_known),
		cmocka_unit_test(numbers_are_read),
		cmocka_unit_test(tests_are_read),
		cmocka_unit_test(flags_become_masks),
		cmocka_unit_test(which_of_several_values),
		cmocka_unit_test(hashes_have_their_length),
		cmocka_unit_test(buffers_take_contents),
		cmocka_unit_test(a_keyword_names_its_protocol),
		cmocka_unit_test(rules_that_wait_are_counted),
		cmocka_unit_test(events_are_known),
		cmocka_unit_test(states_and_phases_are_read),
		cmocka_unit_test(every_row_is_explained),
	};
	return cmocka_run_group_tests(tests_of_this, NULL, NULL);
}
