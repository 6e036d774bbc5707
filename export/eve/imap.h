// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of IMAP: an event a command with its response, and one for each mail of it after the first.
//
// Threads      const tables
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_imap;
