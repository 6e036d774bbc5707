// SPDX-License-Identifier: GPL-3.0-or-later
// Archive: unpacks a pack's archive: tar (POSIX ustar) or rule file, plain or gzip'd. Strict: regular files and folders only, no absolute path,
// no "..", no link, no device, no name twice, nothing outside the folder, checksums of headers good.
//
// Bounds       TREE_FILES_MAX entries, ARCHIVE_FILE_MAX bytes a file, TREE_BYTES_MAX in all; time linear in the unpacked bytes
// Threads      any; no state
// Sources      POSIX.1-2017, pax, "ustar Interchange Format"
#pragma once
#include "decoders/base/span.h"
#include "sensor/files/files.h"

#define ARCHIVE_FILE_MAX ((size_t)256 << 20)

// What a tar's bytes hold, entry by entry.
struct tar_entry {
	char path[TREE_PATH_MAX + 1]; // without "./" before and "/" behind
	bool folder;
	uint64_t size;
};

// 512 bytes of a header. TAR_SKIP: an entry without use here (pax header that changes nothing); its content follows all the same.
enum tar_result { TAR_ENTRY, TAR_SKIP, TAR_END, TAR_BAD };
enum tar_result tar_header_read(const uint8_t header[512], struct tar_entry *entry, struct pack_error *error);
// Is a pax header's content harmless: nothing about path, link or size? It would change the entry after it.
bool tar_pax_harmless(struct span content);

// Unpacks file into folder, which exists and is empty. A rule file becomes rule_name (with ".rules") there. When all is below one folder, as in
// archives of a folder, what is in that folder is put into folder itself.
bool archive_unpack(const char *file, const char *folder, const char *rule_name, struct pack_error *error);
