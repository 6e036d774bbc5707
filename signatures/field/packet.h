// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of a packet: its headers as bytes, and its addresses.
//
// Threads      const tables
#pragma once
#include "signatures/field/field.h"

#define PACKET_BUFFERS(X) \
	X(field_ipv4_hdr) \
	X(field_ipv6_hdr) \
	X(field_tcp_hdr) X(field_udp_hdr) X(field_icmpv4_hdr) X(field_icmpv6_hdr) X(field_ip_src) X(field_ip_dst)

#define PACKET_DECLARE_BUFFER(name) extern const struct field_buffer name;
PACKET_BUFFERS(PACKET_DECLARE_BUFFER)
