// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of DNS (versions 2 and 3) and mDNS.
//
// Threads      const tables
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_dns;
extern const struct eve_app eve_mdns;
