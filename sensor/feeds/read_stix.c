// SPDX-License-Identifier: GPL-3.0-or-later
// STIX 2.1 bundles (2.0's too): indicator objects, with the malware and technique that relationships say they indicate.
#include <stdlib.h>
#include "sensor/feeds/feed_json.h"
#include "sensor/feeds/stix_pattern.h"

#define LINKS_MAX 8 // objects an indicator indicates that are looked at

struct bundle {
	struct feed_file *file;
	json_t *by_id; // id -> object, borrowed ones
	json_t *links; // id of an indicator -> array of ids
	struct stix_pattern pattern;
};

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "";
}

static bool index_objects(struct bundle *bundle, const json_t *objects)
{
	size_t i;
	json_t *object;
	json_array_foreach(objects, i, object)
	{
		const char *id = text_of(object, "id"), *type = text_of(object, "type");
		if (strcmp(type, "relationship") == 0) {
			const char *source = text_of(object, "source_ref");
			json_t *target = json_object_get(object, "target_ref");
			if (!target || strcmp(text_of(object, "relationship_type"), "indicates") != 0)
				continue;
			json_t *list = json_object_get(bundle->links, source);
			if (!list) {
				list = json_array();
				if (json_object_set_new(bundle->links, source, list) != 0)
					return false;
			}
			if (json_array_size(list) < LINKS_MAX && json_array_append(list, target) != 0)
				return false;
		} else if (strcmp(type, "malware") == 0 || strcmp(type, "attack-pattern") == 0 ||
			   strcmp(type, "tool") == 0 || strcmp(type, "campaign") == 0 ||
			   strcmp(type, "intrusion-set") == 0) {
			if (json_object_set(bundle->by_id, id, object) != 0)
				return false;
		}
	}
	return true;
}

// What the indicator is said to indicate: names borrowed from the bundle.
static void follow(const struct bundle *bundle, const char *id, struct feed_entry *entry)
{
	size_t i;
	const json_t *target;
	json_array_foreach(json_object_get(bundle->links, id), i, target)
	{
		const json_t *object =
			json_object_get(bundle->by_id, json_string_value(target) ? json_string_value(target) : "");
		if (!object)
			continue;
		if (strcmp(text_of(object, "type"), "attack-pattern") != 0) {
			if (!entry->family.len)
				entry->family = span_text(text_of(object, "name"));
			continue;
		}
		size_t r;
		const json_t *reference;
		json_array_foreach(json_object_get(object, "external_references"), r,
			reference) if (strcmp(text_of(reference, "source_name"), "mitre-attack") == 0 &&
				       !entry->technique.len) entry->technique =
			span_text(text_of(reference, "external_id"));
	}
}

static bool has_text(const json_t *list, const char *text)
{
	size_t i;
	const json_t *item;
	json_array_foreach(
		list, i, item) if (json_is_string(item) && strcmp(json_string_value(item), text) == 0) return true;
	return false;
}

// 2.0 has the same words as labels.
static bool is_benign(const json_t *object)
{
	return has_text(json_object_get(object, "indicator_types"), "benign") ||
	       has_text(json_object_get(object, "labels"), "benign");
}

static bool take_indicator(struct bundle *bundle, const json_t *object)
{
	struct feed_file *file = bundle->file;
	const char *pattern = text_of(object, "pattern"), *type = text_of(object, "pattern_type");
	if (json_is_true(json_object_get(object, "revoked")) || (*type && strcmp(type, "stix") != 0)) {
		file->report->skipped++;
		return true;
	}
	const char *wrong = stix_pattern_parse(pattern, &bundle->pattern);
	if (wrong) {
		file->report->lines++;
		feed_file_refuse(file, span_text(pattern), wrong);
		return true;
	}
	double confidence = json_number_value(json_object_get(object, "confidence"));
	struct feed_entry entry = {
		.first_seen_s = feed_time(span_text(text_of(object, "valid_from"))),
		.expiry_s = feed_time(span_text(text_of(object, "valid_until"))),
		.flags = is_benign(object) ? INDICATOR_ALLOW : 0,
		.confidence = confidence >= 1 && confidence <= 100 ? (uint8_t)confidence : 0,
	};
	follow(bundle, text_of(object, "id"), &entry);
	for (unsigned i = 0; i < bundle->pattern.count; i++) {
		const struct stix_value *value = &bundle->pattern.values[i];
		entry.value = span_text(value->text);
		entry.kind = value->kind;
		entry.port = value->port;
		if (!feed_file_take(file, &entry))
			return false;
	}
	return true;
}

bool feed_read_stix(struct feed_file *file)
{
	size_t i;
	json_t *root = feed_file_json(file);
	if (!root)
		return false;
	const json_t *objects = json_is_array(root) ? root : json_object_get(root, "objects");
	struct bundle *bundle = calloc(1, sizeof(*bundle));
	bool good = bundle && (bundle->by_id = json_object()) && (bundle->links = json_object());
	if (good)
		bundle->file = file;
	if (!good)
		feed_file_fail(file, "out of memory");
	else if (!json_is_array(objects))
		good = feed_file_fail(file, "expected a STIX bundle: an object with \"objects\"");
	else
		good = index_objects(bundle, objects) || feed_file_fail(file, "out of memory");
	const json_t *object;
	if (good)
		json_array_foreach(objects, i, object)
		{
			file->line = i + 1; // for refusals
			if (strcmp(text_of(object, "type"), "indicator") == 0 && !take_indicator(bundle, object)) {
				good = false;
				break;
			}
		}
	if (bundle) {
		json_decref(bundle->by_id);
		json_decref(bundle->links);
	}
	free(bundle);
	json_decref(root);
	return good && !file->failed;
}
