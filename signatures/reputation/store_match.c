// SPDX-License-Identifier: GPL-3.0-or-later
#include <assert.h>
#include "signatures/reputation/canonical.h"
#include "signatures/reputation/store_state.h"

#define URL_PARENTS_MAX 6
#define URL_LEVELS_MAX  6 // of a path, from its beginning
#define URL_CUTS_MAX    8 // of a query, from its beginning
#define URL_ENDS_MAX    (1 + URL_CUTS_MAX + 1 + 2 * URL_LEVELS_MAX + 1)
#define URL_LOOKUPS_MAX 64

static inline bool has_kind(const struct store *store, bool allow, enum indicator_kind kind)
{
	return store->kinds[allow] >> kind & 1;
}

static void ask(const struct store *store, bool allow, uint64_t key)
{
	__builtin_prefetch(store_filter_block(store, key ^ store_space(allow)));
}

// What was found of it, with the rest of out empty; a miss leaves out as it is.
static bool tell(const struct store *store, enum indicator_kind kind, uint64_t key,
	const struct store_file_entry *entry, uint32_t now_s, struct store_match *out)
{
	struct store_entry told;
	if (!store_tell(store, kind, key, entry, now_s, &told))
		return false;
	*out = (struct store_match) { .entry = told };
	return true;
}

static bool match(const struct store *store, bool allow, enum indicator_kind kind, uint64_t key, uint32_t now_s,
	struct store_match *out)
{
	const struct store_file_entry *entry = store_look(store, key ^ store_space(allow));
	return entry && tell(store, kind, key, entry, now_s, out);
}

// Addresses ----------------------------------------------------------------------------------------------------------------------

static bool match_network(
	const struct store *store, bool allow, const struct address *address, uint32_t now_s, struct store_match *out)
{
	uint32_t bit = store_bitmap_bit(address);
	if (!(store->bitmaps[allow][bit >> 3] >> (bit & 7) & 1))
		return false;
	uint32_t low = 0, high = store->header->network_count[allow];
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
		if (tell(store, INDICATOR_NETWORK, key, &network->entry, now_s, out)) {
			out->address = first;
			out->bits = network->bits;
			return true;
		}
	}
	return false;
}

// Whoever is listed with a port is in the filter without one, too: so one line of it answers for all ports.
static bool match_exactly(const struct store *store, bool allow, const struct address *address, uint16_t port,
	uint64_t key, uint32_t now_s, struct store_match *out)
{
	struct span value = span_of(address->bytes, sizeof(address->bytes));
	bool endpoints = has_kind(store, allow, INDICATOR_ENDPOINT);
	uint64_t here = key ^ store_space(allow);
	if (!store_block_has(store_filter_block(store, here), here))
		return false;
	bool endpoint =
		endpoints && port &&
		match(store, allow, INDICATOR_ENDPOINT, store_key(INDICATOR_ENDPOINT, value, 0, port), now_s, out);
	const struct store_file_entry *entry = endpoint ? NULL : store_entry_at(store, here);
	if (!endpoint && !(entry && tell(store, INDICATOR_ADDRESS, key, entry, now_s, out)))
		return false;
	out->address = *address;
	out->bits = 128;
	out->port = endpoint ? port : 0;
	return true;
}

void store_ahead_address(const struct store *store, bool allow, const struct address *address, struct store_ahead *out)
{
	out->wanted = has_kind(store, allow, INDICATOR_ENDPOINT) || has_kind(store, allow, INDICATOR_ADDRESS);
	if (out->wanted) {
		out->keys[0] = store_key(INDICATOR_ADDRESS, span_of(address->bytes, sizeof(address->bytes)), 0, 0);
		ask(store, allow, out->keys[0]);
	}
	if (store->bitmaps[allow])
		__builtin_prefetch(&store->bitmaps[allow][store_bitmap_bit(address) >> 3]);
}

bool store_match_address_ahead(const struct store *store, bool allow, const struct address *address, uint16_t port,
	const struct store_ahead *ahead, uint32_t now_s, struct store_match *out)
{
	return (ahead->wanted && match_exactly(store, allow, address, port, ahead->keys[0], now_s, out)) ||
	       (store->bitmaps[allow] && match_network(store, allow, address, now_s, out));
}

bool store_match_address(const struct store *store, bool allow, const struct address *address, uint16_t port,
	uint32_t now_s, struct store_match *out)
{
	struct store_ahead ahead;
	store_ahead_address(store, allow, address, &ahead);
	return store_match_address_ahead(store, allow, address, port, &ahead, now_s, out);
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

static_assert(STORE_AHEAD_KEYS > STORE_LABELS_MAX && STORE_AHEAD_KEYS > URL_PARENTS_MAX, "room for all");

// Bit i of wanted is an end of i + 1 labels, of which some listed name has as many. The whole name's line is asked for first: it is the one that nobody has
// asked for before.
void store_ahead_domain(const struct store *store, bool allow, struct span name, struct store_ahead *out)
{
	out->wanted = 0;
	if (!name.len || !has_kind(store, allow, INDICATOR_DOMAIN))
		return;
	unsigned count = labels_of(name, out->starts, STORE_LABELS_MAX);
	out->starts[count++] = 0;
	out->wanted = store->label_counts[allow] >> 1 & ((1u << count) - 1);
	for (uint32_t rest = out->wanted; rest;) {
		unsigned i = 31 - (unsigned)__builtin_clz(rest);
		rest ^= 1u << i;
		out->keys[i] = store_key(INDICATOR_DOMAIN, span_from(name, out->starts[i]), 0, 0);
		ask(store, allow, out->keys[i]);
	}
}

bool store_match_domain_ahead(const struct store *store, bool allow, struct span name, const struct store_ahead *ahead,
	uint32_t now_s, struct store_match *out)
{
	for (uint32_t rest = ahead->wanted; rest;) {
		unsigned i = 31 - (unsigned)__builtin_clz(rest);
		rest ^= 1u << i;
		if (!match(store, allow, INDICATOR_DOMAIN, ahead->keys[i], now_s, out) ||
			out->entry.flags & (ahead->starts[i] ? INDICATOR_EXACT : INDICATOR_BELOW))
			continue;
		out->value = span_from(name, ahead->starts[i]);
		return true;
	}
	return false;
}

bool store_match_domain(
	const struct store *store, bool allow, struct span name, uint32_t now_s, struct store_match *out)
{
	struct store_ahead ahead;
	store_ahead_domain(store, allow, name, &ahead);
	return store_match_domain_ahead(store, allow, name, &ahead, now_s, out);
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

static uint64_t mark_of(const struct store *store, bool allow, enum store_mark mark, struct span value)
{
	uint64_t key = store_mark_key(mark, value) ^ store_space(allow);
	__builtin_prefetch(store_filter_block(store, key));
	return key;
}

// The parts of a URL that stand in the filter when some listed URL has them: its host, the host's parents (keys and starts; the first is the last label
// alone, and not asked for), and the path's first segment for those of any host. Key 0: not to be asked for.
void store_ahead_url(const struct store *store, bool allow, const struct canonical_url *url, struct store_ahead *out)
{
	uint32_t path = (uint32_t)(url->path.data - url->whole.data);
	out->host = out->anywhere = 0;
	out->count = 0;
	if (!url->path.len || !has_kind(store, allow, INDICATOR_URL))
		return;
	if (path)
		out->host = mark_of(store, allow, STORE_MARK_HOST, span_slice(url->whole, 0, path));
	out->count = url->host_is_address ? 0 : labels_of(url->host, out->starts, URL_PARENTS_MAX + 1);
	for (unsigned i = out->count; i-- > 1;)
		out->keys[i] = mark_of(
			store, allow, STORE_MARK_HOST, span_slice(url->whole, out->starts[i], path - out->starts[i]));
	if (store->anywhere[allow])
		out->anywhere = mark_of(store, allow, STORE_MARK_ANYWHERE, store_first_segment(url->path));
}

static bool is_marked(const struct store *store, uint64_t key)
{
	return key && store_block_has(store_filter_block(store, key), key);
}

static bool match_from(struct url_search *search, uint32_t start, bool parent, struct store_match *out)
{
	if (!search->end_count)
		find_ends(search);
	return match_prefixes(search, start, parent, out);
}

bool store_match_url_ahead(const struct store *store, bool allow, const struct canonical_url *url,
	const struct store_ahead *ahead, uint32_t now_s, struct store_match *out)
{
	struct url_search search;
	search.store = store; // not all of it: it is large, and seldom needed
	search.allow = allow;
	search.whole = url->whole;
	search.now_s = now_s;
	search.path = (uint32_t)(url->path.data - url->whole.data);
	search.path_end = search.path + url->path.len;
	search.end_count = search.lookups = 0;
	if (is_marked(store, ahead->host) && match_from(&search, 0, false, out))
		return true;
	for (unsigned i = ahead->count; i-- > 1;)
		if (is_marked(store, ahead->keys[i]) && match_from(&search, ahead->starts[i], true, out))
			return true;
	return is_marked(store, ahead->anywhere) && match_from(&search, search.path, false, out);
}

bool store_match_url(
	const struct store *store, bool allow, const struct canonical_url *url, uint32_t now_s, struct store_match *out)
{
	struct store_ahead ahead;
	store_ahead_url(store, allow, url, &ahead);
	return store_match_url_ahead(store, allow, url, &ahead, now_s, out);
}

// Values -------------------------------------------------------------------------------------------------------------------------

void store_ahead_value(
	const struct store *store, bool allow, enum indicator_kind kind, struct span value, struct store_ahead *out)
{
	out->wanted = kind < INDICATOR_KINDS && has_kind(store, allow, kind);
	if (!out->wanted)
		return;
	out->keys[0] = store_key(kind, value, 0, 0);
	ask(store, allow, out->keys[0]);
}

bool store_match_value_ahead(const struct store *store, bool allow, enum indicator_kind kind, struct span value,
	const struct store_ahead *ahead, uint32_t now_s, struct store_match *out)
{
	if (!ahead->wanted || !match(store, allow, kind, ahead->keys[0], now_s, out))
		return false;
	out->value = value;
	return true;
}

bool store_match_value(const struct store *store, bool allow, enum indicator_kind kind, struct span value,
	uint32_t now_s, struct store_match *out)
{
	struct store_ahead ahead;
	store_ahead_value(store, allow, kind, value, &ahead);
	return store_match_value_ahead(store, allow, kind, value, &ahead, now_s, out);
}
