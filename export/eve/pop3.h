// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of POP3: an event a command with its response.
//
// Threads      const tables
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_pop3;
