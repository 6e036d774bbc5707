// SPDX-License-Identifier: GPL-3.0-or-later
// Source text: a rule file as it is written, to show the line a message is about. Plain or gzip'd.
//
// Memory       the whole file; at most SOURCE_TEXT_MAX bytes unpacked
#pragma once
#include <stdint.h>
#include "decoders/base/span.h"

#define SOURCE_TEXT_MAX (512u << 20)

struct source_text;

// NULL: cannot be read.
struct source_text *source_text_open(const char *path);
void source_text_close(struct source_text *source);

// A line, from 1, without its end; borrowed. Empty past the last.
struct span source_text_line(const struct source_text *source, uint32_t line);
// Where column (from 1) of the rule that begins in *line lies: rules are joined over lines that end in a backslash, and white space
// before them does not count. *line and *column become those in the file.
void source_text_place(const struct source_text *source, uint32_t *line, uint32_t *column);

// Reads on: the joined line that begins in *line, which is moved to the next; malloc'ed, zero-terminated, without white space at both ends. NULL
// past the last. Where it began: source_text_taken_at.
char *source_text_take(struct source_text *source, uint32_t *line);
uint32_t source_text_taken_at(const struct source_text *source);
