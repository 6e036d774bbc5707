// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/config/schema.h"
#include <stdatomic.h>
#include <string.h>
#include "sensor/config/config.h"

static const struct {
	const struct option *options;
	size_t offset;
} modules[] = {
	{ rule_options, offsetof(struct sensor_config, rules) },
	{ capture_options, offsetof(struct sensor_config, capture) },
	{ process_options, offsetof(struct sensor_config, process) },
	{ packet_options, offsetof(struct sensor_config, packet) },
	{ flow_options, offsetof(struct sensor_config, flow) },
	{ stream_options, offsetof(struct sensor_config, stream) },
	{ app_options, offsetof(struct sensor_config, app) },
	{ engine_options, offsetof(struct sensor_config, engine) },
	{ reputation_options, offsetof(struct sensor_config, reputation) },
	{ heuristics_options, offsetof(struct sensor_config, heuristics) },
	{ behaviour_options, offsetof(struct sensor_config, behaviour) },
	{ eve_options, offsetof(struct sensor_config, eve) },
	{ sink_options, offsetof(struct sensor_config, sink) },
	{ evidence_options, offsetof(struct sensor_config, evidence) },
	{ file_store_options, offsetof(struct sensor_config, file_store) },
	{ sightings_options, offsetof(struct sensor_config, sightings) },
	{ fetch_options, offsetof(struct sensor_config, fetch) },
};
#define MODULES (sizeof(modules) / sizeof(modules[0]))

static const struct {
	const char *section, *help;
} sections[] = {
	{ "vars", "Variables of rules. HOME_NET also tells which side of a conversation is yours." },
	{ "rules", "Packs of rules, as `sekisho rules install` keeps them." },
	{ "fetch", "Packs and lists read from URLs." },
	{ "capture", "Where packets come from." },
	{ "threads", "How the work is spread." },
	{ "memory", "What each worker takes at start." },
	{ "flow", "Conversations: how many are kept, for how long." },
	{ "flow-timeouts", "Idle seconds by protocol and state." },
	{ "decoder", "Tunnels and links that are looked into." },
	{ "defrag", "IP fragments." },
	{ "host-os-policy", "Which copy of overlapping data a system keeps: policy, then its addresses." },
	{ "stream", "TCP reassembly." },
	{ "app-layer", "Application protocols." },
	{ "detect", "Rules at work." },
	{ "reputation",
		"What is known to be bad: feeds and lists of addresses, names, URLs, hashes and fingerprints." },
	{ "heuristics", "What speaks for itself without a list." },
	{ "behaviour", "What hosts do over many flows." },
	{ "unix-command", "Commands to the running sensor." },
	{ "outputs", "Where events go, and what is in them." },
	{ "sightings", "What was seen, kept to look back: sekisho hunt, and indicators that come later." },
	{ "evidence", "Packets kept for alerts." },
};

// Options of a module; counted once, for they are walked by number.
static unsigned count_of(unsigned module)
{
	static _Atomic unsigned counts[MODULES];
	unsigned count = atomic_load_explicit(&counts[module], memory_order_relaxed);
	if (!count) {
		while (modules[module].options[count].key)
			count++;
		atomic_store_explicit(&counts[module], count, memory_order_relaxed);
	}
	return count;
}

static const struct option *option_at(unsigned index, size_t *offset)
{
	for (unsigned m = 0; m < MODULES; m++) {
		unsigned count = count_of(m);
		if (index < count) {
			const struct option *option = &modules[m].options[index];
			*offset = modules[m].offset + option->offset;
			return option;
		}
		index -= count;
	}
	return NULL;
}

bool schema_entry(struct sensor_config *config, unsigned index, struct schema_entry *entry)
{
	size_t offset;
	entry->option = option_at(index, &offset);
	if (!entry->option)
		return false;
	entry->value = (char *)config + offset;
	return true;
}

// Compares keys only when asked: a walk over all options is what every setting costs.
bool schema_is_repeat(unsigned index)
{
	size_t offset;
	const struct option *asked = option_at(index, &offset);
	for (unsigned m = 0; m < MODULES; m++)
		for (const struct option *option = modules[m].options; option->key; option++) {
			if (option == asked)
				return false;
			if (strcmp(option->key, asked->key) == 0)
				return true;
		}
	return false;
}

static bool is_number(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == 0;
}

enum schema_part schema_match(const struct option *option, const char *key, const char **rest)
{
	size_t len = strlen(option->key);
	if (option->type == OPTION_MAP) {
		len -= 1; // "a.b.*": keep the dot
		if (strncmp(option->key, key, len) != 0 || !key[len])
			return SCHEMA_NONE;
		*rest = key + len;
		return SCHEMA_BELOW;
	}
	if (strncmp(option->key, key, len) != 0)
		return SCHEMA_NONE;
	if (!key[len])
		return SCHEMA_WHOLE;
	if ((!option_is_list(option) && option->type != OPTION_STRING) || key[len] != '.' || !is_number(key + len + 1))
		return SCHEMA_NONE;
	*rest = key + len + 1;
	return SCHEMA_ITEM;
}

bool schema_is_section(const char *key)
{
	size_t len = strlen(key), offset;
	const struct option *option;
	for (unsigned i = 0; (option = option_at(i, &offset)); i++)
		if (strncmp(option->key, key, len) == 0 && option->key[len] == '.')
			return true;
	return false;
}

// Edits (insert, remove, replace) between a and b; b has at most CONFIG_KEY_MAX bytes.
static unsigned edit_distance(const char *a, const char *b)
{
	unsigned row[CONFIG_KEY_MAX + 1];
	size_t len = strlen(b);
	for (size_t j = 0; j <= len; j++)
		row[j] = (unsigned)j;
	for (size_t i = 0; a[i]; i++) {
		unsigned diagonal = row[0];
		row[0] = (unsigned)i + 1;
		for (size_t j = 0; j < len; j++) {
			unsigned best = diagonal + (a[i] != b[j]);
			diagonal = row[j + 1];
			if (row[j + 1] + 1 < best)
				best = row[j + 1] + 1;
			if (row[j] + 1 < best)
				best = row[j] + 1;
			row[j + 1] = best;
		}
	}
	return row[len];
}

const char *schema_nearest(const char *key)
{
	if (strlen(key) > CONFIG_KEY_MAX)
		return NULL;
	const struct option *option;
	const char *nearest = NULL;
	size_t offset;
	unsigned least = (unsigned)strlen(key) / 2 + 1;
	for (unsigned i = 0; (option = option_at(i, &offset)); i++) {
		unsigned edits = edit_distance(option->key, key);
		if (edits < least) {
			least = edits;
			nearest = option->key;
		}
	}
	return nearest;
}

const char *schema_section_help(const char *section)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (strcmp(sections[i].section, section) == 0)
			return sections[i].help;
	return NULL;
}
