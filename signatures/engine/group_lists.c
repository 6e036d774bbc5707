// SPDX-License-Identifier: GPL-3.0-or-later
// Lists by port and by address: the axis is cut where some rule's ranges begin or end, each stretch lists its rules.
#include "signatures/engine/group.h"

#define PORT_LISTS_MAX UINT16_MAX

static bool lists_equal(const struct rule_list *list, const uint32_t *rules, uint32_t count)
{
	if (list->count != count)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (list->rules[i].rule != rules[i])
			return false;
	return true;
}

struct port_work {
	struct port_lists *lists;
	struct region *region;
	const struct plan_set *plans;
	uint32_t *here;
};

static uint16_t port_list_of(struct port_work *work, uint32_t count)
{
	struct port_lists *lists = work->lists;
	for (uint32_t i = lists->count; i > 0; i--)
		if (lists_equal(&lists->lists[i - 1], work->here, count))
			return (uint16_t)(i - 1);
	if ((lists->count & (lists->count - 1)) == 0) {
		struct rule_list *grown =
			region_take(work->region, (lists->count ? lists->count * 2 : 1) * sizeof(*grown));
		if (!grown || lists->count == PORT_LISTS_MAX)
			return 0;
		if (lists->count)
			memcpy(grown, lists->lists, lists->count * sizeof(*grown));
		lists->lists = grown;
	}
	lists->lists[lists->count] = rule_list_make(work->region, work->plans, work->here, count);
	return (uint16_t)lists->count++;
}

bool port_lists_build(struct port_lists *lists, struct region *region, const struct plan_set *plans,
	const uint32_t *rules, uint32_t count, bool src)
{
	struct port_work work = { lists, region, plans, calloc(count + 1, sizeof(uint32_t)) };
	uint8_t *edges = calloc(UINT16_MAX + 2, 1); // a range begins here, or ended just before
	if (count == 0 || !work.here || !edges) {
		bool good = work.here && edges;
		free(work.here);
		free(edges);
		return good;
	}
	lists->by_port = region_take(region, (UINT16_MAX + 1) * sizeof(*lists->by_port));
	for (uint32_t i = 0; i < count; i++) {
		const struct port_set *ports =
			src ? plans->plans[rules[i]].rule->sport : plans->plans[rules[i]].rule->dport;
		for (unsigned r = 0; r < ports->count; r++) {
			edges[ports->ranges[r].low] = 1;
			edges[ports->ranges[r].high + 1] = 1;
		}
	}
	edges[0] = 1;
	uint16_t list = 0;
	for (uint32_t port = 0; lists->by_port && port <= UINT16_MAX; port++) {
		if (edges[port]) {
			uint32_t found = 0;
			for (uint32_t i = 0; i < count; i++)
				if (port_set_has(src ? plans->plans[rules[i]].rule->sport
						     : plans->plans[rules[i]].rule->dport,
					    (uint16_t)port))
					work.here[found++] = rules[i];
			list = port_list_of(&work, found);
		}
		lists->by_port[port] = list;
	}
	free(work.here);
	free(edges);
	return !region->failed;
}

// Addresses -----------------------------------------------------------------------------------------------------------------------

struct edge {
	struct address at;
	uint32_t rule;
	bool start; // else the range ended just before
};

static int compare_edges(const void *left, const void *right)
{
	const struct edge *a = left, *b = right;
	int order = address_compare(&a->at, &b->at);
	return order ? order : (int)a->start - (int)b->start;
}

static bool next_address(struct address *address)
{
	for (unsigned i = 16; i > 0; i--)
		if (++address->bytes[i - 1] != 0)
			return true;
	return false;
}

static uint32_t collect_edges(
	struct edge *edges, const struct plan_set *plans, const uint32_t *rules, uint32_t count, bool src)
{
	uint32_t made = 0;
	for (uint32_t i = 0; i < count; i++) {
		const struct address_set *set =
			src ? plans->plans[rules[i]].rule->src : plans->plans[rules[i]].rule->dst;
		for (uint32_t r = 0; r < set->count; r++) {
			struct address after = set->ranges[r].high;
			edges[made++] = (struct edge) { set->ranges[r].low, rules[i], true };
			if (next_address(&after))
				edges[made++] = (struct edge) { after, rules[i], false };
		}
	}
	return made;
}

bool address_lists_build(struct address_lists *lists, struct region *region, const struct plan_set *plans,
	const uint32_t *rules, uint32_t count, bool src)
{
	size_t ranges = 0;
	for (uint32_t i = 0; i < count; i++)
		ranges += (src ? plans->plans[rules[i]].rule->src : plans->plans[rules[i]].rule->dst)->count;
	if (ranges == 0)
		return true;
	struct edge *edges = calloc(ranges * 2, sizeof(*edges));
	uint32_t *active = calloc(count, sizeof(*active)), active_count = 0;
	lists->starts = region_take(region, ranges * 2 * sizeof(*lists->starts));
	lists->lists = region_take(region, ranges * 2 * sizeof(*lists->lists));
	bool good = edges && active && !region->failed;
	uint32_t edge_count = good ? collect_edges(edges, plans, rules, count, src) : 0;
	if (good)
		qsort(edges, edge_count, sizeof(*edges), compare_edges);
	for (uint32_t i = 0; i < edge_count;) {
		struct address at = edges[i].at;
		for (; i < edge_count && address_equal(&edges[i].at, &at); i++) {
			if (edges[i].start) {
				active[active_count++] = edges[i].rule;
				continue;
			}
			for (uint32_t k = 0; k < active_count; k++)
				if (active[k] == edges[i].rule) {
					active[k] = active[--active_count];
					break;
				}
		}
		lists->starts[lists->count] = at;
		lists->lists[lists->count++] = rule_list_make(region, plans, active, active_count);
	}
	free(edges);
	free(active);
	return good && !region->failed;
}

const struct rule_list *address_lists_find(const struct address_lists *lists, const struct address *address)
{
	uint32_t low = 0, high = lists->count; // the last start at or before address
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (address_compare(&lists->starts[middle], address) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &lists->lists[low - 1] : NULL;
}
