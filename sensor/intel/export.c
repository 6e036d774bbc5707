// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho intel export`: entries for other programs, as a STIX 2.1 bundle or CSV, written as they are read.
//
// STIX patterns (STIX 2.1, 9) have no fingerprints of TLS: JA3, JA3S and JA4 are only in CSV, and counted. Ids are made from the entry (RFC 9562, version 5 over
// SHA-1): the same entry has the same id in every export.
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "decoders/base/log.h"
#include "sensor/files/audit_log.h"
#include "sensor/intel/filter.h"
#include "sensor/intel/verbs.h"
#include "sensor/verb/tool_json.h"

#define CREATED_PRESET 946684800u // 2000-01-01: of what nobody says when it was first seen

struct exporting {
	const struct intel_filter *filter;
	json_t *indicated; // name -> id, of those written
	char now[32];
	uint64_t count, left_out;
	bool first;
};

// CSV ------------------------------------------------------------------------------------------------------------------------------

// RFC 4180. What a spreadsheet would take for a formula is kept from it by a quote (CWE-1236).
static void put_cell(const char *text, size_t len, bool last)
{
	putchar('"');
	if (len && strchr("=+-@\t\r", text[0]))
		putchar('\'');
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			putchar('"');
		putchar((unsigned char)text[i] < 0x20 || text[i] == 0x7f ? ' ' : text[i]);
	}
	putchar('"');
	putchar(last ? '\n' : ',');
}

static void put_text(const char *text, bool last)
{
	put_cell(text, strlen(text), last);
}

static bool put_csv(void *context, const struct intel_entry *entry)
{
	struct exporting *exporting = context;
	const struct indicator *indicator = &entry->indicator;
	char value[INTEL_TEXT_MAX], number[16], seen[32], expires[32];
	if (!intel_fits(exporting->filter, entry))
		return true;
	size_t len = feed_value_text(indicator, value, sizeof(value));
	snprintf(number, sizeof(number), "%u", indicator->confidence);
	intel_time(indicator->first_seen_s, seen);
	intel_time(indicator->expiry_s, expires);
	put_cell(value, len, false);
	put_text(indicator_kind_names[indicator->kind], false);
	put_cell((const char *)indicator->family.data, indicator->family.len, false);
	put_text(number, false);
	put_text(seen, false);
	put_text(expires, false);
	put_cell((const char *)indicator->technique.data, indicator->technique.len, false);
	put_text(entry->feed, false);
	put_text(indicator->flags & INDICATOR_EXACT ? "yes" : "no", false);
	put_text(indicator->flags & INDICATOR_EARLIER ? "yes" : "no", true);
	exporting->count++;
	return !ferror(stdout);
}

// STIX -----------------------------------------------------------------------------------------------------------------------------

static void make_id(const char *type, const char *name, size_t len, char out[64])
{
	// A name space of our own: what we name are not URLs or host names
	static const uint8_t space[16] = { 0x8e, 0x1c, 0x0f, 0x5a, 0x6d, 0x42, 0x4b, 0x17, 0x9a, 0x63, 0x27, 0xd1, 0x5e,
		0x90, 0x3b, 0xc4 };
	uint8_t digest[EVP_MAX_MD_SIZE] = { 0 };
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	if (hash && EVP_DigestInit_ex(hash, EVP_sha1(), NULL) == 1 &&
		EVP_DigestUpdate(hash, space, sizeof(space)) == 1 && EVP_DigestUpdate(hash, name, len) == 1)
		EVP_DigestFinal_ex(hash, digest, NULL);
	EVP_MD_CTX_free(hash);
	digest[6] = (uint8_t)((digest[6] & 0x0f) | 0x50);
	digest[8] = (uint8_t)((digest[8] & 0x3f) | 0x80);
	int at = snprintf(out, 64, "%s--", type);
	for (unsigned i = 0; i < 16; i++)
		at += snprintf(out + at, 64 - (size_t)at, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			digest[i]);
}

// Text of a pattern's string: quotes and backslashes escaped.
static void quote(const char *text, char *out, size_t size)
{
	size_t at = 0;
	for (; *text && at + 3 < size; text++) {
		if (*text == '\'' || *text == '\\')
			out[at++] = '\\';
		out[at++] = *text;
	}
	out[at] = 0;
}

// False: patterns have no word for it.
static bool make_pattern(const struct indicator *indicator, const char *value, char *out, size_t size)
{
	static const char *const paths[INDICATOR_KINDS] = {
		[INDICATOR_DOMAIN] = "domain-name:value",
		[INDICATOR_URL] = "url:value",
		[INDICATOR_FILE_MD5] = "file:hashes.MD5",
		[INDICATOR_FILE_SHA1] = "file:hashes.'SHA-1'",
		[INDICATOR_FILE_SHA256] = "file:hashes.'SHA-256'",
		[INDICATOR_CERT_SHA1] = "x509-certificate:hashes.'SHA-1'",
		[INDICATOR_CERT_SHA256] = "x509-certificate:hashes.'SHA-256'",
		[INDICATOR_USER_AGENT] = "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'",
		[INDICATOR_EMAIL] = "email-addr:value",
	};
	char text[2 * INTEL_TEXT_MAX];
	quote(value, text, sizeof(text));
	struct address address = { 0 };
	bool is_address = indicator->kind <= INDICATOR_ENDPOINT;
	if (is_address)
		memcpy(address.bytes, indicator->value.data, 16);
	const char *family = is_address && address_is_v4(&address) ? "ipv4-addr" : "ipv6-addr";
	if (indicator->kind == INDICATOR_ENDPOINT) {
		struct indicator alone = *indicator;
		alone.kind = INDICATOR_ADDRESS;
		feed_value_text(&alone, text, sizeof(text));
		snprintf(out, size, "[network-traffic:dst_ref.value = '%s' AND network-traffic:dst_port = %u]", text,
			indicator->port);
	} else if (is_address) {
		snprintf(out, size, "[%s:value %s '%s']", family,
			indicator->kind == INDICATOR_NETWORK ? "ISSUBSET" : "=", text);
	} else if (!paths[indicator->kind]) {
		return false;
	} else {
		bool host = indicator->kind == INDICATOR_URL && value[0] != '/';
		snprintf(out, size, "[%s = '%s%s']", paths[indicator->kind], host ? "http://" : "", text);
	}
	return true;
}

static bool put_object(struct exporting *exporting, json_t *object)
{
	bool good =
		fputs(exporting->first ? "\n" : ",\n", stdout) != EOF && json_dumpf(object, stdout, JSON_COMPACT) == 0;
	exporting->first = false;
	json_decref(object);
	return good;
}

// created: the same in every export, as the id is.
static json_t *begin_object(const struct exporting *exporting, const char *type, const char *id, uint32_t created_s)
{
	char created[32];
	json_t *object = json_object();
	tool_json_text(object, "type", type);
	tool_json_text(object, "spec_version", "2.1");
	tool_json_text(object, "id", id);
	intel_time(created_s ? created_s : CREATED_PRESET, created);
	tool_json_text(object, "created", created);
	tool_json_text(object, "modified", exporting->now);
	return object;
}

// What an indicator indicates, a family or a technique, as an object of its own, once, and what the two have to do with each other.
static bool put_indicated(struct exporting *exporting, const char *type, struct span text, const char *id)
{
	char name[256], other[64], relation[64], both[160];
	bool technique = strcmp(type, "attack-pattern") == 0;
	snprintf(name, sizeof(name), "%.*s", (int)(text.len < 255 ? text.len : 255), (const char *)text.data);
	make_id(type, name, strlen(name), other);
	if (!json_object_get(exporting->indicated, other)) {
		json_t *object = begin_object(exporting, type, other, 0);
		tool_json_text(object, "name", name);
		if (technique)
			json_object_set_new(object, "external_references",
				json_pack("[{s:s, s:o}]", "source_name", "mitre-attack", "external_id",
					audit_text(name)));
		else
			tool_json_bool(object, "is_family", true);
		json_object_set_new(exporting->indicated, other, json_true());
		if (!put_object(exporting, object))
			return false;
	}
	int len = snprintf(both, sizeof(both), "%s %s", id, other);
	make_id("relationship", both, (size_t)len, relation);
	json_t *object = begin_object(exporting, "relationship", relation, 0);
	tool_json_text(object, "relationship_type", "indicates");
	tool_json_text(object, "source_ref", id);
	tool_json_text(object, "target_ref", other);
	return put_object(exporting, object);
}

static bool put_stix(void *context, const struct intel_entry *entry)
{
	struct exporting *exporting = context;
	const struct indicator *indicator = &entry->indicator;
	char value[INTEL_TEXT_MAX], pattern[2 * INTEL_TEXT_MAX + 256], id[64], when[32], name[INTEL_TEXT_MAX + 256];
	if (!intel_fits(exporting->filter, entry))
		return true;
	feed_value_text(indicator, value, sizeof(value));
	if (!make_pattern(indicator, value, pattern, sizeof(pattern))) {
		exporting->left_out++;
		return true;
	}
	int len = snprintf(name, sizeof(name), "%s %s %s", entry->feed, indicator_kind_names[indicator->kind], value);
	make_id("indicator", name, (size_t)len, id);
	json_t *object = begin_object(exporting, "indicator", id, indicator->first_seen_s), *types = json_array(),
	       *labels = json_array();
	tool_json_text(object, "name", value);
	tool_json_add(types, indicator->flags & INDICATOR_ALLOW ? "benign" : "malicious-activity");
	json_object_set_new(object, "indicator_types", types);
	tool_json_add(labels, entry->feed);
	json_object_set_new(object, "labels", labels);
	tool_json_text(object, "pattern", pattern);
	tool_json_text(object, "pattern_type", "stix");
	tool_json_text(object, "pattern_version", "2.1");
	intel_time(indicator->first_seen_s, when);
	tool_json_text(object, "valid_from", when[0] ? when : exporting->now);
	intel_time(indicator->expiry_s, when);
	if (when[0] && indicator->expiry_s > indicator->first_seen_s)
		tool_json_text(object, "valid_until", when);
	tool_json_number(object, "confidence", indicator->confidence);
	if (entry->local && entry->local->note[0])
		tool_json_text(object, "description", entry->local->note);
	exporting->count++;
	return put_object(exporting, object) &&
	       (!indicator->family.len || put_indicated(exporting, "malware", indicator->family, id)) &&
	       (!indicator->technique.len || put_indicated(exporting, "attack-pattern", indicator->technique, id));
}

static bool export_stix(const struct intel *intel, struct exporting *exporting)
{
	char id[64];
	exporting->indicated = json_object();
	exporting->first = true;
	make_id("bundle", exporting->now, strlen(exporting->now), id);
	printf("{\"type\":\"bundle\",\"id\":\"%s\",\"objects\":[", id);
	bool good = intel_each(intel, exporting->filter->feed, put_stix, exporting);
	printf("\n]}\n");
	json_decref(exporting->indicated);
	return good;
}

static int run_export(int argc, char **argv)
{
	struct intel_filter filter = { 0 };
	struct exporting exporting = { .filter = &filter };
	const char *format = "stix";
	const struct verb_option own[] = { { "format", NULL, &format, "stix (preset) or csv" },
		INTEL_FILTER_OPTIONS(filter), { 0 } };
	struct verb_line line;
	int result;
	if (!verb_parse(&line, &intel_export, own, argc, argv, &result))
		return result;
	bool csv = strcmp(format, "csv") == 0;
	if (line.count || (!csv && strcmp(format, "stix") != 0)) {
		log_error("intel export takes no arguments, and --format stix or csv");
		return VERB_BAD;
	}
	struct intel *intel = intel_begin(&line, false, &result);
	if (!intel)
		return result;
	result = VERB_BAD;
	if (intel_filter_ready(&filter, intel)) {
		intel_time(filter.now_s, exporting.now);
		if (csv)
			puts("value,kind,family,confidence,first_seen,expiry,technique,feed,exact,or_earlier");
		bool good = csv ? intel_each(intel, filter.feed, put_csv, &exporting) : export_stix(intel, &exporting);
		good &= fflush(stdout) == 0 && !ferror(stdout);
		result = good ? VERB_DONE : VERB_FOUND;
		if (exporting.left_out)
			log_warning("%llu fingerprints were left out: STIX patterns have no word for them (--format "
				    "csv has)",
				(unsigned long long)exporting.left_out);
	}
	intel_end(intel);
	return result;
}

const struct verb intel_export = { &intel_tool, "export", "[OPTION...]", "entries as a STIX 2.1 bundle or CSV",
	run_export };
