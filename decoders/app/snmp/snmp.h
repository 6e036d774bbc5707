// SPDX-License-Identifier: GPL-3.0-or-later
// SNMP versions 1, 2c and 3 (RFC 1157, 3416, 3412 and 3414) over UDP: a transaction a message.
//
// Memory       worker's slab: a copy of each datagram, a byte a flow
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/tls/der.h"

enum snmp_event { SNMP_MALFORMED_DATA, SNMP_UNKNOWN_SECURITY_MODEL, SNMP_VERSION_MISMATCH };
enum snmp_pdu { SNMP_TRAP_V1 = 4, SNMP_PDUS_END = 9 }; // the others by their number in signatures/field/snmp.c

#define SNMP_OID_TEXT 256

struct snmp_message {
	uint8_t version;             // 1, 2 or 3
	struct span community, user; // of versions 1 and 2; of 3 (user security model). data NULL: none
	bool foreign_model;          // version 3 with another security model
	bool encrypted, has_pdu;
	uint8_t pdu; // when has_pdu
	// Of SNMP_TRAP_V1
	struct span trap_oid, trap_address;
	uint32_t trap_type;
	struct cursor variables; // snmp_variable_next
};

// False: not SNMP, or malformed; what was read before is there.
bool snmp_message_read(struct span data, struct snmp_message *message);
// The name of the next variable. False: no more.
bool snmp_variable_next(struct cursor *variables, struct span *oid);
// "1.3.6.1.2": cut where it does not fit.
const char *snmp_oid_text(struct span oid, char text[SNMP_OID_TEXT]);

extern const struct app_parser snmp_parser;
