// SPDX-License-Identifier: GPL-3.0-or-later
// XMPP (RFC 6120) up to its TLS: the client asks (STARTTLS), the server grants, and the handshake is read into the flow's one transaction. The flow stays
// "jabber", as Suricata names it; what is said in the clear is not read.
//
// Memory       worker's slab: the handshake (tls/tls_carried.h)
// Bounds       XMPP_CLEAR_MAX bytes of a direction in the clear, XMPP_TAG_MAX of a tag
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"

#define XMPP_CLEAR_MAX 16384
#define XMPP_TAG_MAX   256

extern const struct app_parser xmpp_parser;
