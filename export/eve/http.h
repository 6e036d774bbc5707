// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of HTTP/1.
//
// Threads      const tables
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_http;
