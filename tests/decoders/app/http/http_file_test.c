// SPDX-License-Identifier: GPL-3.0-or-later
// Files in HTTP: names from headers and URIs, uploads in forms, ranges.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/decoders/app/http/http_session.h"

static struct session *start(uint32_t piece)
{
	struct session *s = calloc(1, sizeof *s);
	assert_non_null(s);
	session_open(s, piece);
	return s;
}

static void assert_file(const struct file *file, enum direction direction, const char *name, const char *bytes)
{
	assert_non_null(file);
	assert_int_equal(file->direction, direction);
	assert_int_equal(file->state, FILE_CLOSED);
	assert_true(span_is(bytes_span(&file->name), name));
	assert_true(span_is(bytes_span(&file->window), bytes));
	assert_int_equal(file->size, strlen(bytes));
}

static void a_disposition_names_the_file(void **state)
{
	(void)state;
	struct session *s = start(0);
	session_text(s, TO_SERVER, "GET /get.php?id=1 HTTP/1.1\r\nHost: a\r\n\r\n");
	session_text(s, TO_CLIENT,
		"HTTP/1.1 200 OK\r\nContent-Disposition: attachment; x=\"a;b\"; filename=\"in voice.pdf\"\r\n"
		"Content-Length: 3\r\n\r\nabc");
	const struct file *file = session_tx(s, 0)->base.files;
	assert_file(file, TO_CLIENT, "in voice.pdf", "abc");
	static const uint8_t md5[16] = { 0x90, 0x01, 0x50, 0x98, 0x3c, 0xd2, 0x4f, 0xb0, 0xd6, 0x96, 0x3f, 0x7d, 0x28,
		0xe1, 0x7f, 0x72 };
	assert_true(file->has_md5);
	assert_memory_equal(file->md5, md5, 16);
	session_close(s);
}

static void post_and_put_bodies_are_files(void **state)
{
	(void)state;
	static const char *const methods[] = { "POST", "PUT" };
	for (int i = 0; i < 2; i++) {
		char request[128];
		struct session *s = start(1);
		snprintf(request, sizeof request, "%s /up/load HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody",
			methods[i]);
		session_text(s, TO_SERVER, request);
		assert_file(session_tx(s, 0)->base.files, TO_SERVER, "/up/load", "body");
		session_close(s);
	}
}

static const char form[] =
	"preamble\r\n--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nno file\r\n"
	"--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"one.txt\"\r\nContent-Type: text/plain\r\n\r\n"
	"first\r\n--X not it\r\n\r\n--XX\r\ncontent-disposition: form-data; name=\"g\"; filename=\"two\"\r\n\r\n"
	"\r\n--XX\r\nContent-Disposition: form-data; filename=\"three\"\r\n\r\n3\r\n--XX--\r\nepilogue";

static void a_form_gives_its_files_in_any_pieces(void **state)
{
	(void)state;
	for (uint32_t piece = 0; piece < 40; piece++) {
		char head[256];
		struct session *s = start(piece);
		snprintf(head, sizeof head,
			"POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; "
			"boundary=\"XX\"\r\nContent-Length: %zu\r\n\r\n",
			sizeof form - 1);
		session_text(s, TO_SERVER, head);
		session_text(s, TO_SERVER, form);
		const struct http_tx *tx = session_tx(s, 0);
		const struct file *file = tx->base.files;
		assert_file(file, TO_SERVER, "one.txt", "first\r\n--X not it\r\n");
		assert_file(file->next, TO_SERVER, "two", "");
		assert_file(file->next->next, TO_SERVER, "three", "3");
		assert_null(file->next->next->next);
		assert_true(session_event(tx, HTTP_EVENT_MULTIPART_NO_FILEDATA));
		session_close(s);
	}
}

static void a_form_cut_short_truncates_its_file(void **state)
{
	(void)state;
	struct session *s = start(0);
	session_text(s, TO_SERVER,
		"POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=XX\r\nContent-Length: "
		"999\r\n\r\n"
		"--XX\r\nContent-Disposition: form-data; filename=\"f\"\r\n\r\npart of it");
	session_end(s, TO_SERVER);
	const struct file *file = session_tx(s, 0)->base.files;
	assert_int_equal(file->state, FILE_TRUNCATED);
	assert_true(span_is(bytes_span(&file->window), "part of it"));
	session_close(s);
}

static void ranges_are_read_and_bad_ones_told(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool good;
		int64_t start, end, size;
	} cases[] = {
		{ "bytes 0-499/1234", true, 0, 499, 1234 },
		{ "bytes 10-20/*", true, 10, 20, -1 },
		{ "bytes */77", true, -1, -1, 77 },
		{ "bytes 5-4/10", false, 0, 0, 0 },
		{ "bytes 0-10/10", false, 0, 0, 0 },
		{ "bytes 0-1", false, 0, 0, 0 },
		{ "items 0-1/2", false, 0, 0, 0 },
		{ "bytes 99999999999999999999-1/2", false, 0, 0, 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_range range;
		assert_int_equal(http_range_parse(span_text(cases[i].text), &range), cases[i].good);
		if (cases[i].good) {
			assert_int_equal(range.start, cases[i].start);
			assert_int_equal(range.end, cases[i].end);
			assert_int_equal(range.size, cases[i].size);
		}
	}
	struct session *s = start(0);
	session_text(s, TO_SERVER, "GET /r HTTP/1.1\r\nHost: a\r\n\r\n");
	session_text(s, TO_CLIENT, "HTTP/1.1 206 Part\r\nContent-Range: bytes 3-5/9\r\nContent-Length: 3\r\n\r\nabc");
	assert_int_equal(session_tx(s, 0)->base.files->range_start, 3);
	assert_int_equal(session_tx(s, 0)->base.files->range_total, 9);
	session_close(s);
}

// A form of very many small files: as many as rules can afford to look at, and the sender is told on.
static void files_of_a_form_are_bounded(void **state)
{
	(void)state;
	static char body[128u << 10];
	char head[256];
	unsigned len = 0;
	for (unsigned i = 0; i < 2 * HTTP_FILES_MAX; i++)
		len += (unsigned)snprintf(body + len, sizeof body - len,
			"--b\r\nContent-Disposition: form-data; filename=f\r\ncontent-disposition: x; "
			"filename=g\r\n\r\nx\r\n");
	len += (unsigned)snprintf(body + len, sizeof body - len, "--b--\r\n");
	struct session *s = start(0);
	snprintf(head, sizeof head,
		"POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"
		"Content-Length: %u\r\n\r\n",
		len);
	session_text(s, TO_SERVER, head);
	session_send(s, TO_SERVER, body, len);
	const struct http_tx *tx = session_tx(s, 0);
	unsigned count = 0;
	for (const struct file *file = tx->base.files; file; file = file->next, count++)
		assert_file(file, TO_SERVER, "f", "x");
	assert_int_equal(count, HTTP_FILES_MAX);
	assert_true(session_event(tx, HTTP_EVENT_MULTIPART_GENERIC_ERROR));
	session_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disposition_names_the_file),
		cmocka_unit_test(files_of_a_form_are_bounded),
		cmocka_unit_test(post_and_put_bodies_are_files),
		cmocka_unit_test(a_form_gives_its_files_in_any_pieces),
		cmocka_unit_test(a_form_cut_short_truncates_its_file),
		cmocka_unit_test(ranges_are_read_and_bad_ones_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
