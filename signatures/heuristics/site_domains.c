// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/heuristics/site_domains.h"
#include <assert.h>
#include <libpsl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <xxhash.h>
#include "decoders/base/clock.h"
#include "signatures/reputation/canonical.h"

#define DAY_S           86400u
#define HASHES          3 // of hosts kept of a domain; one more is counted
#define HOST_WAYS       8
#define VERSION         2
#define BYTE_ORDER_MARK 0x01020304u

enum domain_flag {
	LEARNED = 1 << 0,   // met while learning: never new
	TOLD = 1 << 1,      // as new, for itself or a reason
	TOLD_RARE = 1 << 2, // as one host's only
};

// What a host does for others.
enum service { SERVES_DNS = 1 << 0, SERVES_PROXY = 1 << 1 };

struct domain {
	uint64_t key; // 0 empty
	uint32_t first_s;
	uint16_t last_day; // since the epoch
	uint8_t hosts, flags;
	uint16_t host[HASHES];
	uint8_t reasons; // told
	uint8_t reserved;
};
static_assert(sizeof(struct domain) == 24, "docs/detections.md says so");

struct site_host {
	uint64_t key; // 0 empty
	uint32_t day, added, told;
	uint8_t serves; // enum service
};

struct site_domains {
	struct site_domains_config config;
	uint64_t seed, since_s, count, sets;
	uint16_t some_hosts[SITE_BIG]; // the first that visited something, by host_hash
	unsigned host_count;           // of these
	uint64_t counters[SITE_COUNTERS_END];
	struct site_host hosts[SITE_HOSTS];
	struct domain domains[];
};

struct packed {
	char magic[8];
	uint32_t version, byte_order, entry_bytes, reserved;
	uint64_t seed, since_s, host_count, count;
	uint64_t check; // XXH3 of this with check 0, and of what follows
	// Version 1 ends here; its host_count had a host again for each start
	uint16_t some_hosts[SITE_BIG];
	uint16_t zero[2];
};
static_assert(sizeof(struct packed) == 88, "without holes");
static const char magic[8] = "SITEDOM";

#define SITE_COUNTER_NAME(constant, name) [constant] = name,
const char *const site_domains_counter_names[SITE_COUNTERS_END] = { SITE_DOMAINS_COUNTERS(SITE_COUNTER_NAME) };

struct site_domains *site_domains_new(const struct site_domains_config *config)
{
	uint64_t sets = config->memory_bytes / (SITE_WAYS * sizeof(struct domain));
	struct site_domains *site = sets ? calloc(1, sizeof(*site) + sets * SITE_WAYS * sizeof(struct domain)) : NULL;
	if (!site)
		return NULL;
	site->config = *config;
	site->sets = sets;
	if (getrandom(&site->seed, sizeof(site->seed), 0) == sizeof(site->seed))
		return site;
	free(site);
	return NULL;
}

void site_domains_free(struct site_domains *site)
{
	free(site);
}

uint64_t site_domains_seed(const struct site_domains *site)
{
	return site->seed;
}

uint64_t site_domains_key(uint64_t seed, struct span domain)
{
	return XXH3_64bits_withSeed(domain.data, domain.len, seed) | 1;
}

uint64_t site_domains_key_of_name(uint64_t seed, struct span name)
{
	char text[CANONICAL_NAME_MAX + 1];
	if (!name.len || name.len > CANONICAL_NAME_MAX)
		return 0;
	memcpy(text, name.data, name.len);
	text[name.len] = 0;
	const char *domain = psl_registrable_domain(psl_builtin(), text);
	return domain ? site_domains_key(seed, span_text(domain)) : 0;
}

const uint64_t *site_domains_counters(const struct site_domains *site)
{
	return site->counters;
}

uint64_t site_domains_count(const struct site_domains *site)
{
	return site->count;
}

static bool is_learning(const struct site_domains *site, uint64_t now_s)
{
	return site->config.learn_s && now_s < site->since_s + site->config.learn_s;
}

// Hosts ----------------------------------------------------------------------------------------------------------------------------

static struct site_host *host_of(struct site_domains *site, const struct address *address, uint32_t day)
{
	uint64_t key = XXH3_64bits_withSeed(address->bytes, sizeof(address->bytes), site->seed) | 1;
	struct site_host *set = &site->hosts[(key >> 8) % (SITE_HOSTS / HOST_WAYS) * HOST_WAYS], *place = set;
	for (unsigned i = 0; i < HOST_WAYS; i++) {
		if (set[i].key == key) {
			if (set[i].day != day)
				set[i] = (struct site_host) { key, day, 0, 0, set[i].serves };
			return &set[i];
		}
		bool earlier = !set[i].serves != !place->serves ? place->serves != 0 : set[i].day < place->day;
		if (place->key && (!set[i].key || earlier))
			place = &set[i];
	}
	*place = (struct site_host) { key, day, 0, 0, 0 };
	return place;
}

static uint16_t host_hash(const struct site_domains *site, const struct address *address)
{
	return (uint16_t)(XXH3_64bits_withSeed(address->bytes, sizeof(address->bytes), site->seed) >> 48);
}

// That there are SITE_BIG is all that is asked.
static void know_host(struct site_domains *site, uint16_t hash)
{
	if (site->host_count == SITE_BIG)
		return;
	for (unsigned i = 0; i < site->host_count; i++)
		if (site->some_hosts[i] == hash)
			return;
	site->some_hosts[site->host_count++] = hash;
}

static void count_host(struct site_domains *site, struct domain *domain, const struct address *host)
{
	uint16_t hash = host_hash(site, host);
	know_host(site, hash);
	unsigned known = domain->hosts < HASHES ? domain->hosts : HASHES;
	for (unsigned i = 0; i < known; i++)
		if (domain->host[i] == hash)
			return;
	if (known < HASHES)
		domain->host[known] = hash;
	if (domain->hosts < SITE_HOSTS_MAX)
		domain->hosts++;
}

// Domains --------------------------------------------------------------------------------------------------------------------------

static struct domain *set_of(struct site_domains *site, uint64_t key)
{
	return &site->domains[(key >> 8) % site->sets * SITE_WAYS];
}

static struct domain *find(struct site_domains *site, uint64_t key)
{
	struct domain *set = set_of(site, key);
	for (unsigned i = 0; i < SITE_WAYS; i++)
		if (set[i].key == key)
			return &set[i];
	return NULL;
}

static bool came_back(const struct domain *domain)
{
	return domain->first_s / DAY_S != domain->last_day;
}

// The head of the file says why in this order.
static bool goes_before(const struct domain *domain, const struct domain *other)
{
	if (!domain->key || !other->key)
		return !domain->key && other->key;
	if (came_back(domain) != came_back(other))
		return came_back(other);
	if (domain->last_day != other->last_day)
		return domain->last_day < other->last_day;
	return domain->first_s > other->first_s;
}

static struct domain *place_for(struct site_domains *site, uint64_t key)
{
	struct domain *set = set_of(site, key), *place = set;
	for (unsigned i = 1; i < SITE_WAYS; i++)
		if (goes_before(&set[i], place))
			place = &set[i];
	if (place->key)
		site->counters[SITE_COUNT_FORGOTTEN]++;
	else
		site->count++;
	return place;
}

static bool is_others(const struct site_host *host, bool by_dns)
{
	return host->serves & SERVES_PROXY || (host->serves & SERVES_DNS && by_dns);
}

static void note_service(struct site_domains *site, const struct domain_met *met, uint32_t day)
{
	unsigned service = met->by_dns ? SERVES_DNS : met->by_proxy ? SERVES_PROXY : 0;
	if (service && met->far_inside)
		host_of(site, &met->far, day)->serves |= (uint8_t)service;
}

void site_domains_meet(struct site_domains *site, const struct domain_met *met)
{
	uint64_t now_s = met->ts_ns < NS_PER_S ? 1 : met->ts_ns / NS_PER_S; // 0 is "not known"
	uint32_t day = (uint32_t)(now_s / DAY_S);
	struct site_host *host = host_of(site, &met->host, day);
	bool others = is_others(host, met->by_dns);
	note_service(site, met, day); // may take host's place: it is not used below
	if (!met->key)
		return;
	if (!site->since_s)
		site->since_s = now_s;
	site->counters[SITE_COUNT_MET]++;
	struct domain *domain = find(site, met->key);
	if (!domain) {
		host = host_of(site, &met->host, day);
		if (host->added >= site->config.host_limit) {
			site->counters[SITE_COUNT_OVER_LIMIT]++;
			return;
		}
		host->added++;
		site->counters[SITE_COUNT_ADDED]++;
		domain = place_for(site, met->key);
		*domain = (struct domain) { .key = met->key,
			.first_s = (uint32_t)now_s,
			.last_day = (uint16_t)day,
			.flags = is_learning(site, now_s) ? LEARNED : 0 };
	}
	if (day > domain->last_day)
		domain->last_day = (uint16_t)day;
	if (now_s < domain->first_s) // captures may be read in any order
		domain->first_s = (uint32_t)now_s;
	if (!others)
		count_host(site, domain, &met->host);
}

// Whether its place among the findings of its host is left.
static bool take_turn(struct site_domains *site, const struct domain_asked *asked)
{
	struct site_host *host = host_of(site, &asked->host, (uint32_t)(asked->ts_ns / NS_PER_S / DAY_S));
	if (is_others(host, asked->by_dns))
		return false;
	if (host->told >= SITE_TOLD_MAX) {
		site->counters[SITE_COUNT_UNTOLD]++;
		return false;
	}
	host->told++;
	site->counters[SITE_COUNT_TOLD]++;
	return true;
}

static bool is_rare(const struct site_domains *site, const struct domain *domain, const struct address *host)
{
	return site->host_count >= SITE_BIG && domain->hosts == 1 && domain->host[0] == host_hash(site, host);
}

bool site_domains_ask(struct site_domains *site, const struct domain_asked *asked, struct domain_known *out)
{
	uint64_t now_s = asked->ts_ns / NS_PER_S;
	struct domain *domain = asked->key ? find(site, asked->key) : NULL;
	*out = (struct domain_known) { 0 };
	if (!domain)
		return asked->told_if == TOLD_ALWAYS;
	*out = (struct domain_known) {
		.first_s = domain->first_s,
		.hosts = domain->hosts,
		.is_new = !(domain->flags & LEARNED) && now_s < domain->first_s + site->config.age_s,
		.learning = is_learning(site, now_s),
	};
	uint8_t flags = asked->told_if == TOLD_IF_RARE ? TOLD_RARE : TOLD;
	switch ((enum told_if)asked->told_if) {
	case TOLD_IF_NEW:
		if (!out->is_new || domain->flags & TOLD)
			return false;
		break;
	case TOLD_IF_NEW_AND_ODD:
		if (!out->is_new || !(asked->reasons & ~domain->reasons))
			return false;
		break;
	case TOLD_IF_RARE:
		if (out->is_new || out->learning || domain->flags & TOLD_RARE || !is_rare(site, domain, &asked->host))
			return false;
		break;
	default: return true;
	}
	if (!take_turn(site, asked))
		return false;
	domain->flags |= flags;
	domain->reasons |= asked->reasons;
	return true;
}

// Bytes ----------------------------------------------------------------------------------------------------------------------------

static size_t head_bytes(uint32_t version)
{
	return version == 1 ? offsetof(struct packed, some_hosts) : sizeof(struct packed);
}

static uint64_t check_of(const struct packed *head, const struct domain *domains)
{
	struct packed copy = *head;
	copy.check = 0;
	uint64_t parts[2] = { XXH3_64bits(&copy, head_bytes(head->version)),
		XXH3_64bits(domains, head->count * sizeof(*domains)) };
	return XXH3_64bits(parts, sizeof(parts));
}

void *site_domains_pack(const struct site_domains *site, size_t *len)
{
	struct packed *head = calloc(1, sizeof(*head) + site->count * sizeof(struct domain));
	if (!head)
		return NULL;
	struct domain *domains = (struct domain *)(head + 1);
	*head = (struct packed) { .version = VERSION,
		.byte_order = BYTE_ORDER_MARK,
		.entry_bytes = sizeof(struct domain),
		.seed = site->seed,
		.since_s = site->since_s,
		.host_count = site->host_count };
	memcpy(head->some_hosts, site->some_hosts, sizeof(head->some_hosts));
	memcpy(head->magic, magic, sizeof(magic));
	for (uint64_t i = 0; i < site->sets * SITE_WAYS; i++)
		if (site->domains[i].key)
			domains[head->count++] = site->domains[i];
	assert(head->count == site->count);
	head->check = check_of(head, domains);
	*len = sizeof(*head) + head->count * sizeof(*domains);
	return head;
}

static const char *fault_of(const struct packed *head, size_t len)
{
	if (len < head_bytes(1) || memcmp(head->magic, magic, sizeof(magic)) != 0)
		return "no memory of a site's domains";
	if (!head->version || head->version > VERSION || head->byte_order != BYTE_ORDER_MARK ||
		head->entry_bytes != sizeof(struct domain))
		return "of another version, or another kind of machine";
	size_t before = head_bytes(head->version), rest = len < before ? 1 : len - before;
	if (rest % sizeof(struct domain) || head->count != rest / sizeof(struct domain))
		return "cut";
	return NULL;
}

bool site_domains_load(struct site_domains *site, const void *bytes, size_t len, const char **reason)
{
	struct packed head = { 0 };
	memcpy(&head, bytes, len < sizeof(head) ? len : sizeof(head));
	*reason = fault_of(&head, len);
	if (*reason)
		return false;
	struct domain *domains = calloc(head.count + 1, sizeof(*domains)); // bytes may lie at any place
	*reason = "no memory";
	if (!domains)
		return false;
	memcpy(domains, (const uint8_t *)bytes + head_bytes(head.version), head.count * sizeof(*domains));
	*reason = "damaged";
	bool good = head.check == check_of(&head, domains);
	for (unsigned i = 0; good && head.version > 1 && i < head.host_count && i < SITE_BIG; i++)
		know_host(site, head.some_hosts[i]);
	for (uint64_t i = 0; good && i < head.count; i++) {
		const struct domain *domain = &domains[i];
		if (domain->key && !find(site, domain->key)) // the memory may be smaller now
			*place_for(site, domain->key) = *domain;
		for (unsigned host = 0; host < HASHES && host < domain->hosts; host++)
			know_host(site, domain->host[host]);
	}
	site->seed = good ? head.seed : site->seed;
	site->since_s = good ? head.since_s : 0;
	free(domains);
	return good;
}
