// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of SNMP.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define SNMP_BUFFERS(X)         \
	X(field_snmp_community) \
	X(field_snmp_usm)
#define SNMP_NUMBERS(X)        \
	X(field_snmp_version)  \
	X(field_snmp_pdu_type) \
	X(field_snmp_trap_type)

// Names of PDUs and of generic traps, by number; {NULL} ends.
extern const struct field_name snmp_pdu_names[];
extern const struct field_name snmp_trap_names[];

SNMP_BUFFERS(FIELD_DECLARE_BUFFER)
SNMP_NUMBERS(FIELD_DECLARE_NUMBER)
