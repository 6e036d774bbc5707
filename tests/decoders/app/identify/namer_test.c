// SPDX-License-Identifier: GPL-3.0-or-later
// nDPI names a flow from its packets, gives up after the bound, and its state goes back.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "decoders/app/identify/namer.h"

// An IPv4 datagram to port, with a UDP header and payload.
static struct packet datagram(uint8_t *bytes, uint16_t port, const uint8_t *payload, uint16_t len)
{
	uint16_t udp_len = (uint16_t)(8 + len), ip_len = (uint16_t)(20 + udp_len);
	const uint8_t head[28] = { 0x45, 0, (uint8_t)(ip_len >> 8), (uint8_t)ip_len, 0, 1, 0, 0, 64, PROTO_UDP, 0, 0,
		192, 0, 2, 1, 192, 0, 2, 2, 0x9c, 0x40, (uint8_t)(port >> 8), (uint8_t)port, (uint8_t)(udp_len >> 8),
		(uint8_t)udp_len, 0, 0 };
	memcpy(bytes, head, 28);
	memcpy(bytes + 28, payload, len);
	return (struct packet) { .ip = bytes, .ip_len = ip_len, .proto = PROTO_UDP, .ts_ns = 1000000000 };
}

static const uint8_t binding[] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }; // STUN

static void a_known_protocol_is_named(void **state)
{
	(void)state;
	uint8_t bytes[128];
	struct app_namer *namer = app_namer_new(8, 4);
	assert_non_null(namer);
	struct flow flow = { 0 };
	struct packet packet = datagram(bytes, 3478, binding, sizeof(binding));
	enum app_naming said = NAMING_MORE;
	for (int i = 0; i < 8 && said == NAMING_MORE; i++)
		said = app_namer_look(namer, &flow, &packet);
	assert_int_equal(said, NAMING_NAMED);
	struct app_ndpi_names names;
	assert_true(app_layer_ndpi_names(&flow, &names));
	assert_string_equal(names.proto, "STUN");
	assert_non_null(names.category);
	app_namer_drop(namer, &flow);
	assert_non_null(flow.names);
	app_namer_free(namer);
}

static void it_gives_up_and_gives_back(void **state)
{
	(void)state;
	uint8_t bytes[128];
	static const uint8_t noise[] = { 0x91, 0x92, 0x93, 0x94, 0x95 };
	struct app_namer *namer = app_namer_new(2, 1);
	assert_non_null(namer);
	struct flow flow = { 0 }, other = { 0 };
	struct packet packet = datagram(bytes, 41000, noise, sizeof(noise));
	assert_int_equal(app_namer_look(namer, &flow, &packet), NAMING_MORE);
	assert_int_equal(app_namer_look(namer, &other, &packet), NAMING_OVER_BUDGET);
	assert_int_equal(app_namer_look(namer, &flow, &packet), NAMING_FAILED);
	assert_null(flow.names);
	struct app_ndpi_names names;
	assert_false(app_layer_ndpi_names(&flow, &names));
	assert_int_equal(app_namer_look(namer, &other, &packet), NAMING_MORE);
	app_namer_drop(namer, &other);
	assert_null(other.names);
	app_namer_free(namer);
}

// A flow shorter than the bound: what was seen has to do, and the state goes back.
static void the_end_of_a_flow_decides(void **state)
{
	(void)state;
	uint8_t bytes[128];
	static const uint8_t noise[] = { 0x91, 0x92, 0x93, 0x94, 0x95 };
	struct app_namer *namer = app_namer_new(8, 1);
	assert_non_null(namer);
	struct flow flow = { 0 }, other = { 0 };
	struct packet packet = datagram(bytes, 41000, noise, sizeof(noise));
	assert_int_equal(app_namer_end(namer, &flow), NAMING_FAILED); // nothing was seen
	assert_int_equal(app_namer_look(namer, &flow, &packet), NAMING_MORE);
	assert_int_equal(app_namer_end(namer, &flow), NAMING_FAILED);
	assert_null(flow.names);
	assert_int_equal(app_namer_look(namer, &other, &packet), NAMING_MORE); // its state went back
	app_namer_drop(namer, &other);
	app_namer_free(namer);
}

static void risks_have_names(void **state)
{
	(void)state;
	assert_null(app_layer_ndpi_risk(0));
	assert_non_null(app_layer_ndpi_risk(1));
	assert_null(app_layer_ndpi_risk(63));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_known_protocol_is_named),
		cmocka_unit_test(it_gives_up_and_gives_back),
		cmocka_unit_test(the_end_of_a_flow_decides),
		cmocka_unit_test(risks_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
