// SPDX-License-Identifier: GPL-3.0-or-later
// DNS over UDP and TCP (RFC 1035, 6891, 7766), mDNS (RFC 6762), LLMNR (RFC 4795) and the NetBIOS name service (RFC 1002). A request and its response are a transaction each, so that either is
// told and inspected without the other.
//
// Memory       worker's slab: a transaction is one block with the message and the places of its records
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/dns/dns_message.h"

struct dns_tx {
	struct app_tx tx;
	struct dns_message message; // goes into bytes
	bool response;              // by direction; by its QR bit in all but DNS
	uint32_t block_size;
	_Alignas(8) uint8_t block[]; // records, then bytes
};

enum dns_event {
	DNS_MALFORMED_DATA,
	DNS_NOT_REQUEST,
	DNS_NOT_RESPONSE,
	DNS_Z_FLAG_SET,
	DNS_INVALID_OPCODE,
	DNS_NAME_TOO_LONG,
	DNS_INFINITE_LOOP,
	DNS_TOO_MANY_LABELS,
	DNS_INVALID_ADDITIONALS,
	DNS_INVALID_AUTHORITIES,
};

extern const struct app_parser dns_parser;
extern const struct app_parser mdns_parser;
extern const struct app_parser llmnr_parser;
extern const struct app_parser nbns_parser;

static inline const struct dns_tx *dns_tx_of(const struct app_tx *tx)
{
	return (const struct dns_tx *)(const void *)tx;
}
