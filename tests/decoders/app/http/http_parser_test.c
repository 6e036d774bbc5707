// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP/1 transactions: the same whatever the segments, bodies decoded and bounded, and flows that leave HTTP.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <zlib.h>
#include "decoders/app/http/http_internal.h"
#include "tests/decoders/app/http/http_session.h"

static const uint32_t pieces[] = { 0, 1, 2, 3, 7, 64 };
#define EACH_PIECE(i) for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)

static struct session *start(uint32_t piece)
{
	struct session *s = calloc(1, sizeof *s);
	assert_non_null(s);
	session_open(s, piece);
	return s;
}

static void assert_part(const struct http_tx *tx, enum http_part part, const char *want)
{
	struct span got;
	assert_true(http_part(&tx->base, part, &got));
	assert_true(span_is(got, want));
}

static void assert_body(const struct http_tx *tx, enum direction direction, const char *want)
{
	assert_true(tx->body[direction].complete);
	struct span got = bytes_span(&tx->body[direction].data);
	if (!span_is(got, want))
		print_error("%s, not %.*s (%u)\n", want, (int)got.len, (const char *)got.data, got.len);
	assert_true(span_is(got, want));
}

static void request_and_answer_in_any_pieces(void **state)
{
	(void)state;
	EACH_PIECE(i)
	{
		struct session *s = start(pieces[i]);
		session_text(s, TO_SERVER,
			"GET /a/%62/../c?x=%41&y=1 HTTP/1.1\r\nHost: WWW.Example.com\r\nCookie: k=v\r\n\r\n");
		const struct http_tx *tx = session_tx(s, 0);
		assert_non_null(tx);
		assert_int_equal(tx->base.progress[TO_SERVER], HTTP_COMPLETE);
		assert_int_equal(tx->base.progress[TO_CLIENT], HTTP_NOT_STARTED);
		assert_part(tx, HTTP_PART_METHOD, "GET");
		assert_part(tx, HTTP_PART_URI, "/a/c?x=A&y=1");
		assert_part(tx, HTTP_PART_URI_RAW, "/a/%62/../c?x=%41&y=1");
		assert_part(tx, HTTP_PART_HOST, "www.example.com");
		assert_part(tx, HTTP_PART_HOST_RAW, "WWW.Example.com");
		assert_true(span_is(
			bytes_span(&tx->raw_headers[TO_SERVER]), "Host: WWW.Example.com\r\nCookie: k=v\r\n\r\n"));
		session_text(s, TO_CLIENT, "HTTP/1.1 200 Fine\r\nContent-Length: 5\r\n\r\nhello");
		assert_int_equal(tx->base.progress[TO_CLIENT], HTTP_COMPLETE);
		assert_part(tx, HTTP_PART_STATUS, "200");
		assert_part(tx, HTTP_PART_STATUS_MESSAGE, "Fine");
		assert_body(tx, TO_CLIENT, "hello");
		assert_int_equal(http_response_length(&tx->base), 5);
		assert_true(app_tx_done(&http_parser, &tx->base));
		assert_null(tx->base.next);
		session_close(s);
	}
}

static void pipelined_requests_meet_their_answers(void **state)
{
	(void)state;
	EACH_PIECE(i)
	{
		struct session *s = start(pieces[i]);
		session_text(s, TO_SERVER,
			"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HTTP/1.1\r\nHost: "
			"a\r\n\r\n");
		session_text(s, TO_CLIENT,
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n"
			"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
			"HTTP/1.1 404 No\r\nContent-Length: 5\r\n\r\nthree");
		assert_body(session_tx(s, 0), TO_CLIENT, "one");
		assert_false(session_tx(s, 1)->body[TO_CLIENT].has_body); // HEAD: a length, and no body
		assert_body(session_tx(s, 2), TO_CLIENT, "three");
		assert_int_equal(http_status(&session_tx(s, 2)->base), 404);
		for (unsigned n = 0; n < 3; n++)
			assert_true(app_tx_done(&http_parser, &session_tx(s, n)->base));
		session_close(s);
	}
}

static size_t compress_with(int window_bits, const void *plain, size_t plain_len, uint8_t *out, size_t room)
{
	z_stream z = { .next_in = (uint8_t *)(uintptr_t)plain,
		.avail_in = (uInt)plain_len,
		.next_out = out,
		.avail_out = (uInt)room };
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	size_t len = z.total_out;
	deflateEnd(&z);
	return len;
}

static void send_compressed(struct session *s, const char *encoding, const uint8_t *bytes, size_t len)
{
	char head[128];
	session_text(s, TO_SERVER, "GET /z HTTP/1.1\r\nHost: a\r\n\r\n");
	snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %zu\r\n\r\n", encoding,
		len);
	session_text(s, TO_CLIENT, head);
	session_send(s, TO_CLIENT, bytes, len);
}

static void compressed_bodies_are_decoded(void **state)
{
	(void)state;
	static const struct {
		const char *encoding;
		int window_bits;
	} kinds[] = { { "gzip", 31 }, { "x-gzip", 31 }, { "deflate", 15 }, { "deflate", -15 } };
	uint8_t packed[256];
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
		EACH_PIECE(i)
		{
			size_t len = compress_with(kinds[k].window_bits, "plain words", 11, packed, sizeof packed);
			struct session *s = start(pieces[i]);
			send_compressed(s, kinds[k].encoding, packed, len);
			assert_body(session_tx(s, 0), TO_CLIENT, "plain words");
			assert_int_equal(http_response_length(&session_tx(s, 0)->base), len);
			session_close(s);
		}
}

static void a_bomb_is_bounded(void **state)
{
	(void)state;
	size_t size = 8u << 20;
	char *zeros = calloc(1, size);
	uint8_t *packed = malloc(64u << 10);
	assert_non_null(zeros);
	assert_non_null(packed);
	size_t len = compress_with(31, zeros, size, packed, 64u << 10);
	struct session *s = start(0);
	send_compressed(s, "gzip", packed, len);
	const struct http_tx *tx = session_tx(s, 0);
	assert_true(tx->body[TO_CLIENT].limited);
	assert_int_equal(tx->base.files->state, FILE_TRUNCATED);
	assert_true(tx->body[TO_CLIENT].data.len <= 100u << 10);
	session_close(s);
	free(zeros);
	free(packed);
}

static void bodies_are_kept_up_to_their_limit(void **state)
{
	(void)state;
	struct session *s = calloc(1, sizeof *s);
	assert_non_null(s);
	s->pairs[0] = (struct option_pair) { "http.libhtp.default-config.response-body-limit", "4" };
	s->config.protocols.count = 1;
	session_open(s, 3);
	session_text(s, TO_SERVER, "GET /f HTTP/1.1\r\nHost: a\r\n\r\n");
	session_text(s, TO_CLIENT, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789");
	const struct http_tx *tx = session_tx(s, 0);
	assert_body(tx, TO_CLIENT, "0123");
	assert_true(tx->body[TO_CLIENT].limited);
	assert_int_equal(tx->body[TO_CLIENT].seen, 10);
	assert_int_equal(tx->base.files->state, FILE_TRUNCATED);
	assert_int_equal(tx->base.files->size, 4);
	session_close(s);
}

static void an_answer_until_close_ends_with_its_stream(void **state)
{
	(void)state;
	struct session *s = start(5);
	session_text(s, TO_SERVER, "GET /dir/name.bin HTTP/1.0\r\n\r\n");
	session_text(s, TO_CLIENT, "HTTP/1.0 200 OK\r\n\r\nall of it");
	const struct http_tx *tx = session_tx(s, 0);
	assert_false(tx->body[TO_CLIENT].complete);
	session_end(s, TO_CLIENT);
	assert_body(tx, TO_CLIENT, "all of it");
	assert_int_equal(tx->base.files->state, FILE_CLOSED);
	assert_true(span_is(bytes_span(&tx->base.files->name), "/dir/name.bin"));
	session_close(s);
}

static void a_chunked_answer_cut_off_is_truncated(void **state)
{
	(void)state;
	struct session *s = start(0);
	session_text(s, TO_SERVER, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	session_text(s, TO_CLIENT, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf");
	session_end(s, TO_CLIENT);
	const struct http_tx *tx = session_tx(s, 0);
	assert_body(tx, TO_CLIENT, "half");
	assert_int_equal(tx->base.progress[TO_CLIENT], HTTP_COMPLETE);
	assert_int_equal(tx->base.files->state, FILE_TRUNCATED);
	session_close(s);
}

static void a_gap_in_a_body_does_not_lose_the_next_answer(void **state)
{
	(void)state;
	struct session *s = start(0);
	session_text(s, TO_SERVER, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
	session_text(s, TO_CLIENT, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234");
	session_gap(s, TO_CLIENT, 10);
	session_text(s, TO_CLIENT, "56789HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	assert_int_equal(session_tx(s, 0)->body[TO_CLIENT].seen, 20);
	assert_true(session_tx(s, 0)->base.files->has_gaps);
	assert_int_equal(session_tx(s, 0)->base.files->size, 20);
	assert_body(session_tx(s, 1), TO_CLIENT, "ok");
	session_close(s);
}

static void an_accepted_connect_leaves_http(void **state)
{
	(void)state;
	EACH_PIECE(i)
	{
		struct session *s = start(pieces[i]);
		session_text(s, TO_SERVER, "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n");
		session_text(s, TO_CLIENT, "HTTP/1.1 200 Established\r\nA: b\r\n\r\n\x16\x03\x01");
		assert_int_equal(s->result[TO_CLIENT], APP_SWITCH);
		assert_int_equal(s->switch_to, APP_UNKNOWN);
		assert_false(session_tx(s, 0)->body[TO_CLIENT].has_body);
		assert_int_equal(s->held[TO_CLIENT][0], 0x16); // what follows is the next parser's
		assert_true(app_tx_done(&http_parser, &session_tx(s, 0)->base));
		session_close(s);
	}
}

static void a_path_to_connect_to_is_no_host(void **state)
{
	(void)state;
	struct session *s = start(0);
	struct span host;
	session_text(s, TO_SERVER, "CONNECT / HTTP/1.1\r\nA: b\r\n\r\n");
	assert_part(session_tx(s, 0), HTTP_PART_URI_RAW, "/");
	assert_false(http_part(&session_tx(s, 0)->base, HTTP_PART_HOST, &host));
	assert_false(http_part(&session_tx(s, 0)->base, HTTP_PART_HOST_RAW, &host));
	session_close(s);
}

static void a_refused_connect_stays_http(void **state)
{
	(void)state;
	struct session *s = start(0);
	session_text(s, TO_SERVER, "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n");
	session_text(s, TO_CLIENT, "HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno");
	assert_int_equal(s->result[TO_CLIENT], APP_OK);
	session_text(s, TO_SERVER, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	session_text(s, TO_CLIENT, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes");
	assert_body(session_tx(s, 1), TO_CLIENT, "yes");
	session_close(s);
}

static void an_upgrade_names_its_protocol(void **state)
{
	(void)state;
	static const struct {
		const char *upgrade;
		enum app_proto to;
	} kinds[] = { { "websocket", APP_WEBSOCKET }, { "h2c", APP_HTTP2 } };
	for (size_t k = 0; k < 2; k++) {
		char answer[128];
		struct session *s = start(0);
		session_text(s, TO_SERVER, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n\r\n");
		snprintf(answer, sizeof answer, "HTTP/1.1 101 Switching\r\nUpgrade: %s\r\n\r\n\x81\x01x",
			kinds[k].upgrade);
		session_text(s, TO_CLIENT, answer);
		assert_int_equal(s->result[TO_CLIENT], APP_SWITCH);
		assert_int_equal(s->switch_to, kinds[k].to);
		assert_int_equal(s->held_len[TO_CLIENT], 3); // what follows is the next parser's
		session_close(s);
	}
}

static void an_interim_answer_is_not_the_answer(void **state)
{
	(void)state;
	struct session *s = start(1);
	session_text(s, TO_SERVER, "PUT /up HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
	session_text(s, TO_CLIENT, "HTTP/1.1 100 Continue\r\n\r\n");
	session_text(s, TO_SERVER, "data");
	session_text(s, TO_CLIENT, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
	const struct http_tx *tx = session_tx(s, 0);
	assert_int_equal(http_status(&tx->base), 201);
	assert_body(tx, TO_SERVER, "data");
	assert_true(span_is(bytes_span(&tx->raw_headers[TO_CLIENT]), "Content-Length: 0\r\n\r\n"));
	assert_null(tx->base.next);
	session_close(s);
}

static void an_answer_without_request_is_told(void **state)
{
	(void)state;
	struct session *s = start(0);
	session_text(s, TO_CLIENT, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	const struct http_tx *tx = session_tx(s, 0);
	assert_non_null(tx);
	assert_true(http_request_unseen(&tx->base));
	assert_true(session_event(tx, HTTP_EVENT_UNABLE_TO_MATCH_RESPONSE));
	assert_body(tx, TO_CLIENT, "ok");
	session_close(s);
}

static void odd_requests_give_events(void **state)
{
	(void)state;
	static const struct {
		const char *request;
		enum http_event event;
	} cases[] = {
		{ "GET / HTTP/1.1\r\nX: y\r\n\r\n", HTTP_EVENT_MISSING_HOST_HEADER },
		{ "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", HTTP_EVENT_HOST_HEADER_AMBIGUOUS },
		{ "GET / HTTP/1.1\r\nHost: a\r\nno colon here\r\n\r\n", HTTP_EVENT_REQUEST_FIELD_MISSING_COLON },
		{ "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
			HTTP_EVENT_INVALID_CONTENT_LENGTH_IN_REQUEST },
		{ "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Odd xyz\r\n\r\n", HTTP_EVENT_AUTH_UNRECOGNIZED },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct session *s = start(0);
		session_text(s, TO_SERVER, cases[i].request);
		assert_non_null(session_tx(s, 0));
		assert_true(session_event(session_tx(s, 0), cases[i].event));
		session_close(s);
	}
}

static void a_refused_transaction_ends_the_flow(void **state)
{
	(void)state;
	struct session *s = start(0);
	s->flow.app.tx_max = 1;
	session_text(s, TO_SERVER, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_int_equal(s->result[TO_SERVER], APP_ERROR);
	session_close(s);
}

static void content_tells_http_apart(void **state)
{
	(void)state;
	static const struct {
		enum direction direction;
		const char *bytes;
		enum app_probe want;
	} cases[] = {
		{ TO_SERVER, "GET / HTTP/1.1", APP_PROBE_YES },
		{ TO_SERVER, "GE", APP_PROBE_MORE },
		{ TO_SERVER, "GETX /", APP_PROBE_NO },
		{ TO_SERVER, "HTTP/1.1 200", APP_PROBE_REVERSED },
		{ TO_CLIENT, "HTTP/1.0 404", APP_PROBE_YES },
		{ TO_CLIENT, "HTTP/1", APP_PROBE_MORE },
		{ TO_CLIENT, "POST /x ", APP_PROBE_REVERSED },
		{ TO_CLIENT, "\x16\x03\x01", APP_PROBE_NO },
		{ TO_SERVER, "OPTIONS * HTTP/1.1", APP_PROBE_YES },
		{ TO_SERVER, "OPTIONS rtsp://camera/ RTSP/1.0", APP_PROBE_NO },
		{ TO_SERVER, "OPTIONS * RTSP/1.0", APP_PROBE_NO },
		{ TO_SERVER, "CONNECT a:443 HTTP/1.1", APP_PROBE_YES },
		{ TO_SERVER, "CONNECT {\"verbose\":false}", APP_PROBE_NO },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(http_parser.probe(cases[i].direction, span_text(cases[i].bytes), NULL), cases[i].want);
}

// What libhtp keeps of a connection does not grow with what was done and freed on it.
static void a_connection_may_live_for_ever(void **state)
{
	(void)state;
	struct session *s = calloc(1, sizeof *s);
	assert_non_null(s);
	session_open(s, 0);
	const struct http_state *http = s->flow.app.state;
	size_t most = 0;
	for (unsigned i = 0; i < 10000; i++) {
		session_text(s, TO_SERVER, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
		session_text(s, TO_CLIENT, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb");
		const struct http_tx *tx = session_tx(s, 0);
		assert_non_null(tx);
		assert_null(tx->base.next);
		assert_int_equal(tx->base.progress[TO_CLIENT], HTTP_COMPLETE);
		assert_true(span_is(bytes_span(&tx->body[TO_CLIENT].data), "b"));
		size_t kept = htp_list_size(htp_connp_get_connection(http->connp)->transactions);
		most = kept > most ? kept : most;
		http_parser.tx_free(&s->flow, s->flow.app.tx_first, s->slab, s->shared);
		s->flow.app.tx_first = s->flow.app.tx_last = NULL;
		s->flow.app.tx_live = 0;
	}
	assert_in_range(most, 1, 4200);
	session_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_may_live_for_ever),
		cmocka_unit_test(request_and_answer_in_any_pieces),
		cmocka_unit_test(pipelined_requests_meet_their_answers),
		cmocka_unit_test(compressed_bodies_are_decoded),
		cmocka_unit_test(a_bomb_is_bounded),
		cmocka_unit_test(bodies_are_kept_up_to_their_limit),
		cmocka_unit_test(an_answer_until_close_ends_with_its_stream),
		cmocka_unit_test(a_chunked_answer_cut_off_is_truncated),
		cmocka_unit_test(a_gap_in_a_body_does_not_lose_the_next_answer),
		cmocka_unit_test(an_accepted_connect_leaves_http),
		cmocka_unit_test(a_path_to_connect_to_is_no_host),
		cmocka_unit_test(a_refused_connect_stays_http),
		cmocka_unit_test(an_upgrade_names_its_protocol),
		cmocka_unit_test(an_interim_answer_is_not_the_answer),
		cmocka_unit_test(an_answer_without_request_is_told),
		cmocka_unit_test(odd_requests_give_events),
		cmocka_unit_test(a_refused_transaction_ends_the_flow),
		cmocka_unit_test(content_tells_http_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
