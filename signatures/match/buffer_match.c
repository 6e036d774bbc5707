// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/match/buffer_match.h"
#include "signatures/operand/asn1.h"
#include "signatures/operand/base64.h"
#include "signatures/match/byte_read.h"
#include "signatures/operand/dataset.h"
#include "signatures/match/entropy.h"
#include "signatures/match/number.h"
#include "signatures/operand/rpc.h"
#include "signatures/match/search.h"

static bool run(struct buffer_matcher *m, const struct match *match, const struct match *end);

static bool is_relative(const struct match *match)
{
	switch (match->kind) {
	case MATCH_CONTENT: return match->content.has_distance || match->content.has_within;
	case MATCH_PCRE: return match->pcre.options & PCRE_RELATIVE;
	case MATCH_ISDATAAT: return match->isdataat.relative;
	case MATCH_BYTE_TEST:
	case MATCH_BYTE_JUMP:
	case MATCH_BYTE_EXTRACT:
	case MATCH_BYTE_MATH: return match->byte.relative;
	case MATCH_BASE64_DECODE: return match->base64.relative;
	default: return false;
	}
}

static bool next_is_relative(const struct match *match, const struct match *end)
{
	return match + 1 < end && is_relative(match + 1);
}

struct stretch {
	int64_t from, to; // of the data where a content may lie
};

// An end given from the value's start, seen from the data. False: it lies before the data.
static bool end_in_data(const struct buffer_matcher *m, int64_t *to)
{
	if (m->base == 0)
		return true;
	if (*to <= (int64_t)m->base)
		return false;
	*to -= (int64_t)m->base;
	return true;
}

static bool stretch_relative(
	const struct buffer_matcher *m, const struct match_content *content, uint32_t at, struct stretch *out)
{
	int64_t distance = content->has_distance ? rule_value_of(&content->distance, m->vars) : 0;
	out->from = (int64_t)at + distance;
	if (out->from < 0)
		out->from = 0;
	if (content->has_within) {
		out->to = (int64_t)at + distance + rule_value_of(&content->within, m->vars);
		if (at == 0 && !end_in_data(m, &out->to))
			return false;
	}
	return true;
}

static bool stretch_absolute(const struct buffer_matcher *m, const struct match_content *content, struct stretch *out)
{
	if (content->startswith) {
		out->to = content->bytes.len;
		return m->base == 0;
	}
	int64_t offset = content->has_offset ? rule_value_of(&content->offset, m->vars) : 0;
	if (content->has_depth) {
		out->to = rule_value_of(&content->depth, m->vars);
		if (content->depth.var == RULE_NO_VAR)
			out->to += offset;
		if (!end_in_data(m, &out->to))
			return false;
	}
	out->from = offset > (int64_t)m->base ? offset - (int64_t)m->base : 0;
	return true;
}

// Offset past the content's next occurrence at or after from (0: anywhere allowed); 0 when there is none.
static uint32_t find_content(
	const struct buffer_matcher *m, const struct match_content *content, uint32_t at, uint32_t again)
{
	struct stretch where = { 0, m->data.len };
	bool good = content->has_distance || content->has_within ? stretch_relative(m, content, at, &where)
								 : stretch_absolute(m, content, &where);
	if (!good)
		return 0;
	if (where.to > m->data.len)
		where.to = m->data.len;
	if (where.from < again)
		where.from = again;
	if (where.from + content->bytes.len > where.to)
		return 0;
	uint32_t from = (uint32_t)where.from, to = (uint32_t)where.to;
	if (content->endswith) {
		if (!m->last || to != m->data.len ||
			!search_at(span_from(m->data, to - content->bytes.len), content->bytes, content->nocase))
			return 0;
		return to;
	}
	uint32_t found = search_find(span_slice(m->data, from, to - from), content->bytes, content->nocase);
	return found == SEARCH_NONE ? 0 : from + found + content->bytes.len;
}

// Tries one occurrence after the other until what follows holds as well.
static bool run_content(struct buffer_matcher *m, const struct match *match, const struct match *end)
{
	const struct match_content *content = &match->content;
	bool relative = content->has_distance || content->has_within;
	uint32_t at = m->at, again = 0;
	for (;;) {
		uint32_t found = find_content(m, content, at, again);
		if (match->negated) {
			if (!found)
				return run(m, match + 1, end);
			m->stop |= !relative;
			return false;
		}
		if (!found) {
			m->stop |= !relative;
			return false;
		}
		m->at = found;
		if (run(m, match + 1, end))
			return true;
		if (m->stop || !next_is_relative(match, end))
			return false;
		again = found - content->bytes.len + 1;
	}
}

static void take_groups(struct buffer_matcher *m, const struct match_pcre *pcre, struct span subject)
{
	struct span key = { NULL, 0 };
	for (unsigned i = 0; m->captures && i < pcre->capture_count; i++) {
		uint32_t from, to;
		if (!regex_group(m->regex, pcre->captures[i].group, &from, &to))
			continue;
		struct span text = span_slice(subject, from, to - from);
		if (pcre->captures[i].kind == CAPTURE_KEY) {
			key = text;
			continue;
		}
		capture_put(m->captures, (enum capture_kind)pcre->captures[i].kind, pcre->captures[i].var, key, text);
		key.len = 0;
	}
}

static bool run_regex(struct buffer_matcher *m, const struct match *match, const struct match *end)
{
	uint32_t base = match->pcre.options & PCRE_RELATIVE ? m->at : 0, again = 0, start, stop;
	if (base > m->data.len)
		return false;
	struct span subject = span_from(m->data, base);
	for (;;) {
		enum regex_result result = regex_run(m->regex, match->pcre.code, subject, again, &start, &stop);
		m->pcre_limit |= result == REGEX_LIMIT;
		if (match->negated)
			return result == REGEX_NO_MATCH && run(m, match + 1, end);
		if (result != REGEX_MATCH)
			return false;
		take_groups(m, &match->pcre, subject);
		m->at = base + stop;
		if (run(m, match + 1, end))
			return true;
		if (m->stop || !next_is_relative(match, end) || start >= subject.len)
			return false;
		again = start + 1;
	}
}

static bool data_at(const struct buffer_matcher *m, const struct match_isdataat *isdataat)
{
	int64_t at = rule_value_of(&isdataat->at, m->vars);
	if (isdataat->relative)
		return (int64_t)m->at + at <= m->data.len;
	return at < (int64_t)m->data.len + (int64_t)m->base;
}

// A length is known from below only, while more may come.
static bool size_holds(const struct buffer_matcher *m, const struct number_match *number)
{
	uint64_t size = m->base + m->data.len;
	if (!m->last && !((number->op == OP_GT || number->op == OP_GE || number->op == OP_NE) && size > number->low))
		return false;
	return number_holds(number, size);
}

// Decodes from here, then looks at the conditions on what came out (base64_data), which have places of their own.
static bool run_base64(struct buffer_matcher *m, const struct match *match)
{
	const struct match_base64 *how = &match->base64;
	uint64_t from = (uint64_t)how->offset + (how->relative ? m->at : 0);
	if (from >= m->data.len || !m->base64)
		return false;
	struct span text = span_slice(m->data, (uint32_t)from, how->bytes ? how->bytes : UINT32_MAX);
	uint32_t len = base64_decode(text, BASE64_RFC2045, m->base64, BASE64_BYTES_MAX);
	if (len == 0)
		return false;
	struct buffer_matcher outer = *m;
	bool good = true;
	for (unsigned i = 0; i < m->rule->buffer_count && good; i++) {
		const struct rule_buffer *buffer = &m->rule->buffers[i];
		if (buffer->place != PLACE_BASE64 || buffer->base64_of < 0 ||
			&m->rule->buffers[buffer->base64_of] != outer.buffer)
			continue;
		m->data = (struct span) { m->base64, len };
		m->base = 0;
		m->last = true;
		m->at = 0;
		m->stop = false;
		m->buffer = buffer;
		good = run(m, buffer->matches, buffer->matches + buffer->match_count);
	}
	m->data = outer.data;
	m->base = outer.base;
	m->last = outer.last;
	m->at = outer.at;
	m->stop = outer.stop;
	m->buffer = outer.buffer;
	return good;
}

static bool run_byte(struct buffer_matcher *m, const struct match *match)
{
	struct byte_place place = { m->data, m->at, m->vars, m->little };
	bool good;
	switch (match->kind) {
	case MATCH_BYTE_TEST: return byte_test_holds(&place, &match->byte) != match->negated;
	case MATCH_BYTE_JUMP: good = byte_jump_do(&place, &match->byte); break;
	case MATCH_BYTE_EXTRACT: good = byte_extract_do(&place, &match->byte); break;
	default: good = byte_math_do(&place, &match->byte); break;
	}
	if (good)
		m->at = place.at;
	return good != match->negated;
}

static bool run_dataset(struct buffer_matcher *m, const struct match_dataset *match)
{
	struct dataset_found found = { 0 };
	if (!dataset_match(match, m->data, &found))
		return false;
	if (match->context_key && m->captures && found.json.len)
		capture_put(m->captures, CAPTURE_JSON, 0, span_text(match->context_key), found.json);
	return true;
}

// Conditions without occurrences to choose from.
static bool holds(struct buffer_matcher *m, const struct match *match)
{
	switch (match->kind) {
	case MATCH_ISDATAAT: return data_at(m, &match->isdataat) != match->negated;
	case MATCH_BYTE_TEST:
	case MATCH_BYTE_JUMP:
	case MATCH_BYTE_EXTRACT:
	case MATCH_BYTE_MATH: return run_byte(m, match);
	case MATCH_BSIZE: return size_holds(m, &match->number) != match->negated;
	case MATCH_URILEN: return number_holds(&match->number, m->data.len) != match->negated;
	case MATCH_BASE64_DECODE: return run_base64(m, match);
	case MATCH_ENTROPY: {
		bool good = entropy_holds(&match->entropy, m->data, &m->entropy);
		m->has_entropy |= m->entropy >= 0;
		return good != match->negated;
	}
	case MATCH_ASN1: return asn1_match(match->data, m->data, m->at) != match->negated;
	case MATCH_DATASET:
	case MATCH_DATAREP: return m->last && m->base == 0 && run_dataset(m, match->data);
	case MATCH_RPC:
		return rpc_match(match->data, m->data, !(m->rule->proto_bits & RULE_PROTO_UDP)) != match->negated;
	case MATCH_ABSENT:
		return true; // with or_else: the buffer is there, and what follows must hold; without, the caller knows
	default: return m->other && m->other(match, m->data);
	}
}

static bool run(struct buffer_matcher *m, const struct match *match, const struct match *end)
{
	for (; match < end; match++) {
		if (++m->steps > m->steps_max) {
			m->step_limit = m->stop = true;
			return false;
		}
		if (match->kind == MATCH_CONTENT)
			return run_content(m, match, end);
		if (match->kind == MATCH_PCRE)
			return run_regex(m, match, end);
		if (!holds(m, match))
			return false;
	}
	return true;
}

bool buffer_match(struct buffer_matcher *m, const struct rule *rule, const struct rule_buffer *buffer)
{
	m->rule = rule;
	m->buffer = buffer;
	m->steps = 0;
	m->at = 0;
	m->stop = m->step_limit = m->pcre_limit = m->has_entropy = false;
	return run(m, buffer->matches, buffer->matches + buffer->match_count);
}
