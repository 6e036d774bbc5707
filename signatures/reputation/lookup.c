// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/lookup.h"

// What stands behind the last '@': a quoted local part may have others.
static struct span mail_domain(struct span address)
{
	uint32_t at = address.len;
	while (at && address.data[at - 1] != '@')
		at--;
	return span_from(address, at ? at : address.len);
}

static void ask_ahead(const struct store *store, bool allow, const struct named *named, struct lookup_ahead *out)
{
	switch (named->kind) {
	case INDICATOR_ADDRESS: store_ahead_address(store, allow, &named->address, &out->value); break;
	case INDICATOR_DOMAIN: store_ahead_domain(store, allow, named->value, &out->value); break;
	case INDICATOR_URL: store_ahead_url(store, allow, named->url, &out->value); break;
	case INDICATOR_EMAIL:
		store_ahead_domain(store, allow, mail_domain(named->value), &out->domain);
		store_ahead_value(store, allow, INDICATOR_EMAIL, named->value, &out->value);
		break;
	default: store_ahead_value(store, allow, (enum indicator_kind)named->kind, named->value, &out->value); break;
	}
}

static bool find(const struct store *store, bool allow, const struct named *named, const struct lookup_ahead *ahead,
	uint32_t now_s, struct store_match *out)
{
	const struct store_ahead *value = &ahead->value;
	switch (named->kind) {
	case INDICATOR_ADDRESS:
		return store_match_address_ahead(store, allow, &named->address, named->port, value, now_s, out);
	case INDICATOR_DOMAIN: return store_match_domain_ahead(store, allow, named->value, value, now_s, out);
	case INDICATOR_URL: return store_match_url_ahead(store, allow, named->url, value, now_s, out);
	case INDICATOR_EMAIL:
		return store_match_value_ahead(store, allow, INDICATOR_EMAIL, named->value, value, now_s, out) ||
		       store_match_domain_ahead(store, allow, mail_domain(named->value), &ahead->domain, now_s, out);
	default:
		return store_match_value_ahead(
			store, allow, (enum indicator_kind)named->kind, named->value, value, now_s, out);
	}
}

void lookup_ahead(const struct store *store, bool allow, const struct named *named, struct lookup_ahead *out)
{
	out->asked = named->value.len && (named->kind != INDICATOR_URL || named->url);
	if (out->asked)
		ask_ahead(store, allow, named, out);
}

static bool find_at_once(
	const struct store *store, bool allow, const struct named *named, uint32_t now_s, struct store_match *out)
{
	struct lookup_ahead ahead;
	lookup_ahead(store, allow, named, &ahead);
	return ahead.asked && find(store, allow, named, &ahead, now_s, out);
}

bool lookup_find(
	const struct store *store, bool allow, const struct named *named, uint32_t now_s, struct store_match *out)
{
	const struct lookup_ahead *ahead = named->ahead;
	if (allow || !ahead)
		return find_at_once(store, allow, named, now_s, out);
	return ahead->asked && find(store, allow, named, ahead, now_s, out);
}
