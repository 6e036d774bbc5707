// SPDX-License-Identifier: GPL-3.0-or-later
// Names: bursts of those that do not exist, floods below one domain, names that programs drew, look-alikes.
#include <stdio.h>
#include "signatures/heuristics/dga.h"
#include "signatures/heuristics/heuristics_internal.h"

#define NXDOMAIN 3 // rcode, RFC 1035 4.1.1

// At least two dots: what has fewer is not below a registered domain.
static bool is_deep(struct span name)
{
	return span_find(name, '.', span_find(name, '.', 0) + 1) < name.len;
}

static void put_window(struct heuristics_hit *hit, const struct window *window)
{
	char text[WINDOW_EXAMPLES * (EXAMPLE_MAX + 2)];
	int len = 0;
	for (unsigned i = 0; i < window->example_count; i++)
		len += snprintf(text + len, sizeof(text) - (size_t)len, "%s%s", i ? ", " : "", window->examples[i]);
	detail_number(&hit->detail, "distinct", window->distinct);
	detail_number(&hit->detail, "total", window->total);
	hit_text(hit, "examples", span_of(text, (size_t)len));
	detail_time(&hit->detail, "first_seen", window->start_ns);
	detail_time(&hit->detail, "last_seen", window->last_ns);
}

static void check_missing(const struct check *check, struct span name, uint32_t score)
{
	struct window *window = window_add(check, WINDOW_NXDOMAIN, span_of(NULL, 0), name);
	window->drawn += score >= DGA_SCORE_BURST;
	if (!window->told && window->distinct >= check->worker->config->nxdomain_names) {
		window->told = true;
		struct heuristics_hit *hit = heuristics_tell(check, HEURISTICS_NXDOMAIN_BURST, span_of(NULL, 0));
		if (hit) {
			put_window(hit, window);
			detail_number(&hit->detail, "look_drawn", window->drawn);
		}
	}
	if (score < DGA_SCORE_ALONE)
		return;
	struct heuristics_hit *hit = heuristics_tell(check, HEURISTICS_GENERATED_NAME, span_of(NULL, 0));
	if (!hit)
		return;
	hit_text(hit, "name", name);
	detail_number(&hit->detail, "score", score);
}

// The last label, if no top-level domain is like it: these have no digits (RFC 1123 2.1) but in punycode, and addresses that programs ask for as names nothing else.
static struct span impossible_end(struct span name)
{
	uint32_t at = name.len, digits = 0;
	for (; at && name.data[at - 1] != '.'; at--)
		digits += name.data[at - 1] >= '0' && name.data[at - 1] <= '9';
	struct span end = span_from(name, at);
	return at && digits && digits < end.len && !span_starts(end, "xn--") ? end : span_of(NULL, 0);
}

// domain: empty, of names that can have none: a tunnel to a server of its own needs none.
static void check_flood(const struct check *check, struct span name, struct span domain)
{
	struct window *window = window_add(check, WINDOW_FLOOD, domain, domain.len ? name : impossible_end(name));
	if (window->told || window->distinct < check->worker->config->flood_names)
		return;
	window->told = true;
	struct heuristics_hit *hit = heuristics_tell(check, HEURISTICS_NAME_FLOOD, domain);
	if (!hit)
		return;
	hit_text(hit, domain.len ? "domain" : "name", domain.len ? domain : name);
	put_window(hit, window);
}

static void check_lookalike(const struct check *check, struct span domain)
{
	const struct heuristics_worker *worker = check->worker;
	char skeleton[LOOKALIKE_MAX];
	uint32_t len = lookalike_skeleton(domain, skeleton);
	for (unsigned i = 0; len && i < worker->own_count; i++) {
		if (worker->own[i].len != len || memcmp(worker->own[i].skeleton, skeleton, len) != 0 ||
			span_is_nocase(domain, worker->own[i].name))
			continue;
		struct heuristics_hit *hit = heuristics_tell(check, HEURISTICS_LOOKALIKE, domain);
		if (!hit)
			return;
		hit_text(hit, "name", domain);
		hit_text(hit, "looks_like", span_text(worker->own[i].name));
		hit_text(hit, "where", span_text(named_place_names[check->named->place]));
		return;
	}
}

// Longer than people choose, by the label that was registered; shorter ones are initials and brands as often as not.
#define LONG_LABEL 16

static bool has_long_label(struct span name)
{
	uint32_t at = 0;
	while (at < name.len) {
		uint32_t end = span_find(name, '.', at);
		if (end - at >= LONG_LABEL)
			return true;
		at = end + 1;
	}
	return false;
}

static void check_visited(const struct check *check, struct span name)
{
	uint32_t suffix_at;
	if (!has_long_label(name) || is_ignored(check, name))
		return;
	struct span domain = registered_domain(check->worker, name, &suffix_at);
	uint32_t score = dga_score((const char *)name.data, name.len, suffix_at);
	if (!domain.len || span_find(domain, '.', 0) < LONG_LABEL || score < DGA_SCORE_ALONE)
		return;
	struct heuristics_hit *hit = heuristics_tell(check, HEURISTICS_LONG_NAME, span_of(NULL, 0));
	if (!hit)
		return;
	detail_address(&hit->detail, "server", check_server(check));
	hit_text(hit, "name", name);
	detail_number(&hit->detail, "score", score);
	hit_text(hit, "where", span_text(named_place_names[check->named->place]));
}

void heuristics_check_name(const struct check *check)
{
	const struct named *named = check->named;
	struct span name = named->value;
	uint32_t suffix_at;
	bool question = named->place == NAMED_DNS_QUESTION;
	if (!question && named->place != NAMED_MAIL_LINK)
		check_visited(check, name);
	bool missing = question && named->direction == TO_CLIENT && named->rcode == NXDOMAIN;
	bool asked = question && named->direction == TO_SERVER;
	if (asked && impossible_end(name).len && !is_ignored(check, name)) {
		check_flood(check, name, span_of(NULL, 0));
		return;
	}
	if ((!missing && !(asked && is_deep(name)) && !check->worker->own_count) || is_ignored(check, name))
		return;
	struct span domain = registered_domain(check->worker, name, &suffix_at);
	if (!domain.len)
		return;
	if (missing)
		check_missing(check, name, dga_score((const char *)name.data, name.len, suffix_at));
	if (asked && name.len > domain.len)
		check_flood(check, name, domain);
	if (check->worker->own_count)
		check_lookalike(check, domain);
}
