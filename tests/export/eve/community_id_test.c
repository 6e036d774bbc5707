// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/community_id.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

// Vectors of the specification's baseline.
static const struct {
	uint8_t proto, version;
	uint16_t seed;
	const char *src, *dst;
	uint16_t sport, dport; // ICMP: type and code
	const char *id;
} vectors[] = {
	{ PROTO_TCP, 4, 0, "128.232.110.120", "66.35.250.204", 34855, 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
	{ PROTO_TCP, 4, 0, "66.35.250.204", "128.232.110.120", 80, 34855, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
	{ PROTO_TCP, 4, 1, "128.232.110.120", "66.35.250.204", 34855, 80, "1:3V71V58M3Ksw/yuFALMcW0LAHvc=" },
	{ PROTO_UDP, 4, 0, "192.168.1.52", "8.8.8.8", 54585, 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ=" },
	{ PROTO_ICMP, 4, 0, "192.168.0.89", "192.168.0.1", 8, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=" },
	{ PROTO_ICMP, 4, 0, "192.168.0.1", "192.168.0.89", 0, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=" },
	{ PROTO_ICMPV6, 6, 0, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 135, 0,
		"1:dGHyGvjMfljg6Bppwm3bg0LO8TY=" },
	{ PROTO_TCP, 4, 1, "192.168.0.254", "192.168.0.254", 56162, 3306, "1:IJQHtzXv/tXud3FtXIufkDsfEd4=" },
};

static void ids_are_those_of_the_specification(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct flow flow = { .id = i + 1 };
		bool icmp = vectors[i].proto == PROTO_ICMP || vectors[i].proto == PROTO_ICMPV6;
		struct community_hasher *hasher = community_hasher_new(vectors[i].seed);
		assert_non_null(hasher);
		assert_true(address_parse(vectors[i].src, &flow.key.src));
		assert_true(address_parse(vectors[i].dst, &flow.key.dst));
		flow.key.proto = vectors[i].proto;
		flow.key.ip_version = vectors[i].version;
		flow.key.sport = icmp ? 0x0800 : vectors[i].sport;
		flow.key.dport = icmp ? 0 : vectors[i].dport;
		flow.icmp_type = (uint8_t)vectors[i].sport;
		flow.icmp_code = (uint8_t)vectors[i].dport;
		for (unsigned again = 0; again < 2; again++) { // computed, then from the cache
			char text[COMMUNITY_ID_SIZE];
			community_id(hasher, &flow, text);
			assert_string_equal(text, vectors[i].id);
		}
		community_hasher_free(hasher);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(ids_are_those_of_the_specification) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
