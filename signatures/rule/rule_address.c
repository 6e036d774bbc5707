// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses and ports of a rule's header: lists in lists, negation, variables, ranges, networks. What comes out are sorted ranges:
// everything named, less everything named with "!".
#include "decoders/base/option.h"
#include "signatures/rule/rule_build.h"
#include "signatures/rule/rule_text.h"
#include <stdlib.h>

#define NEST_MAX   16    // lists in lists and variables in variables
#define RANGES_MAX 65536 // of one set, while it is being read

// One side of a set while it is being read: what is in, or what is out.
struct pile {
	struct address_range *ranges;
	uint32_t count, room;
};

struct reading {
	struct rule_build *build;
	struct pile in, out;
	bool ports; // ranges hold ports, in the last two bytes of an address
	bool any;
};

static void pile_add(struct pile *pile, const struct address *low, const struct address *high)
{
	if (pile->count == pile->room) {
		pile->room = pile->room ? pile->room * 2 : 16;
		pile->ranges = rule_realloc(pile->ranges, pile->room * sizeof(*pile->ranges));
	}
	pile->ranges[pile->count].low = *low;
	pile->ranges[pile->count++].high = *high;
}

static const struct address lowest, highest = { .halves = { UINT64_MAX, UINT64_MAX } };

// a + 1 and a - 1; the callers made sure that there is one.
static struct address address_step(struct address a, int by)
{
	for (unsigned i = 16; i-- > 0;) {
		a.bytes[i] = (uint8_t)(a.bytes[i] + by);
		if (by > 0 ? a.bytes[i] != 0 : a.bytes[i] != 0xff)
			break;
	}
	return a;
}

static int range_compare(const void *a, const void *b)
{
	const struct address_range *x = a, *y = b;
	return address_compare(&x->low, &y->low);
}

// Sorted, overlapping and touching ranges made one.
static void pile_sort(struct pile *pile)
{
	if (pile->count == 0)
		return;
	qsort(pile->ranges, pile->count, sizeof(*pile->ranges), range_compare);
	uint32_t kept = 0;
	for (uint32_t i = 1; i < pile->count; i++) {
		struct address_range *last = &pile->ranges[kept], *next = &pile->ranges[i];
		bool touches = address_compare(&last->high, &highest) == 0;
		if (!touches) {
			struct address after = address_step(last->high, 1);
			touches = address_compare(&next->low, &after) <= 0;
		}
		if (!touches)
			pile->ranges[++kept] = *next;
		else if (address_compare(&next->high, &last->high) > 0)
			last->high = next->high;
	}
	pile->count = kept + 1;
}

// in less out; both sorted.
static struct pile pile_less(const struct pile *in, const struct pile *out)
{
	struct pile left = { 0 };
	uint32_t o = 0;
	for (uint32_t i = 0; i < in->count; i++) {
		struct address_range r = in->ranges[i];
		bool gone = false;
		while (o < out->count && address_compare(&out->ranges[o].high, &r.low) < 0)
			o++;
		for (uint32_t k = o; k < out->count && !gone && address_compare(&out->ranges[k].low, &r.high) <= 0;
			k++) {
			if (address_compare(&out->ranges[k].low, &r.low) > 0) {
				struct address before = address_step(out->ranges[k].low, -1);
				pile_add(&left, &r.low, &before);
			}
			if (address_compare(&out->ranges[k].high, &r.high) >= 0)
				gone = true;
			else
				r.low = address_step(out->ranges[k].high, 1);
		}
		if (!gone)
			pile_add(&left, &r.low, &r.high);
	}
	return left;
}

static struct address port_address(uint16_t port)
{
	return (struct address) { .bytes = { [14] = (uint8_t)(port >> 8), [15] = (uint8_t)port } };
}

static void network_bounds(struct address *low, struct address *high, unsigned bits)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned keep = bits >= (i + 1) * 8 ? 8 : bits <= i * 8 ? 0 : bits - i * 8;
		uint8_t mask = (uint8_t)(0xff00u >> keep);
		low->bytes[i] &= mask;
		high->bytes[i] = (uint8_t)(low->bytes[i] | (uint8_t)~mask);
	}
}

// An IPv4 netmask (255.255.0.0) as prefix length; -1 when its bits have holes.
static int mask_bits(const struct address *mask)
{
	uint32_t bits = (uint32_t)mask->bytes[12] << 24 | (uint32_t)mask->bytes[13] << 16 |
			(uint32_t)mask->bytes[14] << 8 | mask->bytes[15];
	int count = __builtin_popcount(bits);
	return bits == (count == 0 ? 0 : UINT32_MAX << (32 - count)) ? count : -1;
}

static bool leaf_network(
	struct rule_build *build, struct span text, uint32_t slash, struct address *low, struct address *high)
{
	struct span mask = span_from(text, slash + 1);
	struct address mask_address;
	uint32_t bits;
	if (!address_parse_span(span_slice(text, 0, slash), low))
		return rule_fail(build, "\"%.*s\" is no network", SPAN_ARGS(text));
	bool v4 = address_is_v4(low);
	if (v4 && address_parse_span(mask, &mask_address) && address_is_v4(&mask_address) &&
		mask_bits(&mask_address) >= 0)
		bits = (uint32_t)mask_bits(&mask_address);
	else if (!text_u32(mask, &bits) || bits > (v4 ? 32u : 128u))
		return rule_fail(build, "\"%.*s\": expected a prefix length of 0 to %u after \"/\"", SPAN_ARGS(text),
			v4 ? 32u : 128u);
	network_bounds(low, high, bits + (v4 ? 96 : 0));
	return true;
}

static bool leaf_address(struct reading *reading, struct span text, struct pile *pile)
{
	struct rule_build *build = reading->build;
	struct address low, high;
	uint32_t slash = span_find(text, '/', 0), dash = span_find(text, '-', 0);
	if (slash < text.len) {
		if (!leaf_network(build, text, slash, &low, &high))
			return false;
	} else if (dash < text.len) {
		if (!address_parse_span(text_trim(span_slice(text, 0, dash)), &low) ||
			!address_parse_span(text_trim(span_from(text, dash + 1)), &high) ||
			address_is_v4(&low) != address_is_v4(&high) || address_compare(&low, &high) > 0)
			return rule_fail(build, "\"%.*s\" is no range of addresses", SPAN_ARGS(text));
	} else {
		if (!address_parse_span(text, &low))
			return rule_fail(
				build, "\"%.*s\" is no address, network, range, list or $variable", SPAN_ARGS(text));
		high = low;
	}
	struct address v4_low = address_v4((const uint8_t[4]) { 0 }),
		       v4_high = address_v4((const uint8_t[4]) { 255, 255, 255, 255 });
	if (!address_is_v4(&low) && address_compare(&low, &v4_low) < 0 && address_compare(&high, &v4_high) > 0) {
		struct address before = address_step(v4_low, -1), after = address_step(v4_high, 1);
		pile_add(pile, &low, &before); // an IPv6 network around the mapped IPv4 addresses does not mean these
		pile_add(pile, &after, &high);
		return true;
	}
	pile_add(pile, &low, &high);
	return true;
}

static bool port_number(struct span text, uint16_t preset, uint16_t *out)
{
	uint64_t value;
	if (text.len == 0) {
		*out = preset;
		return true;
	}
	if (!text_u64(text, &value) || value > UINT16_MAX)
		return false;
	*out = (uint16_t)value;
	return true;
}

static bool leaf_port(struct reading *reading, struct span text, struct pile *pile)
{
	uint32_t colon = span_find(text, ':', 0);
	uint16_t low, high;
	bool good = text.len > 1 || colon == text.len;
	if (colon == text.len) {
		good = good && port_number(text, 0, &low) && text.len;
		high = good ? low : 0;
	} else {
		good = good && port_number(text_trim(span_slice(text, 0, colon)), 0, &low) &&
		       port_number(text_trim(span_from(text, colon + 1)), UINT16_MAX, &high) && low <= high;
	}
	if (!good)
		return rule_fail(reading->build, "\"%.*s\" is no port (0 to 65535), range (N:M), list or $variable",
			SPAN_ARGS(text));
	struct address from = port_address(low), to = port_address(high);
	pile_add(pile, &from, &to);
	return true;
}

static struct span variable_value(const struct reading *reading, struct span name)
{
	const struct rule_options *options = &reading->build->own->options;
	const struct option_map *map = reading->ports ? options->port_groups : options->address_groups;
	for (size_t i = map ? map->count : 0; i-- > 0;)
		if (span_is(name, map->pairs[i].key))
			return text_trim(span_text(map->pairs[i].value ? map->pairs[i].value : ""));
	return (struct span) { NULL, 0 };
}

static bool read_list(struct reading *reading, struct span text, bool negated, unsigned depth);

// One element, "!" and all.
static bool read_item(struct reading *reading, struct span text, bool negated, unsigned depth)
{
	struct rule_build *build = reading->build;
	if (depth > NEST_MAX)
		return rule_fail(build, "lists and variables are nested deeper than %d (does a variable hold itself?)",
			NEST_MAX);
	while (text.len && text.data[0] == '!') {
		negated = !negated;
		text = text_trim(span_from(text, 1));
	}
	if (text.len == 0)
		return rule_fail(build, "an empty element in a list");
	if (text.data[0] == '[') {
		if (text.data[text.len - 1] != ']')
			return rule_fail(build, "a list without \"]\" at its end");
		return read_list(reading, text_trim(span_slice(text, 1, text.len - 2)), negated, depth);
	}
	if (text.data[0] == '$') {
		struct span value = variable_value(reading, span_from(text, 1));
		if (!value.data || value.len == 0)
			return rule_fail(build, "variable %.*s is not defined in vars.%s-groups", SPAN_ARGS(text),
				reading->ports ? "port" : "address");
		if (value.len >= 2 && (value.data[0] == '"' || value.data[0] == '\''))
			value = text_trim(span_slice(value, 1, value.len - 2));
		return value.data[0] == '[' || span_find(value, ',', 0) == value.len
			       ? read_item(reading, value, negated, depth + 1)
			       : read_list(reading, value, negated, depth + 1);
	}
	struct pile *pile = negated ? &reading->out : &reading->in;
	if (pile->count > RANGES_MAX)
		return rule_fail(build, "more than %d ranges", RANGES_MAX);
	if (span_is_nocase(text, "any")) {
		if (negated)
			return rule_fail(build, "\"!any\" leaves nothing");
		reading->any = true;
		struct address last = reading->ports ? port_address(UINT16_MAX) : highest;
		pile_add(pile, &lowest, &last);
		return true;
	}
	return reading->ports ? leaf_port(reading, text, pile) : leaf_address(reading, text, pile);
}

static bool read_list(struct reading *reading, struct span text, bool negated, unsigned depth)
{
	uint32_t start = 0;
	int open = 0;
	for (uint32_t i = 0; i <= text.len; i++) {
		if (i < text.len && text.data[i] == '[')
			open++;
		if (i < text.len && text.data[i] == ']')
			open--;
		if (i < text.len && (text.data[i] != ',' || open))
			continue;
		if (!read_item(reading, text_trim(span_slice(text, start, i - start)), negated, depth + 1))
			return false;
		start = i + 1;
	}
	return open == 0 || rule_fail(reading->build, "brackets of a list do not pair");
}

// False with the reason noted. The caller frees result->ranges.
static bool read_set(struct reading *reading, struct span text, struct pile *result)
{
	*result = (struct pile) { 0 };
	bool good = read_item(reading, text_trim(text), false, 0);
	struct address last = reading->ports ? port_address(UINT16_MAX) : highest;
	if (good && reading->in.count == 0)
		pile_add(&reading->in, &lowest, &last);
	if (good) {
		pile_sort(&reading->in);
		pile_sort(&reading->out);
		*result = pile_less(&reading->in, &reading->out);
		if (result->count == 0)
			good = rule_fail(reading->build, "\"%.*s\" leaves no %s", SPAN_ARGS(text),
				reading->ports ? "port" : "address");
	}
	free(reading->in.ranges);
	free(reading->out.ranges);
	return good;
}

static bool covers_all(const struct pile *pile, const struct address *last)
{
	return pile->count == 1 && address_equal(&pile->ranges[0].low, &lowest) &&
	       address_equal(&pile->ranges[0].high, last);
}

const struct address_set *rule_address_set(struct rule_build *build, struct span text)
{
	struct rule_names *known = &build->own->addresses;
	uint32_t number = rule_names_find(known, text);
	if (number != UINT32_MAX)
		return known->values[number];
	struct reading reading = { .build = build };
	struct pile pile;
	struct address_set *set = NULL;
	if (read_set(&reading, text, &pile)) {
		set = rule_arena_take(build->arena, sizeof(*set));
		set->any = covers_all(&pile, &highest);
		set->count = set->any ? 0 : pile.count;
		set->negated = reading.out.count != 0;
		set->ranges =
			set->any ? NULL : rule_arena_copy(build->arena, pile.ranges, pile.count * sizeof(*pile.ranges));
		number = rule_names_add(known, text);
		known->values[number] = set;
	}
	free(pile.ranges);
	return set;
}

const struct port_set *rule_port_set(struct rule_build *build, struct span text)
{
	struct rule_names *known = &build->own->ports;
	uint32_t number = rule_names_find(known, text);
	if (number != UINT32_MAX)
		return known->values[number];
	struct reading reading = { .build = build, .ports = true };
	struct pile pile;
	struct port_set *set = NULL;
	if (read_set(&reading, text, &pile)) {
		struct address last = port_address(UINT16_MAX);
		set = rule_arena_take(build->arena, sizeof(*set));
		set->any = covers_all(&pile, &last);
		set->count = set->any ? 0 : (uint16_t)pile.count;
		set->ranges = set->any ? NULL : rule_arena_take(build->arena, pile.count * sizeof(*set->ranges));
		for (uint32_t i = 0; i < set->count; i++) {
			set->ranges[i].low =
				(uint16_t)(pile.ranges[i].low.bytes[14] << 8 | pile.ranges[i].low.bytes[15]);
			set->ranges[i].high =
				(uint16_t)(pile.ranges[i].high.bytes[14] << 8 | pile.ranges[i].high.bytes[15]);
		}
		number = rule_names_add(known, text);
		known->values[number] = set;
	}
	free(pile.ranges);
	return set;
}

bool address_set_has(const struct address_set *set, const struct address *address)
{
	if (set->any)
		return true;
	uint32_t from = 0, to = set->count;
	while (from < to) {
		uint32_t middle = from + (to - from) / 2;
		if (address_compare(address, &set->ranges[middle].low) < 0)
			to = middle;
		else if (address_compare(address, &set->ranges[middle].high) > 0)
			from = middle + 1;
		else
			return true;
	}
	return false;
}

bool port_set_has(const struct port_set *set, uint16_t port)
{
	if (set->any)
		return true;
	for (uint32_t i = 0; i < set->count; i++)
		if (port <= set->ranges[i].high)
			return port >= set->ranges[i].low;
	return false;
}
