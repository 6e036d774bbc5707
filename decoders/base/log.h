// SPDX-License-Identifier: GPL-3.0-or-later
// Log: messages to the person who runs the sensor, on standard error. Never called per packet: what packets do wrong is
// counted. Any thread may call.
#pragma once
#include <stdbool.h>

enum log_level {
	LOG_ERROR,
	LOG_WARNING,
	LOG_NOTICE,
	LOG_INFO,
	LOG_DEBUG,
};

// Messages above this level are dropped; LOG_NOTICE at start.
void log_set_level(enum log_level level);
// Messages of the calling thread are dropped while it is quiet: what is tried first and done again tells its faults the second time.
void log_set_quiet(bool quiet);
void log_message(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_message(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_message(LOG_WARNING, __VA_ARGS__)
#define log_notice(...)  log_message(LOG_NOTICE, __VA_ARGS__)
#define log_info(...)    log_message(LOG_INFO, __VA_ARGS__)
#define log_debug(...)   log_message(LOG_DEBUG, __VA_ARGS__)
