// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/heuristics/http_attack.h"
#include <assert.h>
#include "decoders/base/ascii.h"
#include "decoders/base/hex.h"

struct phrase {
	enum http_attack attack;
	uint32_t len;
	const char *text;
};

#define PHRASE(attack, text)                   \
	{                                      \
		attack, sizeof(text) - 1, text \
	}

// In the order in which they are told: what runs commands before what reads files.
static const struct phrase phrases[] = {
	PHRASE(ATTACK_SQL, "union select "), // the first: only with columns behind it
	PHRASE(ATTACK_SQL, "union all select "),
	PHRASE(ATTACK_SQL, "' or '1'='1"),
	PHRASE(ATTACK_SQL, "' or 1=1"),
	PHRASE(ATTACK_SQL, "\" or 1=1"),
	PHRASE(ATTACK_SQL, " and 1=1--"),
	PHRASE(ATTACK_SQL, "information_schema."),
	PHRASE(ATTACK_SQL, "; drop table "),
	PHRASE(ATTACK_SQL, ";drop table "),
	PHRASE(ATTACK_SQL, "waitfor delay '"),
	PHRASE(ATTACK_SQL, "xp_cmdshell"),
	PHRASE(ATTACK_SQL, "(select sleep("),
	PHRASE(ATTACK_SQL, " and sleep("),
	PHRASE(ATTACK_SQL, "benchmark("),
	PHRASE(ATTACK_SQL, "extractvalue("),
	PHRASE(ATTACK_SQL, "pg_sleep("),
	PHRASE(ATTACK_SCRIPT, "<script"),
	PHRASE(ATTACK_SCRIPT, "javascript:alert("),
	PHRASE(ATTACK_SCRIPT, "onerror=alert("),
	PHRASE(ATTACK_SCRIPT, "onload=alert("),
	PHRASE(ATTACK_SCRIPT, "<svg/onload="),
	PHRASE(ATTACK_SCRIPT, "document.cookie"),
	PHRASE(ATTACK_COMMAND, ";cat /"),
	PHRASE(ATTACK_COMMAND, "; cat /"),
	PHRASE(ATTACK_COMMAND, "|cat /"),
	PHRASE(ATTACK_COMMAND, "| cat /"),
	PHRASE(ATTACK_COMMAND, ";wget "),
	PHRASE(ATTACK_COMMAND, "; wget "),
	PHRASE(ATTACK_COMMAND, ";curl "),
	PHRASE(ATTACK_COMMAND, "; curl "),
	PHRASE(ATTACK_COMMAND, "`wget "),
	PHRASE(ATTACK_COMMAND, "$(wget "),
	PHRASE(ATTACK_COMMAND, "$(curl "),
	PHRASE(ATTACK_COMMAND, "/bin/sh -c"),
	PHRASE(ATTACK_COMMAND, "/bin/bash -"),
	PHRASE(ATTACK_COMMAND, "() { :"),
	PHRASE(ATTACK_COMMAND, "${jndi:"),
	PHRASE(ATTACK_COMMAND, "cmd.exe /c"),
	PHRASE(ATTACK_COMMAND, "cmd.exe?/c"),
	PHRASE(ATTACK_COMMAND, "powershell -e"),
	PHRASE(ATTACK_COMMAND, "php://input"),
	PHRASE(ATTACK_COMMAND, "allow_url_include"),
	PHRASE(ATTACK_COMMAND, "busybox "),
	PHRASE(ATTACK_COMMAND, "/dev/tcp/"),
	PHRASE(ATTACK_COMMAND, "getruntime()"),
	PHRASE(ATTACK_COMMAND, "@java.lang.runtime@"),
	PHRASE(ATTACK_COMMAND, "\"java.lang.processbuilder"),
	PHRASE(ATTACK_COMMAND, "#_memberaccess"),
	PHRASE(ATTACK_COMMAND, "class.module.classloader"),
	PHRASE(ATTACK_COMMAND, "[#post_render]"),
	PHRASE(ATTACK_COMMAND, "[#lazy_builder]"),
	PHRASE(ATTACK_COMMAND, "call_user_func_array"),
	PHRASE(ATTACK_COMMAND, "base64_decode("),
	PHRASE(ATTACK_TRAVERSAL, "../etc/passwd"),
	PHRASE(ATTACK_TRAVERSAL, "../../"),
	PHRASE(ATTACK_TRAVERSAL, "..\\..\\"),
	PHRASE(ATTACK_TRAVERSAL, "/etc/shadow"),
	PHRASE(ATTACK_TRAVERSAL, "=/etc/passwd"),
	PHRASE(ATTACK_TRAVERSAL, "/proc/self/environ"),
	PHRASE(ATTACK_TRAVERSAL, "\\windows\\win.ini"),
	PHRASE(ATTACK_TRAVERSAL, "/windows/win.ini"),
};

static uint8_t plain(uint8_t c)
{
	return c == '+' ? ' ' : ascii_lower(c);
}

static void copy_plain(uint8_t *restrict out, const uint8_t *restrict in, size_t len)
{
	size_t at = 0;
	for (; len - at >= ASCII_BLOCK; at += ASCII_BLOCK)
		for (size_t i = 0; i < ASCII_BLOCK; i++)
			out[at + i] = plain(in[at + i]);
	for (; at < len; at++)
		out[at] = plain(in[at]);
}

// At most size bytes.
static size_t decode(struct span bytes, uint8_t *out, size_t size)
{
	size_t len = 0;
	for (uint32_t i = 0; i < bytes.len && len < size;) {
		size_t run = span_find(bytes, '%', i) - i;
		run = run < size - len ? run : size - len;
		copy_plain(out + len, bytes.data + i, run);
		i += (uint32_t)run;
		len += run;
		if (i == bytes.len || len == size)
			break;
		if (i + 2 < bytes.len && hex_take((const char *)bytes.data + i + 1, &out[len], 1)) {
			out[len] = ascii_lower(out[len]);
			i += 2;
		} else
			out[len] = '%';
		i++;
		len++;
	}
	return len;
}

#define FROM_WITHIN 128 // bytes behind "select"

static bool is_name_byte(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || c == '_';
}

// What a query selects: a number, a text, "*", a variable; or a name and then ",", a bracket or, further on, "from". English has the words before it
// too: "student union select committee".
static bool begins_columns(const uint8_t *text, size_t len)
{
	size_t at = 0, from = len < FROM_WITHIN ? len : FROM_WITHIN;
	while (at < len && (text[at] == ' ' || text[at] == '('))
		at++;
	if (at < len && memchr("0123456789'\"*@`[-~", text[at], 18))
		return true;
	size_t name = at;
	while (at < len && (is_name_byte(text[at]) || (text[at] >= '0' && text[at] <= '9') || text[at] == '.'))
		at++;
	if (at == name)
		return false;
	if (at - name == 4 && memcmp(text + name, "null", 4) == 0)
		return true;
	while (at < len && text[at] == ' ')
		at++;
	return (at < len && memchr(",()", text[at], 3)) || memmem(text, from, " from ", 6);
}

#define PHRASES (sizeof(phrases) / sizeof(phrases[0]))
static_assert(PHRASES <= 64, "a bit each");

enum http_attack http_attack_of(struct span bytes, const char **phrase)
{
	uint8_t text[ATTACK_BYTES_MAX];
	uint64_t first[256] = { 0 }, second[256] = { 0 }; // phrases by their first two bytes
	size_t len = decode(bytes, text, sizeof(text)), best = PHRASES;
	for (size_t i = 0; i < PHRASES; i++) {
		first[(uint8_t)phrases[i].text[0]] |= (uint64_t)1 << i;
		second[(uint8_t)phrases[i].text[1]] |= (uint64_t)1 << i;
	}
	for (size_t at = 0; at + 1 < len && best; at++)
		for (uint64_t left = first[text[at]] & second[text[at + 1]]; left; left &= left - 1) {
			size_t i = (size_t)__builtin_ctzll(left);
			if (i >= best)
				break;
			const struct phrase *p = &phrases[i];
			if (p->len <= len - at && memcmp(text + at, p->text, p->len) == 0 &&
				(i > 0 || begins_columns(text + at + p->len, len - at - p->len)))
				best = i;
		}
	if (best == PHRASES)
		return ATTACK_NONE;
	if (phrase)
		*phrase = phrases[best].text;
	return phrases[best].attack;
}

static const char *name_in(struct span user_agent, const char *const *names, size_t count)
{
	uint8_t text[256];
	size_t len = decode(span_slice(user_agent, 0, sizeof(text)), text, sizeof(text));
	for (size_t i = 0; i < count; i++)
		if (memmem(text, len, names[i], strlen(names[i])))
			return names[i];
	return NULL;
}

const char *http_scanner_of(struct span user_agent)
{
	static const char *const names[] = { "masscan", "zgrab", "nmap scripting", "sqlmap", "nikto", "gobuster",
		"dirbuster", "feroxbuster", "wfuzz", "ffuf", "wpscan", "nuclei", "acunetix", "nessus", "openvas",
		"arachni", "w3af", "whatweb", "zmeu", "morfeus", "jorgee", "netsparker", "havij", "hydra",
		"fuzz faster", "commix", "joomscan", "l9explore", "xpanse", "censysinspect" };
	return name_in(user_agent, names, sizeof(names) / sizeof(names[0]));
}

const char *http_command_client_of(struct span user_agent)
{
	static const char *const names[] = { "curl/", "wget/", "powershell", "certutil", "microsoft bits", "winhttp",
		"busybox", "libwww-perl", "lwp-request", "aria2/", "python-urllib", "winhttprequest" };
	return name_in(user_agent, names, sizeof(names) / sizeof(names[0]));
}

const char *http_odd_agent(struct span agent)
{
	unsigned depth = 0;
	if (span_starts_nocase(agent, "http://") || span_starts_nocase(agent, "https://"))
		return "user agent is an address";
	for (uint32_t i = 0; i < agent.len; i++) {
		uint8_t c = agent.data[i];
		if (c < 0x20 || c >= 0x7f)
			return "user agent is no text";
		depth += c == '(';
		depth -= c == ')' && depth;
		if (c == '\\' && !depth)
			return "user agent has what none may have";
	}
	return NULL;
}

const char *http_nameless_agent(struct span agent)
{
	const char *odd = http_odd_agent(agent);
	if (!agent.len)
		return "no user agent";
	if (odd)
		return odd;
	return span_find(agent, '/', 0) == agent.len ? "user agent names no product and version" : NULL;
}
