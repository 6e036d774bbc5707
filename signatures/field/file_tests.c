// SPDX-License-Identifier: GPL-3.0-or-later
// Keywords about files with a language of their own: filename, fileext, filemagic, filesize, filestore.
#include <stdlib.h>
#include "decoders/app/files/file.h"
#include "signatures/field/argument.h"
#include "signatures/field/file.h"

static bool contains_nocase(struct span whole, const struct argument_text *test)
{
	for (uint32_t at = 0; at + test->len <= whole.len; at++)
		if (strncasecmp((const char *)whole.data + at, test->text, test->len) == 0)
			return true;
	return false;
}

static bool match_name(const struct field_source *source, const void *data)
{
	const struct argument_text *test = data;
	const struct file *file;
	for (unsigned i = 0; (file = field_file_at(source, i)); i++)
		if (file->name.len && contains_nocase(bytes_span(&file->name), test) != test->negated)
			return true;
	return false;
}

static bool has_extension(struct span name, const struct argument_text *test)
{
	return name.len > test->len && name.data[name.len - test->len - 1] == '.' &&
	       strncasecmp((const char *)name.data + name.len - test->len, test->text, test->len) == 0;
}

static bool match_extension(const struct field_source *source, const void *data)
{
	const struct argument_text *test = data;
	const struct file *file;
	for (unsigned i = 0; (file = field_file_at(source, i)); i++)
		if (file->name.len && has_extension(bytes_span(&file->name), test) != test->negated)
			return true;
	return false;
}

static bool match_magic(const struct field_source *source, const void *data)
{
	const struct argument_text *test = data;
	const struct file *file;
	for (unsigned i = 0; (file = field_file_at(source, i)); i++)
		if (file->magic && contains_nocase(span_text(file->magic), test) != test->negated)
			return true;
	return false;
}

enum size_op { SIZE_EQUAL, SIZE_NOT, SIZE_LESS, SIZE_LESS_EQUAL, SIZE_MORE, SIZE_MORE_EQUAL, SIZE_BETWEEN };

struct size_test {
	uint8_t op;
	uint64_t low, high;
};

// "100", "100KB", "1MB", "1GB": bytes.
static bool read_size(const char **text, uint64_t *out)
{
	char *end;
	while (**text == ' ')
		(*text)++;
	if (**text < '0' || **text > '9')
		return false;
	uint64_t value = strtoull(*text, &end, 10);
	static const struct {
		const char *unit;
		unsigned shift;
	} units[] = { { "kib", 10 }, { "mib", 20 }, { "gib", 30 }, { "kb", 10 }, { "mb", 20 }, { "gb", 30 } };
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strncasecmp(end, units[i].unit, strlen(units[i].unit)) == 0) {
			value <<= units[i].shift;
			end += strlen(units[i].unit);
			break;
		}
	while (*end == ' ')
		end++;
	*text = end;
	*out = value;
	return true;
}

static enum size_op read_op(const char **text)
{
	static const struct {
		const char *sign;
		enum size_op op;
	} signs[] = { { "<=", SIZE_LESS_EQUAL }, { ">=", SIZE_MORE_EQUAL }, { "<", SIZE_LESS }, { ">", SIZE_MORE },
		{ "!", SIZE_NOT }, { "=", SIZE_EQUAL } };
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (strncmp(*text, signs[i].sign, strlen(signs[i].sign)) == 0) {
			*text += strlen(signs[i].sign);
			return signs[i].op;
		}
	return SIZE_EQUAL;
}

static const char *parse_size(const char *arguments, void *data)
{
	struct size_test *test = data;
	const char *text = arguments + strspn(arguments, " ");
	test->op = (uint8_t)read_op(&text);
	if (!read_size(&text, &test->low))
		return "not a size";
	if (strncmp(text, "<>", 2) == 0 || *text == '-') {
		text += *text == '-' ? 1 : 2;
		test->op = SIZE_BETWEEN;
		if (!read_size(&text, &test->high) || test->high <= test->low)
			return "not a range of sizes";
	}
	return *text ? "text after the size" : NULL;
}

static bool size_fits(const struct size_test *test, const struct file *file)
{
	// Of a file cut short only a lower bound is known
	if (file->state == FILE_OPEN)
		return false;
	if (file->state != FILE_CLOSED && test->op != SIZE_MORE && test->op != SIZE_MORE_EQUAL)
		return false;
	switch ((enum size_op)test->op) {
	case SIZE_EQUAL: return file->size == test->low;
	case SIZE_NOT: return file->size != test->low;
	case SIZE_LESS: return file->size < test->low;
	case SIZE_LESS_EQUAL: return file->size <= test->low;
	case SIZE_MORE: return file->size > test->low;
	case SIZE_MORE_EQUAL: return file->size >= test->low;
	case SIZE_BETWEEN: return file->size > test->low && file->size < test->high;
	}
	return false;
}

static bool match_size(const struct field_source *source, const void *data)
{
	const struct size_test *test = data;
	const struct file *file;
	for (unsigned i = 0; (file = field_file_at(source, i)); i++)
		if (size_fits(test, file))
			return true;
	return false;
}

static bool word_value(struct span word, const struct field_name *names, size_t count, uint8_t *value)
{
	word = span_trim(word);
	for (size_t i = 0; i < count; i++)
		if (span_is_nocase(word, names[i].name)) {
			*value = (uint8_t)names[i].value;
			return true;
		}
	return false;
}

// "", "DIRECTION" or "DIRECTION,SCOPE".
static const char *parse_store(const char *arguments, void *data)
{
	static const struct field_name directions[] = { { "request", 1 << TO_SERVER }, { "to_server", 1 << TO_SERVER },
		{ "response", 1 << TO_CLIENT }, { "to_client", 1 << TO_CLIENT },
		{ "both", 1 << TO_SERVER | 1 << TO_CLIENT } };
	static const struct field_name scopes[] = { { "file", FIELD_STORE_FILE }, { "tx", FIELD_STORE_TX },
		{ "ssn", FIELD_STORE_FLOW }, { "flow", FIELD_STORE_FLOW } };
	struct field_store *store = data;
	struct span text = span_trim(span_text(arguments)), scope = { 0 };
	if (text.len == 0)
		return NULL;
	const uint8_t *comma = memchr(text.data, ',', text.len);
	if (comma) {
		scope = span_from(text, (uint32_t)(comma - text.data) + 1);
		text.len = (uint32_t)(comma - text.data);
	}
	if (!word_value(text, directions, sizeof directions / sizeof *directions, &store->directions))
		return "not a direction: request, to_server, response, to_client or both";
	if (comma && !word_value(scope, scopes, sizeof scopes / sizeof *scopes, &store->scope))
		return "not a scope: file, tx, ssn or flow";
	return NULL;
}

// Which files are chosen is settled at the match (signatures/engine/file_choice.c); here the transaction must have one.
static bool match_store(const struct field_source *source, const void *data)
{
	(void)data;
	return field_file_at(source, 0) != NULL;
}

#define NAME_READER(proto, direction, progress)      { proto, direction, progress, match_name },
#define EXTENSION_READER(proto, direction, progress) { proto, direction, progress, match_extension },
#define MAGIC_READER(proto, direction, progress)     { proto, direction, progress, match_magic },
#define SIZE_READER(proto, direction, progress)      { proto, direction, progress, match_size },
#define STORE_READER(proto, direction, progress)     { proto, direction, 0, match_store },

#define TEST(symbol, keyword, parser, reader)                                                  \
	const struct field_test symbol = {                                                     \
		.name = keyword,                                                               \
		.level = FIELD_BODY,                                                           \
		.own_negation = true,                                                          \
		.parse = parser,                                                               \
		.readers = (const struct field_test_reader[]) { FILE_CARRIERS(reader) { 0 } }, \
	}

TEST(field_filename, "filename", argument_text_parse, NAME_READER);
TEST(field_fileext, "fileext", argument_text_parse, EXTENSION_READER);
TEST(field_filemagic, "filemagic", argument_text_parse, MAGIC_READER);
TEST(field_filesize, "filesize", parse_size, SIZE_READER);
const struct field_test field_filestore = {
	.name = "filestore",
	.level = FIELD_BODY,
	.own_direction = true,
	.parse = parse_store,
	.readers = (const struct field_test_reader[]) { FILE_CARRIERS(STORE_READER) { 0 } },
};
