// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/config/value.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "sensor/config/config.h"
#include "sensor/files/domain_text.h"
#include "signatures/reputation/canonical.h"

static const struct {
	const char *name;
	unsigned shift;
} size_units[] = {
	// longest spelling of a size first: printing takes it
	{ "GiB", 30 },
	{ "MiB", 20 },
	{ "KiB", 10 },
	{ "gb", 30 },
	{ "mb", 20 },
	{ "kb", 10 },
	{ "g", 30 },
	{ "m", 20 },
	{ "k", 10 },
	{ "bytes", 0 },
	{ "b", 0 },
	{ "", 0 },
};

static const struct {
	const char *name;
	uint64_t seconds;
} time_units[] = { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } };

#define ITEMS(array) (sizeof(array) / sizeof((array)[0]))

static void *must(void *memory)
{
	if (!memory)
		abort(); // start-up only: nothing sensible is left to do
	return memory;
}

// Decimal digits, then spaces; rest is what follows.
static bool read_number(const char *text, uint64_t *number, const char **rest)
{
	if (*text < '0' || *text > '9')
		return false;
	char *end;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	if (errno)
		return false;
	while (*end == ' ')
		end++;
	*number = value;
	*rest = end;
	return true;
}

static bool read_size(const char *text, uint64_t *bytes)
{
	uint64_t number;
	const char *unit;
	if (!read_number(text, &number, &unit))
		return false;
	for (size_t i = 0; i < ITEMS(size_units); i++)
		if (strcasecmp(unit, size_units[i].name) == 0) {
			if (number > UINT64_MAX >> size_units[i].shift)
				return false;
			*bytes = number << size_units[i].shift;
			return true;
		}
	return false;
}

static bool read_seconds(const char *text, uint64_t *seconds)
{
	uint64_t number;
	const char *unit;
	if (!read_number(text, &number, &unit))
		return false;
	for (size_t i = 0; i < ITEMS(time_units); i++)
		if (strcasecmp(unit, time_units[i].name) == 0)
			return !__builtin_mul_overflow(number, time_units[i].seconds, seconds);
	return false;
}

static bool read_bool(const char *text, bool *out)
{
	static const char *const words[][2] = { { "no", "yes" }, { "false", "true" }, { "off", "on" }, { "0", "1" } };
	for (size_t i = 0; i < ITEMS(words); i++)
		for (int answer = 0; answer < 2; answer++)
			if (strcasecmp(text, words[i][answer]) == 0) {
				*out = answer;
				return true;
			}
	return false;
}

static bool within(const struct option *option, uint64_t number)
{
	return number >= option->min && (option->max == 0 || number <= option->max);
}

static void print_size(uint64_t bytes, FILE *out)
{
	for (size_t i = 0; i < 3; i++)
		if (bytes && (bytes & ((UINT64_C(1) << size_units[i].shift) - 1)) == 0) {
			fprintf(out, "%" PRIu64 " %s", bytes >> size_units[i].shift, size_units[i].name);
			return;
		}
	fprintf(out, "%" PRIu64, bytes);
}

static void print_range(const struct option *option, FILE *out)
{
	bool sizes = option->type == OPTION_SIZE;
	if (!option->min && !option->max)
		return;
	fputs(option->max ? " from " : " of at least ", out);
	sizes ? print_size(option->min, out) : (void)fprintf(out, "%" PRIu64, option->min);
	if (!option->max)
		return;
	fputs(" to ", out);
	sizes ? print_size(option->max, out) : (void)fprintf(out, "%" PRIu64, option->max);
}

void value_expected(const struct option *option, char *buffer, size_t size)
{
	FILE *out = must(fmemopen(buffer, size, "w"));
	switch (option->type) {
	case OPTION_BOOL: fputs("yes or no", out); break;
	case OPTION_UINT:
		fputs("a number", out);
		print_range(option, out);
		break;
	case OPTION_SIZE:
		fputs("a size such as 64 MiB", out);
		print_range(option, out);
		break;
	case OPTION_SECONDS:
		fputs("seconds", out);
		print_range(option, out);
		break;
	case OPTION_STRING: fputs("text", out); break;
	case OPTION_CHOICE:
		for (const struct option_choice *choice = option->choices; choice->name; choice++)
			fprintf(out, "%s%s",
				choice == option->choices ? ""
				: choice[1].name          ? ", "
							  : " or ",
				choice->name);
		break;
	case OPTION_LIST: fputs("a list", out); break;
	case OPTION_DOMAINS: fputs("a list of domain names", out); break;
	case OPTION_MAP: fputs("names with values", out); break;
	}
	fclose(out);
	buffer[size - 1] = 0;
}

static void list_clear(struct option_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->values[i]);
	free(list->values);
	*list = (struct option_list) { 0 };
}

static const char *list_append(struct option_list *list, const char *text, size_t len)
{
	if (list->count >= CONFIG_LIST_MAX)
		return "fewer items";
	list->values = must(reallocarray(list->values, list->count + 1, sizeof(char *)));
	list->values[list->count++] = must(strndup(text, len));
	return NULL;
}

// "[a, b]", one value, or nothing.
static const char *list_set(struct option_list *list, const char *text)
{
	list_clear(list);
	size_t len = strlen(text);
	if (len == 0)
		return NULL;
	if (text[0] != '[' || text[len - 1] != ']')
		return list_append(list, text, len);
	const char *at = text + 1, *end = text + len - 1;
	while (at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const char *stop = comma ? comma : end, *last = stop;
		while (at < last && *at == ' ')
			at++;
		while (last > at && last[-1] == ' ')
			last--;
		const char *reason = last > at ? list_append(list, at, (size_t)(last - at)) : NULL;
		if (reason)
			return reason;
		at = stop + 1;
	}
	return NULL;
}

// Brings an item to the form that names of traffic have. ".example.org" is written for what is below as well: so is the name alone.
static const char *domain_at(struct option_list *list, size_t index)
{
	uint8_t name[CANONICAL_NAME_MAX];
	const char *text = list->values[index];
	uint32_t len = domain_from_text(text + (text[0] == '.'), name);
	if (!len)
		return "a domain name";
	free(list->values[index]);
	list->values[index] = must(strndup((const char *)name, len));
	return NULL;
}

static const char *domains_set(struct option_list *list, const char *text)
{
	const char *reason = list_set(list, text);
	for (size_t i = 0; i < list->count && !reason; i++)
		reason = domain_at(list, i);
	return reason;
}

static void map_clear(struct option_map *map)
{
	for (size_t i = 0; i < map->count; i++) {
		free(map->pairs[i].key);
		free(map->pairs[i].value);
	}
	free(map->pairs);
	*map = (struct option_map) { 0 };
}

static struct option_pair *map_find(struct option_map *map, const char *key, size_t len)
{
	for (size_t i = 0; i < map->count; i++)
		if (strncmp(map->pairs[i].key, key, len) == 0 && !map->pairs[i].key[len])
			return &map->pairs[i];
	return NULL;
}

static const char *map_put(struct option_map *map, const char *key, size_t len, char *value)
{
	struct option_pair *pair = map_find(map, key, len);
	if (pair) {
		free(pair->value);
		pair->value = value;
		return NULL;
	}
	if (map->count >= CONFIG_LIST_MAX) {
		free(value);
		return "fewer names";
	}
	map->pairs = must(reallocarray(map->pairs, map->count + 1, sizeof(*map->pairs)));
	map->pairs[map->count++] = (struct option_pair) { must(strndup(key, len)), value };
	return NULL;
}

// "[a,b]" and c give "[a,b,c]"; first, or what is no list: "[c]". NULL: too long.
static char *list_text(const char *old, const char *text, bool first)
{
	char *joined;
	size_t old_len = old ? strlen(old) : 0;
	if (first || old_len < 2 || old[0] != '[')
		return must(asprintf(&joined, "[%s]", text) < 0 ? NULL : joined);
	if (old_len + strlen(text) > CONFIG_VALUE_MAX)
		return NULL;
	return must(asprintf(&joined, "%.*s,%s]", (int)(old_len - 1), old, text) < 0 ? NULL : joined);
}

const char *value_set_pair(void *value, const char *key, const char *text)
{
	struct option_map *map = value;
	const char *dot = strrchr(key, '.');
	if (!dot || !dot[1] || strspn(dot + 1, "0123456789") != strlen(dot + 1))
		return map_put(map, key, strlen(key), must(strdup(text)));
	size_t len = (size_t)(dot - key);
	struct option_pair *pair = map_find(map, key, len);
	char *joined = list_text(pair ? pair->value : NULL, text, strcmp(dot + 1, "0") == 0);
	return joined ? map_put(map, key, len, joined) : "a shorter list";
}

static const char *set_text_item(char **value, const char *index, const char *text)
{
	char *joined = list_text(*value, text, strcmp(index, "0") == 0);
	if (!joined)
		return "a shorter list";
	free(*value);
	*value = joined;
	return NULL;
}

const char *value_set_item(
	const struct option *option, void *value, const char *index, const char *text, char *buffer, size_t size)
{
	if (option->type == OPTION_STRING)
		return set_text_item(value, index, text);
	struct option_list *list = value;
	uint64_t number;
	const char *rest;
	if (!read_number(index, &number, &rest) || *rest || number > list->count) {
		snprintf(buffer, size, "an item from 0 to %zu", list->count);
		return buffer;
	}
	if (number == list->count) {
		const char *reason = list_append(list, text, strlen(text));
		if (reason)
			return reason;
	} else {
		free(list->values[number]);
		list->values[number] = must(strdup(text));
	}
	return option->type == OPTION_DOMAINS ? domain_at(list, number) : NULL;
}

static bool set_number(const struct option *option, void *value, const char *text)
{
	uint64_t number;
	const char *rest = "";
	bool read = option->type == OPTION_SIZE      ? read_size(text, &number)
		    : option->type == OPTION_SECONDS ? read_seconds(text, &number)
						     : read_number(text, &number, &rest);
	if (!read || *rest || !within(option, number))
		return false;
	*(uint64_t *)value = number;
	return true;
}

static bool set_choice(const struct option *option, void *value, const char *text)
{
	for (const struct option_choice *choice = option->choices; choice->name; choice++)
		if (strcasecmp(choice->name, text) == 0) {
			*(int *)value = choice->value;
			return true;
		}
	return false;
}

const char *value_set(const struct option *option, void *value, const char *text, char *buffer, size_t size)
{
	bool good = false;
	switch (option->type) {
	case OPTION_BOOL: good = read_bool(text, value); break;
	case OPTION_UINT:
	case OPTION_SIZE:
	case OPTION_SECONDS: good = set_number(option, value, text); break;
	case OPTION_CHOICE: good = set_choice(option, value, text); break;
	case OPTION_STRING:
		free(*(char **)value);
		*(char **)value = *text ? must(strdup(text)) : NULL;
		good = true;
		break;
	case OPTION_LIST: return list_set(value, text);
	case OPTION_DOMAINS: return domains_set(value, text);
	case OPTION_MAP: break;
	}
	if (good)
		return NULL;
	value_expected(option, buffer, size);
	return buffer;
}

void value_clear(const struct option *option, void *value)
{
	switch (option->type) {
	case OPTION_STRING:
		free(*(char **)value);
		*(char **)value = NULL;
		break;
	case OPTION_LIST:
	case OPTION_DOMAINS: list_clear(value); break;
	case OPTION_MAP: map_clear(value); break;
	default: break;
	}
}

// A map's preset has a line KEY=VALUE for each name.
static void map_preset(struct option_map *map, const char *preset)
{
	while (preset && *preset) {
		const char *equals = strchr(preset, '='), *end = strchrnul(preset, '\n');
		if (!equals || equals > end)
			abort(); // a mistake in a table
		map_put(map, preset, (size_t)(equals - preset), must(strndup(equals + 1, (size_t)(end - equals - 1))));
		preset = *end ? end + 1 : end;
	}
}

void value_preset(const struct option *option, void *value)
{
	char buffer[256];
	value_clear(option, value);
	if (option->type == OPTION_MAP) {
		map_preset(value, option->preset);
	} else if (option->preset) {
		const char *reason = value_set(option, value, option->preset, buffer, sizeof(buffer));
		if (reason) {
			fprintf(stderr, "sekisho: preset of %s is not %s: %s\n", option->key, reason, option->preset);
			abort(); // a mistake in a table; the unit test of the schema finds it
		}
	}
}

void value_print_quoted(const char *text, FILE *out)
{
	fputc('"', out);
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (*at == '"' || *at == '\\')
			fprintf(out, "\\%c", *at);
		else if (*at < 0x20 || *at == 0x7f)
			fprintf(out, "\\x%02x", *at);
		else
			fputc(*at, out);
	}
	fputc('"', out);
}

void value_print(const struct option *option, const void *value, FILE *out)
{
	switch (option->type) {
	case OPTION_BOOL: fputs(*(const bool *)value ? "yes" : "no", out); break;
	case OPTION_UINT:
	case OPTION_SECONDS: fprintf(out, "%" PRIu64, *(const uint64_t *)value); break;
	case OPTION_SIZE: print_size(*(const uint64_t *)value, out); break;
	case OPTION_CHOICE:
		for (const struct option_choice *choice = option->choices; choice->name; choice++)
			if (choice->value == *(const int *)value) {
				fputs(choice->name, out);
				break;
			}
		break;
	case OPTION_STRING: value_print_quoted(*(char *const *)value ? *(char *const *)value : "", out); break;
	case OPTION_LIST:
	case OPTION_DOMAINS:
	case OPTION_MAP: break;
	}
}
