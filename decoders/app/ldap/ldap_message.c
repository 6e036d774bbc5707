// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ldap/ldap_message.h"

#define ENUMERATED  0x0a
#define APPLICATION 0x40
#define TAG_MASK    0x1f
// MS-ADTS 5.1.1.1.3: NTLM in a bind's choices 9 to 11
#define SICILY_FIRST 9
#define SICILY_LAST  11

static uint32_t number_of(struct span bytes)
{
	uint32_t number = 0;
	for (uint32_t i = 0; i < bytes.len && i < 4; i++)
		number = number << 8 | bytes.data[i];
	return number;
}

// An INTEGER or ENUMERATED of at most four bytes.
static bool ldap_number(struct cursor *c, uint8_t tag, uint32_t *number)
{
	struct span bytes;
	if (!der_expect(c, tag, &bytes) || bytes.len == 0 || bytes.len > 5)
		return false;
	*number = number_of(bytes.len == 5 ? span_from(bytes, 1) : bytes);
	return true;
}

bool ldap_text_next(struct cursor *list, struct span *text)
{
	work_step(1);
	return der_expect(list, DER_OCTET_STRING, text);
}

bool ldap_message_read(struct span bytes, struct ldap_message *m)
{
	struct cursor c = cursor_on(bytes);
	struct span whole;
	struct der operation;
	*m = (struct ldap_message) { 0 };
	if (!der_expect(&c, DER_SEQUENCE, &whole))
		return false;
	c = cursor_on(whole);
	if (!ldap_number(&c, DER_INTEGER, &m->id) || der_next(&c, &operation) != DER_OK ||
		(operation.tag & 0xc0) != APPLICATION)
		return false;
	m->operation = operation.tag & TAG_MASK;
	m->body = operation.value;
	(void)der_expect(&c, DER_CONTEXT_CONSTRUCTED | 0, &m->controls);
	return m->operation < LDAP_OPERATIONS_END &&
	       !(m->operation > LDAP_ABANDON_REQUEST && m->operation < LDAP_EXTENDED_REQUEST &&
		       m->operation != LDAP_SEARCH_REFERENCE);
}

bool ldap_is_request(uint8_t operation)
{
	switch (operation) {
	case LDAP_BIND_REQUEST:
	case LDAP_UNBIND_REQUEST:
	case LDAP_SEARCH_REQUEST:
	case LDAP_MODIFY_REQUEST:
	case LDAP_ADD_REQUEST:
	case LDAP_DELETE_REQUEST:
	case LDAP_RENAME_REQUEST:
	case LDAP_COMPARE_REQUEST:
	case LDAP_ABANDON_REQUEST:
	case LDAP_EXTENDED_REQUEST: return true;
	default: return false;
	}
}

bool ldap_is_final(uint8_t operation)
{
	return operation != LDAP_SEARCH_ENTRY && operation != LDAP_SEARCH_REFERENCE &&
	       operation != LDAP_INTERMEDIATE_RESPONSE;
}

bool ldap_result_read(const struct ldap_message *m, struct ldap_result *r)
{
	*r = (struct ldap_result) { .rest = cursor_on(m->body) };
	if (ldap_is_request(m->operation) || !ldap_is_final(m->operation))
		return false;
	return ldap_number(&r->rest, ENUMERATED, &r->code) && ldap_text_next(&r->rest, &r->matched) &&
	       ldap_text_next(&r->rest, &r->message);
}

bool ldap_search_read(const struct ldap_message *m, struct ldap_search *s)
{
	struct cursor c = cursor_on(m->body);
	struct span flag, list;
	*s = (struct ldap_search) { 0 };
	if (m->operation != LDAP_SEARCH_REQUEST || !ldap_text_next(&c, &s->base) ||
		!ldap_number(&c, ENUMERATED, &s->scope) || !ldap_number(&c, ENUMERATED, &s->deref) ||
		!ldap_number(&c, DER_INTEGER, &s->size_limit) || !ldap_number(&c, DER_INTEGER, &s->time_limit) ||
		!der_expect(&c, DER_BOOLEAN, &flag) || flag.len != 1)
		return false;
	s->types_only = flag.data[0] != 0;
	if (der_next(&c, &s->filter) != DER_OK || !der_expect(&c, DER_SEQUENCE, &list))
		return false;
	s->attributes = cursor_on(list);
	return true;
}

bool ldap_bind_read(const struct ldap_message *m, struct ldap_bind *b)
{
	struct cursor c = cursor_on(m->body);
	struct der choice;
	*b = (struct ldap_bind) { 0 };
	if (m->operation != LDAP_BIND_REQUEST || !ldap_number(&c, DER_INTEGER, &b->version) ||
		!ldap_text_next(&c, &b->name) || der_next(&c, &choice) != DER_OK)
		return false;
	b->simple = choice.tag == (DER_CONTEXT | 0);
	if (choice.tag >= (DER_CONTEXT | SICILY_FIRST) && choice.tag <= (DER_CONTEXT | SICILY_LAST))
		b->credentials = choice.value;
	if (choice.tag != (DER_CONTEXT_CONSTRUCTED | 3))
		return true;
	b->sasl = true;
	c = cursor_on(choice.value);
	if (ldap_text_next(&c, &b->mechanism))
		ldap_text_next(&c, &b->credentials);
	return true;
}

bool ldap_control_next(struct cursor *controls, struct ldap_control *control)
{
	struct span one, flag;
	*control = (struct ldap_control) { 0 };
	if (!der_expect(controls, DER_SEQUENCE, &one))
		return false;
	struct cursor c = cursor_on(one);
	if (!ldap_text_next(&c, &control->type))
		return false;
	control->critical = der_expect(&c, DER_BOOLEAN, &flag) && flag.len && flag.data[0];
	(void)der_expect(&c, DER_OCTET_STRING, &control->value);
	return true;
}

bool ldap_name(const struct ldap_message *m, struct span *name)
{
	struct cursor c = cursor_on(m->body);
	struct ldap_result result;
	uint32_t version;
	switch (m->operation) {
	case LDAP_BIND_REQUEST: return ldap_number(&c, DER_INTEGER, &version) && ldap_text_next(&c, name);
	case LDAP_SEARCH_REQUEST:
	case LDAP_MODIFY_REQUEST:
	case LDAP_ADD_REQUEST:
	case LDAP_RENAME_REQUEST:
	case LDAP_COMPARE_REQUEST:
	case LDAP_SEARCH_ENTRY: return ldap_text_next(&c, name);
	case LDAP_DELETE_REQUEST: *name = m->body; return true;
	default: break;
	}
	if (!ldap_result_read(m, &result))
		return false;
	*name = result.matched;
	return true;
}

bool ldap_attributes(const struct ldap_message *m, struct cursor *list)
{
	struct cursor c = cursor_on(m->body);
	struct span name, all;
	if (m->operation != LDAP_SEARCH_ENTRY && m->operation != LDAP_ADD_REQUEST &&
		m->operation != LDAP_MODIFY_REQUEST)
		return false;
	if (!ldap_text_next(&c, &name) || !der_expect(&c, DER_SEQUENCE, &all))
		return false;
	*list = cursor_on(all);
	return true;
}

bool ldap_attribute_next(const struct ldap_message *m, struct cursor *list, struct ldap_attribute *a)
{
	struct span one, inner, values;
	*a = (struct ldap_attribute) { 0 };
	work_step(1);
	if (!der_expect(list, DER_SEQUENCE, &one))
		return false;
	struct cursor c = cursor_on(one);
	if (m->operation == LDAP_MODIFY_REQUEST) {
		if (!ldap_number(&c, ENUMERATED, &a->change) || !der_expect(&c, DER_SEQUENCE, &inner))
			return false;
		c = cursor_on(inner);
	}
	if (!ldap_text_next(&c, &a->type) || !der_expect(&c, DER_SET, &values))
		return false;
	a->values = cursor_on(values);
	return true;
}

bool ldap_extended_read(const struct ldap_message *m, struct ldap_extended *e)
{
	struct cursor c = cursor_on(m->body);
	struct ldap_result result;
	struct der value;
	uint8_t name_tag = DER_CONTEXT | 0, value_tag = DER_CONTEXT | 1;
	*e = (struct ldap_extended) { 0 };
	if (m->operation == LDAP_EXTENDED_RESPONSE) {
		if (!ldap_result_read(m, &result))
			return false;
		c = result.rest;
		name_tag = DER_CONTEXT | 10;
		value_tag = DER_CONTEXT | 11;
	} else if (m->operation != LDAP_EXTENDED_REQUEST && m->operation != LDAP_INTERMEDIATE_RESPONSE) {
		return false;
	}
	while (der_next(&c, &value) == DER_OK) {
		work_step(1);
		if (value.tag == name_tag)
			e->name = value.value;
		else if (value.tag == value_tag)
			e->value = value.value;
	}
	return true;
}
