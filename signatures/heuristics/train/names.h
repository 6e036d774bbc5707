// SPDX-License-Identifier: GPL-3.0-or-later
// Lists of names the trainer is given, cut at their public suffix, each registered name once.
//
// Life cycle   name_list_read per file -> name_list_finish -> name_list_free
// Memory       heap; the program ends on none
// Threads      one
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct name {
	char *label;        // of the registered domain, in lower case
	const char *suffix; // in the same memory
	uint32_t rank;      // place in its file, from 1
	uint32_t file;      // which file, from 0
};

struct name_list {
	struct name *names;
	uint32_t count, room, files;
};

// Adds the names of a file (gzip or not), one a line; what has no public suffix, and punycode, is left out. Ends the program when it cannot be read.
void name_list_read(struct name_list *list, const char *path);
// Keeps the first of names that are the same, in the order of labels.
void name_list_finish(struct name_list *list);
// Takes out of list the labels that are in other, whatever their suffix (both finished). Gives how many.
uint32_t name_list_subtract(struct name_list *list, const struct name_list *other);
void name_list_free(struct name_list *list);

// Words of 3 to 15 letters a to z, in the file's order; their suffix is empty.
void name_list_read_words(struct name_list *list, const char *path);
