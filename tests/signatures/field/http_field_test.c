// SPDX-License-Identifier: GPL-3.0-or-later
// What rules read from HTTP: headers put together as the language has them, bodies as they grow, files and their tests.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "signatures/field/file.h"
#include "signatures/field/http.h"
#include "tests/decoders/app/http/http_session.h"

static struct session *session;
static struct field_scratch scratch;

static int setup(void **state)
{
	(void)state;
	session = calloc(1, sizeof *session);
	if (!session)
		return -1;
	session_open(session, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	session_close(session);
	return 0;
}

static void exchange(void)
{
	session_text(session, TO_SERVER,
		"POST /aB?b=%63 HTTP/1.1\r\nHost: Example.COM\r\nCookie: k=v\r\nX-One:  1\r\nContent-Length: "
		"4\r\n\r\nsent");
	session_text(session, TO_CLIENT,
		"HTTP/1.1 200 OK\r\nServer: s\r\nSet-Cookie: c=d\r\nContent-Disposition: attachment; "
		"filename=\"r.PDF\"\r\n"
		"Content-Length: 8\r\n\r\nreceived");
}

static bool get_at(
	const struct field_buffer *buffer, enum direction direction, unsigned index, struct field_value *value)
{
	scratch.used = 0;
	struct field_source source = { .flow = &session->flow,
		.tx = session->flow.app.tx_first,
		.direction = direction,
		.scratch = &scratch,
		.slab = session->slab };
	for (const struct field_reader *r = buffer->readers; r->get; r++)
		if (r->proto == APP_HTTP1 && r->direction == direction)
			return r->progress <= source.tx->progress[direction] && r->get(&source, index, value);
	return false;
}

static void assert_value(const struct field_buffer *buffer, enum direction direction, const char *want)
{
	struct field_value value;
	assert_true(get_at(buffer, direction, 0, &value));
	assert_true(span_is(value.data, want));
	assert_true(value.first && value.last);
}

static void lines_and_headers(void **state)
{
	(void)state;
	exchange();
	assert_value(&field_http_uri, TO_SERVER, "/aB?b=c");
	assert_value(&field_http_uri_raw, TO_SERVER, "/aB?b=%63");
	assert_value(&field_http_method, TO_SERVER, "POST");
	assert_value(&field_http_host, TO_SERVER, "example.com");
	assert_value(&field_http_host_raw, TO_SERVER, "Example.COM");
	assert_value(&field_http_cookie, TO_SERVER, "k=v");
	assert_value(&field_http_cookie, TO_CLIENT, "c=d");
	assert_value(&field_http_stat_code, TO_CLIENT, "200");
	assert_value(&field_http_header, TO_SERVER, "Host: Example.COM\r\nX-One: 1\r\nContent-Length: 4\r\n");
	assert_value(&field_http_header_names, TO_SERVER, "\r\nHost\r\nCookie\r\nX-One\r\nContent-Length\r\n\r\n");
	assert_value(&field_http_header_raw, TO_SERVER,
		"Host: Example.COM\r\nCookie: k=v\r\nX-One:  1\r\nContent-Length: 4\r\n\r\n");
	assert_value(&field_http_start, TO_SERVER,
		"POST /aB?b=%63 HTTP/1.1\r\nHost: Example.COM\r\nCookie: k=v\r\nX-One: 1\r\nContent-Length: 4\r\n\r\n");
	assert_value(&field_http_request_body, TO_SERVER, "sent");
	assert_value(&field_http_response_body, TO_CLIENT, "received");
	assert_value(&field_file_data, TO_CLIENT, "received");
	assert_value(&field_file_data, TO_SERVER, "sent");
	assert_value(&field_file_name, TO_CLIENT, "r.PDF");
	struct field_value value;
	assert_true(get_at(&field_http_request_header, TO_SERVER, 2, &value));
	assert_true(span_is(value.data, "X-One: 1"));
	assert_false(get_at(&field_http_request_header, TO_SERVER, 4, &value));
	assert_false(get_at(&field_http_referer, TO_SERVER, 0, &value)); // an absent header is no empty one
}

// Padding of headers does not hide the others.
static void headers_may_be_many(void **state)
{
	(void)state;
	static char padding[4001];
	struct field_value value;
	memset(padding, 'x', sizeof padding - 1);
	session_text(session, TO_SERVER, "GET / HTTP/1.1\r\nHost: a\r\n");
	for (unsigned i = 0; i < 80; i++) {
		char name[16];
		snprintf(name, sizeof name, "X-%u: ", i);
		session_text(session, TO_SERVER, name);
		session_text(session, TO_SERVER, padding);
		session_text(session, TO_SERVER, "\r\n");
	}
	session_text(session, TO_SERVER, "X-Evil: yes\r\n\r\n");
	assert_true(get_at(&field_http_header, TO_SERVER, 0, &value));
	assert_non_null(memmem(value.data.data, value.data.len, "X-Evil: yes", 11));
}

static void a_growing_body_says_where_it_is(void **state)
{
	(void)state;
	struct field_value value;
	session_text(session, TO_SERVER, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	session_text(session, TO_CLIENT, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
	assert_true(get_at(&field_http_response_body, TO_CLIENT, 0, &value));
	assert_true(value.first && !value.last && value.data.len == 3);
	session_text(session, TO_CLIENT, "def");
	assert_value(&field_http_response_body, TO_CLIENT, "abcdef");
	assert_false(get_at(&field_http_request_body, TO_SERVER, 0, &value));
}

static bool holds(const struct field_test *test, const char *arguments)
{
	_Alignas(16) uint8_t data[FIELD_TEST_BYTES] = { 0 };
	struct field_source source = {
		.flow = &session->flow, .tx = session->flow.app.tx_first, .direction = TO_CLIENT, .scratch = &scratch
	};
	assert_null(test->parse(arguments, data));
	for (const struct field_test_reader *r = test->readers; r->match; r++)
		if (r->proto == APP_HTTP1 && r->direction == TO_CLIENT)
			return r->match(&source, data);
	return false;
}

static void tests_on_files(void **state)
{
	(void)state;
	exchange();
	assert_true(holds(&field_fileext, "pdf"));
	assert_false(holds(&field_fileext, "df"));
	assert_false(holds(&field_fileext, "!pdf"));
	assert_true(holds(&field_filename, "R.P"));
	assert_true(holds(&field_filename, "!doc"));
	assert_true(holds(&field_filesize, "8"));
	assert_true(holds(&field_filesize, ">7"));
	assert_true(holds(&field_filesize, "7<>9"));
	assert_false(holds(&field_filesize, "<1KB") == holds(&field_filesize, ">1KB"));
	uint8_t data[FIELD_TEST_BYTES] = { 0 };
	assert_non_null(field_filesize.parse("many", data));
	assert_non_null(field_filesize.parse("9<>7", data));
	assert_non_null(field_filename.parse("", data));
}

static void a_negated_test_wants_a_file(void **state)
{
	(void)state;
	session_text(session, TO_SERVER, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_false(holds(&field_filename, "!doc"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines_and_headers, setup, teardown),
		cmocka_unit_test_setup_teardown(headers_may_be_many, setup, teardown),
		cmocka_unit_test_setup_teardown(a_growing_body_says_where_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(tests_on_files, setup, teardown),
		cmocka_unit_test_setup_teardown(a_negated_test_wants_a_file, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
