// SPDX-License-Identifier: GPL-3.0-or-later
// Options, a worker's state, windows and findings, and which checks a value gets.
#include "signatures/heuristics/heuristics.h"
#include <stdlib.h>
#include <sys/random.h>
#include <xxhash.h>
#include "decoders/base/clock.h"
#include "signatures/heuristics/heuristics_internal.h"
#include "signatures/reputation/reserved.h"

#define VISITS_WINDOWS 60

static const struct option_choice new_domain_modes[] = {
	{ "auto", NEW_DOMAIN_AUTO },
	{ "off", NEW_DOMAIN_OFF },
	{ "reasons", NEW_DOMAIN_REASONS },
	{ "all", NEW_DOMAIN_ALL },
	{ 0 },
};

#define AT(member) offsetof(struct heuristics_config, member)

const struct option heuristics_options[] = {
	{ "heuristics.enabled", OPTION_BOOL, AT(enabled), "yes", 0, 0, NULL, CHANGE_RESTART,
		"find what speaks for itself without a list (docs/detections.md)" },
	{ "heuristics.nxdomain-names", OPTION_UINT, AT(nxdomain_names), "20", 5, 100, NULL, CHANGE_RESTART,
		"distinct names that do not exist, asked for by one host in heuristics.window" },
	{ "heuristics.flood-names", OPTION_UINT, AT(flood_names), "30", 5, 100, NULL, CHANGE_RESTART,
		"distinct names below one registered domain, asked for by one host in heuristics.window" },
	{ "heuristics.web-paths", OPTION_UINT, AT(web_paths), "10", 5, 100, NULL, CHANGE_RESTART,
		"distinct folders of one server that a client which is no browser asks for in heuristics.window" },
	{ "heuristics.window", OPTION_SECONDS, AT(window_s), "60s", 10, 3600, NULL, CHANGE_RESTART,
		"time in which names and paths are counted together" },
	{ "heuristics.ignore-domains", OPTION_DOMAINS, AT(ignore_domains), NULL, 0, 0, NULL, CHANGE_RESTART,
		"domains, and what is below them, whose names programs draw by trade (block lists, telemetry)" },
	{ "heuristics.new-domain", OPTION_CHOICE, AT(new_domain), "auto", 0, 0, new_domain_modes, CHANGE_RESTART,
		"tell domains nobody here met before: with another reason (reasons), or each (all); auto: reasons when "
		"capturing live, off for files" },
	{ "heuristics.new-domain-state", OPTION_STRING, AT(new_domain_state), "/var/lib/sekisho/site", 0, 0, NULL,
		CHANGE_RESTART, "folder in which the domains that are known are kept; empty: they are not" },
	{ "heuristics.new-domain-learn", OPTION_SECONDS, AT(site.learn_s), "7d", 0, 365 * 86400, NULL, CHANGE_RESTART,
		"time from the first domain ever met in which none is new" },
	{ "heuristics.new-domain-age", OPTION_SECONDS, AT(site.age_s), "1d", 60, 30 * 86400, NULL, CHANGE_RESTART,
		"a domain is new for so long after it was first met" },
	{ "heuristics.new-domain-memory", OPTION_SIZE, AT(site.memory_bytes), "8 MiB", 64u << 10, 1u << 30, NULL,
		CHANGE_RESTART,
		"memory for known domains, 24 bytes each; full, who never came back is forgotten first" },
	{ "heuristics.new-domain-limit", OPTION_UINT, AT(site.host_limit), "10000", 1, 0, NULL, CHANGE_RESTART,
		"domains that one host adds to those a day, at most" },
	{ NULL, OPTION_BOOL, 0, NULL, 0, 0, NULL, CHANGE_RESTART, NULL },
};

#define HEURISTICS_COUNTER_NAME(constant, name) [constant] = name,
const char *const heuristics_counter_names[HEURISTICS_COUNTERS_END] = { HEURISTICS_COUNTERS(HEURISTICS_COUNTER_NAME) };

// Worker ---------------------------------------------------------------------------------------------------------------------------

struct heuristics_worker *heuristics_worker_new(
	const struct heuristics_config *config, const struct option_list *own_domains)
{
	struct heuristics_worker *worker = calloc(1, sizeof(*worker));
	if (!worker || getrandom(&worker->seed, sizeof(worker->seed), 0) != sizeof(worker->seed)) {
		free(worker);
		return NULL;
	}
	worker->config = config;
	worker->suffixes = psl_builtin();
	for (size_t i = 0; own_domains && i < own_domains->count && worker->own_count < LOOKALIKE_NAMES_MAX; i++) {
		uint8_t name[CANONICAL_NAME_MAX];
		uint32_t len = canonical_name(span_text(own_domains->values[i]), name);
		uint32_t skeleton = lookalike_skeleton(span_of(name, len), worker->own[worker->own_count].skeleton);
		if (!len || !skeleton)
			continue;
		worker->own[worker->own_count].name = own_domains->values[i];
		worker->own[worker->own_count++].len = skeleton;
	}
	return worker;
}

void heuristics_worker_free(struct heuristics_worker *worker)
{
	free(worker);
}

const uint64_t *heuristics_worker_counters(const struct heuristics_worker *worker)
{
	return worker->counters;
}

void heuristics_worker_set_home(struct heuristics_worker *worker, const struct address_set *home)
{
	worker->home = home;
}

void heuristics_begin(
	struct heuristics_worker *worker, const struct inspection *inspection, const struct findings *findings)
{
	worker->hit_count = 0;
	worker->passed = inspection_passed(inspection, findings);
}

const struct address *check_client(const struct check *check)
{
	const struct flow *flow = check->inspection->flow;
	return flow->flags & FLOW_REVERSED ? &flow->key.dst : &flow->key.src;
}

const struct address *check_server(const struct check *check)
{
	const struct flow *flow = check->inspection->flow;
	return flow->flags & FLOW_REVERSED ? &flow->key.src : &flow->key.dst;
}

// Windows --------------------------------------------------------------------------------------------------------------------------

static void begin_window(struct window *window, uint64_t key, uint64_t now_ns)
{
	window->key = key;
	window->start_ns = window->last_ns = now_ns;
	window->total = window->drawn = window->distinct = 0;
	window->example_count = 0;
	window->told = false;
}

struct window *window_add(const struct check *check, enum window_kind kind, struct span extra, struct span what)
{
	struct heuristics_worker *worker = check->worker;
	uint64_t now_ns = check->inspection->packet->ts_ns, length_ns = worker->config->window_s * NS_PER_S;
	if (kind == WINDOW_VISITS) // programs ask every minute or so
		length_ns *= VISITS_WINDOWS;
	struct {
		struct address client, server;
		uint64_t kind, extra;
	} parts = { *check_client(check), *check_server(check), kind,
		XXH3_64bits_withSeed(extra.data, extra.len, worker->seed) };
	uint64_t key = XXH3_64bits_withSeed(&parts, sizeof(parts), worker->seed) | 1;
	struct window *set = &worker->windows[(key >> 8) % (WINDOWS / WINDOW_WAYS) * WINDOW_WAYS], *place = set;
	unsigned i = 0;
	for (; i < WINDOW_WAYS && set[i].key != key; i++)
		if (place->key && (!set[i].key || set[i].last_ns < place->last_ns))
			place = &set[i];
	if (i < WINDOW_WAYS) {
		place = &set[i];
		// Captures read one after the other may go back in time
		if (now_ns - place->start_ns > length_ns)
			begin_window(place, key, now_ns);
	} else {
		worker->counters[HEURISTICS_COUNT_EVICTED] += place->key && now_ns - place->last_ns <= length_ns;
		begin_window(place, key, now_ns);
	}
	uint64_t hash = XXH3_64bits_withSeed(what.data, what.len, worker->seed);
	uint32_t short_hash = (uint32_t)hash, at = 0;
	while (at < place->distinct && place->seen[at] != short_hash)
		at++;
	if (at == place->distinct && at < WINDOW_SEEN) {
		place->seen[place->distinct++] = short_hash;
		if (place->example_count < WINDOW_EXAMPLES) {
			uint32_t len = what.len < EXAMPLE_MAX - 1 ? what.len : EXAMPLE_MAX - 1;
			if (len)
				memcpy(place->examples[place->example_count], what.data, len);
			place->examples[place->example_count++][len] = 0;
		}
	}
	place->total++;
	place->last_ns = now_ns;
	return place;
}

// Findings -------------------------------------------------------------------------------------------------------------------------

void hit_text(struct heuristics_hit *hit, const char *key, struct span text)
{
	if (hit->texts == sizeof(hit->text) / sizeof(hit->text[0]))
		return;
	char *copy = hit->text[hit->texts++];
	uint32_t len = text.len < TEXT_MAX ? text.len : TEXT_MAX;
	memcpy(copy, text.data, len);
	detail_text(&hit->detail, key, span_of(copy, len));
}

// About what the host did in many flows.
static bool is_of_host(enum heuristics_sid sid)
{
	return sid == HEURISTICS_NXDOMAIN_BURST || sid == HEURISTICS_NAME_FLOOD || sid == HEURISTICS_GENERATED_NAME ||
	       sid == HEURISTICS_WEB_SCAN;
}

static bool is_attack(enum heuristics_sid sid)
{
	return sid >= HEURISTICS_SQL && sid <= HEURISTICS_WEB_SCAN;
}

// One alert for all hosts that were tried: what goes through networks, and not to one of their hosts.
static bool is_anywhere(enum heuristics_sid sid)
{
	return sid == HEURISTICS_SCANNER || sid == HEURISTICS_PROXY_PROBE;
}

bool is_here(const struct heuristics_worker *worker, const struct address *address)
{
	return reserved_has(address) || (worker->home && address_set_has(worker->home, address));
}

// The same in all runs and workers: the collector joins by it.
static uint64_t situation_of(enum heuristics_sid sid, struct span what, const struct address *attacker)
{
	uint64_t hash = XXH3_64bits_withSeed(what.data, what.len, HEURISTICS_GID << 8 | sid);
	return (attacker ? XXH3_64bits_withSeed(attacker, sizeof(*attacker), hash) : hash) | 1;
}

struct heuristics_hit *heuristics_add(const struct check *check, enum heuristics_sid sid, struct span what)
{
	struct heuristics_worker *worker = check->worker;
	struct findings *findings = check->findings;
	struct app_tx *tx = is_of_host(sid) ? NULL : check->named->tx;
	if (worker->hit_count == HEURISTICS_HITS_MAX || findings->count == FINDINGS_MAX)
		return NULL;
	const struct address *attacker = is_attack(sid) ? check_client(check) : NULL, *host = check_client(check);
	if (attacker && (is_here(worker, check_server(check)) || !is_here(worker, host)))
		host = check_server(check);
	struct heuristics_hit *hit = &worker->hits[worker->hit_count++];
	hit->detail = (struct finding_detail) { .family = "heuristic" };
	hit->texts = 0;
	detail_address(&hit->detail, "host", host);
	if (attacker)
		detail_address(&hit->detail, "attacker", attacker);
	findings->items[findings->count++] = (struct finding) {
		.rule = heuristics_rule(sid, 0),
		.tx = tx,
		.tx_id = tx ? tx->id : 0,
		.where = tx ? FOUND_TX : FOUND_PACKET,
		.action = RULE_ALERT,
		.direction = check->inspection->packet->direction,
		.detail = &hit->detail,
		.situation = situation_of(sid, what, attacker),
		.of_host = is_of_host(sid),
		.anywhere = is_anywhere(sid),
		.indicator = situation_of(sid, attacker ? span_of(NULL, 0) : what, attacker),
		.inside = *host,
	};
	return hit;
}

struct heuristics_hit *heuristics_tell(const struct check *check, enum heuristics_sid sid, struct span what)
{
	struct window *window = window_add(check, (enum window_kind)(WINDOW_TOLD + sid), what, what);
	if (window->told)
		return NULL;
	struct heuristics_hit *hit = heuristics_add(check, sid, what);
	if (!hit) {
		check->findings->lost++;
		return NULL;
	}
	check->worker->counters[HEURISTICS_COUNT_FINDINGS]++;
	window->told = true;
	return hit;
}

void heuristics_weigh(const struct check *check, unsigned severity)
{
	struct finding *finding = &check->findings->items[check->findings->count - 1];
	finding->rule = heuristics_rule((enum heuristics_sid)finding->rule->sid, severity);
}

void heuristics_take(struct heuristics_worker *worker, const struct inspection *inspection, const struct named *named,
	struct findings *findings)
{
	const struct check check = { worker, inspection, findings, named };
	if (worker->passed)
		return;
	if (worker->domains.give && named->kind == INDICATOR_DOMAIN)
		heuristics_check_domain(&check);
	switch ((enum named_place)named->place) {
	case NAMED_DNS_QUESTION:
	case NAMED_TLS_SNI:
	case NAMED_QUIC_SNI:
	case NAMED_HTTP_HOST:
	case NAMED_MAIL_LINK:
		if (named->kind == INDICATOR_DOMAIN)
			heuristics_check_name(&check);
		break;
	case NAMED_HTTP_URL: heuristics_check_request(&check); break;
	case NAMED_HTTP_USER_AGENT: heuristics_check_user_agent(&check); break;
	case NAMED_HTTP_ANSWER:
		heuristics_check_answer(&check);
		heuristics_check_proxy(&check);
		break;
	case NAMED_PROXY_ANSWER: heuristics_check_proxy(&check); break;
	case NAMED_FILE: heuristics_check_file(&check); break;
	case NAMED_TLS_CERTIFICATE: heuristics_check_certificate(&check); break;
	default: break;
	}
}
