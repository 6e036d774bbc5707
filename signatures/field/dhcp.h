// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of DHCP.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define DHCP_NUMBERS(X)              \
	X(field_dhcp_leasetime)      \
	X(field_dhcp_rebinding_time) \
	X(field_dhcp_renewal_time)

DHCP_NUMBERS(FIELD_DECLARE_NUMBER)
