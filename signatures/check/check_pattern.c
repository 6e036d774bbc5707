// SPDX-License-Identifier: GPL-3.0-or-later
// Checks on what makes a rule a candidate: its literal.
#include "signatures/check/checking.h"
#include "signatures/check/describe.h"
#include "signatures/check/words.h"

#define SHORT_BYTES 2 // a literal of at most so many bytes is in most data

// What nearly every conversation of its kind has.
static const char *const common[] = { "GET", "GET ", "POST", "POST ", "HTTP/1.", "HTTP/1.0", "HTTP/1.1", "User-Agent",
	"User-Agent: ", "User-Agent|3a 20|", "Mozilla", "Mozilla/", "Mozilla/4.0", "Mozilla/5.0", "Host",
	"Host: ", "Accept", "Content-Type", "Content-Length", "Content-", "text/html", "application/", ".php", ".exe",
	".com", ".html", "www.", "http", "http://", "https", "https://", "200", "200 OK", "\r\n\r\n", NULL };

static bool is_one_byte(struct span bytes)
{
	for (uint32_t i = 1; i < bytes.len; i++)
		if (bytes.data[i] != bytes.data[0])
			return false;
	return true;
}

static bool is_common(struct span bytes)
{
	for (unsigned i = 0; common[i]; i++)
		if (span_is_nocase(bytes, common[i]))
			return true;
	return is_one_byte(bytes) && (bytes.data[0] == 0 || bytes.data[0] == 0xff || bytes.data[0] == ' ');
}

struct contents {
	unsigned literal, negated, pcre, other;
};

static struct contents count_contents(const struct rule_buffer *buffer)
{
	struct contents count = { 0 };
	for (unsigned i = 0; i < buffer->match_count; i++) {
		const struct match *match = &buffer->matches[i];
		if (match->kind == MATCH_CONTENT && match->negated)
			count.negated++;
		else if (match->kind == MATCH_CONTENT)
			count.literal++;
		else if (match->kind == MATCH_PCRE)
			count.pcre++;
		else
			count.other++;
	}
	return count;
}

static void no_pattern(struct checking *checking)
{
	const struct rule *rule = checking->rule;
	struct contents all = { 0 };
	if (rule->buffer_count == 0 || rule->flags & RULE_PREFILTER)
		return;
	for (unsigned i = 0; i < rule->buffer_count; i++) {
		struct contents one = count_contents(&rule->buffers[i]);
		all.literal += one.literal;
		all.negated += one.negated;
		all.pcre += one.pcre;
		all.other += one.other;
	}
	const char *reason = all.literal ? "its contents are where none can be looked for ahead (base64_data, a buffer "
					   "that may be absent)"
			     : all.pcre  ? "it has a pcre and no content"
			     : all.negated ? "all of its contents are negated"
					   : "it has no content";
	unsigned column = rule->buffers[0].match_count ? rule->buffers[0].matches[0].column : 0;
	checking_found(checking, CHECK_NO_PATTERN, column,
		"%s: the rule is evaluated wherever its header fits; a content of three bytes or more, not negated, "
		"makes it "
		"cheap",
		reason);
}

static unsigned pattern_column(const struct checking *checking, const struct plan *plan)
{
	const struct rule *rule = checking->rule;
	for (unsigned b = 0; b < rule->buffer_count; b++)
		for (unsigned i = 0; i < rule->buffers[b].match_count; i++) {
			const struct match *match = &rule->buffers[b].matches[i];
			const struct match_content *content = &match->content;
			if (match->kind == MATCH_CONTENT && plan->pattern.bytes.data >= content->bytes.data &&
				plan->pattern.bytes.data < content->bytes.data + content->bytes.len)
				return match->column;
		}
	return 0;
}

static void weak_pattern(struct checking *checking, const struct plan *plan)
{
	struct span bytes = plan->pattern.bytes;
	char text[160];
	struct words words;
	bool is_short = bytes.len <= SHORT_BYTES && !plan->pattern.max_end;
	if (!is_short && !is_common(bytes))
		return;
	words_begin(&words, text, sizeof(text));
	words_bytes(&words, bytes, 32);
	checking_found(checking, is_short ? CHECK_SHORT_PATTERN : CHECK_COMMON_PATTERN, pattern_column(checking, plan),
		is_short ? "%s is all there is to look for: it is found nearly everywhere"
			 : "%s is what the rule is looked for by, and is in most traffic of its kind: another content "
			   "(fast_pattern names it) would spare evaluations",
		text);
}

static void pcre_alone(struct checking *checking)
{
	const struct rule *rule = checking->rule;
	for (unsigned b = 0; b < rule->buffer_count; b++) {
		struct contents count = count_contents(&rule->buffers[b]);
		if (!count.pcre || count.literal || count.other)
			continue;
		char name[96];
		rule_buffer_describe(rule, b, name, sizeof(name));
		for (unsigned i = 0; i < rule->buffers[b].match_count; i++)
			if (rule->buffers[b].matches[i].kind == MATCH_PCRE) {
				checking_found(checking, CHECK_PCRE_ALONE, rule->buffers[b].matches[i].column,
					"%s has a pcre and no content: the expression runs whenever the rest of the "
					"rule holds",
					name);
				break;
			}
	}
}

void check_pattern(struct checking *checking, const struct plan *plan)
{
	switch (checking->rule->type) {
	case RULE_TYPE_IP_ONLY:
	case RULE_TYPE_LIKE_IP_ONLY:
	case RULE_TYPE_EVENT_ONLY:
	case RULE_TYPE_PROTO_ONLY: return;
	default: break;
	}
	if (plan->pattern.place == PATTERN_NONE) {
		no_pattern(checking);
		return;
	}
	weak_pattern(checking, plan);
	pcre_alone(checking);
}
