// SPDX-License-Identifier: GPL-3.0-or-later
// Recipes: the packets they make are what they say, with lengths and checksums right; what is wrong is told with its line.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sensor/packs/recipe.h"

static bool make(const char *text, struct capture_writer *writer, struct pack_error *error)
{
	struct yaml_tree tree;
	capture_writer_init(writer);
	if (!yaml_tree_read(&tree, "r", text, strlen(text), error))
		return false;
	bool good = recipe_write(&tree, tree.root, writer);
	yaml_tree_free(&tree);
	return good;
}

static struct capture_writer writer;
static struct pack_error error;

static void refuses(const char *text, const char *reason)
{
	assert_false(make(text, &writer, &error));
	if (!strstr(error.text, reason))
		fail_msg("\"%s\" does not say \"%s\"", error.text, reason);
	capture_writer_fini(&writer);
}

static uint32_t sum_of(const uint8_t *at, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? at[i] : (uint32_t)at[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

// The n-th frame; len gets its length.
static const uint8_t *frame_at(unsigned n, uint32_t *len)
{
	size_t at = 24;
	for (;; n--) {
		assert_true(at + 16 <= writer.len);
		*len = writer.bytes[at + 8] | (uint32_t)writer.bytes[at + 9] << 8;
		if (n == 0)
			return writer.bytes + at + 16;
		at += 16 + *len;
	}
}

static void a_tcp_session_has_handshake_data_and_end(void **state)
{
	(void)state;
	uint32_t len;
	assert_true(make("- tcp: 10.0.0.1:1000 > 10.0.0.2:80\n  send: [{client: \"ab|00 ff|\"}, {server: x}]\n",
		&writer, &error));
	assert_int_equal(writer.packets, 3 + 2 + 2 + 3);
	const uint8_t *data = frame_at(3, &len);
	assert_int_equal(len, 14 + 20 + 20 + 4);
	assert_memory_equal(data + 54, "ab\0\xff", 4);
	for (unsigned i = 0; i < writer.packets; i++) {
		const uint8_t *frame = frame_at(i, &len);
		assert_int_equal(sum_of(frame + 14, 20, 0), 0xffff);
		assert_int_equal(sum_of(frame + 34, len - 34, sum_of(frame + 26, 8, 6 + len - 34)), 0xffff);
	}
	capture_writer_fini(&writer);
}

static void ipv6_and_udp_and_icmp_have_good_checksums(void **state)
{
	(void)state;
	uint32_t len;
	assert_true(make("- udp: '[2001:db8::1]:5000 > [2001:db8::2]:53'\n  send: [{client: abc}]\n"
			 "- ping: 10.0.0.1 > 10.0.0.2\n  send: [{client: hello}, {server: hello}]\n",
		&writer, &error));
	assert_int_equal(writer.packets, 3);
	const uint8_t *udp = frame_at(0, &len);
	assert_int_equal(sum_of(udp + 54, len - 54, sum_of(udp + 22, 32, 17 + len - 54)), 0xffff);
	const uint8_t *ping = frame_at(1, &len);
	assert_int_equal(ping[34], 8);
	assert_int_equal(sum_of(ping + 34, len - 34, 0), 0xffff);
	assert_int_equal(frame_at(2, &len)[34], 0);
	capture_writer_fini(&writer);
}

static void http_fills_in_what_is_not_said(void **state)
{
	(void)state;
	uint32_t len;
	assert_true(make(
		"- http: 10.0.0.1 > 10.0.0.2\n  requests: [{uri: /a, body: xy, answer: hello, headers: {X: '|41|'}}]\n",
		&writer, &error));
	const char *request = (const char *)frame_at(3, &len) + 54;
	static const char expected[] = "POST /a HTTP/1.1\r\nHost: 10.0.0.2\r\nUser-Agent: Mozilla/5.0\r\nX: A\r\n"
				       "Content-Length: 2\r\n\r\nxy";
	assert_int_equal(len - 54, sizeof(expected) - 1);
	assert_memory_equal(request, expected, sizeof(expected) - 1);
	capture_writer_fini(&writer);
}

static void dns_answers_point_to_the_question(void **state)
{
	(void)state;
	uint32_t len;
	assert_true(make("- dns: 10.0.0.1 > 10.0.0.2\n  queries: [{name: a.test, answers: [192.0.2.1], rcode: 3}]\n",
		&writer, &error));
	const uint8_t *answer = frame_at(1, &len) + 42;
	static const uint8_t expected[] = { 0, 1, 0x81, 0x83, 0, 1, 0, 1, 0, 0, 0, 0, 1, 'a', 4, 't', 'e', 's', 't', 0,
		0, 1, 0, 1, 0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1 };
	assert_int_equal(len - 42, sizeof(expected));
	assert_memory_equal(answer, expected, sizeof(expected));
	capture_writer_fini(&writer);
}

static void repeat_takes_another_port_each(void **state)
{
	(void)state;
	uint32_t len;
	assert_true(make(
		"- udp: 10.0.0.1 > 10.0.0.2:9\n  send: [{client: a}]\n  repeat: 3\n  every: 10\n", &writer, &error));
	assert_int_equal(writer.packets, 3);
	assert_int_equal(frame_at(0, &len)[35] + 2, frame_at(2, &len)[35]);
	capture_writer_fini(&writer);
}

static void long_payloads_are_segmented(void **state)
{
	(void)state;
	char text[8000] = "- tcp: 10.0.0.1 > 10.0.0.2:80\n  end: none\n  send: [{client: ";
	size_t len = strlen(text);
	memset(text + len, 'x', 3000);
	snprintf(text + len + 3000, 16, "}]\n");
	assert_true(make(text, &writer, &error));
	assert_int_equal(writer.packets, 3 + 3 + 1);
	capture_writer_fini(&writer);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
	(void)state;
	refuses("flows: []", "1 to");
	refuses("- tcp: nonsense\n", "r:1: expected CLIENT");
	refuses("- tcp: 10.0.0.1 > 10.0.0.2\n", "port is missing");
	refuses("- tcp: 10.0.0.1 > '::1'\n", "r:1");
	refuses("- tcp: 10.0.0.1:99999 > 10.0.0.2:80\n", "expected CLIENT");
	refuses("- udp: 10.0.0.1 > 10.0.0.2:80\n  send:\n    - client: \"|zz|\"\n", "r:3: \"z\" between");
	refuses("- udp: 10.0.0.1 > 10.0.0.2:80\n  send:\n    - client: \"|0d\"\n", "not closed");
	refuses("- udp: 10.0.0.1 > 10.0.0.2:80\n  sned: []\n", "unknown key sned");
	refuses("- udp: 10.0.0.1 > 10.0.0.2:80\n  wait: -1\n", "seconds");
	refuses("- udp: 10.0.0.1 > 10.0.0.2:80\n  repeat: 1000000\n", "10000");
	refuses("- dns: 10.0.0.1 > 10.0.0.2\n  queries: [{type: A}]\n", "name is missing");
	refuses("- dns: 10.0.0.1 > 10.0.0.2\n  queries: [{name: a..b}]\n", "1 to 63");
	refuses("- &a udp: 10.0.0.1 > 10.0.0.2:80\n- *a\n", "aliases");
	refuses("- tcp: 10.0.0.1 > 10.0.0.2:80\n  udp: 10.0.0.1 > 10.0.0.2:80\n", "one of");
}

static void a_capture_has_bounds(void **state)
{
	(void)state;
	refuses("- udp: 10.0.0.1 > 10.0.0.2:80\n  send: [{client: a}, {client: a}, {client: a}, {client: a}, {client: "
		"a}, {client: a}, "
		"{client: a}, {client: a}, {client: a}, {client: a}, {client: a}, {client: a}, {client: a}, {client: "
		"a}, {client: a}, "
		"{client: a}, {client: a}, {client: a}, {client: a}, {client: a}, {client: a}]\n  repeat: 10000\n",
		"would have more than");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tcp_session_has_handshake_data_and_end),
		cmocka_unit_test(ipv6_and_udp_and_icmp_have_good_checksums),
		cmocka_unit_test(http_fills_in_what_is_not_said),
		cmocka_unit_test(dns_answers_point_to_the_question),
		cmocka_unit_test(repeat_takes_another_port_each),
		cmocka_unit_test(long_payloads_are_segmented),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(a_capture_has_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
