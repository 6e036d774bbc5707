// SPDX-License-Identifier: GPL-3.0-or-later
// NTLMSSP's names in events, as Zeek calls them.
//
// Threads      pure functions over what is written
#pragma once
#include "decoders/app/ntlmssp/ntlmssp.h"
#include "export/eve/json.h"

// Members of an object that is begun: who and from where of AUTHENTICATE, the server's names of CHALLENGE.
void eve_ntlm(struct json *json, const struct ntlmssp *ntlm);
