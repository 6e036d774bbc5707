// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>
#include "sensor/config/config.h"
#include "sensor/config/schema.h"
#include "sensor/config/value.h"

#define COMMENT_COLUMNS 110

struct dump {
	struct sensor_config *config;
	FILE *out;
	bool with_help;
};

static void indent(const struct dump *dump, unsigned depth)
{
	fprintf(dump->out, "%*s", (int)depth * 2, "");
}

static void print_comment(const struct dump *dump, unsigned depth, const char *text)
{
	while (*text) {
		size_t room = COMMENT_COLUMNS - depth * 2 - 2, len = strlen(text);
		if (len > room) {
			len = room;
			while (len && text[len] != ' ')
				len--;
			if (!len)
				len = room;
		}
		indent(dump, depth);
		fprintf(dump->out, "# %.*s\n", (int)len, text);
		text += len;
		while (*text == ' ')
			text++;
	}
}

static void print_help(const struct dump *dump, unsigned depth, const struct option *option)
{
	static const char *const changes[] = {
		[CHANGE_LIVE] = "live", [CHANGE_RELOAD] = "with a reload", [CHANGE_RESTART] = "with a restart"
	};
	char expected[256], text[1024];
	value_expected(option, expected, sizeof(expected));
	int len = (int)strlen(option->help);
	if (option->help[len - 1] == '.')
		len--;
	snprintf(text, sizeof(text), "%.*s (%s; changes %s)", len, option->help, expected, changes[option->change]);
	if (text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
	print_comment(dump, depth, text);
}

static bool is_plain_key(const char *key)
{
	return key[strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")] == 0 &&
	       key[0] != '-';
}

static void print_map(const struct dump *dump, unsigned depth, const struct option_map *map)
{
	for (size_t i = 0; i < map->count; i++) {
		indent(dump, depth);
		if (is_plain_key(map->pairs[i].key))
			fputs(map->pairs[i].key, dump->out);
		else
			value_print_quoted(map->pairs[i].key, dump->out);
		fputs(": ", dump->out);
		value_print_quoted(map->pairs[i].value, dump->out);
		fputc('\n', dump->out);
	}
}

static void print_list(const struct dump *dump, unsigned depth, const char *name, const struct option_list *list)
{
	indent(dump, depth);
	fprintf(dump->out, "%s:%s\n", name, list->count ? "" : " []");
	for (size_t i = 0; i < list->count; i++) {
		indent(dump, depth + 1);
		fputs("- ", dump->out);
		value_print_quoted(list->values[i], dump->out);
		fputc('\n', dump->out);
	}
}

static void print_option(const struct dump *dump, unsigned depth, const char *name, const struct schema_entry *entry)
{
	const struct option *option = entry->option;
	if (dump->with_help)
		print_help(dump, depth, option);
	if (option->type == OPTION_MAP) {
		print_map(dump, depth, entry->value);
		return;
	}
	if (option_is_list(option)) {
		print_list(dump, depth, name, entry->value);
		return;
	}
	bool unset = option->type == OPTION_STRING && !*(char **)entry->value;
	indent(dump, depth);
	if (unset && dump->with_help) {
		fprintf(dump->out, "#%s:\n", name);
		return;
	}
	fprintf(dump->out, "%s: ", name);
	value_print(option, entry->value, dump->out);
	fputc('\n', dump->out);
}

// Has an option before index the same first len bytes of key, and then a dot or end?
static bool seen(const struct dump *dump, unsigned index, const char *key, size_t len)
{
	struct schema_entry entry;
	for (unsigned i = 0; i < index && schema_entry(dump->config, i, &entry); i++)
		if (strncmp(entry.option->key, key, len) == 0 &&
			(entry.option->key[len] == '.' || !entry.option->key[len]))
			return true;
	return false;
}

// Prints all options below prefix (prefix_len bytes of it, with its last dot), sections in the order of their first option.
static void print_level(const struct dump *dump, const char *prefix, size_t prefix_len, unsigned depth)
{
	bool after_section = false;
	struct schema_entry entry;
	for (unsigned i = 0; schema_entry(dump->config, i, &entry); i++) {
		const char *key = entry.option->key;
		if (strncmp(key, prefix, prefix_len) != 0 || schema_is_repeat(i))
			continue;
		const char *name = key + prefix_len, *dot = strchr(name, '.');
		if (!dot) {
			if (dump->with_help && depth == 0 && after_section)
				fputc('\n', dump->out);
			after_section = false;
			print_option(dump, depth, name, &entry);
			continue;
		}
		size_t len = (size_t)(dot - key);
		if (seen(dump, i, key, len))
			continue;
		char section[CONFIG_KEY_MAX + 1];
		snprintf(section, sizeof(section), "%.*s", (int)(dot - name), name);
		if (dump->with_help && depth == 0) {
			fputc('\n', dump->out);
			const char *help = schema_section_help(section);
			if (help)
				print_comment(dump, 0, help);
		}
		indent(dump, depth);
		fprintf(dump->out, "%s:\n", section);
		print_level(dump, key, len + 1, depth + 1);
		after_section = true;
	}
}

void config_dump(const struct sensor_config *config, FILE *out)
{
	// the walk hands out writable places; nothing here writes to them
	const struct dump dump = { (struct sensor_config *)(uintptr_t)config, out, false };
	fputs("%YAML 1.1\n---\n", out);
	print_level(&dump, "", 0, 0);
}

void config_write_default(FILE *out)
{
	struct sensor_config config;
	const struct dump dump = { &config, out, true };
	config_init(&config);
	fputs("%YAML 1.1\n---\n", out);
	print_comment(&dump, 0,
		"Sekisho's settings, all of them, with their presets. What is left out keeps its preset. Settings that "
		"mean the same as one in "
		"suricata.yaml have its name and values. On the command line --set KEY=VALUE takes any of them, levels "
		"joined by dots. When a change counts is told in brackets; a reload (SIGHUP) reads rule files "
		"again and not yet this file: its settings wait for a restart.");
	print_level(&dump, "", 0, 0);
	config_fini(&config);
}
