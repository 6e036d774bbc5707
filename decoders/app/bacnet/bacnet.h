// SPDX-License-Identifier: GPL-3.0-or-later
// BACnet/IP (ASHRAE 135 annex J): link control, network layer and application messages over UDP. A confirmed request is a transaction with its answer, paired by invoke
// id, whichever side asks; every other message is one alone.
//
// Memory       worker's slab: facts
// Threads      worker of its flow
#pragma once
#include "decoders/app/fact/fact.h"

#define BACNET_OBJECTS 16 // told of a message
#define BACNET_VALUES  24 // properties, and values

enum bacnet_fact {
	BACNET_INVOKE,
	BACNET_LINK, // function of link control
	BACNET_FORWARDED,
	BACNET_TIME_TO_LIVE,
	BACNET_NETWORK_MESSAGE,
	BACNET_DESTINATION_NETWORK,
	BACNET_DESTINATION_ADDRESS,
	BACNET_SOURCE_NETWORK,
	BACNET_SOURCE_ADDRESS,
	BACNET_PDU,
	BACNET_SERVICE,
	BACNET_OBJECT_TYPE, // of the first object
	BACNET_INSTANCE,
	BACNET_OBJECT,
	BACNET_PROPERTY,
	BACNET_INDEX,
	BACNET_VALUE,
	BACNET_PRIORITY,
	BACNET_RANGE,
	BACNET_OBJECT_NAME,
	BACNET_VENDOR,
	BACNET_DURATION,
	BACNET_STATE,
	BACNET_PASSWORD, // one was given; it is not told
	BACNET_RESULT,
	BACNET_ERROR_CLASS,
	BACNET_RESULT_CODE,
};

extern const struct fact_name bacnet_facts[];
extern const struct app_parser bacnet_parser;

enum bacnet_pdu {
	BACNET_CONFIRMED,
	BACNET_UNCONFIRMED,
	BACNET_SIMPLE_ACK,
	BACNET_COMPLEX_ACK,
	BACNET_SEGMENT_ACK,
	BACNET_ERROR,
	BACNET_REJECT,
	BACNET_ABORT,
};

enum bacnet_tag_kind { BACNET_TAG_VALUE, BACNET_TAG_OPENING, BACNET_TAG_CLOSING };

struct bacnet_tag {
	uint8_t number;
	bool context;
	uint8_t kind;    // enum bacnet_tag_kind
	uint8_t boolean; // an application tag of kind 1 is its own value
	struct span value;
};

// What the arguments of a service say. False: broken.
bool bacnet_read_service(
	const struct app_input *input, struct fact_tx *tx, enum bacnet_pdu pdu, uint8_t service, struct span arguments);
// An error's class and code, at the front of c, as result.
void bacnet_tell_error(const struct app_input *input, struct fact_tx *tx, struct cursor *c);
