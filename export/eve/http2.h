// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of HTTP/2: the http object with version "2", and DNS in it.
//
// Threads      const tables
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_http2;
extern const struct eve_app eve_doh2;
