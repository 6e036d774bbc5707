// SPDX-License-Identifier: GPL-3.0-or-later
// ASN.1 and RPC conditions on bytes made by hand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "signatures/operand/asn1.h"
#include "signatures/operand/rpc.h"

static void overflows_are_found(void **state)
{
	(void)state;
	static const uint8_t fine[] = { 0x30, 0x06, 0x03, 0x02, 0x04, 0xf0, 0x05, 0x00 };
	static const uint8_t unused[] = { 0x30, 0x04, 0x03, 0x02, 0x09, 0xf0 }; // nine unused bits of eight
	static const uint8_t real[] = { 0x30, 0x82, 0x02, 0x00, 0x09, 0x82, 0x01, 0x01,
		0x03 }; // a text REAL of 257 bytes
	struct match_asn1 bits = { .checks = ASN1_BITSTRING_OVERFLOW }, number = { .checks = ASN1_DOUBLE_OVERFLOW };
	struct match_asn1 large = { .checks = ASN1_OVERSIZE_LENGTH, .oversize = 300 };
	assert_false(asn1_match(&bits, span_of(fine, sizeof(fine)), 0));
	assert_true(asn1_match(&bits, span_of(unused, sizeof(unused)), 0));
	assert_true(asn1_match(&number, span_of(real, sizeof(real)), 0));
	assert_false(asn1_match(&number, span_of(unused, sizeof(unused)), 0));
	assert_true(asn1_match(&large, span_of(real, sizeof(real)), 0));
	assert_false(asn1_match(&large, span_of(fine, sizeof(fine)), 0));
	struct match_asn1 relative = { .checks = ASN1_BITSTRING_OVERFLOW | ASN1_RELATIVE, .offset = -2 };
	assert_true(asn1_match(&relative, span_of(unused, sizeof(unused)), 4));
	assert_false(asn1_match(&relative, span_of(unused, sizeof(unused)), 1));
	for (uint32_t len = 0; len < sizeof(real); len++)
		asn1_match(&number, span_of(real, len), 0); // cut short: no fault
}

static void calls_are_recognised(void **state)
{
	(void)state;
	static const uint8_t call[] = { 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0x86, 0xa0, 0, 0, 0, 2, 0, 0, 0, 3 };
	uint8_t marked[28] = { 0x80, 0, 0, 24 };
	for (unsigned i = 0; i < sizeof(call); i++)
		marked[4 + i] = call[i];
	struct match_rpc rpc = { .program = 100000, .version = 2, .procedure = 3 };
	assert_true(rpc_match(&rpc, span_of(call, sizeof(call)), false));
	assert_true(rpc_match(&rpc, span_of(marked, sizeof(marked)), true));
	assert_false(rpc_match(&rpc, span_of(marked, sizeof(marked)), false));
	rpc.version = 3;
	assert_false(rpc_match(&rpc, span_of(call, sizeof(call)), false));
	rpc.any_version = true;
	assert_true(rpc_match(&rpc, span_of(call, sizeof(call)), false));
	rpc.procedure = 4;
	assert_false(rpc_match(&rpc, span_of(call, sizeof(call)), false));
	assert_false(rpc_match(&rpc, span_of(call, 20), false));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(overflows_are_found),
		cmocka_unit_test(calls_are_recognised) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
