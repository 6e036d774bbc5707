// SPDX-License-Identifier: GPL-3.0-or-later
// Logins by NTLM and Kerberos in HTTP headers (RFC 4559), as browsers, proxies and WinRM use them: the NTLMSSP message of a direction's header.
//
// Memory       the caller's: what is told points into out
// Bounds       HTTP_LOGIN_MAX bytes of a token
// Threads      pure functions over one transaction
#pragma once
#include "decoders/app/http/http.h"
#include "decoders/app/ntlmssp/ntlmssp.h"

#define HTTP_LOGIN_MAX 4096

struct http_login {
	bool negotiate; // the header said Negotiate, not NTLM
	bool kerberos;  // the token is Kerberos's: ntlm is not filled
	struct ntlmssp ntlm;
	uint8_t bytes[HTTP_LOGIN_MAX];
};

// Authorization and Proxy-Authorization of a request, WWW-Authenticate and Proxy-Authenticate of a response. False: no token in any.
bool http_login_read(const struct app_tx *tx, enum direction direction, struct http_login *out);
// Is it WS-Management (WinRM): posted to /wsman or a path below it?
bool http_is_winrm(const struct app_tx *tx);
