// SPDX-License-Identifier: GPL-3.0-or-later
// CSV (RFC 4180) with columns that the feed declares by number or by the header's names. Quoted fields do not go over lines.
#include <stdlib.h>
#include "sensor/feeds/feed_file.h"

#define FIELDS_MAX 256

struct row {
	struct span fields[FIELDS_MAX];
	unsigned count;
};

// Splits in place: quotes go, "" becomes ". False: a quote is not closed, or stands where none may.
static bool split(uint8_t *text, uint32_t len, char separator, struct row *row)
{
	uint32_t at = 0;
	row->count = 0;
	do {
		uint32_t start = at, end = at;
		if (at < len && text[at] == '"') {
			start = end = ++at;
			for (;; at++) {
				if (at >= len)
					return false;
				if (text[at] == '"' && at + 1 < len && text[at + 1] == '"')
					at++;
				else if (text[at] == '"')
					break;
				text[end++] = text[at];
			}
			at++;
			while (at < len && text[at] == ' ')
				at++;
			if (at < len && text[at] != (uint8_t)separator)
				return false;
		} else {
			while (at < len && text[at] != (uint8_t)separator)
				at++;
			end = at;
		}
		if (row->count < FIELDS_MAX)
			row->fields[row->count++] = span_trim(span_of(text + start, end - start));
		while (at < len && separator != ',' && separator != '\t' && separator != ';' &&
			text[at] == (uint8_t)separator && at + 1 < len && text[at + 1] == (uint8_t)separator)
			at++; // blanks as separators come in runs
	} while (at++ < len);
	return true;
}

// Where each declared column is: from 0, FIELDS_MAX none.
static bool find_columns(struct feed_file *file, const struct row *header, unsigned where[FEED_COLUMNS], bool *named)
{
	const struct feed *feed = file->feed;
	*named = false;
	for (unsigned i = 0; i < FEED_COLUMNS; i++) {
		const char *text = feed->columns[i];
		where[i] = FIELDS_MAX;
		if (!text[0])
			continue;
		if (strspn(text, "0123456789") == strlen(text)) {
			unsigned long number = strtoul(text, NULL, 10);
			if (!number || number > FIELDS_MAX)
				return feed_file_fail(
					file, "columns.%s: expected 1 to %d", feed_column_names[i], FIELDS_MAX);
			where[i] = (unsigned)number - 1;
			continue;
		}
		*named = true;
		for (unsigned f = 0; f < header->count && where[i] == FIELDS_MAX; f++)
			if (span_is_nocase(header->fields[f], text))
				where[i] = f;
		if (where[i] == FIELDS_MAX)
			return feed_file_fail(
				file, "the header has no column \"%.64s\" (columns.%s)", text, feed_column_names[i]);
	}
	return true;
}

// Without declared columns: a header that says what is what, else the first field is the value.
static void guess_columns(const struct row *header, unsigned where[FEED_COLUMNS], bool *named)
{
	static const struct {
		const char *name;
		enum feed_column column;
	} known[] = { { "value", COLUMN_VALUE }, { "indicator", COLUMN_VALUE }, { "ioc", COLUMN_VALUE },
		{ "ioc_value", COLUMN_VALUE }, { "domain", COLUMN_VALUE }, { "url", COLUMN_VALUE },
		{ "ip", COLUMN_VALUE }, { "dst_ip", COLUMN_VALUE }, { "sha256_hash", COLUMN_VALUE },
		{ "type", COLUMN_KIND }, { "kind", COLUMN_KIND }, { "family", COLUMN_FAMILY },
		{ "malware", COLUMN_FAMILY }, { "malware_printable", COLUMN_FAMILY }, { "signature", COLUMN_FAMILY },
		{ "confidence", COLUMN_CONFIDENCE }, { "confidence_level", COLUMN_CONFIDENCE },
		{ "first_seen", COLUMN_FIRST_SEEN }, { "first_seen_utc", COLUMN_FIRST_SEEN },
		{ "dateadded", COLUMN_FIRST_SEEN }, { "valid_until", COLUMN_EXPIRY }, { "expiry", COLUMN_EXPIRY },
		{ "dst_port", COLUMN_PORT } };
	*named = false;
	for (unsigned i = 0; i < FEED_COLUMNS; i++)
		where[i] = FIELDS_MAX;
	for (unsigned f = 0; f < header->count; f++)
		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			if (span_is_nocase(header->fields[f], known[k].name) && where[known[k].column] == FIELDS_MAX)
				where[known[k].column] = f;
	*named = where[COLUMN_VALUE] != FIELDS_MAX;
	if (*named)
		return;
	for (unsigned i = 0; i < FEED_COLUMNS; i++)
		where[i] = FIELDS_MAX;
	where[COLUMN_VALUE] = 0;
}

// Kinds as feeds call them; INDICATOR_KINDS: not known, the value's form decides.
static unsigned kind_named(struct span name)
{
	static const struct {
		const char *name;
		enum indicator_kind kind;
	} known[] = { { "ip", INDICATOR_ADDRESS }, { "ip:port", INDICATOR_ENDPOINT }, { "cidr", INDICATOR_NETWORK },
		{ "hostname", INDICATOR_DOMAIN }, { "md5_hash", INDICATOR_FILE_MD5 },
		{ "sha1_hash", INDICATOR_FILE_SHA1 }, { "sha256_hash", INDICATOR_FILE_SHA256 },
		{ "md5", INDICATOR_FILE_MD5 }, { "sha1", INDICATOR_FILE_SHA1 }, { "sha256", INDICATOR_FILE_SHA256 },
		{ "ja3", INDICATOR_JA3 }, { "email", INDICATOR_EMAIL } };
	for (unsigned i = 0; i < INDICATOR_KINDS; i++)
		if (span_is_nocase(name, indicator_kind_names[i]))
			return i;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (span_is_nocase(name, known[i].name))
			return known[i].kind;
	return INDICATOR_KINDS;
}

static struct span field(const struct row *row, unsigned where)
{
	return where < row->count ? row->fields[where] : span_of(NULL, 0);
}

static uint32_t number_of(struct span text)
{
	char copy[24];
	if (!text.len || text.len >= sizeof(copy))
		return 0;
	memcpy(copy, text.data, text.len);
	copy[text.len] = 0;
	double number = strtod(copy, NULL);
	return number > 0 && number < 1e9 ? (uint32_t)number : 0;
}

static bool take_row(struct feed_file *file, const struct row *row, const unsigned where[FEED_COLUMNS])
{
	struct span score = field(row, where[COLUMN_CONFIDENCE]);
	uint32_t port = number_of(field(row, where[COLUMN_PORT]));
	const struct feed_entry entry = {
		.value = field(row, where[COLUMN_VALUE]),
		.family = field(row, where[COLUMN_FAMILY]),
		.technique = field(row, where[COLUMN_TECHNIQUE]),
		.kind = where[COLUMN_KIND] < FIELDS_MAX ? kind_named(field(row, where[COLUMN_KIND])) : INDICATOR_KINDS,
		.confidence = score.len ? feed_confidence(file->feed, number_of(score)) : 0,
		.first_seen_s = feed_time(field(row, where[COLUMN_FIRST_SEEN])),
		.expiry_s = feed_time(field(row, where[COLUMN_EXPIRY])),
		.port = port <= 65535 ? (uint16_t)port : 0,
	};
	return feed_file_take(file, &entry);
}

bool feed_read_csv(struct feed_file *file)
{
	struct row row;
	struct span line;
	unsigned where[FEED_COLUMNS];
	bool first = true, named = false;
	bool tabs = strstr(file->name, ".tsv") != NULL && file->feed->separator == ',';
	char separator = tabs ? '\t' : file->feed->separator;
	while (feed_file_line(file, &line)) {
		uint32_t skip = file->line == 1 && span_starts(line, "\xef\xbb\xbf") ? 3 : 0;
		// Some feeds have their header in a comment: "# first_seen,url,..."
		bool comment = line.len > skip && line.data[skip] == '#';
		if (line.len <= skip || (comment && !first))
			continue;
		skip += comment;
		while (comment && skip < line.len && line.data[skip] == ' ')
			skip++;
		if (!split(file->text + skip, line.len - skip, separator, &row)) {
			if (!comment)
				feed_file_refuse(file, span_of(NULL, 0), "a quote that is not closed");
			continue;
		}
		if (!first) {
			if (!take_row(file, &row, where))
				return false;
			continue;
		}
		bool declared = file->feed->columns[COLUMN_VALUE][0];
		if (comment && row.count < 2)
			continue;
		if (!declared) {
			guess_columns(&row, where, &named);
			if (comment && !named)
				continue;
		} else if (comment) {
			struct pack_error kept = *file->error;
			if (!find_columns(file, &row, where, &named) || !named) {
				file->failed = false;
				*file->error = kept;
				continue;
			}
		} else if (!find_columns(file, &row, where, &named)) {
			return false;
		}
		first = false;
		if (!named && !take_row(file, &row, where))
			return false;
	}
	return !file->failed;
}
