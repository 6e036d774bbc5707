// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of RFB: an event a session, how it was set up.
//
// Threads      const tables
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_rfb;
