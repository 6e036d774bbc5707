// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/http/http_login.h"
#include "decoders/app/ntlmssp/spnego.h"

static int base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// RFC 4648 section 4, up to the first byte that is none of its letters; what has no room is left out.
static uint32_t decode(struct span text, uint8_t *out, uint32_t size)
{
	uint32_t word = 0, bits = 0, len = 0;
	for (uint32_t i = 0; i < text.len && len < size; i++) {
		int value = base64_value(text.data[i]);
		if (value < 0)
			break;
		word = (word << 6 | (uint32_t)value) & 0xffffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[len++] = (uint8_t)(word >> bits);
		}
	}
	return len;
}

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
		struct span blob = { out->bytes, decode(token, out->bytes, sizeof(out->bytes)) };
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
