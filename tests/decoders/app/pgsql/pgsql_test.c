// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/pgsql/pgsql.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "tests/support/decoders/app_drive.h"

#define SSL_REQUEST "00000008 04d2162f"
#define STARTUP     "00000013 00030000 75736572 00 6a6f65 00 00 00"
#define AUTH_OK     "52 00000008 00000000"
#define READY       "5a 00000005 49"

static void open_drive(struct app_drive *t)
{
	t->config = (struct app_config) { 0 };
	app_drive_open(t, &pgsql_parser, PROTO_TCP, 40000, 5432);
}

static const struct pgsql_tx *nth(const struct app_drive *t, unsigned n)
{
	const struct app_tx *tx = app_drive_tx(t, n);
	assert_non_null(tx);
	return pgsql_tx_of(tx);
}

static void test_query_with_rows_is_one_transaction(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, STARTUP));
	assert_true(app_drive_hex(&t, TO_CLIENT, AUTH_OK));
	assert_false(app_tx_done(&pgsql_parser, app_drive_tx(&t, 0)));
	assert_true(app_drive_hex(&t, TO_CLIENT, READY));
	assert_true(app_tx_done(&pgsql_parser, app_drive_tx(&t, 0)));
	assert_true(app_drive_hex(&t, TO_SERVER, "51 0000000d 73656c6563742031 00"));
	// Two rows, the second of a NULL and "ab", cut in its middle; then what completes them
	assert_true(app_drive_hex(&t, TO_CLIENT, "44 0000000b 0001 00000001 31 44 00000010 0002 ffffffff"));
	assert_true(app_drive_hex(&t, TO_CLIENT, "00000002 6162 43 0000000d 53454c4543542032 00" READY));
	const struct pgsql_tx *tx = nth(&t, 1);
	assert_int_equal(tx->rows, 2);
	assert_int_equal(tx->row_bytes, 3);
	assert_int_equal(tx->requests.first->kind, PGSQL_QUERY);
	struct span rest = kept_span(tx->requests.first);
	assert_true(span_is(pgsql_text(&rest), "select 1"));
	assert_int_equal(tx->responses.first->kind, 'C');
	assert_true(app_tx_done(&pgsql_parser, &tx->tx));
	app_drive_close(&t);
}

static void test_ssl_granted_changes_to_tls_and_refused_does_not(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, SSL_REQUEST));
	assert_true(app_drive_hex(&t, TO_CLIENT, "4e"));
	assert_int_equal(t.result, APP_OK);
	assert_int_equal(nth(&t, 0)->responses.first->kind, PGSQL_SSL_ANSWER);
	assert_true(app_drive_hex(&t, TO_SERVER, SSL_REQUEST));
	app_drive_hex(&t, TO_CLIENT, "53");
	assert_int_equal(t.result, APP_SWITCH);
	assert_int_equal(t.switch_to, APP_TLS);
	app_drive_close(&t);
}

static void test_what_a_password_message_is_depends_on_what_was_asked(void **state)
{
	(void)state;
	static const struct {
		const char *asked;
		uint8_t kind;
	} rows[] = {
		{ "52 00000008 00000003", PGSQL_PASSWORD },
		{ "52 0000000c 00000005 01020304", PGSQL_PASSWORD },
		{ "52 0000000a 0000000a 4100", PGSQL_SASL_INITIAL },
		{ "52 0000000a 0000000b 4100", PGSQL_SASL_RESPONSE },
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct app_drive t;
		open_drive(&t);
		assert_true(app_drive_hex(&t, TO_SERVER, STARTUP));
		assert_true(app_drive_hex(&t, TO_CLIENT, rows[i].asked));
		assert_true(app_tx_done(&pgsql_parser, app_drive_tx(&t, 0)));
		assert_true(app_drive_hex(&t, TO_SERVER, "70 00000006 6100"));
		assert_int_equal(nth(&t, 1)->requests.first->kind, rows[i].kind);
		app_drive_close(&t);
	}
}

static void test_copied_data_is_counted_not_kept(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, STARTUP "51 00000006 6300"));
	assert_true(app_drive_hex(&t, TO_CLIENT, "64 00010003"));
	static uint8_t much[0xffff];
	assert_true(app_drive_feed(&t, TO_CLIENT, much, sizeof(much)));
	assert_int_equal(t.sides[TO_CLIENT].len, 0);
	assert_true(app_drive_hex(&t, TO_CLIENT, "64 00000006 0000"));
	assert_int_equal(nth(&t, 1)->copies_out, 2);
	assert_int_equal(nth(&t, 1)->copy_out_bytes, 0xffff + 2);
	assert_true(app_drive_hex(&t, TO_SERVER, "64 00000006 0000 63 00000004"));
	assert_int_equal(nth(&t, 1)->copies_in, 1);
	app_drive_close(&t);
}

static void test_events_and_errors(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	assert_true(app_drive_hex(&t, TO_SERVER, "00000008 00ff00ff"));
	assert_true(app_drive_has_event(&t, NULL, "malformed_request"));
	assert_true(app_drive_hex(&t, TO_CLIENT, "01 00000004"));
	assert_true(app_drive_has_event(&t, NULL, "malformed_response"));
	assert_false(app_drive_hex(&t, TO_CLIENT, "45 00000003"));
	assert_true(app_drive_has_event(&t, NULL, "invalid_length"));
	app_drive_close(&t);

	open_drive(&t);
	assert_false(app_drive_hex(&t, TO_SERVER, "00000007 00030000"));
	app_drive_close(&t);

	open_drive(&t); // a server that never stops talking
	assert_true(app_drive_hex(&t, TO_SERVER, STARTUP));
	for (unsigned i = 0; i < 1000; i++)
		assert_true(app_drive_hex(&t, TO_CLIENT, "53 00000008 61006200"));
	assert_int_equal(nth(&t, 0)->responses.count, PGSQL_KEPT_MAX);
	assert_true(app_drive_has_event(&t, NULL, "too_many_responses"));
	app_drive_close(&t);
}

static void test_long_query_is_cut_and_passed_over(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	static uint8_t much[PGSQL_MESSAGE_MAX + 1000];
	memset(much, 'x', sizeof(much));
	assert_true(app_drive_hex(&t, TO_SERVER, STARTUP "51 00020004"));
	assert_true(app_drive_feed(&t, TO_SERVER, much, sizeof(much)));
	assert_true(nth(&t, 1)->requests.first->truncated);
	assert_int_equal(nth(&t, 1)->requests.first->len, PGSQL_MESSAGE_MAX);
	// A gap within what is passed over does no harm
	app_drive_gap(&t, TO_SERVER, 0x20000 - sizeof(much));
	assert_true(app_drive_hex(&t, TO_SERVER, "58 00000004"));
	assert_int_equal(nth(&t, 2)->requests.first->kind, PGSQL_TERMINATE);
	app_drive_gap(&t, TO_SERVER, 10);
	assert_false(app_drive_hex(&t, TO_SERVER, "58 00000004"));
	app_drive_close(&t);
}

static void test_probe_looks_no_further_than_the_data(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	static const uint8_t query[] = { 'Q', 0, 0, 0, 8, 'a', 'b', 'c', 0 };
	assert_int_equal(app_drive_probe(&t, TO_SERVER, query, sizeof(query), true), APP_PROBE_YES);
	assert_int_equal(app_drive_probe(&t, TO_SERVER, query, sizeof(query) - 1, true), APP_PROBE_NO);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_query_with_rows_is_one_transaction),
		cmocka_unit_test(test_ssl_granted_changes_to_tls_and_refused_does_not),
		cmocka_unit_test(test_what_a_password_message_is_depends_on_what_was_asked),
		cmocka_unit_test(test_copied_data_is_counted_not_kept),
		cmocka_unit_test(test_events_and_errors),
		cmocka_unit_test(test_long_query_is_cut_and_passed_over),
		cmocka_unit_test(test_probe_looks_no_further_than_the_data),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
