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

// Few values are mail addresses: not where all others go through.
__attribute__((noinline)) static void ask_mail(
	const struct store *store, bool allow, struct span address, struct lookup_ahead *out)
{
	store_ahead_domain(store, allow, mail_domain(address), &out->domain);
	store_ahead_value(store, allow, INDICATOR_EMAIL, address, &out->value);
}

__attribute__((noinline)) static bool find_mail(const struct store *store, struct span address,
	const struct lookup_ahead *ahead, uint32_t now_s, struct store_match *out)
{
	struct store_match found;
	bool any = store_match_value_ahead(store, INDICATOR_EMAIL, address, &ahead->value, now_s, out);
	if (store_match_domain_ahead(store, mail_domain(address), &ahead->domain, now_s, &found))
		store_match_join(&any, &found, out);
	return any;
}

void lookup_ahead(const struct store *store, bool allow, const struct named *named, struct lookup_ahead *out)
{
	struct store_ahead *value = &out->value;
	out->asked = named->value.len && (named->kind != INDICATOR_URL || named->url);
	if (!out->asked)
		return;
	switch (named->kind) {
	case INDICATOR_ADDRESS: store_ahead_address(store, allow, &named->address, value); break;
	case INDICATOR_DOMAIN: store_ahead_domain(store, allow, named->value, value); break;
	case INDICATOR_URL: store_ahead_url(store, allow, named->url, value); break;
	case INDICATOR_EMAIL: ask_mail(store, allow, named->value, out); break;
	default: store_ahead_value(store, allow, (enum indicator_kind)named->kind, named->value, value); break;
	}
}

static inline bool find(const struct store *store, const struct named *named, const struct lookup_ahead *ahead,
	uint32_t now_s, struct store_match *out)
{
	const struct store_ahead *value = &ahead->value;
	if (!ahead->asked)
		return false;
	switch (named->kind) {
	case INDICATOR_ADDRESS:
		return store_match_address_ahead(store, &named->address, named->port, value, now_s, out);
	case INDICATOR_DOMAIN: return store_match_domain_ahead(store, named->value, value, now_s, out);
	case INDICATOR_URL: return store_match_url_ahead(store, named->url, value, now_s, out);
	case INDICATOR_EMAIL: return find_mail(store, named->value, ahead, now_s, out);
	default:
		return store_match_value_ahead(
			store, (enum indicator_kind)named->kind, named->value, value, now_s, out);
	}
}

__attribute__((noinline)) static bool find_at_once(
	const struct store *store, bool allow, const struct named *named, uint32_t now_s, struct store_match *out)
{
	struct lookup_ahead ahead;
	lookup_ahead(store, allow, named, &ahead);
	return find(store, named, &ahead, now_s, out);
}

bool lookup_find(
	const struct store *store, bool allow, const struct named *named, uint32_t now_s, struct store_match *out)
{
	if (allow || !named->ahead)
		return find_at_once(store, allow, named, now_s, out);
	return find(store, named, named->ahead, now_s, out);
}
