// SPDX-License-Identifier: GPL-3.0-or-later
// Checks on what a rule says of itself, and on how its keywords are spelled.
#include "signatures/check/checking.h"

// Spellings that are taken for compatibility; the sticky buffers' old content modifiers are found by field.
static const struct {
	const char *name, *instead;
} old[] = {
	{ "uricontent", "http.uri" },
	{ "rawbytes", "nothing: it has no effect" },
	{ "luajit", "lua" },
	{ "dce_iface", "dcerpc.iface" },
	{ "dce_opnum", "dcerpc.opnum" },
	{ "dce_stub_data", "dcerpc.stub_data" },
	{ "ssh_proto", "ssh.proto" },
	{ "ssh.protoversion", "ssh.proto" },
	{ "ssh.softwareversion", "ssh.software" },
	{ "tls.subject", "tls.cert_subject" },
	{ "tls.issuerdn", "tls.cert_issuer" },
	{ "tls.fingerprint", "tls.cert_fingerprint" },
	{ "sip_method", "sip.method" },
	{ "ja3_hash", "ja3.hash" },
	{ "ja3_string", "ja3.string" },
};

static const char *instead_of(const char *name)
{
	for (unsigned i = 0; i < sizeof(old) / sizeof(old[0]); i++)
		if (strcasecmp(name, old[i].name) == 0)
			return old[i].instead;
	if (!strchr(name, '_') || field_buffer_find(name))
		return NULL;
	const struct field_buffer *field = field_buffer_find_modifier(name);
	return field ? field->name : NULL;
}

static void deprecated(struct checking *checking)
{
	struct rule_option_text option;
	struct span text = span_text(checking->rule->text);
	for (uint32_t at = 0; rule_option_text_next(text, &at, &option);) {
		char name[64];
		if (option.name.len >= sizeof(name))
			continue;
		for (uint32_t i = 0; i < option.name.len; i++) {
			char c = (char)option.name.data[i];
			name[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
		}
		name[option.name.len] = 0;
		const char *instead = instead_of(name);
		if (instead)
			checking_found(checking, CHECK_DEPRECATED, option.offset + 1,
				"%s is an old spelling; today: %s", name, instead);
	}
}

void check_meta(struct checking *checking)
{
	const struct rule *rule = checking->rule;
	if (!rule->msg || !rule->msg[0])
		checking_found(checking, CHECK_NO_MSG, 0, "the rule has no msg: its alerts say nothing");
	if (rule->rev == 0)
		checking_found(checking, CHECK_NO_REV, checking_column(checking, "rev", 0),
			"the rule has no rev: a later version of it cannot be told from this one");
	if (!rule->classtype && !(rule->flags & RULE_NOALERT))
		checking_found(checking, CHECK_NO_CLASSTYPE, 0,
			"the rule has no classtype: its alerts have priority %u", rule->priority);
	if (rule->text)
		deprecated(checking);
}
