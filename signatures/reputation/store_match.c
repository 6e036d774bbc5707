// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/canonical.h"
#include "signatures/reputation/store_map.h"

#define URL_PARENTS_MAX 6
#define URL_LEVELS_MAX  6 // of a path, from its beginning
#define URL_CUTS_MAX    8 // of a query, from its beginning
#define URL_ENDS_MAX    (1 + URL_CUTS_MAX + 1 + 2 * URL_LEVELS_MAX + 1)
#define URL_LOOKUPS_MAX 64

static inline bool has_kind(const struct store *store, bool allow, enum indicator_kind kind)
{
	return store->header->kind_count[allow][kind] != 0;
}

// What was found of it, with the rest of out empty; a miss leaves out as it is.
static bool match(const struct store *store, bool allow, enum indicator_kind kind, uint64_t key, uint32_t now_s,
	struct store_match *out)
{
	const struct store_file_entry *entry = store_look(store, key ^ store_space(allow));
	if (!entry)
		return false;
	*out = (struct store_match) { 0 };
	return store_tell(store, kind, key, entry, now_s, &out->entry);
}

// Addresses ----------------------------------------------------------------------------------------------------------------------

static bool match_network(
	const struct store *store, bool allow, const struct address *address, uint32_t now_s, struct store_match *out)
{
	uint32_t bit = store_bitmap_bit(address), low = 0, high = store->header->network_count[allow];
	if (!(store->bitmaps[allow][bit >> 3] >> (bit & 7) & 1))
		return false;
	const struct store_file_network *networks = store->networks[allow];
	while (low < high) { // the last network that begins at or before address
		uint32_t middle = low + (high - low) / 2;
		if (memcmp(networks[middle].address, address->bytes, 16) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (uint32_t at = low; at; at = networks[at - 1].parent) {
		const struct store_file_network *network = &networks[at - 1];
		struct address first = address_v6(network->address);
		if (!address_in(address, &first, network->bits))
			continue;
		uint64_t key = store_key(INDICATOR_NETWORK, span_of(network->address, 16), network->bits, 0);
		*out = (struct store_match) { .address = first };
		if (store_tell(store, INDICATOR_NETWORK, key, &network->entry, now_s, &out->entry)) {
			out->bits = network->bits;
			return true;
		}
	}
	return false;
}

bool store_match_address(const struct store *store, bool allow, const struct address *address, uint16_t port,
	uint32_t now_s, struct store_match *out)
{
	struct span value = span_of(address->bytes, sizeof(address->bytes));
	bool endpoint =
		port && has_kind(store, allow, INDICATOR_ENDPOINT) &&
		match(store, allow, INDICATOR_ENDPOINT, store_key(INDICATOR_ENDPOINT, value, 0, port), now_s, out);
	if (endpoint || (has_kind(store, allow, INDICATOR_ADDRESS) &&
				match(store, allow, INDICATOR_ADDRESS, store_key(INDICATOR_ADDRESS, value, 0, 0), now_s,
					out))) {
		out->address = *address;
		out->bits = 128;
		out->port = endpoint ? port : 0;
		return true;
	}
	return store->header->network_count[allow] && match_network(store, allow, address, now_s, out);
}

// Domains ------------------------------------------------------------------------------------------------------------------------

// A bit for each of eight bytes: it is a dot.
static uint64_t dots_of_eight(const uint8_t *bytes)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7full;
	uint64_t word;
	memcpy(&word, bytes, sizeof(word));
	word ^= 0x2e2e2e2e2e2e2e2eull;
	uint64_t tops = ~((word & low) + low) & ~word & ~low; // the top bit of each byte that is zero now
	return (tops >> 7) * 0x0102040810204080ull >> 56;
}

// Where the labels of name begin that follow a dot, from the right, at most most. Without a branch a byte: the lengths of labels are what no processor can
// foresee, and this is done for every name there is.
static unsigned labels_of(struct span name, uint32_t *starts, unsigned most)
{
	unsigned count = 0;
	if (name.len >= 8 && name.len <= 64 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) {
		uint64_t dots = dots_of_eight(name.data + name.len - 8) << (name.len - 8);
		for (uint32_t i = 0; i + 8 < name.len; i += 8)
			dots |= dots_of_eight(name.data + i) << i;
		for (; dots && count < most; count++) {
			starts[count] = 64 - (uint32_t)__builtin_clzll(dots);
			dots &= ~(1ull << (starts[count] - 1));
		}
		return count;
	}
	for (uint32_t i = name.len; i-- > 0 && count < most;)
		if (name.data[i] == '.')
			starts[count++] = i + 1;
	return count;
}

bool store_match_domain(
	const struct store *store, bool allow, struct span name, uint32_t now_s, struct store_match *out)
{
	uint32_t starts[STORE_LABELS_MAX + 1];
	uint64_t keys[STORE_LABELS_MAX + 1];
	if (!name.len || !has_kind(store, allow, INDICATOR_DOMAIN))
		return false;
	unsigned count = labels_of(name, starts, STORE_LABELS_MAX);
	starts[count++] = 0;
	// Bit i: an end of i + 1 labels, of which some listed name has as many
	uint32_t wanted = store->header->label_counts[allow] >> 1 & ((1u << count) - 1);
	// The whole name first: it is the one whose line nobody has asked for before
	for (uint32_t rest = wanted; rest;) {
		unsigned i = 31 - (unsigned)__builtin_clz(rest);
		rest ^= 1u << i;
		keys[i] = store_key(INDICATOR_DOMAIN, span_from(name, starts[i]), 0, 0);
		__builtin_prefetch(store_filter_block(store, keys[i] ^ store_space(allow)));
	}
	while (wanted) {
		unsigned i = 31 - (unsigned)__builtin_clz(wanted);
		wanted ^= 1u << i;
		if (!match(store, allow, INDICATOR_DOMAIN, keys[i], now_s, out) ||
			out->entry.flags & (starts[i] ? INDICATOR_EXACT : INDICATOR_BELOW))
			continue;
		out->value = span_from(name, starts[i]);
		return true;
	}
	return false;
}

// URLs ---------------------------------------------------------------------------------------------------------------------------

// A search of one URL. Offsets are those of its whole text.
struct url_search {
	const struct store *store;
	bool allow;
	struct span whole;
	uint32_t now_s;
	uint32_t path, path_end;     // of the path
	uint32_t ends[URL_ENDS_MAX]; // where what is looked up ends, the longest first
	unsigned end_count, lookups;
};

static void add_end(struct url_search *search, uint32_t end)
{
	if (search->end_count && search->ends[search->end_count - 1] == end)
		return;
	search->ends[search->end_count++] = end;
}

static void find_ends(struct url_search *search)
{
	struct span whole = search->whole;
	uint32_t cuts[URL_CUTS_MAX], slashes[URL_LEVELS_MAX];
	unsigned cut_count = 0, slash_count = 0;
	for (uint32_t i = search->path_end; i < whole.len && cut_count < URL_CUTS_MAX; i++) {
		if (whole.data[i] == '&')
			cuts[cut_count++] = i;
		else if (whole.data[i] == '=' || i == search->path_end)
			cuts[cut_count++] = i + 1;
	}
	for (uint32_t i = search->path + 1; i < search->path_end && slash_count < URL_LEVELS_MAX; i++)
		if (whole.data[i] == '/')
			slashes[slash_count++] = i;
	add_end(search, whole.len);
	while (cut_count)
		add_end(search, cuts[--cut_count]);
	add_end(search, search->path_end);
	while (slash_count) {
		add_end(search, slashes[--slash_count] + 1);
		add_end(search, slashes[slash_count]);
	}
	add_end(search, search->path + 1);
}

// All prefixes of what begins at start. parent: it is not the URL's own host.
static bool match_prefixes(struct url_search *search, uint32_t start, bool parent, struct store_match *out)
{
	for (unsigned i = 0; i < search->end_count && search->lookups < URL_LOOKUPS_MAX; i++) {
		struct span value = span_slice(search->whole, start, search->ends[i] - start);
		search->lookups++;
		if (!match(search->store, search->allow, INDICATOR_URL, store_key(INDICATOR_URL, value, 0, 0),
			    search->now_s, out))
			continue;
		if (out->entry.flags & INDICATOR_EXACT && (parent || search->ends[i] < search->path_end))
			continue;
		out->value = value;
		return true;
	}
	return false;
}

static bool has_mark(const struct url_search *search, enum store_mark mark, struct span value)
{
	uint64_t key = store_mark_key(mark, value) ^ store_space(search->allow);
	return store_block_has(store_filter_block(search->store, key), key);
}

bool store_match_url(
	const struct store *store, bool allow, const struct canonical_url *url, uint32_t now_s, struct store_match *out)
{
	if (!url->path.len || !has_kind(store, allow, INDICATOR_URL))
		return false;
	struct url_search search = { .store = store, .allow = allow, .whole = url->whole, .now_s = now_s };
	search.path = (uint32_t)(url->path.data - url->whole.data);
	search.path_end = search.path + url->path.len;
	uint32_t starts[URL_PARENTS_MAX + 1]; // the first is the host's last label alone, and not asked for
	unsigned parents = url->host_is_address ? 0 : labels_of(url->host, starts, URL_PARENTS_MAX + 1);
	bool host = search.path && has_mark(&search, STORE_MARK_HOST, span_slice(url->whole, 0, search.path));
	if (host) {
		find_ends(&search);
		if (match_prefixes(&search, 0, false, out))
			return true;
	}
	while (parents > 1) {
		uint32_t start = starts[--parents];
		if (!has_mark(&search, STORE_MARK_HOST, span_slice(url->whole, start, search.path - start)))
			continue;
		if (!search.end_count)
			find_ends(&search);
		if (match_prefixes(&search, start, true, out))
			return true;
	}
	if (!store->header->anywhere_count[allow] ||
		!has_mark(&search, STORE_MARK_ANYWHERE, store_first_segment(url->path)))
		return false;
	if (!search.end_count)
		find_ends(&search);
	return match_prefixes(&search, search.path, false, out);
}

bool store_match_value(const struct store *store, bool allow, enum indicator_kind kind, struct span value,
	uint32_t now_s, struct store_match *out)
{
	if (kind >= INDICATOR_KINDS || !has_kind(store, allow, kind))
		return false;
	if (!match(store, allow, kind, store_key(kind, value, 0, 0), now_s, out))
		return false;
	out->value = value;
	return true;
}
