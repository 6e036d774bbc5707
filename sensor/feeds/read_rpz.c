// SPDX-License-Identifier: GPL-3.0-or-later
// Response policy zones, as master files (RFC 1035 5, draft-vixie-dnsop-dns-rpz): "name CNAME ." and its like list a name, *.name those below it,
// "24.0.2.0.192.rpz-ip" a network in answers; "rpz-passthru." allows, if the zone is a file of the site's own. Triggers of name servers and clients are not ours.
#include <stdlib.h>
#include "sensor/feeds/feed_file.h"

#define WORDS_MAX 8

struct zone {
	char origin[256]; // without dots at its ends; "" none
	char owner[1024]; // of the last record, as written
};

static unsigned words_of(struct span line, struct span words[WORDS_MAX])
{
	unsigned count = 0;
	for (uint32_t at = 0; count < WORDS_MAX; count++) {
		while (at < line.len && (line.data[at] == ' ' || line.data[at] == '\t'))
			at++;
		uint32_t start = at;
		while (at < line.len && line.data[at] != ' ' && line.data[at] != '\t')
			at++;
		if (start == at)
			break;
		words[count] = span_slice(line, start, at - start);
	}
	return count;
}

static bool ends_with(const char *text, size_t len, const char *end)
{
	size_t n = strlen(end);
	return len >= n && strncasecmp(text + len - n, end, n) == 0;
}

// The owner relative to the zone's origin, without dots at its end.
static size_t relative(const struct zone *zone, char *owner)
{
	size_t len = strlen(owner), origin = strlen(zone->origin);
	if (len && owner[len - 1] == '.') {
		owner[--len] = 0;
		if (origin && len > origin && owner[len - origin - 1] == '.' &&
			strcasecmp(owner + len - origin, zone->origin) == 0)
			owner[len -= origin + 1] = 0;
		else if (origin && strcasecmp(owner, zone->origin) == 0)
			owner[len = 0] = 0;
	}
	return len;
}

// "24.0.2.0.192" -> "192.0.2.0/24"; "48.zz.a.db8.2001" -> "2001:db8:a::/48".
static bool network_text(char *owner, char *out, size_t size)
{
	char *parts[10];
	unsigned count = 0;
	for (char *at = owner; at && count < 10; count++) {
		parts[count] = at;
		at = strchr(at, '.');
		if (at)
			*at++ = 0;
	}
	if (count < 3)
		return false;
	bool v4 = count == 5;
	for (unsigned i = 1; i < count && v4; i++)
		v4 = strspn(parts[i], "0123456789") == strlen(parts[i]);
	int len = 0;
	for (unsigned i = count - 1; i >= 1; i--) {
		bool zz = strcasecmp(parts[i], "zz") == 0;
		const char *text = zz ? (i == count - 1 ? ":" : "") : parts[i];
		len += snprintf(out + len, size - (size_t)len, "%s%s", text, i > 1 ? (v4 ? "." : ":") : zz ? ":" : "");
		if ((size_t)len >= size)
			return false;
	}
	return (size_t)(len + snprintf(out + len, size - (size_t)len, "/%s", parts[0])) < size;
}

// "name CNAME name.", as passthru was written before it had a name.
static bool is_itself(const char *owner, size_t len, struct span target)
{
	return target.len == len + 1 && target.data[len] == '.' &&
	       strncasecmp((const char *)target.data, owner, len) == 0;
}

static bool take_record(struct feed_file *file, const struct zone *zone, struct span target)
{
	char owner[1024], network[128];
	struct feed_entry entry = { .kind = INDICATOR_DOMAIN, .flags = INDICATOR_EXACT };
	memcpy(owner, zone->owner, sizeof(owner));
	size_t len = relative(zone, owner);
	if (span_starts_nocase(target, "rpz-passthru") || is_itself(owner, len, target))
		entry.flags |= INDICATOR_ALLOW;
	if (span_starts_nocase(target, "rpz-tcp-only") || ends_with(owner, len, ".rpz-nsdname") ||
		ends_with(owner, len, ".rpz-nsip") || ends_with(owner, len, ".rpz-client-ip") || !len) {
		file->report->skipped++;
		return true;
	}
	if (ends_with(owner, len, ".rpz-ip")) {
		owner[len - strlen(".rpz-ip")] = 0;
		if (!network_text(owner, network, sizeof(network))) {
			feed_file_refuse(file, span_text(zone->owner), "not a network as RPZ writes it");
			return true;
		}
		entry.kind = INDICATOR_NETWORK;
		entry.flags &= (uint8_t)~INDICATOR_EXACT;
		entry.value = span_text(network);
		return feed_file_take(file, &entry);
	}
	if (strncmp(owner, "*.", 2) == 0)
		entry.flags &= (uint8_t)~INDICATOR_EXACT;
	entry.value = span_text(owner);
	return feed_file_take(file, &entry);
}

static bool take_line(struct feed_file *file, struct zone *zone, struct span line)
{
	struct span words[WORDS_MAX];
	bool owned = line.len && line.data[0] != ' ' && line.data[0] != '\t';
	unsigned count = words_of(line, words), at = 0;
	if (!count)
		return true;
	if (words[0].data[0] == '$') {
		if (span_is_nocase(words[0], "$ORIGIN") && count > 1) {
			struct span origin = words[1];
			while (origin.len && origin.data[origin.len - 1] == '.')
				origin.len--;
			snprintf(
				zone->origin, sizeof(zone->origin), "%.*s", (int)origin.len, (const char *)origin.data);
		} else if (span_is_nocase(words[0], "$INCLUDE") || span_is_nocase(words[0], "$GENERATE")) {
			feed_file_refuse(file, line, "directives that make or read records are not followed");
		}
		return true;
	}
	if (owned) {
		snprintf(zone->owner, sizeof(zone->owner), "%.*s", (int)words[0].len, (const char *)words[0].data);
		at = 1;
	}
	// [TTL] [class] type data, in either order of the first two
	while (at < count &&
		(span_is_nocase(words[at], "IN") || (words[at].data[0] >= '0' && words[at].data[0] <= '9')))
		at++;
	if (at + 1 >= count)
		return true; // the inside of a SOA in brackets
	struct span type = words[at], target = words[at + 1];
	bool lists = span_is_nocase(type, "CNAME") || span_is_nocase(type, "A") || span_is_nocase(type, "AAAA") ||
		     span_is_nocase(type, "TXT");
	if (!lists) {
		if (span_is_nocase(type, "SOA") && !zone->origin[0] && strcmp(zone->owner, "@") != 0) {
			snprintf(zone->origin, sizeof(zone->origin), "%.255s", zone->owner);
			size_t len = strlen(zone->origin);
			if (len && zone->origin[len - 1] == '.')
				zone->origin[len - 1] = 0;
		}
		file->report->skipped++;
		return true;
	}
	if (strcmp(zone->owner, "@") == 0)
		return true;
	return take_record(file, zone, target);
}

bool feed_read_rpz(struct feed_file *file)
{
	struct zone zone = { 0 };
	struct span line;
	while (feed_file_line(file, &line)) {
		uint32_t end = span_find(line, ';', 0);
		if (!take_line(file, &zone, span_slice(line, 0, end)))
			return false;
	}
	return !file->failed;
}
