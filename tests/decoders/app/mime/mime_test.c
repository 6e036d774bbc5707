// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/mime/mime.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "decoders/app/app_layer.h"

static struct slab *slab;
static struct mime_config config;
static struct file *files;
static uint32_t track;
static struct mime_place place;
static struct mime *mail;

static int fresh(void **state)
{
	(void)state;
	const struct app_config none = { 0 };
	slab = slab_new(16u << 20);
	mime_config_read(&config, &none, "smtp");
	place = (struct mime_place) { &config, file_tools_new(FILE_WANT_MD5, 65536), slab, &files, &track, TO_SERVER };
	mail = mime_new(slab);
	return !mail || !place.files;
}

static int closed(void **state)
{
	(void)state;
	mime_free(mail, slab);
	file_free_list(place.files, slab, &files);
	file_tools_free(place.files);
	int left = slab_used_bytes(slab) != 0;
	slab_destroy(slab);
	return left;
}

// Lines as SMTP gives them, cut into pieces of piece bytes.
static void take(const char *text, uint32_t piece)
{
	while (*text) {
		uint32_t len = (uint32_t)strcspn(text, "\n");
		uint8_t end = text[len] == '\n';
		uint32_t line = len;
		if (end && len && text[len - 1] == '\r') {
			end = 2;
			line--;
		}
		bool begins = true;
		uint32_t at = 0;
		for (; piece && line - at > piece; at += piece, begins = false)
			mime_take(mail, &place, span_of(text + at, piece), begins, 0);
		mime_take(mail, &place, span_of(text + at, line - at), begins, end);
		text += len + (end > 0);
	}
	mime_end(mail, &place, true);
}

static struct file *nth(unsigned n)
{
	struct file *file = files;
	while (file && n--)
		file = file->next;
	return file;
}

#define assert_file(n, expected_name, text)                                       \
	do {                                                                      \
		assert_non_null(nth(n));                                          \
		assert_true(span_is(bytes_span(&nth(n)->name), expected_name));   \
		assert_int_equal(nth(n)->window.len, sizeof(text) - 1);           \
		assert_memory_equal(nth(n)->window.data, text, sizeof(text) - 1); \
		assert_int_equal(nth(n)->state, FILE_CLOSED);                     \
	} while (0)

static void test_parts(void **state)
{
	(void)state;
	take("From: \"a, b\" <a@b>, c@d\r\nSubject: one\r\n two\r\nReceived: x\r\nReceived: y\r\n"
	     "Content-Type: multipart/mixed;\r\n\tboundary=\"out\"\r\n\r\nhttp://not.this/\r\n--out\r\n"
	     "Content-Type: multipart/alternative; boundary=outer\r\n\r\n--outer\r\n\r\nsee http://one.com/a?b=1, "
	     "ok\r\n"
	     "--outer\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
	     "<a href=3D\"http://two.=\r\ncom/x.exe\">=20http://10.1.2.3/\r\n--outer--\r\n"
	     "--out\r\nContent-Type: application/x; name=wrong\r\nContent-Disposition: attachment; filename=\"a "
	     "b.bin\"\r\n"
	     "Content-Transfer-Encoding: base64\r\n\r\naGVs\r\nbG8=\r\n\r\n--out\r\n"
	     "Content-Disposition: attachment; filename=t.txt\r\n\r\nline\r\nlast\r\n--out--\r\nhttp://nor.this/\r\n",
		0);
	struct span value, address;
	assert_true(mime_header_at(mail, MIME_SUBJECT, 0, &value));
	assert_true(span_is(value, "onetwo"));
	assert_true(mime_header_at(mail, MIME_RECEIVED, 1, &value));
	assert_true(span_is(value, "y"));
	assert_false(mime_header_at(mail, MIME_RECEIVED, 2, &value));
	assert_true(mime_header_at(mail, MIME_FROM, 0, &value));
	assert_true(mime_address_next(&value, &address));
	assert_true(span_is(address, "\"a, b\" <a@b>"));
	assert_true(mime_address_next(&value, &address));
	assert_true(span_is(address, "c@d"));
	assert_false(mime_address_next(&value, &address));
	assert_file(0, "a b.bin", "hello");
	assert_file(1, "t.txt", "line\r\nlast");
	assert_null(nth(2));
	static const char *const links[] = { "one.com/a?b=1,", "two.com/x.exe", "10.1.2.3/" };
	for (unsigned i = 0; i < 3; i++) {
		assert_true(mime_link_at(mail, i, &value));
		assert_true(span_is(value, links[i]));
	}
	assert_false(mime_link_at(mail, 3, &value));
	assert_true(mail->exe_link && mail->ipv4_link && !mail->ipv6_link);
	assert_int_equal(mail->events, 0);
	assert_int_equal(mail->state, MIME_DONE);
}

static void test_pieces_of_lines(void **state)
{
	(void)state;
	take("Content-Type: text/html; name=x.htm\r\nContent-Transfer-Encoding: "
	     "quoted-printable\r\n\r\na=3Db=\r\nc=ZZ\r\n",
		1);
	assert_file(0, "x.htm", "a=bc=ZZ");
	assert_true(mail->events & MIME_INVALID_QP);
}

static void test_mail_in_mail(void **state)
{
	(void)state;
	take("Subject: outer\nContent-Type: multipart/digest; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n"
	     "Subject: inner\nContent-Disposition: attachment; filename=in.txt\n\nx\n--b--\n",
		0);
	struct span subject;
	assert_true(mime_header_at(mail, MIME_SUBJECT, 0, &subject));
	assert_true(span_is(subject, "outer"));
	assert_false(mime_header_at(mail, MIME_SUBJECT, 1, &subject));
	assert_file(0, "in.txt", "x");
}

static void test_names(void **state)
{
	(void)state;
	static const struct {
		const char *value, *name;
	} cases[] = {
		{ "attachment; filename=plain.exe", "plain.exe" },
		{ "attachment; x=1;filename = \"q;\\\"uoted\" ; y", "q;\"uoted" },
		{ "attachment; filename=\"C:\\dir\\x.doc\"", "C:\\dir\\x.doc" },
		{ "attachment; filename=\"=?utf-8?B?ZXZp?= =?UTF-8?Q?l=2Eex_e?=\"", "evil.ex e" },
		{ "attachment; filename*=UTF-8''a%20b.txt", "a b.txt" },
		{ "attachment; filename*0=\"long\"; filename*1=\"er.txt\"", "longer.txt" },
		{ "attachment; filename*0*=UTF-8'en'a%2; filename*1=b", "a%2b" },
		{ "attachment; filename=\"=?utf-8?X?abc?=\"", "=?utf-8?X?abc?=" },
		{ "attachment; filename=\"=?\"", "=?" },
		{ "attachment; filename=", "" },
		{ "attachment; filename", "" },
		{ "attachment", "" },
		{ "attachment; filename=\"open", "open" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t out[64];
		uint32_t len = mime_parameter(span_text(cases[i].value), "filename", true, out, sizeof(out));
		assert_int_equal(len, strlen(cases[i].name));
		assert_memory_equal(out, cases[i].name, len);
	}
}

static void test_lies(void **state)
{
	(void)state;
	char text[4096];
	int len = snprintf(text, sizeof(text),
		" starts folded\r\nno colon\r\n%0100d: x\r\nContent-Type: multipart/x; boundary=", 1);
	memset(text + len, 'B', 300);
	snprintf(text + len + 300, sizeof(text) - (size_t)len - 300,
		"\r\nContent-Transfer-Encoding: base64\r\nSubject: %02500d\r\n\r\n--BBB\r\n\r\n", 1);
	take(text, 0);
	assert_true(mail->events & MIME_MALFORMED_MSG);
	assert_true(mail->events & MIME_LONG_HEADER_NAME);
	assert_true(mail->events & MIME_LONG_HEADER_VALUE);
	assert_true(mail->events & MIME_LONG_BOUNDARY);
	struct span subject;
	assert_true(mime_header_at(mail, MIME_SUBJECT, 0, &subject));
	assert_int_equal(subject.len, 2000);
	assert_int_equal(mail->state, MIME_DONE);
}

static void test_bad_base64(void **state)
{
	(void)state;
	char text[1024];
	snprintf(text, sizeof(text),
		"Content-Disposition: x; filename=%0300d\r\nContent-Transfer-Encoding: "
		"BASE64\r\n\r\naGVs!bG8=\r\nIQ==%0100d\r\n",
		0, 0);
	take(text, 3);
	assert_true(mail->events & MIME_INVALID_BASE64);
	assert_true(mail->events & MIME_LONG_ENC_LINE);
	assert_true(mail->events & MIME_LONG_FILENAME);
	assert_int_equal(files->name.len, MIME_TOKEN_MAX);
	assert_memory_equal(files->window.data, "hello!", 6);
}

static void test_bounds(void **state)
{
	(void)state;
	char line[128];
	for (int i = 0; i < 40; i++) { // each part a multipart of its own
		snprintf(line, sizeof(line), "Content-Type: multipart/mixed; boundary=b%d", i);
		mime_take(mail, &place, span_text(line), true, 2);
		mime_take(mail, &place, span_text(""), true, 2);
		snprintf(line, sizeof(line), "--b%d", i);
		mime_take(mail, &place, span_text(line), true, 2);
		assert_true(mail->depth <= MIME_DEPTH_MAX);
	}
	assert_true(mail->events & MIME_MALFORMED_MSG);
	mime_free(mail, slab);
	mail = mime_new(slab);
	for (int i = 0; i < MIME_HEADERS_MAX + 5; i++)
		mime_take(mail, &place, span_text("Received: x"), true, 2);
	mime_take(mail, &place, span_text(""), true, 2);
	for (int i = 0; i < MIME_LINKS_MAX + 5; i++)
		mime_take(mail, &place, span_text("http://x"), true, 2);
	mime_end(mail, &place, false);
	assert_int_equal(mail->kept, MIME_HEADERS_MAX - 32);
	assert_int_equal(mail->links_kept, MIME_LINKS_MAX);
	assert_int_equal(mail->lost, 5 + 32 + 5);
	assert_int_equal(mail->state, MIME_CUT);
}

static void test_settings(void **state)
{
	(void)state;
	struct option_pair pairs[] = { { (char *)"smtp.mime.extract-urls-schemes.0", (char *)"https" },
		{ (char *)"smtp.mime.extract-urls-schemes.1", (char *)"mailto" },
		{ (char *)"smtp.mime.log-url-scheme", (char *)"yes" }, { (char *)"smtp.mime.body-md5", (char *)"yes" },
		{ (char *)"smtp.mime.decode-base64", (char *)"no" } };
	const struct app_config set = { .protocols = { .pairs = pairs, .count = 5 } };
	mime_config_read(&config, &set, "smtp");
	take("Content-Transfer-Encoding: base64\r\n\r\nhttp://a/ HTTPS://b/<mailto:x@y>\r\n", 0);
	struct span link;
	assert_true(mime_link_at(mail, 0, &link));
	assert_true(span_is(link, "HTTPS://b/"));
	assert_true(mime_link_at(mail, 1, &link));
	assert_true(span_is(link, "mailto:x@y"));
	assert_false(mime_link_at(mail, 2, &link));
	assert_true(mail->has_md5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_parts, fresh, closed),
		cmocka_unit_test_setup_teardown(test_pieces_of_lines, fresh, closed),
		cmocka_unit_test_setup_teardown(test_mail_in_mail, fresh, closed),
		cmocka_unit_test(test_names),
		cmocka_unit_test_setup_teardown(test_lies, fresh, closed),
		cmocka_unit_test_setup_teardown(test_bad_base64, fresh, closed),
		cmocka_unit_test_setup_teardown(test_bounds, fresh, closed),
		cmocka_unit_test_setup_teardown(test_settings, fresh, closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
