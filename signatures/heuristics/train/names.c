// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/heuristics/train/names.h"
#include <libpsl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void fail(const char *what, const char *path)
{
	fprintf(stderr, "dga_train: %s: %s\n", path, what);
	exit(1);
}

// Text is a label, or label.suffix.
static void add(struct name_list *list, const char *text, uint32_t rank)
{
	if (list->count == list->room) {
		list->room = list->room ? list->room * 2 : 1024;
		list->names = realloc(list->names, list->room * sizeof(*list->names));
		if (!list->names)
			fail("no memory", text);
	}
	char *label = strdup(text);
	if (!label)
		fail("no memory", text);
	char *suffix = label + strcspn(label, ".");
	if (*suffix)
		*suffix++ = 0;
	list->names[list->count++] = (struct name) { label, suffix, rank, list->files };
}

// The line's name: what stands before the first blank, comma or quote, in lower case.
static void cut_line(char *line)
{
	uint32_t start = line[0] == '"', len = 0;
	for (const char *at = line + start; *at && !strchr(" \t\r\n,;\"", *at); at++)
		line[len++] = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
	line[len] = 0;
}

static void add_name(struct name_list *list, const char *name, uint32_t rank)
{
	const char *registered = psl_registrable_domain(psl_builtin(), name);
	const char *dot = registered ? strchr(registered, '.') : NULL;
	if (dot && dot - registered <= 63 && strncmp(registered, "xn--", 4) != 0)
		add(list, registered, rank);
}

static void add_word(struct name_list *list, const char *word, uint32_t rank)
{
	size_t len = strlen(word);
	if (len >= 3 && len <= 15 && strspn(word, "abcdefghijklmnopqrstuvwxyz") == len)
		add(list, word, rank);
}

static void read_lines(
	struct name_list *list, const char *path, void (*each)(struct name_list *, const char *, uint32_t))
{
	gzFile file = gzopen(path, "rb");
	if (!file)
		fail("cannot be read", path);
	char line[1024];
	uint32_t rank = 0;
	while (gzgets(file, line, sizeof(line))) {
		cut_line(line);
		each(list, line, ++rank);
	}
	gzclose(file);
	list->files++;
}

void name_list_read(struct name_list *list, const char *path)
{
	read_lines(list, path, add_name);
}

void name_list_read_words(struct name_list *list, const char *path)
{
	read_lines(list, path, add_word);
}

static int by_label(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	int order = strcmp(x->label, y->label);
	order = order ? order : strcmp(x->suffix, y->suffix);
	if (order)
		return order;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

void name_list_finish(struct name_list *list)
{
	uint32_t kept = 0;
	if (list->count)
		qsort(list->names, list->count, sizeof(*list->names), by_label);
	for (uint32_t i = 0; i < list->count; i++)
		if (kept && !strcmp(list->names[kept - 1].label, list->names[i].label) &&
			!strcmp(list->names[kept - 1].suffix, list->names[i].suffix))
			free(list->names[i].label);
		else
			list->names[kept++] = list->names[i];
	list->count = kept;
}

uint32_t name_list_subtract(struct name_list *list, const struct name_list *other)
{
	uint32_t kept = 0, at = 0;
	for (uint32_t i = 0; i < list->count; i++) {
		while (at < other->count && strcmp(other->names[at].label, list->names[i].label) < 0)
			at++;
		if (at < other->count && !strcmp(other->names[at].label, list->names[i].label))
			free(list->names[i].label);
		else
			list->names[kept++] = list->names[i];
	}
	uint32_t gone = list->count - kept;
	list->count = kept;
	return gone;
}

void name_list_free(struct name_list *list)
{
	for (uint32_t i = 0; i < list->count; i++)
		free(list->names[i].label);
	free(list->names);
	*list = (struct name_list) { 0 };
}
