// SPDX-License-Identifier: GPL-3.0-or-later
// Plain text: what a terminal is shown of texts that others wrote (rules, packs, captures). Control characters, which could
// move the cursor or set the window's title, become "?": those of ASCII, DEL, and U+0080 to U+009F in UTF-8.
//
// Threads      any: no state
#pragma once
#include <stdio.h>

// Changes text where it lies; its length stays. Tabs and ends of lines, which could forge a line of a log, become spaces.
void plain_text(char *text);
// As fprintf, then made plain; tabs and ends of lines stay. Takes memory: for tools, not for the packet path.
void plain_printf(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
// The same of one line, whose end is added: ends of lines in it, which could forge a row of a list, become spaces.
void plain_line(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
