// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/flow/flow_lists.h"

enum flow_family flow_family_of(uint8_t proto)
{
	switch (proto) {
	case PROTO_TCP: return FLOW_FAMILY_TCP;
	case PROTO_UDP: return FLOW_FAMILY_UDP;
	case PROTO_ICMP:
	case PROTO_ICMPV6: return FLOW_FAMILY_ICMP;
	default: return FLOW_FAMILY_OTHER;
	}
}

static unsigned list_of(const struct flow *flow)
{
	return (unsigned)flow_family_of(flow->key.proto) * FLOW_STATES + flow->state;
}

void flow_lists_init(struct flow_lists *lists, const struct flow_config *config)
{
	*lists = (struct flow_lists) { 0 };
	for (unsigned family = 0; family < FLOW_FAMILIES; family++) {
		const struct flow_timeouts *rows[2] = { &config->timeouts[family], &config->emergency[family] };
		for (unsigned emergency = 0; emergency < 2; emergency++) {
			uint64_t *out = &lists->timeout_ns[emergency][family * FLOW_STATES];
			out[FLOW_NEW] = rows[emergency]->new_s * NS_PER_S;
			out[FLOW_ESTABLISHED] = rows[emergency]->established_s * NS_PER_S;
			out[FLOW_CLOSED] = rows[emergency]->closed_s * NS_PER_S;
			out[FLOW_BYPASSED] = rows[emergency]->bypassed_s * NS_PER_S;
		}
	}
}

static void list_insert(struct flow_lists *lists, struct flow_list *list, struct flow *flow)
{
	struct flow *before = list->last;
	while (before && before->last_ns > flow->last_ns)
		before = before->list_prev;
	flow->list_prev = before;
	flow->list_next = before ? before->list_next : list->first;
	*(before ? &before->list_next : &list->first) = flow;
	*(flow->list_next ? &flow->list_next->list_prev : &list->last) = flow;
	if (flow->last_ns > lists->newest_ns)
		lists->newest_ns = flow->last_ns;
}

void flow_lists_add(struct flow_lists *lists, struct flow *flow)
{
	flow->list = (uint8_t)list_of(flow);
	list_insert(lists, &lists->lists[flow->list], flow);
	// The shorter of both timeouts: emergency may begin before the next check
	uint64_t normal = lists->timeout_ns[0][flow->list], emergency = lists->timeout_ns[1][flow->list];
	uint64_t over_ns = flow->last_ns + (normal < emergency ? normal : emergency);
	if (over_ns < lists->check_ns)
		lists->check_ns = over_ns;
}

void flow_lists_remove(struct flow_lists *lists, struct flow *flow)
{
	struct flow_list *list = &lists->lists[flow->list];
	if (flow->list_prev)
		flow->list_prev->list_next = flow->list_next;
	else
		list->first = flow->list_next;
	if (flow->list_next)
		flow->list_next->list_prev = flow->list_prev;
	else
		list->last = flow->list_prev;
	flow->list_next = flow->list_prev = NULL;
}

void flow_lists_touch(struct flow_lists *lists, struct flow *flow)
{
	struct flow_list *list = &lists->lists[flow->list];
	if (list->last == flow && (!flow->list_prev || flow->list_prev->last_ns <= flow->last_ns)) {
		if (flow->last_ns > lists->newest_ns)
			lists->newest_ns = flow->last_ns;
		return;
	}
	flow_lists_remove(lists, flow);
	list_insert(lists, list, flow);
}

bool flow_lists_is_over(const struct flow_lists *lists, const struct flow *flow, bool emergency, uint64_t now_ns)
{
	if (flow->last_ns > now_ns)
		return false; // one packet with a wrong time does not cut its flow in two
	return now_ns - flow->last_ns >= lists->timeout_ns[emergency][flow->list];
}

static struct flow *find_future(struct flow_lists *lists, uint64_t now_ns)
{
	if (lists->newest_ns < now_ns + FLOW_BACK_NS)
		return NULL;
	for (unsigned i = 0; i < FLOW_LISTS; i++)
		if (lists->lists[i].last && lists->lists[i].last->last_ns > now_ns + FLOW_BACK_NS)
			return lists->lists[i].last;
	lists->newest_ns = now_ns + FLOW_BACK_NS;
	lists->check_ns = 0;
	return NULL;
}

static struct flow *older(struct flow *a, struct flow *b)
{
	if (!a || !b)
		return a ? a : b;
	return a->last_ns <= b->last_ns ? a : b;
}

struct flow *flow_lists_find_over(struct flow_lists *lists, bool emergency, uint64_t now_ns)
{
	struct flow *future = find_future(lists, now_ns);
	if (future)
		return future;
	if (now_ns < lists->check_ns)
		return NULL;
	uint64_t next_ns = UINT64_MAX;
	struct flow *over = NULL; // the oldest of all lists: one order, however flows are parted among workers
	for (unsigned i = 0; i < FLOW_LISTS; i++) {
		struct flow *flow = lists->lists[i].first;
		if (!flow)
			continue;
		if (flow_lists_is_over(lists, flow, emergency, now_ns)) {
			over = older(over, flow);
			continue;
		}
		uint64_t normal = lists->timeout_ns[0][i], short_ns = lists->timeout_ns[1][i];
		uint64_t over_ns = flow->last_ns + (normal < short_ns || !emergency ? normal : short_ns);
		if (over_ns < next_ns)
			next_ns = over_ns;
	}
	if (!over)
		lists->check_ns = next_ns;
	return over;
}

struct flow *flow_lists_find_victim(const struct flow_lists *lists)
{
	struct flow *half = NULL, *any = NULL;
	for (unsigned i = 0; i < FLOW_LISTS; i++) {
		any = older(any, lists->lists[i].first);
		if (i % FLOW_STATES == FLOW_NEW)
			half = older(half, lists->lists[i].first);
	}
	return half ? half : any;
}

struct flow *flow_lists_first(const struct flow_lists *lists)
{
	struct flow *oldest = NULL;
	for (unsigned i = 0; i < FLOW_LISTS; i++)
		oldest = older(oldest, lists->lists[i].first);
	return oldest;
}
