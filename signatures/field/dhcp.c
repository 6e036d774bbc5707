// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/dhcp.h"
#include "decoders/app/datagram.h"
#include "decoders/app/dhcp/dhcp.h"

static bool seconds_of(const struct field_source *source, unsigned index, uint8_t code, uint64_t *value)
{
	struct dhcp_message m;
	uint32_t seconds;
	if (index || !dhcp_message_read(datagram_span(source->tx), &m) || !dhcp_seconds(&m, code, &seconds))
		return false;
	*value = seconds;
	return true;
}

static bool get_lease(const struct field_source *source, unsigned index, uint64_t *value)
{
	return seconds_of(source, index, DHCP_LEASE_TIME, value);
}

static bool get_rebinding(const struct field_source *source, unsigned index, uint64_t *value)
{
	return seconds_of(source, index, DHCP_REBINDING_TIME, value);
}

static bool get_renewal(const struct field_source *source, unsigned index, uint64_t *value)
{
	return seconds_of(source, index, DHCP_RENEWAL_TIME, value);
}

#define BOTH(function)                           \
	{ APP_DHCP, TO_SERVER, 1, function },    \
	{                                        \
		APP_DHCP, TO_CLIENT, 1, function \
	}

FIELD_NUMBER(field_dhcp_leasetime, APP_DHCP, "dhcp.leasetime", NULL, 64, 0, NULL, BOTH(get_lease));
FIELD_NUMBER(field_dhcp_rebinding_time, APP_DHCP, "dhcp.rebinding_time", NULL, 64, 0, NULL, BOTH(get_rebinding));
FIELD_NUMBER(field_dhcp_renewal_time, APP_DHCP, "dhcp.renewal_time", NULL, 64, 0, NULL, BOTH(get_renewal));
