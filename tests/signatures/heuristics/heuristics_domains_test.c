// SPDX-License-Identifier: GPL-3.0-or-later
// Domains that hosts here use: what counts, that a host and day are given once, and which findings ask.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "decoders/app/http/http.h"
#include "decoders/app/socks/socks.h"
#include "decoders/base/clock.h"
#include "signatures/heuristics/heuristics.h"
#include "tests/support/decoders/app_drive.h"

#define DAY_NS (86400 * NS_PER_S)

struct fixture {
	struct heuristics_config config;
	struct option_list own;
	char *own_names[1];
	struct address_range ranges[1];
	struct address_set home;
	const struct address_set *home_at;
	struct heuristics_worker *worker;
	struct findings findings;
	struct packet packet;
	struct flow flow;
	struct domain_met met;
	unsigned given;
	bool full;
};

static bool give(void *context, const struct domain_met *met)
{
	struct fixture *f = context;
	f->met = *met;
	f->given += !f->full;
	return !f->full;
}

static void set_up(struct fixture *f, bool all)
{
	*f = (struct fixture) {
		.config = { .enabled = true, .nxdomain_names = 20, .flood_names = 30, .web_paths = 10, .window_s = 60 }
	};
	f->own_names[0] = "mybank.com";
	f->own = (struct option_list) { f->own_names, 1 };
	assert_true(
		address_parse("10.0.0.0", &f->ranges[0].low) && address_parse("10.255.255.255", &f->ranges[0].high));
	f->home = (struct address_set) { .count = 1, .ranges = f->ranges };
	f->home_at = &f->home;
	f->worker = heuristics_worker_new(&f->config, &f->own);
	assert_non_null(f->worker);
	const struct heuristics_domains domains = {
		.seed = 7, .all = all, .home = &f->home_at, .give = give, .context = f
	};
	heuristics_worker_set_domains(f->worker, &domains);
	assert_true(address_parse("10.0.0.5", &f->flow.key.src) && address_parse("192.0.2.1", &f->flow.key.dst));
}

// How often it was given.
static unsigned name_is_seen(
	struct fixture *f, enum named_place place, enum direction direction, bool unanswered, const char *name)
{
	struct inspection inspection = { &f->packet, &f->flow, false, true };
	const struct named named = { .kind = INDICATOR_DOMAIN,
		.place = (uint8_t)place,
		.direction = (uint8_t)direction,
		.unanswered = unanswered,
		.value = span_text(name) };
	unsigned before = f->given;
	f->findings.count = 0;
	heuristics_begin(f->worker, &inspection, &f->findings);
	heuristics_take(f->worker, &inspection, &named, &f->findings);
	return f->given - before;
}

static void what_is_used_counts_and_what_is_not_does_not(void **state)
{
	static const struct {
		const char *name;
		enum named_place place;
		enum direction direction;
		bool unanswered;
		unsigned given;
	} cases[] = {
		{ "www.a-shop.com", NAMED_DNS_QUESTION, TO_SERVER, false, 0 },
		{ "www.a-shop.com", NAMED_DNS_QUESTION, TO_CLIENT, true, 0 },
		{ "www.a-shop.com", NAMED_DNS_QUESTION, TO_CLIENT, false, 1 },
		{ "img.a-shop.com", NAMED_TLS_SNI, TO_SERVER, false, 0 }, // the same domain, host and day
		{ "www.b-shop.co.uk", NAMED_TLS_SNI, TO_SERVER, false, 1 },
		{ "b-shop.co.uk", NAMED_HTTP_HOST, TO_SERVER, false, 0 },
		{ "c-shop.com", NAMED_HTTP_HOST, TO_SERVER, false, 1 },
		{ "d-shop.com", NAMED_QUIC_SNI, TO_SERVER, false, 1 },
		{ "e-shop.com", NAMED_HTTP_CONNECT, TO_SERVER, false, 1 },
		{ "f-shop.com", NAMED_MAIL_LINK, TO_SERVER, false, 0 },
		{ "g-shop.com", NAMED_TLS_CERTIFICATE_NAME, TO_CLIENT, false, 0 },
		{ "someone.github.io", NAMED_TLS_SNI, TO_SERVER, false, 1 }, // a registered domain each
		{ "other.github.io", NAMED_TLS_SNI, TO_SERVER, false, 1 },
		{ "printer.local", NAMED_DNS_QUESTION, TO_CLIENT, false, 0 },
		{ "4.3.2.1.in-addr.arpa", NAMED_DNS_QUESTION, TO_CLIENT, false, 0 },
		{ "intranet", NAMED_DNS_QUESTION, TO_CLIENT, false, 0 },
		{ "files.mybank.com", NAMED_TLS_SNI, TO_SERVER, false, 0 },
		{ "dnscat.f97c01f5006c798b", NAMED_DNS_QUESTION, TO_CLIENT, false, 0 }, // no such top-level domain
		{ "host.example", NAMED_DNS_QUESTION, TO_CLIENT, false, 0 },
		{ "com", NAMED_DNS_QUESTION, TO_CLIENT, false, 0 },
	};
	struct fixture f;
	(void)state;
	set_up(&f, false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (name_is_seen(&f, cases[i].place, cases[i].direction, cases[i].unanswered, cases[i].name) !=
			cases[i].given)
			fail_msg("%s, case %zu", cases[i].name, i);
	heuristics_worker_free(f.worker);
}

static void names_below_one_domain_are_one(void **state)
{
	struct fixture f;
	char name[64];
	(void)state;
	set_up(&f, false);
	for (unsigned i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "%08x.tunnel-example.com", i * 2654435761u);
		(void)name_is_seen(&f, NAMED_DNS_QUESTION, TO_CLIENT, false, name);
	}
	assert_int_equal(f.given, 1);
	heuristics_worker_free(f.worker);
}

static void each_day_and_host_is_given_again(void **state)
{
	struct fixture f;
	(void)state;
	set_up(&f, false);
	assert_int_equal(name_is_seen(&f, NAMED_TLS_SNI, TO_SERVER, false, "a-shop.com"), 1);
	uint64_t key = f.met.key;
	f.packet.ts_ns = DAY_NS - 1;
	assert_int_equal(name_is_seen(&f, NAMED_TLS_SNI, TO_SERVER, false, "a-shop.com"), 0);
	f.packet.ts_ns = DAY_NS;
	assert_int_equal(name_is_seen(&f, NAMED_TLS_SNI, TO_SERVER, false, "a-shop.com"), 1);
	assert_true(address_parse("10.0.0.6", &f.flow.key.src));
	assert_int_equal(name_is_seen(&f, NAMED_TLS_SNI, TO_SERVER, false, "www.a-shop.com"), 1);
	assert_int_equal(f.met.key, key);
	f.full = true; // no room: again at the next use
	assert_int_equal(name_is_seen(&f, NAMED_TLS_SNI, TO_SERVER, false, "b-shop.com"), 0);
	assert_int_equal(heuristics_worker_counters(f.worker)[HEURISTICS_COUNT_DOMAINS_LOST], 1);
	f.full = false;
	assert_int_equal(name_is_seen(&f, NAMED_TLS_SNI, TO_SERVER, false, "b-shop.com"), 1);
	heuristics_worker_free(f.worker);
}

static void outsiders_ask_for_what_they_like(void **state)
{
	struct fixture f;
	(void)state;
	set_up(&f, false);
	assert_true(address_parse("192.0.2.7", &f.flow.key.src) && address_parse("10.0.0.80", &f.flow.key.dst));
	assert_int_equal(name_is_seen(&f, NAMED_HTTP_HOST, TO_SERVER, false, "a-shop.com"), 0);
	f.home_at = NULL; // not known what is inside
	assert_int_equal(name_is_seen(&f, NAMED_HTTP_HOST, TO_SERVER, false, "b-shop.com"), 1);
	heuristics_worker_free(f.worker);
}

static void odd_names_ask_and_plain_ones_only_when_all_do(void **state)
{
	static const struct {
		const char *name;
		unsigned sid[2]; // 0: none; of reasons, of all
		unsigned reasons;
	} cases[] = {
		{ "a-shop.com", { 0, HEURISTICS_NEW_DOMAIN }, 0 },
		{ "b-shop.top", { HEURISTICS_NEW_ODD_DOMAIN, HEURISTICS_NEW_ODD_DOMAIN }, DOMAIN_RARE_TLD },
		{ "xkqwzlvbnmf.com", { HEURISTICS_NEW_ODD_DOMAIN, HEURISTICS_NEW_ODD_DOMAIN }, DOMAIN_DRAWN },
		{ "www.xn--bcher-kva.de", { HEURISTICS_NEW_ODD_DOMAIN, HEURISTICS_NEW_ODD_DOMAIN }, DOMAIN_PUNYCODE },
		{ "xkqwzlvbnmf.top", { HEURISTICS_NEW_ODD_DOMAIN, HEURISTICS_NEW_ODD_DOMAIN },
			DOMAIN_RARE_TLD | DOMAIN_DRAWN },
	};
	(void)state;
	for (unsigned all = 0; all < 2; all++) {
		struct fixture f;
		set_up(&f, all);
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			(void)name_is_seen(&f, NAMED_TLS_SNI, TO_SERVER, false, cases[i].name);
			const struct finding *finding = f.findings.count ? &f.findings.items[0] : NULL;
			unsigned sid = finding ? finding->rule->sid : 0;
			if (sid != cases[i].sid[all] || (finding && finding->domain_reasons != cases[i].reasons))
				fail_msg("%s: %u", cases[i].name, sid);
			assert_true(!finding || (finding->domain == f.met.key && finding->told_if != TOLD_ALWAYS));
			(void)name_is_seen(&f, NAMED_TLS_SNI, TO_SERVER, false, cases[i].name);
			assert_int_equal(f.findings.count, 0); // once
		}
		heuristics_worker_free(f.worker);
	}
}

static void without_who_knows_the_site_nothing_asks(void **state)
{
	struct fixture f;
	(void)state;
	set_up(&f, true);
	heuristics_worker_set_domains(f.worker, &(struct heuristics_domains) { 0 });
	assert_int_equal(name_is_seen(&f, NAMED_TLS_SNI, TO_SERVER, false, "b-shop.top"), 0);
	assert_int_equal(f.findings.count, 0);
	const struct named named = { .kind = INDICATOR_DOMAIN, .value = span_text("b-shop.top") };
	assert_int_equal(heuristics_domain_of(f.worker, &named, &f.flow), 0);
	heuristics_worker_free(f.worker);
}

static void a_value_says_whose_domain_it_is(void **state)
{
	struct fixture f;
	struct canonical_url url;
	uint8_t bytes[INDICATOR_VALUE_MAX];
	(void)state;
	set_up(&f, false);
	(void)name_is_seen(&f, NAMED_TLS_SNI, TO_SERVER, false, "www.a-shop.com");
	const struct named name = { .kind = INDICATOR_DOMAIN, .value = span_text("cdn.a-shop.com") };
	assert_true(f.met.key && heuristics_domain_of(f.worker, &name, &f.flow) == f.met.key);
	assert_true(canonical_url(span_text("http://files.A-shop.com:8080/x"), bytes, &url));
	const struct named link = { .kind = INDICATOR_URL, .value = url.whole, .url = &url };
	assert_int_equal(heuristics_domain_of(f.worker, &link, &f.flow), f.met.key);
	const struct named address = { .kind = INDICATOR_ADDRESS };
	assert_int_equal(heuristics_domain_of(f.worker, &address, &f.flow), 0);
	heuristics_worker_free(f.worker);
}

// What the site is told of the server when it has answered.
static bool is_proxy(struct fixture *f, const struct app_parser *parser, const char *asked, const char *answer)
{
	struct app_drive drive = { 0 };
	struct inspection inspection = { &f->packet, &drive.flow, false, true };
	app_drive_open(&drive, parser, PROTO_TCP, 40000, 1080);
	assert_true(address_parse("10.0.0.5", &drive.flow.key.src) && address_parse("10.0.0.9", &drive.flow.key.dst));
	if (parser == &http_parser) {
		app_drive_text(&drive, TO_SERVER, asked);
		app_drive_text(&drive, TO_CLIENT, answer);
	} else {
		app_drive_hex(&drive, TO_SERVER, "050100");
		app_drive_hex(&drive, TO_CLIENT, "0500");
		app_drive_hex(&drive, TO_SERVER, asked);
		app_drive_hex(&drive, TO_CLIENT, answer);
	}
	const struct named named = { .kind = INDICATOR_USER_AGENT,
		.place = parser == &http_parser ? NAMED_HTTP_ANSWER : NAMED_PROXY_ANSWER,
		.direction = TO_CLIENT,
		.tx = drive.flow.app.tx_first };
	assert_non_null(named.tx);
	unsigned before = f->given;
	f->findings.count = 0;
	heuristics_begin(f->worker, &inspection, &f->findings);
	heuristics_take(f->worker, &inspection, &named, &f->findings);
	bool given = f->given > before;
	assert_true(!given || (!f->met.key && f->met.by_proxy && f->met.far_inside));
	app_drive_close(&drive);
	return given;
}

// Or one request would have the visits of any host taken for others'.
static void who_was_only_asked_is_no_proxy(void **state)
{
	static const char connect[] = "CONNECT a.com:443 HTTP/1.1\r\nHost: a.com:443\r\n\r\n",
			  socks[] = "0501000305612e636f6d01bb";
	struct fixture f;
	(void)state;
	set_up(&f, false);
	assert_int_equal(name_is_seen(&f, NAMED_HTTP_CONNECT, TO_SERVER, false, "a.com"), 1);
	assert_false(f.met.by_proxy);
	assert_false(is_proxy(&f, &http_parser, connect, "HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n"));
	assert_false(is_proxy(
		&f, &http_parser, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
	assert_false(is_proxy(&f, &socks_parser, socks, "05020001010203040050"));
	assert_true(is_proxy(&f, &http_parser, connect, "HTTP/1.1 200 Go\r\n\r\n"));
	assert_false(is_proxy(&f, &socks_parser, socks, "05000001010203040050")); // told once a day
	heuristics_worker_free(f.worker);
	set_up(&f, false);
	assert_true(is_proxy(&f, &socks_parser, socks, "05000001010203040050"));
	heuristics_worker_free(f.worker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_used_counts_and_what_is_not_does_not),
		cmocka_unit_test(names_below_one_domain_are_one),
		cmocka_unit_test(each_day_and_host_is_given_again),
		cmocka_unit_test(outsiders_ask_for_what_they_like),
		cmocka_unit_test(odd_names_ask_and_plain_ones_only_when_all_do),
		cmocka_unit_test(without_who_knows_the_site_nothing_asks),
		cmocka_unit_test(a_value_says_whose_domain_it_is),
		cmocka_unit_test(who_was_only_asked_is_no_proxy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
