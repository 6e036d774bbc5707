// SPDX-License-Identifier: GPL-3.0-or-later
// IP protocol numbers by the names EVE uses (those of the IANA registry, as the field spells them).
#pragma once
#include <stdint.h>

// NULL: no name; EVE then has the number in three digits.
const char *ip_proto_name(uint8_t proto);
