// SPDX-License-Identifier: GPL-3.0-or-later
// Telling: a hit becomes a finding with its reasoning, once an hour a pair of hosts and an indicator.
#include <stdio.h>
#include "decoders/base/clock.h"
#include "signatures/reputation/reputation_internal.h"

#define V4_BITS 96 // in front of an IPv4 address in the 16-byte form

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
		detail_text(detail, "doubt", span_text("shared: the name in question is not listed"));
	detail_time(detail, "first_seen", told->first_ns);
	detail_number(detail, "repeats", told->repeats);
}

// Where a hit goes. What drops must find room whatever else the packet gave: the last hit's place is kept for it, and it takes that of the last finding.
static struct reputation_hit *make_room(struct reputation_worker *worker, struct findings *findings, bool drop)
{
	if (worker->hit_count >= (drop ? HITS_MAX : HITS_MAX - 1))
		return NULL;
	if (findings->count == FINDINGS_MAX && drop) {
		findings->count--;
		findings->lost++;
	}
	return findings->count < FINDINGS_MAX ? &worker->hits[worker->hit_count] : NULL;
}

void reputation_tell(struct reputation_worker *worker, const struct telling *telling)
{
	const struct reputation *reputation = worker->reputation;
	struct findings *findings = telling->findings;
	const struct packet *packet = telling->inspection->packet;
	const struct store_entry *entry = &telling->match->entry;
	bool drop = entry->flags & INDICATOR_DROP && worker->drops_enabled && !telling->allowed;
	bool session = telling->outcome == OUTCOME_SESSION;
	uint64_t situation =
		entry->key ^ (telling->allowed ? 0xc2b2ae3d27d4eb4fu : 0); // apart from what is told as bad
	if (session && came_to_us(telling))
		situation ^= 0x165667b19e3779f9u; // going there is another situation
	uint64_t key = situation ^ (session ? 0x9e3779b97f4a7c15u : 0);
	worker->counters[REPUTATION_COUNT_HITS] += !telling->allowed;
	if (drop && worker->dropping) { // the packet's flow is dropped already
		worker->counters[REPUTATION_COUNT_DROPPED]++;
		return;
	}
	struct reputation_hit *hit = make_room(worker, findings, drop);
	struct told_entry told = { .first_ns = packet->ts_ns };
	// Each flow is dropped, told or not: the collector makes one alert of them
	if (!told_table_ask(&worker->told, &packet->src, &packet->dst, key, packet->ts_ns, reputation->hold_ns,
		    hit ? &told : NULL) &&
		!drop) {
		worker->counters[REPUTATION_COUNT_HELD] += !telling->allowed;
		return;
	}
	if (!hit) {
		findings->lost++;
		return;
	}
	if (telling->first_ns && telling->first_ns < told.first_ns)
		told.first_ns = telling->first_ns;
	worker->hit_count++;
	worker->dropping |= drop;
	fill(worker, hit, telling, &told);
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
		.rule = &reputation->rules[sid][severity],
		.tx = tx,
		.tx_id = tx ? tx->id : 0,
		.where = (uint8_t)(drop ? where | FOUND_DROP_FLOW : where),
		.action = drop ? RULE_DROP : RULE_ALERT,
		.direction = packet->direction,
		.detail = &hit->detail,
		.situation = situation ? situation : 1,
		.level = session,
		.indicator = entry->key ? entry->key : 1,
		.inside = *inside_of(telling),
		// Who knocks at many hosts here is one alert
		.anywhere = telling->outcome == OUTCOME_INBOUND,
		.repeats = told.repeats,
	};
}
