// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/archive.h"
#include <stdio.h>
#include <string.h>

// A field of octal digits, ended by a space or zero or its own end; base-256 sizes of GNU are not needed for what fits here.
static bool read_octal(const uint8_t *at, size_t len, uint64_t *out)
{
	uint64_t number = 0;
	size_t i = 0;
	while (i < len && at[i] == ' ')
		i++;
	for (; i < len && at[i] >= '0' && at[i] <= '7'; i++) {
		if (number >> 60)
			return false;
		number = number << 3 | (uint64_t)(at[i] - '0');
	}
	for (; i < len; i++)
		if (at[i] != ' ' && at[i] != 0)
			return false;
	*out = number;
	return true;
}

static bool is_zero(const uint8_t header[512])
{
	for (unsigned i = 0; i < 512; i++)
		if (header[i])
			return false;
	return true;
}

static bool checksum_good(const uint8_t header[512])
{
	uint64_t told, sum = 0;
	for (unsigned i = 0; i < 512; i++)
		sum += i >= 148 && i < 156 ? ' ' : header[i];
	return read_octal(header + 148, 8, &told) && told == sum;
}

static bool read_path(const uint8_t header[512], struct tar_entry *entry, struct pack_error *error)
{
	char path[260];
	size_t prefix = strnlen((const char *)header + 345, 155), name = strnlen((const char *)header, 100);
	bool gnu = memcmp(header + 257, "ustar  ", 8) == 0; // no prefix there
	if (gnu)
		prefix = 0;
	int len = snprintf(path, sizeof(path), "%.*s%s%.*s", (int)prefix, (const char *)header + 345, prefix ? "/" : "",
		(int)name, (const char *)header);
	char *start = path;
	while (start[0] == '.' && start[1] == '/')
		start += 2;
	size_t end = strlen(start);
	while (end > 0 && start[end - 1] == '/')
		start[--end] = 0;
	if (entry->folder && (end == 0 || strcmp(start, ".") == 0)) { // the archived folder itself
		entry->path[0] = 0;
		return true;
	}
	if (len <= 0 || !path_is_safe(start))
		return pack_fail(error, "the archive names a path that may not be unpacked: %.120s", path);
	snprintf(entry->path, sizeof(entry->path), "%s", start);
	return true;
}

enum tar_result tar_header_read(const uint8_t header[512], struct tar_entry *entry, struct pack_error *error)
{
	*entry = (struct tar_entry) { 0 };
	if (is_zero(header))
		return TAR_END;
	bool good = memcmp(header + 257, "ustar", 5) == 0 && checksum_good(header);
	if (!good) {
		pack_fail(error, "the archive is damaged, or no tar");
		return TAR_BAD;
	}
	char kind = (char)header[156];
	if (!read_octal(header + 124, 12, &entry->size)) {
		pack_fail(error, "the archive is damaged: the size of an entry");
		return TAR_BAD;
	}
	if (kind == 'x' || kind == 'g') {
		if (entry->size <= 65536)
			return TAR_SKIP;
		pack_fail(error, "the archive has a pax header of more than 65536 bytes");
		return TAR_BAD;
	}
	entry->folder = kind == '5';
	if (kind != '0' && kind != 0 && !entry->folder) {
		pack_fail(error, "the archive holds a link, a device or a name of more than 255 bytes: %.100s",
			(const char *)header);
		return TAR_BAD;
	}
	if (entry->folder && entry->size) {
		pack_fail(error, "the archive is damaged: a folder with content");
		return TAR_BAD;
	}
	if (entry->size > ARCHIVE_FILE_MAX) {
		pack_fail(error, "the archive holds a file of more than %zu bytes", ARCHIVE_FILE_MAX);
		return TAR_BAD;
	}
	return read_path(header, entry, error) ? TAR_ENTRY : TAR_BAD;
}

// Records are "LENGTH KEY=VALUE\n".
bool tar_pax_harmless(struct span content)
{
	static const char *const changing[] = { "path=", "linkpath=", "size=", "GNU.sparse", "hdrcharset=" };
	for (uint32_t at = 0; at < content.len;) {
		uint32_t len = 0, digits = 0;
		while (at + digits < content.len && content.data[at + digits] >= '0' &&
			content.data[at + digits] <= '9') {
			if (digits > 5)
				return false;
			len = len * 10 + (uint32_t)(content.data[at + digits++] - '0');
		}
		if (digits == 0 || len <= digits + 1 || len > content.len - at || content.data[at + digits] != ' ')
			return false;
		struct span record = span_slice(content, at + digits + 1, len - digits - 1);
		for (size_t i = 0; i < sizeof(changing) / sizeof(changing[0]); i++)
			if (span_starts(record, changing[i]))
				return false;
		at += len;
	}
	return true;
}
