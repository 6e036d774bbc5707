// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/http/http_login.h"
#include "decoders/app/ntlmssp/spnego.h"
#include "decoders/base/base64.h"

// The token behind a scheme's name. Empty: another scheme, or none.
static struct span find_token(struct span value, bool *negotiate)
{
	value = span_trim(value);
	*negotiate = span_starts_nocase(value, "Negotiate ");
	if (*negotiate)
		return span_trim(span_from(value, 10));
	return span_starts_nocase(value, "NTLM ") ? span_trim(span_from(value, 5)) : (struct span) { NULL, 0 };
}

bool http_login_read(const struct app_tx *tx, enum direction direction, struct http_login *out)
{
	static const char *const names[2][2] = {
		[TO_SERVER] = { "authorization", "proxy-authorization" },
		[TO_CLIENT] = { "www-authenticate", "proxy-authenticate" },
	};
	for (unsigned i = 0; i < 2; i++) {
		struct span value;
		if (!http_header_find(tx, direction, names[direction][i], &value))
			continue;
		struct span token = find_token(value, &out->negotiate);
		uint32_t read; // up to the first byte that is no letter
		struct span blob = { out->bytes,
			base64_run(token, base64_letter, out->bytes, sizeof(out->bytes), &read) };
		if (!blob.len)
			continue;
		struct spnego found = spnego_read(blob);
		out->kerberos = found.kind == SPNEGO_KRB5;
		if (out->kerberos || (found.kind == SPNEGO_NTLMSSP && ntlmssp_parse(found.token, &out->ntlm)))
			return true;
	}
	return false;
}

bool http_is_winrm(const struct app_tx *tx)
{
	struct span method, uri;
	if (!http_part(tx, HTTP_PART_METHOD, &method) || !span_is(method, "POST"))
		return false;
	if (!http_part(tx, HTTP_PART_URI, &uri) || !span_starts_nocase(uri, "/wsman"))
		return false;
	return uri.len == 6 || uri.data[6] == '/' || uri.data[6] == '?';
}
