// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/base/plain_text.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

static void make_plain(char *text, bool lines_stay)
{
	unsigned char before = 0;
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool space = c == '\n' || c == '\t', second = before == 0xc2 && c >= 0x80 && c < 0xa0;
		if (space && !lines_stay)
			*text = ' ';
		if ((c < 0x20 && !space) || c == 0x7f || second)
			*text = '?';
		if (second)
			text[-1] = '?';
		before = c;
	}
}

void plain_text(char *text)
{
	make_plain(text, false);
}

static void put_plain(FILE *out, bool lines_stay, const char *format, va_list arguments)
{
	char *text = NULL;
	if (vasprintf(&text, format, arguments) < 0)
		return;
	make_plain(text, lines_stay);
	fputs(text, out);
	free(text);
}

void plain_printf(FILE *out, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	put_plain(out, true, format, arguments);
	va_end(arguments);
}

void plain_line(FILE *out, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	put_plain(out, false, format, arguments);
	va_end(arguments);
	fputc('\n', out);
}
