// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/operand/pcre.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>

static const struct {
	unsigned flag;
	uint32_t option;
} options[] = {
	{ PCRE_FLAG_CASELESS, PCRE2_CASELESS },
	{ PCRE_FLAG_MULTILINE, PCRE2_MULTILINE },
	{ PCRE_FLAG_DOTALL, PCRE2_DOTALL },
	{ PCRE_FLAG_EXTENDED, PCRE2_EXTENDED },
	{ PCRE_FLAG_ANCHORED, PCRE2_ANCHORED },
	{ PCRE_FLAG_DOLLAR_ENDONLY, PCRE2_DOLLAR_ENDONLY },
	{ PCRE_FLAG_UNGREEDY, PCRE2_UNGREEDY },
};

void *pcre_compile(struct span pattern, unsigned flags, char *error, size_t size)
{
	uint32_t bits = 0;
	for (unsigned i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (flags & options[i].flag)
			bits |= options[i].option;
	int code = 0;
	PCRE2_SIZE at = 0;
	pcre2_code *compiled = pcre2_compile(pattern.data, pattern.len, bits, &code, &at, NULL);
	if (compiled)
		return compiled;
	PCRE2_UCHAR text[160] = "";
	pcre2_get_error_message(code, text, sizeof(text));
	snprintf(error, size, "expression is wrong at offset %zu: %s", (size_t)at, (const char *)text);
	return NULL;
}

void pcre_free(void *code)
{
	pcre2_code_free(code);
}

bool pcre_jit(void *code)
{
	return pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
}

bool pcre_is_jit(const void *code)
{
	size_t size = 0;
	return pcre2_pattern_info(code, PCRE2_INFO_JITSIZE, &size) == 0 && size != 0;
}

unsigned pcre_captures(const void *code)
{
	uint32_t count = 0;
	pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &count);
	return count;
}

const char *pcre_capture_name(const void *code, unsigned number)
{
	uint32_t count = 0, entry = 0;
	PCRE2_SPTR table = NULL;
	pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
	pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &entry);
	pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &table);
	for (uint32_t i = 0; i < count; i++, table += entry)
		if (((unsigned)table[0] << 8 | table[1]) == number)
			return (const char *)table + 2;
	return NULL;
}
