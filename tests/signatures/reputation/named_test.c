// SPDX-License-Identifier: GPL-3.0-or-later
// Named: what each protocol names, in which direction, in canonical form, and that it is given once.
#include "signatures/reputation/named.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "decoders/app/dhcp/dhcp.h"
#include "decoders/app/dhcpv6/dhcpv6.h"
#include "decoders/app/dns/dns.h"
#include "decoders/app/ftp/ftp.h"
#include "decoders/app/http/http.h"
#include "decoders/app/http2/http2.h"
#include "decoders/app/imap/imap.h"
#include "decoders/app/pop3/pop3.h"
#include "decoders/app/rdp/rdp.h"
#include "decoders/app/sip/sip.h"
#include "decoders/app/smb/smb.h"
#include "decoders/app/smtp/smtp.h"
#include "decoders/app/socks/socks.h"
#include "decoders/app/ssdp/ssdp.h"
#include "decoders/app/tds/tds.h"
#include "decoders/app/tls/tls.h"
#include "tests/support/decoders/carried_tls.h"

struct fixture {
	struct app_drive drive;
	struct named_reader reader;
	struct packet packet;
	char said[16384]; // what was given at the last look, a line each: "place=value"
};

static void say(void *context, const struct inspection *inspection, const struct named *named)
{
	struct fixture *f = context;
	char address[ADDRESS_TEXT_SIZE];
	size_t len = strlen(f->said);
	struct span value = named->value;
	(void)inspection;
	if (named->kind == INDICATOR_ADDRESS) {
		address_format(&named->address, true, address);
		value = span_text(address);
	}
	bool text = named->kind == INDICATOR_ADDRESS || named->kind == INDICATOR_DOMAIN ||
		    named->kind == INDICATOR_URL || named->kind == INDICATOR_EMAIL ||
		    named->kind == INDICATOR_USER_AGENT || named->kind == INDICATOR_JA4;
	snprintf(f->said + len, sizeof(f->said) - len, "%s=%.*s%s%s\n", named_place_names[named->place],
		text ? (int)value.len : 0, (const char *)value.data, named->unanswered ? " (unanswered)" : "",
		named->early ? " (early)" : "");
}

static const char *look(struct fixture *f, enum direction direction, bool ended)
{
	struct inspection inspection = { &f->packet, &f->drive.flow, ended, true };
	f->said[0] = 0;
	f->packet.direction = direction;
	named_each(&f->reader, &inspection, say, f);
	return f->said;
}

static void start(struct fixture *f, const struct app_parser *parser, uint8_t proto, uint16_t port)
{
	*f = (struct fixture) { 0 };
	app_drive_open(&f->drive, parser, proto, 40000, port);
}

static uint64_t counter(const struct fixture *f, const char *name)
{
	const uint64_t *counters = app_parser_counters(f->drive.parser, f->drive.shared);
	for (unsigned i = 0; f->drive.parser->counter_names[i]; i++)
		if (!strcmp(f->drive.parser->counter_names[i], name))
			return counters[i];
	return 0;
}

static void dns_names_questions_and_all_of_answers(void **state)
{
	static const char query[] = "12340100000100000000000003777777076578616d706c6503636f6d0000010001";
	static const char response[] =
		"12348180000100020000000003777777076578616d706c6503636f6d0000010001c00c000500010000003c0006"
		"0363646ec010c02d000100010000003c0004c0000207";
	static const char missing[] = "12358183000100000000000003777777076578616d706c6503636f6d0000010001";
	struct fixture f;
	(void)state;
	start(&f, &dns_parser, PROTO_UDP, 53);
	app_drive_hex(&f.drive, TO_SERVER, query);
	assert_string_equal(look(&f, TO_SERVER, false), "dns question=www.example.com\n");
	assert_string_equal(look(&f, TO_SERVER, false), "");
	app_drive_hex(&f.drive, TO_CLIENT, response);
	assert_string_equal(look(&f, TO_SERVER, false), ""); // with a packet of its own direction
	const char *said = look(&f, TO_CLIENT, false);
	assert_non_null(strstr(said, "dns question=www.example.com\n"));
	assert_non_null(strstr(said, "dns answer=cdn.example.com\n"));
	assert_non_null(strstr(said, "dns answer=192.0.2.7\n"));
	assert_string_equal(look(&f, TO_CLIENT, false), "");
	app_drive_close(&f.drive);
	start(&f, &dns_parser, PROTO_UDP, 53);
	app_drive_hex(&f.drive, TO_CLIENT, missing);
	assert_string_equal(look(&f, TO_CLIENT, false), "dns question=www.example.com (unanswered)\n");
	app_drive_close(&f.drive);
}

// Bytes that no name has, in a label in front, do not hide the name below which it is; of a top-level domain alone nothing is said.
static void dns_names_are_read_by_their_end(void **state)
{
	static const char query[] =
		"12340100000100000000000003612562076578616d706c6503636f6d0000010001";   // a%b.example.com
	static const char top[] = "1234010000010000000000000361256203636f6d0000010001"; // a%b.com
	struct fixture f;
	(void)state;
	start(&f, &dns_parser, PROTO_UDP, 53);
	app_drive_hex(&f.drive, TO_SERVER, query);
	assert_string_equal(look(&f, TO_SERVER, false), "dns question=example.com\n");
	app_drive_hex(&f.drive, TO_SERVER, top);
	assert_string_equal(look(&f, TO_SERVER, false), "");
	app_drive_close(&f.drive);
}

// example.com HTTPS?: served by svc.evil.test, hints 192.0.2.7, 192.0.2.8 and 2001:db8::9; an SRV record of its own; a text with two links, and one
// that is an address; NAPTR with na.example.com, DNAME to dn.test.
static void dns_names_services_and_texts(void **state)
{
	static const char response[] =
		"123481800001000600000000076578616d706c6503636f6d0000410001c00c004100010000003c0038000103"
		"737663046576696c0474657374000001000302683200040008c0000207c00002080006001020010db8000000"
		"000000000000000009c00c002100010000003c000b0001000201bb027372c00cc00c001000010000003c0027"
		"267365652068747470733a2f2f746f702e746573742f61206f7220485454503a2f2f622e782f63c00c001000"
		"010000003c000d0c3139382e35312e3130302e37"
		"c00c002300010000003c0014000100020173075349502b44325500026e61c00c"
		"c00c002700010000003c000902646e047465737400";
	static const char *const said_of[] = { "dns answer=svc.evil.test\n", "dns answer=192.0.2.7\n",
		"dns answer=192.0.2.8\n", "dns answer=2001:db8::9\n", "dns answer=sr.example.com\n",
		"dns answer=top.test/a\n", "dns answer=top.test\n", "dns answer=b.x/c\n", "dns answer=198.51.100.7\n",
		"dns answer=na.example.com\n", "dns answer=dn.test\n" };
	struct fixture f;
	(void)state;
	start(&f, &dns_parser, PROTO_UDP, 53);
	app_drive_hex(&f.drive, TO_CLIENT, response);
	const char *said = look(&f, TO_CLIENT, false);
	for (size_t i = 0; i < sizeof(said_of) / sizeof(said_of[0]); i++)
		if (!strstr(said, said_of[i]))
			fail_msg("no %s in %s", said_of[i], said);
	app_drive_close(&f.drive);
}

// RFC 8484 over HTTP/1.1: a question in the URL, one in a body, and the answer.
static void dns_is_read_in_http(void **state)
{
	static const char question[] = "00000100000100000000000003777777076578616d706c6503636f6d0000010001";
	static const char answer[] =
		"00008180000100010000000003777777076578616d706c6503636f6d0000010001c00c000100010000003c0004c0000207";
	struct fixture f;
	(void)state;
	start(&f, &http_parser, PROTO_TCP, 80);
	app_drive_text(&f.drive, TO_SERVER,
		"GET /dns-query?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB HTTP/1.1\r\n"
		"Host: doh.test\r\nAccept: application/dns-message\r\n\r\n");
	assert_non_null(strstr(look(&f, TO_SERVER, false), "dns question=www.example.com\n"));
	app_drive_text(&f.drive, TO_CLIENT,
		"HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\nContent-Length: 49\r\n\r\n");
	assert_string_equal(look(&f, TO_CLIENT, false), "");
	app_drive_hex(&f.drive, TO_CLIENT, answer);
	const char *said = look(&f, TO_CLIENT, false);
	assert_non_null(strstr(said, "dns question=www.example.com\n"));
	assert_non_null(strstr(said, "dns answer=192.0.2.7\n"));
	assert_string_equal(look(&f, TO_CLIENT, true), "");
	app_drive_text(&f.drive, TO_SERVER,
		"POST /dns-query HTTP/1.1\r\nHost: doh.test\r\nContent-Type: application/dns-message\r\n"
		"Content-Length: 33\r\n\r\n");
	assert_null(strstr(look(&f, TO_SERVER, false), "dns question"));
	app_drive_hex(&f.drive, TO_SERVER, question);
	assert_non_null(strstr(look(&f, TO_SERVER, false), "dns question=www.example.com\n"));
	app_drive_close(&f.drive);
}

static void tls_names_the_server_and_fingerprints(void **state)
{
	static const char hello[] =
		"16030100410100003d030311111111111111111111111111111111111111111111111111111111111111110000"
		"02c02f010000120000000e000c0000096576696c2e74657374";
	struct fixture f;
	(void)state;
	start(&f, &tls_parser, PROTO_TCP, 443);
	app_drive_hex(&f.drive, TO_SERVER, hello);
	const char *said = look(&f, TO_SERVER, false);
	assert_non_null(strstr(said, "tls sni=evil.test\n"));
	assert_non_null(strstr(said, "tls ja3=\n"));
	assert_non_null(strstr(said, "tls ja4=t12d0101"));
	assert_string_equal(look(&f, TO_SERVER, true), "");
	app_drive_close(&f.drive);
}

// One message of session_tls12: as it is, or as one packet of TDS's pre-login.
static void feed_handshake(struct fixture *f, const struct transcript_part *part, bool wrapped)
{
	uint8_t bytes[8 + TRANSCRIPT_BYTES_MAX] = { TDS_PRELOGIN, 1 };
	uint32_t len = 8 + transcript_bytes(part, bytes + 8);
	bytes[2] = (uint8_t)(len >> 8);
	bytes[3] = (uint8_t)len;
	app_drive_feed(&f->drive, part->direction, bytes + (wrapped ? 0 : 8), len - (wrapped ? 0 : 8));
}

static void tls_inside_others_names_as_much(void **state)
{
	static const char *const hellos[] = {
		"tls sni=unit.example.com\ntls ja3=\ntls ja4=t13d1812h2_85036bcba153_d41ae481755e\n",
		"tls ja3s=\ntls certificate=\ntls certificate name=unit.example.com\n"
		"tls certificate name=unit.example.com\ntls certificate name=unit.example.org\n"
		"tls certificate name=192.0.2.7\n",
	};
	static const struct {
		const struct app_parser *parser;
		uint16_t port;
		const char *request, *answer;
	} cases[] = {
		{ &tls_parser, 443, "", "" },
		{ &rdp_parser, 3389, "0300000b06e00000000000", "0300000b06d00000123400" },
		{ &tds_parser, 1433, "1201001a0000010000000b00060100110001ff0f0007d0000000",
			"0401001a0000010000000b00060100110001ff0f0007d0000001" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f;
		start(&f, cases[i].parser, PROTO_TCP, cases[i].port);
		app_drive_hex(&f.drive, TO_SERVER, cases[i].request);
		app_drive_hex(&f.drive, TO_CLIENT, cases[i].answer);
		assert_string_equal(look(&f, TO_SERVER, false), "");
		assert_string_equal(look(&f, TO_CLIENT, false), "");
		feed_handshake(&f, &session_tls12[0], cases[i].parser == &tds_parser);
		assert_string_equal(look(&f, TO_SERVER, false), hellos[0]);
		assert_string_equal(look(&f, TO_CLIENT, false), "");
		feed_handshake(&f, &session_tls12[1], cases[i].parser == &tds_parser);
		assert_non_null(strstr(look(&f, TO_CLIENT, false), hellos[1]));
		assert_string_equal(look(&f, TO_SERVER, true), "");
		assert_string_equal(look(&f, TO_CLIENT, true), "");
		app_drive_close(&f.drive);
	}
}

static void http_names_host_url_and_agent(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, &http_parser, PROTO_TCP, 80);
	app_drive_text(&f.drive, TO_SERVER, "GET /a/../b%41?x HTTP/1.1\r\nHost: Evil.Test:80\r\n");
	assert_string_equal(look(&f, TO_SERVER, false), ""); // headers are not all there
	app_drive_text(&f.drive, TO_SERVER, "User-Agent: bad/1\r\n\r\n");
	assert_string_equal(
		look(&f, TO_SERVER, false), "http url=evil.test/bA?x\nhttp host=evil.test\nhttp user agent=bad/1\n");
	app_drive_text(&f.drive, TO_CLIENT, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	const char *said = look(&f, TO_CLIENT, false);
	assert_non_null(strstr(said, "http answer=\n"));
	assert_null(strstr(said, "host"));
	assert_string_equal(look(&f, TO_CLIENT, true), "");
	app_drive_close(&f.drive);
}

static void http_with_two_hosts_names_both(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, &http_parser, PROTO_TCP, 80);
	app_drive_text(&f.drive, TO_SERVER, "GET /a HTTP/1.1\r\nHost: good.test\r\nHost: Evil.test:8080\r\n\r\n");
	assert_string_equal(look(&f, TO_SERVER, false),
		"http url=good.test/a\nhttp host=good.test\nhttp url=evil.test:8080/a\nhttp host=evil.test\n");
	app_drive_close(&f.drive);
	start(&f, &http_parser, PROTO_TCP, 80);
	app_drive_text(&f.drive, TO_SERVER, "GET /a HTTP/1.1\r\nHost: a.test,,b.test,c.test,d.test,e.test\r\n\r\n");
	const char *said = look(&f, TO_SERVER, false);
	assert_non_null(strstr(said, "http host=c.test\n"));
	assert_null(strstr(said, "http host=d.test\n")); // four at most
	app_drive_close(&f.drive);
}

static void http_without_a_host_names_the_server(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, &http_parser, PROTO_TCP, 80);
	f.drive.flow.key.dport = 8080;
	assert_true(address_parse("203.0.113.9", &f.drive.flow.key.dst));
	app_drive_text(&f.drive, TO_SERVER, "GET /a/%2e%2e/b?x HTTP/1.0\r\n\r\n");
	assert_string_equal(look(&f, TO_SERVER, false), "http url=203.0.113.9:8080/b?x\n");
	app_drive_close(&f.drive);
	start(&f, &http_parser, PROTO_TCP, 80); // the packet that began the flow was the server's
	f.drive.flow.flags |= FLOW_REVERSED;
	f.drive.flow.key.sport = 80;
	assert_true(address_parse("2001:db8::9", &f.drive.flow.key.src));
	app_drive_text(&f.drive, TO_SERVER, "GET /b HTTP/1.1\r\nHost:\r\n\r\n");
	assert_string_equal(look(&f, TO_SERVER, false), "http url=[2001:db8::9]/b\n");
	app_drive_close(&f.drive);
}

// Whoever drops cannot wait for headers that never end; whoever only tells waits a while.
static void http_names_a_host_before_its_headers_end(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, &http_parser, PROTO_TCP, 80);
	f.reader.early = true;
	app_drive_text(&f.drive, TO_SERVER, "GET /a HTTP/1.1\r\nAccept: x\r\n");
	assert_string_equal(look(&f, TO_SERVER, false), ""); // no host yet
	app_drive_text(&f.drive, TO_SERVER, "Host: evil.test\r\nX-");
	assert_string_equal(look(&f, TO_SERVER, false), "http url=evil.test/a (early)\nhttp host=evil.test (early)\n");
	assert_string_equal(look(&f, TO_SERVER, false), "");
	app_drive_text(&f.drive, TO_SERVER, "A: 1\r\n\r\n");
	assert_string_equal(look(&f, TO_SERVER, false), "http url=evil.test/a\nhttp host=evil.test\n");
	app_drive_close(&f.drive);
	start(&f, &http_parser, PROTO_TCP, 80);
	app_drive_text(&f.drive, TO_SERVER, "GET http://evil.test/b HTTP/1.1\r\nX-A: 1\r\n");
	f.packet.ts_ns = f.drive.now_ns + NAMED_HEADER_WAIT_NS;
	assert_string_equal(look(&f, TO_SERVER, false), "");
	f.packet.ts_ns++;
	assert_string_equal(look(&f, TO_SERVER, false), "http url=evil.test/b\nhttp host=evil.test\n");
	app_drive_text(&f.drive, TO_SERVER, "X-B: 1\r\n\r\n");
	assert_string_equal(look(&f, TO_SERVER, false), "");
	app_drive_close(&f.drive);
}

// Of https a redirect is all that is seen of a URL.
static void answers_name_where_they_send_clients(void **state)
{
	static const struct {
		const char *answer, *said;
	} cases[] = {
		{ "302 Found\r\nLocation: https://Evil.test/a/b.exe?x",
			"http redirect=evil.test/a/b.exe?x\nhttp redirect=evil.test\n" },
		{ "301 Gone\r\nlocation: //203.0.113.7/y", "http redirect=203.0.113.7/y\nhttp redirect=203.0.113.7\n" },
		{ "302 Found\r\nLocation: /here", "" },
		{ "302 Found\r\nLocation: mailto:a@evil.test", "" },
		{ "200 OK\r\nLocation: http://evil.test/", "" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f;
		char text[256];
		start(&f, &http_parser, PROTO_TCP, 80);
		app_drive_text(&f.drive, TO_SERVER, "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
		assert_non_null(strstr(look(&f, TO_SERVER, false), "http host=a.test\n"));
		snprintf(text, sizeof(text), "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", cases[i].answer);
		app_drive_text(&f.drive, TO_CLIENT, text);
		const char *said = look(&f, TO_CLIENT, false);
		assert_non_null(strstr(said, "http answer=\n"));
		assert_string_equal(said + strlen("http answer=\n"), cases[i].said);
		assert_string_equal(look(&f, TO_CLIENT, true), "");
		app_drive_close(&f.drive);
	}
}

static void socks_names_whom_it_is_asked_for(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, &socks_parser, PROTO_TCP, 1080);
	app_drive_hex(&f.drive, TO_SERVER, "050100");
	app_drive_hex(&f.drive, TO_CLIENT, "0500");
	assert_string_equal(look(&f, TO_SERVER, false), "");
	app_drive_hex(&f.drive, TO_SERVER, "05010003 09 4576696c2e54657374 01bb");
	assert_string_equal(look(&f, TO_SERVER, false), "proxy target=evil.test\n");
	app_drive_close(&f.drive);
	start(&f, &socks_parser, PROTO_TCP, 1080);
	app_drive_hex(&f.drive, TO_SERVER, "0401 01bb c0000207 00");
	assert_string_equal(look(&f, TO_SERVER, false), "proxy target=192.0.2.7\n");
	app_drive_close(&f.drive);
	start(&f, &socks_parser, PROTO_TCP, 1080);
	app_drive_hex(&f.drive, TO_SERVER, "0401 01bb 00000001 00 6576696c2e7465737400");
	assert_string_equal(look(&f, TO_SERVER, false), "proxy target=evil.test\n");
	app_drive_close(&f.drive);
}

static void proxies_are_asked_for_others(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, &http_parser, PROTO_TCP, 3128);
	app_drive_text(&f.drive, TO_SERVER, "GET http://203.0.113.9:8080/x HTTP/1.1\r\nHost: proxy\r\n\r\n");
	assert_string_equal(look(&f, TO_SERVER, false), "http url=203.0.113.9:8080/x\nhttp host=203.0.113.9\n");
	app_drive_close(&f.drive);
	start(&f, &http_parser, PROTO_TCP, 3128);
	app_drive_text(&f.drive, TO_SERVER, "CONNECT evil.test:443 HTTP/1.1\r\nHost: proxy\r\n\r\n");
	assert_string_equal(look(&f, TO_SERVER, false), ""); // the request is over with its answer
	assert_string_equal(look(&f, TO_SERVER, true), "http connect=evil.test\nhttp answer= (unanswered)\n");
	app_drive_close(&f.drive);
	start(&f, &http_parser, PROTO_TCP, 3128);
	f.reader.early = true;
	app_drive_text(&f.drive, TO_SERVER, "CONNECT evil.test:443 HTTP/1.1\r\nHost: proxy\r\n\r\n");
	assert_string_equal(look(&f, TO_SERVER, false), "http connect=evil.test (early)\n");
	app_drive_close(&f.drive);
}

static void http2_names_the_same(void **state)
{
	static const char bytes[] =
		"505249202a20485454502f322e300d0a0d0a534d0d0a0d0a00000004000000000000005301050000000100073a"
		"6d6574686f640347455400073a736368656d65056874747073000a3a617574686f72697479094576696c2e5465"
		"737400053a70617468072f612f2e2e2f62000a757365722d6167656e74056261642f31";
	static const char answer[] = // 302, to https://evil2.test/p
		"00000004000000000000002c01050000000100073a7374617475730333303200086c6f636174696f6e146874"
		"7470733a2f2f6576696c322e746573742f70";
	struct fixture f;
	(void)state;
	start(&f, &http2_parser, PROTO_TCP, 443);
	app_drive_hex(&f.drive, TO_SERVER, bytes);
	assert_string_equal(
		look(&f, TO_SERVER, false), "http url=evil.test/b\nhttp host=evil.test\nhttp user agent=bad/1\n");
	app_drive_hex(&f.drive, TO_CLIENT, answer);
	assert_string_equal(look(&f, TO_CLIENT, false), "http redirect=evil2.test/p\nhttp redirect=evil2.test\n");
	assert_string_equal(look(&f, TO_CLIENT, true), "");
	app_drive_close(&f.drive);
}

static void mail_names_its_ends_and_links(void **state)
{
	static const struct {
		enum direction direction;
		const char *text;
	} talk[] = {
		{ TO_CLIENT, "220 mx\r\n" },
		{ TO_SERVER, "EHLO mx1.Evil.Test\r\n" },
		{ TO_CLIENT, "250 mx\r\n" },
		{ TO_SERVER, "MAIL FROM:<Bad@Evil.Test>\r\n" },
		{ TO_CLIENT, "250 ok\r\n" },
		{ TO_SERVER, "RCPT TO:<us@example.com>\r\n" },
		{ TO_CLIENT, "250 ok\r\n" },
		{ TO_SERVER, "DATA\r\n" },
		{ TO_CLIENT, "354 go\r\n" },
		{ TO_SERVER, "Subject: x\r\nFrom: \"<good@a.test>\" <bad@evil.test>\r\nReply-To: other@evil.test\r\n"
			     "To: us@example.com, \"a, b\" <them@example.com>\r\nContent-Type: text/plain\r\n\r\n"
			     "see http://lure.test/p now, https://tls.test/q?u=http://in.test\r\n.\r\n" },
		{ TO_CLIENT, "250 taken\r\n" },
	};
	struct fixture f;
	(void)state;
	start(&f, &smtp_parser, PROTO_TCP, 25);
	for (size_t i = 0; i < sizeof(talk) / sizeof(talk[0]); i++)
		app_drive_text(&f.drive, talk[i].direction, talk[i].text);
	const char *said = look(&f, TO_SERVER, true);
	static const char first[] = "mail helo=mx1.evil.test\nmail sender=bad@evil.test\n";
	assert_ptr_equal(strstr(said, first), said);
	assert_null(strstr(said + strlen(first), "mail sender=bad@evil.test\n")); // of the envelope and of From: once
	assert_null(strstr(said, "good@a.test"));
	assert_non_null(strstr(said, "mail sender=other@evil.test\n"));
	assert_non_null(strstr(said, "mail recipient=us@example.com\n"));
	assert_non_null(strstr(said, "mail recipient=them@example.com\n"));
	assert_non_null(strstr(said, "mail link=tls.test\n"));
	assert_non_null(strstr(said, "mail link=in.test\n"));
	assert_non_null(strstr(said, "mail link=lure.test/p\n"));
	assert_non_null(strstr(said, "mail link=lure.test\n"));
	assert_string_equal(look(&f, TO_SERVER, true), "");
	app_drive_close(&f.drive);
}

// What senders choose must not hide what is listed: users before a link's host, endless links and local parts, recipients.
static void mails_hide_no_sender_and_no_link(void **state)
{
	char text[4096];
	struct fixture f;
	size_t len = 0;
	(void)state;
	start(&f, &pop3_parser, PROTO_TCP, 110);
	app_drive_text(&f.drive, TO_CLIENT, "+OK\r\n");
	app_drive_text(&f.drive, TO_SERVER, "RETR 1\r\n");
	app_drive_text(&f.drive, TO_CLIENT, "+OK\r\n");
	for (unsigned i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "%sr%u@t%s", i % 10 ? "" : "To: ", i, i % 10 == 9 ? "\r\n" : ", ");
		app_drive_text(&f.drive, TO_CLIENT, text);
	}
	for (unsigned i = 0; i < 150; i++)
		app_drive_text(&f.drive, TO_CLIENT, "Cc: r1@t\r\n");
	app_drive_text(&f.drive, TO_CLIENT, "From: <");
	memset(text, 'x', 100);
	snprintf(text + 100, sizeof(text) - 100, "@far.test>\r\nSender: \"a@b\"@evil.test\r\n\r\n");
	app_drive_text(&f.drive, TO_CLIENT, text);
	app_drive_text(&f.drive, TO_CLIENT, "http://www.good.test@a!b.lure.test/p http://slash.test\\@good.test/ \r\n");
	len = (size_t)snprintf(text, sizeof(text), "http://long.test/");
	memset(text + len, '|', 1500);
	snprintf(text + len + 1500, sizeof(text) - len - 1500, " \r\n.\r\n");
	app_drive_text(&f.drive, TO_CLIENT, text);
	const char *said = look(&f, TO_CLIENT, true);
	static const char *const wanted[] = { "@far.test\n", "mail sender=\"a@b\"@evil.test\n", "mail recipient=r0@t\n",
		"mail link=lure.test/p\n", "mail link=lure.test\n", "mail link=slash.test\n", "mail link=long.test\n" };
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!strstr(said, wanted[i]))
			fail_msg("no %s in %s", wanted[i], said);
	app_drive_close(&f.drive);
}

// All that are kept of a mail are looked up; more are counted.
static void mails_name_all_their_links(void **state)
{
	char text[64];
	struct fixture f;
	unsigned links = 0;
	(void)state;
	start(&f, &pop3_parser, PROTO_TCP, 110);
	app_drive_text(&f.drive, TO_CLIENT, "+OK\r\n");
	app_drive_text(&f.drive, TO_SERVER, "RETR 1\r\n");
	app_drive_text(&f.drive, TO_CLIENT, "+OK\r\n\r\n");
	for (unsigned i = 0; i < MIME_LINKS_MAX + 2; i++) {
		snprintf(text, sizeof(text), "http://n%u.test \r\n", i);
		app_drive_text(&f.drive, TO_CLIENT, text);
	}
	app_drive_text(&f.drive, TO_CLIENT, ".\r\n");
	for (const char *at = look(&f, TO_CLIENT, false); (at = strstr(at, "mail link=n")); at++)
		links += strchr(at, '\n')[-1] == 't'; // of "n1.test/" the host
	assert_int_equal(links, MIME_LINKS_MAX);
	assert_non_null(strstr(f.said, "mail link=n127.test\n"));
	assert_int_equal(counter(&f, "over_budget"), 2);
	app_drive_close(&f.drive);
}

static void fetched_mails_name_the_same(void **state)
{
	static const char mail[] = "From: Bad <bad@evil.test>\r\nTo: us@example.com\r\n\r\nhttps://lure.test/p\r\n";
	static const char names[] = "mail sender=bad@evil.test\nmail recipient=us@example.com\n"
				    "mail link=lure.test/p\nmail link=lure.test\n";
	struct fixture f;
	char text[256];
	(void)state;
	start(&f, &pop3_parser, PROTO_TCP, 110);
	app_drive_text(&f.drive, TO_SERVER, "RETR 1\r\n");
	app_drive_text(&f.drive, TO_CLIENT, "+OK\r\n");
	app_drive_text(&f.drive, TO_CLIENT, mail);
	assert_string_equal(look(&f, TO_CLIENT, false), "");
	app_drive_text(&f.drive, TO_CLIENT, ".\r\n");
	assert_string_equal(look(&f, TO_CLIENT, false), names);
	assert_string_equal(look(&f, TO_CLIENT, true), "");
	app_drive_close(&f.drive);
	start(&f, &imap_parser, PROTO_TCP, 143);
	app_drive_text(&f.drive, TO_SERVER, "a1 FETCH 1 BODY[]\r\n");
	snprintf(text, sizeof(text), "* 1 FETCH (BODY[] {%zu}\r\n%s)\r\n", strlen(mail), mail);
	app_drive_text(&f.drive, TO_CLIENT, text);
	app_drive_text(&f.drive, TO_CLIENT, "a1 OK\r\n");
	assert_string_equal(look(&f, TO_SERVER, false), "");
	assert_string_equal(look(&f, TO_CLIENT, false), names);
	app_drive_close(&f.drive);
	start(&f, &imap_parser, PROTO_TCP, 143);
	snprintf(text, sizeof(text), "a1 APPEND Sent {%zu}\r\n%s\r\n", strlen(mail), mail);
	app_drive_text(&f.drive, TO_SERVER, text);
	app_drive_text(&f.drive, TO_CLIENT, "a1 OK\r\n");
	assert_string_equal(look(&f, TO_CLIENT, false), "");
	assert_string_equal(look(&f, TO_SERVER, false), names);
	app_drive_close(&f.drive);
}

static void calls_name_hosts_and_media(void **state)
{
	static const char invite[] = "INVITE sips:bob:secret@Evil.Test:5061;transport=tls SIP/2.0\r\n"
				     "Via: SIP/2.0/UDP [2001:db8::7]:5060;branch=z9\r\nv: SIP/2.0/UDP ignored.test\r\n"
				     "f: \"<x>\" <sip:anna@from.test>;tag=1\r\nTo: <sip:bob@evil.test>\r\nContact: "
				     "sip:198.51.100.7;expires=5\r\n"
				     "Content-Type: application/sdp\r\nContent-Length: 104\r\n\r\n"
				     "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 203.0.113.5\r\nt=0 "
				     "0\r\nm=audio 1 RTP/AVP 0\r\nc=IN IP6 2001:db8::9\r\n";
	static const char busy[] = "SIP/2.0 302 Moved\r\nVia: SIP/2.0/UDP 192.0.2.1\r\nFrom: <sip:anna@from.test>\r\n"
				   "Contact: <sip:bob@moved.test:5070>;q=1\r\n\r\n";
	struct fixture f;
	(void)state;
	start(&f, &sip_parser, PROTO_UDP, 5060);
	app_drive_text(&f.drive, TO_SERVER, invite);
	assert_string_equal(look(&f, TO_SERVER, false),
		"sip host=evil.test\nsip host=from.test\nsip host=2001:db8::7\n"
		"sip host=198.51.100.7\nsip media=203.0.113.5\nsip media=2001:db8::9\n");
	assert_string_equal(look(&f, TO_SERVER, true), "");
	app_drive_text(&f.drive, TO_CLIENT, busy);
	assert_string_equal(look(&f, TO_CLIENT, false), "sip host=moved.test\n");
	app_drive_close(&f.drive);
	start(&f, &sip_parser, PROTO_UDP, 5060); // what is no such URI
	app_drive_text(&f.drive, TO_SERVER, "OPTIONS tel:+49 SIP/2.0\r\nContact: *\r\nFrom: <sip:@>\r\nVia: x\r\n\r\n");
	assert_string_equal(look(&f, TO_SERVER, false), "");
	app_drive_close(&f.drive);
}

static void feed_dhcp(struct fixture *f, uint8_t operation, struct span options)
{
	uint8_t bytes[512] = { operation, 1, 6 };
	memcpy(bytes + 236, "\x63\x82\x53\x63", 4);
	memcpy(bytes + 240, options.data, options.len);
	app_drive_feed(&f->drive, operation == 2 ? TO_CLIENT : TO_SERVER, bytes, 240 + options.len);
}

static void networks_hand_out_servers(void **state)
{
	static const char options[] = "\x35\1\5\6\x08\xc0\0\2\1\xc0\0\2\2\xfc\x1ahttp://wpad.test/wpad.dat\x0a"
				      "\x42\x09"
				      "boot.test\x43\x06/pxe.0\x96\4\xc0\0\2\3\x0f\7in.test\xff";
	struct span all = span_of(options, sizeof(options) - 1);
	struct fixture f;
	(void)state;
	start(&f, &dhcp_parser, PROTO_UDP, 67);
	feed_dhcp(&f, 1, all); // a client asks, and hands out nothing
	assert_string_equal(look(&f, TO_SERVER, false), "");
	feed_dhcp(&f, 2, all);
	assert_string_equal(look(&f, TO_CLIENT, false),
		"dhcp option=192.0.2.1\ndhcp option=192.0.2.2\ndhcp option=wpad.test/wpad.dat\ndhcp option=wpad.test\n"
		"dhcp option=boot.test\ndhcp option=192.0.2.3\n");
	assert_string_equal(look(&f, TO_CLIENT, true), "");
	app_drive_close(&f.drive);

	start(&f, &dhcpv6_parser, PROTO_UDP, 547);
	app_drive_hex(&f.drive, TO_CLIENT,
		"07 abcdef 0017 0010 20010db8000000000000000000000053 003b 000c 687474703a2f2f622e742f78");
	assert_string_equal(
		look(&f, TO_CLIENT, false), "dhcp option=2001:db8::53\ndhcp option=b.t/x\ndhcp option=b.t\n");
	app_drive_close(&f.drive);

	start(&f, &ssdp_parser, PROTO_UDP, 1900);
	app_drive_text(&f.drive, TO_SERVER,
		"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nLOCATION: http://203.0.113.9:80/d.xml\r\nNT: "
		"x\r\n\r\n");
	assert_string_equal(look(&f, TO_SERVER, false), "ssdp location=203.0.113.9/d.xml\nssdp location=203.0.113.9\n");
	app_drive_close(&f.drive);
}

static void moving_files_names_others(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, &ftp_parser, PROTO_TCP, 21);
	app_drive_text(&f.drive, TO_CLIENT, "220 in\r\n");
	app_drive_text(&f.drive, TO_SERVER, "PORT 203,0,113,7,4,1\r\n");
	assert_string_equal(look(&f, TO_SERVER, false), "ftp data address=203.0.113.7\n");
	app_drive_text(&f.drive, TO_CLIENT, "200 ok\r\n");
	app_drive_text(&f.drive, TO_SERVER, "PASV\r\n");
	assert_string_equal(look(&f, TO_CLIENT, false), "");
	app_drive_text(&f.drive, TO_CLIENT, "227 here (203,0,113,8,200,10)\r\n");
	assert_string_equal(look(&f, TO_CLIENT, false), "ftp data address=203.0.113.8\n");
	assert_true(address_parse("203.0.113.9", &f.drive.flow.key.dst)); // the flow's own end was looked up
	app_drive_text(&f.drive, TO_SERVER, "EPRT |1|203.0.113.9|1025|\r\n");
	assert_string_equal(look(&f, TO_SERVER, false), "");
	app_drive_close(&f.drive);
}

static void shares_name_their_server(void **state)
{
	static const struct {
		const char *path, *said;
	} cases[] = { { "\\\\files.Evil.test\\docs", "smb share=files.evil.test\n" },
		{ "\\\\dav.evil.test@SSL@443\\x", "smb share=dav.evil.test\n" }, { "\\\\FILESRV\\docs", "" },
		{ "\\\\192.0.2.1\\IPC$", "" }, { "docs.test", "" } };
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f;
		uint8_t bytes[256] = { 0 };
		uint32_t len = (uint32_t)strlen(cases[i].path);
		memcpy(bytes + 4, "\xfeSMB\x40", 5);
		bytes[4 + 12] = 3; // TREE_CONNECT
		bytes[4 + 64] = 9;
		bytes[4 + 68] = 72;
		bytes[4 + 70] = (uint8_t)(2 * len);
		for (uint32_t at = 0; at < len; at++)
			bytes[4 + 72 + 2 * at] = (uint8_t)cases[i].path[at];
		bytes[3] = (uint8_t)(72 + 2 * len);
		start(&f, &smb_parser, PROTO_TCP, 445);
		app_drive_feed(&f.drive, TO_SERVER, bytes, 4 + 72 + 2 * len);
		assert_non_null(app_drive_tx(&f.drive, 0));
		assert_string_equal(look(&f, TO_SERVER, false), cases[i].said);
		assert_string_equal(look(&f, TO_SERVER, true), "");
		app_drive_close(&f.drive);
	}
}

static void ends_are_named_with_the_first_packet(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, &http_parser, PROTO_TCP, 80);
	f.packet.flags = PACKET_FLOW_FIRST;
	assert_true(address_parse("10.0.0.1", &f.packet.src) && address_parse("2001:db8::1", &f.packet.dst));
	const char *said = look(&f, TO_SERVER, false);
	assert_non_null(strstr(said, "source address=10.0.0.1\n"));
	assert_non_null(strstr(said, "destination address=2001:"));
	app_drive_close(&f.drive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dns_names_questions_and_all_of_answers),
		cmocka_unit_test(dns_names_are_read_by_their_end),
		cmocka_unit_test(dns_names_services_and_texts),
		cmocka_unit_test(dns_is_read_in_http),
		cmocka_unit_test(tls_names_the_server_and_fingerprints),
		cmocka_unit_test(tls_inside_others_names_as_much),
		cmocka_unit_test(http_names_host_url_and_agent),
		cmocka_unit_test(http_with_two_hosts_names_both),
		cmocka_unit_test(http_without_a_host_names_the_server),
		cmocka_unit_test(http_names_a_host_before_its_headers_end),
		cmocka_unit_test(answers_name_where_they_send_clients),
		cmocka_unit_test(socks_names_whom_it_is_asked_for),
		cmocka_unit_test(proxies_are_asked_for_others),
		cmocka_unit_test(http2_names_the_same),
		cmocka_unit_test(mail_names_its_ends_and_links),
		cmocka_unit_test(mails_hide_no_sender_and_no_link),
		cmocka_unit_test(mails_name_all_their_links),
		cmocka_unit_test(fetched_mails_name_the_same),
		cmocka_unit_test(calls_name_hosts_and_media),
		cmocka_unit_test(networks_hand_out_servers),
		cmocka_unit_test(moving_files_names_others),
		cmocka_unit_test(shares_name_their_server),
		cmocka_unit_test(ends_are_named_with_the_first_packet),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
