// SPDX-License-Identifier: GPL-3.0-or-later
#include <assert.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include "signatures/reputation/canonical.h"
#include "signatures/reputation/store_hash.h"
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

static inline uint64_t key_of(bool allow, enum indicator_kind kind, struct span value)
{
	return store_hash(value, store_more(kind, 0, 0)) ^ store_space(allow);
}

// Asks memory for what the filter has of a key.
static inline uint64_t asked(const struct store *store, uint64_t key)
{
	__builtin_prefetch(store_filter_block(store, key));
	return key;
}

static inline bool may_have(const struct store *store, uint64_t key)
{
	return store_block_has(store_filter_block(store, key), key);
}

// What was found of it, with the rest of out empty; a miss leaves out as it is. key: without that of its space.
static bool tell(const struct store *store, enum indicator_kind kind, uint64_t key,
	const struct store_file_entry *entry, uint32_t now_s, struct store_match *out)
{
	struct store_entry told;
	if (!store_tell(store, kind, key, entry, now_s, &told))
		return false;
	*out = (struct store_match) { .entry = told };
	return true;
}

// Of a key that the filter may have. Seldom: not where the misses go through.
__attribute__((noinline)) static bool find(const struct store *store, bool allow, enum indicator_kind kind,
	uint64_t key, uint32_t now_s, struct store_match *out)
{
	const struct store_file_entry *entry = store_entry_at(store, key);
	return entry && tell(store, kind, key ^ store_space(allow), entry, now_s, out);
}

static inline bool match(const struct store *store, bool allow, enum indicator_kind kind, uint64_t key, uint32_t now_s,
	struct store_match *out)
{
	return may_have(store, key) && find(store, allow, kind, key, now_s, out);
}

// One more that names the value: the most confident counts, of equally confident ones the first, which is the narrowest. Who asks for dropping is heard all
// the same, as where feeds list the same value. A list's entry that nobody believes hides none around it so.
void store_match_join(bool *any, const struct store_match *found, struct store_match *out)
{
	uint8_t drop = (found->entry.flags | (*any ? out->entry.flags : 0)) & INDICATOR_DROP;
	if (!*any || found->entry.confidence > out->entry.confidence)
		*out = *found;
	out->entry.flags |= drop;
	*any = true;
}

// Addresses ----------------------------------------------------------------------------------------------------------------------

__attribute__((noinline)) static void match_networks(const struct store *store, bool allow,
	const struct address *address, uint32_t now_s, bool *any, struct store_match *out)
{
	uint32_t low = 0, high = store->header->network_count[allow];
	const struct store_file_network *networks = store->networks[allow];
	struct store_match found;
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
		if (!tell(store, INDICATOR_NETWORK, key, &network->entry, now_s, &found))
			continue;
		found.address = first;
		found.bits = network->bits;
		store_match_join(any, &found, out);
	}
}

// Whoever is listed with a port is in the filter without one, too: so one line of it answers for all ports.
static void match_exactly(const struct store *store, bool allow, const struct address *address, uint16_t port,
	uint64_t key, uint32_t now_s, bool *any, struct store_match *out)
{
	struct span value = span_of(address->bytes, sizeof(address->bytes));
	struct store_match found;
	if (has_kind(store, allow, INDICATOR_ENDPOINT) && port &&
		match(store, allow, INDICATOR_ENDPOINT,
			store_key(INDICATOR_ENDPOINT, value, 0, port) ^ store_space(allow), now_s, &found)) {
		found.address = *address;
		found.bits = 128;
		found.port = port;
		store_match_join(any, &found, out);
	}
	if (find(store, allow, INDICATOR_ADDRESS, key, now_s, &found)) {
		found.address = *address;
		found.bits = 128;
		store_match_join(any, &found, out);
	}
}

void store_ahead_address(const struct store *store, bool allow, const struct address *address, struct store_ahead *out)
{
	struct span value = span_of(address->bytes, sizeof(address->bytes));
	out->allow = allow;
	out->count = has_kind(store, allow, INDICATOR_ENDPOINT) || has_kind(store, allow, INDICATOR_ADDRESS);
	if (out->count)
		out->keys[0] = asked(store, key_of(allow, INDICATOR_ADDRESS, value));
	if (store->bitmaps[allow])
		__builtin_prefetch(&store->bitmaps[allow][store_bitmap_bit(address) >> 3]);
}

bool store_match_address_ahead(const struct store *store, const struct address *address, uint16_t port,
	const struct store_ahead *ahead, uint32_t now_s, struct store_match *out)
{
	bool any = false;
	if (ahead->count && may_have(store, ahead->keys[0]))
		match_exactly(store, ahead->allow, address, port, ahead->keys[0], now_s, &any, out);
	const uint8_t *bitmap = store->bitmaps[ahead->allow];
	uint32_t bit = store_bitmap_bit(address);
	if (bitmap && bitmap[bit >> 3] >> (bit & 7) & 1)
		match_networks(store, ahead->allow, address, now_s, &any, out);
	return any;
}

bool store_match_address(const struct store *store, bool allow, const struct address *address, uint16_t port,
	uint32_t now_s, struct store_match *out)
{
	struct store_ahead ahead;
	store_ahead_address(store, allow, address, &ahead);
	return store_match_address_ahead(store, address, port, &ahead, now_s, out);
}

// Domains ------------------------------------------------------------------------------------------------------------------------

// A bit for each of eight bytes: it is a dot.
static inline uint64_t dots_of_eight(const uint8_t *bytes)
{
#ifdef __SSE2__
	__m128i eight = _mm_loadl_epi64((const __m128i *)(const void *)bytes);
	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(eight, _mm_set1_epi8('.'))); // the other eight are zero
#else
	const uint64_t low = 0x7f7f7f7f7f7f7f7full;
	uint64_t word;
	memcpy(&word, bytes, sizeof(word));
	word = le64toh(word) ^ 0x2e2e2e2e2e2e2e2eull;
	uint64_t tops = ~((word & low) + low) & ~word & ~low; // the top bit of each byte that is zero now
	return (tops >> 7) * 0x0102040810204080ull >> 56;
#endif
}

// The same of each byte of a name of at most DOTS_MAX. Without a branch a byte: the lengths of labels are what no processor can foresee, and this is done for
// every name there is.
#define DOTS_MAX 64u
static inline uint64_t dots_of(struct span name)
{
	uint64_t dots = 0;
	if (name.len >= 8) {
		dots = dots_of_eight(name.data + name.len - 8) << (name.len - 8);
		for (uint32_t i = 0; i + 8 < name.len; i += 8)
			dots |= dots_of_eight(name.data + i) << i;
	} else
		for (uint32_t i = 0; i < name.len; i++)
			dots |= (uint64_t)(name.data[i] == '.') << i;
	return dots;
}

// Where the labels of name begin that follow a dot, from the right, at most most.
static unsigned labels_of(struct span name, uint32_t *starts, unsigned most)
{
	unsigned count = 0;
	if (name.len <= DOTS_MAX) {
		for (uint64_t dots = dots_of(name); dots && count < most; count++) {
			uint32_t dot = 63u ^ (uint32_t)__builtin_clzll(dots);
			starts[count] = dot + 1;
			dots ^= 1ull << dot;
		}
		return count;
	}
	for (uint32_t i = name.len; i-- > 0 && count < most;)
		if (name.data[i] == '.')
			starts[count++] = i + 1;
	return count;
}

static_assert(STORE_AHEAD_KEYS > STORE_LABELS_MAX && STORE_AHEAD_KEYS > URL_PARENTS_MAX, "room for all");

static inline void ask_end(const struct store *store, struct span name, uint32_t start, struct store_ahead *out)
{
	struct span end = { name.data + start, name.len - start };
	out->starts[out->count] = start;
	out->keys[out->count++] = asked(store, key_of(out->allow, INDICATOR_DOMAIN, end));
}

// wanted: bit i, that some listed name has i + 1 labels; only ends of so many are looked up.
__attribute__((noinline)) static void ask_long(
	const struct store *store, struct span name, uint32_t wanted, struct store_ahead *out)
{
	uint32_t starts[STORE_AHEAD_KEYS];
	unsigned last = labels_of(name, starts, STORE_LABELS_MAX);
	starts[last] = 0;
	for (unsigned i = 0; i <= last; i++)
		if (wanted >> i & 1)
			ask_end(store, name, starts[i], out);
}

void store_ahead_domain(const struct store *store, bool allow, struct span name, struct store_ahead *out)
{
	uint32_t wanted = store->label_counts[allow] >> 1;
	out->count = 0;
	out->allow = allow;
	if (!name.len || !wanted)
		return;
	if (name.len > DOTS_MAX) {
		ask_long(store, name, wanted, out);
		return;
	}
	uint64_t dots = dots_of(name);
	for (unsigned labels = 1; wanted; wanted >>= 1, labels++) {
		uint32_t dot = dots && labels <= STORE_LABELS_MAX ? 63u ^ (uint32_t)__builtin_clzll(dots) : UINT32_MAX;
		if (wanted & 1)
			ask_end(store, name, dot + 1, out);
		if (dot == UINT32_MAX)
			return;
		dots ^= 1ull << dot;
	}
}

bool store_match_domain_ahead(const struct store *store, struct span name, const struct store_ahead *ahead,
	uint32_t now_s, struct store_match *out)
{
	struct store_match found;
	bool any = false;
	for (unsigned i = ahead->count; i-- > 0;) {
		if (!match(store, ahead->allow, INDICATOR_DOMAIN, ahead->keys[i], now_s, &found) ||
			found.entry.flags & (ahead->starts[i] ? INDICATOR_EXACT : INDICATOR_BELOW))
			continue;
		found.value = span_from(name, ahead->starts[i]);
		store_match_join(&any, &found, out);
	}
	return any;
}

bool store_match_domain(
	const struct store *store, bool allow, struct span name, uint32_t now_s, struct store_match *out)
{
	struct store_ahead ahead;
	store_ahead_domain(store, allow, name, &ahead);
	return store_match_domain_ahead(store, name, &ahead, now_s, out);
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
	bool any; // something was found
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
static void match_prefixes(struct url_search *search, uint32_t start, bool parent, struct store_match *out)
{
	struct store_match found;
	for (unsigned i = 0; i < search->end_count && search->lookups < URL_LOOKUPS_MAX; i++) {
		struct span value = span_slice(search->whole, start, search->ends[i] - start);
		search->lookups++;
		if (!match(search->store, search->allow, INDICATOR_URL, key_of(search->allow, INDICATOR_URL, value),
			    search->now_s, &found))
			continue;
		if (found.entry.flags & INDICATOR_EXACT && (parent || search->ends[i] < search->path_end))
			continue;
		found.value = value;
		store_match_join(&search->any, &found, out);
	}
}

static uint64_t mark_of(const struct store *store, bool allow, enum store_mark mark, struct span value)
{
	return asked(store, store_mark_key(mark, value) ^ store_space(allow));
}

// The parts of a URL that stand in the filter when some listed URL has them: its host, the host's parents (keys and starts; the first is the last label
// alone, and not asked for), and the path's first segment for those of any host. Key 0: not to be asked for.
void store_ahead_url(const struct store *store, bool allow, const struct canonical_url *url, struct store_ahead *out)
{
	uint32_t path = (uint32_t)(url->path.data - url->whole.data);
	out->host = out->anywhere = 0;
	out->count = 0;
	out->allow = allow;
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
	return key && may_have(store, key);
}

static void match_from(struct url_search *search, uint32_t start, bool parent, struct store_match *out)
{
	if (!search->end_count)
		find_ends(search);
	match_prefixes(search, start, parent, out);
}

bool store_match_url_ahead(const struct store *store, const struct canonical_url *url, const struct store_ahead *ahead,
	uint32_t now_s, struct store_match *out)
{
	struct url_search search;
	search.store = store; // not all of it: it is large, and seldom needed
	search.allow = ahead->allow;
	search.whole = url->whole;
	search.now_s = now_s;
	search.path = (uint32_t)(url->path.data - url->whole.data);
	search.path_end = search.path + url->path.len;
	search.end_count = search.lookups = 0;
	search.any = false;
	if (is_marked(store, ahead->host))
		match_from(&search, 0, false, out);
	for (unsigned i = ahead->count; i-- > 1;)
		if (is_marked(store, ahead->keys[i]))
			match_from(&search, ahead->starts[i], true, out);
	if (is_marked(store, ahead->anywhere))
		match_from(&search, search.path, false, out);
	return search.any;
}

bool store_match_url(
	const struct store *store, bool allow, const struct canonical_url *url, uint32_t now_s, struct store_match *out)
{
	struct store_ahead ahead;
	store_ahead_url(store, allow, url, &ahead);
	return store_match_url_ahead(store, url, &ahead, now_s, out);
}

// Values -------------------------------------------------------------------------------------------------------------------------

void store_ahead_value(
	const struct store *store, bool allow, enum indicator_kind kind, struct span value, struct store_ahead *out)
{
	out->allow = allow;
	out->count = kind < INDICATOR_KINDS && has_kind(store, allow, kind);
	if (out->count)
		out->keys[0] = asked(store, key_of(allow, kind, value));
}

bool store_match_value_ahead(const struct store *store, enum indicator_kind kind, struct span value,
	const struct store_ahead *ahead, uint32_t now_s, struct store_match *out)
{
	if (!ahead->count || !match(store, ahead->allow, kind, ahead->keys[0], now_s, out))
		return false;
	out->value = value;
	return true;
}

bool store_match_value(const struct store *store, bool allow, enum indicator_kind kind, struct span value,
	uint32_t now_s, struct store_match *out)
{
	struct store_ahead ahead;
	store_ahead_value(store, allow, kind, value, &ahead);
	return store_match_value_ahead(store, kind, value, &ahead, now_s, out);
}
