// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/feeds/entry_file.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_HEAD  16
#define HEAD_BYTES 22 // of an entry, in front of its texts

static const char magic[8] = "SKIND2\n", undated_magic[8] = "SKIND1\n";

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
	uint8_t head[FILE_HEAD] = { 0 };
	writer->count = 0;
	writer->fault = 0;
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
	uint8_t head[HEAD_BYTES + INDICATOR_VALUE_MAX + 2 * ENTRY_TEXT_MAX];
	const struct span texts[] = { indicator->value, indicator->family, indicator->technique };
	uint32_t family = indicator->family.len < ENTRY_TEXT_MAX ? indicator->family.len : ENTRY_TEXT_MAX;
	uint32_t technique = indicator->technique.len < ENTRY_TEXT_MAX ? indicator->technique.len : ENTRY_TEXT_MAX;
	const uint32_t lens[] = { indicator->value.len, family, technique };
	size_t len = HEAD_BYTES;
	assert(indicator->value.len <= INDICATOR_VALUE_MAX);
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
	for (unsigned i = 0; i < 3; i++) {
		if (lens[i])
			memcpy(head + len, texts[i].data, lens[i]);
		len += lens[i];
	}
	writer->count++;
	if (fwrite_unlocked(head, len, 1, writer->file) == 1) // one thread a writer
		return true;
	writer->fault = errno;
	return false;
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
	uint8_t head[FILE_HEAD];
	struct stat info;
	reader->path = path;
	reader->read = 0;
	reader->at = reader->len = 0;
	reader->undated_s = 0;
	reader->damaged = false;
	error->text[0] = 0;
	reader->file = fopen(path, "re");
	if (!reader->file)
		return pack_fail(error, "%.300s: %s", path, strerror(errno));
	setvbuf(reader->file, NULL, _IONBF, 0); // bytes is the buffer
	reader->damaged = true;
	if (fread(head, sizeof(head), 1, reader->file) != 1 || fstat(fileno(reader->file), &info) != 0 ||
		(memcmp(head, magic, sizeof(magic)) != 0 && memcmp(head, undated_magic, sizeof(magic)) != 0)) {
		entry_reader_close(reader);
		return pack_fail(error, "%.300s: not a file of indicators", path);
	}
	reader->count = take(head + sizeof(magic), 8);
	if (reader->count > ((uint64_t)info.st_size - FILE_HEAD) / HEAD_BYTES) {
		entry_reader_close(reader);
		return pack_fail(error, "%.300s: truncated", path);
	}
	if (memcmp(head, undated_magic, sizeof(magic)) == 0 && info.st_mtim.tv_sec > 0)
		reader->undated_s = (uint32_t)info.st_mtim.tv_sec;
	reader->damaged = false;
	return true;
}

// The next len bytes of the file; NULL: it has fewer.
static const uint8_t *next_bytes(struct entry_reader *reader, size_t len)
{
	if (reader->len - reader->at < len) {
		memmove(reader->bytes, reader->bytes + reader->at, reader->len - reader->at);
		reader->len -= reader->at;
		reader->at = 0;
		reader->len += fread(reader->bytes + reader->len, 1, sizeof(reader->bytes) - reader->len, reader->file);
	}
	return reader->len - reader->at >= len ? reader->bytes + reader->at : NULL;
}

static bool is_sound(const struct indicator *indicator)
{
	uint32_t len = indicator_kind_bytes[indicator->kind];
	return indicator->bits <= 128 && indicator->confidence <= INDICATOR_CONFIDENCE_MAX &&
	       (len ? indicator->value.len == len : indicator->value.len > 0);
}

bool entry_reader_next(struct entry_reader *reader, struct indicator *out, struct pack_error *error)
{
	if (reader->read == reader->count)
		return false;
	const uint8_t *head = next_bytes(reader, HEAD_BYTES);
	if (!head)
		return pack_fail(error, "%.300s: truncated", reader->path);
	uint64_t value = take(head + 14, 4), family = take(head + 18, 2), technique = take(head + 20, 2);
	if (head[0] >= INDICATOR_KINDS || value > INDICATOR_VALUE_MAX || family > ENTRY_TEXT_MAX ||
		technique > ENTRY_TEXT_MAX)
		return pack_fail(error, "%.300s: damaged", reader->path);
	size_t len = HEAD_BYTES + value + family + technique;
	if (!(head = next_bytes(reader, len)))
		return pack_fail(error, "%.300s: truncated", reader->path);
	const uint8_t *texts = head + HEAD_BYTES;
	reader->at += len;
	reader->read++;
	*out = (struct indicator) {
		.value = span_of(texts, value),
		.kind = head[0],
		.flags = head[1],
		.confidence = head[2],
		.bits = head[3],
		.port = (uint16_t)take(head + 4, 2),
		.first_seen_s = (uint32_t)take(head + 6, 4),
		.expiry_s = (uint32_t)take(head + 10, 4),
		.family = span_of(texts + value, family),
		.technique = span_of(texts + value + family, technique),
	};
	if (!out->first_seen_s && reader->undated_s) {
		out->first_seen_s = reader->undated_s;
		out->flags |= INDICATOR_EARLIER;
	}
	return is_sound(out) || pack_fail(error, "%.300s: damaged", reader->path);
}

void entry_reader_close(struct entry_reader *reader)
{
	if (reader->file)
		fclose(reader->file);
	reader->file = NULL;
}
