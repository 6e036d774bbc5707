// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/http_login.h"
#include "decoders/app/http/http_login.h"
#include "export/eve/ntlm.h"

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
			eve_ntlm(json, &login.ntlm);
	}
	if (http_login_read(tx, TO_CLIENT, &login)) {
		kerberos |= login.kerberos;
		ntlm |= !login.kerberos;
		if (!login.kerberos && login.ntlm.type == NTLMSSP_CHALLENGE)
			eve_ntlm(json, &login.ntlm);
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
