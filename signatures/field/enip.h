// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of EtherNet/IP and CIP.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define ENIP_BUFFERS(X)            \
	X(field_enip_product_name) \
	X(field_enip_service_name)
#define ENIP_NUMBERS(X)                \
	X(field_enip_command)          \
	X(field_enip_status)           \
	X(field_enip_capabilities)     \
	X(field_enip_vendor_id)        \
	X(field_enip_state)            \
	X(field_enip_serial)           \
	X(field_enip_revision)         \
	X(field_enip_protocol_version) \
	X(field_enip_product_code)     \
	X(field_enip_identity_status)  \
	X(field_enip_device_type)      \
	X(field_enip_cip_attribute)    \
	X(field_enip_cip_class)        \
	X(field_enip_cip_instance)     \
	X(field_enip_cip_status)       \
	X(field_enip_cip_extendedstatus)
#define ENIP_TESTS(X) X(field_cip_service)

ENIP_BUFFERS(FIELD_DECLARE_BUFFER)
ENIP_NUMBERS(FIELD_DECLARE_NUMBER)
ENIP_TESTS(FIELD_DECLARE_TEST)
