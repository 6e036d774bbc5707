// SPDX-License-Identifier: GPL-3.0-or-later
// Sets that follow each other (rule_options.like): what is taken over from the one before is what parsing would have given, whatever changed around it,
// after the one before is gone too.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "decoders/base/option.h"
#include "signatures/rule/rule_set.h"

#define SET_PATH PROJECT_DIR "/../shared/rules/emerging-all.rules.gz"
#define NAMES    25

static const char *const referring[] = { "HTTP_SERVERS", "SMTP_SERVERS", "SQL_SERVERS", "DNS_SERVERS", "TELNET_SERVERS",
	"AIM_SERVERS", "DC_SERVERS", "DNP3_SERVER", "DNP3_CLIENT", "MODBUS_CLIENT", "MODBUS_SERVER", "ENIP_CLIENT",
	"ENIP_SERVER" };
static const char *const port_names[] = { "SHELLCODE_PORTS", "ORACLE_PORTS", "SSH_PORTS", "DNP3_PORTS", "MODBUS_PORTS",
	"FILE_DATA_PORTS", "FTP_PORTS", "GENEVE_PORTS", "VXLAN_PORTS", "TEREDO_PORTS", "SIP_PORTS" };

static uint32_t refused;

static void on_error(void *context, const struct rule_error *error)
{
	(void)context;
	refused += !error->warning;
}

struct wanted {
	const char *home, *http_ports;
	const char *const *rules; // NULL: the public set
	const char *thresholds;   // path; NULL none
};

static struct rule_set *load(const struct wanted *wanted, const struct rule_set *like)
{
	struct option_pair addresses[NAMES] = { { "HOME_NET", (char *)(uintptr_t)wanted->home },
		{ "EXTERNAL_NET", "!$HOME_NET" } },
			   ports[NAMES] = { { "HTTP_PORTS", (char *)(uintptr_t)wanted->http_ports } };
	struct option_map address_groups = { addresses, 2 }, port_groups = { ports, 1 };
	if (strcmp(wanted->home, "any") == 0)
		addresses[1].value = "any";
	for (unsigned i = 0; i < sizeof(referring) / sizeof(referring[0]); i++)
		addresses[address_groups.count++] =
			(struct option_pair) { (char *)(uintptr_t)referring[i], "$HOME_NET" };
	for (unsigned i = 0; i < sizeof(port_names) / sizeof(port_names[0]); i++)
		ports[port_groups.count++] = (struct option_pair) { (char *)(uintptr_t)port_names[i], "21" };
	struct rule_options options = { .address_groups = &address_groups,
		.port_groups = &port_groups,
		.threshold_file = wanted->thresholds,
		.like = like,
		.on_error = on_error };
	struct rule_set *set = rule_set_new(&options);
	assert_non_null(set);
	for (uint32_t i = 0; wanted->rules && wanted->rules[i]; i++)
		rule_set_add(set, wanted->rules[i], "t.rules", i + 1);
	if (!wanted->rules)
		assert_true(rule_set_load_file(set, SET_PATH));
	assert_true(rule_set_finish(set));
	return set;
}

static void same_text(const char *a, const char *b)
{
	assert_int_equal(!a, !b);
	if (a)
		assert_string_equal(a, b);
}

static void same_addresses(const struct address_set *a, const struct address_set *b)
{
	assert_int_equal(a->any, b->any);
	assert_int_equal(a->negated, b->negated);
	assert_int_equal(a->count, b->count);
	for (uint32_t i = 0; i < a->count; i++) {
		assert_int_equal(address_compare(&a->ranges[i].low, &b->ranges[i].low), 0);
		assert_int_equal(address_compare(&a->ranges[i].high, &b->ranges[i].high), 0);
	}
}

static void same_ports(const struct port_set *a, const struct port_set *b)
{
	assert_int_equal(a->any, b->any);
	assert_int_equal(a->count, b->count);
	if (a->count)
		assert_memory_equal(a->ranges, b->ranges, a->count * sizeof(*a->ranges));
}

static void same_match(const struct match *a, const struct match *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->negated, b->negated);
	if (a->kind == MATCH_CONTENT) {
		assert_int_equal(a->content.bytes.len, b->content.bytes.len);
		assert_memory_equal(a->content.bytes.data, b->content.bytes.data, a->content.bytes.len);
		assert_int_equal(a->content.nocase, b->content.nocase);
		assert_int_equal(a->content.within.number, b->content.within.number);
	} else if (a->kind == MATCH_PCRE) {
		assert_string_equal(a->pcre.pattern, b->pcre.pattern);
		assert_int_equal(a->pcre.options, b->pcre.options);
		assert_non_null(a->pcre.code);
	}
}

static void same_bits(
	const struct rule_set *x, const struct rule_test *a, const struct rule_set *y, const struct rule_test *b)
{
	assert_int_equal(a->kind, b->kind);
	for (unsigned i = 0; a->kind == TEST_FLOWBITS && i < a->flowbits.count; i++)
		assert_string_equal(x->flowbit_names[a->flowbits.bits[i]], y->flowbit_names[b->flowbits.bits[i]]);
	if (a->kind == TEST_XBITS)
		assert_string_equal(x->xbit_names[a->xbits.bit], y->xbit_names[b->xbits.bit]);
	if (a->kind == TEST_FLOWINT)
		assert_string_equal(x->flowvar_names[a->flowint.var], y->flowvar_names[b->flowint.var]);
}

static void same_lists(const struct rule *a, const struct rule *b)
{
	assert_int_equal(a->metadata_count, b->metadata_count);
	assert_int_equal(a->reference_count, b->reference_count);
	assert_int_equal(a->threshold_count, b->threshold_count);
	for (unsigned i = 0; i < a->metadata_count; i++)
		assert_string_equal(a->metadata[i].value, b->metadata[i].value);
	for (unsigned i = 0; i < a->reference_count; i++)
		assert_string_equal(a->references[i].key, b->references[i].key);
	for (unsigned i = 0; i < a->threshold_count; i++) {
		assert_int_equal(a->thresholds[i].type, b->thresholds[i].type);
		assert_int_equal(a->thresholds[i].count, b->thresholds[i].count);
	}
}

static void same_rule(const struct rule_set *x, const struct rule *a, const struct rule_set *y, const struct rule *b)
{
	assert_int_equal(a->sid, b->sid);
	assert_int_equal(a->index, b->index);
	assert_int_equal(a->line, b->line);
	assert_int_equal(a->action, b->action);
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->priority, b->priority);
	assert_int_equal(a->app_proto, b->app_proto);
	assert_true(a->flags == b->flags);
	same_text(a->msg, b->msg);
	same_text(a->classtype, b->classtype);
	same_text(a->file, b->file);
	same_addresses(a->src, b->src);
	same_addresses(a->dst, b->dst);
	same_ports(a->sport, b->sport);
	same_ports(a->dport, b->dport);
	assert_int_equal(a->buffer_count, b->buffer_count);
	for (unsigned i = 0; i < a->buffer_count; i++) {
		assert_int_equal(a->buffers[i].match_count, b->buffers[i].match_count);
		for (unsigned k = 0; k < a->buffers[i].match_count; k++)
			same_match(&a->buffers[i].matches[k], &b->buffers[i].matches[k]);
	}
	assert_int_equal(a->test_count, b->test_count);
	for (unsigned i = 0; i < a->test_count; i++)
		same_bits(x, &a->tests[i], y, &b->tests[i]);
	assert_int_equal(a->action_count, b->action_count);
	for (unsigned i = 0; i < a->action_count; i++)
		same_bits(x, &a->actions[i], y, &b->actions[i]);
	same_lists(a, b);
}

// The set that follows before, which is freed, is the one that would be loaded from nothing.
static struct rule_set *follow(struct rule_set *before, const struct wanted *wanted)
{
	struct rule_set *next = load(wanted, before), *fresh = load(wanted, NULL);
	assert_int_equal(next->generation, before->generation + 1);
	rule_set_free(before);
	assert_int_equal(next->count, fresh->count);
	assert_int_equal(next->failed, fresh->failed);
	for (uint32_t i = 0; i < next->count; i++)
		same_rule(next, next->rules[i], fresh, fresh->rules[i]);
	rule_set_free(fresh);
	return next;
}

#define PLAIN                                                                                                     \
	"alert tcp $HOME_NET any -> $EXTERNAL_NET $HTTP_PORTS (msg:\"plain\"; content:\"abc\"; pcre:\"/a.c/i\"; " \
	"sid:1;)"
#define BITS                                                                                                \
	"alert udp any any -> $HOME_NET 53 (msg:\"bits\"; content:\"x\"; flowbits:set,one; flowint:n,+,1; " \
	"xbits:set,host,track ip_src; metadata:key value; reference:cve,2020-1; classtype:trojan-activity; sid:2;)"
#define ASKS "alert udp any any -> any any (msg:\"asks\"; flowbits:isset,two; flowbits:isset,one; priority:1; sid:3;)"
#define LIMITS                                                                                               \
	"alert udp any any -> any any (content:\"y\"; threshold:type limit,track by_src,count 1,seconds 9; " \
	"sid:4;)"
#define ADDRESSES "alert ip $HOME_NET any -> any any (msg:\"addresses\"; sid:5;)"
#define DROPS     "drop udp any any -> any any (msg:\"first by action\"; content:\"z\"; sid:6;)"
#define WRONG     "alert udp any any -> any any (nonsense; sid:7;)"

static void test_small_sets(void **state)
{
	(void)state;
	char path[] = "/tmp/sekisho-reuse-XXXXXX";
	int fd = mkstemp(path);
	static const char line[] = "suppress gen_id 1, sig_id 2\nthreshold gen_id 1, sig_id 1, type limit, track "
				   "by_src, count 3, seconds 5\n";
	assert_true(fd >= 0 && write(fd, line, sizeof(line) - 1) == (ssize_t)sizeof(line) - 1);
	close(fd);
	const char *const first[] = { PLAIN, BITS, ASKS, LIMITS, ADDRESSES, WRONG, NULL };
	const char *const second[] = { DROPS, ASKS, ADDRESSES, BITS, WRONG, PLAIN, LIMITS, NULL };
	const char *const third[] = { BITS, ADDRESSES, NULL };
	const struct wanted steps[] = { { "10.0.0.0/8", "80", second, NULL }, { "10.0.0.0/8", "80", second, path },
		{ "192.168.0.0/16", "80", second, path }, { "192.168.0.0/16", "8080", first, NULL },
		{ "any", "any", first, NULL }, { "[10.0.0.0/8,!10.1.0.0/16]", "80", second, NULL },
		{ "10.0.0.0/8", "80", third, path }, { "10.0.0.0/8", "80", second, NULL } };
	const struct wanted start = { "10.0.0.0/8", "80", first, NULL };
	struct rule_set *set = load(&start, NULL);
	assert_int_equal(set->failed_anew, 1);
	for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		set = follow(set, &steps[i]);
		// !$HOME_NET is refused when it leaves no address; the third list had no wrong rule
		assert_int_equal(set->failed_anew, i == 5 || i == 7);
	}
	rule_set_free(set);
	unlink(path);
}

// Parts whose rules are gone do not pile up, whatever changes: nothing else bounds them.
static void test_many_generations(void **state)
{
	(void)state;
	char texts[8][128];
	const char *rules[9] = { 0 };
	const struct wanted wanted = { "10.0.0.0/8", "80", rules, NULL };
	for (unsigned i = 0; i < 8; i++) {
		snprintf(
			texts[i], sizeof(texts[i]), "alert udp any any -> any any (content:\"%u\"; sid:%u;)", i, i + 1);
		rules[i] = texts[i];
	}
	struct rule_set *set = load(&wanted, NULL);
	for (unsigned round = 0; round < 60; round++) {
		unsigned i = round * 5 % 8;
		snprintf(texts[i], sizeof(texts[i]), "alert udp any any -> any any (content:\"r%u\"; sid:%u;)", round,
			i + 1);
		set = follow(set, &wanted);
	}
	rule_set_free(set);
}

static void test_names_begin_anew(void **state)
{
	(void)state;
	static char texts[9001][96];
	static const char *rules[9002];
	for (unsigned i = 0; i < 9001; i++) {
		snprintf(texts[i], sizeof(texts[i]), "alert udp any any -> any any (flowbits:set,b%u; sid:%u;)", i,
			i + 1);
		rules[i] = texts[i];
	}
	const struct wanted many = { "10.0.0.0/8", "80", rules, NULL };
	struct rule_set *set = load(&many, NULL);
	assert_int_equal(set->names_since, 1);
	set = follow(set, &many);
	assert_int_equal(set->names_since, 2);
	const char *const few[] = { rules[9000], NULL };
	const struct wanted last = { "10.0.0.0/8", "80", few, NULL };
	set = follow(set, &last);
	assert_int_equal(set->flowbit_count, 1);
	rule_set_free(set);
}

static void test_public_set(void **state)
{
	(void)state;
	if (access(SET_PATH, R_OK) != 0) {
		print_message("SKIPPED: %s is missing\n", SET_PATH);
		skip();
	}
	const struct wanted home = { "10.0.0.0/8", "80", NULL, NULL }, other = { "192.168.0.0/16", "80", NULL, NULL };
	struct rule_set *set = load(&home, NULL);
	set = follow(set, &home);
	set = follow(set, &other);
	set = follow(set, &other);
	rule_set_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_sets),
		cmocka_unit_test(test_many_generations),
		cmocka_unit_test(test_names_begin_anew),
		cmocka_unit_test(test_public_set),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
