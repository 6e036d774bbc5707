// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of FTP: an event a command with its replies, and one a data connection.
//
// Threads      const tables
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_ftp;
extern const struct eve_app eve_ftp_data;
