// SPDX-License-Identifier: GPL-3.0-or-later
// EtherNet/IP encapsulation over TCP and UDP (CIP volume 2, chapter 2) with the CIP messages it carries (cip.h). A transaction is a request with its
// response.
//
// Memory       worker's slab: the bytes of both messages
// Bounds       64 KiB a message; ENIP_WAIT_MAX transactions are looked at for a response's request
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/enip/cip.h"

#define ENIP_HEAD_BYTES 24
#define ENIP_WAIT_MAX   64

enum enip_command {
	ENIP_NOP = 0x00,
	ENIP_LIST_SERVICES = 0x04,
	ENIP_LIST_IDENTITY = 0x63,
	ENIP_LIST_INTERFACES = 0x64,
	ENIP_REGISTER_SESSION = 0x65,
	ENIP_UNREGISTER_SESSION = 0x66,
	ENIP_SEND_RR_DATA = 0x6f,
	ENIP_SEND_UNIT_DATA = 0x70,
	ENIP_INDICATE_STATUS = 0x72,
	ENIP_CANCEL = 0x73,
};

enum enip_event { ENIP_TOO_MANY_TRANSACTIONS, ENIP_INVALID_PDU };

struct enip_pdu {
	bool present;
	uint16_t command;
	uint32_t session, status, options;
	uint64_t context;
	uint32_t len;   // of bytes
	uint8_t *bytes; // what follows the header
};

struct enip_tx {
	struct app_tx tx;
	struct enip_pdu pdus[2]; // by direction
};

struct enip_identity {
	uint16_t protocol_version, vendor_id, device_type, product_code, status;
	uint8_t revision[2]; // major, minor
	uint32_t serial;
	struct span product_name;
	uint8_t state;
};

struct enip_services {
	uint16_t protocol_version, capabilities;
	struct span service_name;
};

struct enip_register {
	uint16_t protocol_version, options;
};

// What a message carries. False: something else, or malformed. Spans are of the message.
bool enip_identity_read(const struct enip_pdu *pdu, struct enip_identity *identity);
bool enip_services_read(const struct enip_pdu *pdu, struct enip_services *services);
bool enip_register_read(const struct enip_pdu *pdu, struct enip_register *registration);
bool enip_cip_read(const struct enip_pdu *pdu, struct cip_message *message);

extern const struct app_parser enip_parser;

static inline const struct enip_tx *enip_tx_of(const struct app_tx *tx)
{
	return (const struct enip_tx *)(const void *)tx;
}
