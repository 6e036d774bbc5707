// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/files/pack_error.h"
#include <stdarg.h>
#include <stdio.h>

bool pack_fail(struct pack_error *error, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	return false;
}
