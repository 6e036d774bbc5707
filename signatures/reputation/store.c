// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/store.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include "signatures/reputation/store_state.h"

#define LARGE_PAGE ((uint64_t)2 << 20)
#define READ_BYTES ((size_t)16 << 20) // at a time

// Opening ------------------------------------------------------------------------------------------------------------------------

static const char *header_wrong(const struct store_header *header, uint64_t bytes)
{
	if (bytes < sizeof(*header) || header->magic != STORE_MAGIC)
		return "no store of indicators";
	if (header->byte_order != STORE_BYTE_ORDER)
		return "written by a machine of another byte order";
	if (header->version != STORE_VERSION)
		return "of another version: build it again";
	if (header->header_hash != XXH3_64bits(header, offsetof(struct store_header, header_hash)))
		return "damaged: the header's checksum is wrong";
	if (header->file_bytes != bytes)
		return "damaged: cut short, or longer than it says";
	return NULL;
}

static bool buckets_good(const struct store *store)
{
	uint64_t count = 1ull << store->header->bucket_bits;
	uint32_t before = 0;
	for (uint64_t i = 0; i <= count; i++) {
		if (store->buckets[i] < before)
			return false;
		before = store->buckets[i];
	}
	return before == store->header->entry_count;
}

static bool entries_good(const struct store *store)
{
	uint32_t most = 0; // no branch an entry
	for (uint64_t i = 0; i < store->header->entry_count; i++)
		most = store->entries[i].set > most ? store->entries[i].set : most;
	return !store->header->entry_count || most < store->header->set_count;
}

// Parents lie before, and are wider: whoever follows them comes to an end, after 128 steps at most.
static bool networks_good(const struct store *store, bool allow)
{
	const struct store_file_network *networks = store->networks[allow];
	for (uint32_t i = 0; i < store->header->network_count[allow]; i++) {
		const struct store_file_network *network = &networks[i];
		if (network->entry.set >= store->header->set_count || network->bits > 128 || network->parent > i ||
			(network->parent && networks[network->parent - 1].bits >= network->bits))
			return false;
	}
	return true;
}

static bool sets_good(const struct store *store)
{
	const struct store_header *header = store->header;
	for (uint32_t i = 0; i < header->set_count; i++) {
		const struct store_file_set *set = &store->sets[i];
		if (!set->count || (uint64_t)set->first + set->count > header->source_count)
			return false;
	}
	for (uint32_t i = 0; i < header->source_count; i++) {
		const struct store_file_source *source = &store->sources[i];
		if (source->feed >= header->feed_count || source->family >= header->text_count ||
			source->technique >= header->text_count || source->confidence > INDICATOR_CONFIDENCE_MAX)
			return false;
	}
	return true;
}

static bool texts_good(const struct store *store)
{
	const struct store_header *header = store->header;
	uint32_t before = 0;
	for (uint64_t i = 0; i <= header->text_count; i++) {
		if (store->text_offsets[i] < before)
			return false;
		before = store->text_offsets[i];
	}
	for (uint32_t i = 0; i < header->feed_count; i++)
		if (store->feeds[i] >= header->text_count)
			return false;
	return before == header->text_bytes;
}

static void place(struct store *store, const struct store_layout *layout)
{
	const uint8_t *base = store->base;
	const struct store_header *header = store->header;
	store->filter = (const uint64_t *)(const void *)(base + layout->filter);
	store->filter_blocks = header->filter_blocks;
	store->buckets = (const uint32_t *)(const void *)(base + layout->buckets);
	store->keys = (const uint64_t *)(const void *)(base + layout->keys);
	store->entries = (const struct store_file_entry *)(const void *)(base + layout->entries);
	for (unsigned allow = 0; allow < 2; allow++) {
		store->networks[allow] =
			(const struct store_file_network *)(const void *)(base + layout->networks[allow]);
		store->bitmaps[allow] = header->network_count[allow] ? base + layout->bitmaps[allow] : NULL;
		store->label_counts[allow] = header->label_counts[allow];
		store->anywhere[allow] = header->anywhere_count[allow] != 0;
		for (unsigned kind = 0; kind < INDICATOR_KINDS; kind++)
			store->kinds[allow] |= (uint32_t)(header->kind_count[allow][kind] != 0) << kind;
	}
	store->sets = (const struct store_file_set *)(const void *)(base + layout->sets);
	store->sources = (const struct store_file_source *)(const void *)(base + layout->sources);
	store->feeds = (const uint32_t *)(const void *)(base + layout->feeds);
	store->text_offsets = (const uint32_t *)(const void *)(base + layout->text_offsets);
	store->texts = base + layout->texts;
}

static const char *what_is_wrong(struct store *store)
{
	struct store_layout layout;
	const char *wrong = header_wrong(store->header, store->bytes);
	if (wrong)
		return wrong;
	if (!store_layout_of(store->header, &layout) || layout.end != store->bytes)
		return "damaged: cut short, or longer than it says";
	if (XXH3_64bits(store->base + sizeof(struct store_header), store->bytes - sizeof(struct store_header)) !=
		store->header->body_hash)
		return "damaged: the checksum is wrong";
	place(store, &layout);
	if (!buckets_good(store) || !entries_good(store) || !networks_good(store, false) ||
		!networks_good(store, true) || !sets_good(store) || !texts_good(store))
		return "damaged: a number in it is out of bounds";
	return NULL;
}

static struct store *checked(struct store *store, const char *name, const char *wrong, char *error, size_t size)
{
	if (!wrong)
		wrong = what_is_wrong(store);
	if (!wrong)
		return store;
	snprintf(error, size, "%s: %s", name, wrong);
	store_close(store);
	return NULL;
}

static struct store *new_store(void)
{
	struct store *store = aligned_alloc(alignof(struct store), sizeof(*store));
	if (store)
		memset(store, 0, sizeof(*store));
	return store;
}

static struct store *over(const void *bytes, uint64_t len)
{
	struct store *store = new_store();
	if (store) {
		store->header = bytes;
		store->base = bytes;
		store->bytes = len;
	}
	return store;
}

struct store *store_over(const void *bytes, uint64_t len, char *error, size_t size)
{
	struct store *store = over(bytes, len);
	return checked(store, "bytes", store ? NULL : "out of memory", error, size);
}

// Memory of the process's own, and in large pages: each question touches another page, and with small ones finding the page costs more than reading the
// line. NULL: none.
static void *take_room(uint64_t len, struct store *store)
{
	store->room_bytes = len < LARGE_PAGE ? len : (len + 2 * LARGE_PAGE - 1) & ~(uint64_t)(LARGE_PAGE - 1);
	void *room = mmap(NULL, store->room_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED)
		return NULL;
	store->room = room;
	if (len < LARGE_PAGE)
		return room;
	(void)madvise(room, store->room_bytes, MADV_HUGEPAGE);
	return (void *)(((uintptr_t)room + LARGE_PAGE - 1) & ~(uintptr_t)(LARGE_PAGE - 1));
}

static const char *read_whole(int fd, void *out, uint64_t len)
{
	uint8_t *at = out;
	while (len) {
		ssize_t got = read(fd, at, len < READ_BYTES ? len : READ_BYTES);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? strerror(errno) : "damaged: cut short, or longer than it says";
		at += got;
		len -= (uint64_t)got;
	}
	return NULL;
}

// The header alone, at the file's begin; *bytes: how long the file is. NULL, or what is wrong with it.
static const char *read_header(int fd, struct store_header *header, uint64_t *bytes)
{
	struct stat facts;
	struct store_layout layout;
	if (fstat(fd, &facts) != 0)
		return strerror(errno);
	if (!S_ISREG(facts.st_mode) || facts.st_size < (off_t)sizeof(*header))
		return "no store of indicators";
	const char *wrong = read_whole(fd, header, sizeof(*header));
	*bytes = (uint64_t)facts.st_size;
	if (!wrong)
		wrong = header_wrong(header, *bytes);
	if (!wrong && (!store_layout_of(header, &layout) || layout.end != *bytes))
		wrong = "damaged: cut short, or longer than it says";
	return wrong;
}

static const char *read_store(int fd, struct store *store)
{
	struct store_header header;
	const char *wrong = read_header(fd, &header, &store->bytes);
	if (wrong)
		return wrong;
	uint8_t *bytes = take_room(store->bytes, store);
	if (!bytes)
		return "out of memory";
	memcpy(bytes, &header, sizeof(header));
	wrong = read_whole(fd, bytes + sizeof(header), store->bytes - sizeof(header));
	store->header = (const struct store_header *)(const void *)bytes;
	store->base = bytes;
	mprotect(store->room, store->room_bytes, PROT_READ);
	return wrong;
}

static int open_file(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a pipe in its place is not waited for
}

struct store *store_open(const char *path, char *error, size_t size)
{
	int fd = open_file(path);
	if (fd < 0)
		return checked(NULL, path, strerror(errno), error, size);
	struct store *store = new_store();
	const char *wrong = store ? read_store(fd, store) : "out of memory";
	close(fd);
	return checked(store, path, wrong, error, size);
}

void store_close(struct store *store)
{
	if (!store)
		return;
	if (store->room)
		munmap(store->room, store->room_bytes);
	free(store);
}

static void facts_of(const struct store_header *header, uint64_t bytes, struct store_facts *out)
{
	*out = (struct store_facts) {
		.bytes = bytes,
		.filter_bytes = header->filter_blocks * STORE_BLOCK_BYTES,
		.feeds = header->feed_count,
		.built_s = header->built_s,
		.digest = header->digest,
	};
	for (unsigned kind = 0; kind < INDICATOR_KINDS; kind++) {
		out->by_kind[kind] = header->kind_count[0][kind];
		out->allowed += header->kind_count[1][kind];
		out->entries += header->kind_count[0][kind] + header->kind_count[1][kind];
	}
}

bool store_peek(const char *path, struct store_facts *out, char *error, size_t size)
{
	struct store_header header;
	uint64_t bytes;
	int fd = open_file(path);
	const char *wrong = fd < 0 ? strerror(errno) : read_header(fd, &header, &bytes);
	if (fd >= 0)
		close(fd);
	if (wrong)
		snprintf(error, size, "%s: %s", path, wrong);
	else
		facts_of(&header, bytes, out);
	return !wrong;
}

void store_facts(const struct store *store, struct store_facts *out)
{
	facts_of(store->header, store->bytes, out);
}

// Entries ------------------------------------------------------------------------------------------------------------------------

static struct span text_of(const struct store *store, uint32_t text)
{
	uint32_t begin = store->text_offsets[text];
	return (struct span) { store->texts + begin, store->text_offsets[text + 1] - begin };
}

bool store_tell(const struct store *store, enum indicator_kind kind, uint64_t key, const struct store_file_entry *entry,
	uint32_t now_s, struct store_entry *out)
{
	if (entry->expiry_s && entry->expiry_s <= now_s)
		return false;
	const struct store_file_set *set = &store->sets[entry->set];
	*out = (struct store_entry) {
		.kind = (uint8_t)kind,
		.flags = set->flags,
		.confidence = set->confidence,
		.source_count = set->count,
		.set = entry->set,
		.first_seen_s = entry->first_seen_s,
		.expiry_s = entry->expiry_s,
		.key = key,
	};
	for (unsigned i = 0; i < set->count && (!out->family.len || !out->technique.len); i++) {
		const struct store_file_source *source = &store->sources[set->first + i];
		if (!out->family.len)
			out->family = text_of(store, source->family);
		if (!out->technique.len)
			out->technique = text_of(store, source->technique);
	}
	return true;
}

bool store_source(const struct store *store, const struct store_entry *entry, unsigned n, struct store_source *out)
{
	if (entry->set >= store->header->set_count || n >= store->sets[entry->set].count)
		return false;
	const struct store_file_source *source = &store->sources[store->sets[entry->set].first + n];
	*out = (struct store_source) {
		.feed = text_of(store, store->feeds[source->feed]),
		.family = text_of(store, source->family),
		.confidence = (uint8_t)source->confidence,
	};
	return true;
}

const struct store_file_entry *store_entry_at(const struct store *store, uint64_t key)
{
	uint32_t bucket = store_bucket(key, store->header->bucket_bits);
	uint32_t low = store->buckets[bucket], end = store->buckets[bucket + 1], high = end;
	if (low < end)
		__builtin_prefetch(&store->entries[low]); // likely it is here: the filter said so
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (store->keys[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < end && store->keys[low] == key ? &store->entries[low] : NULL;
}

static bool find_network(
	const struct store *store, const struct indicator *wanted, uint32_t now_s, struct store_entry *out)
{
	bool allow = wanted->flags & INDICATOR_ALLOW;
	uint32_t low = 0, high = store->header->network_count[allow];
	const struct store_file_network *networks = store->networks[allow];
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = memcmp(networks[middle].address, wanted->value.data, 16);
		order = order ? order : (int)networks[middle].bits - (int)wanted->bits;
		if (!order)
			return store_tell(store, INDICATOR_NETWORK,
				store_key(INDICATOR_NETWORK, wanted->value, wanted->bits, 0), &networks[middle].entry,
				now_s, out);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

bool store_find(const struct store *store, const struct indicator *indicator, uint32_t now_s, struct store_entry *out)
{
	bool allow = indicator->flags & INDICATOR_ALLOW;
	if (indicator->kind >= INDICATOR_KINDS || !(store->kinds[allow] >> indicator->kind & 1))
		return false;
	enum indicator_kind kind = (enum indicator_kind)indicator->kind;
	if (kind == INDICATOR_NETWORK)
		return indicator->value.len == 16 && find_network(store, indicator, now_s, out);
	uint64_t key = store_key(kind, indicator->value, 0, kind == INDICATOR_ENDPOINT ? indicator->port : 0);
	const struct store_file_entry *entry = store_look(store, key ^ store_space(allow));
	return entry && store_tell(store, kind, key, entry, now_s, out);
}
