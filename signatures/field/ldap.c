// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/ldap.h"
#include "decoders/app/ldap/ldap.h"
#include "decoders/app/ldap/ldap_filter.h"

#define VALUES_MAX 256   // of a list that are inspected
#define FILTER_MAX 16384 // bytes of a filter's text

const struct field_name ldap_operation_names[] = {
	{ "bind_request", 0 },
	{ "bind_response", 1 },
	{ "unbind_request", 2 },
	{ "search_request", 3 },
	{ "search_result_entry", 4 },
	{ "search_result_done", 5 },
	{ "modify_request", 6 },
	{ "modify_response", 7 },
	{ "add_request", 8 },
	{ "add_response", 9 },
	{ "del_request", 10 },
	{ "del_response", 11 },
	{ "mod_dn_request", 12 },
	{ "mod_dn_response", 13 },
	{ "compare_request", 14 },
	{ "compare_response", 15 },
	{ "abandon_request", 16 },
	{ "search_result_reference", 19 },
	{ "extended_request", 23 },
	{ "extended_response", 24 },
	{ "intermediate_response", 25 },
	{ NULL, 0 },
};

// RFC 4511 section 4.1.9, and what client libraries add.
const struct field_name ldap_result_names[] = {
	{ "success", 0 },
	{ "operations_error", 1 },
	{ "protocol_error", 2 },
	{ "time_limit_exceeded", 3 },
	{ "size_limit_exceeded", 4 },
	{ "compare_false", 5 },
	{ "compare_true", 6 },
	{ "auth_method_not_supported", 7 },
	{ "stronger_auth_required", 8 },
	{ "referral", 10 },
	{ "admin_limit_exceeded", 11 },
	{ "unavailable_critical_extension", 12 },
	{ "confidentiality_required", 13 },
	{ "sasl_bind_in_progress", 14 },
	{ "no_such_attribute", 16 },
	{ "undefined_attribute_type", 17 },
	{ "inappropriate_matching", 18 },
	{ "constraint_violation", 19 },
	{ "attribute_or_value_exists", 20 },
	{ "invalid_attribute_syntax", 21 },
	{ "no_such_object", 32 },
	{ "alias_problem", 33 },
	{ "invalid_dn_syntax", 34 },
	{ "invalid_dns_syntax", 34 },
	{ "is_leaf", 35 },
	{ "alias_dereferencing_problem", 36 },
	{ "inappropriate_authentication", 48 },
	{ "invalid_credentials", 49 },
	{ "insufficient_access_rights", 50 },
	{ "busy", 51 },
	{ "unavailable", 52 },
	{ "unwilling_to_perform", 53 },
	{ "loop_detect", 54 },
	{ "sort_control_missing", 60 },
	{ "offset_range_error", 61 },
	{ "naming_violation", 64 },
	{ "object_class_violation", 65 },
	{ "not_allowed_on_non_leaf", 66 },
	{ "not_allowed_on_rdn", 67 },
	{ "entry_already_exists", 68 },
	{ "object_class_mods_prohibited", 69 },
	{ "results_too_large", 70 },
	{ "affects_multiple_dsas", 71 },
	{ "control_error", 76 },
	{ "other", 80 },
	{ "server_down", 81 },
	{ "local_error", 82 },
	{ "encoding_error", 83 },
	{ "decoding_error", 84 },
	{ "timeout", 85 },
	{ "auth_unknown", 86 },
	{ "filter_error", 87 },
	{ "user_canceled", 88 },
	{ "param_error", 89 },
	{ "no_memory", 90 },
	{ "connect_error", 91 },
	{ "not_supported", 92 },
	{ "control_not_found", 93 },
	{ "no_results_returned", 94 },
	{ "more_results_to_return", 95 },
	{ "client_loop", 96 },
	{ "referral_limit_exceeded", 97 },
	{ "invalid_response", 100 },
	{ "ambiguous_response", 101 },
	{ "tls_not_supported", 112 },
	{ "intermediate_response", 113 },
	{ "unknown_type", 114 },
	{ "canceled", 118 },
	{ "no_such_operation", 119 },
	{ "too_late", 120 },
	{ "cannot_cancel", 121 },
	{ "assertion_failed", 122 },
	{ "authorization_denied", 123 },
	{ "e_sync_refresh_required", 4096 },
	{ "no_operation", 16654 },
	{ NULL, 0 },
};

static bool read_request(const struct field_source *source, struct ldap_message *m)
{
	const struct kept *kept = ldap_tx_of(source->tx)->requests.first;
	return kept && ldap_message_read(kept_span(kept), m);
}

static bool get_request_operation(const struct field_source *source, unsigned index, uint64_t *value)
{
	const struct kept *kept = ldap_tx_of(source->tx)->requests.first;
	if (index || !kept)
		return false;
	*value = kept->kind;
	return true;
}

static bool get_responses_operation(const struct field_source *source, unsigned index, uint64_t *value)
{
	const struct kept *kept = ldap_tx_of(source->tx)->responses.first;
	for (; kept && index; index--)
		kept = kept->next;
	if (kept)
		*value = kept->kind;
	return kept != NULL;
}

static bool get_responses_count(const struct field_source *source, unsigned index, uint64_t *value)
{
	*value = ldap_tx_of(source->tx)->responses_seen;
	return index == 0;
}

// The nth LDAPResult of the responses.
static bool nth_result(const struct field_source *source, unsigned index, struct ldap_result *result)
{
	struct ldap_message m;
	for (const struct kept *kept = ldap_tx_of(source->tx)->responses.first; kept; kept = kept->next)
		if (ldap_is_final(kept->kind) && ldap_message_read(kept_span(kept), &m) &&
			ldap_result_read(&m, result) && index-- == 0)
			return true;
	return false;
}

static bool get_result_code(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct ldap_result result;
	if (!nth_result(source, index, &result))
		return false;
	*value = result.code;
	return true;
}

static bool get_message(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct ldap_result result;
	return nth_result(source, index, &result) && field_present(value, result.message);
}

static bool get_request_dn(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct ldap_message m;
	struct span name;
	return index == 0 && read_request(source, &m) && ldap_name(&m, &name) && field_present(value, name);
}

static bool get_request_filter(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct ldap_message m;
	struct ldap_search search;
	if (index || !read_request(source, &m) || !ldap_search_read(&m, &search))
		return false;
	uint8_t *text = field_scratch_take(source->scratch, FILTER_MAX);
	return text && field_present(value, span_of(text, ldap_filter_text(&search.filter, text, FILTER_MAX)));
}

static bool get_responses_dn(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct ldap_message m;
	struct span name;
	if (index >= VALUES_MAX)
		return false;
	for (const struct kept *kept = ldap_tx_of(source->tx)->responses.first; kept; kept = kept->next)
		if (ldap_message_read(kept_span(kept), &m) && ldap_name(&m, &name) && index-- == 0)
			return field_present(value, name);
	return false;
}

// The type of the nth attribute of a message's list, of which *index is counted down.
static bool nth_attribute(const struct ldap_message *m, unsigned *index, struct span *type)
{
	struct cursor list;
	struct ldap_attribute attribute;
	if (!ldap_attributes(m, &list))
		return false;
	while (ldap_attribute_next(m, &list, &attribute))
		if ((*index)-- == 0) {
			*type = attribute.type;
			return true;
		}
	return false;
}

static bool get_request_attribute(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct ldap_message m;
	struct ldap_search search;
	struct span text, inner;
	if (index >= VALUES_MAX || !read_request(source, &m))
		return false;
	if (m.operation == LDAP_COMPARE_REQUEST) {
		struct cursor c = cursor_on(m.body);
		if (index || !ldap_text_next(&c, &text) || !der_expect(&c, DER_SEQUENCE, &inner))
			return false;
		c = cursor_on(inner);
		return ldap_text_next(&c, &text) && field_present(value, text);
	}
	if (!ldap_search_read(&m, &search))
		return nth_attribute(&m, &index, &text) && field_present(value, text);
	while (ldap_text_next(&search.attributes, &text))
		if (index-- == 0)
			return field_present(value, text);
	return false;
}

static bool get_responses_attribute(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct ldap_message m;
	struct span type;
	if (index >= VALUES_MAX)
		return false;
	for (const struct kept *kept = ldap_tx_of(source->tx)->responses.first; kept; kept = kept->next)
		if (kept->kind == LDAP_SEARCH_ENTRY && ldap_message_read(kept_span(kept), &m) &&
			nth_attribute(&m, &index, &type))
			return field_present(value, type);
	return false;
}

#define REQUEST(function)                        \
	{                                        \
		APP_LDAP, TO_SERVER, 1, function \
	}
#define RESPONSES(function)                      \
	{                                        \
		APP_LDAP, TO_CLIENT, 1, function \
	}

FIELD_NUMBER(field_ldap_request_operation, APP_LDAP, "ldap.request.operation", NULL, 8, 0, ldap_operation_names,
	REQUEST(get_request_operation));
FIELD_NUMBER(field_ldap_responses_operation, APP_LDAP, "ldap.responses.operation", NULL, 8, FIELD_MULTI,
	ldap_operation_names, RESPONSES(get_responses_operation));
FIELD_NUMBER(field_ldap_responses_count, APP_LDAP, "ldap.responses.count", NULL, 32, 0, NULL,
	RESPONSES(get_responses_count));
FIELD_NUMBER(field_ldap_responses_result_code, APP_LDAP, "ldap.responses.result_code", NULL, 32, FIELD_MULTI,
	ldap_result_names, RESPONSES(get_result_code));
FIELD_BUFFER(field_ldap_request_dn, APP_LDAP, "ldap.request.dn", NULL, "ldap request dn", 0, REQUEST(get_request_dn));
FIELD_BUFFER(field_ldap_request_attribute_type, APP_LDAP, "ldap.request.attribute_type", NULL,
	"ldap request attribute type", FIELD_MULTI, REQUEST(get_request_attribute));
FIELD_BUFFER(field_ldap_request_filter, APP_LDAP, "ldap.request.filter", NULL, "ldap request's search filter", 0,
	REQUEST(get_request_filter));
FIELD_BUFFER(field_ldap_responses_dn, APP_LDAP, "ldap.responses.dn", NULL, "ldap responses dn", FIELD_MULTI,
	RESPONSES(get_responses_dn));
FIELD_BUFFER(field_ldap_responses_message, APP_LDAP, "ldap.responses.message", NULL, "ldap responses message",
	FIELD_MULTI, RESPONSES(get_message));
FIELD_BUFFER(field_ldap_responses_attribute_type, APP_LDAP, "ldap.responses.attribute_type", NULL,
	"ldap responses attribute type", FIELD_MULTI, RESPONSES(get_responses_attribute));
