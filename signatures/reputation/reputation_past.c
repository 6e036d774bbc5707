// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/reputation_past.h"
#include <stdio.h>
#include "decoders/base/clock.h"
#include "signatures/reputation/reputation_internal.h"

size_t named_places_text(uint64_t places, char *out, size_t size)
{
	size_t len = 0;
	out[0] = 0;
	for (unsigned i = 0; i < NAMED_PLACES_END; i++) {
		if (!(places >> i & 1))
			continue;
		int more = snprintf(out + len, size - len, "%s%s", len ? ", " : "", named_place_names[i]);
		if (more < 0 || (size_t)more >= size - len)
			break;
		len += (size_t)more;
	}
	out[len] = 0;
	return len;
}

// Places at which both sides had spoken.
static bool had_session(uint64_t places)
{
	uint64_t others = 0;
	for (unsigned i = 0; i < NAMED_PLACES_END; i++)
		if (named_is_said((enum named_place)i) || i == NAMED_SOURCE || i == NAMED_DESTINATION ||
			i == NAMED_DNS_QUESTION || i == NAMED_DNS_ANSWER || i == NAMED_BESIDE_ALLOWED)
			others |= UINT64_C(1) << i;
	return places & ~others;
}

static size_t flows_text(const struct reputation_met *met, char *out, size_t size)
{
	size_t len = (size_t)snprintf(out, size, "[");
	for (unsigned i = 0; i < met->flow_count && i < PAST_FLOWS_MAX; i++)
		len += (size_t)snprintf(
			out + len, size - len, "%s%llu", i ? "," : "", (unsigned long long)met->flows[i]);
	return len + (size_t)snprintf(out + len, size - len, "]");
}

void reputation_past_tell(const struct reputation *reputation, const struct named *named,
	const struct store_match *match, const struct reputation_met *met, uint64_t now_s, struct reputation_past *past)
{
	struct finding_detail *detail = &past->hit.detail;
	size_t where = named_places_text(met->places, past->where, sizeof(past->where));
	reputation_describe(
		reputation, &past->hit, named, match, span_of((const uint8_t *)past->where, (uint32_t)where), now_s);
	detail_json(detail, "retrospective", span_text("true"));
	detail_time(detail, "first_seen", met->first_s * NS_PER_S);
	detail_time(detail, "last_seen", met->last_s * NS_PER_S);
	detail_number(detail, "count", met->count);
	detail_number(detail, "hosts", met->hosts);
	detail_json(detail, "flow_ids",
		span_of((const uint8_t *)past->flow_ids,
			(uint32_t)flows_text(met, past->flow_ids, sizeof(past->flow_ids))));
	enum reputation_sid sid = reputation_sid_of((enum indicator_kind)match->entry.kind);
	unsigned severity = reputation_severity(
		sid, match->entry.confidence, had_session(met->places) ? OUTCOME_SESSION : OUTCOME_ASKED);
	past->finding = (struct finding) {
		.rule = &reputation->rules[sid][severity],
		.where = FOUND_PACKET,
		.action = RULE_ALERT,
		.direction = TO_SERVER,
		.detail = detail,
		.indicator = match->entry.key ? match->entry.key : 1,
	};
}
