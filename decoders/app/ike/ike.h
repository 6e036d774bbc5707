// SPDX-License-Identifier: GPL-3.0-or-later
// IKE version 1 (RFC 2408, 2409) and 2 (RFC 7296) over UDP: headers, payload chains, what is proposed and chosen. A transaction is one message. What the
// peers of a version 1 exchange said in the clear is kept on the flow, for its events.
//
// Memory       worker's slab: the datagrams, and a copy of each side's proposals, key exchange, nonce and vendors
// Bounds       IKE_PAYLOADS payloads a message, IKE_TRANSFORMS transforms and IKE_VENDORS vendors that are looked at
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/ike/ike_message.h"
#include "decoders/base/bytes.h"

#define IKE_VENDORS 32

enum ike_event {
	IKE_MALFORMED_DATA,
	IKE_NO_ENCRYPTION,
	IKE_WEAK_CRYPTO_ENC,
	IKE_WEAK_CRYPTO_PRF,
	IKE_WEAK_CRYPTO_DH,
	IKE_WEAK_CRYPTO_AUTH,
	IKE_WEAK_CRYPTO_NO_DH,
	IKE_WEAK_CRYPTO_NO_AUTH,
	IKE_INVALID_PROPOSAL,
	IKE_UNKNOWN_PROPOSAL,
	IKE_MULTIPLE_SERVER_PROPOSAL,
};

struct ike_tx {
	struct app_tx tx;
	enum direction from;
	unsigned errors;
	uint32_t len;
	uint8_t *bytes; // the message, without a non-ESP marker
};

// What was said in a version 1 exchange, by direction.
struct ike_state {
	bool has_doi;
	uint32_t doi;
	struct ike_said {
		struct bytes proposals, key_exchange, nonce; // proposals: the body of the SA payload
	} said[2];
	unsigned vendor_count;
	struct bytes vendors[IKE_VENDORS]; // of both, each once
};

extern const struct app_parser ike_parser;

static inline const struct ike_tx *ike_tx_of(const struct app_tx *tx)
{
	return (const struct ike_tx *)(const void *)tx;
}

static inline bool ike_tx_read(const struct ike_tx *tx, struct ike_message *message)
{
	return ike_message_read(span_of(tx->bytes, tx->len), message);
}
