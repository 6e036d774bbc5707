// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/tls/x509.h"
#include "decoders/app/tls/der.h"
#include "decoders/base/address.h"
#include <stdio.h>

static const uint8_t oid_alt_name[] = { 0x55, 0x1d, 0x11 };

// Names of attributes as the field writes them; others are written as dotted numbers.
static const struct {
	uint8_t len;
	uint8_t oid[11];
	const char *name;
} attributes[] = {
	{ 3, { 0x55, 0x04, 0x03 }, "CN" },
	{ 3, { 0x55, 0x04, 0x06 }, "C" },
	{ 3, { 0x55, 0x04, 0x07 }, "L" },
	{ 3, { 0x55, 0x04, 0x08 }, "ST" },
	{ 3, { 0x55, 0x04, 0x0a }, "O" },
	{ 3, { 0x55, 0x04, 0x0b }, "OU" },
	{ 3, { 0x55, 0x04, 0x04 }, "surname" },
	{ 3, { 0x55, 0x04, 0x05 }, "serialNumber" },
	{ 3, { 0x55, 0x04, 0x09 }, "streetAddress" },
	{ 3, { 0x55, 0x04, 0x0c }, "title" },
	{ 3, { 0x55, 0x04, 0x0d }, "description" },
	{ 3, { 0x55, 0x04, 0x0f }, "businessCategory" },
	{ 3, { 0x55, 0x04, 0x10 }, "postalAddress" },
	{ 3, { 0x55, 0x04, 0x11 }, "postalCode" },
	{ 3, { 0x55, 0x04, 0x29 }, "name" },
	{ 3, { 0x55, 0x04, 0x2a }, "givenName" },
	{ 3, { 0x55, 0x04, 0x2b }, "initials" },
	{ 3, { 0x55, 0x04, 0x2c }, "generationQualifier" },
	{ 3, { 0x55, 0x04, 0x2e }, "dnQualifier" },
	{ 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01 }, "Email" },
	{ 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x02 }, "unstructuredName" },
	{ 10, { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19 }, "DC" },
	{ 11, { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x3c, 0x02, 0x01, 0x01 }, "jurisdictionL" },
	{ 11, { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x3c, 0x02, 0x01, 0x02 }, "jurisdictionST" },
	{ 11, { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x3c, 0x02, 0x01, 0x03 }, "jurisdictionC" },
};

// A writer that remembers that something did not fit.
struct text {
	char *out;
	uint32_t len, size;
	bool overflow;
};

static void text_put(struct text *t, const void *bytes, uint32_t len)
{
	if (t->overflow || t->size - t->len < len) {
		t->overflow = true;
		return;
	}
	memcpy(t->out + t->len, bytes, len);
	t->len += len;
}

static void text_put_text(struct text *t, const char *s)
{
	text_put(t, s, (uint32_t)strlen(s));
}

static void text_put_rune(struct text *t, uint32_t rune)
{
	uint8_t b[4];
	if (rune < 0x80) {
		b[0] = (uint8_t)rune;
		text_put(t, b, 1);
	} else if (rune < 0x800) {
		b[0] = (uint8_t)(0xc0 | rune >> 6);
		b[1] = (uint8_t)(0x80 | (rune & 0x3f));
		text_put(t, b, 2);
	} else if (rune < 0x10000) {
		b[0] = (uint8_t)(0xe0 | rune >> 12);
		b[1] = (uint8_t)(0x80 | (rune >> 6 & 0x3f));
		b[2] = (uint8_t)(0x80 | (rune & 0x3f));
		text_put(t, b, 3);
	} else {
		b[0] = (uint8_t)(0xf0 | (rune >> 18 & 0x07));
		b[1] = (uint8_t)(0x80 | (rune >> 12 & 0x3f));
		b[2] = (uint8_t)(0x80 | (rune >> 6 & 0x3f));
		b[3] = (uint8_t)(0x80 | (rune & 0x3f));
		text_put(t, b, 4);
	}
}

static bool put_utf16(struct text *t, struct span value)
{
	if (value.len % 2)
		return false;
	for (uint32_t i = 0; i < value.len; i += 2) {
		uint32_t rune = be16_at(value.data + i);
		if (rune >= 0xd800 && rune < 0xdc00 && i + 4 <= value.len) {
			uint32_t low = be16_at(value.data + i + 2);
			if (low < 0xdc00 || low > 0xdfff)
				return false;
			rune = 0x10000 + ((rune - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		} else if (rune >= 0xd800 && rune < 0xe000) {
			return false;
		}
		text_put_rune(t, rune);
	}
	return true;
}

static bool put_utf32(struct text *t, struct span value)
{
	if (value.len % 4)
		return false;
	for (uint32_t i = 0; i < value.len; i += 4) {
		uint32_t rune = be32_at(value.data + i);
		if (rune > 0x10ffff)
			return false;
		text_put_rune(t, rune);
	}
	return true;
}

static bool put_value(struct text *t, const struct der *value)
{
	static const char digits[] = "0123456789ABCDEF";
	switch (value->tag) {
	case DER_UTF8:
	case DER_NUMERIC:
	case DER_PRINTABLE:
	case DER_T61:
	case DER_VIDEOTEX:
	case DER_IA5:
	case DER_GRAPHIC:
	case DER_VISIBLE:
	case DER_GENERAL: text_put(t, value->value.data, value->value.len); return true;
	case DER_BMP: return put_utf16(t, value->value);
	case DER_UNIVERSAL: return put_utf32(t, value->value);
	default:
		for (uint32_t i = 0; i < value->value.len && !t->overflow; i++) {
			char pair[2] = { digits[value->value.data[i] >> 4], digits[value->value.data[i] & 15] };
			text_put(t, pair, 2);
		}
		return true;
	}
}

static void put_oid_dotted(struct text *t, struct span oid)
{
	uint64_t arc = 0;
	bool first = true;
	char number[48];
	for (uint32_t i = 0; i < oid.len && !t->overflow; i++) {
		arc = arc << 7 | (oid.data[i] & 0x7f);
		if (oid.data[i] & 0x80)
			continue;
		if (first) {
			uint64_t top = arc < 80 ? arc / 40 : 2;
			snprintf(number, sizeof(number), "%llu.%llu", (unsigned long long)top,
				(unsigned long long)(arc - top * 40));
		} else {
			snprintf(number, sizeof(number), ".%llu", (unsigned long long)arc);
		}
		text_put_text(t, number);
		first = false;
		arc = 0;
	}
}

static void put_oid(struct text *t, struct span oid)
{
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (oid.len == attributes[i].len && memcmp(oid.data, attributes[i].oid, oid.len) == 0) {
			text_put_text(t, attributes[i].name);
			return;
		}
	}
	put_oid_dotted(t, oid);
}

// RelativeDistinguishedName: SET OF SEQUENCE { type, value }
static bool put_rdn(struct text *t, struct span set)
{
	struct cursor c = cursor_on(set);
	bool first = true;
	while (cursor_left(&c)) {
		struct span attribute, oid;
		struct der value;
		if (!der_expect(&c, DER_SEQUENCE, &attribute))
			return false;
		struct cursor a = cursor_on(attribute);
		if (!der_expect(&a, DER_OID, &oid) || der_next(&a, &value) != DER_OK)
			return false;
		if (!first)
			text_put_text(t, " + ");
		put_oid(t, oid);
		text_put_text(t, "=");
		if (!put_value(t, &value))
			return false;
		first = false;
	}
	return true;
}

int x509_format_name(struct span name, char *out, uint32_t size)
{
	struct text t = { .out = out, .size = size };
	struct cursor c = cursor_on(name);
	while (cursor_left(&c)) {
		struct span set;
		if (!der_expect(&c, DER_SET, &set))
			return -1;
		if (t.len)
			text_put_text(&t, ", ");
		if (!put_rdn(&t, set) || t.overflow)
			return -1;
	}
	return (int)t.len;
}

uint32_t x509_format_hex(struct span bytes, bool upper, char *out, uint32_t size)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	uint32_t len = 0;
	for (uint32_t i = 0; i < bytes.len && size - len >= 3; i++) {
		if (i)
			out[len++] = ':';
		out[len++] = digits[bytes.data[i] >> 4];
		out[len++] = digits[bytes.data[i] & 15];
	}
	return len;
}

int64_t x509_seconds(int year, unsigned month, unsigned day, unsigned hour, unsigned minute, unsigned second)
{
	// Days since 1970 with the year starting in March, so that the leap day comes last
	int64_t y = year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;
	int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
	return days * 86400 + hour * 3600 + minute * 60 + second;
}

static bool digits_at(struct span text, uint32_t at, uint32_t count, unsigned *out)
{
	unsigned value = 0;
	for (uint32_t i = at; i < at + count; i++) {
		if (i >= text.len || text.data[i] < '0' || text.data[i] > '9')
			return false;
		value = value * 10 + (unsigned)(text.data[i] - '0');
	}
	*out = value;
	return true;
}

// RFC 5280 4.1.2.5: YYMMDDHHMMSSZ (years 1950 to 2049) and YYYYMMDDHHMMSSZ; older certificates leave the seconds out.
static bool read_time(struct cursor *c, int64_t *seconds)
{
	struct der time;
	if (der_next(c, &time) != DER_OK || (time.tag != DER_UTC_TIME && time.tag != DER_GENERALIZED_TIME))
		return false;
	uint32_t at = time.tag == DER_UTC_TIME ? 2 : 4;
	unsigned year, month, day, hour, minute, second = 0;
	if (!digits_at(time.value, 0, at, &year) || !digits_at(time.value, at, 2, &month) ||
		!digits_at(time.value, at + 2, 2, &day) || !digits_at(time.value, at + 4, 2, &hour) ||
		!digits_at(time.value, at + 6, 2, &minute))
		return false;
	if (time.value.len >= at + 10)
		(void)digits_at(time.value, at + 8, 2, &second);
	if (at == 2)
		year += year < 50 ? 2000 : 1900;
	if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return false;
	*seconds = x509_seconds((int)year, month, day, hour, minute, second);
	return true;
}

static bool read_extensions(struct span list, struct x509 *out)
{
	struct cursor c = cursor_on(list);
	while (cursor_left(&c)) {
		struct span extension, oid, value;
		if (!der_expect(&c, DER_SEQUENCE, &extension))
			return false;
		struct cursor e = cursor_on(extension);
		if (!der_expect(&e, DER_OID, &oid))
			return false;
		(void)der_expect(&e, DER_BOOLEAN, &value);
		if (!der_expect(&e, DER_OCTET_STRING, &value))
			return false;
		if (oid.len != sizeof(oid_alt_name) || memcmp(oid.data, oid_alt_name, oid.len) != 0)
			continue;
		struct cursor v = cursor_on(value);
		if (!out->alt_names.data)
			(void)der_expect(&v, DER_SEQUENCE, &out->alt_names);
	}
	return true;
}

static enum x509_result read_version(struct cursor *c, struct x509 *out)
{
	struct span wrapped, version;
	out->version = 1;
	if (cursor_left(c) == 0 || c->at[0] != DER_CONTEXT_CONSTRUCTED)
		return X509_OK;
	if (!der_expect(c, DER_CONTEXT_CONSTRUCTED, &wrapped))
		return X509_VERSION;
	struct cursor w = cursor_on(wrapped);
	if (!der_expect(&w, DER_INTEGER, &version) || version.len != 1)
		return X509_VERSION;
	out->version = version.data[0] + 1u;
	return X509_OK;
}

// TBSCertificate (RFC 5280 4.1)
static enum x509_result read_tbs(struct span tbs, struct x509 *out)
{
	struct cursor c = cursor_on(tbs);
	struct span algorithm, validity, key;
	enum x509_result result = read_version(&c, out);
	if (result != X509_OK)
		return result;
	if (!der_expect(&c, DER_INTEGER, &out->serial) || out->serial.len == 0)
		return X509_SERIAL;
	if (!der_expect(&c, DER_SEQUENCE, &algorithm))
		return X509_ALGORITHM;
	if (!der_expect(&c, DER_SEQUENCE, &out->issuer))
		return X509_NAME;
	if (!der_expect(&c, DER_SEQUENCE, &validity))
		return X509_DATE;
	struct cursor v = cursor_on(validity);
	if (!read_time(&v, &out->not_before_s) || !read_time(&v, &out->not_after_s))
		return X509_DATE;
	if (!der_expect(&c, DER_SEQUENCE, &out->subject))
		return X509_NAME;
	if (!der_expect(&c, DER_SEQUENCE, &key))
		return X509_INVALID;
	struct der rest;
	while (der_next(&c, &rest) == DER_OK) {
		if (rest.tag != (DER_CONTEXT_CONSTRUCTED | 3))
			continue;
		struct cursor e = cursor_on(rest.value);
		struct span list;
		if (!der_expect(&e, DER_SEQUENCE, &list) || !read_extensions(list, out))
			return X509_EXTENSIONS;
	}
	return cursor_left(&c) ? X509_INVALID : X509_OK;
}

enum x509_result x509_read(struct span der, struct x509 *out)
{
	memset(out, 0, sizeof(*out));
	struct cursor c = cursor_on(der);
	struct der certificate, tbs;
	switch (der_next(&c, &certificate)) {
	case DER_OK: break;
	case DER_INVALID: return X509_DER;
	default: return X509_LENGTH;
	}
	if (certificate.tag != DER_SEQUENCE)
		return X509_DER;
	struct cursor inner = cursor_on(certificate.value);
	switch (der_next(&inner, &tbs)) {
	case DER_OK: break;
	case DER_OVERRUN: return X509_INVALID;
	case DER_INVALID: return X509_DER;
	default: return X509_LENGTH;
	}
	return tbs.tag == DER_SEQUENCE ? read_tbs(tbs.value, out) : X509_DER;
}

static bool format_address(struct span bytes, struct span *text, char buffer[64])
{
	struct address address;
	if (bytes.len == 4)
		address = address_v4(bytes.data);
	else if (bytes.len == 16)
		address = address_v6(bytes.data);
	else
		return false;
	*text = span_of(buffer, address_format(&address, true, buffer));
	return true;
}

// GeneralName (RFC 5280 4.2.1.6): [1] mail, [2] DNS name, [6] URI, [7] address
bool x509_next_name(struct span names, uint32_t *at, struct span *text, char buffer[64])
{
	struct cursor c = cursor_on(span_from(names, *at));
	struct der name;
	while (der_next(&c, &name) == DER_OK) {
		*at = names.len - cursor_left(&c);
		switch (name.tag) {
		case DER_CONTEXT | 1:
		case DER_CONTEXT | 2:
		case DER_CONTEXT | 6: *text = name.value; return true;
		case DER_CONTEXT | 7:
			if (format_address(name.value, text, buffer))
				return true;
			break;
		default: break;
		}
	}
	return false;
}
