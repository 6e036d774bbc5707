// SPDX-License-Identifier: GPL-3.0-or-later
// RDP's beginning (MS-RDPBCGR 2.2.1): the connection request with its cookie, what the server chooses, what the client says of itself and the channels it wants.
// A transaction a message, in its own direction. The flow stays RDP when it goes on inside TLS, whose handshake is the last transaction (app_tx.tls).
//
// Memory       worker's slab: a copy of each told message, at most 64 KiB; the handshake (tls/tls_carried.h)
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"

enum rdp_kind {
	RDP_OTHER, // not told
	RDP_INITIAL_REQUEST,
	RDP_INITIAL_RESPONSE,
	RDP_CONNECT_REQUEST,
	RDP_CONNECT_RESPONSE,
	RDP_TLS_HANDSHAKE,
	RDP_KINDS
};

struct rdp_message {
	enum rdp_kind kind;
	struct span cookie;         // of an initial request: the user's name; data NULL: none
	struct span core, channels; // of a connect request: bodies of CS_CORE and CS_NET; data NULL: absent
};

// bytes: a whole message (TPKT), or the start of a TLS record. False: malformed.
bool rdp_message_read(struct span bytes, struct rdp_message *message);

// CS_CORE (2.2.1.3.2); what an old client leaves out at the end is 0 or empty.
struct rdp_core {
	uint32_t version, keyboard_layout, build, keyboard_type, keyboard_subtype, function_keys;
	uint16_t width, height, color, post_beta_color, product_id, high_color, capabilities;
	bool has_post_beta_color, has_product_id, has_high_color, has_capabilities;
	struct span client_name, product; // UTF-16, padded with zeros
};
bool rdp_core_read(struct span core, struct rdp_core *out);
// The nth channel's name of CS_NET (2.2.1.3.4). False: no more.
bool rdp_channel(struct span channels, unsigned n, struct span *name);

extern const struct app_parser rdp_parser;
