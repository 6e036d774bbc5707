// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/intel/match.h"
#include <string.h>

const char *const match_how_names[MATCH_HOWS] = {
	[MATCH_NOT] = "not",
	[MATCH_ITSELF] = "itself",
	[MATCH_PARENT] = "a domain above it",
	[MATCH_NETWORK] = "a network around it",
	[MATCH_ENDPOINT] = "a port of it",
	[MATCH_HOST] = "its host",
	[MATCH_BEGINNING] = "the beginning of it",
};

static void take_address(struct match_query *query, const struct indicator *indicator)
{
	memcpy(query->address.bytes, indicator->value.data, 16);
	query->has_address = true;
	query->bits = indicator->kind == INDICATOR_NETWORK ? indicator->bits : 128;
}

const char *match_ask(const char *text, unsigned kind, struct match_query *query)
{
	*query = (struct match_query) { 0 };
	const char *wrong = feed_value_parse(span_text(text), kind, NULL, true, &query->value);
	if (wrong)
		return wrong;
	const struct indicator *indicator = &query->value.indicator;
	static uint8_t const none[1];
	query->name = span_of(none, 0);
	switch (indicator->kind) {
	case INDICATOR_ADDRESS:
	case INDICATOR_NETWORK:
	case INDICATOR_ENDPOINT: take_address(query, indicator); break;
	case INDICATOR_DOMAIN: query->name = indicator->value; break;
	case INDICATOR_EMAIL: query->name = span_from(indicator->value, span_find(indicator->value, '@', 0) + 1); break;
	case INDICATOR_URL: {
		// The value is canonical: read again it gives the parts of the same bytes
		uint8_t bytes[INDICATOR_VALUE_MAX];
		if (!canonical_url(indicator->value, bytes, &query->url))
			return "not a URL";
		memcpy(query->value.bytes, bytes, query->url.whole.len);
		const uint8_t *base = query->value.bytes;
		query->url.host.data = base + (query->url.host.len ? query->url.host.data - bytes : 0);
		query->url.path.data = base + (query->url.path.data - bytes);
		query->url.query.data = base + (query->url.query.len ? query->url.query.data - bytes : 0);
		query->url.whole.data = base;
		if (query->url.host_is_address) {
			query->address = query->url.address;
			query->has_address = true;
			query->bits = 128;
		} else {
			query->name = query->url.host;
		}
		break;
	}
	default: break;
	}
	return NULL;
}

// Entries --------------------------------------------------------------------------------------------------------------------------

// Is name listed itself, or one of its parents?
static bool is_below(struct span name, struct span listed, bool *itself)
{
	*itself = name.len == listed.len;
	return name.len >= listed.len && memcmp(name.data + name.len - listed.len, listed.data, listed.len) == 0 &&
	       (*itself || name.data[name.len - listed.len - 1] == '.');
}

static enum match_how match_domain(const struct match_query *query, const struct indicator *indicator)
{
	bool itself;
	if (!query->name.len || !is_below(query->name, indicator->value, &itself))
		return MATCH_NOT;
	if (itself ? (indicator->flags & INDICATOR_BELOW) != 0 : (indicator->flags & INDICATOR_EXACT) != 0)
		return MATCH_NOT;
	if (query->value.indicator.kind == INDICATOR_DOMAIN)
		return itself ? MATCH_ITSELF : MATCH_PARENT;
	return MATCH_HOST;
}

static enum match_how match_address(const struct match_query *query, const struct indicator *indicator)
{
	struct address listed;
	const struct indicator *asked = &query->value.indicator;
	if (!query->has_address)
		return MATCH_NOT;
	memcpy(listed.bytes, indicator->value.data, 16);
	if (indicator->kind == INDICATOR_NETWORK) {
		if (indicator->bits > query->bits || !address_in(&query->address, &listed, indicator->bits))
			return MATCH_NOT;
		return indicator->bits == query->bits ? MATCH_ITSELF : MATCH_NETWORK;
	}
	if (query->bits != 128 || !address_equal(&query->address, &listed))
		return MATCH_NOT;
	if (indicator->kind == INDICATOR_ENDPOINT && asked->kind == INDICATOR_ENDPOINT)
		return indicator->port == asked->port ? MATCH_ITSELF : MATCH_NOT;
	if (indicator->kind == INDICATOR_ENDPOINT)
		return MATCH_ENDPOINT;
	return asked->kind == INDICATOR_ADDRESS ? MATCH_ITSELF : MATCH_HOST;
}

// docs/reputation.md says at which places a listed URL may end.
static bool ends_well(struct span listed, struct span rest, bool exact)
{
	uint8_t last = listed.data[listed.len - 1];
	if (!rest.len)
		return true;
	if (exact)
		return rest.data[0] == '?';
	return strchr("/?=&", last) || strchr("/?&", rest.data[0]);
}

static enum match_how match_url(const struct match_query *query, const struct indicator *indicator)
{
	struct span whole = query->url.whole, listed = indicator->value;
	bool exact = indicator->flags & INDICATOR_EXACT;
	if (query->value.indicator.kind != INDICATOR_URL || !listed.len)
		return MATCH_NOT;
	uint32_t host = query->url.host.len ? (uint32_t)(query->url.path.data - whole.data) : 0;
	uint32_t listed_host = span_find(listed, '/', 0);
	if (listed.data[0] == '/')
		listed_host = 0;
	// The listed host is the URL's, a parent of it, or none
	bool itself = listed_host == host;
	if (listed_host > host ||
		(!itself && listed_host &&
			(exact || query->url.host_is_address || whole.data[host - listed_host - 1] != '.')))
		return MATCH_NOT;
	struct span asked = span_from(whole, listed_host ? host - listed_host : host);
	if (asked.len < listed.len || memcmp(asked.data, listed.data, listed.len) != 0)
		return MATCH_NOT;
	if (!ends_well(listed, span_from(asked, listed.len), exact))
		return MATCH_NOT;
	return itself && asked.len == listed.len ? MATCH_ITSELF : MATCH_BEGINNING;
}

enum match_how match_entry(const struct match_query *query, const struct indicator *indicator)
{
	const struct indicator *asked = &query->value.indicator;
	switch (indicator->kind) {
	case INDICATOR_ADDRESS:
	case INDICATOR_NETWORK:
	case INDICATOR_ENDPOINT: return match_address(query, indicator);
	case INDICATOR_DOMAIN: return match_domain(query, indicator);
	case INDICATOR_URL: return match_url(query, indicator);
	default: break;
	}
	// A hash may be of a file or of a certificate, 32 digits may be MD5 or JA3: the form does not say
	bool both = indicator_is_hash(asked->kind) && indicator_is_hash(indicator->kind);
	if ((indicator->kind != asked->kind && !both) || !span_equal(indicator->value, asked->value))
		return MATCH_NOT;
	return MATCH_ITSELF;
}

// Verdict --------------------------------------------------------------------------------------------------------------------------

struct found {
	bool any;
	struct store_match *best;
};

static void join(struct found *found, bool more, const struct store_match *match)
{
	if (more)
		store_match_join(&found->any, match, found->best);
}

static void find_hash(const struct store *store, bool allow, struct span value, uint32_t now_s, struct found *found)
{
	struct store_match match;
	for (unsigned kind = INDICATOR_FILE_MD5; kind <= INDICATOR_JA3S; kind++)
		if (indicator_kind_bytes[kind] == value.len)
			join(found, store_match_value(store, allow, (enum indicator_kind)kind, value, now_s, &match),
				&match);
}

static void find_network(
	const struct store *store, bool allow, const struct indicator *asked, uint32_t now_s, struct found *found)
{
	struct store_match match = { .bits = asked->bits };
	const struct indicator network = {
		.value = asked->value, .kind = asked->kind, .bits = asked->bits, .flags = allow ? INDICATOR_ALLOW : 0
	};
	join(found, store_find(store, &network, now_s, &match.entry), &match);
}

// As the sensor looks a value up, and what comes with it: a URL's host, a mail's domain.
static bool find(
	const struct store *store, bool allow, const struct match_query *query, uint32_t now_s, struct store_match *out)
{
	const struct indicator *asked = &query->value.indicator;
	struct found found = { .best = out };
	struct store_match match;
	if (asked->kind == INDICATOR_NETWORK)
		find_network(store, allow, asked, now_s, &found);
	if (asked->kind == INDICATOR_URL)
		join(&found, store_match_url(store, allow, &query->url, now_s, &match), &match);
	if (query->has_address)
		join(&found, store_match_address(store, allow, &query->address, asked->port, now_s, &match), &match);
	else if (indicator_is_hash(asked->kind))
		find_hash(store, allow, asked->value, now_s, &found);
	else if (asked->kind >= INDICATOR_JA4)
		join(&found,
			store_match_value(store, allow, (enum indicator_kind)asked->kind, asked->value, now_s, &match),
			&match);
	if (query->name.len)
		join(&found, store_match_domain(store, allow, query->name, now_s, &match), &match);
	return found.any;
}

enum match_verdict match_verdict(const struct store *store, const struct match_query *query, unsigned least_confidence,
	uint32_t now_s, struct store_entry *entry)
{
	struct store_match match;
	if (!find(store, false, query, now_s, &match))
		return VERDICT_UNKNOWN;
	*entry = match.entry;
	if (match.entry.confidence < least_confidence)
		return VERDICT_DOUBTFUL;
	struct store_match allowed;
	if (find(store, true, query, now_s, &allowed)) {
		*entry = allowed.entry;
		return VERDICT_ALLOWED;
	}
	return VERDICT_ALERT;
}
