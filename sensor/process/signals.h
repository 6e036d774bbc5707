// SPDX-License-Identifier: GPL-3.0-or-later
// Signals: SIGINT and SIGTERM ask the sensor to stop; a second one ends it at once. SIGPIPE is ignored.
#pragma once
#include <stdbool.h>

void signals_install(void);
// True once a stop was asked for. Any thread may call.
bool signals_stop_asked(void);
