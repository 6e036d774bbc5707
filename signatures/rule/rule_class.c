// SPDX-License-Identifier: GPL-3.0-or-later
// Classes and references of rules: the standard ones when no file is configured, else what the files say.
#include "signatures/rule/rule_build.h"
#include "signatures/rule/rule_text.h"
#include <stdlib.h>

// Names, descriptions and priorities as the field's consoles know them.
static const struct rule_class presets[] = {
	{ "not-suspicious", "Not Suspicious Traffic", 3 },
	{ "unknown", "Unknown Traffic", 3 },
	{ "bad-unknown", "Potentially Bad Traffic", 2 },
	{ "attempted-recon", "Attempted Information Leak", 2 },
	{ "successful-recon-limited", "Information Leak", 2 },
	{ "successful-recon-largescale", "Large Scale Information Leak", 2 },
	{ "attempted-dos", "Attempted Denial of Service", 2 },
	{ "successful-dos", "Denial of Service", 2 },
	{ "attempted-user", "Attempted User Privilege Gain", 1 },
	{ "unsuccessful-user", "Unsuccessful User Privilege Gain", 1 },
	{ "successful-user", "Successful User Privilege Gain", 1 },
	{ "attempted-admin", "Attempted Administrator Privilege Gain", 1 },
	{ "successful-admin", "Successful Administrator Privilege Gain", 1 },
	{ "rpc-portmap-decode", "Decode of an RPC Query", 2 },
	{ "shellcode-detect", "Executable code was detected", 1 },
	{ "string-detect", "A suspicious string was detected", 3 },
	{ "suspicious-filename-detect", "A suspicious filename was detected", 2 },
	{ "suspicious-login", "An attempted login using a suspicious username was detected", 2 },
	{ "system-call-detect", "A system call was detected", 2 },
	{ "tcp-connection", "A TCP connection was detected", 4 },
	{ "trojan-activity", "A Network Trojan was detected", 1 },
	{ "unusual-client-port-connection", "A client was using an unusual port", 2 },
	{ "network-scan", "Detection of a Network Scan", 3 },
	{ "denial-of-service", "Detection of a Denial of Service Attack", 2 },
	{ "non-standard-protocol", "Detection of a non-standard protocol or event", 2 },
	{ "protocol-command-decode", "Generic Protocol Command Decode", 3 },
	{ "web-application-activity", "access to a potentially vulnerable web application", 2 },
	{ "web-application-attack", "Web Application Attack", 1 },
	{ "misc-activity", "Misc activity", 3 },
	{ "misc-attack", "Misc Attack", 2 },
	{ "icmp-event", "Generic ICMP event", 3 },
	{ "inappropriate-content", "Inappropriate Content was Detected", 1 },
	{ "policy-violation", "Potential Corporate Privacy Violation", 1 },
	{ "default-login-attempt", "Attempt to login by a default username and password", 2 },
	{ "targeted-activity", "Targeted Malicious Activity was Detected", 1 },
	{ "exploit-kit", "Exploit Kit Activity Detected", 1 },
	{ "external-ip-check", "Device Retrieving External IP Address Detected", 2 },
	{ "domain-c2", "Domain Observed Used for C2 Detected", 1 },
	{ "pup-activity", "Possibly Unwanted Program Detected", 2 },
	{ "credential-theft", "Successful Credential Theft Detected", 1 },
	{ "social-engineering", "Possible Social Engineering Attempted", 2 },
	{ "coin-mining", "Crypto Currency Mining Activity Detected", 2 },
	{ "command-and-control", "Malware Command and Control Activity Detected", 1 },
};

// What is put before a reference's text to make a link of it.
static const struct rule_pair reference_presets[] = {
	{ "bugtraq", "http://www.securityfocus.com/bid/" },
	{ "bid", "http://www.securityfocus.com/bid/" },
	{ "cve", "https://cve.mitre.org/cgi-bin/cvename.cgi?name=" },
	{ "secunia", "http://www.secunia.com/advisories/" },
	{ "arachnids", "http://www.whitehats.com/info/IDS" },
	{ "mcafee", "https://vil.nai.com/vil/content/v_" },
	{ "nessus", "https://www.tenable.com/plugins/nessus/" },
	{ "url", "https://" },
	{ "et", "http://doc.emergingthreats.net/" },
	{ "etpro", "http://doc.emergingthreatspro.com/" },
	{ "telus", "http://" },
	{ "osvdb", "http://osvdb.org/show/osvdb/" },
	{ "threatexpert", "http://www.threatexpert.com/report.aspx?md5=" },
	{ "md5", "https://www.virustotal.com/gui/file/" },
	{ "exploitdb", "https://www.exploit-db.com/exploits/" },
	{ "openpacket", "https://www.openpacket.org/capture/grab/" },
	{ "securitytracker", "http://securitytracker.com/id?" },
	{ "xforce", "https://exchange.xforce.ibmcloud.com/vulnerabilities/" },
	{ "msft", "https://docs.microsoft.com/en-us/security-updates/securitybulletins/" },
};

static struct span lower(struct span text, char *copy, size_t size)
{
	uint32_t len = text.len < size ? text.len : (uint32_t)size;
	for (uint32_t i = 0; i < len; i++)
		copy[i] = (char)(text.data[i] >= 'A' && text.data[i] <= 'Z' ? text.data[i] | 0x20 : text.data[i]);
	return span_of(copy, len);
}

static void class_add(struct rule_set_private *own, struct span name, struct span description, uint8_t priority)
{
	char copy[96];
	uint32_t number = rule_names_add(&own->classes, lower(name, copy, sizeof(copy)));
	struct rule_class *class = rule_arena_take(own->arena, sizeof(*class));
	class->name = rule_arena_text(own->arena, name);
	class->description = rule_arena_text(own->arena, description);
	class->priority = priority;
	own->classes.values[number] = class;
}

static void reference_add(struct rule_set_private *own, struct span name, struct span prefix)
{
	char copy[64];
	uint32_t number = rule_names_add(&own->references, lower(name, copy, sizeof(copy)));
	own->references.values[number] = rule_arena_text(own->arena, prefix);
}

const struct rule_class *rule_class_find(struct rule_set_private *own, struct span name)
{
	char copy[96];
	uint32_t number = rule_names_find(&own->classes, lower(name, copy, sizeof(copy)));
	return number == UINT32_MAX ? NULL : own->classes.values[number];
}

void rule_classes_preset(struct rule_set_private *own)
{
	if (!own->options.classification_file)
		for (unsigned i = 0; i < sizeof(presets) / sizeof(presets[0]); i++)
			class_add(own, span_text(presets[i].name), span_text(presets[i].description),
				presets[i].priority);
	if (!own->options.reference_file)
		for (unsigned i = 0; i < sizeof(reference_presets) / sizeof(reference_presets[0]); i++)
			reference_add(own, span_text(reference_presets[i].key), span_text(reference_presets[i].value));
}

// "config KIND: rest" lines; line is told what follows the colon. False when the file cannot be read.
static bool config_lines(struct rule_set_private *own, const char *path, const char *kind,
	bool (*line)(struct rule_set_private *own, struct span text))
{
	size_t len;
	char *text = rule_read_list(own, path, &len);
	if (!text)
		return false;
	struct span rest = span_of(text, len), row;
	for (uint32_t number = 1; text_line(&rest, &row); number++) {
		if (row.len == 0)
			continue;
		struct span word;
		bool good = text_word(&row, &word) && span_is_nocase(word, "config") && span_starts_nocase(row, kind);
		row = good ? text_trim(span_from(row, (uint32_t)strlen(kind))) : row;
		good = good && row.len && row.data[0] == ':' && line(own, text_trim(span_from(row, 1)));
		if (!good)
			rule_report(own, path, number, true, "expected \"config %s: ...\"; the line is left out", kind);
	}
	free(text);
	return true;
}

static bool class_line(struct rule_set_private *own, struct span text)
{
	struct span name, description, priority;
	uint32_t number;
	if (!text_next(&text, ',', &name) || !text_next(&text, ',', &description) ||
		!text_next(&text, ',', &priority) || name.len == 0)
		return false;
	if (!text_u32(priority, &number) || number > 255)
		return false;
	class_add(own, name, description, (uint8_t)number);
	return true;
}

static bool reference_line(struct rule_set_private *own, struct span text)
{
	struct span name;
	if (!text_word(&text, &name) || text.len == 0)
		return false;
	reference_add(own, name, text);
	return true;
}

bool rule_classes_load(struct rule_set_private *own, const char *path)
{
	return config_lines(own, path, "classification", class_line);
}

bool rule_references_load(struct rule_set_private *own, const char *path)
{
	return config_lines(own, path, "reference", reference_line);
}
