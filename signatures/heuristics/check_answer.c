// SPDX-License-Identifier: GPL-3.0-or-later
// Answers of HTTP/1: sinkholes and seized domains, hosts without a name that are asked again and again.
#include "decoders/app/http/http.h"
#include "decoders/base/ascii.h"
#include "signatures/heuristics/heuristics_internal.h"

#define VISITS_OF_PROGRAM 10 // requests for one path of a host that has no name, within an hour
#define LENGTH_DIGITS     5  // of a Content-Length: what is longer is no order

static uint32_t lower_case(struct span text, uint8_t *out)
{
	uint32_t len = text.len < NAMED_BODY_BYTES ? text.len : NAMED_BODY_BYTES;
	ascii_lower_copy(out, text.data, len);
	return len;
}

static const char *seized_page(struct span body)
{
	static const char *const pages[] = { "this domain has been seized", "this domain name has been seized",
		"this website has been seized", "domain seizure notice", "sinkholed by " };
	uint8_t lower[NAMED_BODY_BYTES];
	uint32_t len = lower_case(body, lower);
	if (!memmem(lower, len, "seiz", 4) && !memmem(lower, len, "sinkh", 5)) // what all of them hold
		return NULL;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (memmem(lower, len, pages[i], strlen(pages[i])))
			return pages[i];
	return NULL;
}

static bool is_sinkhole_server(const struct app_tx *tx)
{
	uint8_t lower[NAMED_BODY_BYTES];
	struct span server;
	return http_header_find(tx, TO_CLIENT, "Server", &server) &&
	       memmem(lower, lower_case(server, lower), "sinkhole", 8);
}

// Headers are gone through once for all of the names.
static const char *sinkhole_header(const struct app_tx *tx)
{
	static const char *const names[] = { "X-Sinkhole", "X-Sinkholed", "X-Sinkholed-Domain", "X-Zinkhole" };
	struct http_header header;
	for (uint32_t at = 0; http_header_at(tx, TO_CLIENT, at, &header); at++)
		for (size_t i = 0; span_starts_nocase(header.name, "X-") && i < sizeof(names) / sizeof(names[0]); i++)
			if (span_is_nocase(header.name, names[i]))
				return names[i];
	return NULL;
}

// Those who take a domain over say so, to each other's crawlers or to visitors.
static void check_sinkhole(const struct check *check, const struct answer *answer)
{
	const char *reason = is_sinkhole_server(answer->tx) ? "server header" : NULL;
	if (!reason)
		reason = sinkhole_header(answer->tx);
	if (!reason && answer->body.len)
		reason = seized_page(answer->body);
	if (!reason)
		return;
	const struct address *address = check_server(check);
	struct span what = answer->host.len ? answer->host : span_of(address->bytes, sizeof(address->bytes));
	struct heuristics_hit *hit = heuristics_tell(check, HEURISTICS_SINKHOLE, what);
	if (!hit)
		return;
	detail_address(&hit->detail, "server", address);
	if (answer->host.len)
		hit_text(hit, "hostname", answer->host);
	hit_text(hit, "reason", span_text(reason));
}

// Media are asked for piece by piece, and come in large ones.
static bool is_media(const struct answer *answer)
{
	static const char *const types[] = { "video/", "audio/", "application/vnd.apple.mpegurl",
		"application/x-mpegurl", "application/dash+xml", "multipart/x-mixed-replace" };
	struct span value;
	if (http_header_find(answer->tx, TO_SERVER, "Range", &value))
		return true;
	if (http_header_find(answer->tx, TO_CLIENT, "Content-Length", &value) && value.len > LENGTH_DIGITS)
		return true;
	if (!http_header_find(answer->tx, TO_CLIENT, "Content-Type", &value))
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (span_starts_nocase(value, types[i]))
			return true;
	return false;
}

void hit_url(struct heuristics_hit *hit, const struct answer *answer)
{
	uint8_t bytes[INDICATOR_VALUE_MAX];
	struct canonical_url url;
	if (answer->target.len && canonical_request(answer->host_said, answer->target, bytes, &url))
		hit_text(hit, "url", url.whole);
}

// A host that has no name, asked for the same again and again: a program that waits for orders, or for news.
static void check_repeats(const struct check *check, const struct answer *answer, const struct address *address)
{
	struct span agent = answer->agent;
	if (!is_bare_far(check, address) || is_media(answer))
		return;
	struct window *window = window_add(check, WINDOW_VISITS, answer->path, span_of(NULL, 0));
	if (window->total < VISITS_OF_PROGRAM)
		return;
	struct heuristics_hit *hit = heuristics_tell(check, HEURISTICS_BARE_VISIT, answer->host);
	if (!hit)
		return;
	detail_address(&hit->detail, "server", check_server(check));
	hit_url(hit, answer);
	hit_text(hit, "reason", span_text("the same asked for again and again"));
	if (agent.len)
		hit_text(hit, "user_agent", agent);
	detail_number(&hit->detail, "total", window->total);
	detail_time(&hit->detail, "first_seen", window->start_ns);
}

void heuristics_check_answer(const struct check *check)
{
	const struct http_tx *http = (const struct http_tx *)(const void *)check->named->tx;
	const struct http_body *body = &http->body[TO_CLIENT];
	bool answered = !check->named->unanswered;
	struct answer answer = { .tx = check->named->tx, .status = answered ? http_status(check->named->tx) : 0 };
	struct address address;
	if (body->has_body && body->offset == 0)
		answer.body = span_slice(bytes_span(&body->data), 0, NAMED_BODY_BYTES);
	if (!http_request_unseen(answer.tx)) {
		(void)http_part(answer.tx, HTTP_PART_HOST, &answer.host);
		if (!http_header_find(answer.tx, TO_SERVER, "Host", &answer.host_said))
			(void)http_part(answer.tx, HTTP_PART_HOST_RAW, &answer.host_said);
		(void)http_part(answer.tx, HTTP_PART_URI_RAW, &answer.target);
		(void)http_header_find(answer.tx, TO_SERVER, "User-Agent", &answer.agent);
		answer.path = span_slice(answer.target, 0, span_find(answer.target, '?', 0));
	}
	answer.bare = address_parse_span(answer.host, &address);
	if (answered)
		check_sinkhole(check, &answer);
	if (answered && answer.bare)
		check_repeats(check, &answer, &address);
	heuristics_check_program(check, &answer);
}
