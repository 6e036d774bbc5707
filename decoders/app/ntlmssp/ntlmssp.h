// SPDX-License-Identifier: GPL-3.0-or-later
// NTLMSSP (MS-NLMP section 2.2): who authenticates, from where, against what; carried by SMB, DCE-RPC, HTTP, LDAP and others.
//
// Memory       none: what comes out points into what went in
// Threads      pure functions
#pragma once
#include "decoders/base/cursor.h"

enum ntlmssp_type {
	NTLMSSP_NEGOTIATE = 1,
	NTLMSSP_CHALLENGE = 2,
	NTLMSSP_AUTHENTICATE = 3,
};

#define NTLMSSP_UNICODE 0x00000001u
#define NTLMSSP_VERSION 0x02000000u

// Texts are UTF-16LE with NTLMSSP_UNICODE in flags, else of one byte a character; target information always is UTF-16LE.
struct ntlmssp {
	uint8_t type; // enum ntlmssp_type
	uint32_t flags;
	struct span domain, user, workstation;                  // AUTHENTICATE; domain and workstation also NEGOTIATE
	struct span target;                                     // CHALLENGE: name of the server's domain
	struct span server, dns_domain, dns_server, dns_forest; // CHALLENGE: target information
	uint8_t challenge[8];                                   // CHALLENGE
	uint16_t nt_response_len, lm_response_len;              // AUTHENTICATE: over 24 is NTLMv2
	bool has_version;
	uint8_t major, minor, revision;
	uint16_t build;
	bool unordered; // AUTHENTICATE: domain, user and workstation overlap, or come in another order
	bool malformed; // a text lies outside of the message, or the message ends early
};

// False: blob is no NTLMSSP message.
bool ntlmssp_parse(struct span blob, struct ntlmssp *out);
