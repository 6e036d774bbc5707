// SPDX-License-Identifier: GPL-3.0-or-later
// SPNEGO in GSS-API (RFC 4178, RFC 2743 section 3.1): finds the token of the mechanism that was chosen, or of the first one offered.
//
// Memory       none: what comes out points into what went in
// Threads      pure functions
#pragma once
#include "decoders/base/span.h"

enum spnego_kind {
	SPNEGO_NONE,    // no token we know
	SPNEGO_NTLMSSP, // token is a message for ntlmssp_parse
	SPNEGO_KRB5,    // token is a Kerberos message (RFC 4121 section 4.1: behind its token id)
};

struct spnego {
	uint8_t kind; // enum spnego_kind
	struct span token;
	bool malformed;
};

// blob: a GSS-API token, a bare NegTokenResp, or a bare NTLMSSP message.
struct spnego spnego_read(struct span blob);
