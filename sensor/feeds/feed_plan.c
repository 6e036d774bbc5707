// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/feeds/feed_plan.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include "decoders/base/ascii.h"
#include "decoders/base/log.h"
#include "signatures/reputation/canonical.h"
#include "signatures/rule/rule.h"

#define OWN_DOMAINS_MAX 1024
#define OWN_RANGES_MAX  4096

struct feed_plan_site {
	unsigned range_count;
	struct address_range *ranges;
	const char *domains[OWN_DOMAINS_MAX + 1];
	char names[OWN_DOMAINS_MAX][CANONICAL_NAME_MAX + 1];
};

// Own domains ----------------------------------------------------------------------------------------------------------------------

static void take_domains(struct feed_plan_site *own, const struct option_list *domains)
{
	for (size_t i = 0; i < domains->count && i < OWN_DOMAINS_MAX; i++) {
		snprintf(own->names[i], sizeof(own->names[i]), "%s", domains->values[i]);
		own->domains[i] = own->names[i];
	}
	if (domains->count > OWN_DOMAINS_MAX)
		log_warning("reputation.own-domains: only the first %d are protected", OWN_DOMAINS_MAX);
}

// Own networks ---------------------------------------------------------------------------------------------------------------------

// A HOME_NET with more than this in one piece does not say what is the site's: "any", or all but something.
static bool is_wide(const struct address_range *range)
{
	uint8_t difference = 0;
	unsigned first = address_is_v4(&range->low) && address_is_v4(&range->high) ? 12 : 0;
	unsigned last = first ? 13 : 2; // the bits above /8 of IPv4, /16 of IPv6
	for (unsigned i = 0; i < last; i++)
		difference |= range->low.bytes[i] ^ range->high.bytes[i];
	return difference != 0;
}

static bool take_networks(struct feed_plan_site *own, const struct address_set *home)
{
	if (!home || home->any || !home->count || home->count > OWN_RANGES_MAX)
		return true;
	for (uint32_t i = 0; i < home->count; i++)
		if (is_wide(&home->ranges[i]))
			return true;
	own->ranges = malloc(home->count * sizeof(*own->ranges));
	if (!own->ranges)
		return false;
	memcpy(own->ranges, home->ranges, home->count * sizeof(*own->ranges));
	own->range_count = home->count;
	return true;
}

static bool is_own(void *context, const struct address *first, unsigned bits)
{
	const struct feed_plan_site *own = context;
	struct address last = *first;
	for (unsigned i = 0; i < 16; i++) {
		unsigned kept = bits > 8 * i ? bits - 8 * i : 0;
		if (kept < 8)
			last.bytes[i] |= (uint8_t)(0xff >> kept);
	}
	for (unsigned i = 0; i < own->range_count; i++)
		if (memcmp(first->bytes, own->ranges[i].high.bytes, 16) <= 0 &&
			memcmp(last.bytes, own->ranges[i].low.bytes, 16) >= 0)
			return true;
	return false;
}

static bool take_site(struct feed_plan *plan, const struct sensor_config *config, const struct address_set *home)
{
	struct feed_plan_site *own = plan->own = calloc(1, sizeof(*own));
	if (!own)
		return false;
	take_domains(own, &config->reputation.own_domains);
	if (!take_networks(own, home))
		return false;
	plan->site = (struct feed_site) { .own_domains = own->domains, .context = own };
	plan->site.is_own = own->range_count ? is_own : NULL;
	uint64_t digest = XXH3_64bits(own->names, sizeof(own->names));
	if (own->range_count)
		digest = XXH3_64bits_withSeed(own->ranges, own->range_count * sizeof(*own->ranges), digest);
	plan->site.digest = digest;
	return true;
}

// Feeds ----------------------------------------------------------------------------------------------------------------------------

// By its path, whatever place it has among the others: what is kept of it is kept by this name. "list-etc-sekisho-bad-txt"; apart, or where the path is long: its end,
// and its hash.
static void name_list(char out[FEED_NAME_MAX + 1], const char *path, bool allow, bool apart)
{
	char hash[10] = "";
	size_t len = (size_t)snprintf(out, FEED_NAME_MAX + 1, allow ? "allow" : "list"), left = strlen(path);
	apart |= left > FEED_NAME_MAX - len - 1;
	if (apart)
		snprintf(hash, sizeof(hash), "-%08x", (unsigned)XXH3_64bits(path, left));
	size_t most = FEED_NAME_MAX - strlen(hash);
	path += left > most - len - 1 ? left - (most - len - 1) : 0;
	for (bool between = true; *path && len < most; path++) {
		uint8_t byte = ascii_lower((uint8_t)*path);
		bool plain = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
		if (plain && between)
			out[len++] = '-';
		if (plain && len < most)
			out[len++] = (char)byte;
		between = !plain;
	}
	snprintf(out + len, FEED_NAME_MAX + 1 - len, "%s", hash);
}

static bool add_lists(struct feeds *feeds, const struct option_list *lists, bool allow)
{
	char name[FEED_NAME_MAX + 1];
	for (size_t i = 0; i < lists->count; i++) {
		name_list(name, lists->values[i], allow, false);
		const struct feed *same = feeds_find(feeds, name);
		if (same && strcmp(same->source, lists->values[i]) == 0) // given twice
			continue;
		if (same)
			name_list(name, lists->values[i], allow, true);
		if (!feeds_add(feeds, name, lists->values[i], allow))
			return false;
		feeds->items[feeds->count - 1].is_list = true;
	}
	return true;
}

static bool take_fetch(struct feed_plan *plan, const struct fetch_config *fetch)
{
	plan->fetch = *fetch;
	plan->fetch.ca_file = fetch->ca_file ? strdup(fetch->ca_file) : NULL;
	return !fetch->ca_file || plan->fetch.ca_file;
}

struct feed_plan *feed_plan_new(
	const struct sensor_config *config, const struct address_set *home, struct pack_error *error)
{
	const struct reputation_config *reputation = &config->reputation;
	struct feed_plan *plan = calloc(1, sizeof(*plan));
	if (!plan) {
		pack_fail(error, "out of memory");
		return NULL;
	}
	plan->has_feeds = reputation->feeds != NULL;
	if (reputation->feeds && !feeds_read(&plan->feeds, reputation->feeds, error)) {
		feed_plan_free(plan);
		return NULL;
	}
	plan->state = reputation->state ? strdup(reputation->state) : NULL;
	if ((plan->state || !reputation->state) && add_lists(&plan->feeds, &reputation->lists, false) &&
		add_lists(&plan->feeds, &reputation->allow, true) && take_site(plan, config, home) &&
		take_fetch(plan, &config->fetch))
		return plan;
	pack_fail(error, "out of memory");
	feed_plan_free(plan);
	return NULL;
}

void feed_plan_free(struct feed_plan *plan)
{
	if (!plan)
		return;
	feeds_free(&plan->feeds);
	if (plan->own)
		free(plan->own->ranges);
	free(plan->own);
	free(plan->fetch.ca_file);
	free(plan->state);
	free(plan);
}
