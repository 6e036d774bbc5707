// SPDX-License-Identifier: GPL-3.0-or-later
// Reserved: addresses that nobody on the Internet has: private, local, multicast and reserved ones. Feeds may not list them, and traffic with them is not looked up.
//
// Threads      pure
// Source       RFC 6890 and its successors (IANA's registries of special-purpose addresses)
#pragma once
#include "decoders/base/address.h"

// IPv4 as ::ffff:a.b.c.d.
bool reserved_has(const struct address *address);
// Does the network of bits (of the 16-byte form) hold any of them, or lie among them?
bool reserved_touches(const struct address *first, unsigned bits);
