// SPDX-License-Identifier: GPL-3.0-or-later
// Which of a rule's contents makes it a candidate: the one it names, else the rarest by length and kind of bytes, those of transactions
// before those of the raw payload.
#include "signatures/engine/plan.h"

#define PATTERN_BYTES_MAX 48 // longer literals are cut: this much is rare enough

// Buffers whose contents occur in nearly every transaction.
static bool is_common(const struct field_buffer *field)
{
	static const char *const names[] = { "http.method", "http.protocol", "http.stat_code", "http.stat_msg",
		"http.header_names", "http.accept", "http.connection", "http.accept_lang", "http.accept_enc",
		"http.content_type", "tls.version", NULL };
	for (unsigned i = 0; names[i]; i++)
		if (strcmp(field->name, names[i]) == 0)
			return true;
	return false;
}

static unsigned byte_weight(uint8_t c)
{
	if (c == 0 || c == 0xff || c == ' ' || c == '\r' || c == '\n')
		return 2;
	if ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '.' || c == '/')
		return 4;
	return c >= 0x20 && c < 0x7f ? 5 : 6;
}

static unsigned weight_of(struct span bytes)
{
	uint8_t seen[32] = { 0 };
	unsigned weight = 0;
	for (uint32_t i = 0; i < bytes.len && i < 24; i++) {
		uint8_t c = bytes.data[i];
		bool again = seen[c >> 3] & 1u << (c & 7);
		seen[c >> 3] |= (uint8_t)(1u << (c & 7));
		weight += again ? 1 : byte_weight(c);
	}
	// What every host name or request holds says little.
	static const char *const worthless[] = { ".com", "http", "www.", "HTTP/1", "User-Agent", "Mozilla/", "Content-",
		".php", ".exe", "GET ", "POST ", "application/", "Accept", "Host", "Connection", "text/html", "gzip",
		"SMB", "\xffSMB", "\xfeSMB", "en-us", NULL };
	for (unsigned i = 0; worthless[i]; i++)
		if (span_starts_nocase(bytes, worthless[i]))
			return weight / 3 + 1;
	return weight;
}

static struct span chopped(const struct match_content *content)
{
	struct span bytes = content->bytes;
	if (content->chop_len)
		bytes = span_slice(bytes, content->chop_offset, content->chop_len);
	if (bytes.len > PATTERN_BYTES_MAX)
		bytes.len = PATTERN_BYTES_MAX;
	return bytes;
}

static uint8_t place_of(const struct rule_buffer *buffer)
{
	if (buffer->place == PLACE_PAYLOAD)
		return buffer->transform_count ? PATTERN_NONE : PATTERN_PAYLOAD;
	if (buffer->place != PLACE_FIELD || buffer->field->flags & FIELD_NO_PATTERN)
		return PATTERN_NONE;
	if (buffer->field->level == FIELD_FRAME)
		return PATTERN_FRAME;
	return buffer->field->level == FIELD_PACKET ? PATTERN_FIELD : PATTERN_TX;
}

static bool has_absent(const struct rule_buffer *buffer)
{
	for (unsigned i = 0; i < buffer->match_count; i++)
		if (buffer->matches[i].kind == MATCH_ABSENT)
			return true;
	return false;
}

static uint32_t end_of(const struct match_content *content)
{
	if (content->startswith)
		return content->bytes.len;
	bool fixed = content->has_depth && content->depth.var == RULE_NO_VAR && content->offset.var == RULE_NO_VAR &&
		     !content->has_distance && !content->has_within;
	if (!fixed)
		return 0;
	int64_t end = content->depth.number + (content->has_offset ? content->offset.number : 0);
	return end > 0 && end < UINT32_MAX ? (uint32_t)end : 0;
}

// How much rarer a literal is that may end in few places only.
static unsigned place_weight(struct span bytes, uint32_t end)
{
	if (end == 0)
		return 0;
	return end == bytes.len ? 48 : end <= bytes.len + 16 ? 32 : end <= 64 ? 16 : 8;
}

static void choose(struct plan *plan, uint8_t place, unsigned buffer, const struct match_content *content)
{
	struct span bytes = chopped(content);
	plan->pattern.place = place;
	plan->pattern.bytes = bytes;
	plan->pattern.nocase = content->nocase;
	plan->pattern.max_end = end_of(content);
	if (place == PATTERN_PAYLOAD && plan->size_max != UINT16_MAX && plan->payload == PAYLOAD_PACKET &&
		(plan->pattern.max_end == 0 || plan->pattern.max_end > plan->size_max))
		plan->pattern.max_end = plan->size_max ? plan->size_max : 1;
	struct condition *conditions = place == PATTERN_TX      ? plan->tx_conditions
				       : place == PATTERN_FRAME ? plan->frame_conditions
								: plan->packet_conditions;
	unsigned count = place == PATTERN_PAYLOAD ? 0
			 : place == PATTERN_TX    ? plan->tx_count
			 : place == PATTERN_FRAME ? plan->frame_count
						  : plan->packet_count;
	for (unsigned i = 0; i < count; i++) {
		if (conditions[i].kind != CONDITION_BUFFER || conditions[i].index != buffer)
			continue;
		struct condition first = conditions[i];
		plan->pattern.key = first.key;
		memmove(conditions + 1, conditions, i * sizeof(first));
		conditions[0] = first;
		return;
	}
}

void plan_choose_pattern(struct plan *plan)
{
	const struct rule *rule = plan->rule;
	unsigned best = 0, best_buffer = 0;
	const struct match_content *best_content = NULL;
	uint8_t best_place = PATTERN_NONE;
	for (unsigned b = 0; b < rule->buffer_count; b++) {
		const struct rule_buffer *buffer = &rule->buffers[b];
		uint8_t place = place_of(buffer);
		if (place == PATTERN_NONE || has_absent(buffer) || (plan->frame_count && place != PATTERN_FRAME))
			continue;
		for (unsigned i = 0; i < buffer->match_count; i++) {
			const struct match_content *content = &buffer->matches[i].content;
			if (buffer->matches[i].kind != MATCH_CONTENT || buffer->matches[i].negated ||
				content->bytes.len == 0)
				continue;
			unsigned weight =
				weight_of(chopped(content)) * 8 + place_weight(content->bytes, end_of(content));
			if (place != PATTERN_TX && plan->tx)
				weight = weight / 8 + 1;
			else if (place == PATTERN_TX && is_common(buffer->field))
				weight /= 4;
			weight += content->fast_pattern ? 1u << 20 : 0;
			if (weight > best) {
				best = weight;
				best_buffer = b;
				best_content = content;
				best_place = place;
			}
		}
	}
	if (best_content)
		choose(plan, best_place, best_buffer, best_content);
}
