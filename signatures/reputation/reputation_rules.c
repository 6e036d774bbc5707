// SPDX-License-Identifier: GPL-3.0-or-later
// What a finding says of itself: signature, severity, technique, by kind and confidence.
#include "signatures/reputation/reputation_internal.h"

static const struct {
	const char *msg, *tactic_id, *tactic, *technique_id, *technique;
} kinds[REPUTATION_SIDS_END] = {
	[REPUTATION_SID_ADDRESS] = { "REPUTATION listed address met", "TA0011", "Command_And_Control", "T1071",
		"Application_Layer_Protocol" },
	[REPUTATION_SID_DOMAIN] = { "REPUTATION listed domain met", "TA0011", "Command_And_Control", "T1071",
		"Application_Layer_Protocol" },
	[REPUTATION_SID_URL] = { "REPUTATION listed URL met", "TA0011", "Command_And_Control", "T1071.001",
		"Web_Protocols" },
	[REPUTATION_SID_FILE] = { "REPUTATION listed file met", "TA0002", "Execution", "T1204.002", "Malicious_File" },
	[REPUTATION_SID_CERTIFICATE] = { "REPUTATION listed certificate met", "TA0011", "Command_And_Control",
		"T1573.002", "Asymmetric_Cryptography" },
	[REPUTATION_SID_FINGERPRINT] = { "REPUTATION listed TLS fingerprint met", "TA0011", "Command_And_Control",
		"T1573", "Encrypted_Channel" },
	[REPUTATION_SID_MAIL] = { "REPUTATION listed mail address met", "TA0001", "Initial_Access", "T1566",
		"Phishing" },
	[REPUTATION_SID_USER_AGENT] = { "REPUTATION listed user agent met", "TA0011", "Command_And_Control",
		"T1071.001", "Web_Protocols" },
	[REPUTATION_SID_ALLOWED] = { "REPUTATION listed, and allowed by the site", "TA0011", "Command_And_Control",
		"T1071", "Application_Layer_Protocol" },
};

static const char *const impact[SEVERITIES + 1] = { "", "Critical", "Major", "Minor", "Informational" };
static const char *const confidence[SEVERITIES + 1] = { "", "High", "High", "Medium", "Low" };

void reputation_make_rules(struct reputation *reputation)
{
	for (unsigned sid = 1; sid < REPUTATION_SIDS_END; sid++)
		for (unsigned severity = 1; severity <= SEVERITIES; severity++) {
			struct rule_pair *pairs = reputation->pairs[sid][severity];
			pairs[0] = (struct rule_pair) { "mitre_tactic_id", kinds[sid].tactic_id };
			pairs[1] = (struct rule_pair) { "mitre_tactic_name", kinds[sid].tactic };
			pairs[2] = (struct rule_pair) { "mitre_technique_id", kinds[sid].technique_id };
			pairs[3] = (struct rule_pair) { "mitre_technique_name", kinds[sid].technique };
			pairs[4] = (struct rule_pair) { "confidence", confidence[severity] };
			pairs[5] = (struct rule_pair) { "signature_severity", impact[severity] };
			reputation->rules[sid][severity] = (struct rule) {
				.gid = REPUTATION_GID,
				.sid = sid,
				.rev = 2,
				.action = RULE_ALERT,
				.type = RULE_TYPE_PACKET,
				.priority = (uint8_t)severity,
				.msg = kinds[sid].msg,
				.classtype = "bad-host",
				.category = "Known Bad Address or Domain",
				.metadata = pairs,
				.metadata_count = 6,
			};
		}
}

enum reputation_sid reputation_sid_of(enum indicator_kind kind)
{
	switch (kind) {
	case INDICATOR_DOMAIN: return REPUTATION_SID_DOMAIN;
	case INDICATOR_URL: return REPUTATION_SID_URL;
	case INDICATOR_FILE_MD5:
	case INDICATOR_FILE_SHA1:
	case INDICATOR_FILE_SHA256: return REPUTATION_SID_FILE;
	case INDICATOR_CERT_SHA1:
	case INDICATOR_CERT_SHA256: return REPUTATION_SID_CERTIFICATE;
	case INDICATOR_JA3:
	case INDICATOR_JA3S:
	case INDICATOR_JA4: return REPUTATION_SID_FINGERPRINT;
	case INDICATOR_EMAIL: return REPUTATION_SID_MAIL;
	case INDICATOR_USER_AGENT: return REPUTATION_SID_USER_AGENT;
	default: return REPUTATION_SID_ADDRESS;
	}
}

unsigned reputation_severity(enum reputation_sid sid, unsigned sure, enum outcome outcome)
{
	// Fingerprints and user agents are shared by what is not bad: they never weigh as much as a far end
	bool shared =
		sid == REPUTATION_SID_FINGERPRINT || sid == REPUTATION_SID_USER_AGENT || sid == REPUTATION_SID_MAIL;
	unsigned severity = sure >= 70 ? 2 : sure >= 40 ? 3 : 4;
	if (outcome != OUTCOME_SESSION || shared)
		severity++;
	if (outcome == OUTCOME_UNANSWERED || outcome == OUTCOME_INBOUND)
		severity++;
	return severity < SEVERITIES ? severity : SEVERITIES;
}
