// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/krb5.h"
#include "decoders/app/krb5/krb5.h"
#include "export/eve/one_way.h"

static void put_text(struct json *json, const char *key, bool present, const struct bytes *text)
{
	if (present)
		json_put_span(json, key, bytes_span(text));
	else
		json_put_text(json, key, "<empty>");
}

static bool eve_krb5_write(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *base, unsigned part, bool in_alert)
{
	(void)config, (void)flow, (void)in_alert;
	if (part > 0)
		return false;
	const struct krb5_tx *tx = krb5_tx_of(base);
	char text[32];
	json_put_object(json, "krb5");
	json_put_text(json, "msg_type", krb5_type_name(tx->type, text));
	if (tx->has_error) {
		json_put_text(json, "failed_request",
			tx->failed_request ? krb5_type_name(tx->failed_request, text) : "UNKNOWN");
		json_put_text(json, "error_code", krb5_error_name(tx->error, text));
	}
	put_text(json, "cname", tx->has_cname, &tx->cname);
	put_text(json, "realm", tx->has_realm, &tx->realm);
	put_text(json, "sname", tx->has_sname, &tx->sname);
	json_put_text(json, "encryption", tx->has_etype ? krb5_etype_name(tx->etype, text) : "<none>");
	json_put_bool(json, "weak_encryption", tx->has_etype && krb5_etype_is_weak(tx->etype));
	if (tx->has_ticket_etype) {
		json_put_text(json, "ticket_encryption", krb5_etype_name(tx->ticket_etype, text));
		json_put_bool(json, "ticket_weak_encryption", krb5_etype_is_weak(tx->ticket_etype));
	}
	json_object_end(json);
	return true;
}

const struct eve_app eve_krb5 = {
	.proto = APP_KRB5, .event_type = "krb5", .write = eve_krb5_write, .direction = eve_one_way
};
