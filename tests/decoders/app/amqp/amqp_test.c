// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/amqp/amqp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/support/decoders/fact_check.h"

// clang-format off
#define HEADER \
	"414d515000000901"
#define START \
	"01000000000041000a000a0009000000250770726f6475637453000000085261626269744d510776657273696f6e53000000" \
	"03332e3800000005504c41494e00000005656e5f5553ce"
#define START_OK \
	"01000000000034000a000b000000130770726f647563745300000006636c69656e7405504c41494e00000009006775657374" \
	"00707705656e5f5553ce"
#define OPEN \
	"0100000000000c000a0028052f73686f700000ce"
#define DECLARE \
	"010001000000100032000a0000046a6f62730000000000ce"
#define PUBLISH \
	"0100010000000e003c00280000026578036b657900ce"
#define DELIVER \
	"01000100000018003c003c03746167000000000000000000026578036b6579ce"
#define CLOSE \
	"01000000000019000a003201930e4143434553535f5245465553454400000000ce"
#define BODY \
	"030001000000026869ce"
#define ODD \
	"0100000000000400630001ce"
#define SHORT \
	"01000000000005000a003201ce"
#define BAD_TABLE \
	"01000000000016000a000b000000040561626305504c41494e00000000ce"
// clang-format on

static void open_drive(struct app_drive *t)
{
	*t = (struct app_drive) { 0 };
	app_drive_open(t, &amqp_parser, PROTO_TCP, 40000, 5672);
	app_drive_hex(t, TO_SERVER, HEADER);
}

static void test_session(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_CLIENT, START);
	assert_true(fact_says(&t, 0, AMQP_METHOD, "connection.start"));
	assert_true(fact_says(&t, 0, AMQP_PRODUCT, "RabbitMQ"));
	assert_true(fact_says(&t, 0, AMQP_VERSION, "3.8"));
	app_drive_hex(&t, TO_SERVER, START_OK);
	assert_true(fact_says(&t, 1, AMQP_MECHANISM, "PLAIN"));
	assert_true(fact_says(&t, 1, AMQP_USER, "guest"));
	app_drive_hex(&t, TO_SERVER, OPEN DECLARE PUBLISH BODY);
	assert_true(fact_says(&t, 2, AMQP_VHOST, "/shop"));
	assert_true(fact_says(&t, 3, AMQP_QUEUE, "jobs"));
	assert_true(fact_counts(&t, 3, AMQP_CHANNEL, 1));
	assert_true(fact_says(&t, 4, AMQP_EXCHANGE, "ex"));
	assert_true(fact_says(&t, 4, AMQP_ROUTING_KEY, "key"));
	app_drive_hex(&t, TO_CLIENT, DELIVER CLOSE);
	assert_true(fact_says(&t, 5, AMQP_ROUTING_KEY, "key"));
	assert_true(fact_counts(&t, 6, AMQP_CODE, 403));
	assert_true(fact_says(&t, 6, AMQP_TEXT, "ACCESS_REFUSED"));
	assert_true(app_tx_done(&amqp_parser, app_drive_tx(&t, 6)));
	app_drive_close(&t);
}

static void test_hostile_peers(void **state)
{
	(void)state;
	struct app_drive t;
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, ODD SHORT BAD_TABLE);
	assert_int_equal(fact_counter_of(&t, TALLY_UNSUPPORTED), 1);
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 1), "malformed_data"));
	assert_true(app_drive_has_event(&t, app_drive_tx(&t, 2), "malformed_data"));
	app_drive_hex(&t, TO_SERVER, "03 0001 00000001 61 00"); // no end
	assert_int_equal(t.result, APP_ERROR);
	app_drive_close(&t);
	open_drive(&t); // a body of 100 MB, which is passed over gap and all
	static uint8_t many[AMQP_FRAME_MAX] = { 3, 0, 1, 5, 0xf5, 0xe1, 0 };
	app_drive_feed(&t, TO_SERVER, many, sizeof(many));
	app_drive_gap(&t, TO_SERVER, 100000000 + 8 - sizeof(many));
	app_drive_hex(&t, TO_SERVER, OPEN);
	assert_true(fact_says(&t, 0, AMQP_VHOST, "/shop"));
	app_drive_close(&t);
	open_drive(&t);
	app_drive_hex(&t, TO_SERVER, "414d5150 00 01 00 00");
	assert_int_equal(t.result, APP_STOP_BOTH);
	app_drive_close(&t);
}

static void test_tls_of_version_1(void **state)
{
	(void)state;
	struct app_drive t = { 0 };
	app_drive_open(&t, &amqp_parser, PROTO_TCP, 40000, 5672);
	app_drive_hex(&t, TO_SERVER, "414d5150 02 01 00 00");
	app_drive_hex(&t, TO_CLIENT, "414d5150 02 01 00 00");
	assert_int_equal(t.result, APP_SWITCH);
	assert_int_equal(t.switch_to, APP_TLS);
	app_drive_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tls_of_version_1),
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_hostile_peers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
