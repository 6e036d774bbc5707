// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/snmp.h"

static const struct field_name pdu_names[] = {
	{ "get_request", 0 },
	{ "get_next_request", 1 },
	{ "get_response", 2 },
	{ "response", 2 },
	{ "set_request", 3 },
	{ "trap_v1", 4 },
	{ "get_bulk_request", 5 },
	{ "inform_request", 6 },
	{ "trap_v2", 7 },
	{ "report", 8 },
	{ NULL, 0 },
};

static const struct field_name trap_names[] = {
	{ "cold_start", 0 },
	{ "warm_start", 1 },
	{ "link_down", 2 },
	{ "link_up", 3 },
	{ "authentication_failure", 4 },
	{ "egp_neighbor_loss", 5 },
	{ "enterprise_specific", 6 },
	{ NULL, 0 },
};

FIELD_NUMBER(field_snmp_version, APP_SNMP, "snmp.version", NULL, 32, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_snmp_pdu_type, APP_SNMP, "snmp.pdu_type", NULL, 32, 0, pdu_names, FIELD_WAITING);
FIELD_NUMBER(field_snmp_trap_type, APP_SNMP, "snmp.trap_type", NULL, 8, 0, trap_names, FIELD_WAITING);
FIELD_BUFFER(field_snmp_community, APP_SNMP, "snmp.community", NULL, "snmp community", 0, FIELD_WAITING);
FIELD_BUFFER(field_snmp_usm, APP_SNMP, "snmp.usm", NULL, "snmp usm", 0, FIELD_WAITING);
