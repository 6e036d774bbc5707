// SPDX-License-Identifier: GPL-3.0-or-later
// What HTTP events tell of logins (NTLM, Kerberos) and of WinRM, for which Suricata's schema has no place: below "ndpi", beside "http".
//
// Threads      pure functions
#pragma once
#include "decoders/app/app_parser.h"
#include "export/eve/json.h"

void eve_http_login(struct json *json, const struct app_tx *tx);
