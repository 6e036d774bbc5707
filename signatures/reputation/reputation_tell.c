// SPDX-License-Identifier: GPL-3.0-or-later
// Telling: a hit becomes a finding with its reasoning, once an hour a pair of hosts and an indicator.
#include <stdio.h>
#include "decoders/base/clock.h"
#include "signatures/reputation/reputation_internal.h"

#define RESOLVED_FINDINGS 3  // of one hit, most
#define V4_BITS           96 // in front of an IPv4 address in the 16-byte form

static size_t address_text(char *out, size_t size, const struct address *address, unsigned bits, unsigned port)
{
	char text[ADDRESS_TEXT_SIZE];
	bool v4 = address_is_v4(address);
	address_format(address, true, text);
	int len;
	if (bits < 128)
		len = snprintf(out, size, "%s/%u", text, v4 ? bits - V4_BITS : bits);
	else if (port)
		len = snprintf(out, size, v4 ? "%s:%u" : "[%s]:%u", text, port);
	else
		len = snprintf(out, size, "%s", text);
	return (size_t)len;
}

static size_t bytes_text(char *out, size_t size, struct span value, bool hex)
{
	size_t len = 0;
	for (uint32_t i = 0; hex && i < value.len && len + 3 <= size; i++)
		len += (size_t)snprintf(out + len, size - len, "%02x", value.data[i]);
	if (hex)
		return len;
	len = value.len < size ? value.len : size;
	memcpy(out, value.data, len);
	return len;
}

static bool is_raw(unsigned kind)
{
	return kind >= INDICATOR_FILE_MD5 && kind <= INDICATOR_JA3S;
}

static size_t indicator_text(char *out, size_t size, const struct store_match *match, const struct named *named)
{
	switch (match->entry.kind) {
	case INDICATOR_ADDRESS: return address_text(out, size, &named->address, 128, 0);
	case INDICATOR_ENDPOINT: return address_text(out, size, &named->address, 128, match->port);
	case INDICATOR_NETWORK: return address_text(out, size, &match->address, match->bits, 0);
	case INDICATOR_DOMAIN:
	case INDICATOR_URL: return bytes_text(out, size, match->value, false);
	default: return bytes_text(out, size, named->value, is_raw(match->entry.kind));
	}
}

static size_t value_text(char *out, size_t size, const struct named *named)
{
	if (named->kind == INDICATOR_ADDRESS)
		return address_text(out, size, &named->address, 128, named->port);
	return bytes_text(out, size, named->value, is_raw(named->kind));
}

// Feeds' names have no byte that JSON must escape but those of lists, which are paths: such bytes become '?'.
static size_t sources_text(char *out, size_t size, const struct store *store, const struct store_entry *entry)
{
	struct store_source source;
	size_t len = (size_t)snprintf(out, size, "[");
	for (unsigned i = 0; i < SOURCES_SHOWN && store_source(store, entry, i, &source); i++) {
		char name[65];
		size_t n = bytes_text(name, sizeof(name) - 1, source.feed, false);
		for (size_t b = 0; b < n; b++)
			if ((unsigned char)name[b] < 0x20 || (unsigned char)name[b] >= 0x7f || name[b] == '"' ||
				name[b] == '\\')
				name[b] = '?';
		name[n] = 0;
		len += (size_t)snprintf(out + len, size - len, "%s{\"feed\":\"%s\",\"confidence\":%u}", i ? "," : "",
			name, source.confidence);
	}
	len += (size_t)snprintf(out + len, size - len, "]");
	return len;
}

void reputation_describe(const struct reputation *reputation, struct reputation_hit *hit, const struct named *named,
	const struct store_match *match, struct span where, uint64_t now_s)
{
	const struct store_entry *entry = &match->entry;
	const struct store *store = reputation->store;
	struct finding_detail *detail = &hit->detail;
	*detail = (struct finding_detail) { .family = "reputation" };
	detail_text(detail, "indicator",
		span_of(hit->indicator, indicator_text(hit->indicator, sizeof(hit->indicator), match, named)));
	detail_text(detail, "kind", span_text(indicator_kind_names[entry->kind]));
	detail_text(detail, "where", where);
	detail_text(detail, "value", span_of(hit->value, value_text(hit->value, sizeof(hit->value), named)));
	detail_number(detail, "confidence", entry->confidence);
	if (entry->family.len)
		detail_text(detail, "family", entry->family);
	if (entry->technique.len)
		detail_text(detail, "technique", entry->technique);
	detail_json(detail, "sources",
		span_of(hit->sources, sources_text(hit->sources, sizeof(hit->sources), store, entry)));
	if (entry->first_seen_s) {
		detail_time(detail, "listed_since", entry->first_seen_s * NS_PER_S);
		if (now_s >= entry->first_seen_s)
			detail_number(detail, "age_days", (now_s - entry->first_seen_s) / 86400);
		if (entry->flags & INDICATOR_EARLIER)
			detail_json(detail, "age_at_least", span_text("true"));
	}
	if (entry->expiry_s)
		detail_time(detail, "listed_until", entry->expiry_s * NS_PER_S);
}

// The client, unless it is the listed end.
static const struct address *inside_of(const struct telling *telling)
{
	const struct flow *flow = telling->inspection->flow;
	bool reversed = flow->flags & FLOW_REVERSED;
	const struct address *client = reversed ? &flow->key.dst : &flow->key.src;
	const struct address *server = reversed ? &flow->key.src : &flow->key.dst;
	return telling->named->kind == INDICATOR_ADDRESS && address_equal(&telling->named->address, client) ? server
													    : client;
}

// The listed end of a flow came to us: who is on the Internet meets these all day.
static bool came_to_us(const struct telling *telling)
{
	const struct flow *flow = telling->inspection->flow;
	enum named_place place = (enum named_place)telling->named->place;
	return (place == NAMED_SOURCE || place == NAMED_DESTINATION) &&
	       address_equal(&telling->named->address, flow->flags & FLOW_REVERSED ? &flow->key.dst : &flow->key.src);
}

static void fill(struct reputation_worker *worker, struct reputation_hit *hit, const struct telling *telling,
	const struct told_entry *told)
{
	struct finding_detail *detail = &hit->detail;
	reputation_describe(worker->reputation, hit, telling->named, telling->match,
		span_text(named_place_names[telling->named->place]), telling->inspection->packet->ts_ns / NS_PER_S);
	detail_address(detail, "host", inside_of(telling));
	detail_text(detail, "outcome", span_text(outcome_names[telling->outcome]));
	if (telling->named->place == NAMED_SOURCE || telling->named->place == NAMED_DESTINATION)
		detail_text(detail, "direction", span_text(came_to_us(telling) ? "inbound" : "outbound"));
	if (telling->doubtful)
		detail_text(detail, "doubt",
			span_text(telling->bare ? "shared: it was resolved from a name that is not listed"
						: "shared: the name in question is not listed"));
	detail_number(detail, "repeats", told->repeats);
}

// Where a hit goes. What drops must find room whatever else the packet gave: the last hit's place is kept for it, and it takes that of the last finding.
static bool make_room(struct reputation_worker *worker, struct findings *findings, bool drop)
{
	if (worker->hit_count >= (drop ? HITS_MAX : HITS_MAX - 1))
		return false;
	if (findings->count == FINDINGS_MAX && drop) {
		findings->count--;
		findings->lost++;
	}
	return findings->count < FINDINGS_MAX;
}

// A flow says when it began, the rest since when it waits.
static uint64_t began_of(const struct telling *telling)
{
	const struct inspection *inspection = telling->inspection;
	enum named_place place = (enum named_place)telling->named->place;
	bool of_flow = place == NAMED_SOURCE || place == NAMED_DESTINATION;
	uint64_t began_ns = of_flow && inspection->flow->first_ns ? inspection->flow->first_ns : telling->first_ns;
	return began_ns ? began_ns : inspection->packet->ts_ns;
}

// How far it has come: what has come further than what was told is told at once.
enum { LEVEL_ASKED, LEVEL_DOUBTED, LEVEL_SESSION };

static uint8_t level_of(const struct telling *telling)
{
	if (telling->outcome != OUTCOME_SESSION)
		return LEVEL_ASKED;
	return telling->doubtful ? LEVEL_DOUBTED : LEVEL_SESSION;
}

static uint64_t situation_of(const struct telling *telling)
{
	uint64_t situation = telling->match->entry.key ^
			     (telling->allowed ? 0xc2b2ae3d27d4eb4fu : 0); // apart from what is told as bad
	if (telling->outcome == OUTCOME_SESSION && came_to_us(telling))
		situation ^= 0x165667b19e3779f9u; // going there is another situation
	return situation ? situation : 1;
}

static bool is_drop(const struct reputation_worker *worker, const struct telling *telling)
{
	return telling->match->entry.flags & INDICATOR_DROP && worker->drops_enabled && !telling->allowed;
}

// There is room: make_room said so.
static void put(struct reputation_worker *worker, const struct telling *telling, const struct told_entry *told,
	enum far_end far_end)
{
	const struct store_entry *entry = &telling->match->entry;
	struct findings *findings = telling->findings;
	struct reputation_hit *hit = &worker->hits[worker->hit_count++];
	bool drop = is_drop(worker, telling);
	fill(worker, hit, telling, told);
	enum reputation_sid sid =
		telling->allowed ? REPUTATION_SID_ALLOWED : reputation_sid_of((enum indicator_kind)entry->kind);
	unsigned severity = reputation_severity(
		sid, telling->doubtful ? entry->confidence / 2 : entry->confidence, telling->outcome);
	if (came_to_us(telling) && severity < SEVERITIES)
		severity++;
	if (telling->allowed)
		severity = SEVERITIES;
	struct app_tx *tx = telling->named->tx;
	unsigned where = tx ? FOUND_TX : FOUND_PACKET;
	findings->items[findings->count++] = (struct finding) {
		.rule = &worker->reputation->rules[sid][severity],
		.tx = tx,
		.tx_id = tx ? tx->id : 0,
		.where = (uint8_t)(drop ? where | FOUND_DROP_FLOW : where),
		.action = drop ? RULE_DROP : RULE_ALERT,
		.direction = telling->inspection->packet->direction,
		.detail = &hit->detail,
		.situation = situation_of(telling),
		.level = level_of(telling),
		.indicator = entry->key ? entry->key : 1,
		.inside = *inside_of(telling),
		// Who knocks at many hosts here is one alert
		.anywhere = telling->outcome == OUTCOME_INBOUND,
		.repeats = told->repeats,
		.far_end = (uint8_t)far_end,
		.began_ns = began_of(telling),
	};
}

// The same as it is if its host has just resolved it: one of them is told.
static void put_resolved(struct reputation_worker *worker, const struct telling *telling, const struct told_entry *told)
{
	struct telling other = *telling;
	other.doubtful = true;
	put(worker, &other, told, FAR_END_RESOLVED);
	other.doubtful = false;
	other.allowed = true;
	if (worker->reputation->tell_allowed)
		put(worker, &other, told, FAR_END_ALLOWED);
}

// Is it to be asked whether it was just resolved? What comes to us was not, and what is dropped is dropped.
static bool asks_resolved(const struct reputation_worker *worker, const struct telling *telling)
{
	return worker->resolved.give && telling->bare && !telling->allowed && !is_drop(worker, telling) &&
	       !came_to_us(telling) && worker->hit_count + RESOLVED_FINDINGS < HITS_MAX &&
	       telling->findings->count + RESOLVED_FINDINGS <= FINDINGS_MAX;
}

void reputation_tell(struct reputation_worker *worker, const struct telling *telling)
{
	static const uint64_t keys[] = { 0, 0x27d4eb2f165667c5u, 0x9e3779b97f4a7c15u }; // by level
	struct findings *findings = telling->findings;
	const struct packet *packet = telling->inspection->packet;
	bool drop = is_drop(worker, telling), asks = asks_resolved(worker, telling);
	uint64_t key = situation_of(telling) ^ keys[level_of(telling)], hold_ns = worker->reputation->hold_ns;
	// Whether it is in doubt may be another each time: who knows is asked again before long, and makes one alert of them
	if (asks && hold_ns > REPUTATION_RESOLVED_LEAST_S * NS_PER_S)
		hold_ns = REPUTATION_RESOLVED_LEAST_S * NS_PER_S;
	if (telling->named->tx && telling->named->tx == worker->met_tx && key == worker->met_key)
		return; // a question and its answer, the names of a certificate: met once
	worker->met_tx = telling->named->tx;
	worker->met_key = key;
	worker->counters[REPUTATION_COUNT_HITS] += !telling->allowed;
	if (drop && worker->dropping) { // the packet's flow is dropped already
		worker->counters[REPUTATION_COUNT_DROPPED]++;
		return;
	}
	bool room = make_room(worker, findings, drop);
	struct told_entry told = { 0 };
	// Each flow is dropped, told or not: the collector makes one alert of them
	if (!told_table_ask(
		    &worker->told, &packet->src, &packet->dst, key, packet->ts_ns, hold_ns, room ? &told : NULL) &&
		!drop) {
		worker->counters[REPUTATION_COUNT_HELD] += !telling->allowed;
		return;
	}
	if (!room) {
		findings->lost++;
		return;
	}
	worker->dropping |= drop;
	put(worker, telling, &told, asks ? FAR_END_BARE : FAR_END_ANY);
	if (asks)
		put_resolved(worker, telling, &told);
}
