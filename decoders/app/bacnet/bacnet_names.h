// SPDX-License-Identifier: GPL-3.0-or-later
// Names of BACnet's codes, as the standard has them. NULL: none.
//
// Threads      pure
#pragma once
#include <stdint.h>

enum bacnet_names {
	BACNET_NAMES_LINK,
	BACNET_NAMES_LINK_RESULT, // by its upper four bits
	BACNET_NAMES_NETWORK,
	BACNET_NAMES_PDU,
	BACNET_NAMES_CONFIRMED,
	BACNET_NAMES_UNCONFIRMED,
	BACNET_NAMES_OBJECT,
	BACNET_NAMES_PROPERTY,
	BACNET_NAMES_ERROR_CLASS,
	BACNET_NAMES_ERROR_CODE,
	BACNET_NAMES_REJECT,
	BACNET_NAMES_ABORT,
	BACNET_NAMES_REINITIALIZE,
	BACNET_NAMES_COMMUNICATION,
};

const char *bacnet_name(enum bacnet_names which, uint32_t code);
