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
#include "decoders/app/quic/quic.h"
#include "decoders/base/clock.h"
#include "signatures/reputation/reputation.h"
#include "signatures/reputation/store_build.h"

#define HOUR_NS  (3600 * NS_PER_S)
#define LISTED_S 864000u

struct fixture {
	char path[64];
	struct reputation *reputation;
	struct reputation_worker *worker;
	struct findings findings;
	struct packet packet;
	struct flow flow;
};

// One entry a word: an address, a network or a domain.
static void add_all(struct store_build *build, uint32_t feed, const char *words, uint8_t flags)
{
	char copy[1024], *at = copy;
	snprintf(copy, sizeof(copy), "%s", words);
	for (char *word; (word = strsep(&at, " "));) {
		struct address address;
		char *slash = strchr(word, '/');
		struct indicator indicator = {
			.flags = flags, .confidence = 80, .first_seen_s = LISTED_S, .family = span_text("zeus")
		};
		if (!*word)
			continue;
		if (slash)
			*slash++ = 0;
		if (address_parse(word, &address)) {
			indicator.kind = slash ? INDICATOR_NETWORK : INDICATOR_ADDRESS;
			indicator.bits = (uint8_t)(slash ? atoi(slash) + (address_is_v4(&address) ? 96 : 0) : 128);
			indicator.value = span_of(address.bytes, 16);
		} else {
			indicator.kind = INDICATOR_DOMAIN;
			indicator.value = span_text(word);
		}
		assert_null(store_build_add(build, feed, &indicator));
	}
}

static void set_up_by(
	struct fixture *f, const char *bad, const char *allow, uint8_t flags, const struct reputation_config *config)
{
	char error[256];
	uint32_t feed;
	*f = (struct fixture) { 0 };
	strcpy(f->path, "/tmp/reputation_XXXXXX");
	int fd = mkstemp(f->path);
	assert_true(fd >= 0);
	close(fd);
	struct store_build *build = store_build_new(1000);
	assert_non_null(build);
	assert_true(store_build_feed(build, "feed-a", &feed));
	add_all(build, feed, bad, flags);
	add_all(build, feed, allow, INDICATOR_ALLOW);
	assert_true(store_build_write(build, f->path, 1, 1, error, sizeof(error)));
	store_build_free(build);
	f->reputation = reputation_load(config, f->path);
	assert_non_null(f->reputation);
	f->worker = reputation_worker_new(f->reputation, flags & INDICATOR_DROP);
	assert_non_null(f->worker);
}

static void set_up_telling(struct fixture *f, const char *bad, const char *allow, uint8_t flags, bool tell_allowed)
{
	const struct reputation_config config = {
		.enabled = true, .least_confidence = 1, .hold_s = 3600, .tell_allowed = tell_allowed
	};
	set_up_by(f, bad, allow, flags, &config);
}

static void set_up_as(struct fixture *f, const char *bad, const char *allow, uint8_t flags)
{
	set_up_telling(f, bad, allow, flags, false);
}

static void set_up(struct fixture *f, const char *bad, const char *allow)
{
	set_up_as(f, bad, allow, 0);
}

static void tear_down(struct fixture *f)
{
	reputation_worker_free(f->worker);
	reputation_free(f->reputation);
	unlink(f->path);
}

static void take(void *context, const struct inspection *inspection, const struct named *named)
{
	struct fixture *f = context;
	reputation_take(f->worker, inspection, named, &f->findings);
}

// As the pipeline does, after the engine.
static void look(struct fixture *f, const struct inspection *inspection)
{
	struct named_reader reader = { 0 };
	reputation_begin(f->worker, inspection, &f->findings);
	named_each(&reader, inspection, take, f);
	for (struct app_tx *tx; (tx = reputation_due(f->worker, inspection));)
		named_request(&reader, inspection, tx, take, f);
	reputation_end(f->worker, inspection, &f->findings);
}

// The first packet of a new flow between the two.
static void start(struct fixture *f, const char *src, const char *dst, uint64_t now_ns)
{
	f->flow = (struct flow) { .id = now_ns + 1, .key.proto = PROTO_UDP };
	f->packet = (struct packet) { .ip_version = 4, .flags = PACKET_FLOW_FIRST, .ts_ns = now_ns };
	assert_true(address_parse(src, &f->packet.src) && address_parse(dst, &f->packet.dst));
	f->flow.key.src = f->packet.src;
	f->flow.key.dst = f->packet.dst;
	f->flow.packets[TO_SERVER] = 1;
	f->findings.count = f->findings.lost = 0;
	struct inspection inspection = { &f->packet, &f->flow, false, false };
	look(f, &inspection);
}

// So many packets of the server came.
static void server_sends(struct fixture *f, uint64_t packets)
{
	f->flow.packets[TO_CLIENT] = packets;
	f->flow.flags |= packets ? FLOW_SEEN_TC : 0;
}

// It ends, answered or not. Gives how many findings that makes.
static uint32_t end(struct fixture *f, bool answered)
{
	assert_int_equal(f->findings.count, 0);
	f->packet.flags = PACKET_PSEUDO;
	server_sends(f, answered);
	struct inspection inspection = { &f->packet, &f->flow, true, false };
	look(f, &inspection);
	return f->findings.count;
}

static uint32_t meet(struct fixture *f, const char *src, const char *dst, uint64_t now_ns)
{
	start(f, src, dst, now_ns);
	return end(f, true);
}

static uint64_t count_of(const struct fixture *f, enum reputation_counter counter)
{
	return reputation_worker_counters(f->worker)[counter];
}

static const struct detail_pair *pair_if_any(const struct finding *finding, const char *key)
{
	for (uint32_t i = 0; i < finding->detail->count; i++)
		if (strcmp(finding->detail->pairs[i].key, key) == 0)
			return &finding->detail->pairs[i];
	return NULL;
}

static const struct detail_pair *pair_of(const struct finding *finding, const char *key)
{
	const struct detail_pair *pair = pair_if_any(finding, key);
	if (!pair)
		fail_msg("no %s", key);
	return pair;
}

static void an_hour_is_one_alert_and_counts_the_rest(void **state)
{
	(void)state;
	struct fixture f;
	set_up(&f, "203.0.113.0/24", "");
	uint64_t begin = 100 * HOUR_NS;
	assert_int_equal(meet(&f, "192.168.1.5", "203.0.113.9", begin), 1);
	const struct finding *finding = &f.findings.items[0];
	assert_int_equal(finding->rule->gid, REPUTATION_GID);
	assert_int_equal(finding->rule->sid, REPUTATION_SID_ADDRESS);
	assert_int_equal(finding->rule->priority, 2);
	assert_string_equal(finding->detail->family, "reputation");
	assert_true(span_is(pair_of(finding, "indicator")->text, "203.0.113.0/24"));
	assert_true(span_is(pair_of(finding, "kind")->text, "network"));
	assert_true(span_is(pair_of(finding, "value")->text, "203.0.113.9"));
	assert_true(span_is(pair_of(finding, "where")->text, "destination address"));
	assert_true(span_is(pair_of(finding, "outcome")->text, "session"));
	assert_true(span_is(pair_of(finding, "family")->text, "zeus"));
	assert_true(span_is(pair_of(finding, "sources")->text, "[{\"feed\":\"feed-a\",\"confidence\":80}]"));
	assert_int_equal(meet(&f, "192.168.1.5", "203.0.113.9", begin + 1), 0);
	assert_int_equal(
		meet(&f, "203.0.113.9", "192.168.1.5", begin + HOUR_NS - 1), 1); // it came here: another situation
	assert_int_equal(f.findings.items[0].rule->priority, 3);
	assert_true(span_is(pair_of(&f.findings.items[0], "where")->text, "source address"));
	assert_true(span_is(pair_of(&f.findings.items[0], "direction")->text, "inbound"));
	assert_int_equal(meet(&f, "192.168.1.6", "203.0.113.9", begin + 2), 1);  // another host
	assert_int_equal(meet(&f, "192.168.1.5", "203.0.113.10", begin + 3), 1); // another far end
	assert_int_equal(meet(&f, "192.168.1.5", "203.0.113.9", begin + HOUR_NS), 1);
	finding = &f.findings.items[0];
	assert_true(span_is(pair_of(finding, "direction")->text, "outbound"));
	assert_int_equal(pair_of(finding, "repeats")->number, 1);
	assert_int_equal(finding->began_ns, begin + HOUR_NS);
	assert_int_equal(count_of(&f, REPUTATION_COUNT_HITS), 6);
	assert_int_equal(count_of(&f, REPUTATION_COUNT_HELD), 1);
	tear_down(&f);
}

static void an_alert_says_since_when_it_is_listed(void **state)
{
	(void)state;
	struct fixture f;
	for (unsigned earlier = 0; earlier < 2; earlier++) {
		set_up_as(&f, "203.0.113.9", "", earlier ? INDICATOR_EARLIER : 0);
		assert_int_equal(meet(&f, "192.168.1.5", "203.0.113.9", LISTED_S * NS_PER_S - 1), 1);
		const struct finding *finding = &f.findings.items[0];
		assert_int_equal(pair_of(finding, "listed_since")->number, LISTED_S * NS_PER_S);
		assert_null(pair_if_any(finding, "age_days")); // a capture from before that
		assert_int_equal(meet(&f, "192.168.1.6", "203.0.113.9", (LISTED_S + 2 * 86400) * NS_PER_S), 1);
		finding = &f.findings.items[0];
		assert_int_equal(pair_of(finding, "age_days")->number, 2);
		assert_int_equal(pair_if_any(finding, "age_at_least") != NULL, earlier);
		tear_down(&f);
	}
}

static void what_was_not_answered_weighs_less(void **state)
{
	(void)state;
	struct fixture f;
	set_up(&f, "203.0.113.9", "");
	start(&f, "192.168.1.5", "203.0.113.9", HOUR_NS);
	assert_int_equal(end(&f, false), 1);
	assert_int_equal(f.findings.items[0].rule->priority, 4);
	assert_true(span_is(pair_of(&f.findings.items[0], "outcome")->text, "unanswered"));
	// A session is news after an attempt
	assert_int_equal(meet(&f, "192.168.1.5", "203.0.113.9", HOUR_NS + 1), 1);
	start(&f, "203.0.113.9", "192.168.1.7", HOUR_NS);
	assert_int_equal(end(&f, false), 1);
	assert_true(span_is(pair_of(&f.findings.items[0], "outcome")->text, "inbound"));
	tear_down(&f);
}

static void a_flow_that_goes_on_is_told_before_its_end(void **state)
{
	(void)state;
	struct fixture f;
	set_up(&f, "203.0.113.9", "");
	start(&f, "192.168.1.5", "203.0.113.9", HOUR_NS);
	f.packet.flags = 0;
	struct inspection inspection = { &f.packet, &f.flow, false, false };
	server_sends(&f, PENDING_PACKETS - 2);
	look(&f, &inspection);
	assert_int_equal(f.findings.count, 0);
	f.flow.packets[TO_CLIENT]++;
	look(&f, &inspection);
	assert_int_equal(f.findings.count, 1);
	f.findings.count = 0;
	assert_int_equal(end(&f, true), 0);
	tear_down(&f);
}

static void the_allow_list_wins_and_own_addresses_are_left_out(void **state)
{
	(void)state;
	struct fixture f;
	set_up(&f, "203.0.113.0/24 10.0.0.0/8 fd00::1", "203.0.113.9");
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
	set_up(&f, "203.0.113.9", "");
	start(&f, "10.0.0.1", "203.0.113.9", 0);
	f.flow.flags |= FLOW_PASSED;
	assert_int_equal(end(&f, true), 0);
	f.flow.flags &= ~(uint32_t)FLOW_PASSED;
	static const struct rule pass = { .action = RULE_PASS };
	struct inspection inspection = { &f.packet, &f.flow, true, false };
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

struct talk {
	struct fixture f;
	struct dns_record records[DNS_RECORDS_MAX];
	struct inspection inspection;
	struct dns_tx dns; // at the end: its block has no size
};

static void answer_is_read(struct talk *talk)
{
	talk->dns = (struct dns_tx) { .tx = { .direction_mask = 1 << TO_CLIENT }, .response = true };
	assert_true(dns_message_parse(span_of(answer, sizeof(answer)), talk->records, &talk->dns.message));
	start(&talk->f, "10.0.0.2", "10.0.0.1", HOUR_NS);
	assert_int_equal(talk->f.findings.count, 0);
	talk->f.flow.app.parser = &dns_parser;
	talk->f.flow.app.tx_first = &talk->dns.tx;
	talk->f.packet.flags = 0;
	talk->f.packet.direction = TO_CLIENT;
	talk->inspection = (struct inspection) { &talk->f.packet, &talk->f.flow, false, true };
	look(&talk->f, &talk->inspection);
}

static void answer_comes(struct talk *talk, const char *bad, const char *allow)
{
	set_up(&talk->f, bad, allow);
	answer_is_read(talk);
}

static void answers_are_looked_up_once(void **state)
{
	(void)state;
	static struct talk talk;
	struct findings *found = &talk.f.findings;
	answer_comes(&talk, "bad.example worse.test 203.0.113.9", "");
	assert_int_equal(found->count, 2); // the address was told of with the name
	assert_int_equal(found->items[0].rule->sid, REPUTATION_SID_DOMAIN);
	assert_int_equal(found->items[0].rule->priority, 3);
	assert_true(span_is(pair_of(&found->items[0], "value")->text, "www.bad.example"));
	assert_true(span_is(pair_of(&found->items[0], "indicator")->text, "bad.example"));
	assert_true(span_is(pair_of(&found->items[0], "outcome")->text, "asked"));
	assert_true(span_is(pair_of(&found->items[1], "value")->text, "cdn.worse.test"));
	assert_true(span_is(pair_of(&found->items[1], "where")->text, "dns answer"));
	assert_ptr_equal(found->items[1].tx, &talk.dns.tx);
	uint64_t checks = count_of(&talk.f, REPUTATION_COUNT_CHECKS);
	found->count = 0;
	look(&talk.f, &talk.inspection);
	assert_int_equal(found->count, 0);
	assert_int_equal(count_of(&talk.f, REPUTATION_COUNT_CHECKS), checks);
	tear_down(&talk.f);
}

static void a_listed_address_behind_other_names_is_weighed(void **state)
{
	(void)state;
	static struct talk talk;
	answer_comes(&talk, "203.0.113.9", "");
	assert_int_equal(talk.f.findings.count, 1);
	assert_int_equal(talk.f.findings.items[0].rule->priority, 4);
	assert_non_null(pair_of(&talk.f.findings.items[0], "doubt"));
	unsigned beside_count;
	assert_true(reputation_beside_allowed(talk.f.worker, &beside_count) && beside_count == 0);
	tear_down(&talk.f);
	answer_comes(&talk, "203.0.113.9", "bad.example");
	assert_int_equal(talk.f.findings.count, 0);
	assert_int_equal(count_of(&talk.f, REPUTATION_COUNT_ALLOWED), 1);
	assert_int_equal(count_of(&talk.f, REPUTATION_COUNT_ALLOWED_NAME), 1);
	const struct named *beside = reputation_beside_allowed(talk.f.worker, &beside_count);
	assert_int_equal(beside_count, 1);
	assert_int_equal(beside->place, NAMED_BESIDE_ALLOWED);
	assert_memory_equal(beside->value.data + 12, ((const uint8_t[]) { 203, 0, 113, 9 }), 4);
	tear_down(&talk.f);
}

static void what_is_below_least_confidence_is_counted_apart(void **state)
{
	(void)state;
	struct fixture f;
	const struct reputation_config config = { .enabled = true, .least_confidence = 90, .hold_s = 3600 };
	set_up_by(&f, "203.0.113.0/24", "203.0.113.9", 0, &config);
	assert_int_equal(meet(&f, "10.0.0.1", "203.0.113.8", HOUR_NS), 0);
	assert_int_equal(meet(&f, "10.0.0.1", "203.0.113.9", HOUR_NS), 0);
	assert_int_equal(count_of(&f, REPUTATION_COUNT_BELOW), 2); // before allow lists are asked
	assert_int_equal(count_of(&f, REPUTATION_COUNT_ALLOWED), 0);
	tear_down(&f);
}

static void note_resolved(void *context, const struct reputation_resolved *resolved)
{
	struct reputation_resolved *out = context;
	assert_int_equal(out->len, 0); // one
	*out = *resolved;
}

// Who weighs later sessions is told what was resolved from which name.
static void what_is_resolved_is_handed_over(void **state)
{
	static const char *const lists[][2] = { { "203.0.113.9", "" }, { "203.0.113.9", "bad.example" },
		{ "203.0.113.9 bad.example", "" }, { "203.0.113.9", "203.0.113.9" } };
	static struct talk talk;
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct reputation_resolved out = { 0 };
		set_up(&talk.f, lists[i][0], lists[i][1]);
		reputation_worker_set_resolved(talk.f.worker, note_resolved, &out);
		answer_is_read(&talk);
		assert_int_equal(
			out.len, i == 2 ? 0 : strlen("www.bad.example")); // a listed name's is told with the name
		assert_true(out.allowed == (i == 1));
		if (out.len) {
			assert_memory_equal(out.name, "www.bad.example", out.len);
			assert_int_equal(out.ttl_s, 60);
			assert_true(address_equal(&out.host, &talk.f.flow.key.src));
		}
		tear_down(&talk.f);
	}
}

static void note_nothing(void *context, const struct reputation_resolved *resolved)
{
	(void)context;
	(void)resolved;
}

// A session that says nothing of itself is given as it is, and as it is if its address was resolved; the collector tells one.
static void a_bare_session_asks_what_was_resolved(void **state)
{
	static const enum far_end wanted[] = { FAR_END_BARE, FAR_END_RESOLVED, FAR_END_ALLOWED };
	static const unsigned severities[] = { 2, 3, 4 };
	struct fixture f;
	(void)state;
	for (unsigned tell_allowed = 0; tell_allowed < 2; tell_allowed++) {
		set_up_telling(&f, "203.0.113.9", "", 0, tell_allowed);
		reputation_worker_set_resolved(f.worker, note_nothing, NULL);
		assert_int_equal(meet(&f, "192.168.1.5", "203.0.113.9", HOUR_NS), 2 + tell_allowed);
		for (unsigned i = 0; i < f.findings.count; i++) {
			const struct finding *finding = &f.findings.items[i];
			assert_int_equal(finding->far_end, wanted[i]);
			assert_int_equal(finding->rule->priority, severities[i]);
			assert_int_equal(finding->began_ns, HOUR_NS);
		}
		assert_non_null(pair_of(&f.findings.items[1], "doubt"));
		assert_int_equal(f.findings.items[0].situation, f.findings.items[1].situation);
		assert_true(f.findings.items[0].level > f.findings.items[1].level);
		// Whether it is in doubt may be another soon
		assert_int_equal(meet(&f, "192.168.1.5", "203.0.113.9", HOUR_NS + 60 * NS_PER_S), 0);
		assert_int_equal(meet(&f, "192.168.1.5", "203.0.113.9", HOUR_NS + 301 * NS_PER_S), 2 + tell_allowed);
		assert_int_equal(meet(&f, "203.0.113.9", "192.168.1.5", HOUR_NS), 1); // who comes was not asked for
		assert_int_equal(f.findings.items[0].far_end, FAR_END_ANY);
		tear_down(&f);
	}
}

// Two messages of one packet: the second has no question, and does not hide behind what the first asked.
static void an_answer_without_question_stands_for_itself(void **state)
{
	static const uint8_t first[] = { 0, 1, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'b', 'a', 'd', 7, 'e', 'x', 'a',
		'm', 'p', 'l', 'e', 0, 0, 1, 0, 1 };
	static const uint8_t second[] = { 0, 2, 0x81, 0x80, 0, 0, 0, 1, 0, 0, 0, 0, 1, 'x', 0, 0, 1, 0, 1, 0, 0, 0, 60,
		0, 4, 203, 0, 113, 9 };
	static struct dns_record records[2][DNS_RECORDS_MAX];
	static struct dns_tx messages[2];
	static struct fixture f;
	(void)state;
	for (int listed = 0; listed < 2; listed++) { // the name asked for is allowed, then listed
		set_up(&f, listed ? "bad.example 203.0.113.9" : "203.0.113.9", listed ? "" : "bad.example");
		for (int i = 0; i < 2; i++) {
			messages[i] = (struct dns_tx) { .tx = { .direction_mask = 1 << TO_CLIENT }, .response = true };
			struct span bytes = i ? span_of(second, sizeof(second)) : span_of(first, sizeof(first));
			assert_true(dns_message_parse(bytes, records[i], &messages[i].message));
		}
		messages[0].tx.next = &messages[1].tx;
		start(&f, "10.0.0.2", "10.0.0.1", HOUR_NS);
		f.flow.app.parser = &dns_parser;
		f.flow.app.tx_first = &messages[0].tx;
		f.packet.flags = 0;
		f.packet.direction = TO_CLIENT;
		struct inspection inspection = { &f.packet, &f.flow, false, true };
		look(&f, &inspection);
		assert_int_equal(f.findings.count, 1 + listed);
		assert_int_equal(f.findings.items[listed].rule->sid, REPUTATION_SID_ADDRESS);
		assert_true(span_is(pair_of(&f.findings.items[listed], "value")->text, "203.0.113.9"));
		tear_down(&f);
	}
}

static bool drops_flow(const struct fixture *f)
{
	const struct finding *last = &f->findings.items[f->findings.count - 1];
	return f->findings.count && last->action == RULE_DROP && last->where & FOUND_DROP_FLOW;
}

static void each_flow_to_what_is_dropped_is_dropped(void **state)
{
	(void)state;
	struct fixture f;
	set_up_as(&f, "203.0.113.9", "", INDICATOR_DROP);
	start(&f, "192.168.1.5", "203.0.113.9", HOUR_NS);
	assert_true(drops_flow(&f)); // with its first packet
	start(&f, "192.168.1.5", "203.0.113.9", HOUR_NS + 1);
	assert_true(drops_flow(&f)); // though it was told of
	// A packet that gave all the findings there is room for is dropped as well
	f.findings.count = FINDINGS_MAX;
	f.packet.ts_ns++;
	struct inspection inspection = { &f.packet, &f.flow, false, false };
	look(&f, &inspection);
	assert_int_equal(f.findings.count, FINDINGS_MAX);
	assert_int_equal(f.findings.lost, 1);
	assert_true(drops_flow(&f));
	tear_down(&f);
}

// One packet that names a host in a flow that waits for what it is about.
static void name_host(struct fixture *f, const char *host)
{
	const struct named named = {
		.kind = INDICATOR_DOMAIN, .place = NAMED_HTTP_HOST, .direction = TO_SERVER, .value = span_text(host)
	};
	struct inspection inspection = { &f->packet, &f->flow, false, true };
	f->packet.flags = 0;
	f->findings.count = 0;
	reputation_begin(f->worker, &inspection, &f->findings);
	reputation_take(f->worker, &inspection, &named, &f->findings);
	reputation_end(f->worker, &inspection, &f->findings);
}

// Nobody answered what was dropped.
static void a_request_that_is_dropped_is_no_session(void **state)
{
	(void)state;
	struct fixture f;
	for (int drop = 0; drop < 2; drop++) {
		set_up_as(&f, "bad.example", "", drop ? INDICATOR_DROP : 0);
		start(&f, "192.168.1.5", "203.0.113.9", HOUR_NS);
		name_host(&f, "bad.example");
		assert_int_equal(f.findings.count, 1);
		assert_true(drops_flow(&f) == drop);
		assert_true(span_is(pair_of(&f.findings.items[0], "outcome")->text, drop ? "unanswered" : "session"));
		assert_int_equal(f.findings.items[0].rule->priority, drop ? 4 : 2);
		tear_down(&f);
	}
}

// A hello of QUIC for host is seen. Its transaction is gone with its packet.
static void quic_hello(struct fixture *f, const char *host, const char *server)
{
	const struct named named = {
		.kind = INDICATOR_DOMAIN, .place = NAMED_QUIC_SNI, .direction = TO_SERVER, .value = span_text(host)
	};
	struct inspection inspection = { &f->packet, &f->flow, false, true };
	start(f, "192.168.1.5", server, HOUR_NS);
	f->flow.app.parser = &quic_parser;
	f->packet.flags = 0;
	f->packet.proto = PROTO_UDP;
	reputation_begin(f->worker, &inspection, &f->findings);
	reputation_take(f->worker, &inspection, &named, &f->findings);
	reputation_end(f->worker, &inspection, &f->findings);
	assert_int_equal(f->findings.count, 0);
}

static uint32_t next_packet(struct fixture *f, enum direction direction, struct span payload)
{
	struct inspection inspection = { &f->packet, &f->flow, false, false };
	f->packet.direction = direction;
	f->packet.payload = payload;
	if (direction == TO_CLIENT)
		server_sends(f, f->flow.packets[TO_CLIENT] + 1);
	look(f, &inspection);
	return f->findings.count;
}

static void a_hello_of_quic_waits_for_its_server(void **state)
{
	(void)state;
	static const uint8_t initial[] = { 0xc0 }, under_keys[] = { 0x40 };
	struct fixture f;
	set_up(&f, "bad.example", "");
	quic_hello(&f, "bad.example", "203.0.113.9"); // silence
	assert_int_equal(next_packet(&f, TO_SERVER, span_of(initial, 1)), 0);
	assert_int_equal(end(&f, false), 1);
	assert_true(span_is(pair_of(&f.findings.items[0], "outcome")->text, "unanswered"));
	assert_int_equal(f.findings.items[0].rule->priority, 4);
	quic_hello(&f, "bad.example", "203.0.113.9"); // somebody says by ICMP that nobody is there
	f.flow.packets[TO_CLIENT] = 1;
	assert_int_equal(end(&f, false), 0); // told of already
	tear_down(&f);
	for (int one_sided = 0; one_sided < 2; one_sided++) {
		set_up(&f, "bad.example", "");
		quic_hello(&f, "bad.example", "203.0.113.9");
		assert_int_equal(next_packet(&f, one_sided ? TO_SERVER : TO_CLIENT,
					 span_of(one_sided ? under_keys : initial, 1)),
			1);
		assert_true(span_is(pair_of(&f.findings.items[0], "outcome")->text, "session"));
		assert_int_equal(f.findings.items[0].rule->priority, 2);
		f.findings.count = 0;
		assert_int_equal(end(&f, true), 0);
		tear_down(&f);
	}
}

static void an_address_waits_with_the_hello_of_its_flow(void **state)
{
	(void)state;
	static const uint8_t initial[] = { 0xc0 };
	struct fixture f;
	set_up(&f, "bad.example 203.0.113.9", ""); // told of with the name
	quic_hello(&f, "bad.example", "203.0.113.9");
	assert_int_equal(next_packet(&f, TO_CLIENT, span_of(initial, 1)), 1);
	assert_int_equal(f.findings.items[0].rule->sid, REPUTATION_SID_DOMAIN);
	f.findings.count = 0;
	assert_int_equal(end(&f, true), 0);
	tear_down(&f);
	set_up(&f, "203.0.113.9", ""); // in doubt, and answered
	quic_hello(&f, "good.example", "203.0.113.9");
	assert_int_equal(next_packet(&f, TO_CLIENT, span_of(initial, 1)), 1);
	assert_non_null(pair_of(&f.findings.items[0], "doubt"));
	assert_true(span_is(pair_of(&f.findings.items[0], "outcome")->text, "session"));
	assert_int_equal(f.findings.items[0].rule->priority, 3);
	tear_down(&f);
	set_up(&f, "203.0.113.9", ""); // in vain
	quic_hello(&f, "good.example", "203.0.113.9");
	assert_int_equal(end(&f, false), 1);
	assert_non_null(pair_of(&f.findings.items[0], "doubt"));
	assert_true(span_is(pair_of(&f.findings.items[0], "outcome")->text, "unanswered"));
	tear_down(&f);
}

// A listed address that was visited under an allowed name.
static void what_an_allowed_name_holds_back_can_be_listed(void **state)
{
	(void)state;
	struct fixture f;
	for (int tell = 0; tell < 2; tell++) {
		set_up_telling(&f, "203.0.113.9", "good.example", 0, tell);
		start(&f, "192.168.1.5", "203.0.113.9", HOUR_NS);
		name_host(&f, "good.example");
		assert_int_equal(f.findings.count, tell);
		assert_int_equal(count_of(&f, REPUTATION_COUNT_ALLOWED), 1);
		assert_true(!tell || f.findings.items[0].rule->sid == REPUTATION_SID_ALLOWED);
		f.findings.count = 0;
		assert_int_equal(end(&f, true), 0);
		tear_down(&f);
	}
}

// A flow that goes on over a reload is looked at again, once.
static void flows_are_looked_up_again_after_a_reload(void **state)
{
	struct fixture f, other;
	(void)state;
	set_up(&f, "203.0.113.1", "");
	set_up(&other, "203.0.113.9", "");
	start(&f, "192.168.1.5", "203.0.113.9", HOUR_NS);
	assert_false(reputation_look_again(f.worker, &f.flow, true));
	assert_false(reputation_look_again(f.worker, &f.flow, false));
	reputation_worker_set(f.worker, other.reputation);
	assert_true(reputation_look_again(f.worker, &f.flow, false));
	assert_false(reputation_look_again(f.worker, &f.flow, false));
	struct named_reader reader = { 0 };
	struct inspection inspection = { &f.packet, &f.flow, false, false };
	reputation_begin(f.worker, &inspection, &f.findings);
	named_ends(&reader, &inspection, take, &f);
	assert_int_equal(end(&f, true), 1);
	f.flow.flags |= FLOW_LISTED;
	reputation_worker_set(f.worker, f.reputation);
	assert_false(reputation_look_again(f.worker, &f.flow, false)); // it was found: it is told of without
	tear_down(&f);
	tear_down(&other);
}

// Flows that were dropped or passed before they ended leave nothing behind: else the table of what waits filled up.
static void what_waits_is_gone_with_its_flow(void **state)
{
	(void)state;
	struct fixture f;
	set_up(&f, "203.0.113.9", "");
	for (uint64_t i = 1; i <= 4096; i++) {
		start(&f, "192.168.1.5", "203.0.113.9", HOUR_NS + i);
		assert_true(f.flow.flags & FLOW_LISTED);
		f.flow.flags |= FLOW_PASSED;
		assert_int_equal(end(&f, true), 0);
		reputation_flow_gone(f.worker, &f.flow);
	}
	assert_int_equal(count_of(&f, REPUTATION_COUNT_PENDING_FULL), 0);
	assert_int_equal(meet(&f, "192.168.1.5", "203.0.113.9", 2 * HOUR_NS), 1);
	tear_down(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_hour_is_one_alert_and_counts_the_rest),
		cmocka_unit_test(an_alert_says_since_when_it_is_listed),
		cmocka_unit_test(what_was_not_answered_weighs_less),
		cmocka_unit_test(a_flow_that_goes_on_is_told_before_its_end),
		cmocka_unit_test(the_allow_list_wins_and_own_addresses_are_left_out),
		cmocka_unit_test(what_a_pass_rule_took_is_not_told),
		cmocka_unit_test(answers_are_looked_up_once),
		cmocka_unit_test(a_listed_address_behind_other_names_is_weighed),
		cmocka_unit_test(what_is_below_least_confidence_is_counted_apart),
		cmocka_unit_test(what_is_resolved_is_handed_over),
		cmocka_unit_test(a_bare_session_asks_what_was_resolved),
		cmocka_unit_test(an_answer_without_question_stands_for_itself),
		cmocka_unit_test(each_flow_to_what_is_dropped_is_dropped),
		cmocka_unit_test(a_request_that_is_dropped_is_no_session),
		cmocka_unit_test(a_hello_of_quic_waits_for_its_server),
		cmocka_unit_test(an_address_waits_with_the_hello_of_its_flow),
		cmocka_unit_test(what_an_allowed_name_holds_back_can_be_listed),
		cmocka_unit_test(flows_are_looked_up_again_after_a_reload),
		cmocka_unit_test(what_waits_is_gone_with_its_flow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
