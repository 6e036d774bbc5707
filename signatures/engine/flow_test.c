// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/engine/flow_test.h"
#include "decoders/base/clock.h"
#include "signatures/match/number.h"
#include "signatures/rule/rule_set.h"

#define XBIT_EXPIRE_S 30
#define XBITS_TX      4 // track

static bool flowbits_hold(const struct flow *flow, const struct rule_test *test)
{
	bool some = false;
	for (unsigned i = 0; flow && i < test->flowbits.count; i++)
		some |= flow_bit_has(flow, test->flowbits.bits[i]);
	switch (test->flowbits.op) {
	case BIT_ISSET: return some;
	case BIT_ISNOTSET: return flow && !some;
	default: return true;
	}
}

static bool flowint_holds(const struct flow *flow, const struct rule_test *test)
{
	const struct flow_int *number = flow ? flow_int_find(flow, test->flowint.var) : NULL;
	uint64_t other = test->flowint.value;
	if (!flow)
		return false;
	if (test->flowint.op == INT_NOTSET)
		return !number;
	if (test->flowint.op == INT_ISSET)
		return number != NULL;
	if (test->flowint.op <= INT_SUB)
		return true;
	if (!number)
		return false;
	if (test->flowint.other != RULE_NO_VAR) {
		const struct flow_int *right = flow_int_find(flow, (uint16_t)test->flowint.other);
		if (!right)
			return false;
		other = right->value;
	}
	static const uint8_t ops[] = { [INT_LT] = OP_LT,
		[INT_LE] = OP_LE,
		[INT_EQ] = OP_EQ,
		[INT_NE] = OP_NE,
		[INT_GE] = OP_GE,
		[INT_GT] = OP_GT };
	return number_compare(ops[test->flowint.op], number->value, other, 0);
}

static struct host_bit_key host_key(const struct packet *packet, const struct rule_test *test)
{
	struct host_bit_key key = { .bit = test->xbits.bit };
	if (test->xbits.track == 1) {
		key.first = packet->dst;
	} else {
		key.first = packet->src;
		if (test->xbits.track == 2) {
			bool ordered = address_compare(&packet->src, &packet->dst) <= 0;
			key.first = ordered ? packet->src : packet->dst;
			key.second = ordered ? packet->dst : packet->src;
		}
	}
	return key;
}

static bool xbits_hold(struct engine_worker *worker, const struct rule_test *test)
{
	const struct packet *packet = worker->now->packet;
	if (test->xbits.track == XBITS_TX)
		return worker->tx && tx_bit_has(worker->tx, test->xbits.bit) == (test->xbits.op == BIT_ISSET);
	struct host_bit_key key = host_key(packet, test);
	bool has = host_bits_has(worker->hosts, &key, packet->ts_ns);
	if (test->xbits.track == 3 && !has) {
		key.first = packet->dst;
		has = host_bits_has(worker->hosts, &key, packet->ts_ns);
	}
	switch (test->xbits.op) {
	case BIT_ISSET: return has;
	case BIT_ISNOTSET: return !has;
	default: return true;
	}
}

static bool stream_size_holds(const struct flow *flow, const struct rule_test *test)
{
	struct tcp_summary summary;
	if (!flow || !flow->tcp)
		return false;
	tcp_session_summary(flow, &summary);
	bool client = number_holds(&test->stream_size.number, summary.stream_bytes[TO_SERVER]);
	bool server = number_holds(&test->stream_size.number, summary.stream_bytes[TO_CLIENT]);
	switch (test->stream_size.side) {
	case 0: return client;
	case 1: return server;
	case 2: return client && server;
	default: return client || server;
	}
}

static bool flow_count_holds(const uint64_t counts[2], const struct rule_test *test)
{
	const struct number_match *number = &test->flow_count.number;
	switch (test->flow_count.direction) {
	case 0: return number_holds(number, counts[0] + counts[1]);
	case 1: return number_holds(number, counts[TO_SERVER]);
	case 2: return number_holds(number, counts[TO_CLIENT]);
	default: return number_holds(number, counts[TO_SERVER]) || number_holds(number, counts[TO_CLIENT]);
	}
}

// Undecided protocols neither match nor, negated, fail to.
// What was not found out yet matches neither a protocol nor its negation.
static bool proto_is(const struct rule_test *test, uint8_t have)
{
	enum app_proto want = (enum app_proto)test->app_proto.proto;
	if (have == APP_UNKNOWN && want != APP_UNKNOWN)
		return test->negated;
	return want == (enum app_proto)have || app_proto_matches(want, (enum app_proto)have);
}

static bool app_proto_holds(struct engine_worker *worker, const struct rule_test *test)
{
	if (!worker->now->flow)
		return test->negated;
	const struct app_flow *app = &worker->now->flow->app;
	switch (test->app_proto.side) {
	case SIDE_TO_SERVER: return proto_is(test, app->proto_dir[TO_SERVER]);
	case SIDE_TO_CLIENT: return proto_is(test, app->proto_dir[TO_CLIENT]);
	case SIDE_DIRECTION: return proto_is(test, app->proto_dir[worker->direction]);
	case SIDE_EITHER:
		if (app->proto_dir[TO_SERVER] == APP_UNKNOWN)
			return proto_is(test, app->proto_dir[TO_CLIENT]);
		if (app->proto_dir[TO_CLIENT] == APP_UNKNOWN)
			return proto_is(test, app->proto_dir[TO_SERVER]);
		return proto_is(test, app->proto_dir[TO_SERVER]) || proto_is(test, app->proto_dir[TO_CLIENT]);
	case SIDE_ORIGINAL: return proto_is(test, app->proto_original);
	default: return proto_is(test, app->proto);
	}
}

static enum tcp_phase phase_of(const struct flow *flow)
{
	struct tcp_summary summary;
	tcp_session_summary(flow, &summary);
	if (summary.state < TCP_ESTABLISHED)
		return PHASE_SETUP;
	return summary.state == TCP_ESTABLISHED ? PHASE_ESTABLISHED : PHASE_CLOSING;
}

bool flow_test_holds(struct engine_worker *worker, const struct rule_test *test)
{
	const struct flow *flow = worker->now->flow;
	switch (test->kind) {
	case TEST_FLOWBITS: return flowbits_hold(flow, test);
	case TEST_FLOWINT: return flowint_holds(flow, test);
	case TEST_FLOWVAR:
	case TEST_PKTVAR: return variable_holds(worker, test);
	case TEST_XBITS: return xbits_hold(worker, test);
	case TEST_STREAM_SIZE: return stream_size_holds(flow, test);
	case TEST_FLOW_AGE: return flow && number_holds(&test->number, (flow->last_ns - flow->first_ns) / NS_PER_S);
	case TEST_FLOW_PKTS: return flow && flow_count_holds(flow->packets, test);
	case TEST_FLOW_BYTES: return flow && flow_count_holds(flow->bytes, test);
	case TEST_APP_EVENT: return worker->app_events >> (test->app_event.bit & 63) & 1;
	case TEST_APP_PROTO: return app_proto_holds(worker, test);
	case TEST_TCP_SESSION: return flow && flow->tcp && (phase_of(flow) & test->tcp_phases);
	case TEST_FLOW_START: return flow && worker->direction == TO_SERVER && flow->packets[TO_SERVER] == 1;
	default: return test->negated;
	}
}

static void set_flow_int(struct engine_worker *worker, struct flow *flow, const struct rule_test *test)
{
	uint64_t other = test->flowint.value;
	if (test->flowint.other != RULE_NO_VAR) {
		const struct flow_int *right = flow_int_find(flow, (uint16_t)test->flowint.other);
		if (!right)
			return;
		other = right->value;
	}
	struct flow_int *number = flow_int_take(flow, worker->slab, test->flowint.var);
	if (!number) {
		worker->counters[ENGINE_COUNT_STATE_BUDGET]++;
		return;
	}
	if (test->flowint.op == INT_SET)
		number->value = other;
	else if (test->flowint.op == INT_ADD)
		number->value += other;
	else if (test->flowint.op == INT_SUB)
		number->value -= other;
}

static void set_flow_bits(struct engine_worker *worker, struct flow *flow, const struct rule_test *test)
{
	uint16_t count = worker->engine->set->flowbit_count;
	for (unsigned i = 0; i < test->flowbits.count; i++) {
		uint16_t bit = test->flowbits.bits[i];
		bool on = test->flowbits.op == BIT_SET || (test->flowbits.op == BIT_TOGGLE && !flow_bit_has(flow, bit));
		if (!flow_bit_put(flow, worker->slab, bit, count, on))
			worker->counters[ENGINE_COUNT_STATE_BUDGET]++;
	}
}

static void set_tx_bit(struct engine_worker *worker, const struct rule_test *test)
{
	struct app_tx *tx = (struct app_tx *)(uintptr_t)worker->tx;
	bool on = test->xbits.op == BIT_SET || (test->xbits.op == BIT_TOGGLE && tx && !tx_bit_has(tx, test->xbits.bit));
	if (tx && !tx_bit_put(tx, worker->slab, test->xbits.bit, on))
		worker->counters[ENGINE_COUNT_STATE_BUDGET]++;
	if (tx && !worker->tx_state)
		worker->tx_state = tx->inspect;
}

static void set_xbits(struct engine_worker *worker, const struct rule_test *test)
{
	const struct packet *packet = worker->now->packet;
	if (test->xbits.track == XBITS_TX) {
		set_tx_bit(worker, test);
		return;
	}
	uint64_t until = packet->ts_ns + (test->xbits.expire_s ? test->xbits.expire_s : XBIT_EXPIRE_S) * NS_PER_S;
	struct host_bit_key key = host_key(packet, test);
	for (unsigned side = 0; side < (test->xbits.track == 3 ? 2u : 1u); side++) {
		if (side == 1)
			key.first = packet->dst;
		bool has = host_bits_has(worker->hosts, &key, packet->ts_ns);
		if (test->xbits.op == BIT_SET || (test->xbits.op == BIT_TOGGLE && !has))
			host_bits_put(worker->hosts, &key, until);
		else if (test->xbits.op == BIT_UNSET || test->xbits.op == BIT_TOGGLE)
			host_bits_drop(worker->hosts, &key);
	}
}

static void set_tag(struct engine_worker *worker, const struct rule_tag *tag)
{
	const struct packet *packet = worker->now->packet;
	struct flow *flow = worker->now->flow;
	if (tag->type == 1) {
		host_tag_set(worker, tag);
		return;
	}
	struct flow_notes *notes = flow ? flow_notes_of(flow, worker->slab) : NULL;
	if (!notes)
		return;
	flow->flags |= FLOW_TAGGED;
	if (notes->tag.on)
		return;
	notes->tag = (struct flow_tag) { .on = true,
		.metric = tag->metric,
		.left = tag->count,
		.until_ns = packet->ts_ns + tag->count * NS_PER_S,
		.first_packet = packet->number };
}

// config: what is not to be logged.
static void apply_config(struct engine_worker *worker, const struct rule_config_action *config)
{
	struct flow *flow = worker->now->flow;
	if (config->type == CONFIG_FLOW && flow)
		flow->flags |= FLOW_NO_LOG;
	else if (config->scope == CONFIG_FLOW && flow)
		flow->flags |= FLOW_NO_TX_LOG;
	else if (worker->tx)
		((struct app_tx *)(uintptr_t)worker->tx)->logged = true;
}

void run_actions(struct engine_worker *worker, const struct rule *rule)
{
	struct flow *flow = worker->now->flow;
	for (unsigned i = 0; i < rule->action_count; i++) {
		const struct rule_test *action = &rule->actions[i];
		if (action->kind == TEST_FLOWBITS && flow)
			set_flow_bits(worker, flow, action);
		else if (action->kind == TEST_FLOWINT && flow)
			set_flow_int(worker, flow, action);
		else if (action->kind == TEST_XBITS)
			set_xbits(worker, action);
	}
	if (rule->tag)
		set_tag(worker, rule->tag);
	if (rule->config)
		apply_config(worker, rule->config);
	if (rule->flags & RULE_BYPASS && flow)
		flow->flags |= FLOW_BYPASS;
}
