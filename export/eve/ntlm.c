// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/ntlm.h"
#include "decoders/base/utf16.h"

#define TEXT_MAX 512

static void put_text(struct json *json, const char *key, struct span text, bool utf16)
{
	uint8_t utf8[TEXT_MAX];
	uint32_t len = 0, at = 0;
	if (!text.len)
		return;
	if (!utf16) {
		json_put_span(json, key, span_slice(text, 0, TEXT_MAX));
		return;
	}
	while (text.len - at >= 2 && len + 4 <= sizeof(utf8)) {
		uint32_t code = utf16_code(text, &at);
		if (code)
			len += utf8_write(code, utf8 + len);
	}
	json_put_span(json, key, span_of(utf8, len));
}

void eve_ntlm(struct json *json, const struct ntlmssp *ntlm)
{
	bool utf16 = ntlm->flags & NTLMSSP_UNICODE;
	if (ntlm->type == NTLMSSP_AUTHENTICATE) {
		put_text(json, "username", ntlm->user, utf16);
		put_text(json, "domainname", ntlm->domain, utf16);
		put_text(json, "hostname", ntlm->workstation, utf16);
	} else if (ntlm->type == NTLMSSP_CHALLENGE) {
		put_text(json, "server_nb_computer_name", ntlm->server, true);
		put_text(json, "server_dns_computer_name", ntlm->dns_server, true);
		put_text(json, "server_tree_name", ntlm->dns_forest, true);
	}
}
