// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/config/config.h"
#include <stdlib.h>
#include <string.h>
#include "sensor/config/schema.h"
#include "sensor/config/value.h"

void config_init(struct sensor_config *config)
{
	struct schema_entry entry;
	memset(config, 0, sizeof(*config));
	for (unsigned i = 0; schema_entry(config, i, &entry); i++)
		value_preset(entry.option, entry.value);
}

void config_fini(struct sensor_config *config)
{
	struct schema_entry entry;
	for (unsigned i = 0; schema_entry(config, i, &entry); i++)
		value_clear(entry.option, entry.value);
	free(config->sink.directory); // no option: what default-log-dir or -l came to
	config->sink.directory = NULL;
}

struct sensor_config *config_new(void)
{
	struct sensor_config *config = malloc(sizeof(*config));
	if (config)
		config_init(config);
	return config;
}

void config_free(struct sensor_config *config)
{
	if (config)
		config_fini(config);
	free(config);
}

// YAML files hold well-formed UTF-8 without controls; what cannot be written back is not taken from --set either.
static bool is_writable_text(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	while (*at) {
		unsigned more = *at < 0x80                   ? 0
				: *at >= 0xc2 && *at <= 0xdf ? 1
				: *at >= 0xe0 && *at <= 0xef ? 2
				: *at >= 0xf0 && *at <= 0xf4 ? 3
							     : 4;
		if (more == 4)
			return false;
		unsigned char lead = *at++;
		for (unsigned i = 0; i < more; i++, at++) {
			unsigned low = i ? 0x80 : lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
			unsigned high = i ? 0xbf : lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
			if (*at < low || *at > high)
				return false;
		}
	}
	return true;
}

static bool unknown_key(const char *key, struct config_error *error)
{
	const char *nearest = schema_nearest(key);
	if (schema_is_section(key))
		snprintf(error->text, sizeof(error->text), "%.200s holds settings and has no value of its own", key);
	else if (nearest)
		snprintf(error->text, sizeof(error->text), "unknown setting %.200s; did you mean %s?", key, nearest);
	else
		snprintf(error->text, sizeof(error->text), "unknown setting %.200s", key);
	return false;
}

// A map takes what no option names outright.
static enum schema_part best_part(struct sensor_config *config, const char *key, size_t *map_len)
{
	struct schema_entry entry;
	enum schema_part best = SCHEMA_NONE, part;
	const char *rest = "";
	*map_len = 0;
	for (unsigned i = 0; schema_entry(config, i, &entry); i++) {
		part = schema_match(entry.option, key, &rest);
		if (part == SCHEMA_WHOLE || part == SCHEMA_ITEM)
			return part;
		if (part == SCHEMA_BELOW) {
			size_t len = strlen(entry.option->key);
			best = part;
			*map_len = len > *map_len ? len : *map_len;
		}
	}
	return best;
}

// Maps whose keys are not the user's own choice.
static bool known_below_map(const char *key)
{
	static const char protocols[] = "app-layer.protocols.";
	return strncmp(key, protocols, sizeof(protocols) - 1) != 0 || app_setting_known(key + sizeof(protocols) - 1);
}

bool config_set(struct sensor_config *config, const char *key, const char *value, struct config_error *error)
{
	char buffer[256];
	size_t map_len;
	if (strlen(key) > CONFIG_KEY_MAX || strlen(value) > CONFIG_VALUE_MAX) {
		snprintf(error->text, sizeof(error->text), "%.80s...: key or value is too long", key);
		return false;
	}
	if (!is_writable_text(key) || !is_writable_text(value)) {
		snprintf(error->text, sizeof(error->text), "key or value is not UTF-8 text");
		return false;
	}
	enum schema_part part = best_part(config, key, &map_len);
	if (part == SCHEMA_NONE || !known_below_map(key))
		return unknown_key(key, error);
	struct schema_entry entry;
	for (unsigned i = 0; schema_entry(config, i, &entry); i++) {
		const char *rest = "", *expected = NULL;
		if (schema_match(entry.option, key, &rest) != part ||
			(part == SCHEMA_BELOW && strlen(entry.option->key) != map_len))
			continue;
		switch (part) {
		case SCHEMA_WHOLE:
			expected = value_set(entry.option, entry.value, value, buffer, sizeof(buffer));
			break;
		case SCHEMA_ITEM:
			expected = value_set_item(entry.option, entry.value, rest, value, buffer, sizeof(buffer));
			break;
		case SCHEMA_BELOW: expected = value_set_pair(entry.value, rest, value); break;
		case SCHEMA_NONE: break;
		}
		if (expected) {
			snprintf(
				error->text, sizeof(error->text), "%.200s: \"%.100s\" is not %s", key, value, expected);
			return false;
		}
	}
	return true;
}

bool config_set_text(struct sensor_config *config, const char *text, struct config_error *error)
{
	char key[CONFIG_KEY_MAX + 1];
	const char *equals = strchr(text, '=');
	size_t len = equals ? (size_t)(equals - text) : 0;
	if (len == 0 || len > CONFIG_KEY_MAX) {
		snprintf(error->text, sizeof(error->text), "\"%.100s\" is not KEY=VALUE", text);
		return false;
	}
	const char *value = equals + 1;
	while (*value == ' ')
		value++;
	while (len && text[len - 1] == ' ')
		len--;
	memcpy(key, text, len);
	key[len] = 0;
	return config_set(config, key, value, error);
}
