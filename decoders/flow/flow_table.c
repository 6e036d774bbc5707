// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/flow/flow_table.h"
#include "decoders/base/pool.h"
#include "decoders/flow/flow_key.h"
#include "decoders/flow/flow_lists.h"
#include <stdlib.h>
#include <sys/random.h>

#define FLOW_REPORTS_MAX 64 // flows waiting to be reported; asked for after every packet, so there is one
#define FLOWS_MIN        64
// Flows are handed out this much later than they timed out, because packets of a capture may be out of order by as much. What a flow
// is does not depend on it: a packet that comes in between is compared with the timeout itself.
#define FLOW_EXPIRE_GRACE_NS (2 * NS_PER_S)

static_assert(sizeof(struct flow) <= 352, "an idle flow and its TCP session take at most 512 bytes");

struct flow_table {
	const struct flow_config *config;
	struct pool pool;
	uint64_t seed;
	struct flow **buckets;
	uint64_t bucket_mask;
	uint64_t heavy_next; // bucket that flow_table_heaviest goes on from
	uint64_t flows_max;  // live
	uint64_t live;
	bool emergency;
	struct flow_lists lists;
	struct flow *ended_first, *ended_last; // to be handed out, linked by list_next
	struct flow *reports[FLOW_REPORTS_MAX];
	unsigned report_count;
	flow_reuse_test *reuse_test;
	uint64_t counters[FLOW_COUNTERS_END];
};

struct flow_table *flow_table_new(const struct flow_config *config, struct slab *slab)
{
	struct flow_table *table = calloc(1, sizeof(*table));
	if (!table)
		return NULL;
	uint64_t workers = config->workers ? config->workers : 1;
	table->config = config;
	table->flows_max = config->memcap_bytes / workers / sizeof(struct flow);
	if (table->flows_max < FLOWS_MIN)
		table->flows_max = FLOWS_MIN;
	uint64_t want = config->hash_size / workers, buckets = 256;
	while (buckets < want)
		buckets *= 2;
	table->bucket_mask = buckets - 1;
	table->buckets = calloc(buckets, sizeof(struct flow *));
	if (!table->buckets || getrandom(&table->seed, sizeof(table->seed), 0) != sizeof(table->seed)) {
		free(table->buckets);
		free(table);
		return NULL;
	}
	pool_init(&table->pool, slab, sizeof(struct flow));
	flow_lists_init(&table->lists, config);
	return table;
}

void flow_table_free(struct flow_table *table)
{
	if (!table)
		return;
	assert(table->pool.used == 0);
	free(table->buckets);
	free(table);
}

void flow_table_set_reuse_test(struct flow_table *table, flow_reuse_test *test)
{
	table->reuse_test = test;
}

static struct flow *table_find(
	struct flow_table *table, const struct flow_key *key, uint64_t hash, enum direction *direction)
{
	for (struct flow *flow = table->buckets[hash & table->bucket_mask]; flow; flow = flow->hash_next)
		if (flow->hash == hash && flow_key_matches(key, &flow->key, direction))
			return flow;
	return NULL;
}

static void table_unlink(struct flow_table *table, struct flow *flow)
{
	struct flow **at = &table->buckets[flow->hash & table->bucket_mask];
	while (*at != flow)
		at = &(*at)->hash_next;
	*at = flow->hash_next;
	flow->hash_next = NULL;
}

static void report_cancel(struct flow_table *table, const struct flow *flow)
{
	for (unsigned i = 0; i < table->report_count; i++)
		if (table->reports[i] == flow)
			table->reports[i] = table->reports[--table->report_count];
}

// Out of hash and lists.
static void flow_end(struct flow_table *table, struct flow *flow, enum flow_end_reason reason)
{
	flow->end_reason = (uint8_t)reason;
	table_unlink(table, flow);
	flow_lists_remove(&table->lists, flow);
	if (table->report_count)
		report_cancel(table, flow);
	table->live--;
	table->counters[FLOW_COUNT_ACTIVE] = table->live;
	uint64_t recovered = table->flows_max * (100 - table->config->emergency_recovery_pct) / 100;
	if (table->emergency && table->live <= recovered) {
		table->emergency = false;
		table->counters[FLOW_COUNT_EMERG_OVER]++;
	}
}

// As flow_end, for flow_table_expire to hand out.
static void flow_end_later(struct flow_table *table, struct flow *flow, enum flow_end_reason reason)
{
	flow_end(table, flow, reason);
	if (table->ended_last)
		table->ended_last->list_next = flow;
	else
		table->ended_first = flow;
	table->ended_last = flow;
}

// Makes room for one more flow: emergency before the table is full, eviction when it is. False: the flows evicted before were not
// fetched by flow_table_expire, so that memory would grow without end.
static bool table_make_room(struct flow_table *table)
{
	uint64_t max = table->flows_max;
	if (!table->emergency && table->live >= max - max / 16) {
		table->emergency = true;
		table->lists.check_ns = 0;
		table->counters[FLOW_COUNT_EMERG_ENTERED]++;
	}
	if (table->live < max)
		return true;
	if (table->pool.used >= max + max / 16)
		return false;
	struct flow *victim = flow_lists_find_victim(&table->lists);
	table->counters[victim->state == FLOW_NEW ? FLOW_COUNT_EVICTED_NEW : FLOW_COUNT_EVICTED]++;
	flow_end_later(table, victim, FLOW_END_FORCED);
	return true;
}

static void flow_set_first(struct flow_table *table, struct flow *flow, const struct packet *packet)
{
	flow->first_ns = packet->ts_ns;
	flow->last_ns = packet->ts_ns;
	flow->id = flow_key_id(&flow->key, packet->ts_ns);
	flow->vlan_count = packet->vlan_count;
	memcpy(flow->vlan, packet->vlan, sizeof(flow->vlan));
	if (packet->ether && (packet->flags & PACKET_ETHERNET)) {
		flow->has_ether = true;
		memcpy(flow->ether_dst, packet->ether, 6);
		memcpy(flow->ether_src, packet->ether + 6, 6);
	}
	table->counters[FLOW_COUNT_TOTAL]++;
	switch (flow->key.proto) {
	case PROTO_TCP: table->counters[FLOW_COUNT_TCP]++; break;
	case PROTO_UDP: table->counters[FLOW_COUNT_UDP]++; break;
	case PROTO_ICMP: table->counters[FLOW_COUNT_ICMPV4]++; break;
	case PROTO_ICMPV6: table->counters[FLOW_COUNT_ICMPV6]++; break;
	default: break;
	}
	if (flow_family_of(flow->key.proto) == FLOW_FAMILY_ICMP) {
		int answer = flow_icmp_counterpart(packet->ip_version, packet->icmp_type);
		flow->icmp_type = packet->icmp_type;
		flow->icmp_code = packet->icmp_code;
		flow->icmp_reply_type = (uint8_t)(answer < 0 ? 0 : answer);
	}
}

static struct flow *flow_start(
	struct flow_table *table, const struct flow_key *key, uint64_t hash, const struct packet *packet)
{
	if (!table_make_room(table))
		return NULL;
	struct flow *flow = pool_take(&table->pool);
	if (!flow) {
		// The slab is full of other things: what this flow leaves behind makes room for the next
		struct flow *victim = flow_lists_find_victim(&table->lists);
		if (victim && !table->ended_first) {
			table->counters[victim->state == FLOW_NEW ? FLOW_COUNT_EVICTED_NEW : FLOW_COUNT_EVICTED]++;
			flow_end_later(table, victim, FLOW_END_FORCED);
		}
		return NULL;
	}
	flow->key = *key;
	flow->hash = hash;
	flow->state = FLOW_NEW;
	if (table->emergency)
		flow->flags |= FLOW_EMERGENCY;
	flow_set_first(table, flow, packet);
	struct flow **bucket = &table->buckets[hash & table->bucket_mask];
	flow->hash_next = *bucket;
	*bucket = flow;
	flow_lists_add(&table->lists, flow);
	table->live++;
	table->counters[FLOW_COUNT_ACTIVE] = table->live;
	table->counters[FLOW_COUNT_MEMUSE] = table->pool.used * sizeof(struct flow);
	return flow;
}

static void flow_count_packet(struct flow_table *table, struct flow *flow, const struct packet *packet)
{
	enum direction d = packet->direction;
	if (flow->packets[d] == 0)
		flow->min_ttl[d] = flow->max_ttl[d] = packet->ttl;
	if (packet->ttl < flow->min_ttl[d])
		flow->min_ttl[d] = packet->ttl;
	if (packet->ttl > flow->max_ttl[d])
		flow->max_ttl[d] = packet->ttl;
	flow->packets[d]++;
	flow->bytes[d] += packet->frame.len;
	uint32_t elephant = d == TO_SERVER ? FLOW_ELEPHANT_TS : FLOW_ELEPHANT_TC;
	if (table->config->elephant_bytes && flow->bytes[d] > table->config->elephant_bytes &&
		!(flow->flags & elephant)) {
		if (!(flow->flags & (FLOW_ELEPHANT_TS | FLOW_ELEPHANT_TC)))
			table->counters[FLOW_COUNT_ELEPHANT]++;
		flow->flags |= elephant;
	}
}

static void flow_take_packet(
	struct flow_table *table, struct flow *flow, struct packet *packet, enum flow_key_kind kind)
{
	if (packet->ts_ns > flow->last_ns)
		flow->last_ns = packet->ts_ns;
	flow_lists_touch(&table->lists, flow);
	flow_count_packet(table, flow, packet);
	if (kind == FLOW_KEY_OWN)
		flow->flags |= packet->direction == TO_SERVER ? FLOW_SEEN_TS : FLOW_SEEN_TC;
	bool both = (flow->flags & (FLOW_SEEN_TS | FLOW_SEEN_TC)) == (FLOW_SEEN_TS | FLOW_SEEN_TC);
	if (both && flow->state == FLOW_NEW && flow->key.proto != PROTO_TCP)
		flow_table_set_state(table, flow, FLOW_ESTABLISHED);
	if (flow->state != FLOW_NEW)
		packet->flags |= PACKET_FLOW_EST;
	if (flow_family_of(flow->key.proto) == FLOW_FAMILY_ICMP && packet->direction == TO_CLIENT &&
		!flow->icmp_reply_seen) {
		flow->icmp_reply_seen = true;
		flow->icmp_reply_type = packet->icmp_type;
		flow->icmp_reply_code = packet->icmp_code;
	}
	uint64_t reported_ns = flow->reported_ns ? flow->reported_ns : flow->first_ns;
	uint64_t interval_ns = table->config->report_interval_s * NS_PER_S;
	if (interval_ns && flow->last_ns - reported_ns >= interval_ns && table->report_count < FLOW_REPORTS_MAX) {
		report_cancel(table, flow);
		table->reports[table->report_count++] = flow;
	}
}

struct flow *flow_table_lookup(struct flow_table *table, struct packet *packet)
{
	struct flow_key key;
	packet->flow = NULL;
	packet->direction = TO_SERVER;
	enum flow_key_kind kind = flow_key_of_packet(packet, table->config, &key);
	if (kind == FLOW_KEY_NONE)
		return NULL;
	uint64_t hash = flow_key_hash(&key, table->seed);
	enum direction direction = TO_SERVER;
	struct flow *flow = table_find(table, &key, hash, &direction);
	if (flow && flow_lists_is_over(&table->lists, flow, table->emergency, packet->ts_ns)) {
		flow_end_later(table, flow, FLOW_END_TIMEOUT);
		flow = NULL;
	} else if (flow && flow->tcp && kind == FLOW_KEY_OWN && (packet->tcp.flags & TCP_SYN) && table->reuse_test &&
		   table->reuse_test(flow, packet, direction)) {
		table->counters[FLOW_COUNT_TCP_REUSE]++;
		flow_end_later(table, flow, FLOW_END_TCP_REUSE);
		flow = NULL;
	}
	if (!flow && kind == FLOW_KEY_EMBEDDED)
		return NULL;
	if (!flow) {
		direction = TO_SERVER;
		flow = flow_start(table, &key, hash, packet);
		if (!flow) {
			table->counters[FLOW_COUNT_NO_ROOM]++;
			return NULL;
		}
		packet->flags |= PACKET_FLOW_FIRST;
	}
	if (kind == FLOW_KEY_EMBEDDED)
		direction = address_equal(&flow->key.src, &packet->src) ? TO_SERVER : TO_CLIENT;
	packet->flow = flow;
	packet->direction = direction;
	flow_take_packet(table, flow, packet, kind);
	return flow;
}

void flow_table_set_state(struct flow_table *table, struct flow *flow, enum flow_state state)
{
	// An ended flow is in no list any more: its session may still be finished
	if (flow->state == state)
		return;
	bool listed = flow->end_reason == FLOW_END_NONE;
	if (listed)
		flow_lists_remove(&table->lists, flow);
	flow->state = (uint8_t)state;
	if (listed)
		flow_lists_add(&table->lists, flow);
}

struct flow *flow_table_heaviest(struct flow_table *table, uint64_t buckets)
{
	struct flow *heaviest = NULL;
	for (uint64_t i = 0; i < buckets && i <= table->bucket_mask; i++) {
		struct flow *flow = table->buckets[table->heavy_next++ & table->bucket_mask];
		for (; flow; flow = flow->hash_next)
			if (flow->app.held_bytes > (heaviest ? heaviest->app.held_bytes : 0))
				heaviest = flow;
	}
	return heaviest;
}

struct flow *flow_table_expire(struct flow_table *table, uint64_t now_ns)
{
	struct flow *flow = table->ended_first;
	if (flow) {
		table->ended_first = flow->list_next;
		if (!table->ended_first)
			table->ended_last = NULL;
		flow->list_next = NULL;
	} else {
		uint64_t grace_ns = table->emergency ? 0 : FLOW_EXPIRE_GRACE_NS;
		if (now_ns < grace_ns)
			return NULL;
		flow = flow_lists_find_over(&table->lists, table->emergency, now_ns - grace_ns);
		if (!flow)
			return NULL;
		flow_end(table, flow, FLOW_END_TIMEOUT);
	}
	table->counters[flow->end_reason == FLOW_END_TIMEOUT ? FLOW_COUNT_END_TIMEOUT : FLOW_COUNT_END_FORCED]++;
	return flow;
}

struct flow *flow_table_end_all(struct flow_table *table)
{
	if (table->ended_first)
		return flow_table_expire(table, 0);
	struct flow *flow = flow_lists_first(&table->lists);
	if (!flow)
		return NULL;
	flow_end(table, flow, FLOW_END_SHUTDOWN);
	table->counters[FLOW_COUNT_END_SHUTDOWN]++;
	return flow;
}

struct flow *flow_table_report(struct flow_table *table, uint64_t now_ns)
{
	(void)now_ns;
	if (table->report_count == 0)
		return NULL;
	struct flow *flow = table->reports[--table->report_count];
	flow->reported_ns = flow->last_ns;
	return flow;
}

void flow_release(struct flow_table *table, struct flow *flow)
{
	pool_give(&table->pool, flow);
	table->counters[FLOW_COUNT_MEMUSE] = table->pool.used * sizeof(struct flow);
}

const uint64_t *flow_table_counters(const struct flow_table *table)
{
	return table->counters;
}
