// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of RDP: an event a message of the connection's setup.
//
// Threads      const tables
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_rdp;
