// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include "sensor/config/config.h"
#include "sensor/config/schema.h"

// One open mapping or sequence.
struct level {
	bool sequence;
	bool have_key;    // mapping: a key was read, its value comes next
	uint32_t key_len; // of the path before this level's keys
	unsigned items;   // sequence: scalars so far
};

struct loader {
	struct sensor_config *config;
	const char *name;
	struct config_error *error;
	char path[CONFIG_KEY_MAX + 1]; // dotted key of what is being read
	struct level levels[CONFIG_DEPTH_MAX];
	unsigned depth, settings;
	yaml_mark_t key_mark; // of the newest key
	bool done;
};

static bool fail(struct loader *loader, const yaml_mark_t *mark, const char *text)
{
	snprintf(loader->error->text, sizeof(loader->error->text), "%.200s:%zu:%zu: %.400s", loader->name,
		mark->line + 1, mark->column + 1, text);
	return false;
}

static struct level *top(struct loader *loader)
{
	return loader->depth ? &loader->levels[loader->depth - 1] : NULL;
}

// Appends ".part" to the path.
static bool extend(struct loader *loader, const char *part, const yaml_mark_t *mark)
{
	size_t len = strlen(loader->path), more = strlen(part);
	if (len + more + 1 > CONFIG_KEY_MAX)
		return fail(loader, mark, "key is too long");
	if (len)
		loader->path[len++] = '.';
	memcpy(loader->path + len, part, more + 1);
	return true;
}

static void value_done(struct loader *loader)
{
	struct level *level = top(loader);
	if (!level)
		return;
	loader->path[level->key_len] = 0;
	level->have_key = false;
}

static bool set(struct loader *loader, const char *value, const yaml_mark_t *mark)
{
	struct config_error reason;
	if (++loader->settings > CONFIG_SETTINGS_MAX)
		return fail(loader, mark, "too many settings");
	if (config_set(loader->config, loader->path, value, &reason))
		return true;
	return fail(loader, strncmp(reason.text, "unknown", 7) == 0 ? &loader->key_mark : mark, reason.text);
}

static bool on_scalar(struct loader *loader, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	struct level *level = top(loader);
	if (event->data.scalar.length != strlen(text))
		return fail(loader, &event->start_mark, "text with a zero byte");
	bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	bool empty = plain && (!*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
	if (!level)
		return empty ? true : fail(loader, &event->start_mark, "expected settings as \"key: value\"");
	if (!level->sequence && !level->have_key) {
		level->have_key = true;
		loader->key_mark = event->start_mark;
		return extend(loader, text, &event->start_mark);
	}
	if (level->sequence) {
		char number[16];
		snprintf(number, sizeof(number), "%u", level->items++);
		if (!extend(loader, number, &event->start_mark))
			return false;
		loader->key_mark = event->start_mark;
	}
	// a section with nothing in it is fine
	bool good = (empty && schema_is_section(loader->path)) || set(loader, empty ? "" : text, &event->start_mark);
	value_done(loader);
	return good;
}

// A mapping in a sequence adds to the sequence's own key: "types: [{alert: ...}, {dns: ...}]" reads as a mapping of both.
static bool on_open(struct loader *loader, const yaml_event_t *event, bool sequence)
{
	struct level *level = top(loader);
	if (loader->depth == CONFIG_DEPTH_MAX)
		return fail(loader, &event->start_mark, "nested too deep");
	if (level && !level->sequence && !level->have_key)
		return fail(loader, &event->start_mark, "expected a key");
	if (sequence && (!level || level->sequence))
		return fail(
			loader, &event->start_mark, level ? "a list in a list" : "expected settings as \"key: value\"");
	if (sequence && !schema_is_section(loader->path)) {
		// an empty list first: items of a preset or an earlier file do not stay. Maps build theirs from item 0.
		if (!set(loader, "", &event->start_mark))
			return false;
	}
	loader->levels[loader->depth++] =
		(struct level) { .sequence = sequence, .key_len = (uint32_t)strlen(loader->path) };
	return true;
}

static bool on_event(struct loader *loader, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT: return on_scalar(loader, event);
	case YAML_SEQUENCE_START_EVENT: return on_open(loader, event, true);
	case YAML_MAPPING_START_EVENT: return on_open(loader, event, false);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		loader->depth--;
		value_done(loader);
		return true;
	case YAML_ALIAS_EVENT: return fail(loader, &event->start_mark, "aliases are not supported");
	case YAML_STREAM_END_EVENT: loader->done = true; return true;
	default: return true;
	}
}

bool config_load_bytes(
	struct sensor_config *config, const char *name, const void *bytes, size_t len, struct config_error *error)
{
	struct loader loader = { .config = config, .name = name, .error = error };
	yaml_parser_t parser;
	if (len > CONFIG_FILE_MAX) {
		snprintf(error->text, sizeof(error->text), "%.200s: larger than %u bytes", name, CONFIG_FILE_MAX);
		return false;
	}
	if (!yaml_parser_initialize(&parser)) {
		snprintf(error->text, sizeof(error->text), "%.200s: out of memory", name);
		return false;
	}
	yaml_parser_set_input_string(&parser, bytes, len);
	bool good = true;
	while (good && !loader.done) {
		yaml_event_t event;
		if (!yaml_parser_parse(&parser, &event)) {
			const char *problem = parser.problem ? parser.problem : "not YAML";
			yaml_mark_t mark = parser.problem_mark.line || parser.problem_mark.column ? parser.problem_mark
												  : parser.mark;
			good = fail(&loader, &mark, problem);
			break;
		}
		good = on_event(&loader, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return good;
}

bool config_load(struct sensor_config *config, const char *path, struct config_error *error)
{
	FILE *file = fopen(path, "rb");
	char *bytes = file ? malloc(CONFIG_FILE_MAX + 1) : NULL;
	if (!bytes) {
		snprintf(error->text, sizeof(error->text), "%.200s: %s", path, strerror(errno));
		if (file)
			fclose(file);
		return false;
	}
	size_t len = fread(bytes, 1, CONFIG_FILE_MAX + 1, file);
	bool good = !ferror(file);
	if (!good)
		snprintf(error->text, sizeof(error->text), "%.200s: %s", path, strerror(errno));
	fclose(file);
	good = good && config_load_bytes(config, path, bytes, len, error);
	free(bytes);
	return good;
}
