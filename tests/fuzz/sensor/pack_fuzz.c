// SPDX-License-Identifier: GPL-3.0-or-later
// Packs as an attacker may hand them over: tar headers, pax records, recipes, rule lines and filter lines. The first byte chooses.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "sensor/packs/archive.h"
#include "sensor/packs/filter.h"
#include "sensor/packs/recipe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pack_error error;

static void try_tar(const uint8_t *data, size_t size)
{
	struct tar_entry entry;
	uint8_t header[512] = { 0 };
	memcpy(header, data, size < 512 ? size : 512);
	if (tar_header_read(header, &entry, &error) == TAR_ENTRY && entry.path[0] && !path_is_safe(entry.path))
		abort();
	// With the checksum made good, so that what is behind it is reached
	memcpy(header + 257, "ustar", 6);
	unsigned sum = 0;
	for (unsigned i = 0; i < 512; i++)
		sum += i >= 148 && i < 156 ? ' ' : header[i];
	for (unsigned i = 0; i < 6; i++)
		header[148 + i] = (uint8_t)('0' + (sum >> (3 * (5 - i)) & 7));
	memcpy(header + 154, "\0 ", 2);
	if (tar_header_read(header, &entry, &error) == TAR_ENTRY && entry.path[0] && !path_is_safe(entry.path))
		abort();
	(void)tar_pax_harmless(span_of(data, size));
}

static void try_recipe(const uint8_t *data, size_t size)
{
	static struct capture_writer writer;
	struct yaml_tree tree;
	if (!yaml_tree_read(&tree, "fuzz", data, size, &error))
		return;
	capture_writer_init(&writer);
	(void)recipe_write(&tree, tree.root, &writer);
	capture_writer_fini(&writer);
	yaml_tree_free(&tree);
}

static void try_rules(const uint8_t *data, size_t size)
{
	static const char *const kinds[] = { "disable", "enable", "drop", "modify" };
	struct rule_lines lines = { 0 };
	struct filter_counts counts;
	const uint8_t *half = memchr(data, '\f', size);
	size_t len = half ? (size_t)(half - data) : size, out;
	bool read = rule_lines_read(&lines, "pack/a.rules", (const char *)data, len, &error);
	char *text = half ? strndup((const char *)half + 1, size - len - 1) : NULL;
	struct filters *filters = text ? filters_add(NULL, kinds[size & 3], "fuzz", text, &error) : NULL;
	if (read && filters)
		(void)filters_apply(filters, &lines, &counts);
	free(rule_lines_format(&lines, "pack/a.rules", &out));
	filters_free(filters);
	free(text);
	rule_lines_free(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > 65536)
		return 0;
	switch (data[0] % 3) {
	case 0: try_tar(data + 1, size - 1); break;
	case 1: try_recipe(data + 1, size - 1); break;
	default: try_rules(data + 1, size - 1); break;
	}
	return 0;
}
