// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/config/config_change.h"
#include <stdlib.h>
#include <string.h>
#include "sensor/config/schema.h"
#include "sensor/config/value.h"

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_list(const struct option_list *a, const struct option_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_text(a->values[i], b->values[i]))
			return false;
	return true;
}

static bool same_map(const struct option_map *a, const struct option_map *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_text(a->pairs[i].key, b->pairs[i].key) || !same_text(a->pairs[i].value, b->pairs[i].value))
			return false;
	return true;
}

static bool same(const struct option *option, const void *a, const void *b)
{
	switch (option->type) {
	case OPTION_BOOL: return *(const bool *)a == *(const bool *)b;
	case OPTION_UINT:
	case OPTION_SIZE:
	case OPTION_SECONDS: return *(const uint64_t *)a == *(const uint64_t *)b;
	case OPTION_STRING: return same_text(*(char *const *)a, *(char *const *)b);
	case OPTION_CHOICE: return *(const int *)a == *(const int *)b;
	case OPTION_LIST:
	case OPTION_DOMAINS: return same_list(a, b);
	case OPTION_MAP: return same_map(a, b);
	}
	return true;
}

void config_changes(const struct sensor_config *before, const struct sensor_config *now,
	void (*each)(void *context, const struct option *option), void *context)
{
	struct schema_entry old, new;
	for (unsigned i = 0; schema_entry((struct sensor_config *)(uintptr_t)before, i, &old) &&
			     schema_entry((struct sensor_config *)(uintptr_t)now, i, &new);
		i++)
		if (!schema_is_repeat(i) && !same(old.option, old.value, new.value))
			each(context, old.option);
}
