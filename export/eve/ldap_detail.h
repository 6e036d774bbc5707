// SPDX-License-Identifier: GPL-3.0-or-later
// What LDAP's event has no place for: the filter, controls, who binds by NTLM or Kerberos, what a domain controller says of itself.
//
// Threads      pure functions over one transaction
#pragma once
#include "decoders/app/ldap/ldap.h"
#include "export/eve/json.h"

// The object "ndpi" with "ldap" in it; nothing when there is nothing to tell.
void eve_ldap_detail(struct json *json, const struct ldap_tx *tx);
