// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of IKE version 1 and 2.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define IKE_BUFFERS(X)                    \
	X(field_ike_init_spi)             \
	X(field_ike_resp_spi)             \
	X(field_ike_nonce_payload)        \
	X(field_ike_key_exchange_payload) \
	X(field_ike_vendor)
#define IKE_NUMBERS(X)                    \
	X(field_ike_exchtype)             \
	X(field_ike_nonce_payload_length) \
	X(field_ike_key_exchange_payload_length)
#define IKE_TESTS(X) X(field_ike_chosen_sa_attribute)

IKE_BUFFERS(FIELD_DECLARE_BUFFER)
IKE_NUMBERS(FIELD_DECLARE_NUMBER)
IKE_TESTS(FIELD_DECLARE_TEST)
