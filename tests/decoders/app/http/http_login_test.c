// SPDX-License-Identifier: GPL-3.0-or-later
// Logins in HTTP headers: found in every header they may stand in, and nothing else taken for one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "decoders/app/http/http_login.h"
#include "tests/decoders/app/http/http_session.h"

#define NEGOTIATE "TlRMTVNTUAABAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAA="
#define CHALLENGE "TlRMTVNTUAACAAAACAAIADAAAAABAAAAQUJDREVGR0gAAAAAAAAAAAAAAAA4AAAAQwBPAFIAUAA="
#define LOGIN                                                                      \
	"TlRMTVNTUAADAAAAAAAAAEAAAAAYABgAQAAAAAgACABYAAAABgAGAGAAAAAGAAYAZgAAAAAA" \
	"AABsAAAAAQAAAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAUMATwBSAFAAYgBvAGIAUABDADEA"

static struct session *session;

static void open_session(void)
{
	session = calloc(1, sizeof(*session));
	assert_non_null(session);
	session_open(session, 0);
}

static void test_ntlm_of_winrm(void **state)
{
	(void)state;
	static struct http_login login;
	open_session();
	session_text(session, TO_SERVER,
		"POST /wsman HTTP/1.1\r\nHost: a\r\nAuthorization: Negotiate " LOGIN "\r\nContent-Length: 0\r\n\r\n");
	const struct app_tx *tx = &session_tx(session, 0)->base;
	assert_true(http_is_winrm(tx));
	assert_true(http_login_read(tx, TO_SERVER, &login));
	assert_true(login.negotiate);
	assert_false(login.kerberos);
	assert_int_equal(login.ntlm.type, NTLMSSP_AUTHENTICATE);
	assert_int_equal(login.ntlm.user.len, 6);
	assert_memory_equal(login.ntlm.user.data, "b\0o\0b", 6);
	assert_memory_equal(login.ntlm.domain.data, "C\0O\0R\0P", 8);
	session_text(session, TO_CLIENT,
		"HTTP/1.1 401 No\r\nWWW-Authenticate: NTLM " CHALLENGE "\r\nContent-Length: 0\r\n\r\n");
	assert_true(http_login_read(tx, TO_CLIENT, &login));
	assert_false(login.negotiate);
	assert_int_equal(login.ntlm.type, NTLMSSP_CHALLENGE);
	session_close(session);
}

static void test_proxies(void **state)
{
	(void)state;
	static struct http_login login;
	open_session();
	session_text(session, TO_SERVER,
		"GET /wsmanx HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YTpi\r\nProxy-Authorization: NTLM " NEGOTIATE
		"\r\n\r\n");
	const struct app_tx *tx = &session_tx(session, 0)->base;
	assert_false(http_is_winrm(tx));
	assert_true(http_login_read(tx, TO_SERVER, &login));
	assert_int_equal(login.ntlm.type, NTLMSSP_NEGOTIATE);
	assert_false(http_login_read(tx, TO_CLIENT, &login));
	session_close(session);
}

static void test_what_is_no_login(void **state)
{
	(void)state;
	static const char *const values[] = { "NTLM", "NTLM ", "NTLM !!!!",
		"NTLM TlRMTVNTUAA=", "Negotiate YII=", "Basic TlRMTVNTUAA=" };
	for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		static struct http_login login;
		char text[256];
		open_session();
		snprintf(text, sizeof(text),
			"POST /wsman/x HTTP/1.1\r\nHost: a\r\nAuthorization: %s\r\nContent-Length: 0\r\n\r\n",
			values[i]);
		session_text(session, TO_SERVER, text);
		assert_false(http_login_read(&session_tx(session, 0)->base, TO_SERVER, &login));
		assert_true(http_is_winrm(&session_tx(session, 0)->base));
		session_close(session);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ntlm_of_winrm),
		cmocka_unit_test(test_proxies),
		cmocka_unit_test(test_what_is_no_login),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
