// SPDX-License-Identifier: GPL-3.0-or-later
// PCRE: compiles the regular expressions of rules, and makes machine code of those that stay in a set (pcre_jit).
//
// Life cycle   pcre_compile -> pcre_jit -> matches -> pcre_free
// Threads      a compiled expression is read by all; pcre_jit before the workers start
#pragma once
#include "decoders/base/span.h"
#include <stddef.h>

enum pcre_flag {
	PCRE_FLAG_CASELESS = 1 << 0,       // i
	PCRE_FLAG_MULTILINE = 1 << 1,      // m
	PCRE_FLAG_DOTALL = 1 << 2,         // s
	PCRE_FLAG_EXTENDED = 1 << 3,       // x
	PCRE_FLAG_ANCHORED = 1 << 4,       // A
	PCRE_FLAG_DOLLAR_ENDONLY = 1 << 5, // E
	PCRE_FLAG_UNGREEDY = 1 << 6,       // G
};

// flags: enum pcre_flag. Gives a pcre2_code *, or NULL with the reason, and where in pattern, in error (size bytes).
void *pcre_compile(struct span pattern, unsigned flags, char *error, size_t size);
void pcre_free(void *code);
// Makes machine code; may be called again. False when the machine or the pattern does not allow it: pcre2_match then interprets.
bool pcre_jit(void *code);
// It has machine code.
bool pcre_is_jit(const void *code);
// Groups that capture; their names by number (NULL: no name), valid as long as code.
unsigned pcre_captures(const void *code);
const char *pcre_capture_name(const void *code, unsigned number);
