// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include "signatures/reputation/store_build.h"
#include "signatures/reputation/store_building.h"
#include "signatures/reputation/store_file.h"

#define CHUNK (256u << 10)

struct output {
	int fd;
	int error; // errno of what went wrong first
	uint64_t at;
	size_t len;
	uint8_t *chunk;
	XXH3_state_t *hash; // of all after the header
};

static bool write_whole(int fd, const uint8_t *bytes, size_t len, off_t at)
{
	while (len) {
		ssize_t done = pwrite(fd, bytes, len, at);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		bytes += done;
		len -= (size_t)done;
		at += done;
	}
	return true;
}

static void flush_output(struct output *out)
{
	XXH3_64bits_update(out->hash, out->chunk, out->len);
	if (!out->error && !write_whole(out->fd, out->chunk, out->len, (off_t)(out->at - out->len)))
		out->error = errno ? errno : EIO;
	out->len = 0;
}

static void put(struct output *out, const void *bytes, uint64_t len)
{
	const uint8_t *from = bytes;
	while (len) {
		if (out->len == CHUNK)
			flush_output(out);
		size_t take = len < CHUNK - out->len ? (size_t)len : CHUNK - out->len;
		memcpy(out->chunk + out->len, from, take);
		out->len += take;
		out->at += take;
		from += take;
		len -= take;
	}
}

// Zeros up to where a part begins.
static void put_until(struct output *out, uint64_t at)
{
	static const uint8_t zeros[STORE_BLOCK_BYTES];
	put(out, zeros, at - out->at);
}

// Parts --------------------------------------------------------------------------------------------------------------------------

static bool put_filter(struct output *out, const struct store_build *build, const struct store_header *header)
{
	uint64_t *filter = calloc(header->filter_blocks, STORE_BLOCK_BYTES);
	if (!filter)
		return false;
	for (uint64_t i = 0; i < build->record_count; i++) {
		uint64_t key = build->records[i].key;
		store_block_add(filter + store_block(key, header->filter_blocks), key);
	}
	for (uint64_t i = 0; i < build->mark_count; i++) {
		uint64_t key = build->marks[i];
		store_block_add(filter + store_block(key, header->filter_blocks), key);
	}
	put(out, filter, header->filter_blocks * STORE_BLOCK_BYTES);
	free(filter);
	return true;
}

static void put_buckets(struct output *out, const struct store_build *build, uint32_t bucket_bits)
{
	uint64_t bucket = 0;
	for (uint32_t i = 0; i < build->record_count; i++)
		for (uint32_t own = store_bucket(build->records[i].key, bucket_bits); bucket <= own; bucket++)
			put(out, &i, sizeof(i));
	uint32_t end = (uint32_t)build->record_count;
	for (; bucket <= 1ull << bucket_bits; bucket++)
		put(out, &end, sizeof(end));
}

static struct store_file_entry entry_of(const struct store_record *record)
{
	return (struct store_file_entry) { record->source, record->first_seen_s, record->expiry_s };
}

static bool is_v4(const struct address *address, unsigned bits)
{
	return bits > 96 && address_is_v4(address);
}

static void mark_network(uint8_t *bitmap, const struct store_network *network)
{
	bool v4 = is_v4(&network->address, network->bits);
	unsigned word = v4 ? 3 : 0, fixed = v4 ? network->bits - 96u : network->bits, shown = v4 ? 20 : 32;
	if (fixed + 16 < shown) { // of IPv6 alone: more of them than there are bits
		memset(bitmap + STORE_V4_BITMAP, 0xff, STORE_V6_BITMAP);
		return;
	}
	uint32_t first = __builtin_bswap32(network->address.words[word]);
	uint32_t count = fixed < shown ? 1u << (shown - fixed) : 1;
	for (uint32_t i = 0; i < count; i++) {
		struct address address = network->address;
		address.words[word] = __builtin_bswap32(first + (i << (32 - shown)));
		uint32_t bit = store_bitmap_bit(&address);
		bitmap[bit >> 3] |= (uint8_t)(1u << (bit & 7));
	}
}

// The networks of one space, and the bitmap in front of them. They lie sorted, so that the wider around one is the one before it, or around that one.
static bool put_networks(struct output *out, const struct store_network *networks, uint32_t count, uint64_t bitmap_at)
{
	uint32_t *parents = calloc(count + 1u, sizeof(*parents));
	uint8_t *bitmap = calloc(1, STORE_BITMAP);
	bool good = parents && bitmap;
	for (uint32_t i = 0; good && i < count; i++) {
		const struct store_network *network = &networks[i];
		uint32_t around = i;
		while (around &&
			!address_in(&network->address, &networks[around - 1].address, networks[around - 1].bits))
			around = parents[around - 1];
		parents[i] = around;
		mark_network(bitmap, network);
		struct store_file_network record = {
			.entry = entry_of(&network->record), .parent = around, .bits = network->bits
		};
		memcpy(record.address, network->address.bytes, sizeof(record.address));
		put(out, &record, sizeof(record));
	}
	put_until(out, bitmap_at);
	if (good && count)
		put(out, bitmap, STORE_BITMAP);
	free(parents);
	free(bitmap);
	return good;
}

static void put_sets(struct output *out, const struct store_build *build, const struct store_layout *layout)
{
	uint32_t first = 0, head, number;
	put_until(out, layout->sets);
	for (uint32_t id = 0; id < build->sets.count; id++) {
		struct span set = store_intern_get(&build->sets, id);
		memcpy(&head, set.data, sizeof(head));
		struct store_file_set record = { first, (uint8_t)(set.len / sizeof(number) - 1), (uint8_t)(head >> 8),
			(uint8_t)head, 0 };
		first += record.count;
		put(out, &record, sizeof(record));
	}
	put_until(out, layout->sources);
	for (uint32_t id = 0; id < build->sets.count; id++) {
		struct span set = store_intern_get(&build->sets, id);
		for (uint32_t at = sizeof(number); at < set.len; at += (uint32_t)sizeof(number)) {
			memcpy(&number, set.data + at, sizeof(number));
			struct store_word word = store_build_word(build, number);
			struct store_file_source source = { word.feed, word.family, word.technique, word.confidence };
			put(out, &source, sizeof(source));
		}
	}
}

static void put_texts(struct output *out, const struct store_build *build, const struct store_layout *layout)
{
	put_until(out, layout->feeds);
	put(out, build->feeds, build->feed_count * sizeof(*build->feeds));
	put_until(out, layout->text_offsets);
	put(out, &(uint32_t) { 0 }, sizeof(uint32_t));
	put(out, build->texts.ends, build->texts.count * sizeof(*build->texts.ends));
	put_until(out, layout->texts);
	put(out, build->texts.bytes, build->texts.len);
	put_until(out, layout->end);
}

// File ---------------------------------------------------------------------------------------------------------------------------

static struct store_header header_of(const struct store_build *build, uint64_t digest, uint32_t now_s)
{
	struct store_header header = {
		.magic = STORE_MAGIC,
		.version = STORE_VERSION,
		.byte_order = STORE_BYTE_ORDER,
		.digest = digest,
		.entry_count = build->record_count,
		.text_bytes = build->texts.len,
		.built_s = now_s,
		.set_count = build->sets.count,
		.feed_count = build->feed_count,
		.text_count = build->texts.count,
		.anywhere_count = { build->anywhere_count[0], build->anywhere_count[1] },
		.label_counts = { build->label_counts[0], build->label_counts[1] },
	};
	uint64_t keys = build->record_count + build->mark_count;
	header.filter_blocks = keys * STORE_BITS_EACH / (8 * STORE_BLOCK_BYTES) + 1;
	while (build->record_count >> header.bucket_bits > STORE_BUCKET_LOAD)
		header.bucket_bits++;
	header.source_count = (uint32_t)((build->sets.len / sizeof(uint32_t)) - build->sets.count);
	for (uint64_t i = 0; i < build->record_count; i++)
		header.kind_count[store_record_allow(&build->records[i])][build->records[i].kind]++;
	for (uint64_t i = 0; i < build->network_count; i++)
		header.network_count[store_record_allow(&build->networks[i].record)]++;
	for (unsigned allow = 0; allow < 2; allow++)
		header.kind_count[allow][INDICATOR_NETWORK] = header.network_count[allow];
	return header;
}

static bool put_body(struct output *out, const struct store_build *build, const struct store_header *header,
	const struct store_layout *layout)
{
	out->at = sizeof(*header);
	put_until(out, layout->filter);
	if (!put_filter(out, build, header))
		return false;
	put_until(out, layout->buckets);
	put_buckets(out, build, header->bucket_bits);
	put_until(out, layout->keys);
	for (uint64_t i = 0; i < build->record_count; i++)
		put(out, &build->records[i].key, sizeof(build->records[i].key));
	put_until(out, layout->entries);
	for (uint64_t i = 0; i < build->record_count; i++) {
		struct store_file_entry entry = entry_of(&build->records[i]);
		put(out, &entry, sizeof(entry));
	}
	uint32_t listed = header->network_count[0];
	put_until(out, layout->networks[0]);
	if (!put_networks(out, build->networks, listed, layout->bitmaps[0]))
		return false;
	put_until(out, layout->networks[1]);
	if (!put_networks(out, listed ? build->networks + listed : build->networks, header->network_count[1],
		    layout->bitmaps[1]))
		return false;
	put_sets(out, build, layout);
	put_texts(out, build, layout);
	flush_output(out);
	return true;
}

// Written to fd, header last. Errno, or 0.
static int write_file(int fd, const struct store_build *build, uint64_t digest, uint32_t now_s)
{
	struct store_header header = header_of(build, digest, now_s);
	struct store_layout layout;
	if (!store_layout_of(&header, &layout))
		return EFBIG;
	struct output out = { .fd = fd, .chunk = malloc(CHUNK), .hash = XXH3_createState() };
	bool good = out.chunk && out.hash && XXH3_64bits_reset(out.hash) == XXH_OK &&
		    put_body(&out, build, &header, &layout);
	if (!good)
		out.error = ENOMEM;
	if (!out.error) {
		header.file_bytes = layout.end;
		header.body_hash = XXH3_64bits_digest(out.hash);
		header.header_hash = XXH3_64bits(&header, offsetof(struct store_header, header_hash));
		if (!write_whole(fd, (const uint8_t *)&header, sizeof(header), 0) || fchmod(fd, 0644) || fsync(fd))
			out.error = errno ? errno : EIO;
	}
	free(out.chunk);
	XXH3_freeState(out.hash);
	return out.error;
}

static void sync_folder(char *path)
{
	int fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

bool store_build_write(
	struct store_build *build, const char *path, uint64_t digest, uint32_t now_s, char *error, size_t size)
{
	char *beside = NULL;
	int fd = -1, wrong = 0;
	if (!store_build_merge(build, now_s) || asprintf(&beside, "%s.XXXXXX", path) < 0) {
		snprintf(error, size, "%s: out of memory", path);
		return false;
	}
	if ((fd = mkostemp(beside, O_CLOEXEC)) < 0)
		wrong = errno;
	else if ((wrong = write_file(fd, build, digest, now_s)) || rename(beside, path)) {
		wrong = wrong ? wrong : errno;
		unlink(beside);
	} else
		sync_folder(beside);
	if (fd >= 0)
		close(fd);
	free(beside);
	if (wrong)
		snprintf(error, size, "%s: cannot be written: %s", path, strerror(wrong));
	return !wrong;
}
