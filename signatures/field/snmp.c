// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/snmp.h"
#include "decoders/app/datagram.h"
#include "decoders/app/snmp/snmp.h"

const struct field_name snmp_pdu_names[] = {
	{ "get_request", 0 },
	{ "get_next_request", 1 },
	{ "response", 2 },
	{ "get_response", 2 },
	{ "set_request", 3 },
	{ "trap_v1", 4 },
	{ "get_bulk_request", 5 },
	{ "inform_request", 6 },
	{ "trap_v2", 7 },
	{ "report", 8 },
	{ NULL, 0 },
};

const struct field_name snmp_trap_names[] = {
	{ "cold_start", 0 },
	{ "warm_start", 1 },
	{ "link_down", 2 },
	{ "link_up", 3 },
	{ "authentication_failure", 4 },
	{ "egp_neighbor_loss", 5 },
	{ "enterprise_specific", 6 },
	{ NULL, 0 },
};

// What could be read is told, though the message is malformed further on.
static bool get_version(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct snmp_message m;
	(void)snmp_message_read(datagram_span(source->tx), &m);
	*value = m.version;
	return index == 0 && m.version;
}

static bool get_pdu(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct snmp_message m;
	(void)snmp_message_read(datagram_span(source->tx), &m);
	*value = m.pdu;
	return index == 0 && m.has_pdu;
}

static bool get_trap(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct snmp_message m;
	if (index || !snmp_message_read(datagram_span(source->tx), &m) || !m.has_pdu || m.pdu != SNMP_TRAP_V1)
		return false;
	*value = m.trap_type;
	return true;
}

static bool get_community(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct snmp_message m;
	(void)snmp_message_read(datagram_span(source->tx), &m);
	return index == 0 && field_present(value, m.community);
}

static bool get_user(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct snmp_message m;
	(void)snmp_message_read(datagram_span(source->tx), &m);
	return index == 0 && field_present(value, m.user);
}

#define BOTH(function)                           \
	{ APP_SNMP, TO_SERVER, 1, function },    \
	{                                        \
		APP_SNMP, TO_CLIENT, 1, function \
	}

FIELD_NUMBER(field_snmp_version, APP_SNMP, "snmp.version", NULL, 32, 0, NULL, BOTH(get_version));
FIELD_NUMBER(field_snmp_pdu_type, APP_SNMP, "snmp.pdu_type", NULL, 32, 0, snmp_pdu_names, BOTH(get_pdu));
FIELD_NUMBER(field_snmp_trap_type, APP_SNMP, "snmp.trap_type", NULL, 8, 0, snmp_trap_names, BOTH(get_trap));
FIELD_BUFFER(field_snmp_community, APP_SNMP, "snmp.community", NULL, "snmp community", 0, BOTH(get_community));
FIELD_BUFFER(field_snmp_usm, APP_SNMP, "snmp.usm", NULL, "snmp usm", 0, BOTH(get_user));
