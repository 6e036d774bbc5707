// SPDX-License-Identifier: GPL-3.0-or-later
// Requests of HTTP: attacks, scanners, odd clients; and the files that other protocols bring.
#include <xxhash.h>
#include "decoders/app/files/file.h"
#include "decoders/app/http/http.h"
#include "decoders/app/http2/http2.h"
#include "decoders/base/clock.h"
#include "signatures/heuristics/heuristics_internal.h"
#include "signatures/heuristics/http_attack.h"

static const enum heuristics_sid attack_sids[ATTACKS_END] = {
	[ATTACK_SQL] = HEURISTICS_SQL,
	[ATTACK_SCRIPT] = HEURISTICS_SCRIPT,
	[ATTACK_COMMAND] = HEURISTICS_COMMAND,
	[ATTACK_TRAVERSAL] = HEURISTICS_TRAVERSAL,
};

// One server, one alert.
static struct span server_of(const struct check *check)
{
	return span_of(check_server(check)->bytes, 16);
}

static void check_attack(const struct check *check, struct span bytes, const char *where)
{
	const char *phrase = "";
	enum http_attack attack = http_attack_of(bytes, &phrase);
	if (attack == ATTACK_NONE)
		return;
	struct heuristics_hit *hit = heuristics_tell(check, attack_sids[attack], server_of(check));
	if (!hit)
		return;
	detail_address(&hit->detail, "server", check_server(check));
	hit_text(hit, "phrase", span_text(phrase));
	hit_text(hit, "where", span_text(where));
	hit_text(hit, "value", bytes);
}

// "GET http://elsewhere/ HTTP/1.1" with a Host of its own: who asks is looking for a proxy that is open to all.
static void check_proxy(const struct check *check, struct span target)
{
	struct span host;
	struct canonical_url own;
	uint8_t bytes[INDICATOR_VALUE_MAX];
	const struct canonical_url *url = check->named->url;
	if (!span_starts_nocase(target, "http://") || !http_header_find(check->named->tx, TO_SERVER, "Host", &host))
		return;
	if (canonical_request(host, span_text("/"), bytes, &own))
		host = own.host;
	if (!url->host.len || span_equal(host, url->host))
		return;
	struct heuristics_hit *hit = heuristics_tell(check, HEURISTICS_PROXY_PROBE, span_of(NULL, 0));
	if (!hit)
		return;
	detail_address(&hit->detail, "server", check_server(check));
	hit_text(hit, "target", target);
	hit_text(hit, "hostname", host);
}

static void check_paths(const struct check *check, struct span agent)
{
	struct span path = check->named->url->path;
	if (path.len < 2 || span_starts(agent, "Mozilla/"))
		return;
	struct span folder = span_slice(path, 1, span_find(path, '/', 1) - 1);
	struct window *window = window_add(check, WINDOW_WEB, span_of(NULL, 0), folder);
	if (window->told || window->distinct < check->worker->config->web_paths)
		return;
	window->told = true;
	struct heuristics_hit *hit = heuristics_tell(check, HEURISTICS_WEB_SCAN, server_of(check));
	if (!hit)
		return;
	detail_number(&hit->detail, "distinct", window->distinct);
	detail_number(&hit->detail, "total", window->total);
	detail_address(&hit->detail, "server", check_server(check));
	hit_text(hit, "hostname", check->named->url->host);
	hit_text(hit, "user_agent", agent);
	detail_time(&hit->detail, "first_seen", window->start_ns);
}

// Who does not say what it is and sends something, or says what no browser says.
static const char *odd_client_of(const struct check *check, struct span agent)
{
	struct span method = { 0 };
	(void)http_part(check->named->tx, HTTP_PART_METHOD, &method);
	return agent.len ? http_odd_agent(agent) : span_is(method, "POST") ? "sends, and has no user agent" : NULL;
}

// A host on the Internet that has no name.
bool is_bare_far(const struct check *check, const struct address *address)
{
	static const struct address azure = { .bytes = { [10] = 0xff, 0xff, 168, 63, 129, 16 } };
	// Each machine in Azure has its host there, and asks it all the time
	return !is_here(check->worker, address) && !address_equal(address, &azure);
}

// A request to a host that has no name, or under a rare top-level domain, by what is no browser.
static void check_visit(const struct check *check, struct span agent)
{
	const struct canonical_url *url = check->named->url;
	bool bare = url->host_is_address && is_bare_far(check, &url->address);
	bool rare = !url->host_is_address && url->host.len && is_rare_tld(url->host) &&
		    !is_here(check->worker, check_server(check));
	const char *odd = bare || rare ? odd_client_of(check, agent) : NULL;
	if (!odd)
		return;
	struct heuristics_hit *hit =
		heuristics_tell(check, bare ? HEURISTICS_BARE_VISIT : HEURISTICS_RARE_VISIT, url->host);
	if (!hit)
		return;
	detail_address(&hit->detail, "server", check_server(check));
	hit_text(hit, "url", url->whole);
	hit_text(hit, "reason", span_text(odd));
	if (agent.len)
		hit_text(hit, "user_agent", agent);
}

void heuristics_check_request(const struct check *check)
{
	const struct canonical_url *url = check->named->url;
	struct span target, agent = { 0 };
	if (!url || check->inspection->flow->app.parser != &http_parser || check->named->place != NAMED_HTTP_URL ||
		!http_part(check->named->tx, HTTP_PART_URI_RAW, &target))
		return;
	(void)http_header_find(check->named->tx, TO_SERVER, "User-Agent", &agent);
	check_attack(check, target, "url");
	check_proxy(check, target);
	check_paths(check, agent);
	check_visit(check, agent);
}

void heuristics_check_user_agent(const struct check *check)
{
	struct span agent = check->named->value;
	uint64_t hash = XXH3_64bits_withSeed(agent.data, agent.len, check->worker->seed) | 1;
	uint64_t *known = &check->worker->harmless_agents[hash >> 8 & (AGENTS - 1)];
	if (*known == hash)
		return;
	const char *scanner = http_scanner_of(agent);
	if (!scanner) {
		*known = hash;
		return;
	}
	struct heuristics_hit *hit = heuristics_tell(check, HEURISTICS_SCANNER, span_text(scanner));
	if (!hit)
		return;
	detail_address(&hit->detail, "server", check_server(check));
	hit_text(hit, "scanner", span_text(scanner));
	hit_text(hit, "user_agent", agent);
}

// PE, ELF or Mach-O by what libmagic said of its first bytes; NULL: none of these, or nobody asked.
static const char *program_type(const char *magic)
{
	static const struct {
		const char *begins, *type;
	} types[] = { { "PE32", "PE" }, { "MS-DOS executable", "MZ" }, { "ELF ", "ELF" }, { "Mach-O", "Mach-O" } };
	for (size_t i = 0; magic && i < sizeof(types) / sizeof(types[0]); i++)
		if (strncmp(magic, types[i].begins, strlen(types[i].begins)) == 0)
			return types[i].type;
	return NULL;
}

// Hashes of one file are given one after the other: its first.
static bool is_first(const struct named *named)
{
	const struct file *file = named->file;
	bool sha1_first = !file->has_md5, sha256_first = sha1_first && !file->has_sha1;
	return !named->value.len || named->kind == INDICATOR_FILE_MD5 ||
	       (named->kind == INDICATOR_FILE_SHA1 && sha1_first) ||
	       (named->kind == INDICATOR_FILE_SHA256 && sha256_first);
}

void heuristics_check_file(const struct check *check)
{
	const struct named *named = check->named;
	const struct file *file = named->file;
	bool http = check->inspection->flow->app.parser == &http_parser;
	if (!file || !is_first(named))
		return;
	struct span name = bytes_span(&file->name);
	if (http && file->direction == TO_SERVER) {
		const struct http_tx *tx = (const struct http_tx *)(const void *)named->tx;
		check_attack(check, bytes_span(&tx->body[TO_SERVER].data), "body");
		return;
	}
	const char *type = http ? NULL : program_type(file->magic); // an answer of HTTP/1 is told by its first bytes
	name = span_slice(name, 0, span_find(name, '?', 0));
	if (!type)
		return;
	struct span host;
	if (check->inspection->flow->app.parser == &http2_parser && http2_host(http2_tx_of(named->tx), &host))
		heuristics_domain_reason(check, DOMAIN_PROGRAM, http2_host_name(host), type);
	bool hidden = is_harmless_name(name);
	if (!hidden)
		return;
	struct heuristics_hit *hit = heuristics_tell(check, HEURISTICS_HIDDEN_PROGRAM, server_of(check));
	if (!hit)
		return;
	detail_address(&hit->detail, "server", check_server(check));
	hit_text(hit, "file", name);
	hit_text(hit, "type", span_text(type));
	detail_number(&hit->detail, "size", file->size);
}
