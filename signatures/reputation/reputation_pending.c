// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/reputation_pending.h"

static struct pending *set_of(struct pending_table *table, const struct flow *flow)
{
	uint64_t hash = flow->id * 0x9e3779b97f4a7c15u; // of random bits already
	return &table->entries[(hash >> 40) % (PENDING_ENTRIES / PENDING_WAYS) * PENDING_WAYS];
}

static bool is_value(const struct pending *entry, const struct flow *flow, const struct named *named)
{
	return entry->flow_id == flow->id && !entry->request && entry->kind == named->kind &&
	       entry->len == named->value.len && memcmp(entry->value, named->value.data, entry->len) == 0;
}

bool pending_add(struct pending_table *table, const struct flow *flow, const struct named *named, uint64_t now_ns)
{
	struct pending *set = set_of(table, flow), *room = NULL;
	bool end = named->place == NAMED_SOURCE || named->place == NAMED_DESTINATION;
	if (named->value.len > PENDING_VALUE_MAX)
		return false;
	for (unsigned i = 0; i < PENDING_WAYS; i++) {
		if (is_value(&set[i], flow, named))
			return true;
		if (!set[i].flow_id && !room && (!end || i < PENDING_ENDS))
			room = &set[i];
	}
	if (!room)
		return false;
	*room = (struct pending) { .flow_id = flow->id,
		.first_ns = now_ns,
		.kind = named->kind,
		.place = named->place,
		.port = named->port,
		.len = (uint16_t)named->value.len };
	memcpy(room->value, named->value.data, named->value.len);
	return true;
}

bool pending_take(struct pending_table *table, const struct flow *flow, const struct named *named, struct pending *out)
{
	struct pending *set = set_of(table, flow);
	for (unsigned i = 0; i < PENDING_WAYS; i++)
		if (is_value(&set[i], flow, named)) {
			*out = set[i];
			set[i].flow_id = 0;
			return true;
		}
	return false;
}

bool pending_take_any(struct pending_table *table, const struct flow *flow, unsigned kind, struct pending *out)
{
	struct pending *set = set_of(table, flow);
	for (unsigned i = 0; i < PENDING_WAYS; i++)
		if (set[i].flow_id == flow->id && !set[i].request && (kind == INDICATOR_KINDS || set[i].kind == kind)) {
			*out = set[i];
			set[i].flow_id = 0;
			return true;
		}
	return false;
}

struct pending *pending_next(struct pending_table *table, const struct flow *flow, unsigned *at)
{
	struct pending *set = set_of(table, flow);
	while (*at < PENDING_WAYS) {
		struct pending *entry = &set[(*at)++];
		if (entry->flow_id == flow->id)
			return entry;
	}
	return NULL;
}

struct pending *pending_add_request(
	struct pending_table *table, const struct flow *flow, const struct app_tx *tx, uint64_t now_ns)
{
	struct pending *set = set_of(table, flow), *room = NULL;
	for (unsigned i = 0; i < PENDING_WAYS; i++) {
		if (set[i].flow_id == flow->id && set[i].request && set[i].tx_id == tx->id)
			return &set[i];
		if (!set[i].flow_id && !room)
			room = &set[i];
	}
	if (room)
		*room = (struct pending) { .flow_id = flow->id, .first_ns = now_ns, .request = true, .tx_id = tx->id };
	return room;
}
