// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a list of values: lines or JSON of a dataset of each type. The first byte chooses. What a set took
// it has, and what it writes it takes again.
#include <stdlib.h>
#include "signatures/operand/dataset_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_report(void *context, uint32_t line, const char *reason)
{
	(void)context;
	if (!reason || line == UINT32_MAX)
		abort();
}

static bool next_line(struct span *text, struct span *line)
{
	if (text->len == 0)
		return false;
	uint32_t end = span_find(*text, '\n', 0);
	*line = span_slice(*text, 0, end);
	*text = span_from(*text, end < text->len ? end + 1 : end);
	return true;
}

// Everything a set of type took from text, written and read again, is as much as before.
static void write_and_read(struct dataset *set)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	uint64_t count = dataset_write(set, out);
	fclose(out);
	const struct dataset_options options = { .type = dataset_type(set), .memcap_bytes = 1u << 20, .expected = 64 };
	struct dataset *again = dataset_new(&options);
	struct span rest = span_of(text, len), line;
	while (next_line(&rest, &line))
		if (dataset_load_line(again, line))
			abort();
	out = fopen("/dev/null", "w");
	if (dataset_write(again, out) != count)
		abort();
	fclose(out);
	dataset_free(again);
	free(text);
}

static void load_dataset(uint8_t choice, struct span text)
{
	const struct dataset_options options = {
		.type = (enum dataset_type)(choice % DATASET_TYPES), .memcap_bytes = 1u << 19, .expected = 64
	};
	const struct dataset_json how = {
		.value_key = "a.b",
		.array_key = choice & 0x40 ? "c" : NULL,
		.lines = choice & 0x20,
		.remove_key = choice & 0x10,
		.report = on_report,
	};
	struct dataset *set = dataset_new(&options);
	struct span line;
	if (choice & 0x80)
		dataset_load_json(set, text, &how);
	while (!(choice & 0x80) && next_line(&text, &line))
		dataset_load_line(set, line);
	write_and_read(set);
	dataset_free(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > 16384)
		return 0;
	load_dataset(data[0], span_of(data + 1, size - 1));
	return 0;
}
