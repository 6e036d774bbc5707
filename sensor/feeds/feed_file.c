// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/feeds/feed_file.h"
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include "sensor/fetch/fetch.h"

#define HEAD_BYTES 4096 // looked at for what is no text

bool feed_file_fail(struct feed_file *file, const char *format, ...)
{
	char reason[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	file->failed = true;
	if (file->line)
		return pack_fail(file->error, "%.200s:%llu: %s", file->name, (unsigned long long)file->line, reason);
	return pack_fail(file->error, "%.200s: %s", file->name, reason);
}

bool feed_file_open(struct feed_file *file)
{
	struct stat info;
	if (stat(file->path, &info) != 0 || !S_ISREG(info.st_mode))
		return feed_file_fail(file, "no such file, or not a regular one");
	file->file = gzopen(file->path, "rb");
	if (!file->file)
		return feed_file_fail(file, "cannot be opened");
	gzbuffer(file->file, FEED_BUFFER);
	return true;
}

void feed_file_close(struct feed_file *file)
{
	if (file->file)
		gzclose_r(file->file);
	file->file = NULL;
}

// Reads on when all was taken. False: the end, or failed.
static bool fill(struct feed_file *file)
{
	if (file->at < file->len)
		return true;
	if (file->failed)
		return false;
	int got = gzread(file->file, file->buffer, FEED_BUFFER), code = Z_OK;
	const char *text = gzerror(file->file, &code);
	if (got < 0 || (code != Z_OK && code != Z_STREAM_END))
		return feed_file_fail(file, "%s", code == Z_BUF_ERROR ? "the gzip file is truncated" : text);
	file->at = 0;
	file->len = (uint32_t)got;
	file->bytes += (uint64_t)got;
	if (file->bytes > file->feed->max_bytes)
		return feed_file_fail(
			file, "more than max-size (%llu bytes) unpacked", (unsigned long long)file->feed->max_bytes);
	return got > 0;
}

struct span feed_file_head(struct feed_file *file)
{
	if (!fill(file))
		return span_of(NULL, 0);
	return span_of(file->buffer, file->len);
}

bool feed_file_line(struct feed_file *file, struct span *line)
{
	uint32_t len = 0;
	bool over = false, any = false;
	file->line++;
	while (fill(file)) {
		struct span rest = span_of(file->buffer + file->at, file->len - file->at);
		uint32_t part = span_find(rest, '\n', 0);
		any = true;
		if (len + part > FEED_LINE_MAX)
			over = true;
		else
			memcpy(file->text + len, rest.data, part);
		len = over ? 0 : len + part;
		file->at += part;
		if (part == rest.len)
			continue;
		file->at++;
		if (!over)
			break;
		feed_file_refuse(file, span_of(NULL, 0), "a line over 64 KiB");
		over = false;
		len = 0;
		any = false;
		file->line++;
	}
	if (over)
		feed_file_refuse(file, span_of(NULL, 0), "a line over 64 KiB");
	if (file->failed || !any || over)
		return false;
	if (memchr(file->text, 0, len))
		return feed_file_fail(file, "a zero byte: this is no text");
	while (len && (file->text[len - 1] == '\r' || file->text[len - 1] == ' ' || file->text[len - 1] == '\t'))
		len--;
	file->text[len] = 0;
	*line = span_of(file->text, len);
	return true;
}

char *feed_file_whole(struct feed_file *file, uint64_t max, size_t *len)
{
	size_t room = FEED_BUFFER, at = 0;
	char *bytes = malloc(room + 1);
	while (bytes && fill(file)) {
		uint32_t part = file->len - file->at;
		if (at + part > max) {
			feed_file_fail(file, "more than %llu bytes unpacked", (unsigned long long)max);
			break;
		}
		if (at + part > room) {
			char *more = realloc(bytes, 2 * room + 1);
			if (!more) {
				feed_file_fail(file, "out of memory");
				break;
			}
			bytes = more;
			room *= 2;
		}
		memcpy(bytes + at, file->buffer + file->at, part);
		at += part;
		file->at = file->len;
	}
	if (!bytes || file->failed) {
		free(bytes);
		return NULL;
	}
	bytes[at] = 0;
	*len = at;
	return bytes;
}

// Entries --------------------------------------------------------------------------------------------------------------------------

void feed_file_refuse(struct feed_file *file, struct span text, const char *why)
{
	struct feed_report *report = file->report;
	report->refused++;
	if (report->refusal_count == FEED_REFUSALS)
		return;
	struct feed_refusal *refusal = &report->refusals[report->refusal_count++];
	refusal->line = file->line;
	refusal->object = report->format == FEED_STIX || report->format == FEED_MISP;
	snprintf(refusal->text, sizeof(refusal->text), "%.*s%s%s", text.len > 80 ? 80 : (int)text.len,
		text.len ? (const char *)text.data : "", text.len ? ": " : "", why);
}

const char *feed_refusal_place(const struct feed_refusal *refusal)
{
	return refusal->object ? "object" : "line";
}

bool feed_file_take(struct feed_file *file, const struct feed_entry *entry)
{
	const struct feed *feed = file->feed;
	unsigned kind = entry->kind != INDICATOR_KINDS ? entry->kind : feed->kind;
	bool allow = feed->allow || entry->flags & INDICATOR_ALLOW;
	struct indicator *indicator = &file->value.indicator;
	file->report->lines++;
	if (allow && !feed->allow && feed->remote) { // it would silence all other feeds
		file->report->skipped++;
		return true;
	}
	const char *wrong = feed_value_parse(entry->value, kind, file->site, allow, &file->value);
	if (wrong) {
		feed_file_refuse(file, entry->value, wrong);
		return true;
	}
	if (entry->port && indicator->kind == INDICATOR_NETWORK) {
		feed_file_refuse(file, entry->value, "a network has no port");
		return true;
	}
	if (entry->port && indicator->kind == INDICATOR_ADDRESS) {
		indicator->kind = INDICATOR_ENDPOINT;
		indicator->port = entry->port;
	}
	indicator->flags |= (uint8_t)(entry->flags | (feed->drop ? INDICATOR_DROP : 0));
	if (indicator->flags & INDICATOR_BELOW)
		indicator->flags &= (uint8_t)~INDICATOR_EXACT;
	else if (feed->exact && (indicator->kind == INDICATOR_DOMAIN || indicator->kind == INDICATOR_URL))
		indicator->flags |= INDICATOR_EXACT;
	indicator->confidence = entry->confidence ? entry->confidence : feed->confidence;
	indicator->first_seen_s = entry->first_seen_s;
	indicator->expiry_s = entry->expiry_s;
	indicator->family = entry->family.len ? entry->family : span_text(feed->family);
	indicator->technique = entry->technique.len ? entry->technique : span_text(feed->technique);
	if (indicator->family.len > FEED_TEXT_MAX)
		indicator->family.len = FEED_TEXT_MAX;
	if (entry->expiry_s && entry->expiry_s <= file->now_s) {
		file->report->skipped++;
		return true;
	}
	file->report->taken++;
	return file->give(file->context, indicator) || feed_file_fail(file, "out of memory");
}

uint8_t feed_confidence(const struct feed *feed, double number)
{
	if (feed->score_high)
		number = 1 + 99 * (number - feed->score_low) / (feed->score_high - feed->score_low);
	return number >= 100 ? 100 : number >= 1 ? (uint8_t)number : 1;
}

uint32_t feed_time(struct span text)
{
	char copy[40];
	struct tm parts = { 0 };
	long long zone = 0;
	text = span_trim(text);
	if (!text.len || text.len >= sizeof(copy))
		return 0;
	memcpy(copy, text.data, text.len);
	copy[text.len] = 0;
	if (strspn(copy, "0123456789") == text.len && text.len >= 9) {
		unsigned long long number = strtoull(copy, NULL, 10);
		return number <= UINT32_MAX ? (uint32_t)number : 0;
	}
	const char *rest = strptime(copy, "%Y-%m-%d", &parts);
	if (!rest)
		return 0;
	if (*rest == 'T' || *rest == ' ') {
		rest = strptime(rest + 1, "%H:%M:%S", &parts);
		if (!rest)
			return 0;
		if (*rest == '.')
			rest += 1 + strspn(rest + 1, "0123456789");
		if (*rest == '+' || *rest == '-') {
			int hours = 0, minutes = 0;
			if (sscanf(rest + 1, "%2d:%2d", &hours, &minutes) < 1)
				return 0;
			zone = (*rest == '-' ? -60 : 60) * (60LL * hours + minutes);
		}
	}
	long long seconds = (long long)timegm(&parts) - zone;
	return seconds > 0 && seconds <= UINT32_MAX ? (uint32_t)seconds : 0;
}

// Formats --------------------------------------------------------------------------------------------------------------------------

static enum feed_format by_name(const char *path)
{
	static const struct {
		const char *end;
		enum feed_format format;
	} ends[] = { { ".csv", FEED_CSV }, { ".tsv", FEED_CSV }, { ".rpz", FEED_RPZ }, { ".zone", FEED_RPZ },
		{ ".txt", FEED_PLAIN }, { ".lst", FEED_DATASET } };
	size_t len = fetch_is_url(path) ? strcspn(path, "?#") : strlen(path);
	if (len > 3 && strncmp(path + len - 3, ".gz", 3) == 0)
		len -= 3;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t end = strlen(ends[i].end);
		if (len > end && strncmp(path + len - end, ends[i].end, end) == 0)
			return ends[i].format;
	}
	return FEED_AUTO;
}

static bool holds(struct span head, const char *text)
{
	return head.len && memmem(head.data, head.len, text, strlen(text)) != NULL;
}

// What the first bytes look like: JSON says itself which, a zone has a record of its own, a hosts file begins its lines with an address of nobody.
static enum feed_format by_head(const char *path, struct span head)
{
	uint32_t at = 0;
	while (at < head.len && strchr(" \t\r\n\xef\xbb\xbf", head.data[at]))
		at++;
	uint32_t begin = at++;
	while (at < head.len && strchr(" \t\r\n", head.data[at]))
		at++;
	// "[2001:db8::1]" and "[Adblock Plus]" begin lists too
	bool object = begin < head.len && head.data[begin] == '{', array = begin < head.len && head.data[begin] == '[';
	if (at < head.len && ((object && strchr("\"}", head.data[at])) || (array && strchr("{]", head.data[at]))))
		return holds(head, "\"bundle\"") || holds(head, "spec_version") || holds(head, "\"indicator\"")
			       ? FEED_STIX
			       : FEED_MISP;
	if (holds(head, "$TTL") || holds(head, "rpz-") || holds(head, " CNAME .") || holds(head, "\tCNAME\t."))
		return FEED_RPZ;
	struct span first = span_from(head, begin < head.len ? begin : head.len);
	if (span_starts(first, "0.0.0.0 ") || span_starts(first, "127.0.0.1 ") || holds(head, "\n0.0.0.0 ") ||
		holds(head, "\n127.0.0.1 ") || holds(head, "\n0.0.0.0\t") || holds(head, "\n127.0.0.1\t"))
		return FEED_HOSTS;
	enum feed_format named = by_name(path);
	return named == FEED_AUTO ? FEED_PLAIN : named;
}

// What is fetched in a list's stead. NULL: none of these.
static const char *other_than_text(struct span head)
{
	static const struct {
		const char *begin;
		uint8_t len;
		const char *what;
	} files[] = {
		{ "PK\x03\x04", 4, "a zip file" },
		{ "\xfd"
		  "7zXZ",
			5, "an xz file" },
		{ "BZh", 3, "a bzip2 file" },
		{ "\x28\xb5\x2f\xfd", 4, "a zstd file" },
		{ "7z\xbc\xaf", 4, "a 7z file" },
		{ "\xff\xfe", 2, "UTF-16" },
		{ "\xfe\xff", 2, "UTF-16" },
	};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (head.len >= files[i].len && memcmp(head.data, files[i].begin, files[i].len) == 0)
			return files[i].what;
	uint32_t at = 0;
	while (at < head.len && strchr(" \t\r\n\xef\xbb\xbf", head.data[at]))
		at++;
	head = span_from(head, at);
	return span_starts_nocase(head, "<!doctype html") || span_starts_nocase(head, "<html") ? "an HTML page"
	       : span_starts_nocase(head, "<?xml")                                             ? "XML"
											       : NULL;
}

static bool is_text(struct span head)
{
	for (uint32_t i = 0; i < head.len && i < HEAD_BYTES; i++)
		if (head.data[i] < 9 || (head.data[i] > 13 && head.data[i] < 32 && head.data[i] != 27))
			return false;
	return true;
}

static bool read_format(struct feed_file *file)
{
	struct feed_report *report = file->report;
	struct span head = feed_file_head(file);
	if (file->failed)
		return false;
	const char *other = other_than_text(head);
	if (other)
		return feed_file_fail(file, "%s: expected text, or gzip of it", other);
	if (!is_text(head))
		return feed_file_fail(file, "binary data: expected text, or gzip of it");
	report->format = file->feed->format == FEED_AUTO ? by_head(file->name, head) : file->feed->format;
	switch (report->format) {
	case FEED_CSV: return feed_read_csv(file);
	case FEED_RPZ: return feed_read_rpz(file);
	case FEED_STIX: return feed_read_stix(file);
	case FEED_MISP: return feed_read_misp(file);
	default: return feed_read_lines(file);
	}
}

bool feed_read(const struct feed *feed, const struct feed_site *site, const char *path, uint32_t now_s, feed_give *give,
	void *context, struct feed_report *report, struct pack_error *error)
{
	struct feed_file *file = calloc(1, sizeof(*file));
	*report = (struct feed_report) { 0 };
	if (!file)
		return pack_fail(error, "out of memory");
	file->feed = feed;
	file->site = site;
	file->path = path;
	file->name = feed->origin ? feed->origin : path;
	file->now_s = now_s;
	file->give = give;
	file->context = context;
	file->report = report;
	file->error = error;
	bool good = feed_file_open(file) && read_format(file) && !file->failed;
	file->line = 0;
	if (good && report->refused >= 20 &&
		report->refused * 100 > (report->taken + report->refused) * FEED_REFUSED_MAX)
		good = feed_file_fail(file,
			"%llu of %llu entries cannot be taken: this is not %s; the first: %s %llu: %.200s",
			(unsigned long long)report->refused, (unsigned long long)(report->taken + report->refused),
			feed_format_names[report->format], feed_refusal_place(&report->refusals[0]),
			(unsigned long long)report->refusals[0].line, report->refusals[0].text);
	feed_file_close(file);
	free(file);
	return good;
}
