// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ike/ike.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/app_drive.h"

#define SPIS "0102030405060708 1112131415161718 "

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &ike_parser, PROTO_UDP, 500, 500);
}

static void test_version_1_proposal_and_vendor(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	// SA of one proposal with one transform (AES, group 2), then a vendor of four bytes
	assert_true(app_drive_hex(&t, TO_SERVER,
		SPIS "01 10 02 00 00000000 00000048"
		     "0d 00 0024 00000001 00000001 00 00 0018 01 01 00 01 00 00 0010 01 01 0000 80010007 80040002"
		     "00 00 0008 61626364"));
	const struct ike_state *said = t.flow.app.state;
	assert_int_equal(said->doi, 1);
	assert_int_equal(said->vendor_count, 1);
	struct ike_transforms transforms;
	struct ike_transform transform;
	struct ike_attribute attribute;
	uint32_t at = 0;
	ike_transforms_begin(1, bytes_span(&said->said[TO_SERVER].proposals), &transforms);
	assert_true(ike_transform_next(&transforms, &transform));
	assert_true(ike_attribute_next(transform.attributes, &at, &attribute));
	assert_int_equal(attribute.type, 1);
	assert_int_equal(attribute.value, 7);
	assert_true(ike_attribute_next(transform.attributes, &at, &attribute));
	assert_int_equal(attribute.value, 2);
	assert_false(ike_attribute_next(transform.attributes, &at, &attribute));
	assert_false(ike_transform_next(&transforms, &transform));
	assert_true(app_tx_done(&ike_parser, app_drive_tx(&t, 0)));
	app_drive_close(&t);
}

static void test_version_2_weak_proposal(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	// 3DES, HMAC-MD5 as PRF and integrity, group 2
	assert_true(app_drive_hex(&t, TO_SERVER,
		SPIS "21 20 22 08 00000000 00000048"
		     "00 00 002c 00 00 0028 01 01 00 04 03 00 0008 01 00 0003 03 00 0008 02 00 0001"
		     "03 00 0008 03 00 0001 00 00 0008 04 00 0002"));
	assert_true(app_drive_has_event(&t, NULL, "weak_crypto_enc"));
	assert_true(app_drive_has_event(&t, NULL, "weak_crypto_prf"));
	assert_true(app_drive_has_event(&t, NULL, "weak_crypto_auth"));
	assert_true(app_drive_has_event(&t, NULL, "weak_crypto_dh"));
	assert_false(app_drive_has_event(&t, NULL, "weak_crypto_no_dh"));
	assert_false(app_drive_has_event(&t, NULL, "malformed_data"));
	app_drive_close(&t);
}

static void test_cut_chain_is_malformed(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, SPIS "28 20 22 08 00000000 00000024 00 00 0400 00000000"));
	assert_true(app_drive_has_event(&t, NULL, "malformed_data"));
	assert_true(app_drive_hex(&t, TO_SERVER, SPIS "28 20 22 08 00000000 00000020 28 00 0000"));
	app_drive_close(&t);
}

static void test_encrypted_payloads_are_not_read(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, SPIS "08 10 05 01 00000000 00000024 aabbccdd eeff0011"));
	assert_false(app_drive_has_event(&t, NULL, "malformed_data"));
	assert_true(app_drive_hex(&t, TO_SERVER, SPIS "2e 20 23 08 00000001 00000024 2a 00 0008 00000000"));
	assert_false(app_drive_has_event(&t, NULL, "malformed_data"));
	app_drive_close(&t);
}

static void test_other_datagrams_are_passed_over(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, "ff"));
	assert_true(app_drive_hex(&t, TO_SERVER, "deadbeef 00000001 00000000000000000000000000000000000000000000"));
	assert_null(app_drive_tx(&t, 0));
	assert_true(app_drive_hex(&t, TO_SERVER, "00000000 " SPIS "00 20 22 08 00000000 0000001c"));
	assert_non_null(app_drive_tx(&t, 0));
	app_drive_close(&t);
}

static void test_vendors_are_bounded(void **state)
{
	(void)state;
	struct app_drive t;
	uint8_t bytes[36] = { 1, [16] = 13, 0x10, 2, 0, [27] = 36, [31] = 8 };
	open_drive(&t);
	for (unsigned i = 0; i < 100; i++) {
		bytes[35] = (uint8_t)i;
		assert_true(app_drive_feed(&t, TO_SERVER, bytes, sizeof(bytes)));
	}
	assert_int_equal(((const struct ike_state *)t.flow.app.state)->vendor_count, IKE_VENDORS);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version_1_proposal_and_vendor),
		cmocka_unit_test(test_version_2_weak_proposal),
		cmocka_unit_test(test_cut_chain_is_malformed),
		cmocka_unit_test(test_encrypted_payloads_are_not_read),
		cmocka_unit_test(test_other_datagrams_are_passed_over),
		cmocka_unit_test(test_vendors_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
