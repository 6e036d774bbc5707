// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/heuristics/http_attack.h"

struct phrase {
	enum http_attack attack;
	const char *text;
};

// In the order in which they are told: what runs commands before what reads files.
static const struct phrase phrases[] = {
	{ ATTACK_SQL, "union all select " },
	{ ATTACK_SQL, "union select " },
	{ ATTACK_SQL, "' or '1'='1" },
	{ ATTACK_SQL, "' or 1=1" },
	{ ATTACK_SQL, "\" or 1=1" },
	{ ATTACK_SQL, " and 1=1--" },
	{ ATTACK_SQL, "information_schema." },
	{ ATTACK_SQL, "; drop table " },
	{ ATTACK_SQL, ";drop table " },
	{ ATTACK_SQL, "waitfor delay '" },
	{ ATTACK_SQL, "xp_cmdshell" },
	{ ATTACK_SQL, "(select sleep(" },
	{ ATTACK_SQL, " and sleep(" },
	{ ATTACK_SQL, "benchmark(" },
	{ ATTACK_SQL, "extractvalue(" },
	{ ATTACK_SQL, "pg_sleep(" },
	{ ATTACK_SCRIPT, "<script" },
	{ ATTACK_SCRIPT, "javascript:alert(" },
	{ ATTACK_SCRIPT, "onerror=alert(" },
	{ ATTACK_SCRIPT, "onload=alert(" },
	{ ATTACK_SCRIPT, "<svg/onload=" },
	{ ATTACK_SCRIPT, "document.cookie" },
	{ ATTACK_COMMAND, ";cat /" },
	{ ATTACK_COMMAND, "; cat /" },
	{ ATTACK_COMMAND, "|cat /" },
	{ ATTACK_COMMAND, "| cat /" },
	{ ATTACK_COMMAND, ";wget " },
	{ ATTACK_COMMAND, "; wget " },
	{ ATTACK_COMMAND, ";curl " },
	{ ATTACK_COMMAND, "; curl " },
	{ ATTACK_COMMAND, "`wget " },
	{ ATTACK_COMMAND, "$(wget " },
	{ ATTACK_COMMAND, "$(curl " },
	{ ATTACK_COMMAND, "/bin/sh -c" },
	{ ATTACK_COMMAND, "/bin/bash -" },
	{ ATTACK_COMMAND, "() { :" },
	{ ATTACK_COMMAND, "${jndi:" },
	{ ATTACK_COMMAND, "cmd.exe /c" },
	{ ATTACK_COMMAND, "cmd.exe?/c" },
	{ ATTACK_COMMAND, "powershell -e" },
	{ ATTACK_COMMAND, "php://input" },
	{ ATTACK_COMMAND, "allow_url_include" },
	{ ATTACK_COMMAND, "busybox " },
	{ ATTACK_TRAVERSAL, "../etc/passwd" },
	{ ATTACK_TRAVERSAL, "../../" },
	{ ATTACK_TRAVERSAL, "..\\..\\" },
	{ ATTACK_TRAVERSAL, "/etc/shadow" },
	{ ATTACK_TRAVERSAL, "=/etc/passwd" },
	{ ATTACK_TRAVERSAL, "/proc/self/environ" },
	{ ATTACK_TRAVERSAL, "\\windows\\win.ini" },
	{ ATTACK_TRAVERSAL, "/windows/win.ini" },
};

static unsigned hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10u : 16;
}

static size_t decode(struct span bytes, char *out)
{
	size_t len = 0;
	for (uint32_t i = 0; i < bytes.len && len < ATTACK_BYTES_MAX; i++) {
		uint8_t c = bytes.data[i];
		if (c == '%' && i + 2 < bytes.len && hex_value(bytes.data[i + 1]) < 16 &&
			hex_value(bytes.data[i + 2]) < 16) {
			c = (uint8_t)(hex_value(bytes.data[i + 1]) << 4 | hex_value(bytes.data[i + 2]));
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		if (c >= 'A' && c <= 'Z')
			c = (uint8_t)(c + 32);
		out[len++] = (char)c;
	}
	return len;
}

enum http_attack http_attack_of(struct span bytes, const char **phrase)
{
	char text[ATTACK_BYTES_MAX];
	size_t len = decode(bytes, text);
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (memmem(text, len, phrases[i].text, strlen(phrases[i].text))) {
			if (phrase)
				*phrase = phrases[i].text;
			return phrases[i].attack;
		}
	return ATTACK_NONE;
}

static const char *name_in(struct span user_agent, const char *const *names, size_t count)
{
	char text[256];
	size_t len = decode(span_slice(user_agent, 0, sizeof(text)), text);
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
