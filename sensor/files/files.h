// SPDX-License-Identifier: GPL-3.0-or-later
// Files: what packs do with files and folders: whole reads with a limit, writes that reach the disk, trees without links.
//
// Bounds       TREE_FILES_MAX files and TREE_DEPTH_MAX folders deep in a tree; relative paths of TREE_PATH_MAX bytes
// Threads      any; no state
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "sensor/files/pack_error.h"

#define TREE_FILES_MAX 20000
#define TREE_DEPTH_MAX 8
#define TREE_PATH_MAX  240
#define TREE_BYTES_MAX ((uint64_t)1 << 30)
#define PATH_BYTES     4096 // of a path put together here

// A regular file, at most max bytes, zero-terminated; the caller frees *bytes. Links are not followed at the path's end.
bool file_read(const char *path, size_t max, char **bytes, size_t *len, struct pack_error *error);
// Makes or replaces a file, and has it on disk when it returns.
bool file_write(const char *path, const void *bytes, size_t len, mode_t mode, struct pack_error *error);
// The same, beside path and renamed over it: who reads it, also after a crash, finds the old or the new content.
bool file_replace(const char *path, const void *bytes, size_t len, mode_t mode, struct pack_error *error);
// Makes the folder and those above it.
bool folder_make(const char *path, struct pack_error *error);
bool folder_sync(const char *path, struct pack_error *error);
bool is_folder(const char *path);

// May the path be made below a folder of ours? Relative, no "." or "..", no empty part, no control bytes, at most TREE_PATH_MAX bytes.
bool path_is_safe(const char *path);
// "FOLDER/NAME" into out; false: does not fit.
bool path_join(char out[PATH_BYTES], const char *folder, const char *name);
// What comes after the last slash.
const char *path_base(const char *path);

// Files below a folder: paths relative to it, sorted by bytes.
struct tree_list {
	char **paths;
	size_t count;
	uint64_t bytes;
};

// Refuses a tree with links, devices or unsafe names in it.
bool tree_list(const char *root, struct tree_list *list, struct pack_error *error);
void tree_list_free(struct tree_list *list);
bool tree_copy(const char *from, const char *to, struct pack_error *error);
// Removes what is there, as far as it can be removed.
void tree_remove(const char *path);
