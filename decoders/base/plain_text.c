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

void plain_printf(FILE *out, const char *format, ...)
{
	char *text = NULL;
	va_list arguments;
	va_start(arguments, format);
	int len = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (len < 0)
		return;
	make_plain(text, true);
	fputs(text, out);
	free(text);
}
