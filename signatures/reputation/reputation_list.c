// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/reputation_list.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <xxhash.h>
#include "decoders/base/log.h"

#define LINE_SIZE       1024 // bytes; a longer line is no indicator
#define BAD_LINES_SHOWN 5    // the rest is counted
#define LABELS_MAX      127  // REPUTATION_DOMAIN_MAX bytes hold no more
#define V4_BITS         96   // in front of an IPv4 address in the 16-byte form
#define V4_LEAST_BITS   (V4_BITS + 8)
#define V6_LEAST_BITS   16

struct reputation_list {
	uint64_t seed; // so that who chooses the names on the wire cannot choose the chains
	struct reputation_indicator *items;
	uint32_t count, room;
	char *texts;
	size_t text_len, text_room;
	char **files;
	uint32_t file_count, bad_lines;
	unsigned labels_most; // of a listed domain
	uint32_t *slots;      // index + 1 of addresses and domains; 0 empty
	uint32_t slot_mask;
	uint32_t *networks; // indexes, by first address, wider ones first
	uint32_t network_count;
};

struct reputation_list *reputation_list_new(void)
{
	struct reputation_list *list = calloc(1, sizeof(*list));
	if (list && getrandom(&list->seed, sizeof(list->seed), 0) == sizeof(list->seed))
		return list;
	free(list);
	return NULL;
}

void reputation_list_free(struct reputation_list *list)
{
	if (!list)
		return;
	for (uint32_t i = 0; i < list->file_count; i++)
		free(list->files[i]);
	free(list->files);
	free(list->items);
	free(list->texts);
	free(list->slots);
	free(list->networks);
	free(list);
}

// Loading ------------------------------------------------------------------------------------------------------------------------

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

static const char *append(struct reputation_list *list, struct reputation_indicator item, struct span text)
{
	if (list->count == REPUTATION_INDICATORS_MAX)
		return "too many indicators";
	if (list->count == list->room) {
		uint32_t room = list->room ? 2 * list->room : 256;
		struct reputation_indicator *items = realloc(list->items, room * sizeof(*items));
		if (!items)
			return "out of memory";
		list->items = items;
		list->room = room;
	}
	if (list->text_room - list->text_len < text.len) {
		size_t room = 2 * list->text_room + LINE_SIZE;
		char *texts = realloc(list->texts, room);
		if (!texts)
			return "out of memory";
		list->texts = texts;
		list->text_room = room;
	}
	item.text_offset = (uint32_t)list->text_len; // indicators times their length stay below 4 GiB
	item.text_len = text.len;
	for (uint32_t i = 0; i < text.len; i++)
		list->texts[list->text_len++] = (char)lower(text.data[i]);
	list->items[list->count++] = item;
	return NULL;
}

static void clear_host_bits(struct address *address, unsigned bits)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned kept = bits > 8 * i ? bits - 8 * i : 0;
		if (kept < 8)
			address->bytes[i] &= (uint8_t)(0xff00 >> kept);
	}
}

static const char *add_network(
	struct reputation_list *list, struct span text, uint32_t file, struct address address, const char *prefix)
{
	static const struct address first_v4 = { .bytes = { [10] = 0xff, [11] = 0xff } };
	char *end;
	unsigned long bits = strtoul(prefix, &end, 10);
	if (prefix[0] < '0' || prefix[0] > '9' || *end)
		return "a network ends in / and a number of bits";
	bool v4 = address_is_v4(&address) && !memchr(text.data, ':', text.len);
	if (bits > (v4 ? 32u : 128u))
		return "more bits than the address has";
	bits += v4 ? V4_BITS : 0;
	clear_host_bits(&address, (unsigned)bits);
	bool holds_v4 = bits <= V4_BITS && address_in(&first_v4, &address, (unsigned)bits);
	bool in_v4 = bits > V4_BITS && address_is_v4(&address);
	if (holds_v4 || bits < (in_v4 ? V4_LEAST_BITS : V6_LEAST_BITS))
		return "so wide a network says nothing: at least 8 bits of IPv4, 16 of IPv6";
	struct reputation_indicator item = { .address = address,
		.kind = bits == 128 ? REPUTATION_ADDRESS : REPUTATION_NETWORK,
		.bits = (uint8_t)bits,
		.file = file };
	list->network_count += item.kind == REPUTATION_NETWORK;
	return append(list, item, text);
}

static const char *add_domain(struct reputation_list *list, struct span text, uint32_t file)
{
	if (text.len && text.data[text.len - 1] == '.')
		text.len--;
	if (text.len > REPUTATION_DOMAIN_MAX)
		return "longer than a domain can be";
	unsigned labels = 1, label_len = 0;
	bool digits = true;
	for (uint32_t i = 0; i < text.len; i++) {
		uint8_t c = lower(text.data[i]);
		if (c == '.') {
			if (!label_len)
				return "a domain with an empty label";
			labels++;
			label_len = 0;
			digits = true;
			continue;
		}
		bool digit = c >= '0' && c <= '9';
		if (!digit && !(c >= 'a' && c <= 'z') && c != '-' && c != '_')
			return "neither an address, a network nor a domain (names beyond ASCII as xn--)";
		digits &= digit;
		if (++label_len > 63)
			return "a label longer than 63 bytes";
	}
	if (!label_len || digits)
		return "neither an address, a network nor a domain";
	if (labels < 2)
		return "a top-level domain says nothing: name a domain below it";
	if (labels > list->labels_most)
		list->labels_most = labels;
	return append(list, (struct reputation_indicator) { .kind = REPUTATION_DOMAIN, .file = file }, text);
}

const char *reputation_list_add(struct reputation_list *list, struct span line, uint32_t file)
{
	line.len = span_find(line, '#', 0);
	while (line.len && (line.data[line.len - 1] == '\r' || line.data[line.len - 1] == '\n'))
		line.len--;
	line = span_trim(line);
	if (!line.len)
		return NULL;
	char text[ADDRESS_TEXT_SIZE + 8];
	if (line.len < sizeof(text)) {
		memcpy(text, line.data, line.len);
		text[line.len] = 0;
		char *slash = strchr(text, '/');
		if (slash)
			*slash = 0;
		struct address address;
		bool is_address = address_parse(text, &address);
		if (is_address && slash)
			return add_network(list, line, file, address, slash + 1);
		if (is_address)
			return append(list,
				(struct reputation_indicator) {
					.address = address, .kind = REPUTATION_ADDRESS, .bits = 128, .file = file },
				line);
	}
	return add_domain(list, line, file);
}

static uint32_t add_file(struct reputation_list *list, const char *path)
{
	char **files = realloc(list->files, (list->file_count + 1) * sizeof(*files));
	if (!files)
		return UINT32_MAX;
	list->files = files;
	files[list->file_count] = strdup(path);
	return files[list->file_count] ? list->file_count++ : UINT32_MAX;
}

static void tell_bad_line(struct reputation_list *list, const char *path, unsigned line, const char *reason)
{
	if (list->bad_lines++ < BAD_LINES_SHOWN)
		log_error("%s:%u: %s", path, line, reason);
}

bool reputation_list_read_file(struct reputation_list *list, const char *path)
{
	FILE *in = fopen(path, "r");
	uint32_t file = in ? add_file(list, path) : 0, bad_before = list->bad_lines;
	if (!in || file == UINT32_MAX) {
		log_error("%s: cannot be read: %s", path, strerror(errno));
		if (in)
			fclose(in);
		return false;
	}
	char text[LINE_SIZE];
	bool skipping = false; // the rest of a line that was too long
	for (unsigned line = 1; fgets(text, sizeof(text), in);) {
		size_t len = strlen(text);
		bool whole = (len && text[len - 1] == '\n') || feof(in);
		if (!skipping) {
			bool comment = text[strspn(text, " \t")] == '#';
			const char *wrong = whole || comment ? reputation_list_add(list, span_of(text, len), file)
							     : "line too long";
			if (wrong)
				tell_bad_line(list, path, line, wrong);
		}
		skipping = !whole;
		line += whole;
	}
	bool good = !ferror(in);
	if (!good)
		log_error("%s: cannot be read: %s", path, strerror(errno));
	fclose(in);
	if (list->bad_lines > bad_before)
		log_error("%s: %u lines could not be taken", path, list->bad_lines - bad_before);
	return good;
}

// Tables -------------------------------------------------------------------------------------------------------------------------

struct span reputation_list_text(const struct reputation_list *list, const struct reputation_indicator *indicator)
{
	return span_of(list->texts + indicator->text_offset, indicator->text_len);
}

static uint64_t hash_of(const struct reputation_list *list, enum reputation_kind kind, struct span key)
{
	return XXH3_64bits_withSeed(key.data, key.len, list->seed + kind);
}

// Of an address or a domain: what it is found by.
static struct span key_of(const struct reputation_list *list, const struct reputation_indicator *item)
{
	return item->kind == REPUTATION_ADDRESS ? span_of(&item->address, sizeof(item->address))
						: reputation_list_text(list, item);
}

static uint32_t *slot_of(const struct reputation_list *list, enum reputation_kind kind, struct span key)
{
	uint64_t at = hash_of(list, kind, key);
	for (;; at++) {
		uint32_t *slot = &list->slots[at & list->slot_mask];
		if (!*slot)
			return slot;
		const struct reputation_indicator *item = &list->items[*slot - 1];
		if (item->kind == kind && span_equal(key_of(list, item), key))
			return slot;
	}
}

// Wider networks before those in them; of two equal ones the first given last, where lookups begin.
static int by_place(const void *a, const void *b, void *context)
{
	const struct reputation_indicator *items = context;
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
	int order = address_compare(&items[one].address, &items[other].address);
	if (order)
		return order;
	if (items[one].bits != items[other].bits)
		return items[one].bits < items[other].bits ? -1 : 1;
	return one > other ? -1 : one < other;
}

static bool sort_networks(struct reputation_list *list)
{
	if (!list->network_count)
		return true;
	list->networks = malloc(list->network_count * sizeof(*list->networks));
	if (!list->networks)
		return false;
	uint32_t n = 0;
	for (uint32_t i = 0; i < list->count; i++)
		if (list->items[i].kind == REPUTATION_NETWORK)
			list->networks[n++] = i;
	qsort_r(list->networks, n, sizeof(*list->networks), by_place, list->items);
	for (uint32_t i = 0; i < n; i++) {
		struct reputation_indicator *item = &list->items[list->networks[i]];
		uint32_t around = i ? list->networks[i - 1] + 1 : 0;
		while (around &&
			!address_in(&item->address, &list->items[around - 1].address, list->items[around - 1].bits))
			around = list->items[around - 1].parent;
		item->parent = around;
	}
	return true;
}

bool reputation_list_finish(struct reputation_list *list)
{
	uint32_t slots = 16;
	while (slots < 2 * list->count)
		slots *= 2;
	list->slots = calloc(slots, sizeof(*list->slots));
	list->slot_mask = slots - 1;
	if (!list->slots)
		return false;
	for (uint32_t i = 0; i < list->count; i++) {
		const struct reputation_indicator *item = &list->items[i];
		if (item->kind == REPUTATION_NETWORK)
			continue;
		uint32_t *slot = slot_of(list, (enum reputation_kind)item->kind, key_of(list, item));
		if (!*slot) // the first file that names it is the one told
			*slot = i + 1;
	}
	return sort_networks(list);
}

uint32_t reputation_list_count(const struct reputation_list *list)
{
	return list->count;
}

uint32_t reputation_list_bad_lines(const struct reputation_list *list)
{
	return list->bad_lines;
}

const char *reputation_list_file(const struct reputation_list *list, const struct reputation_indicator *indicator)
{
	return indicator->file < list->file_count ? list->files[indicator->file] : "";
}

// Lookups ------------------------------------------------------------------------------------------------------------------------

static const struct reputation_indicator *find_network(
	const struct reputation_list *list, const struct address *address)
{
	uint32_t low = 0, high = list->network_count; // the last network that begins at or before address
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (address_compare(&list->items[list->networks[middle]].address, address) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	uint32_t at = low ? list->networks[low - 1] + 1 : 0;
	while (at && !address_in(address, &list->items[at - 1].address, list->items[at - 1].bits))
		at = list->items[at - 1].parent;
	return at ? &list->items[at - 1] : NULL;
}

const struct reputation_indicator *reputation_list_find_address(
	const struct reputation_list *list, const struct address *address)
{
	if (!list->count)
		return NULL;
	uint32_t found = *slot_of(list, REPUTATION_ADDRESS, span_of(address, sizeof(*address)));
	return found ? &list->items[found - 1] : find_network(list, address);
}

const struct reputation_indicator *reputation_list_find_domain(const struct reputation_list *list, struct span name)
{
	if (!list->labels_most)
		return NULL;
	if (name.len && name.data[name.len - 1] == '.')
		name.len--;
	// Only the end of a name can be listed, however long a name someone makes up
	struct span tail =
		name.len > REPUTATION_DOMAIN_MAX + 1 ? span_from(name, name.len - REPUTATION_DOMAIN_MAX - 1) : name;
	uint8_t text[REPUTATION_DOMAIN_MAX + 1];
	uint8_t starts[LABELS_MAX + 1];
	unsigned labels = 0;
	for (uint32_t i = tail.len; i-- > 0;) {
		text[i] = lower(tail.data[i]);
		if (text[i] == '.' && labels < list->labels_most && labels < LABELS_MAX)
			starts[labels++] = (uint8_t)(i + 1);
	}
	if (tail.len == name.len && tail.len && labels < list->labels_most)
		starts[labels++] = 0;
	while (labels-- > 1) { // the first label alone is never listed
		struct span key = span_of(text + starts[labels], tail.len - starts[labels]);
		uint32_t found = *slot_of(list, REPUTATION_DOMAIN, key);
		if (found)
			return &list->items[found - 1];
	}
	return NULL;
}
