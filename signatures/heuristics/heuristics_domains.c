// SPDX-License-Identifier: GPL-3.0-or-later
// Domains that hosts here use: each is given once a host and day to who knows the site's, and where a weak reason holds a finding is made that asks whether it is new.
#include <stdio.h>
#include <string.h>
#include <xxhash.h>
#include "decoders/app/dns/dns.h"
#include "decoders/app/http/http.h"
#include "decoders/app/http2/http2.h"
#include "decoders/app/quic/quic.h"
#include "decoders/app/socks/socks.h"
#include "decoders/app/tls/tls.h"
#include "decoders/base/clock.h"
#include "signatures/heuristics/dga.h"
#include "signatures/heuristics/heuristics_internal.h"

#define DAY_S      86400u
#define REASON_MAX 160

static const char *const reason_names[] = { "rare top-level domain", "looks drawn by a program", "letters beyond ASCII",
	"certificate of a day", "program" };

void heuristics_worker_set_domains(struct heuristics_worker *worker, const struct heuristics_domains *domains)
{
	worker->domains = *domains;
}

static uint64_t domain_key(const struct heuristics_worker *worker, struct span domain)
{
	return site_domains_key(worker->domains.seed, domain);
}

static bool is_inside(const struct heuristics_worker *worker, const struct address *address)
{
	const struct address_set *home = *worker->domains.home;
	return home && address_set_has(home, address);
}

// What the pair of host and domain was given for; a new one takes the place of one of an earlier day.
static struct domain_seen *seen_of(struct heuristics_worker *worker, uint64_t domain, const struct address *host)
{
	uint64_t parts[3] = { domain, host->halves[0], host->halves[1] };
	uint64_t key = XXH3_64bits_withSeed(parts, sizeof(parts), worker->seed) | 1;
	struct domain_seen *set = worker->seen[key >> 8 & (SEEN_SETS - 1)], *place = &set[key >> 32 & (SEEN_WAYS - 1)];
	for (unsigned i = 0; i < SEEN_WAYS; i++) {
		if (set[i].key == key)
			return &set[i];
		if (set[i].day < place->day)
			place = &set[i];
	}
	*place = (struct domain_seen) { .key = key };
	return place;
}

static unsigned reasons_of_name(struct span name, struct span domain, uint32_t suffix_at)
{
	unsigned reasons = 0;
	if (is_rare_tld(domain))
		reasons |= DOMAIN_RARE_TLD;
	if (dga_score((const char *)name.data, name.len, suffix_at) >= DGA_SCORE_ALONE)
		reasons |= DOMAIN_DRAWN;
	for (uint32_t at = 0; at < domain.len; at = span_find(domain, '.', at) + 1)
		if (span_starts(span_from(domain, at), "xn--"))
			reasons |= DOMAIN_PUNYCODE;
	return reasons;
}

// Not of the Internet's: zones of the inside, and tunnels that ask their own server whatever name they like, each under a top-level domain of its own.
static bool is_listed_tld(const struct heuristics_worker *worker, struct span domain)
{
	char text[CANONICAL_NAME_MAX + 1];
	uint32_t at = domain.len;
	while (at && domain.data[at - 1] != '.')
		at--;
	uint32_t len = domain.len - at;
	memcpy(text, domain.data + at, len);
	text[len] = 0;
	return psl_is_public_suffix2(worker->suffixes, text, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE);
}

// Answers to outsiders are about servers here, not about what hosts here use.
static bool is_outsiders(const struct check *check)
{
	return !is_inside(check->worker, check_client(check)) && is_inside(check->worker, check_server(check));
}

static bool give(const struct check *check, uint64_t key)
{
	struct heuristics_worker *worker = check->worker;
	const struct domain_met met = { .key = key,
		.ts_ns = check->inspection->packet->ts_ns,
		.host = *check_client(check),
		.far = *check_server(check),
		.by_dns = check->named->place == NAMED_DNS_QUESTION,
		.by_proxy = !key,
		.far_inside = is_inside(worker, check_server(check)) };
	bool given = worker->domains.give(worker->domains.context, &met);
	worker->counters[given ? HEURISTICS_COUNT_DOMAINS : HEURISTICS_COUNT_DOMAINS_LOST]++;
	return given;
}

// Has the server gone on to where it was asked to? Asking alone makes nobody a proxy, or anybody could have a host's visits taken for others'.
static bool took_further(const struct app_parser *parser, const struct app_tx *tx)
{
	struct span method;
	if (parser == &socks_parser)
		return socks_granted(tx);
	return parser == &http_parser && http_part(tx, HTTP_PART_METHOD, &method) && span_is(method, "CONNECT") &&
	       http_status(tx) / 100 == 2;
}

void heuristics_check_proxy(const struct check *check)
{
	struct heuristics_worker *worker = check->worker;
	const struct address *server = check_server(check);
	if (!worker->domains.give || !is_inside(worker, server) || is_outsiders(check) ||
		!took_further(check->inspection->flow->app.parser, check->named->tx))
		return;
	uint32_t today = (uint32_t)(check->inspection->packet->ts_ns / NS_PER_S / DAY_S) + 1;
	struct domain_seen *seen = seen_of(worker, 0, server);
	if (seen->day != today && give(check, 0))
		seen->day = today;
}

static void reasons_text(unsigned reasons, const char *about, char *out, size_t size)
{
	size_t len = 0;
	for (unsigned i = 0; i < sizeof(reason_names) / sizeof(reason_names[0]); i++) {
		if (!(reasons >> i & 1))
			continue;
		len += (size_t)snprintf(out + len, size - len, "%s%s", len ? ", " : "", reason_names[i]);
		if (about && 1u << i == DOMAIN_PROGRAM)
			len += (size_t)snprintf(out + len, size - len, " (%s)", about);
	}
}

struct asking {
	uint64_t key;
	struct span name, domain;
	unsigned reasons;
	const char *about;
};

static bool ask(const struct check *check, const struct asking *asking, enum heuristics_sid sid, enum told_if told_if)
{
	char reasons[REASON_MAX];
	struct heuristics_hit *hit = heuristics_add(check, sid, asking->domain);
	if (!hit)
		return false;
	struct finding *finding = &check->findings->items[check->findings->count - 1];
	finding->domain = asking->key;
	finding->told_if = (uint8_t)told_if;
	finding->domain_reasons = (uint8_t)asking->reasons;
	finding->domain_by_dns = check->named->place == NAMED_DNS_QUESTION;
	hit_text(hit, "domain", asking->domain);
	hit_text(hit, "name", asking->name);
	if (asking->reasons) {
		reasons_text(asking->reasons, asking->about, reasons, sizeof(reasons));
		hit_text(hit, "reason", span_text(reasons));
	}
	hit_text(hit, "where", span_text(named_place_names[check->named->place]));
	return true;
}

// fresh: the host was not seen with it today.
static bool ask_all(const struct check *check, const struct asking *asking, bool fresh)
{
	struct asking part = *asking;
	part.reasons = asking->reasons & ~(unsigned)DOMAIN_PROGRAM;
	bool asked = true;
	if (part.reasons)
		asked &= ask(check, &part, HEURISTICS_NEW_ODD_DOMAIN, TOLD_IF_NEW_AND_ODD);
	else if (fresh && check->worker->domains.all)
		asked &= ask(check, &part, HEURISTICS_NEW_DOMAIN, TOLD_IF_NEW);
	part.reasons = asking->reasons & DOMAIN_PROGRAM;
	if (part.reasons) {
		asked &= ask(check, &part, HEURISTICS_NEW_DOMAIN_PROGRAM, TOLD_IF_NEW_AND_ODD);
		asked &= ask(check, &part, HEURISTICS_RARE_DOMAIN_PROGRAM, TOLD_IF_RARE);
	}
	return asked;
}

// name: canonical.
static void meet(const struct check *check, struct span name, unsigned reasons, const char *about)
{
	struct heuristics_worker *worker = check->worker;
	uint32_t suffix_at, today = (uint32_t)(check->inspection->packet->ts_ns / NS_PER_S / DAY_S) + 1;
	struct span domain = registered_domain(worker, name, &suffix_at);
	if (!domain.len)
		return;
	uint64_t key = domain_key(worker, domain);
	struct domain_seen *seen = seen_of(worker, key, check_client(check));
	bool fresh = !seen->day;
	if (fresh && !seen->left_out)
		seen->left_out = is_outsiders(check) || is_ignored(check, domain) || !is_listed_tld(worker, domain);
	if (fresh && !seen->left_out)
		reasons |= reasons_of_name(name, domain, suffix_at);
	const struct asking asking = { key, name, domain, reasons & ~(unsigned)seen->reasons, about };
	if (seen->left_out || (seen->day == today && !asking.reasons))
		return;
	if (seen->day != today && !give(check, key))
		return;
	seen->day = today;
	if (ask_all(check, &asking, fresh))
		seen->reasons |= (uint8_t)reasons;
}

void heuristics_check_domain(const struct check *check)
{
	const struct named *named = check->named;
	bool used = named->place == NAMED_TLS_SNI || named->place == NAMED_QUIC_SNI ||
		    named->place == NAMED_HTTP_HOST || named->place == NAMED_HTTP_CONNECT ||
		    named->place == NAMED_PROXY_TARGET;
	// A name that does not exist, or has nothing, is nobody's to visit
	used |= named->place == NAMED_DNS_QUESTION && named->direction == TO_CLIENT && !named->unanswered;
	if (used)
		meet(check, named->value, 0, NULL);
}

void heuristics_domain_reason(const struct check *check, enum domain_reason reason, struct span name, const char *about)
{
	uint8_t bytes[CANONICAL_NAME_MAX];
	if (!check->worker->domains.give)
		return;
	uint32_t len = canonical_name(name, bytes);
	if (len)
		meet(check, span_of(bytes, len), reason, about);
}

// Whose domain a value is ------------------------------------------------------------------------------------------------------------

static struct span question_of(const struct app_tx *tx, struct dns_name *name)
{
	unsigned count;
	const struct dns_message *message = &dns_tx_of(tx)->message;
	const struct dns_record *records = dns_message_section(message, DNS_QUERIES, &count);
	if (!count || !dns_name_read(message->bytes, records[0].name, message->bytes.len, name))
		return span_of(NULL, 0);
	return span_of(name->text, name->len);
}

// What a transaction is about: question, server name, host.
static struct span name_of(const struct app_parser *parser, const struct app_tx *tx, struct dns_name *space)
{
	struct span name = { 0 };
	if (parser == &dns_parser)
		return question_of(tx, space);
	if (tx->tls)
		return bytes_span(&tx->tls->side[TO_SERVER].sni);
	if (parser == &quic_parser)
		return quic_tx_of(tx)->sni;
	if (parser == &http_parser && !http_request_unseen(tx))
		(void)http_part(tx, HTTP_PART_HOST, &name);
	else if (parser == &http2_parser && http2_host(http2_tx_of(tx), &name))
		name = http2_host_name(name);
	return name;
}

uint64_t heuristics_domain_of(struct heuristics_worker *worker, const struct named *named, const struct flow *flow)
{
	uint8_t bytes[CANONICAL_NAME_MAX];
	uint32_t suffix_at;
	struct dns_name space;
	const struct app_parser *parser = flow->app.parser;
	struct span name = { 0 };
	if (!worker->domains.give)
		return 0;
	if (!named && flow->app.tx_first && parser != &dns_parser)
		name = name_of(parser, flow->app.tx_first, &space);
	else if (named && named->kind == INDICATOR_DOMAIN)
		name = named->value;
	else if (named && named->kind == INDICATOR_URL)
		name = named->url->host;
	else if (named && named->tx)
		name = name_of(parser, named->tx, &space);
	struct span domain = registered_domain(worker, span_of(bytes, canonical_name(name, bytes)), &suffix_at);
	return domain.len ? domain_key(worker, domain) : 0;
}
