// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/dhcp.h"

FIELD_NUMBER(field_dhcp_leasetime, APP_DHCP, "dhcp.leasetime", NULL, 64, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_dhcp_rebinding_time, APP_DHCP, "dhcp.rebinding_time", NULL, 64, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_dhcp_renewal_time, APP_DHCP, "dhcp.renewal_time", NULL, 64, 0, NULL, FIELD_WAITING);
