// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/ldap_detail.h"
#include "decoders/app/ldap/ldap_filter.h"
#include "decoders/app/ldap/ldap_netlogon.h"
#include "decoders/app/ntlmssp/spnego.h"
#include "export/eve/ntlm.h"

#define FILTER_MAX   4096 // bytes of a filter's text
#define CONTROLS_MAX 16

// What Active Directory's clients and other servers send (MS-ADTS 3.1.1.3.4.1, RFCs 2696, 2891, 3296, 4370).
static const struct {
	const char *type, *name;
} controls[] = {
	{ "1.2.840.113556.1.4.319", "paged_results" },
	{ "1.2.840.113556.1.4.417", "show_deleted" },
	{ "1.2.840.113556.1.4.473", "server_sort" },
	{ "1.2.840.113556.1.4.474", "server_sort_response" },
	{ "1.2.840.113556.1.4.528", "notification" },
	{ "1.2.840.113556.1.4.529", "extended_dn" },
	{ "1.2.840.113556.1.4.619", "lazy_commit" },
	{ "1.2.840.113556.1.4.801", "sd_flags" },
	{ "1.2.840.113556.1.4.802", "range_option" },
	{ "1.2.840.113556.1.4.805", "tree_delete" },
	{ "1.2.840.113556.1.4.841", "dirsync" },
	{ "1.2.840.113556.1.4.1338", "verify_name" },
	{ "1.2.840.113556.1.4.1339", "domain_scope" },
	{ "1.2.840.113556.1.4.1340", "search_options" },
	{ "1.2.840.113556.1.4.1413", "permissive_modify" },
	{ "1.2.840.113556.1.4.1504", "attribute_scoped_query" },
	{ "1.2.840.113556.1.4.1852", "quota" },
	{ "1.2.840.113556.1.4.2064", "show_recycled" },
	{ "2.16.840.1.113730.3.4.2", "manage_dsa_it" },
	{ "2.16.840.1.113730.3.4.3", "persistent_search" },
	{ "2.16.840.1.113730.3.4.9", "virtual_list_view" },
	{ "2.16.840.1.113730.3.4.18", "proxied_authorization" },
};

static const char *control_name(struct span type)
{
	for (unsigned i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
		if (span_is(type, controls[i].type))
			return controls[i].name;
	return NULL;
}

static bool put_controls(struct json *json, const char *key, struct span list)
{
	struct cursor c = cursor_on(list);
	struct ldap_control control;
	if (!ldap_control_next(&c, &control))
		return false;
	unsigned count = 0;
	json_put_array(json, key);
	do {
		json_put_object(json, NULL);
		json_put_limited(json, "type", control.type, 128);
		json_put_text(json, "name", control_name(control.type));
		if (control.critical)
			json_put_bool(json, "critical", true);
		json_object_end(json);
	} while (++count < CONTROLS_MAX && ldap_control_next(&c, &control));
	json_array_end(json);
	return true;
}

static bool put_filter(struct json *json, const struct ldap_message *m)
{
	struct ldap_search search;
	uint8_t text[FILTER_MAX];
	if (!ldap_search_read(m, &search))
		return false;
	json_put_span(json, "filter", span_of(text, ldap_filter_text(&search.filter, text, sizeof(text))));
	return true;
}

// A security token: NTLM's names, or that it is Kerberos's.
static bool put_token(struct json *json, struct span token)
{
	struct ntlmssp ntlm;
	struct spnego found = spnego_read(token);
	if (found.kind == SPNEGO_KRB5) {
		json_put_bool(json, "kerberos", true);
		return true;
	}
	if (found.kind != SPNEGO_NTLMSSP || !ntlmssp_parse(found.token, &ntlm))
		return false;
	json_put_object(json, "ntlm");
	eve_ntlm(json, &ntlm);
	json_object_end(json);
	return true;
}

static bool put_bind(struct json *json, const struct ldap_message *m)
{
	struct ldap_bind bind;
	if (!ldap_bind_read(m, &bind))
		return false;
	const char *method = bind.sasl ? "sasl" : !bind.simple ? "ntlm" : bind.name.len ? "simple" : "anonymous";
	json_put_text(json, "bind", method);
	if (bind.credentials.len)
		put_token(json, bind.credentials);
	return true;
}

static bool put_bind_response(struct json *json, const struct ldap_message *m)
{
	struct ldap_result result;
	struct span token;
	if (m->operation != LDAP_BIND_RESPONSE || !ldap_result_read(m, &result))
		return false;
	if (!der_expect(&result.rest, DER_CONTEXT | 7, &token))
		token = result.matched; // MS-ADTS 5.1.1.1.3: the challenge stands where a name would
	struct json_mark start = json_mark(json);
	json_put_object(json, "bind_response"); // beside the request's token, which has the same keys
	bool any = put_token(json, token);
	json_object_end(json);
	if (!any)
		json_rewind(json, start);
	return any;
}

static bool put_netlogon(struct json *json, const struct ldap_message *m)
{
	static const char *const keys[LDAP_NETLOGON_NAMES] = { "forest", "domain", "host", "netbios_domain",
		"netbios_host", "user", "site", "client_site" };
	struct cursor list;
	struct ldap_attribute a;
	struct span value;
	struct ldap_netlogon netlogon;
	if (m->operation != LDAP_SEARCH_ENTRY || !ldap_attributes(m, &list) || !ldap_attribute_next(m, &list, &a) ||
		!span_is_nocase(a.type, "netlogon") || !ldap_text_next(&a.values, &value) ||
		!ldap_netlogon_read(value, &netlogon))
		return false;
	json_put_object(json, "netlogon");
	for (unsigned i = 0; i < LDAP_NETLOGON_NAMES; i++)
		if (netlogon.names[i].len)
			json_put_span(json, keys[i], span_of(netlogon.names[i].text, netlogon.names[i].len));
	json_put_uint(json, "flags", netlogon.flags);
	json_put_bool(json, "user_known", netlogon.opcode != 25);
	json_object_end(json);
	return true;
}

void eve_ldap_detail(struct json *json, const struct ldap_tx *tx)
{
	struct ldap_message m;
	struct json_mark start = json_mark(json);
	bool any = false;
	json_put_object(json, "ndpi");
	json_put_object(json, "ldap");
	if (tx->requests.first && ldap_message_read(kept_span(tx->requests.first), &m)) {
		any |= put_filter(json, &m);
		any |= put_bind(json, &m);
		any |= put_controls(json, "controls", m.controls);
	}
	if (tx->responses.first && ldap_message_read(kept_span(tx->responses.first), &m)) {
		any |= put_bind_response(json, &m);
		any |= put_netlogon(json, &m);
	}
	if (tx->responses.last && ldap_message_read(kept_span(tx->responses.last), &m))
		any |= put_controls(json, "response_controls", m.controls);
	json_object_end(json);
	json_object_end(json);
	if (!any)
		json_rewind(json, start);
}
