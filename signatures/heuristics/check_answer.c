// SPDX-License-Identifier: GPL-3.0-or-later
// Answers of HTTP/1: sinkholes and seized domains, programs and scripts by their first bytes.
#include "decoders/app/http/http.h"
#include "decoders/base/ascii.h"
#include "signatures/heuristics/heuristics_internal.h"
#include "signatures/heuristics/http_attack.h"

#define PE_OFFSET_AT 0x3c // of the PE header, in the DOS header before it

// What is known of an answer, and of the request if it was seen.
struct answer {
	const struct app_tx *tx;
	struct span body; // its beginning; empty when that is no longer there
	struct span host, target, agent;
	bool bare; // the host is an address
};

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
	struct heuristics_hit *hit = heuristics_tell(check, HEURISTICS_SINKHOLE, what, true);
	if (!hit)
		return;
	hit_text(hit, "reason", span_text(reason));
	if (answer->host.len)
		hit_text(hit, "hostname", answer->host);
}

static const char *program_of(struct span body)
{
	if (span_starts(body, "\x7f"
			      "ELF"))
		return "ELF";
	if (!span_starts(body, "MZ") || body.len < PE_OFFSET_AT + 4)
		return NULL;
	uint32_t at = (uint32_t)(body.data[PE_OFFSET_AT] | body.data[PE_OFFSET_AT + 1] << 8);
	bool far = body.data[PE_OFFSET_AT + 2] || body.data[PE_OFFSET_AT + 3];
	return !far && span_starts(span_from(body, at), "PE") ? "PE" : NULL;
}

static bool is_shell_script(struct span body)
{
	static const char *const begins[] = { "#!/bin/sh", "#!/bin/bash", "#!/usr/bin/env bash", "#!/usr/bin/env sh",
		"#!/bin/ash", "#!/bin/busybox", "#! /bin/sh", "#! /bin/bash" };
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (span_starts(body, begins[i]))
			return true;
	return false;
}

// Types that no server has for a program by mistake, as it has text/plain and text/html.
static bool is_harmless_type(struct span type)
{
	static const char *const begins[] = { "image/", "audio/", "video/", "font/", "text/css", "text/javascript",
		"application/javascript", "application/json", "application/pdf" };
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (span_starts_nocase(type, begins[i]))
			return true;
	return false;
}

static void tell_fetched(const struct check *check, const struct answer *answer, enum heuristics_sid sid,
	const char *type, struct span said)
{
	const struct address *server = check_server(check);
	struct heuristics_hit *hit = heuristics_tell(check, sid, span_of(server->bytes, sizeof(server->bytes)), true);
	if (!hit)
		return;
	if (answer->target.len)
		hit_text(hit, "file", answer->target);
	hit_text(hit, "type", span_text(type));
	if (answer->host.len)
		hit_text(hit, "hostname", answer->host);
	if (said.len)
		hit_text(hit, "content_type", said);
}

static void check_program(const struct check *check, const struct answer *answer)
{
	struct span said = { 0 };
	const char *program = program_of(answer->body);
	bool script = !program && is_shell_script(answer->body);
	if (!program && !script)
		return;
	if (answer->host.len && !answer->bare)
		heuristics_domain_reason(check, DOMAIN_PROGRAM, answer->host, program ? program : "shell script");
	(void)http_header_find(answer->tx, TO_CLIENT, "Content-Type", &said);
	bool hidden = program && (is_harmless_name(answer->target) || is_harmless_type(said));
	const char *client = http_command_client_of(answer->agent);
	if (hidden)
		tell_fetched(check, answer, HEURISTICS_HIDDEN_PROGRAM, program, said);
	else if (program && answer->bare)
		tell_fetched(check, answer, HEURISTICS_BARE_PROGRAM, program, said);
	else if (program && client)
		tell_fetched(check, answer, HEURISTICS_FETCHED_PROGRAM, program, said);
	else if (script && (answer->bare || client || http_request_unseen(answer->tx)))
		tell_fetched(check, answer, HEURISTICS_SHELL_SCRIPT, "shell script", said);
}

void heuristics_check_answer(const struct check *check)
{
	const struct http_tx *http = (const struct http_tx *)(const void *)check->named->tx;
	const struct http_body *body = &http->body[TO_CLIENT];
	struct answer answer = { .tx = check->named->tx };
	char text[ADDRESS_TEXT_SIZE];
	struct address address;
	if (body->has_body && body->offset == 0)
		answer.body = span_slice(bytes_span(&body->data), 0, NAMED_BODY_BYTES);
	if (!http_request_unseen(answer.tx)) {
		(void)http_part(answer.tx, HTTP_PART_HOST, &answer.host);
		(void)http_part(answer.tx, HTTP_PART_URI_RAW, &answer.target);
		(void)http_header_find(answer.tx, TO_SERVER, "User-Agent", &answer.agent);
		answer.target = span_slice(answer.target, 0, span_find(answer.target, '?', 0));
	}
	if (answer.host.len && answer.host.len < sizeof(text)) {
		memcpy(text, answer.host.data, answer.host.len);
		text[answer.host.len] = 0;
		answer.bare = address_parse(text, &address);
	}
	check_sinkhole(check, &answer);
	if (answer.body.len)
		check_program(check, &answer);
}
