// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of IMAP: an event a mail that is fetched or stored, its "email". The schema has no object for the commands themselves.
//
// Threads      const tables
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_imap;
