// SPDX-License-Identifier: GPL-3.0-or-later
// Signals: SIGINT and SIGTERM ask the sensor to stop; a second one ends it at once. SIGHUP asks for a reload of the rules. SIGPIPE
// is ignored.
#pragma once
#include <stdbool.h>

void signals_install(void);
// True once a stop was asked for. Any thread may call.
bool signals_stop_asked(void);
// As SIGTERM does.
void signals_ask_stop(void);
// True once after a SIGHUP. Any thread may call; one gets it.
bool signals_take_reload(void);
