// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ntlmssp/spnego.h"
#include "decoders/app/tls/der.h"

#define APPLICATION_0 0x60
#define NEG_INIT      0xa0
#define NEG_RESP      0xa1
#define TOKEN         0xa2 // mechToken of NegTokenInit, responseToken of NegTokenResp

static const uint8_t oid_spnego[] = { 0x2b, 6, 1, 5, 5, 2 };
static const uint8_t oid_krb5[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2 };
static const uint8_t oid_krb5_ms[] = { 0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 1, 2,
	2 }; // Windows 2000's slip, still offered

// A Kerberos token: its OID, a token id of two bytes, and the message.
static bool read_krb5(struct cursor *c, struct span *token)
{
	struct span oid;
	if (!der_expect(c, DER_OID, &oid) || cursor_left(c) < 3)
		return false;
	if (!span_equal(oid, span_of(oid_krb5, sizeof oid_krb5)) &&
		!span_equal(oid, span_of(oid_krb5_ms, sizeof oid_krb5_ms)))
		return false;
	cursor_skip(c, 2);
	*token = cursor_rest(c);
	return true;
}

static struct spnego read_token(struct span token)
{
	struct spnego out = { .token = token };
	struct cursor c = cursor_on(token);
	struct span inner;
	if (span_starts(token, "NTLMSSP")) {
		out.kind = SPNEGO_NTLMSSP;
	} else if (der_expect(&c, APPLICATION_0, &inner)) {
		c = cursor_on(inner);
		if (read_krb5(&c, &out.token))
			out.kind = SPNEGO_KRB5;
	} else if (token.len && (token.data[0] == 0x6e || token.data[0] == 0x6f)) { // AP-REQ, AP-REP without wrapping
		out.kind = SPNEGO_KRB5;
	}
	return out;
}

static struct spnego read_negotiation(struct span choice)
{
	struct cursor c = cursor_on(choice);
	struct span fields, token;
	struct der field;
	if (!der_expect(&c, DER_SEQUENCE, &fields))
		return (struct spnego) { .malformed = true };
	c = cursor_on(fields);
	while (der_next(&c, &field) == DER_OK) {
		if (field.tag != TOKEN)
			continue;
		c = cursor_on(field.value);
		if (der_expect(&c, DER_OCTET_STRING, &token))
			return read_token(token);
		return (struct spnego) { .malformed = true };
	}
	return (struct spnego) { .malformed = cursor_left(&c) > 0 };
}

struct spnego spnego_read(struct span blob)
{
	struct cursor c = cursor_on(blob);
	struct der outer;
	struct span oid;
	if (span_starts(blob, "NTLMSSP"))
		return read_token(blob);
	if (der_next(&c, &outer) != DER_OK)
		return (struct spnego) { .malformed = blob.len > 0 };
	if (outer.tag == NEG_RESP)
		return read_negotiation(outer.value);
	if (outer.tag != APPLICATION_0)
		return read_token(blob);
	c = cursor_on(outer.value);
	struct cursor inside = c;
	if (!der_expect(&inside, DER_OID, &oid))
		return (struct spnego) { .malformed = true };
	if (!span_equal(oid, span_of(oid_spnego, sizeof oid_spnego)))
		return read_token(blob);
	if (der_next(&inside, &outer) != DER_OK || outer.tag != NEG_INIT)
		return (struct spnego) { .malformed = true };
	return read_negotiation(outer.value);
}
