// SPDX-License-Identifier: GPL-3.0-or-later
// Plain lists, hosts files, Suricata's iprep and dataset files: one entry a line.
#include <openssl/evp.h>
#include <stdlib.h>
#include "sensor/feeds/feed_file.h"

// The next word of *rest, by either of two separators; empty at the end.
static struct span word(struct span *rest, const char separators[2])
{
	uint8_t one = (uint8_t)separators[0], other = (uint8_t)separators[1];
	uint32_t at = 0, end;
	while (at < rest->len && (rest->data[at] == one || rest->data[at] == other))
		at++;
	for (end = at; end < rest->len && rest->data[end] != one && rest->data[end] != other;)
		end++;
	struct span out = span_slice(*rest, at, end - at);
	*rest = span_from(*rest, end);
	return out;
}

static struct span without_comment(struct span line)
{
	for (uint32_t i = 0; i < line.len; i++) // "#" inside a word belongs to it: a URL's fragment
		if ((line.data[i] == '#' || line.data[i] == ';') &&
			(i == 0 || line.data[i - 1] == ' ' || line.data[i - 1] == '\t'))
			return span_trim(span_slice(line, 0, i));
	return span_trim(line);
}

// "a", 'a', <a>, and what lists that were once of another form have at the end: "a,"
static struct span without_quotes(struct span value)
{
	static const char open[] = "\"'`<", close[] = "\"'`>";
	while (value.len > 1 && (value.data[value.len - 1] == ',' || value.data[value.len - 1] == ';'))
		value.len--;
	const char *at = value.len > 2 ? memchr(open, value.data[0], sizeof(open) - 1) : NULL;
	return at && value.data[value.len - 1] == (uint8_t)close[at - open] ? span_slice(value, 1, value.len - 2)
									    : value;
}

// "203.0.113.0/24": what is behind a blank is a remark.
static bool is_network(struct span value)
{
	uint32_t slash = span_find(value, '/', 0);
	for (uint32_t i = slash + 1; i < value.len; i++)
		if (value.data[i] < '0' || value.data[i] > '9')
			return false;
	return slash + 1 < value.len;
}

// "VALUE", or "VALUE<tab>NUMBER" as scored lists have it: the number is a score when the feed has a scale for it.
static bool take_plain(struct feed_file *file, struct span line)
{
	struct feed_entry entry = { .kind = INDICATOR_KINDS };
	struct span rest = line;
	if (span_is(line, "//") || span_starts(line, "// ") || line.data[0] == '!') // remarks of others' lists
		return true;
	if (file->feed->kind == INDICATOR_USER_AGENT) {
		entry.value = line;
		return feed_file_take(file, &entry);
	}
	entry.value = word(&rest, " \t");
	uint8_t blank = rest.len ? rest.data[0] : 0;
	struct span score = word(&rest, " \t");
	bool number = score.len && score.data[0] >= '0' && score.data[0] <= '9';
	// What is left of a URL that is cut at its first blank says more than the URL
	if (blank == ' ' && !number && span_find(entry.value, '/', 0) < entry.value.len && score.data[0] != '(' &&
		!is_network(entry.value)) {
		feed_file_refuse(file, line, "a blank in a URL (in a URL it is %20)");
		return true;
	}
	if (span_is(score, "-")) {
		feed_file_refuse(file, line, "a range of addresses: write it as networks");
		return true;
	}
	entry.value = without_quotes(entry.value);
	if (number && file->feed->score_high)
		entry.confidence = feed_confidence(file->feed, strtod((const char *)score.data, NULL));
	return feed_file_take(file, &entry);
}

// "0.0.0.0 name name ...": who is sent to nowhere. The names every hosts file begins with are no indicators.
static bool take_hosts(struct feed_file *file, struct span line)
{
	static const char *const own[] = { "localhost", "localhost.localdomain", "local", "broadcasthost",
		"ip6-localhost", "ip6-loopback", "ip6-localnet", "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters",
		"ip6-allhosts", "0.0.0.0" };
	struct feed_entry entry = { .kind = INDICATOR_DOMAIN, .flags = INDICATOR_EXACT };
	struct span rest = line, first = word(&rest, " \t");
	bool good = true;
	struct address address;
	char text[64];
	snprintf(text, sizeof(text), "%.*s", (int)first.len, (const char *)first.data);
	if (!rest.len || first.len >= sizeof(text) || !address_parse(text, &address)) {
		feed_file_refuse(file, line, "expected an address and the names that it is given");
		return true;
	}
	for (entry.value = word(&rest, " \t"); good && entry.value.len; entry.value = word(&rest, " \t")) {
		bool skip = false;
		for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
			skip |= span_is_nocase(entry.value, own[i]);
		if (skip)
			file->report->skipped++;
		else
			good = feed_file_take(file, &entry);
	}
	return good;
}

// "address,category,score", score 1..127 (Suricata's iprep); 0 takes the entry away.
static bool take_iprep(struct feed_file *file, struct span line)
{
	struct feed_entry entry = { .kind = INDICATOR_ADDRESS };
	struct span rest = line;
	entry.value = word(&rest, ",,");
	struct span category = word(&rest, ",,"), score = word(&rest, ",,");
	char *end = NULL;
	score = span_trim(score);
	long number = score.len ? strtol((const char *)score.data, &end, 10) : -1;
	if (!category.len || end != (const char *)score.data + score.len || number < 0 || number > 127) {
		feed_file_refuse(file, line, "expected ADDRESS,CATEGORY,SCORE (0 to 127)");
		return true;
	}
	if (number == 0) {
		file->report->skipped++;
		return true;
	}
	entry.confidence = (uint8_t)(number * 100 / 127 ? number * 100 / 127 : 1);
	return feed_file_take(file, &entry);
}

// A dataset file: strings are in base64; hashes and addresses as they are. A value may have a reputation behind a comma.
static bool take_dataset(struct feed_file *file, struct span line)
{
	struct feed_entry entry = { .kind = INDICATOR_KINDS };
	struct span rest = line, value = word(&rest, ",,");
	unsigned kind = file->feed->kind;
	uint8_t bytes[INDICATOR_VALUE_MAX + 4];
	bool text = kind == INDICATOR_DOMAIN || kind == INDICATOR_URL || kind == INDICATOR_EMAIL ||
		    kind == INDICATOR_USER_AGENT || kind == INDICATOR_JA4;
	entry.value = value;
	if (text) {
		int len = value.len && value.len % 4 == 0 && value.len / 4 * 3 <= INDICATOR_VALUE_MAX
				  ? EVP_DecodeBlock(bytes, value.data, (int)value.len)
				  : -1;
		if (len <= 0) {
			feed_file_refuse(file, line, "not base64");
			return true;
		}
		len -= (value.data[value.len - 1] == '=') + (value.len > 1 && value.data[value.len - 2] == '=');
		entry.value = span_of(bytes, (size_t)len);
	}
	return feed_file_take(file, &entry);
}

bool feed_read_lines(struct feed_file *file)
{
	bool (*take)(struct feed_file *, struct span) = take_plain;
	struct span line;
	if (file->report->format == FEED_HOSTS)
		take = take_hosts;
	else if (file->report->format == FEED_IPREP)
		take = take_iprep;
	else if (file->report->format == FEED_DATASET)
		take = take_dataset;
	while (feed_file_line(file, &line)) {
		if (file->line == 1 && span_starts(line, "\xef\xbb\xbf")) // byte order mark
			line = span_from(line, 3);
		line = without_comment(line);
		if (line.len && !take(file, line))
			return false;
	}
	return !file->failed;
}
