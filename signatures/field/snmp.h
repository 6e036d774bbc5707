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

SNMP_BUFFERS(FIELD_DECLARE_BUFFER)
SNMP_NUMBERS(FIELD_DECLARE_NUMBER)
