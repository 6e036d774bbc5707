// SPDX-License-Identifier: GPL-3.0-or-later
// Answered: did whom a request is for take it up? What names a far end by what it asks of it (server name, host, URL, target of a proxy) says nothing of
// the far end itself before that.
//
// Yes          HTTP: a status line, whatever the status: who says 404 spoke. TLS: a hello, or data without one. QUIC: a datagram of the server, or one of the client under keys that
//              it has from the server's answer. Proxies: CONNECT with 2xx, SOCKS granted
// Refused      CONNECT with another status; SOCKS not granted; through an HTTP proxy 407, 502 and 504, which are its own (RFC 9110 15.5.8, 15.6.3, 15.6.5)
// Yet unknown  all else. A TLS alert is no answer: whoever sends that and no hello did not let anybody in
// Memory       none
// Threads      worker of the flow
#pragma once
#include "signatures/reputation/named.h"

enum answered { ANSWERED_NOT_YET, ANSWERED_YES, ANSWERED_REFUSED };

// What named gives at place stands in a request, of which is to be known whether it was answered.
bool answered_matters(enum named_place place);
// Of transactions of the flow's protocol; others do not ask, and have both sides' word: yes.
enum answered answered_of(const struct flow *flow, const struct app_tx *tx);
// Has the server itself sent something? ICMP errors about the flow, whoever sends them, are not the server's.
static inline bool answered_by_packet(const struct flow *flow)
{
	return flow->flags & FLOW_SEEN_TC;
}
// A client here that has keys of the server's, of which only one side is seen: packet is under them.
bool answered_by_quic_client(const struct packet *packet);
