// SPDX-License-Identifier: GPL-3.0-or-later
// Reputation: what of a flow and its DNS messages is looked up, once; what is told again, and when.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "decoders/app/dns/dns.h"
#include "decoders/base/clock.h"
#include "signatures/reputation/reputation.h"

#define HOUR_NS (3600 * NS_PER_S)

struct fixture {
	char bad_path[64], allow_path[64];
	struct reputation *reputation;
	struct reputation_worker *worker;
	struct findings findings;
	struct packet packet;
	struct flow flow;
};

static void write_list(char *path, const char *text)
{
	strcpy(path, "/tmp/reputation_XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void set_up(struct fixture *f, const char *bad, const char *allow)
{
	*f = (struct fixture) { 0 };
	write_list(f->bad_path, bad);
	write_list(f->allow_path, allow);
	struct reputation_config config = { .enabled = true,
		.lists = { (char *[]) { f->bad_path }, 1 },
		.allow = { (char *[]) { f->allow_path }, 1 } };
	f->reputation = reputation_load(&config);
	assert_non_null(f->reputation);
	f->worker = reputation_worker_new(f->reputation);
	assert_non_null(f->worker);
}

static void tear_down(struct fixture *f)
{
	reputation_worker_free(f->worker);
	reputation_free(f->reputation);
	unlink(f->bad_path);
	unlink(f->allow_path);
}

static void take(void *context, const struct inspection *inspection, const struct named *named)
{
	struct fixture *f = context;
	reputation_take(f->worker, inspection, named, &f->findings);
}

// As the pipeline does, after the engine.
static void look(struct fixture *f, const struct inspection *inspection)
{
	struct named_reader reader;
	reputation_begin(f->worker, inspection, &f->findings);
	named_each(&reader, inspection, take, f);
}

// A packet of a new flow between the two. Gives how many findings it has.
static uint32_t meet(struct fixture *f, const char *src, const char *dst, uint64_t now_ns)
{
	f->flow = (struct flow) { 0 };
	f->packet = (struct packet) { .ip_version = 4, .flags = PACKET_FLOW_FIRST, .ts_ns = now_ns };
	assert_true(address_parse(src, &f->packet.src) && address_parse(dst, &f->packet.dst));
	f->findings.count = f->findings.lost = 0;
	struct inspection inspection = { &f->packet, &f->flow, false, false };
	look(f, &inspection);
	return f->findings.count;
}

static uint64_t count_of(const struct fixture *f, enum reputation_counter counter)
{
	return reputation_worker_counters(f->worker)[counter];
}

static const struct detail_pair *pair_of(const struct finding *finding, const char *key)
{
	for (uint32_t i = 0; i < finding->detail->count; i++)
		if (strcmp(finding->detail->pairs[i].key, key) == 0)
			return &finding->detail->pairs[i];
	fail_msg("no %s", key);
	return NULL;
}

static void an_hour_is_one_alert_and_counts_the_rest(void **state)
{
	(void)state;
	struct fixture f;
	set_up(&f, "203.0.113.0/24\n", "");
	uint64_t start = 100 * HOUR_NS;
	assert_int_equal(meet(&f, "192.168.1.5", "203.0.113.9", start), 1);
	const struct finding *finding = &f.findings.items[0];
	assert_int_equal(finding->rule->gid, REPUTATION_GID);
	assert_int_equal(finding->rule->sid, 1);
	assert_string_equal(finding->detail->family, "reputation");
	assert_true(span_is(pair_of(finding, "indicator")->text, "203.0.113.0/24"));
	assert_true(span_is(pair_of(finding, "kind")->text, "network"));
	assert_true(span_is(pair_of(finding, "value")->text, "203.0.113.9"));
	assert_true(span_is(pair_of(finding, "where")->text, "destination address"));
	assert_true(span_is(pair_of(finding, "list")->text, f.bad_path));
	assert_int_equal(meet(&f, "192.168.1.5", "203.0.113.9", start + 1), 0);
	assert_int_equal(meet(&f, "203.0.113.9", "192.168.1.5", start + HOUR_NS - 1), 0);
	assert_int_equal(meet(&f, "192.168.1.6", "203.0.113.9", start + 2), 1);  // another host
	assert_int_equal(meet(&f, "192.168.1.5", "203.0.113.10", start + 3), 1); // another far end
	assert_int_equal(meet(&f, "203.0.113.9", "192.168.1.5", start + HOUR_NS), 1);
	finding = &f.findings.items[0];
	assert_true(span_is(pair_of(finding, "where")->text, "source address"));
	assert_int_equal(pair_of(finding, "repeats")->number, 2);
	assert_int_equal(pair_of(finding, "first_seen")->number, start);
	assert_int_equal(count_of(&f, REPUTATION_COUNT_HITS), 6);
	assert_int_equal(count_of(&f, REPUTATION_COUNT_SUPPRESSED), 2);
	tear_down(&f);
}

static void the_allow_list_wins_and_own_addresses_are_left_out(void **state)
{
	(void)state;
	struct fixture f;
	set_up(&f, "203.0.113.0/24\n10.0.0.0/8\nfd00::1\n", "203.0.113.9\n");
	assert_int_equal(meet(&f, "10.0.0.1", "203.0.113.9", HOUR_NS), 0);
	assert_int_equal(count_of(&f, REPUTATION_COUNT_ALLOWED), 1);
	assert_int_equal(count_of(&f, REPUTATION_COUNT_CHECKS), 1);
	assert_int_equal(meet(&f, "10.0.0.1", "fd00::1", HOUR_NS), 0);
	assert_int_equal(count_of(&f, REPUTATION_COUNT_CHECKS), 1);
	assert_int_equal(meet(&f, "10.0.0.1", "203.0.113.8", HOUR_NS), 1);
	tear_down(&f);
}

static void what_a_pass_rule_took_is_not_told(void **state)
{
	(void)state;
	struct fixture f;
	set_up(&f, "203.0.113.9\n", "");
	assert_int_equal(meet(&f, "10.0.0.1", "203.0.113.8", 0), 0);
	assert_true(address_parse("203.0.113.9", &f.packet.dst));
	struct inspection inspection = { &f.packet, &f.flow, false, false };
	f.flow.flags = FLOW_PASSED;
	look(&f, &inspection);
	assert_int_equal(f.findings.count, 0);
	f.flow.flags = 0;
	static const struct rule pass = { .action = RULE_PASS };
	f.findings.items[0] = (struct finding) { .rule = &pass, .action = RULE_PASS };
	f.findings.count = 1;
	look(&f, &inspection);
	assert_int_equal(f.findings.count, 1);
	f.findings.count = FINDINGS_MAX; // no room: counted
	f.findings.items[0].action = RULE_ALERT;
	look(&f, &inspection);
	assert_int_equal(f.findings.count, FINDINGS_MAX);
	assert_int_equal(f.findings.lost, 1);
	tear_down(&f);
}

// www.bad.example A?: a CNAME to cdn.worse.test, whose address is 203.0.113.9
static const uint8_t answer[] = { 0, 1, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0, 3, 'w', 'w', 'w', 3, 'B', 'a', 'd', 7, 'e',
	'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1, 0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 16, 3, 'c', 'd', 'n', 5, 'w',
	'o', 'r', 's', 'e', 4, 't', 'e', 's', 't', 0, 0xc0, 45, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 9 };

static void answers_are_looked_up_once_in_their_direction(void **state)
{
	(void)state;
	static struct dns_record records[DNS_RECORDS_MAX];
	struct fixture f;
	set_up(&f, "bad.example\nworse.test\n203.0.113.9\n", "");
	struct dns_tx dns = { .tx = { .direction_mask = 1 << TO_CLIENT }, .response = true };
	assert_true(dns_message_parse(span_of(answer, sizeof(answer)), records, &dns.message));
	assert_int_equal(meet(&f, "10.0.0.2", "10.0.0.1", HOUR_NS), 0);
	f.flow.app.parser = &dns_parser;
	f.flow.app.tx_first = &dns.tx;
	f.packet.flags = 0;
	struct inspection inspection = { &f.packet, &f.flow, false, true };
	f.packet.direction = TO_SERVER;
	look(&f, &inspection);
	assert_int_equal(f.findings.count, 0);
	f.packet.direction = TO_CLIENT;
	look(&f, &inspection);
	assert_int_equal(f.findings.count, 3);
	assert_int_equal(f.findings.items[0].rule->sid, 2);
	assert_true(span_is_nocase(pair_of(&f.findings.items[0], "value")->text, "www.bad.example"));
	assert_true(span_is(pair_of(&f.findings.items[1], "value")->text, "cdn.worse.test"));
	assert_true(span_is(pair_of(&f.findings.items[1], "where")->text, "dns answer"));
	assert_int_equal(f.findings.items[2].rule->sid, 1);
	assert_ptr_equal(f.findings.items[2].tx, &dns.tx);
	uint64_t checks = count_of(&f, REPUTATION_COUNT_CHECKS);
	f.findings.count = 0;
	look(&f, &inspection);
	assert_int_equal(f.findings.count, 0);
	assert_int_equal(count_of(&f, REPUTATION_COUNT_CHECKS), checks);
	tear_down(&f);
}

static void one_packet_tells_no_more_than_its_share(void **state)
{
	(void)state;
	static struct dns_record records[20];
	static uint8_t message[12 + 20 * 16];
	char list[20 * 16 + 1] = "";
	for (unsigned i = 0; i < 20; i++) {
		char line[20];
		snprintf(line, sizeof(line), "203.0.113.%u\n", 100 + i);
		strcat(list, line);
		memcpy(message + 12 + i * 14, (uint8_t[]) { 203, 0, 113, (uint8_t)(100 + i) }, 4);
		records[i] = (struct dns_record) {
			.type = DNS_A, .class = 1, .data_len = 4, .data = (uint16_t)(12 + i * 14)
		};
	}
	struct fixture f;
	set_up(&f, list, "");
	struct dns_tx dns = { .tx = { .direction_mask = 1 << TO_CLIENT },
		.response = true,
		.message = {
			.bytes = { message, sizeof(message) }, .counts = { [DNS_ANSWERS] = 20 }, .records = records } };
	assert_int_equal(meet(&f, "10.0.0.2", "10.0.0.1", HOUR_NS), 0);
	f.flow.app.parser = &dns_parser;
	f.flow.app.tx_first = &dns.tx;
	f.packet.direction = TO_CLIENT;
	struct inspection inspection = { &f.packet, &f.flow, false, true };
	look(&f, &inspection);
	assert_int_equal(f.findings.count, 8);
	assert_int_equal(f.findings.lost, 12);
	dns.tx.named = 0; // the same answer again: what had no room is told now, what was told is not lost
	f.findings.count = f.findings.lost = 0;
	look(&f, &inspection);
	assert_int_equal(f.findings.count, 8);
	assert_int_equal(f.findings.lost, 4);
	assert_int_equal(count_of(&f, REPUTATION_COUNT_SUPPRESSED), 8);
	tear_down(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_hour_is_one_alert_and_counts_the_rest),
		cmocka_unit_test(the_allow_list_wins_and_own_addresses_are_left_out),
		cmocka_unit_test(what_a_pass_rule_took_is_not_told),
		cmocka_unit_test(answers_are_looked_up_once_in_their_direction),
		cmocka_unit_test(one_packet_tells_no_more_than_its_share),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
