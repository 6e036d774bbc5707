// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of SSH: banners and HASSH of both sides.
//
// Threads      const tables
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_ssh;
