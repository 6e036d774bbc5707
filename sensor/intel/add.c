// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho intel add VALUE...`: indicators, or exceptions, that a person knows of.
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "decoders/base/log.h"
#include "decoders/base/plain_text.h"
#include "sensor/feeds/feed_file.h"
#include "sensor/files/audit_log.h"
#include "sensor/intel/intel.h"
#include "sensor/intel/verbs.h"

struct asked {
	const char *expire, *note, *confidence, *family, *technique, *kind;
	bool allow, drop, exact, no_reload;
};

// "30d", "12h", "2026-12-31". False: none of these (told).
static bool read_expiry(const char *text, uint32_t now_s, uint32_t *out)
{
	static const struct {
		char unit;
		uint32_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
	char *end;
	unsigned long number = text[0] >= '0' && text[0] <= '9' ? strtoul(text, &end, 10) : 0;
	for (size_t i = 0; number && end[0] && !end[1] && i < sizeof(units) / sizeof(units[0]); i++)
		if (*end == units[i].unit && number <= UINT32_C(0x70000000) / units[i].seconds) {
			*out = now_s + (uint32_t)number * units[i].seconds;
			return true;
		}
	*out = strchr(text, '-') ? feed_time(span_text(text)) : 0;
	if (*out > now_s)
		return true;
	log_error(
		"--expire %s: expected a time from now such as 30d or 12h, or a date to come such as 2030-12-31", text);
	return false;
}

static bool take_text(const char *name, const char *text, char *out, size_t size)
{
	json_t *string = text ? json_string(text) : NULL;
	bool good = !text || (string && strlen(text) < size);
	json_decref(string);
	if (!good)
		log_error("--%s: expected UTF-8 of at most %zu bytes", name, size - 1);
	else
		snprintf(out, size, "%s", text ? text : "");
	return good;
}

// What all values of the command have in common. False: told.
static bool read_asked(const struct asked *asked, struct local_entry *entry)
{
	unsigned kind = INDICATOR_KINDS;
	uint32_t now_s = (uint32_t)time(NULL);
	char *end = NULL;
	unsigned long confidence = asked->confidence ? strtoul(asked->confidence, &end, 10) : 90;
	if ((end && *end) || confidence < 1 || confidence > INDICATOR_CONFIDENCE_MAX) {
		log_error("--confidence: expected 1 to %d", INDICATOR_CONFIDENCE_MAX);
		return false;
	}
	if (asked->allow && asked->drop) {
		log_error("intel add: --allow and --drop: what is allowed is not dropped");
		return false;
	}
	*entry = (struct local_entry) {
		.confidence = (uint8_t)confidence,
		.allow = asked->allow,
		.drop = asked->drop,
		.exact = asked->exact,
		.added_s = now_s,
	};
	audit_user(entry->by, sizeof(entry->by));
	bool good = take_text("note", asked->note, entry->note, sizeof(entry->note)) &&
		    take_text("family", asked->family, entry->family, sizeof(entry->family)) &&
		    take_text("technique", asked->technique, entry->technique, sizeof(entry->technique)) &&
		    (!asked->expire || read_expiry(asked->expire, now_s, &entry->expiry_s)) &&
		    (!asked->kind || intel_kind(asked->kind, &kind));
	entry->kind = (uint8_t)kind;
	return good;
}

static json_t *facts_of(const struct local_entry *entry, const char *result)
{
	char expires[32];
	intel_time(entry->expiry_s, expires);
	return json_pack("{s:o, s:s, s:b, s:b, s:i, s:o, s:o, s:s, s:o, s:o}", "value", audit_text(entry->value),
		"kind", entry->kind < INDICATOR_KINDS ? indicator_kind_names[entry->kind] : "", "allow",
		(int)entry->allow, "drop", (int)entry->drop, "confidence", (int)entry->confidence, "family",
		audit_text(entry->family), "technique", audit_text(entry->technique), "expires", expires, "note",
		audit_text(entry->note), "result", audit_text(result));
}

static bool add_one(struct intel *intel, const char *text, struct feed_value *value, const void *context)
{
	const struct local_entry *common = context;
	struct pack_error error = { "" };
	struct local_entry *entry = malloc(sizeof(*entry));
	if (!entry) {
		log_error("out of memory");
		return false;
	}
	*entry = *common;
	const char *wrong = feed_value_parse(span_text(text), common->kind, &intel->plan->site, common->allow, value);
	snprintf(entry->value, sizeof(entry->value), "%s", text);
	if (!wrong && common->exact && value->indicator.flags & INDICATOR_BELOW)
		wrong = "--exact and *. together leave nothing";
	if (!wrong) {
		entry->kind = value->indicator.kind;
		feed_value_text(&value->indicator, entry->value, sizeof(entry->value));
		if (!local_add(&intel->state, entry, common->added_s, &error))
			wrong = error.text;
	}
	bool good = !wrong && intel_audit(intel, "add", facts_of(entry, "done"));
	if (wrong) {
		log_error("%s: %s", text, wrong);
		intel_audit(intel, "add", facts_of(entry, wrong));
	} else {
		plain_printf(stdout, "%s %s %s\n", entry->value,
			entry->allow ? "is allowed:" : "is listed:", indicator_kind_names[entry->kind]);
	}
	free(entry);
	return good;
}

static int run_add(int argc, char **argv)
{
	struct asked asked = { 0 };
	const struct verb_option own[] = {
		{ "expire", NULL, &asked.expire,
			"until when: 30d, 12h, or a date such as 2030-12-31 (without: for good)" },
		{ "note", NULL, &asked.note, "why" },
		{ "confidence", NULL, &asked.confidence, "1 to 100; preset 90" },
		{ "family", NULL, &asked.family, "malware or campaign" },
		{ "technique", NULL, &asked.technique, "of ATT&CK, such as T1071" },
		{ "kind", NULL, &asked.kind, "where its form does not say it: ja3, cert_sha1, user_agent ..." },
		{ "allow", &asked.allow, NULL, "never tell of it, whoever lists it" },
		{ "drop", &asked.drop, NULL, "drop its traffic in inline mode" },
		{ "exact", &asked.exact, NULL, "not what lies below the domain or URL" },
		{ "no-reload", &asked.no_reload, NULL, "do not ask a running sensor to use it" },
		{ 0 },
	};
	struct verb_line line;
	struct local_entry common;
	int result;
	if (!verb_parse(&line, &intel_add, own, argc, argv, &result))
		return result;
	if (!line.count) {
		log_error("intel add: which value? (sekisho intel add --help)");
		return VERB_BAD;
	}
	if (!read_asked(&asked, &common))
		return VERB_BAD;
	return intel_change_values(&line, asked.no_reload, add_one, &common);
}

const struct verb intel_add = { &intel_tool, "add", "VALUE...", "lists a value by hand, or with --allow excepts it",
	run_add };
