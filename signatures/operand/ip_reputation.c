// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/operand/ip_reputation.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#define NAME_MAX_BYTES 32 // of a category, with its zero
#define PREFIXES       129
#define ENTRIES_MAX    (64u << 20)

struct entry {
	struct address address; // what lies past the prefix is 0
	uint8_t prefix, category, score;
	bool used;
};

struct ip_reputation {
	char names[IP_REPUTATION_CATEGORIES][NAME_MAX_BYTES]; // "" none
	uint64_t seed;
	uint32_t count, room; // room: a power of two, or 0
	struct entry *entries;
	bool has_prefix[PREFIXES];
	uint8_t prefixes[PREFIXES]; // used, longest first
	unsigned prefix_count;
};

struct ip_reputation *ip_reputation_new(void)
{
	struct ip_reputation *reputation = calloc(1, sizeof(*reputation));
	if (reputation && getrandom(&reputation->seed, sizeof(reputation->seed), 0) == sizeof(reputation->seed))
		return reputation;
	free(reputation);
	return NULL;
}

void ip_reputation_free(struct ip_reputation *reputation)
{
	if (!reputation)
		return;
	free(reputation->entries);
	free(reputation);
}

uint32_t ip_reputation_count(const struct ip_reputation *reputation)
{
	return reputation->count;
}

static bool read_number(struct span text, uint32_t max, uint32_t *out)
{
	uint32_t value = 0;
	for (uint32_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9' || value > max)
			return false;
		value = value * 10 + (uint32_t)(text.data[i] - '0');
	}
	*out = value;
	return text.len && value <= max;
}

// Cuts what lies before the next comma off *rest.
static struct span part_of(struct span *rest)
{
	uint32_t comma = span_find(*rest, ',', 0);
	struct span part = span_trim(span_slice(*rest, 0, comma));
	*rest = span_from(*rest, comma < rest->len ? comma + 1 : comma);
	return part;
}

const char *ip_reputation_category_line(struct ip_reputation *reputation, struct span line)
{
	uint32_t id;
	if (!read_number(part_of(&line), IP_REPUTATION_CATEGORIES - 1, &id) || id == 0)
		return "expected ID,NAME,DESCRIPTION with an id of 1 to 59";
	struct span name = part_of(&line);
	if (name.len == 0 || name.len >= NAME_MAX_BYTES)
		return "expected ID,NAME,DESCRIPTION with a name of 1 to 31 bytes";
	memcpy(reputation->names[id], name.data, name.len);
	reputation->names[id][name.len] = 0;
	return NULL;
}

bool ip_reputation_category(const struct ip_reputation *reputation, struct span name, uint8_t *category)
{
	for (uint8_t i = 1; i < IP_REPUTATION_CATEGORIES; i++)
		if (reputation->names[i][0] && span_is(name, reputation->names[i])) {
			*category = i;
			return true;
		}
	return false;
}

static struct address masked(const struct address *address, unsigned prefix)
{
	struct address out = { 0 };
	memcpy(out.bytes, address->bytes, prefix / 8);
	if (prefix % 8)
		out.bytes[prefix / 8] = (uint8_t)(address->bytes[prefix / 8] & 0xff << (8 - prefix % 8));
	return out;
}

static uint32_t slot_of(
	const struct ip_reputation *reputation, const struct address *address, unsigned prefix, unsigned category)
{
	uint64_t hash = reputation->seed ^ (prefix << 8 | category);
	for (unsigned i = 0; i < 2; i++) {
		hash = (hash ^ address->halves[i]) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 31;
	}
	return (uint32_t)(hash >> 16) & (reputation->room - 1);
}

// The entry of the key, or the free place where it belongs. Half of the table at least is free.
static struct entry *place_of(
	const struct ip_reputation *reputation, const struct address *address, unsigned prefix, unsigned category)
{
	uint32_t at = slot_of(reputation, address, prefix, category);
	for (;; at = (at + 1) & (reputation->room - 1)) {
		struct entry *entry = &reputation->entries[at];
		if (!entry->used || (entry->prefix == prefix && entry->category == category &&
					    address_equal(&entry->address, address)))
			return entry;
	}
}

static bool grow(struct ip_reputation *reputation)
{
	struct ip_reputation old = *reputation;
	uint32_t room = old.room ? old.room * 2 : 256;
	struct entry *entries = room > ENTRIES_MAX ? NULL : calloc(room, sizeof(*entries));
	if (!entries)
		return false;
	reputation->entries = entries;
	reputation->room = room;
	for (uint32_t i = 0; i < old.room; i++)
		if (old.entries[i].used)
			*place_of(reputation, &old.entries[i].address, old.entries[i].prefix, old.entries[i].category) =
				old.entries[i];
	free(old.entries);
	return true;
}

static void note_prefix(struct ip_reputation *reputation, unsigned prefix)
{
	if (reputation->has_prefix[prefix])
		return;
	reputation->has_prefix[prefix] = true;
	reputation->prefix_count = 0;
	for (unsigned i = PREFIXES; i-- > 0;)
		if (reputation->has_prefix[i])
			reputation->prefixes[reputation->prefix_count++] = (uint8_t)i;
}

// "10.0.0.0/8": the prefix counts in the 16 bytes of an address.
static bool read_network(struct span text, struct address *address, unsigned *prefix)
{
	uint32_t slash = span_find(text, '/', 0), bits;
	struct span host = span_trim(span_slice(text, 0, slash));
	if (!address_parse_span(host, address))
		return false;
	bool four = address_is_v4(address) && span_find(host, ':', 0) == host.len;
	*prefix = 128;
	if (slash == text.len)
		return true;
	if (!read_number(span_trim(span_from(text, slash + 1)), four ? 32 : 128, &bits))
		return false;
	*prefix = bits + (four ? 96 : 0);
	*address = masked(address, *prefix);
	return true;
}

const char *ip_reputation_line(struct ip_reputation *reputation, struct span line)
{
	struct address address;
	unsigned prefix;
	uint32_t category, score;
	if (!read_network(part_of(&line), &address, &prefix))
		return "expected ADDRESS,CATEGORY,SCORE; the address is none";
	if (!read_number(part_of(&line), IP_REPUTATION_CATEGORIES - 1, &category) || category == 0)
		return "expected ADDRESS,CATEGORY,SCORE with a category id of 1 to 59";
	if (!read_number(part_of(&line), IP_REPUTATION_SCORE_MAX, &score))
		return "expected ADDRESS,CATEGORY,SCORE with a score of 0 to 127";
	if ((reputation->count + 1) * (uint64_t)2 > reputation->room && !grow(reputation))
		return "there is no more room for addresses";
	struct entry *entry = place_of(reputation, &address, prefix, category);
	reputation->count += !entry->used;
	*entry = (struct entry) { address, (uint8_t)prefix, (uint8_t)category, (uint8_t)score, true };
	note_prefix(reputation, prefix);
	return NULL;
}

int ip_reputation_score(const struct ip_reputation *reputation, const struct address *address, uint8_t category)
{
	for (unsigned i = 0; i < reputation->prefix_count; i++) {
		struct address network = masked(address, reputation->prefixes[i]);
		const struct entry *entry = place_of(reputation, &network, reputation->prefixes[i], category);
		if (entry->used)
			return entry->score;
	}
	return -1;
}
