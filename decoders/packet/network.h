// SPDX-License-Identifier: GPL-3.0-or-later
// Network: names of what the IP layer found, for those who read struct packet (rule keywords, events).
#pragma once

#define IPV4_HEADER_LEN 20 // without options, bytes
#define IPV6_HEADER_LEN 40
#define LEAST_MTU       1280 // bytes of a datagram every link takes (RFC 8200 section 5); tunnels and clouds go down to it

#define ETHER_TYPE_IPV4 0x0800
#define ETHER_TYPE_ARP  0x0806
#define ETHER_TYPE_IPV6 0x86dd

// IPv4 options seen (RFC 791, 1108, 2113, 4782); packet.ip_options is a set of these.
enum ip_option_bit {
	IP_OPTION_EOL = 1 << 0,
	IP_OPTION_NOP = 1 << 1,
	IP_OPTION_RR = 1 << 2,   // record route
	IP_OPTION_TS = 1 << 3,   // timestamp
	IP_OPTION_LSRR = 1 << 4, // loose source route
	IP_OPTION_SSRR = 1 << 5, // strict source route
	IP_OPTION_SEC = 1 << 6,  // basic security
	IP_OPTION_ESEC = 1 << 7, // extended security
	IP_OPTION_CIPSO = 1 << 8,
	IP_OPTION_SATID = 1 << 9, // stream id
	IP_OPTION_RTRALT = 1 << 10,
	IP_OPTION_QS = 1 << 11, // quick start
};
