// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/krb5/krb5.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/support/decoders/app_drive.h"

static void open_drive(struct app_drive *t, uint8_t proto)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &krb5_parser, proto, 40000, 88);
}

static size_t der(uint8_t *out, uint8_t tag, const uint8_t *value, size_t len)
{
	out[0] = tag;
	out[1] = (uint8_t)len;
	memmove(out + 2, value, len);
	return len + 2;
}

// Values inside of each other, made from the innermost: each call wraps what is at the front of a buffer.
struct built {
	uint8_t data[512];
	size_t len;
};

static void wrap(struct built *b, uint8_t tag)
{
	uint8_t copy[512];
	memcpy(copy, b->data, b->len);
	b->len = der(b->data, tag, copy, b->len);
}

static void add(struct built *b, const struct built *part)
{
	memcpy(b->data + b->len, part->data, part->len);
	b->len += part->len;
}

static struct built value(uint8_t field, uint8_t tag, const void *bytes, size_t len)
{
	struct built b = { 0 };
	memcpy(b.data, bytes, len);
	b.len = len;
	wrap(&b, tag);
	wrap(&b, field);
	return b;
}

static struct built number(uint8_t field, uint8_t n)
{
	return value(field, DER_INTEGER, &n, 1);
}

static struct built name(uint8_t field, const char *first, const char *second)
{
	struct built parts = { 0 }, b = number(0xa0, 2);
	parts.len = der(parts.data, 0x1b, (const uint8_t *)first, strlen(first));
	if (second)
		parts.len += der(parts.data + parts.len, 0x1b, (const uint8_t *)second, strlen(second));
	wrap(&parts, 0x30);
	wrap(&parts, 0xa1);
	add(&b, &parts);
	wrap(&b, 0x30);
	wrap(&b, field);
	return b;
}

static struct built encrypted(uint8_t field, uint8_t etype)
{
	struct built b = number(0xa0, etype), data = value(0xa2, 4, "xx", 2);
	add(&b, &data);
	wrap(&b, 0x30);
	wrap(&b, field);
	return b;
}

static struct built request(uint8_t type)
{
	struct built body = name(0xa1, "bob", NULL), realm = value(0xa2, 0x1b, "LAN", 3),
		     server = name(0xa3, "krbtgt", "LAN"), etypes = value(0xa8, 0x30, "\2\1\x12\2\1\x17", 6),
		     b = number(0xa1, 5), kind = number(0xa2, type), pa = number(0xa1, 2);
	add(&body, &realm);
	add(&body, &server);
	add(&body, &etypes);
	wrap(&body, 0x30);
	wrap(&body, 0xa4);
	wrap(&pa, 0x30);
	wrap(&pa, 0x30);
	wrap(&pa, 0xa3);
	add(&b, &kind);
	add(&b, &pa);
	add(&b, &body);
	wrap(&b, 0x30);
	wrap(&b, (uint8_t)(0x60 | type));
	return b;
}

static struct built answer(uint8_t type, uint8_t etype, uint8_t ticket_etype)
{
	struct built ticket = number(0xa0, 5), realm = value(0xa1, 0x1b, "LAN", 3), server = name(0xa2, "cifs", "dc1"),
		     part = encrypted(0xa3, ticket_etype), b = number(0xa1, type), crealm = value(0xa3, 0x1b, "LAN", 3),
		     client = name(0xa4, "bob", NULL), own = encrypted(0xa6, etype);
	add(&ticket, &realm);
	add(&ticket, &server);
	add(&ticket, &part);
	wrap(&ticket, 0x30);
	wrap(&ticket, 0x61);
	wrap(&ticket, 0xa5);
	add(&b, &crealm);
	add(&b, &client);
	add(&b, &ticket);
	add(&b, &own);
	wrap(&b, 0x30);
	wrap(&b, (uint8_t)(0x60 | type));
	return b;
}

static struct built error(uint8_t code)
{
	struct built b = number(0xa6, code), realm = value(0xa9, 0x1b, "LAN", 3), server = name(0xaa, "krbtgt", "LAN");
	add(&b, &realm);
	add(&b, &server);
	wrap(&b, 0x30);
	wrap(&b, 0x7e);
	return b;
}

static void test_datagrams_are_a_transaction_each(void **state)
{
	(void)state;
	struct app_drive t;
	struct built m = request(KRB5_AS_REQ);
	open_drive(&t, PROTO_UDP);
	app_drive_feed(&t, TO_SERVER, m.data, m.len);
	const struct krb5_tx *tx = krb5_tx_of(app_drive_tx(&t, 0));
	assert_int_equal(tx->type, KRB5_AS_REQ);
	assert_true(span_is(bytes_span(&tx->cname), "bob"));
	assert_true(span_is(bytes_span(&tx->sname), "krbtgt/LAN"));
	assert_true(span_is(bytes_span(&tx->realm), "LAN"));
	assert_false(tx->has_etype);
	assert_int_equal(tx->etype_count, 2);
	assert_int_equal(tx->etypes[1], 23);
	assert_int_equal(tx->padata_count, 1);
	assert_int_equal(tx->padata[0], 2);
	m = error(25);
	app_drive_feed(&t, TO_CLIENT, m.data, m.len);
	tx = krb5_tx_of(app_drive_tx(&t, 1));
	assert_true(tx->has_error && tx->error == 25);
	assert_int_equal(tx->failed_request, KRB5_AS_REQ);
	assert_false(tx->has_cname);
	m = answer(KRB5_TGS_REP, 23, 18);
	app_drive_feed(&t, TO_CLIENT, m.data, m.len);
	tx = krb5_tx_of(app_drive_tx(&t, 2));
	assert_true(span_is(bytes_span(&tx->sname), "cifs/dc1"));
	assert_int_equal(tx->etype, 23);
	assert_int_equal(tx->ticket_etype, 18);
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 2), "weak_encryption"));
	assert_true(app_tx_done(&krb5_parser, app_drive_tx(&t, 2)));
	app_drive_close(&t);
}

static void test_stream_is_cut_anywhere(void **state)
{
	(void)state;
	struct built m = request(KRB5_TGS_REQ);
	uint8_t stream[1100];
	size_t len = 0;
	for (int i = 0; i < 2; i++) {
		const uint8_t head[] = { 0, 0, (uint8_t)(m.len >> 8), (uint8_t)m.len };
		memcpy(stream + len, head, 4);
		memcpy(stream + len + 4, m.data, m.len);
		len += 4 + m.len;
	}
	for (size_t step = 1; step < len; step += 13) {
		struct app_drive t;
		open_drive(&t, PROTO_TCP);
		for (size_t at = 0; at < len; at += step)
			assert_true(app_drive_feed(&t, TO_SERVER, stream + at, len - at < step ? len - at : step));
		assert_non_null(app_drive_tx(&t, 1));
		assert_null(app_drive_tx(&t, 2));
		app_drive_close(&t);
	}
}

static void test_stream_goes_on_behind_what_is_too_long_or_lost(void **state)
{
	(void)state;
	struct app_drive t;
	struct built m = request(KRB5_TGS_REQ);
	uint8_t head[] = { 0, 0, (uint8_t)(m.len >> 8), (uint8_t)m.len };
	static uint8_t zeros[300000];
	open_drive(&t, PROTO_TCP);
	assert_true(app_drive_hex(&t, TO_SERVER, "000493e0")); // 300,000 bytes
	assert_true(app_drive_feed(&t, TO_SERVER, zeros, sizeof zeros));
	assert_true(app_drive_feed(&t, TO_SERVER, head, 4));
	assert_true(app_drive_feed(&t, TO_SERVER, m.data, m.len));
	assert_non_null(app_drive_tx(&t, 0));
	assert_true(app_drive_feed(&t, TO_SERVER, head, 4));
	assert_true(app_drive_feed(&t, TO_SERVER, m.data, 30));
	app_drive_gap(&t, TO_SERVER, 20);
	assert_true(app_drive_feed(&t, TO_SERVER, m.data + 50, m.len - 50));
	uint8_t whole[516];
	memcpy(whole, head, 4);
	memcpy(whole + 4, m.data, m.len);
	assert_true(app_drive_feed(&t, TO_SERVER, whole, 4 + m.len));
	assert_non_null(app_drive_tx(&t, 1));
	assert_null(app_drive_tx(&t, 2));
	app_drive_close(&t);
}

static void test_every_cut_is_malformed(void **state)
{
	(void)state;
	struct built all[] = { request(KRB5_AS_REQ), answer(KRB5_AS_REP, 18, 18), error(6) };
	for (unsigned i = 0; i < 3; i++) {
		struct krb5_message m;
		assert_int_equal(krb5_message_parse(span_of(all[i].data, all[i].len), &m), KRB5_OK);
		for (size_t len = 1; len < all[i].len; len++) {
			uint8_t *exact = malloc(len);
			memcpy(exact, all[i].data, len);
			assert_int_equal(krb5_message_parse(span_of(exact, len), &m), KRB5_MALFORMED);
			free(exact);
		}
	}
	struct krb5_message m;
	assert_int_equal(krb5_message_parse(span_of("\x30\0", 2), &m), KRB5_UNKNOWN);
}

static void test_every_changed_byte_is_survived(void **state)
{
	(void)state;
	struct built b = answer(KRB5_AS_REP, 18, 18);
	for (size_t at = 0; at < b.len; at++) {
		for (unsigned with = 0; with < 256; with += 5) {
			struct built changed = b;
			struct krb5_message m;
			struct krb5_name_walk walk;
			struct span part;
			changed.data[at] = (uint8_t)with;
			(void)krb5_message_parse(span_of(changed.data, changed.len), &m);
			krb5_name_begin(&m.sname, &walk);
			while (krb5_name_next(&walk, &part))
				assert_true(part.data >= changed.data &&
					    part.data + part.len <= changed.data + changed.len);
		}
	}
}

static void test_names(void **state)
{
	(void)state;
	char text[32];
	int32_t etype;
	assert_string_equal(krb5_type_name(KRB5_TGS_REQ, text), "KRB_TGS_REQ");
	assert_string_equal(krb5_etype_name(18, text), "AES256_CTS_HMAC_SHA1_96");
	assert_string_equal(krb5_etype_name(99, text), "EncryptionType(99)");
	assert_string_equal(krb5_error_name(25, text), "KDC_ERR_PREAUTH_REQUIRED");
	assert_string_equal(krb5_error_name(-1, text), "ErrorCode(-1)");
	assert_true(krb5_etype_is_weak(23) && krb5_etype_is_weak(-133) && !krb5_etype_is_weak(18));
	assert_true(krb5_etype_find(span_text("RC4-HMAC"), &etype) && etype == 23);
	assert_false(krb5_etype_find(span_text("rot13"), &etype));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_datagrams_are_a_transaction_each),
		cmocka_unit_test(test_stream_is_cut_anywhere),
		cmocka_unit_test(test_stream_goes_on_behind_what_is_too_long_or_lost),
		cmocka_unit_test(test_every_cut_is_malformed),
		cmocka_unit_test(test_every_changed_byte_is_survived),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
