// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/mqtt/mqtt.h"
#include <stdlib.h>
#include "decoders/app/app_layer.h"
#include "decoders/app/app_tx.h"

#define BUCKETS            64
#define CHAIN_MAX          32 // of a bucket that is looked at
#define KEY_CONNECT        0x10000u
#define CONNECT_HEAD_BYTES 12 // fixed header, length and name of the protocol, at most

struct mqtt_state {
	bool connected;
	uint8_t version;
	uint32_t skip[2]; // bytes of a message too long that are still to come
	uint32_t open;
	struct mqtt_tx *buckets[BUCKETS];
};

struct mqtt_worker {
	uint32_t message_max, open_max;
	uint64_t counters[4];
};

enum { COUNT_TRUNCATED, COUNT_MALFORMED, COUNT_OVER_BUDGET };
static const char *const counter_names[] = { "truncated", "malformed", "over_budget", NULL };

static const char *const event_names[] = {
	[MQTT_MISSING_CONNECT] = "missing_connect",
	[MQTT_MISSING_PUBLISH] = "missing_publish",
	[MQTT_MISSING_SUBSCRIBE] = "missing_subscribe",
	[MQTT_MISSING_UNSUBSCRIBE] = "missing_unsubscribe",
	[MQTT_DOUBLE_CONNECT] = "double_connect",
	[MQTT_UNINTRODUCED_MESSAGE] = "unintroduced_message",
	[MQTT_INVALID_QOS_LEVEL] = "invalid_qos_level",
	[MQTT_MISSING_MSG_ID] = "missing_msg_id",
	[MQTT_UNASSIGNED_MSG_TYPE] = "unassigned_msg_type",
	[MQTT_TOO_MANY_TRANSACTIONS] = "too_many_transactions",
	[MQTT_MALFORMED_TRAFFIC] = "malformed_traffic",
	[MQTT_TOO_MANY_MESSAGES] = "too_many_messages",
	[MQTT_TOO_MANY_PROPERTIES] = "too_many_properties",
	NULL,
};

enum { FRAME_PDU, FRAME_HEADER, FRAME_DATA };
static const char *const frame_names[] = {
	[FRAME_PDU] = "pdu", [FRAME_HEADER] = "header", [FRAME_DATA] = "data", NULL
};

static void *worker_new(const struct app_config *config, const struct app_worker *parts)
{
	(void)parts;
	struct mqtt_worker *worker = calloc(1, sizeof(*worker));
	if (!worker)
		return NULL;
	uint64_t bytes = app_setting_size(config, "mqtt", "max-msg-length", MQTT_MESSAGE_BYTES);
	uint64_t most = SLAB_MAX_BLOCK - sizeof(struct mqtt_kept);
	worker->message_max = (uint32_t)(bytes < most ? bytes : most);
	uint64_t open = app_setting_size(config, "mqtt", "max-tx", MQTT_OPEN_MAX);
	worker->open_max = (uint32_t)(open && open < MQTT_OPEN_MAX ? open : MQTT_OPEN_MAX);
	return worker;
}

static void free_tx(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared)
{
	(void)flow, (void)shared;
	struct mqtt_tx *mqtt = (struct mqtt_tx *)(void *)tx;
	while (mqtt->first) {
		struct mqtt_kept *kept = mqtt->first;
		mqtt->first = kept->next;
		slab_free(slab, kept, sizeof(*kept) + kept->len);
	}
	slab_free(slab, mqtt, sizeof(*mqtt));
}

static struct mqtt_tx **bucket_of(struct mqtt_state *state, uint32_t key)
{
	return &state->buckets[key % BUCKETS];
}

static void wait_for(struct mqtt_state *state, struct mqtt_tx *tx, uint32_t key)
{
	struct mqtt_tx **bucket = bucket_of(state, key);
	tx->key = key;
	tx->open = true;
	tx->next_open = *bucket;
	*bucket = tx;
	state->open++;
}

static struct mqtt_tx *find_open(struct mqtt_state *state, uint32_t key)
{
	struct mqtt_tx *tx = *bucket_of(state, key);
	for (unsigned seen = 0; tx && tx->key != key; tx = tx->next_open)
		if (++seen == CHAIN_MAX)
			return NULL;
	return tx;
}

static void finish(struct flow *flow, struct mqtt_tx *tx)
{
	struct mqtt_state *state = flow->app.state;
	if (tx->open) {
		struct mqtt_tx **link = bucket_of(state, tx->key);
		while (*link && *link != tx)
			link = &(*link)->next_open;
		if (*link)
			*link = tx->next_open;
		tx->open = false;
		state->open--;
	}
	app_tx_finish(flow, &tx->tx, 1);
}

static bool keep(struct app_input *input, struct mqtt_tx *tx, const struct mqtt_head *head, struct span bytes)
{
	struct mqtt_worker *worker = input->shared;
	struct mqtt_state *state = input->flow->app.state;
	bool truncated = bytes.len == 0;
	if (tx->count == MQTT_MESSAGES_MAX) {
		app_tx_event(input->flow, &tx->tx, MQTT_TOO_MANY_MESSAGES);
		return true;
	}
	struct mqtt_kept *kept = slab_alloc_raw(input->slab, sizeof(*kept) + bytes.len);
	if (!kept) {
		worker->counters[COUNT_OVER_BUDGET]++;
		return false;
	}
	*kept = (struct mqtt_kept) {
		.head = *head, .version = state->version, .truncated = truncated, .len = bytes.len
	};
	if (truncated)
		kept->skipped_bytes = head->bytes + head->remaining;
	else
		memcpy(kept->bytes, bytes.data, bytes.len);
	if (tx->last)
		tx->last->next = kept;
	else
		tx->first = kept;
	tx->last = kept;
	tx->count++;
	return true;
}

static struct mqtt_tx *make_tx(struct app_input *input, const struct mqtt_head *head, struct span bytes)
{
	struct app_tx *made = app_tx_new(
		input->flow, input->slab, sizeof(struct mqtt_tx), input->now_ns, (uint8_t)(1u << input->direction));
	if (!made)
		return NULL;
	struct mqtt_tx *tx = (struct mqtt_tx *)(void *)made;
	return keep(input, tx, head, bytes) ? tx : NULL;
}

// Room for one more transaction that waits: the oldest one gives way.
static void make_room(struct app_input *input)
{
	struct mqtt_state *state = input->flow->app.state;
	struct mqtt_worker *worker = input->shared;
	if (state->open < worker->open_max && !app_tx_crowded(input->flow, APP_TX_SPARE))
		return;
	for (struct app_tx *tx = input->flow->app.tx_first; tx; tx = tx->next) {
		struct mqtt_tx *mqtt = (struct mqtt_tx *)(void *)tx;
		if (!mqtt->open)
			continue;
		worker->counters[COUNT_OVER_BUDGET]++;
		app_tx_event(input->flow, tx, MQTT_TOO_MANY_TRANSACTIONS);
		finish(input->flow, mqtt);
		return;
	}
}

#define NO_EVENT UINT8_MAX

// What each type asks of the session: what it answers and the event when that is missing, whether more answers follow.
static const struct {
	bool introduced;       // a session must be there
	bool answers, expects; // goes to an open transaction; leaves or keeps one open
	uint8_t missing;       // event when there is none to answer
} habits[16] = {
	[MQTT_UNASSIGNED] = { .missing = NO_EVENT },
	[MQTT_CONNECT] = { .expects = true, .missing = NO_EVENT },
	[MQTT_CONNACK] = { .answers = true, .missing = MQTT_MISSING_CONNECT },
	[MQTT_PUBLISH] = { true, false, true, NO_EVENT },
	[MQTT_PUBACK] = { true, true, false, MQTT_MISSING_PUBLISH },
	[MQTT_PUBREC] = { true, true, true, MQTT_MISSING_PUBLISH },
	[MQTT_PUBREL] = { true, true, true, MQTT_MISSING_PUBLISH },
	[MQTT_PUBCOMP] = { true, true, false, MQTT_MISSING_PUBLISH },
	[MQTT_SUBSCRIBE] = { true, false, true, NO_EVENT },
	[MQTT_SUBACK] = { true, true, false, MQTT_MISSING_SUBSCRIBE },
	[MQTT_UNSUBSCRIBE] = { true, false, true, NO_EVENT },
	[MQTT_UNSUBACK] = { true, true, false, MQTT_MISSING_UNSUBSCRIBE },
	[MQTT_PINGREQ] = { true, false, false, NO_EVENT },
	[MQTT_PINGRESP] = { true, false, false, NO_EVENT },
	[MQTT_DISCONNECT] = { true, false, false, NO_EVENT },
	[MQTT_AUTH] = { true, false, false, NO_EVENT },
};

// An answer joins its transaction. False: there is none.
static bool answer(struct app_input *input, const struct mqtt_message *m, struct span bytes)
{
	struct mqtt_state *state = input->flow->app.state;
	uint8_t type = m->head.type;
	struct mqtt_tx *tx = find_open(state, type == MQTT_CONNACK ? KEY_CONNECT : m->id);
	if (!tx)
		return false;
	if (!keep(input, tx, &m->head, bytes))
		return true;
	tx->tx.last_ns = input->now_ns;
	if (type == MQTT_CONNACK)
		state->connected = true;
	if (!habits[type].expects)
		finish(input->flow, tx);
	else
		app_tx_changed(input->flow, &tx->tx, input->direction);
	return true;
}

// The event of a message that begins a transaction, and whether it then waits for answers.
static uint8_t judge(const struct mqtt_state *state, const struct mqtt_message *m, bool *waits)
{
	uint8_t type = m->head.type;
	*waits = false;
	if (type == MQTT_UNASSIGNED)
		return MQTT_UNASSIGNED_MSG_TYPE;
	if (habits[type].introduced && !state->connected)
		return MQTT_UNINTRODUCED_MESSAGE;
	if (habits[type].answers)
		return habits[type].missing;
	if (type == MQTT_CONNECT && state->connected)
		return MQTT_DOUBLE_CONNECT;
	if (type == MQTT_PUBLISH && m->head.qos == 3)
		return MQTT_INVALID_QOS_LEVEL;
	if (type == MQTT_PUBLISH && m->head.qos > 0 && !m->has_id)
		return MQTT_MISSING_MSG_ID;
	*waits = habits[type].expects && (type != MQTT_PUBLISH || m->head.qos > 0);
	return NO_EVENT;
}

// One whole message, or the head of one too long (bytes empty). False: no room.
static bool take_message(struct app_input *input, const struct mqtt_head *head, struct span bytes)
{
	struct mqtt_state *state = input->flow->app.state;
	struct mqtt_worker *worker = input->shared;
	struct mqtt_message m = { .head = *head };
	bool good = bytes.len && mqtt_message_read(bytes, state->version, &m);
	if (!bytes.len)
		worker->counters[COUNT_TRUNCATED]++;
	if (good && head->type == MQTT_CONNECT)
		state->version = m.version;
	if (good && habits[head->type].answers && (state->connected || !habits[head->type].introduced) &&
		answer(input, &m, bytes))
		return true;
	make_room(input);
	struct mqtt_tx *tx = make_tx(input, head, bytes);
	if (!tx)
		return false;
	bool waits = false;
	uint8_t event = NO_EVENT;
	if (bytes.len && !good && head->type != MQTT_UNASSIGNED) {
		worker->counters[COUNT_MALFORMED]++;
		event = head->type == MQTT_PUBLISH && head->qos == 3 ? MQTT_INVALID_QOS_LEVEL : MQTT_MALFORMED_TRAFFIC;
	} else if (bytes.len) {
		event = judge(state, &m, &waits);
	}
	if (event != NO_EVENT)
		app_tx_event(input->flow, &tx->tx, event);
	if (m.too_many_properties)
		app_tx_event(input->flow, &tx->tx, MQTT_TOO_MANY_PROPERTIES);
	if (!waits) {
		finish(input->flow, tx);
		return true;
	}
	wait_for(state, tx, head->type == MQTT_CONNECT ? KEY_CONNECT : m.id);
	app_tx_changed(input->flow, &tx->tx, input->direction);
	return true;
}

// Bytes of a message passed over, as many as are here.
static uint32_t skip(uint32_t *left, uint32_t have)
{
	uint32_t now = *left < have ? *left : have;
	*left -= now;
	return now;
}

static enum app_result parse(struct app_input *input)
{
	struct mqtt_state *state = input->flow->app.state;
	const struct mqtt_worker *worker = input->shared;
	uint32_t *left = &state->skip[input->direction];
	// A gap within what is passed over anyway does no harm; after any other, heads cannot be found again
	if (input->gap_bytes && skip(left, input->gap_bytes) < input->gap_bytes)
		return APP_ERROR;
	uint32_t at = skip(left, input->data.len);
	while (at < input->data.len) {
		struct mqtt_head head;
		enum mqtt_head_result result = mqtt_head_read(span_from(input->data, at), &head);
		if (result == MQTT_HEAD_BAD) {
			((struct mqtt_worker *)input->shared)->counters[COUNT_MALFORMED]++;
			if (input->flow->app.tx_last)
				app_tx_event(input->flow, input->flow->app.tx_last, MQTT_MALFORMED_TRAFFIC);
			return APP_ERROR;
		}
		if (result == MQTT_HEAD_MORE)
			break;
		uint32_t have = input->data.len - at, whole = head.bytes + head.remaining;
		bool too_long = head.remaining > worker->message_max;
		if (!too_long && whole > have)
			break;
		if (!take_message(
			    input, &head, too_long ? (struct span) { NULL, 0 } : span_slice(input->data, at, whole)))
			return APP_ERROR;
		app_frame(input, FRAME_PDU, at, whole);
		app_frame(input, FRAME_HEADER, at, head.bytes);
		app_frame(input, FRAME_DATA, at + head.bytes, head.remaining);
		*left = too_long ? whole : 0;
		at += too_long ? skip(left, have) : whole;
	}
	input->consumed = at;
	return APP_OK;
}

static bool is_connect(struct span data)
{
	struct mqtt_head head;
	if (mqtt_head_read(data, &head) != MQTT_HEAD_OK || head.type != MQTT_CONNECT || head.remaining < 10)
		return false;
	struct span name = span_from(data, head.bytes);
	return name.len >= 8 && ((be16_at(name.data) == 4 && memcmp(name.data + 2, "MQTT", 4) == 0) ||
					(be16_at(name.data) == 6 && memcmp(name.data + 2, "MQIsdp", 6) == 0));
}

static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	struct mqtt_head head;
	if (data.len && data.data[0] == MQTT_CONNECT << 4) {
		if (is_connect(data))
			return direction == TO_SERVER ? APP_PROBE_YES : APP_PROBE_REVERSED;
		if (data.len < CONNECT_HEAD_BYTES)
			return APP_PROBE_MORE;
	}
	if (!(flow->app.flags & APP_HINTED))
		return APP_PROBE_NO;
	switch (mqtt_head_read(data, &head)) {
	case MQTT_HEAD_MORE: return APP_PROBE_MORE;
	case MQTT_HEAD_BAD: return APP_PROBE_NO;
	case MQTT_HEAD_OK: break;
	}
	return head.type == MQTT_UNASSIGNED || head.qos > 2 ? APP_PROBE_NO : APP_PROBE_YES;
}

static const struct app_port ports[] = { { PROTO_TCP, 1883, 1883 }, { 0 } };

const struct app_parser mqtt_parser = {
	.proto = APP_MQTT,
	.name = "mqtt",
	.tcp = true,
	.ports = ports,
	.probe_bytes = CONNECT_HEAD_BYTES,
	.probe = probe,
	.state_bytes = sizeof(struct mqtt_state),
	.parse = parse,
	.tx_free = free_tx,
	.worker_new = worker_new,
	.worker_free = free,
	.complete = { 1, 1 },
	.frame_names = frame_names,
	.event_names = event_names,
	.counter_names = counter_names,
	.counters_at = offsetof(struct mqtt_worker, counters),
};
