// SPDX-License-Identifier: GPL-3.0-or-later
// Programs and scripts that HTTP/1 brings, by what was asked for and what came: one finding a host here and a far end, with the strongest reason.
#include "decoders/app/http/http.h"
#include "signatures/heuristics/heuristics_internal.h"
#include "signatures/heuristics/http_attack.h"

#define PE_OFFSET_AT   0x3c // of the PE header, in the DOS header before it
#define CIPHERED_LEAST 64   // bytes: fewer are a word or a marker, not a program

// What is to be judged of one.
struct fetched {
	const struct answer *answer;
	struct span said;   // Content-Type
	const char *type;   // by the first bytes: a program, or "shell script"; NULL: neither
	const char *client; // a command line, or what is odd about the user agent; NULL: neither
	bool script, by_path, odd, rare, refused;
};

static bool is_program_path(struct span path)
{
	static const char *const ends[] = { ".exe", ".dll", ".scr", ".ps1", ".bat", ".hta", ".vbs", ".msi", ".sh",
		".elf", ".x86", ".x86_64", ".i686", ".mips", ".mipsel", ".mpsl", ".arm", ".arm5", ".arm6", ".arm7",
		".m68k", ".ppc", ".sparc", ".sh4", ".jar", ".lnk" };
	return ends_in(path, ends, sizeof(ends) / sizeof(ends[0]));
}

static bool is_pe(struct span body)
{
	if (!span_starts(body, "MZ") || body.len < PE_OFFSET_AT + 4)
		return false;
	uint32_t at = (uint32_t)(body.data[PE_OFFSET_AT] | body.data[PE_OFFSET_AT + 1] << 8);
	bool far = body.data[PE_OFFSET_AT + 2] || body.data[PE_OFFSET_AT + 3];
	return !far && span_starts(span_from(body, at), "PE");
}

static bool begins(struct span body, const char *bytes, uint32_t len)
{
	return body.len >= len && memcmp(body.data, bytes, len) == 0;
}

#define BEGINS(text)                   \
	{                              \
		text, sizeof(text) - 1 \
	}

static const char *program_of(struct span body)
{
	static const struct {
		const char *bytes;
		uint32_t len;
		const char *type;
	} types[] = {
		{ "\x7f"
		  "ELF",
			4, "ELF" },
		{ "\xcf\xfa\xed\xfe", 4, "Mach-O" },
		{ "\xce\xfa\xed\xfe", 4, "Mach-O" },
		{ "CWS", 3, "SWF" },
		{ "FWS", 3, "SWF" },
		{ "ZWS", 3, "SWF" },
		{ "dex\n", 4, "DEX" },
		{ "L\0\0\0\x01\x14\x02\0", 8, "LNK" },
	};
	if (is_pe(body))
		return "PE";
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (begins(body, types[i].bytes, types[i].len))
			return types[i].type;
	return NULL;
}

static bool is_shell_script(struct span body)
{
	static const char *const lines[] = { "#!/bin/sh", "#!/bin/bash", "#!/usr/bin/env bash", "#!/usr/bin/env sh",
		"#!/bin/ash", "#!/bin/busybox", "#! /bin/sh", "#! /bin/bash" };
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (span_starts(body, lines[i]))
			return true;
	return false;
}

static bool starts_any(struct span text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_starts_nocase(text, words[i]))
			return true;
	return false;
}

// Types that no server has for a program by mistake, as it has text/plain and text/html.
static bool is_harmless_type(struct span type)
{
	static const char *const words[] = { "image/", "audio/", "video/", "font/", "text/css", "text/javascript",
		"application/javascript", "application/json", "application/pdf" };
	return starts_any(type, words, sizeof(words) / sizeof(words[0]));
}

static bool is_program_type(struct span type)
{
	static const char *const words[] = { "application/x-msdownload", "application/x-msdos-program",
		"application/x-dosexec", "application/vnd.microsoft.portable-executable", "application/x-executable",
		"application/x-ms-dos-executable", "application/exe", "application/x-exe" };
	return starts_any(type, words, sizeof(words) / sizeof(words[0]));
}

// Neither text nor one of the containers that programs come in: bytes that only who asked for them can read.
static bool is_ciphered(struct span body)
{
	static const struct {
		const char *bytes;
		uint32_t len;
	} known[] = { BEGINS("MZ"), BEGINS("PK"), BEGINS("MSCF"), BEGINS("\xd0\xcf\x11\xe0"), BEGINS("\x1f\x8b"),
		BEGINS("Rar!"), BEGINS("7z\xbc\xaf"), BEGINS("BZh"),
		BEGINS("\xfd"
		       "7zXZ"),
		BEGINS("%PDF"), BEGINS("!<arch>"), BEGINS("\x28\xb5\x2f\xfd"), BEGINS("PA30"), BEGINS("PA19") };
	uint32_t odd = 0;
	if (body.len < CIPHERED_LEAST)
		return false;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (begins(body, known[i].bytes, known[i].len))
			return false;
	for (uint32_t i = 0; i < CIPHERED_LEAST; i++)
		odd += body.data[i] >= 0x7f || (body.data[i] < 0x20 && !strchr("\t\r\n", body.data[i])) ||
		       !body.data[i];
	return odd > CIPHERED_LEAST / 4;
}

static void tell(const struct check *check, const struct fetched *fetched, enum heuristics_sid sid, unsigned severity,
	const char *reason)
{
	const struct answer *answer = fetched->answer;
	const struct address *server = check_server(check);
	struct span what = answer->host.len ? answer->host : span_of(server->bytes, sizeof(server->bytes));
	if (fetched->refused && !fetched->type) // that it came in the end is worth another alert
		what = answer->host_said.len ? answer->host_said : span_text("refused");
	struct heuristics_hit *hit = heuristics_tell(check, sid, what);
	if (!hit)
		return;
	heuristics_weigh(check, severity);
	detail_address(&hit->detail, "server", server);
	hit_url(hit, answer);
	if (answer->host.len)
		hit_text(hit, "hostname", answer->host);
	if (fetched->type)
		hit_text(hit, "type", span_text(fetched->type));
	if (fetched->said.len)
		hit_text(hit, "content_type", fetched->said);
	if (fetched->client)
		hit_text(hit, "client", span_text(fetched->client));
	if (reason)
		hit_text(hit, "reason", span_text(reason));
	if (answer->status > 0)
		detail_number(&hit->detail, "status", (uint64_t)answer->status);
}

static void judge(const struct check *check, const struct fetched *fetched)
{
	const struct answer *answer = fetched->answer;
	bool program = fetched->type && !fetched->script;
	if (program && (is_harmless_name(answer->path) || is_harmless_type(fetched->said)))
		tell(check, fetched, HEURISTICS_HIDDEN_PROGRAM, 3, NULL);
	else if (fetched->script && (answer->bare || fetched->client || http_request_unseen(answer->tx)))
		tell(check, fetched, HEURISTICS_SHELL_SCRIPT, answer->bare && fetched->client ? 3 : 4, NULL);
	else if (!program && fetched->refused && is_here(check->worker, check_server(check)))
		return; // somebody tries paths of a server here
	else if (answer->bare && (program || fetched->by_path))
		tell(check, fetched, HEURISTICS_BARE_PROGRAM, !program && fetched->refused ? 4 : 3, NULL);
	else if (is_program_type(fetched->said) && (answer->bare || fetched->rare || fetched->odd) &&
		 is_ciphered(answer->body))
		tell(check, fetched, HEURISTICS_CIPHERED_PROGRAM, answer->bare ? 3 : 4, NULL);
	else if ((program || fetched->by_path) && fetched->client && !fetched->odd)
		tell(check, fetched, HEURISTICS_FETCHED_PROGRAM, 4, NULL);
	else if ((program && fetched->rare) || ((program || fetched->by_path) && fetched->odd))
		tell(check, fetched, HEURISTICS_RARE_PROGRAM, fetched->rare && fetched->odd ? 3 : 4,
			fetched->rare ? "rare top-level domain" : NULL);
}

void heuristics_check_program(const struct check *check, const struct answer *answer)
{
	struct fetched fetched = { .answer = answer,
		.type = program_of(answer->body),
		.by_path = is_program_path(answer->path),
		.refused = answer->status < 200 || answer->status >= 300 };
	if (!fetched.type && is_shell_script(answer->body)) {
		fetched.type = "shell script";
		fetched.script = true;
	}
	if (answer->body.len)
		(void)http_header_find(answer->tx, TO_CLIENT, "Content-Type", &fetched.said);
	if (!fetched.type && !fetched.by_path && !is_program_type(fetched.said))
		return;
	if (!http_request_unseen(answer->tx)) {
		fetched.client = http_command_client_of(answer->agent);
		fetched.odd = !fetched.client && (fetched.client = http_nameless_agent(answer->agent));
	}
	if (fetched.type && answer->host.len && !answer->bare)
		heuristics_domain_reason(check, DOMAIN_PROGRAM, answer->host, fetched.type);
	fetched.rare = answer->host.len && !answer->bare && is_rare_tld(answer->host);
	judge(check, &fetched);
}
