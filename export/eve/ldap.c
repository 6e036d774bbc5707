// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/ldap.h"
#include <stdio.h>
#include "decoders/app/ldap/ldap.h"
#include "export/eve/ldap_detail.h"
#include "signatures/field/ldap.h"

#define TEXT_MAX    4096u
#define VALUES_MAX  64u  // of a list that are told
#define ANSWERS_MAX 100u // responses that are told

static const char *name_of(const struct field_name *names, uint32_t value, char number[12])
{
	for (; names->name; names++)
		if (names->value == value)
			return names->name;
	snprintf(number, 12, "%u", value);
	return number;
}

static void put_text(struct json *json, const char *key, struct span text)
{
	json_put_limited(json, key, text, TEXT_MAX);
}

static void put_if(struct json *json, const char *key, struct span text)
{
	if (text.data)
		put_text(json, key, text);
}

static void put_name(struct json *json, const char *key, const struct ldap_message *m)
{
	struct span name;
	if (ldap_name(m, &name))
		put_text(json, key, name);
}

// A list of octet strings; nothing when it is empty.
static void put_list(struct json *json, const char *key, struct cursor list)
{
	struct span text;
	if (!ldap_text_next(&list, &text))
		return;
	json_put_array(json, key);
	unsigned count = 0;
	do
		put_text(json, NULL, text);
	while (++count < VALUES_MAX && ldap_text_next(&list, &text));
	json_array_end(json);
}

// Attributes of an entry: {type_key: "cn", values_key: [...]} each.
static void put_attributes(
	struct json *json, const char *type_key, const char *values_key, const struct ldap_message *m)
{
	struct cursor list;
	struct ldap_attribute a;
	if (!ldap_attributes(m, &list) || !ldap_attribute_next(m, &list, &a))
		return;
	json_put_array(json, "attributes");
	unsigned count = 0;
	do {
		json_put_object(json, NULL);
		put_text(json, type_key, a.type);
		put_list(json, values_key, a.values);
		json_object_end(json);
	} while (++count < VALUES_MAX && ldap_attribute_next(m, &list, &a));
	json_array_end(json);
}

static void put_changes(struct json *json, const struct ldap_message *m)
{
	static const char *const changes[] = { "add", "delete", "replace", "increment" };
	struct cursor list;
	struct ldap_attribute a;
	if (!ldap_attributes(m, &list) || !ldap_attribute_next(m, &list, &a))
		return;
	json_put_array(json, "changes");
	unsigned count = 0;
	do {
		json_put_object(json, NULL);
		json_put_text(json, "operation", a.change < 4 ? changes[a.change] : "unknown");
		json_put_object(json, "modification");
		put_text(json, "attribute_type", a.type);
		put_list(json, "attribute_values", a.values);
		json_object_end(json);
		json_object_end(json);
	} while (++count < VALUES_MAX && ldap_attribute_next(m, &list, &a));
	json_array_end(json);
}

static void put_bind(struct json *json, const struct ldap_message *m)
{
	struct ldap_bind bind;
	if (!ldap_bind_read(m, &bind))
		return;
	json_put_uint(json, "version", bind.version);
	put_text(json, "name", bind.name);
	if (!bind.sasl)
		return;
	json_put_object(json, "sasl");
	put_text(json, "mechanism", bind.mechanism);
	put_if(json, "credentials", bind.credentials);
	json_object_end(json);
}

static void put_search(struct json *json, const struct ldap_message *m)
{
	struct ldap_search search;
	if (!ldap_search_read(m, &search))
		return;
	put_text(json, "base_object", search.base);
	json_put_uint(json, "scope", search.scope);
	json_put_uint(json, "deref_alias", search.deref);
	json_put_uint(json, "size_limit", search.size_limit);
	json_put_uint(json, "time_limit", search.time_limit);
	json_put_bool(json, "types_only", search.types_only);
	put_list(json, "attributes", search.attributes);
}

static void put_rename(struct json *json, const struct ldap_message *m)
{
	struct cursor c = cursor_on(m->body);
	struct span entry, rdn, flag, superior;
	if (!ldap_text_next(&c, &entry) || !ldap_text_next(&c, &rdn) || !der_expect(&c, DER_BOOLEAN, &flag))
		return;
	put_text(json, "entry", entry);
	put_text(json, "new_rdn", rdn);
	json_put_bool(json, "delete_old_rdn", flag.len && flag.data[0]);
	if (der_expect(&c, DER_CONTEXT | 0, &superior))
		put_text(json, "new_superior", superior);
}

static void put_compare(struct json *json, const struct ldap_message *m)
{
	struct cursor c = cursor_on(m->body);
	struct span text, inner;
	if (!ldap_text_next(&c, &text) || !der_expect(&c, DER_SEQUENCE, &inner))
		return;
	put_text(json, "entry", text);
	c = cursor_on(inner);
	if (!ldap_text_next(&c, &text) || !ldap_text_next(&c, &text))
		return;
	json_put_object(json, "attribute_value_assertion");
	put_text(json, "value", text);
	json_object_end(json);
}

static void put_abandon(struct json *json, const struct ldap_message *m)
{
	uint32_t id = 0;
	for (uint32_t i = 0; i < m->body.len && i < 5; i++)
		id = id << 8 | m->body.data[i];
	json_put_uint(json, "message_id", id);
}

static void put_extended(struct json *json, const struct ldap_message *m)
{
	struct ldap_extended extended;
	if (!ldap_extended_read(m, &extended))
		return;
	put_if(json, "name", extended.name);
	put_if(json, "value", extended.value);
}

static void put_result(struct json *json, const struct ldap_message *m)
{
	char number[12];
	struct ldap_result r;
	struct span credentials;
	if (!ldap_result_read(m, &r))
		return;
	json_put_text(json, "result_code", name_of(ldap_result_names, r.code, number));
	put_text(json, "matched_dn", r.matched);
	put_text(json, "message", r.message);
	if (m->operation == LDAP_BIND_RESPONSE && der_expect(&r.rest, DER_CONTEXT | 7, &credentials))
		put_text(json, "server_sasl_creds", credentials);
}

// What an operation has besides its name; nothing for those without members.
static void put_operation(struct json *json, const struct ldap_message *m)
{
	switch ((enum ldap_operation)m->operation) {
	case LDAP_BIND_REQUEST: put_bind(json, m); break;
	case LDAP_SEARCH_REQUEST: put_search(json, m); break;
	case LDAP_MODIFY_REQUEST:
		put_name(json, "object", m);
		put_changes(json, m);
		break;
	case LDAP_ADD_REQUEST:
		put_name(json, "entry", m);
		put_attributes(json, "name", "values", m);
		break;
	case LDAP_DELETE_REQUEST: put_name(json, "dn", m); break;
	case LDAP_RENAME_REQUEST: put_rename(json, m); break;
	case LDAP_COMPARE_REQUEST: put_compare(json, m); break;
	case LDAP_ABANDON_REQUEST: put_abandon(json, m); break;
	case LDAP_SEARCH_ENTRY:
		put_name(json, "base_object", m);
		put_attributes(json, "type", "values", m);
		break;
	case LDAP_EXTENDED_RESPONSE: put_result(json, m); // fallthrough
	case LDAP_EXTENDED_REQUEST:
	case LDAP_INTERMEDIATE_RESPONSE: put_extended(json, m); break;
	case LDAP_BIND_RESPONSE:
	case LDAP_SEARCH_DONE:
	case LDAP_MODIFY_RESPONSE:
	case LDAP_ADD_RESPONSE:
	case LDAP_DELETE_RESPONSE:
	case LDAP_RENAME_RESPONSE:
	case LDAP_COMPARE_RESPONSE: put_result(json, m); break;
	case LDAP_UNBIND_REQUEST:
	case LDAP_SEARCH_REFERENCE:
	case LDAP_OPERATIONS_END: break;
	}
}

static void put_message(struct json *json, const char *key, const struct kept *kept)
{
	struct ldap_message m;
	char number[12];
	if (!ldap_message_read(kept_span(kept), &m))
		return;
	const char *operation = name_of(ldap_operation_names, m.operation, number);
	json_put_object(json, key);
	json_put_uint(json, "message_id", m.id);
	json_put_text(json, "operation", operation);
	if (m.operation != LDAP_UNBIND_REQUEST && m.operation != LDAP_SEARCH_REFERENCE) {
		json_put_object(json, operation);
		put_operation(json, &m);
		json_object_end(json);
	}
	json_object_end(json);
}

static bool write_ldap(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	(void)config, (void)flow, (void)in_alert;
	if (part)
		return false;
	const struct ldap_tx *mine = ldap_tx_of(tx);
	json_put_object(json, "ldap");
	if (mine->requests.first)
		put_message(json, "request", mine->requests.first);
	if (mine->responses.first) {
		json_put_array(json, "responses");
		unsigned count = 0;
		for (const struct kept *kept = mine->responses.first; kept && count < ANSWERS_MAX; kept = kept->next) {
			// Room for what closes the event: what does not fit is left out
			struct json_mark mark = json_mark(json);
			put_message(json, NULL, kept);
			json_keep_if_room(json, mark, 4096);
			count++;
		}
		json_array_end(json);
	}
	json_object_end(json);
	struct json_mark mark = json_mark(json);
	eve_ldap_detail(json, mine);
	json_keep_if_room(json, mark, 1024);
	return true;
}

static enum direction direction(const struct eve_config *config, const struct app_tx *tx, unsigned part)
{
	(void)config, (void)part;
	return tx->direction_mask == 2 ? TO_CLIENT : TO_SERVER;
}

static bool wanted(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	return ldap_tx_of(tx)->requests.first || ldap_tx_of(tx)->responses.first;
}

const struct eve_app eve_ldap = {
	.proto = APP_LDAP, .event_type = "ldap", .write = write_ldap, .direction = direction, .wanted = wanted
};
