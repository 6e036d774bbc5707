// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/base/log.h"
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include "decoders/base/plain_text.h"

static const char *const level_names[] = {
	[LOG_ERROR] = "error",
	[LOG_WARNING] = "warning",
	[LOG_NOTICE] = "notice",
	[LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
};

static _Atomic int highest = LOG_NOTICE;
static _Thread_local bool is_quiet;

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&highest, (int)level, memory_order_relaxed);
}

void log_set_quiet(bool quiet)
{
	is_quiet = quiet;
}

void log_message(enum log_level level, const char *format, ...)
{
	if (is_quiet || (int)level > atomic_load_explicit(&highest, memory_order_relaxed))
		return;
	char line[2048];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	plain_text(line);                                               // it may quote what others sent or wrote
	fprintf(stderr, "sekisho: %s: %s\n", level_names[level], line); // one call: lines of threads do not mix
}
