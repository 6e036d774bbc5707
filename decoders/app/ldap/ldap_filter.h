// SPDX-License-Identifier: GPL-3.0-or-later
// Search filters as people write them (RFC 4515): "(&(objectClass=user)(!(cn=a*b)))".
//
// Bounds       LDAP_FILTER_DEPTH levels: what is deeper is told as "(...)"; what has no room in out is left out
// Memory       the caller's
// Threads      pure function
#pragma once
#include "decoders/app/tls/der.h"

#define LDAP_FILTER_DEPTH 32

// Gives the length of the text in out.
uint32_t ldap_filter_text(const struct der *filter, uint8_t *out, uint32_t size);
