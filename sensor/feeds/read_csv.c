// SPDX-License-Identifier: GPL-3.0-or-later
// CSV (RFC 4180) with columns that the feed declares by number or by the header's names. Quoted fields may go over lines, and have blanks before them.
#include <stdlib.h>
#include "sensor/feeds/feed_file.h"

#define FIELDS_MAX 256
#define LINES_MAX  100 // that one row may have

struct row {
	struct span fields[FIELDS_MAX];
	unsigned count;
};

// Where a row is, line by line.
struct quoting {
	bool quoted, begins; // in a quoted field; where one may begin
};

// Is a quoted field still open at the end of this line?
static bool is_open(struct quoting *at, struct span line, char separator)
{
	for (uint32_t i = 0; i < line.len; i++) {
		uint8_t c = line.data[i];
		if (at->quoted && c == '"' && i + 1 < line.len && line.data[i + 1] == '"')
			i++;
		else if (at->quoted ? c == '"' : at->begins && c == '"')
			at->quoted = !at->quoted;
		at->begins = !at->quoted && (c == (uint8_t)separator || (at->begins && c == ' '));
	}
	return at->quoted;
}

// Splits in place: quotes go, "" becomes ". False: a quote is not closed, or stands where none may.
static bool split(uint8_t *text, uint32_t len, char separator, struct row *row)
{
	uint32_t at = 0;
	row->count = 0;
	do {
		while (separator != ' ' && at < len && text[at] == ' ') // as abuse.ch writes: "a", "b"
			at++;
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
static void guess_columns(const struct row *header, unsigned where[FEED_COLUMNS], bool *named, unsigned *kind)
{
	static const struct {
		const char *name;
		enum feed_column column;
		unsigned kind; // 0: not said
	} known[] = {
		{ "value", COLUMN_VALUE, 0 },
		{ "indicator", COLUMN_VALUE, 0 },
		{ "ioc", COLUMN_VALUE, 0 },
		{ "ioc_value", COLUMN_VALUE, 0 },
		{ "domain", COLUMN_VALUE, 0 },
		{ "url", COLUMN_VALUE, 0 },
		{ "ip", COLUMN_VALUE, 0 },
		{ "ip_address", COLUMN_VALUE, 0 },
		{ "dst_ip", COLUMN_VALUE, 0 },
		{ "dstip", COLUMN_VALUE, 0 },
		{ "sha256_hash", COLUMN_VALUE, 0 },
		{ "ja3_md5", COLUMN_VALUE, INDICATOR_JA3 },
		{ "type", COLUMN_KIND, 0 },
		{ "kind", COLUMN_KIND, 0 },
		{ "ioc_type", COLUMN_KIND, 0 },
		{ "family", COLUMN_FAMILY, 0 },
		{ "malware", COLUMN_FAMILY, 0 },
		{ "malware_printable", COLUMN_FAMILY, 0 },
		{ "signature", COLUMN_FAMILY, 0 },
		{ "listingreason", COLUMN_FAMILY, 0 },
		{ "confidence", COLUMN_CONFIDENCE, 0 },
		{ "confidence_level", COLUMN_CONFIDENCE, 0 },
		{ "first_seen", COLUMN_FIRST_SEEN, 0 },
		{ "firstseen", COLUMN_FIRST_SEEN, 0 },
		{ "first_seen_utc", COLUMN_FIRST_SEEN, 0 },
		{ "dateadded", COLUMN_FIRST_SEEN, 0 },
		{ "valid_until", COLUMN_EXPIRY, 0 },
		{ "expiry", COLUMN_EXPIRY, 0 },
		{ "dst_port", COLUMN_PORT, 0 },
		{ "dstport", COLUMN_PORT, 0 },
	};
	*named = false;
	for (unsigned i = 0; i < FEED_COLUMNS; i++)
		where[i] = FIELDS_MAX;
	for (unsigned f = 0; f < header->count; f++)
		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			if (span_is_nocase(header->fields[f], known[k].name) && where[known[k].column] == FIELDS_MAX) {
				where[known[k].column] = f;
				*kind = known[k].kind ? known[k].kind : *kind;
			}
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
	} known[] = {
		{ "ip", INDICATOR_ADDRESS },
		{ "ipv4", INDICATOR_ADDRESS },
		{ "ipv6", INDICATOR_ADDRESS },
		{ "ip-dst", INDICATOR_ADDRESS },
		{ "ip-src", INDICATOR_ADDRESS },
		{ "ipv4-addr", INDICATOR_ADDRESS },
		{ "ipv6-addr", INDICATOR_ADDRESS },
		{ "ip:port", INDICATOR_ENDPOINT },
		{ "cidr", INDICATOR_NETWORK },
		{ "hostname", INDICATOR_DOMAIN },
		{ "fqdn", INDICATOR_DOMAIN },
		{ "domain-name", INDICATOR_DOMAIN },
		{ "uri", INDICATOR_URL },
		{ "md5_hash", INDICATOR_FILE_MD5 },
		{ "sha1_hash", INDICATOR_FILE_SHA1 },
		{ "sha256_hash", INDICATOR_FILE_SHA256 },
		{ "md5", INDICATOR_FILE_MD5 },
		{ "sha1", INDICATOR_FILE_SHA1 },
		{ "sha-1", INDICATOR_FILE_SHA1 },
		{ "sha256", INDICATOR_FILE_SHA256 },
		{ "sha-256", INDICATOR_FILE_SHA256 },
		{ "filehash-md5", INDICATOR_FILE_MD5 },
		{ "filehash-sha1", INDICATOR_FILE_SHA1 },
		{ "filehash-sha256", INDICATOR_FILE_SHA256 },
		{ "ja3", INDICATOR_JA3 },
		{ "ja3_hash", INDICATOR_JA3 },
		{ "ja3-fingerprint-md5", INDICATOR_JA3 },
		{ "x509-fingerprint-sha1", INDICATOR_CERT_SHA1 },
		{ "x509-fingerprint-sha256", INDICATOR_CERT_SHA256 },
		{ "email", INDICATOR_EMAIL },
		{ "email-src", INDICATOR_EMAIL },
		{ "email-addr", INDICATOR_EMAIL },
		{ "user-agent", INDICATOR_USER_AGENT },
	};
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

// False: no number.
static bool number_of(struct span text, double *out)
{
	char copy[24], *end;
	if (!text.len || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = 0;
	*out = strtod(copy, &end);
	return end != copy && (!*end || strcmp(end, "%") == 0) && *out >= -1e9 && *out <= 1e9;
}

// What feeds write where they have nothing to say.
static struct span said(struct span text)
{
	static const char *const nothing[] = { "none", "null", "n/a", "na", "-", "never", "unknown", "0" };
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		if (span_is_nocase(text, nothing[i]))
			return span_of(NULL, 0);
	return text;
}

struct table {
	unsigned where[FEED_COLUMNS];
	unsigned kind; // that the header says; 0 none
	char separator;
	bool named, declared;
};

// NULL, or why the row cannot be taken: half of what it says would be more than it says.
static const char *read_row(
	const struct feed_file *file, const struct row *row, const struct table *table, struct feed_entry *entry)
{
	const unsigned *where = table->where;
	struct span port = said(field(row, where[COLUMN_PORT])), expiry = said(field(row, where[COLUMN_EXPIRY]));
	struct span kind = said(field(row, where[COLUMN_KIND]));
	double number;
	*entry = (struct feed_entry) {
		.value = field(row, where[COLUMN_VALUE]),
		.family = said(field(row, where[COLUMN_FAMILY])),
		.technique = said(field(row, where[COLUMN_TECHNIQUE])),
		.kind = table->kind ? table->kind : kind_named(kind),
		.first_seen_s = feed_time(field(row, where[COLUMN_FIRST_SEEN])),
		.expiry_s = feed_time(expiry),
	};
	if (number_of(field(row, where[COLUMN_CONFIDENCE]), &number))
		entry->confidence = feed_confidence(file->feed, number);
	if (port.len && (!number_of(port, &number) || number < 1 || number > 65535))
		return "not a port";
	entry->port = port.len ? (uint16_t)number : 0;
	if (expiry.len && !entry->expiry_s)
		return "an expiry that is no time (expected such as 2030-12-31)";
	if (kind.len && table->declared && entry->kind == INDICATOR_KINDS)
		return "of a kind that is not known";
	return NULL;
}

static bool take_row(struct feed_file *file, const struct row *row, const struct table *table)
{
	struct feed_entry entry;
	const char *wrong = read_row(file, row, table, &entry);
	if (!wrong)
		return feed_file_take(file, &entry);
	file->report->lines++;
	feed_file_refuse(file, entry.value, wrong);
	return true;
}

// The first row that is one: what is where. *header: the row is that, and no entry. False: failed.
static bool begin_table(
	struct feed_file *file, const struct row *row, bool comment, struct table *table, bool *begun, bool *header)
{
	*begun = *header = false;
	table->declared = file->feed->columns[COLUMN_VALUE][0];
	if (comment && row->count < 2)
		return true;
	if (!table->declared) {
		guess_columns(row, table->where, &table->named, &table->kind);
	} else if (comment) {
		struct pack_error kept = *file->error;
		if (!find_columns(file, row, table->where, &table->named)) {
			file->failed = false;
			*file->error = kept;
			return true;
		}
	} else if (!find_columns(file, row, table->where, &table->named)) {
		return false;
	}
	*begun = !comment || table->named;
	*header = table->named;
	return true;
}

// Lines until the quoted field that is open at the end of text is closed, joined in text. False: it is not, as far as one may go.
static bool join_lines(struct feed_file *file, struct quoting *at, struct span *text, uint8_t *joined, char separator)
{
	struct span line;
	uint64_t first = file->line;
	memcpy(joined, text->data, text->len);
	*text = span_of(joined, text->len);
	for (unsigned i = 0; i < LINES_MAX && feed_file_line(file, &line); i++) {
		if (text->len + 1 + line.len > FEED_LINE_MAX)
			break;
		joined[text->len] = '\n';
		memcpy(joined + text->len + 1, line.data, line.len);
		text->len += 1 + line.len;
		if (!is_open(at, line, separator))
			return true;
	}
	uint64_t last = file->line;
	file->line = first;
	feed_file_refuse(file, span_of(NULL, 0), "a quote that is not closed");
	file->line = last;
	return false;
}

static bool take_line(struct feed_file *file, struct span line, uint8_t *joined, struct table *table, bool *begun)
{
	struct row row;
	// Some feeds have their header in a comment: "# first_seen,url,..."
	bool comment = line.len && line.data[0] == '#', header = false;
	if (!line.len || (comment && *begun))
		return true;
	for (line = span_from(line, comment); comment && line.len && line.data[0] == ' ';)
		line = span_from(line, 1);
	struct quoting at = { .begins = true };
	if (!comment && is_open(&at, line, table->separator) && !join_lines(file, &at, &line, joined, table->separator))
		return true;
	if (!split((uint8_t *)(uintptr_t)line.data, line.len, table->separator, &row)) {
		if (!comment)
			feed_file_refuse(file, span_of(NULL, 0), "a quote that is not closed");
		return true;
	}
	if (!*begun && !begin_table(file, &row, comment, table, begun, &header))
		return false;
	return !*begun || header || take_row(file, &row, table);
}

bool feed_read_csv(struct feed_file *file)
{
	struct span line;
	bool tabs = strstr(file->name, ".tsv") != NULL && file->feed->separator == ',';
	struct table table = { .separator = tabs ? '\t' : file->feed->separator };
	uint8_t *joined = malloc(FEED_LINE_MAX + 1);
	bool begun = false, good = joined || feed_file_fail(file, "out of memory");
	while (good && feed_file_line(file, &line)) {
		if (file->line == 1 && span_starts(line, "\xef\xbb\xbf"))
			line = span_from(line, 3);
		good = take_line(file, line, joined, &table, &begun);
	}
	free(joined);
	return good && !file->failed;
}
