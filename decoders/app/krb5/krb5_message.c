// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/krb5/krb5_message.h"

#define FIELD(n)       (DER_CONTEXT_CONSTRUCTED | (n))
#define APPLICATION(n) (0x60 | (n))
#define TICKET         1
#define GENERAL_STRING 0x1b

// The value inside of an explicitly tagged field.
static bool inside(struct span field, uint8_t tag, struct span *out)
{
	struct cursor c = cursor_on(field);
	return der_expect(&c, tag, out);
}

// Out of range is malformed: no number of Kerberos has more than 32 bits.
static bool read_int(struct span field, int32_t *out)
{
	struct span bytes;
	if (!inside(field, DER_INTEGER, &bytes) || bytes.len == 0 || bytes.len > 5)
		return false;
	int64_t value = (int8_t)bytes.data[0];
	for (uint32_t i = 1; i < bytes.len; i++)
		value = value * 256 + bytes.data[i];
	*out = (int32_t)(uint32_t)(uint64_t)value;
	return true;
}

static bool read_name(struct span field, struct krb5_name *out)
{
	struct span fields;
	struct der part;
	if (!inside(field, DER_SEQUENCE, &fields))
		return false;
	struct cursor c = cursor_on(fields);
	while (der_next(&c, &part) == DER_OK) {
		if (part.tag == FIELD(0) && !read_int(part.value, &out->type))
			return false;
		if (part.tag == FIELD(1)) {
			if (!inside(part.value, DER_SEQUENCE, &out->parts))
				return false;
			out->present = true;
		}
	}
	return out->present;
}

static bool read_realm(struct span field, struct span *out)
{
	return inside(field, GENERAL_STRING, out);
}

static bool read_encrypted(struct span field, int32_t *etype, bool *present)
{
	struct span fields;
	struct der part;
	if (!inside(field, DER_SEQUENCE, &fields))
		return false;
	struct cursor c = cursor_on(fields);
	*present = der_next(&c, &part) == DER_OK && part.tag == FIELD(0) && read_int(part.value, etype);
	return *present;
}

// The ticket's realm is told where the message has none of its own.
static bool read_ticket(struct span field, struct krb5_message *out, bool take_realm)
{
	struct span ticket, fields;
	struct der part;
	if (!inside(field, APPLICATION(TICKET), &ticket) || !inside(ticket, DER_SEQUENCE, &fields))
		return false;
	struct cursor c = cursor_on(fields);
	bool good = true;
	while (good && der_next(&c, &part) == DER_OK) {
		switch (part.tag) {
		case FIELD(1): good = !take_realm || read_realm(part.value, &out->realm); break;
		case FIELD(2): good = read_name(part.value, &out->sname); break;
		case FIELD(3): good = read_encrypted(part.value, &out->ticket_etype, &out->has_ticket_etype); break;
		default: break;
		}
	}
	return good;
}

static bool read_etypes(struct span field, struct krb5_message *out)
{
	struct span list;
	struct der item;
	if (!inside(field, DER_SEQUENCE, &list))
		return false;
	struct cursor c = cursor_on(list);
	for (;;) {
		struct cursor at = c;
		if (der_next(&c, &item) != DER_OK)
			return true;
		struct span whole = { at.at, (uint32_t)(c.at - at.at) };
		if (out->etype_count == KRB5_ETYPES_MAX)
			return true;
		if (!read_int(whole, &out->etypes[out->etype_count++]))
			return false;
	}
}

static bool read_padata(struct span field, struct krb5_message *out)
{
	struct span list;
	struct der item, part;
	if (!inside(field, DER_SEQUENCE, &list))
		return false;
	struct cursor c = cursor_on(list);
	while (der_next(&c, &item) == DER_OK && out->padata_count < KRB5_PADATA_MAX) {
		struct cursor inner = cursor_on(item.value);
		if (item.tag == DER_SEQUENCE && der_next(&inner, &part) == DER_OK && part.tag == FIELD(1) &&
			read_int(part.value, &out->padata[out->padata_count]))
			out->padata_count++;
	}
	return true;
}

static bool read_request_body(struct span field, struct krb5_message *out)
{
	struct span fields;
	struct der part;
	if (!inside(field, DER_SEQUENCE, &fields))
		return false;
	struct cursor c = cursor_on(fields);
	bool good = true;
	while (good && der_next(&c, &part) == DER_OK) {
		switch (part.tag) {
		case FIELD(1): good = read_name(part.value, &out->cname); break;
		case FIELD(2): good = read_realm(part.value, &out->realm); break;
		case FIELD(3): good = read_name(part.value, &out->sname); break;
		case FIELD(8): good = read_etypes(part.value, out); break;
		default: break;
		}
	}
	return good;
}

typedef bool read_field(uint8_t tag, struct span value, struct krb5_message *out);

static bool request_field(uint8_t tag, struct span value, struct krb5_message *out)
{
	switch (tag) {
	case FIELD(3): return read_padata(value, out);
	case FIELD(4): return read_request_body(value, out);
	default: return true;
	}
}

static bool answer_field(uint8_t tag, struct span value, struct krb5_message *out)
{
	switch (tag) {
	case FIELD(2): return read_padata(value, out);
	case FIELD(3): return read_realm(value, &out->realm);
	case FIELD(4): return read_name(value, &out->cname);
	case FIELD(5): return read_ticket(value, out, false);
	case FIELD(6): return read_encrypted(value, &out->etype, &out->has_etype);
	default: return true;
	}
}

static bool ap_request_field(uint8_t tag, struct span value, struct krb5_message *out)
{
	switch (tag) {
	case FIELD(3): return read_ticket(value, out, true);
	case FIELD(4): return read_encrypted(value, &out->etype, &out->has_etype);
	default: return true;
	}
}

static bool ap_answer_field(uint8_t tag, struct span value, struct krb5_message *out)
{
	return tag != FIELD(2) || read_encrypted(value, &out->etype, &out->has_etype);
}

static bool private_field(uint8_t tag, struct span value, struct krb5_message *out)
{
	return tag != FIELD(3) || read_encrypted(value, &out->etype, &out->has_etype);
}

static bool error_field(uint8_t tag, struct span value, struct krb5_message *out)
{
	switch (tag) {
	case FIELD(6): return read_int(value, &out->error);
	case FIELD(8): return read_name(value, &out->cname);
	case FIELD(9): return read_realm(value, &out->realm);
	case FIELD(10): return read_name(value, &out->sname);
	default: return true;
	}
}

static const struct {
	uint8_t type;
	read_field *read;
} readers[] = {
	{ KRB5_AS_REQ, request_field },
	{ KRB5_AS_REP, answer_field },
	{ KRB5_TGS_REQ, request_field },
	{ KRB5_TGS_REP, answer_field },
	{ KRB5_AP_REQ, ap_request_field },
	{ KRB5_AP_REP, ap_answer_field },
	{ KRB5_PRIV, private_field },
	{ KRB5_ERROR, error_field },
};

enum krb5_result krb5_message_parse(struct span data, struct krb5_message *out)
{
	*out = (struct krb5_message) { 0 };
	struct cursor c = cursor_on(data);
	struct der outer, part;
	struct span fields;
	enum der_result result = der_next(&c, &outer);
	if (result != DER_OK)
		return result == DER_END ? KRB5_UNKNOWN : KRB5_MALFORMED;
	read_field *read = NULL;
	for (unsigned i = 0; i < sizeof readers / sizeof *readers; i++)
		if (outer.tag == APPLICATION(readers[i].type))
			read = readers[i].read;
	if (!read)
		return KRB5_UNKNOWN;
	out->type = outer.tag & 0x1f;
	if (!inside(outer.value, DER_SEQUENCE, &fields))
		return KRB5_MALFORMED;
	c = cursor_on(fields);
	while ((result = der_next(&c, &part)) == DER_OK)
		if (!read(part.tag, part.value, out))
			return KRB5_MALFORMED;
	return result == DER_END ? KRB5_OK : KRB5_MALFORMED;
}

void krb5_name_begin(const struct krb5_name *name, struct krb5_name_walk *walk)
{
	*walk = (struct krb5_name_walk) { cursor_on(name->parts), name->present ? KRB5_NAME_PARTS_MAX : 0 };
}

bool krb5_name_next(struct krb5_name_walk *walk, struct span *part)
{
	struct der item;
	if (walk->left == 0 || der_next(&walk->c, &item) != DER_OK || item.tag != GENERAL_STRING)
		return false;
	walk->left--;
	*part = item.value;
	return true;
}
