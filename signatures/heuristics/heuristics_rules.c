// SPDX-License-Identifier: GPL-3.0-or-later
// What a finding says of itself: a row a heuristic, each in both severities.
#include "signatures/heuristics/heuristics_internal.h"

#define PAIRS 6
// X(sid, severity, message, tactic id, tactic, technique id, technique)
#define HEURISTICS(X)                                                                                                  \
	X(HEURISTICS_NXDOMAIN_BURST, 3, "HEURISTIC burst of names that do not exist", "TA0011", "Command_And_Control", \
		"T1568.002", "Domain_Generation_Algorithms")                                                           \
	X(HEURISTICS_NAME_FLOOD, 4, "HEURISTIC many names below one domain", "TA0011", "Command_And_Control",          \
		"T1071.004", "DNS")                                                                                    \
	X(HEURISTICS_GENERATED_NAME, 4, "HEURISTIC name that a program drew does not exist", "TA0011",                 \
		"Command_And_Control", "T1568.002", "Domain_Generation_Algorithms")                                    \
	X(HEURISTICS_LOOKALIKE, 3, "HEURISTIC name that looks like one of the site", "TA0042", "Resource_Development", \
		"T1583.001", "Domains")                                                                                \
	X(HEURISTICS_HIDDEN_PROGRAM, 3, "HEURISTIC program under the name of another type", "TA0005",                  \
		"Defense_Evasion", "T1036.008", "Masquerade_File_Type")                                                \
	X(HEURISTICS_BARE_PROGRAM, 3, "HEURISTIC program from a bare address", "TA0011", "Command_And_Control",        \
		"T1105", "Ingress_Tool_Transfer")                                                                      \
	X(HEURISTICS_FETCHED_PROGRAM, 4, "HEURISTIC program fetched from a command line", "TA0011",                    \
		"Command_And_Control", "T1105", "Ingress_Tool_Transfer")                                               \
	X(HEURISTICS_SQL, 4, "HEURISTIC SQL injection attempt", "TA0001", "Initial_Access", "T1190",                   \
		"Exploit_Public-Facing_Application")                                                                   \
	X(HEURISTICS_SCRIPT, 4, "HEURISTIC cross-site scripting attempt", "TA0001", "Initial_Access", "T1190",         \
		"Exploit_Public-Facing_Application")                                                                   \
	X(HEURISTICS_COMMAND, 4, "HEURISTIC command injection attempt", "TA0001", "Initial_Access", "T1190",           \
		"Exploit_Public-Facing_Application")                                                                   \
	X(HEURISTICS_TRAVERSAL, 4, "HEURISTIC path traversal attempt", "TA0001", "Initial_Access", "T1190",            \
		"Exploit_Public-Facing_Application")                                                                   \
	X(HEURISTICS_PROXY_PROBE, 4, "HEURISTIC probe for an open proxy", "TA0043", "Reconnaissance", "T1595",         \
		"Active_Scanning")                                                                                     \
	X(HEURISTICS_SCANNER, 4, "HEURISTIC scanner by its user agent", "TA0043", "Reconnaissance", "T1595",           \
		"Active_Scanning")                                                                                     \
	X(HEURISTICS_WEB_SCAN, 4, "HEURISTIC search for paths of a web server", "TA0043", "Reconnaissance",            \
		"T1595.003", "Wordlist_Scanning")                                                                      \
	X(HEURISTICS_CERTIFICATE, 4, "HEURISTIC self-signed certificate of a day", "TA0042", "Resource_Development",   \
		"T1587.003", "Digital_Certificates")                                                                   \
	X(HEURISTICS_SINKHOLE, 3, "HEURISTIC answer of a sinkhole or a seized domain", "TA0011",                       \
		"Command_And_Control", "T1071.001", "Web_Protocols")                                                   \
	X(HEURISTICS_SHELL_SCRIPT, 4, "HEURISTIC shell script fetched", "TA0011", "Command_And_Control", "T1105",      \
		"Ingress_Tool_Transfer")                                                                               \
	X(HEURISTICS_LONG_NAME, 4, "HEURISTIC long name that a program drew is visited", "TA0011",                     \
		"Command_And_Control", "T1568.002", "Domain_Generation_Algorithms")                                    \
	X(HEURISTICS_YOUNG_CERTIFICATE, 4, "HEURISTIC certificate of a day under a rare top-level domain", "TA0042",   \
		"Resource_Development", "T1587.003", "Digital_Certificates")                                           \
	X(HEURISTICS_NEW_DOMAIN, 4, "HEURISTIC domain new to the site", "TA0042", "Resource_Development", "T1583.001", \
		"Domains")                                                                                             \
	X(HEURISTICS_NEW_ODD_DOMAIN, 4, "HEURISTIC domain new to the site, and odd", "TA0042", "Resource_Development", \
		"T1583.001", "Domains")                                                                                \
	X(HEURISTICS_NEW_DOMAIN_PROGRAM, 3, "HEURISTIC program from a domain new to the site", "TA0011",               \
		"Command_And_Control", "T1105", "Ingress_Tool_Transfer")                                               \
	X(HEURISTICS_RARE_DOMAIN_PROGRAM, 4, "HEURISTIC program from a domain that only one host here visits",         \
		"TA0011", "Command_And_Control", "T1105", "Ingress_Tool_Transfer")                                     \
	X(HEURISTICS_RARE_PROGRAM, 4, "HEURISTIC program from a rare place or to an odd client", "TA0011",             \
		"Command_And_Control", "T1105", "Ingress_Tool_Transfer")                                               \
	X(HEURISTICS_CIPHERED_PROGRAM, 4, "HEURISTIC said to be a program, and cannot be read", "TA0005",              \
		"Defense_Evasion", "T1027.013", "Encrypted_Encoded_File")                                              \
	X(HEURISTICS_BARE_VISIT, 4, "HEURISTIC bare address visited by a program", "TA0011", "Command_And_Control",    \
		"T1071.001", "Web_Protocols")                                                                          \
	X(HEURISTICS_RARE_VISIT, 4, "HEURISTIC rare top-level domain visited by an odd client", "TA0011",              \
		"Command_And_Control", "T1071.001", "Web_Protocols")

#define PAIRS_AT(severity, tactic_id, tactic, technique_id, technique)                                 \
	{                                                                                              \
		{ "mitre_tactic_id", tactic_id }, { "mitre_tactic_name", tactic },                     \
			{ "mitre_technique_id", technique_id }, { "mitre_technique_name", technique }, \
			{ "confidence", (severity) < 4 ? "Medium" : "Low" },                           \
		{                                                                                      \
			"signature_severity", (severity) < 4 ? "Minor" : "Informational"               \
		}                                                                                      \
	}
#define PAIRS_OF(sid_, severity_, msg_, ...) [sid_] = { PAIRS_AT(3, __VA_ARGS__), PAIRS_AT(4, __VA_ARGS__) },
static const struct rule_pair pairs[HEURISTICS_SIDS_END][2][PAIRS] = { HEURISTICS(PAIRS_OF) };

#define RULE_AT(sid_, severity_, msg_)                                                                         \
	{                                                                                                      \
		.gid = HEURISTICS_GID, .sid = sid_, .rev = 2, .action = RULE_ALERT, .type = RULE_TYPE_PACKET,  \
		.priority = severity_, .msg = msg_, .classtype = "misc-activity", .category = "Misc activity", \
		.metadata = (struct rule_pair *)(uintptr_t)pairs[sid_][severity_ - 3], .metadata_count = PAIRS \
	}
#define RULE_OF(sid_, severity_, msg_, tactic_id, tactic, technique_id, technique) \
	[sid_] = { RULE_AT(sid_, 3, msg_), RULE_AT(sid_, 4, msg_) },
static const struct rule rules[HEURISTICS_SIDS_END][2] = { HEURISTICS(RULE_OF) };
#define SEVERITY_OF(sid_, severity_, ...) [sid_] = severity_,
static const uint8_t severities[HEURISTICS_SIDS_END] = { HEURISTICS(SEVERITY_OF) };

const struct rule *heuristics_rule(enum heuristics_sid sid, unsigned severity)
{
	return &rules[sid][(severity ? severity : severities[sid]) - 3];
}
