// SPDX-License-Identifier: GPL-3.0-or-later
// MISP exports (core format): one event or a response of several; attributes that are marked for detection (to_ids), those of objects too.
#include <stdlib.h>
#include "sensor/feeds/feed_json.h"

// type: of the attribute. A pair "a|b" gives its first part, its second, or an endpoint.
enum pair { PAIR_NONE, PAIR_SECOND, PAIR_BOTH, PAIR_PORT };
static const struct {
	const char *type;
	unsigned kind;
	enum pair pair;
	unsigned second; // kind of PAIR_BOTH's second part
} types[] = {
	{ "ip-dst", INDICATOR_ADDRESS, PAIR_NONE, 0 },
	{ "ip-src", INDICATOR_ADDRESS, PAIR_NONE, 0 },
	{ "ip-dst|port", INDICATOR_ADDRESS, PAIR_PORT, 0 },
	{ "ip-src|port", INDICATOR_ADDRESS, PAIR_PORT, 0 },
	{ "domain", INDICATOR_DOMAIN, PAIR_NONE, 0 },
	{ "hostname", INDICATOR_DOMAIN, PAIR_NONE, 0 },
	{ "hostname|port", INDICATOR_DOMAIN, PAIR_PORT, 0 },
	{ "domain|ip", INDICATOR_DOMAIN, PAIR_BOTH, INDICATOR_ADDRESS },
	{ "url", INDICATOR_URL, PAIR_NONE, 0 },
	{ "link", INDICATOR_URL, PAIR_NONE, 0 },
	{ "uri", INDICATOR_URL, PAIR_NONE, 0 },
	{ "md5", INDICATOR_FILE_MD5, PAIR_NONE, 0 },
	{ "sha1", INDICATOR_FILE_SHA1, PAIR_NONE, 0 },
	{ "sha256", INDICATOR_FILE_SHA256, PAIR_NONE, 0 },
	{ "filename|md5", INDICATOR_FILE_MD5, PAIR_SECOND, 0 },
	{ "filename|sha1", INDICATOR_FILE_SHA1, PAIR_SECOND, 0 },
	{ "filename|sha256", INDICATOR_FILE_SHA256, PAIR_SECOND, 0 },
	{ "malware-sample", INDICATOR_FILE_MD5, PAIR_SECOND, 0 },
	{ "x509-fingerprint-sha1", INDICATOR_CERT_SHA1, PAIR_NONE, 0 },
	{ "x509-fingerprint-sha256", INDICATOR_CERT_SHA256, PAIR_NONE, 0 },
	{ "ja3-fingerprint-md5", INDICATOR_JA3, PAIR_NONE, 0 },
	{ "ja4-plus", INDICATOR_JA4, PAIR_NONE, 0 },
	{ "user-agent", INDICATOR_USER_AGENT, PAIR_NONE, 0 },
	{ "email", INDICATOR_EMAIL, PAIR_NONE, 0 },
	{ "email-src", INDICATOR_EMAIL, PAIR_NONE, 0 },
	{ "email-dst", INDICATOR_EMAIL, PAIR_NONE, 0 },
};

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "";
}

// Numbers of MISP are texts as often as not.
static struct span number_text(const json_t *object, const char *key, char *out, size_t size)
{
	const json_t *value = json_object_get(object, key);
	if (json_is_integer(value)) {
		snprintf(out, size, "%lld", (long long)json_integer_value(value));
		return span_text(out);
	}
	return span_text(text_of(object, key));
}

// Galaxies whose clusters are families, the more exact first.
static const char *const family_galaxies[] = { "malpedia", "mitre-malware", "ransomware", "rat", "banker", "botnet",
	"stealer", "tool", "mitre-tool", "threat-actor" };

// One cluster of a galaxy: "Emotet"; "TrickBot - S0266"; "Web Protocols - T1071.001".
static void read_cluster(struct span galaxy, struct span cluster, struct feed_entry *entry)
{
	struct span id = span_of(NULL, 0), name = cluster;
	for (uint32_t i = 0; i + 4 < cluster.len; i++)
		if (memcmp(cluster.data + i, " - ", 3) == 0 && strchr("TSG", cluster.data[i + 3]) &&
			cluster.data[i + 4] >= '0' && cluster.data[i + 4] <= '9') {
			id = span_from(cluster, i + 3);
			name = span_slice(cluster, 0, i);
		}
	if (span_is(galaxy, "mitre-attack-pattern")) {
		if (!entry->technique.len && id.len && id.data[0] == 'T')
			entry->technique = id;
		return;
	}
	for (size_t f = 0; f < sizeof(family_galaxies) / sizeof(family_galaxies[0]) && !entry->family.len; f++)
		if (span_is(galaxy, family_galaxies[f]))
			entry->family = name;
}

// Of tags, misp-galaxy:malpedia="Emotet"; and of the galaxies themselves.
static void read_tags(const json_t *object, struct feed_entry *entry)
{
	static const char prefix[] = "misp-galaxy:";
	size_t i, c;
	const json_t *tag, *galaxy, *cluster;
	json_array_foreach(json_object_get(object, "Tag"), i, tag)
	{
		struct span name = span_text(text_of(tag, "name"));
		uint32_t equal = span_find(name, '=', 0);
		if (!span_starts(name, prefix) || equal + 2 > name.len || name.data[equal + 1] != '"')
			continue;
		struct span value = span_from(name, equal + 2);
		read_cluster(span_slice(name, sizeof(prefix) - 1, equal - (uint32_t)sizeof(prefix) + 1),
			span_slice(value, 0, span_find(value, '"', 0)), entry);
	}
	json_array_foreach(json_object_get(object, "Galaxy"), i, galaxy)
		json_array_foreach(json_object_get(galaxy, "GalaxyCluster"), c, cluster)
			read_cluster(span_text(text_of(galaxy, "type")), span_text(text_of(cluster, "value")), entry);
}

static bool take_attribute(struct feed_file *file, const json_t *attribute, const struct feed_entry *event)
{
	const char *type = text_of(attribute, "type"), *value = text_of(attribute, "value");
	char first[24], last[24];
	file->line++; // which attribute it is, for refusals
	size_t at = 0, count = sizeof(types) / sizeof(types[0]);
	const json_t *wanted = json_object_get(attribute, "to_ids");
	bool detect = json_is_true(wanted) || (json_is_string(wanted) && strcmp(json_string_value(wanted), "1") == 0) ||
		      json_integer_value(wanted) == 1;
	while (at < count && strcmp(types[at].type, type) != 0)
		at++;
	if (at == count || !detect || json_is_true(json_object_get(attribute, "deleted"))) {
		file->report->skipped++;
		return true;
	}
	struct feed_entry entry = { .kind = types[at].kind, .value = span_text(value) };
	read_tags(attribute, &entry);
	if (!entry.family.len)
		entry.family = event->family;
	if (!entry.technique.len)
		entry.technique = event->technique;
	entry.first_seen_s = feed_time(number_text(attribute, "first_seen", first, sizeof(first)));
	if (!entry.first_seen_s)
		entry.first_seen_s = feed_time(number_text(attribute, "timestamp", last, sizeof(last)));
	// A file's name may have a bar in it
	const char *bar = types[at].pair == PAIR_NONE     ? NULL
			  : types[at].pair == PAIR_SECOND ? strrchr(value, '|')
							  : strchr(value, '|');
	if (!bar)
		return feed_file_take(file, &entry);
	struct span second = span_text(bar + 1);
	if (types[at].pair == PAIR_SECOND) {
		entry.value = second;
		return feed_file_take(file, &entry);
	}
	entry.value = span_of(value, (size_t)(bar - value));
	if (types[at].pair == PAIR_PORT) {
		char *end;
		long port = strtol(bar + 1, &end, 10);
		if (port < 1 || port > 65535 || *end) {
			file->report->lines++;
			feed_file_refuse(file, span_text(value), "not a port");
			return true;
		}
		entry.port = (uint16_t)port;
	}
	if (!feed_file_take(file, &entry))
		return false;
	if (types[at].pair != PAIR_BOTH)
		return true;
	entry.value = second;
	entry.kind = types[at].second;
	return feed_file_take(file, &entry);
}

static bool take_attributes(struct feed_file *file, const json_t *list, const struct feed_entry *event)
{
	size_t i;
	const json_t *attribute;
	json_array_foreach(list, i, attribute) if (!take_attribute(file, attribute, event)) return false;
	return true;
}

static bool take_event(struct feed_file *file, const json_t *wrapped, bool *any)
{
	const json_t *event = json_object_get(wrapped, "Event"), *object;
	struct feed_entry known = { 0 };
	size_t i;
	if (!event)
		event = wrapped;
	const json_t *attributes = json_object_get(event, "Attribute"), *objects = json_object_get(event, "Object");
	*any |= json_is_array(attributes) || json_is_array(objects);
	read_tags(event, &known);
	if (!take_attributes(file, attributes, &known))
		return false;
	json_array_foreach(objects, i,
		object) if (!json_is_true(json_object_get(object, "deleted")) &&
			    !take_attributes(file, json_object_get(object, "Attribute"), &known)) return false;
	return true;
}

bool feed_read_misp(struct feed_file *file)
{
	size_t i;
	bool any = false, good = true;
	json_t *root = feed_file_json(file);
	if (!root)
		return false;
	const json_t *response = json_object_get(root, "response"), *event;
	const json_t *list = json_is_array(root) ? root : response;
	if (json_is_array(list)) {
		any = !json_array_size(list);
		json_array_foreach(list, i, event) good = good && take_event(file, event, &any);
	} else {
		good = take_event(file, response ? response : root, &any);
	}
	if (good && !any)
		good = feed_file_fail(file, "expected a MISP event: an object with \"Attribute\"");
	json_decref(root);
	return good && !file->failed;
}
