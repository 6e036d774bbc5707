// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/http_login.h"
#include "decoders/app/http/http_login.h"
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

// Names as Zeek has them.
static void put_ntlm(struct json *json, const struct ntlmssp *ntlm)
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

void eve_http_login(struct json *json, const struct app_tx *tx)
{
	struct http_login login;
	bool winrm = http_is_winrm(tx), kerberos = false, shown = false;
	bool asked = http_login_read(tx, TO_SERVER, &login);
	struct json_mark start = json_mark(json);
	json_put_object(json, "ndpi");
	if (winrm)
		json_put_bool(json, "winrm", true);
	struct json_mark mark = json_mark(json);
	bool ntlm = false;
	json_put_object(json, "ntlm");
	if (asked) {
		kerberos = login.kerberos;
		ntlm = !login.kerberos;
		shown = ntlm && login.ntlm.type == NTLMSSP_AUTHENTICATE;
		if (ntlm)
			put_ntlm(json, &login.ntlm);
	}
	if (http_login_read(tx, TO_CLIENT, &login)) {
		kerberos |= login.kerberos;
		ntlm |= !login.kerberos;
		if (!login.kerberos && login.ntlm.type == NTLMSSP_CHALLENGE)
			put_ntlm(json, &login.ntlm);
	}
	if (shown) // who it is: 401 and 407 refuse
		json_put_bool(json, "success", http_status(tx) > 0 && http_status(tx) != 401 && http_status(tx) != 407);
	json_object_end(json);
	if (!ntlm)
		json_rewind(json, mark);
	if (kerberos)
		json_put_bool(json, "kerberos", true);
	json_object_end(json);
	if (!winrm && !ntlm && !kerberos)
		json_rewind(json, start);
}
