// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ntlmssp/ntlmssp.h"
#include "decoders/app/ntlmssp/spnego.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/smb_messages.h"

static void put_field(struct wire *w, uint16_t len, uint32_t offset)
{
	put_le(w, len, 2);
	put_le(w, len, 2);
	put_le(w, offset, 4);
}

// domain "OF", user "bob", workstation "PC"
static void put_authenticate(struct wire *w, uint32_t flags)
{
	put(w, "NTLMSSP", 8);
	put_le(w, 3, 4);
	put_field(w, 24, 80);
	put_field(w, 0, 0);
	put_field(w, 4, 72);
	put_field(w, 6, 76);
	put_field(w, 4, 82);
	put_field(w, 0, 0);
	put_le(w, flags, 4);
	put_le(w, 10, 1);
	put_le(w, 0, 1);
	put_le(w, 19041, 2);
	put_zeros(w, 3);
	put_le(w, 15, 1);
	put_wide(w, "OFbobPC");
	put_zeros(w, 40);
}

static void test_who_authenticates(void **state)
{
	(void)state;
	struct wire w = { 0 };
	struct ntlmssp m;
	put_authenticate(&w, NTLMSSP_UNICODE | NTLMSSP_VERSION);
	assert_true(ntlmssp_parse(span_of(w.data, w.len), &m));
	assert_int_equal(m.type, NTLMSSP_AUTHENTICATE);
	assert_memory_equal(m.domain.data, "O\0F", 4);
	assert_memory_equal(m.user.data, "b\0o\0b", 6);
	assert_memory_equal(m.workstation.data, "P\0C", 4);
	assert_true(m.has_version);
	assert_int_equal(m.build, 19041);
	assert_int_equal(m.lm_response_len, 24);
	assert_false(m.malformed || m.unordered);
	w.data[48] = 72; // the workstation's text lies on the domain's
	assert_true(ntlmssp_parse(span_of(w.data, w.len), &m));
	assert_true(m.unordered && !m.malformed);
	w.len = 0;
	put_authenticate(&w, NTLMSSP_UNICODE);
	assert_true(ntlmssp_parse(span_of(w.data, w.len), &m));
	assert_false(m.has_version);
}

static void test_every_cut_is_refused_or_malformed(void **state)
{
	(void)state;
	struct wire w = { 0 };
	struct ntlmssp m;
	put_authenticate(&w, NTLMSSP_UNICODE | NTLMSSP_VERSION);
	for (uint32_t len = 0; len < 80; len++) {
		uint8_t *exact = malloc(len ? len : 1);
		memcpy(exact, w.data, len);
		bool read = ntlmssp_parse(span_of(exact, len), &m);
		assert_true(!read || m.malformed);
		free(exact);
	}
}

static void test_challenge_names_the_server(void **state)
{
	(void)state;
	struct wire w = { 0 };
	struct ntlmssp m;
	put(&w, "NTLMSSP", 8);
	put_le(&w, 2, 4);
	put_field(&w, 4, 56);
	put_le(&w, NTLMSSP_UNICODE | NTLMSSP_VERSION, 4);
	put(&w, "12345678", 8);
	put_zeros(&w, 8);
	put_field(&w, 18, 60);
	put_le(&w, 10, 1);
	put_zeros(&w, 7);
	put_wide(&w, "OF");
	put_le(&w, 1, 2); // name of the server
	put_le(&w, 4, 2);
	put_wide(&w, "DC");
	put_le(&w, 3, 2); // its name in DNS
	put_le(&w, 2, 2);
	put_wide(&w, "d");
	put_zeros(&w, 4);
	assert_true(ntlmssp_parse(span_of(w.data, w.len), &m));
	assert_memory_equal(m.challenge, "12345678", 8);
	assert_memory_equal(m.target.data, "O\0F", 4);
	assert_memory_equal(m.server.data, "D\0C", 4);
	assert_int_equal(m.dns_server.len, 2);
	assert_int_equal(m.dns_domain.len, 0);
	assert_false(m.malformed);
	w.data[62] = 200; // longer than the information
	assert_true(ntlmssp_parse(span_of(w.data, w.len), &m));
	assert_true(m.malformed);
}

static void test_other_messages_are_refused(void **state)
{
	(void)state;
	struct ntlmssp m;
	assert_false(ntlmssp_parse(span_of("NTLMSSP\0\4\0\0\0", 12), &m));
	assert_false(ntlmssp_parse(span_of("NTLMSSX\0\1\0\0\0", 12), &m));
	assert_true(ntlmssp_parse(span_of("NTLMSSP\0\1\0\0\0\1\2\3\4", 16), &m));
	assert_int_equal(m.flags, 0x04030201);
}

static void test_token_is_found_in_its_wrapping(void **state)
{
	(void)state;
	static const uint8_t init[] = { 0x60, 0x1b, 6, 6, 0x2b, 6, 1, 5, 5, 2, 0xa0, 0x11, 0x30, 0x0f, 0xa0, 1, 0, 0xa2,
		0x0a, 4, 8, 'N', 'T', 'L', 'M', 'S', 'S', 'P', 0 };
	static const uint8_t resp[] = { 0xa1, 0x0e, 0x30, 0x0c, 0xa2, 0x0a, 4, 8, 'N', 'T', 'L', 'M', 'S', 'S', 'P',
		0 };
	static const uint8_t krb5[] = { 0x60, 0x0f, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2, 1, 0, 0x6e, 0 };
	struct spnego found = spnego_read(span_of(init, sizeof init));
	assert_int_equal(found.kind, SPNEGO_NTLMSSP);
	assert_int_equal(found.token.len, 8);
	found = spnego_read(span_of(resp, sizeof resp));
	assert_int_equal(found.kind, SPNEGO_NTLMSSP);
	found = spnego_read(span_text("NTLMSSP"));
	assert_int_equal(found.kind, SPNEGO_NTLMSSP);
	found = spnego_read(span_of(krb5, sizeof krb5));
	assert_int_equal(found.kind, SPNEGO_KRB5);
	assert_int_equal(found.token.data[0], 0x6e);
	for (uint32_t len = 1; len < sizeof init; len++) { // every cut
		found = spnego_read(span_of(init, len));
		assert_int_equal(found.kind, SPNEGO_NONE);
		assert_true(found.malformed);
	}
	assert_int_equal(spnego_read((struct span) { 0 }).kind, SPNEGO_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_authenticates),
		cmocka_unit_test(test_every_cut_is_refused_or_malformed),
		cmocka_unit_test(test_challenge_names_the_server),
		cmocka_unit_test(test_other_messages_are_refused),
		cmocka_unit_test(test_token_is_found_in_its_wrapping),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
