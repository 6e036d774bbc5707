// SPDX-License-Identifier: GPL-3.0-or-later
// Buffers over files. A file grows, and so do the values: all are read again as the transaction changes.
#include "signatures/field/file.h"
#include "decoders/app/files/file.h"
#include "signatures/field/http.h"

const struct file *field_file_at(const struct field_source *source, unsigned index)
{
	if (source->file)
		return index == 0 ? source->file : NULL;
	for (const struct file *file = source->tx->files; file; file = file->next)
		if (file->direction == source->direction && index-- == 0)
			return file;
	return NULL;
}

bool field_file_window(const struct field_source *source, unsigned index, struct field_value *value)
{
	const struct file *file = field_file_at(source, index);
	if (!file)
		return false;
	*value = (struct field_value) {
		.data = bytes_span(&file->window),
		.offset = file->window_offset,
		.first = file->window_offset == 0,
		.last = file->state != FILE_OPEN,
	};
	return true;
}

// An HTTP answer's body is inspected where it is kept for http.response_body, whether it became a file or not.
static bool get_response_data(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && field_http_body_get(source, TO_CLIENT, value);
}

static bool get_name(const struct field_source *source, unsigned index, struct field_value *value)
{
	const struct file *file = field_file_at(source, index);
	return file && field_whole(value, bytes_span(&file->name));
}

static bool get_magic(const struct field_source *source, unsigned index, struct field_value *value)
{
	const struct file *file = field_file_at(source, index);
	return file && field_whole(value, file->magic ? span_text(file->magic) : (struct span) { 0 });
}

#define DATA_READER(proto, direction, progress) \
	{ proto, direction, progress,           \
		(proto) == APP_HTTP1 && (direction) == TO_CLIENT ? get_response_data : field_file_window },
#define NAME_READER(proto, direction, progress)  { proto, direction, progress, get_name },
#define MAGIC_READER(proto, direction, progress) { proto, direction, progress, get_magic },

const struct field_buffer field_file_data = {
	.name = "file.data",
	.sticky = (const char *const[]) { "file_data", NULL },
	.description = "bytes of files and bodies, decoded",
	.level = FIELD_BODY,
	.flags = FIELD_MULTI,
	.readers = (const struct field_reader[]) { FILE_CARRIERS(DATA_READER) { 0 } },
};

const struct field_buffer field_file_name = {
	.name = "file.name",
	.sticky = (const char *const[]) { "file_name", NULL },
	.description = "name of a file",
	.level = FIELD_BODY,
	.flags = FIELD_MULTI,
	.readers = (const struct field_reader[]) { FILE_CARRIERS(NAME_READER) { 0 } },
};

const struct field_buffer field_file_magic = {
	.name = "file.magic",
	.sticky = (const char *const[]) { "file_magic", NULL },
	.description = "what libmagic says of a file",
	.level = FIELD_BODY,
	.flags = FIELD_MULTI,
	.readers = (const struct field_reader[]) { FILE_CARRIERS(MAGIC_READER) { 0 } },
};
