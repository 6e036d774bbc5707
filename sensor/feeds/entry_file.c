// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/feeds/entry_file.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define HEAD_BYTES 22 // of an entry, in front of its texts

static const char magic[8] = "SKIND1\n";

static void put(uint8_t *at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t take(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)at[i] << (8 * i);
	return value;
}

bool entry_writer_open(struct entry_writer *writer, const char *path, struct pack_error *error)
{
	uint8_t head[16] = { 0 };
	writer->count = 0;
	snprintf(writer->path, sizeof(writer->path), "%s", path);
	snprintf(writer->staging, sizeof(writer->staging), "%s.new", path);
	// Not through a link that another user of the folder left in its place
	int fd = open(writer->staging, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	writer->file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!writer->file) {
		pack_fail(error, "%.300s: %s", writer->staging, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	memcpy(head, magic, sizeof(magic));
	return fwrite(head, sizeof(head), 1, writer->file) == 1 ||
	       pack_fail(error, "%.300s: %s", path, strerror(errno));
}

bool entry_writer_add(struct entry_writer *writer, const struct indicator *indicator)
{
	uint8_t head[HEAD_BYTES];
	uint8_t family = (uint8_t)(indicator->family.len < 255 ? indicator->family.len : 255);
	uint8_t technique = (uint8_t)(indicator->technique.len < 255 ? indicator->technique.len : 255);
	head[0] = indicator->kind;
	head[1] = indicator->flags;
	head[2] = indicator->confidence;
	head[3] = indicator->bits;
	put(head + 4, indicator->port, 2);
	put(head + 6, indicator->first_seen_s, 4);
	put(head + 10, indicator->expiry_s, 4);
	put(head + 14, indicator->value.len, 4);
	put(head + 18, family, 2);
	put(head + 20, technique, 2);
	writer->count++;
	return fwrite(head, sizeof(head), 1, writer->file) == 1 &&
	       fwrite(indicator->value.data, 1, indicator->value.len, writer->file) == indicator->value.len &&
	       fwrite(indicator->family.data, 1, family, writer->file) == family &&
	       fwrite(indicator->technique.data, 1, technique, writer->file) == technique;
}

bool entry_writer_commit(struct entry_writer *writer, struct pack_error *error)
{
	uint8_t count[8];
	put(count, writer->count, 8);
	bool good = fseek(writer->file, sizeof(magic), SEEK_SET) == 0 &&
		    fwrite(count, sizeof(count), 1, writer->file) == 1 && fflush(writer->file) == 0 &&
		    fsync(fileno(writer->file)) == 0;
	good &= fclose(writer->file) == 0;
	writer->file = NULL;
	if (good && rename(writer->staging, writer->path) == 0)
		return true;
	pack_fail(error, "%.300s: %s", writer->path, strerror(errno));
	unlink(writer->staging);
	return false;
}

void entry_writer_abort(struct entry_writer *writer)
{
	if (!writer->file)
		return;
	fclose(writer->file);
	writer->file = NULL;
	unlink(writer->staging);
}

bool entry_reader_open(struct entry_reader *reader, const char *path, struct pack_error *error)
{
	uint8_t head[16];
	reader->path = path;
	reader->read = 0;
	error->text[0] = 0;
	reader->file = fopen(path, "re");
	if (!reader->file)
		return pack_fail(error, "%.300s: %s", path, strerror(errno));
	if (fread(head, sizeof(head), 1, reader->file) == 1 && memcmp(head, magic, sizeof(magic)) == 0) {
		reader->count = take(head + 8, 8);
		return true;
	}
	entry_reader_close(reader);
	return pack_fail(error, "%.300s: not a file of indicators", path);
}

static bool is_sound(const struct indicator *indicator)
{
	uint32_t len = indicator_kind_bytes[indicator->kind];
	return indicator->bits <= 128 && indicator->confidence <= INDICATOR_CONFIDENCE_MAX &&
	       (len ? indicator->value.len == len : indicator->value.len > 0);
}

bool entry_reader_next(struct entry_reader *reader, struct indicator *out, struct pack_error *error)
{
	uint8_t head[HEAD_BYTES];
	if (reader->read == reader->count)
		return false;
	if (fread(head, sizeof(head), 1, reader->file) != 1)
		return pack_fail(error, "%.300s: truncated", reader->path);
	uint64_t value = take(head + 14, 4), family = take(head + 18, 2), technique = take(head + 20, 2);
	if (head[0] >= INDICATOR_KINDS || value > INDICATOR_VALUE_MAX || family > 255 || technique > 255)
		return pack_fail(error, "%.300s: damaged", reader->path);
	size_t len = value + family + technique;
	if (fread(reader->bytes, 1, len, reader->file) != len)
		return pack_fail(error, "%.300s: truncated", reader->path);
	reader->read++;
	*out = (struct indicator) {
		.value = span_of(reader->bytes, value),
		.kind = head[0],
		.flags = head[1],
		.confidence = head[2],
		.bits = head[3],
		.port = (uint16_t)take(head + 4, 2),
		.first_seen_s = (uint32_t)take(head + 6, 4),
		.expiry_s = (uint32_t)take(head + 10, 4),
		.family = span_of(reader->bytes + value, family),
		.technique = span_of(reader->bytes + value + family, technique),
	};
	return is_sound(out) || pack_fail(error, "%.300s: damaged", reader->path);
}

void entry_reader_close(struct entry_reader *reader)
{
	if (reader->file)
		fclose(reader->file);
	reader->file = NULL;
}
