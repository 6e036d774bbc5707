// SPDX-License-Identifier: GPL-3.0-or-later
// Class: quadratic work. Many headers each compared with all before it, a header of many lines copied for each, a block in many CONTINUATION frames put
// together anew for each, a table entry named again and again, nested multiparts each searched by all around it, names that point at names, and every
// message that is looked at from its start for each byte that arrives (HTTP, HTTP/2, SMTP, Kerberos, TLS of the field, 2022 to 2026).
//
// Each is done n and 8 n times: time, and in fuzz builds steps, may grow by about 8, and a flow's memory is bounded.
#include <string.h>
#include "decoders/app/dns/dns.h"
#include "decoders/app/http/http.h"
#include "decoders/app/http2/http2.h"
#include "decoders/app/krb5/krb5.h"
#include "decoders/app/ldap/ldap.h"
#include "decoders/app/sip/sip.h"
#include "decoders/app/smb/smb.h"
#include "decoders/app/smtp/smtp.h"
#include "decoders/app/tls/tls.h"
#include "tests/support/decoders/history.h"

#define FLOW_BYTES (8u * MIB)

static struct app_drive drive;

static void begin(const struct app_parser *parser, bool tcp)
{
	history_open_plain(&drive, parser, tcp);
}

static void end(void)
{
	if (slab_peak_bytes(drive.slab) > FLOW_BYTES)
		fail_msg("%zu bytes for one flow", slab_peak_bytes(drive.slab));
	app_drive_close(&drive);
}

static void lines(enum direction direction, unsigned n, const char *format)
{
	char line[128];
	for (unsigned i = 0; i < n; i++) {
		snprintf(line, sizeof(line), format, i);
		app_drive_text(&drive, direction, line);
	}
}

static void http_headers(unsigned n)
{
	begin(&http_parser, true);
	app_drive_text(&drive, TO_SERVER, "GET / HTTP/1.1\r\n");
	lines(TO_SERVER, n, "X-%u: a\r\n");
	app_drive_text(&drive, TO_SERVER, "\r\n");
	end();
}

static void http_same_header(unsigned n)
{
	begin(&http_parser, true);
	app_drive_text(&drive, TO_SERVER, "GET / HTTP/1.1\r\n");
	lines(TO_SERVER, n, "Cookie: a=%u\r\n");
	app_drive_text(&drive, TO_SERVER, "\r\n");
	end();
}

static void http_folded_header(unsigned n)
{
	begin(&http_parser, true);
	app_drive_text(&drive, TO_SERVER, "GET / HTTP/1.1\r\nX: a\r\n");
	lines(TO_SERVER, n, " %u\r\n");
	app_drive_text(&drive, TO_SERVER, "\r\n");
	end();
}

static void http_header_by_bytes(unsigned n)
{
	begin(&http_parser, true);
	app_drive_text(&drive, TO_SERVER, "GET / HTTP/1.1\r\nX: ");
	for (unsigned i = 0; i < n; i++)
		app_drive_feed(&drive, TO_SERVER, "a", 1);
	end();
}

static void http_chunks(unsigned n)
{
	begin(&http_parser, true);
	app_drive_text(&drive, TO_SERVER, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (unsigned i = 0; i < n; i++)
		app_drive_text(&drive, TO_SERVER, "1\r\na\r\n");
	end();
}

static void http2_begin(void)
{
	begin(&http2_parser, true);
	app_drive_hex(&drive, TO_SERVER, "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a 000000 04 00 00000000");
}

// HEADERS without END_HEADERS, then CONTINUATION after CONTINUATION, of no and of a few bytes.
static void http2_empty_continuations(unsigned n)
{
	http2_begin();
	app_drive_hex(&drive, TO_SERVER, "000003 01 01 00000001 828486");
	for (unsigned i = 0; i < n; i++)
		app_drive_feed(&drive, TO_SERVER, "\0\0\0\x09\0\0\0\0\1", 9);
	end();
}

static void http2_continuations(unsigned n)
{
	http2_begin();
	app_drive_hex(&drive, TO_SERVER, "000003 01 01 00000001 828486");
	for (unsigned i = 0; i < n; i++)
		app_drive_feed(&drive, TO_SERVER, "\0\0\4\x09\0\0\0\0\1\0\1x\0", 13);
	end();
}

// An entry of 3,968 bytes in the dynamic table, then blocks that are a byte a header.
static void hpack_references(unsigned n)
{
	uint8_t frame[9 + 4096] = { 0 };
	http2_begin();
	uint8_t *at = frame + 9 + 3;
	memcpy(frame + 9, "\x40\1x", 3);
	memcpy(at, "\x7f\x81\x1e", 3);
	memset(at + 3, 'v', 3968);
	history_put_be(frame, 3 + 3 + 3968, 3);
	frame[3] = 1, frame[4] = 4, frame[8] = 1;
	app_drive_feed(&drive, TO_SERVER, frame, 9 + 3 + 3 + 3968);
	memset(frame + 9, 0xbe, 1000);
	history_put_be(frame, 1000, 3);
	for (unsigned i = 0; i < n; i++) {
		history_put_be(frame + 5, 2 * i + 3, 4);
		app_drive_feed(&drive, TO_SERVER, frame, 9 + 1000);
		app_drive_clean(&drive);
	}
	end();
}

static void http2_settings(unsigned n)
{
	http2_begin();
	for (unsigned i = 0; i < n; i++) {
		app_drive_feed(&drive, TO_SERVER, "\0\0\6\4\0\0\0\0\0\0\1\0\0\x10\0", 15);
		app_drive_clean(&drive);
	}
	end();
}

static void smtp_begin(void)
{
	begin(&smtp_parser, true);
	app_drive_text(&drive, TO_CLIENT, "220 a\r\n");
	app_drive_text(&drive, TO_SERVER, "EHLO a\r\n");
	app_drive_text(&drive, TO_CLIENT, "250 a\r\n");
	app_drive_text(&drive, TO_SERVER, "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
	app_drive_text(&drive, TO_CLIENT, "250 a\r\n250 a\r\n354 a\r\n");
}

static void mime_nesting(unsigned n)
{
	smtp_begin();
	app_drive_text(&drive, TO_SERVER, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	lines(TO_SERVER, n, "--b\r\nContent-Type: multipart/mixed; boundary=b%u\r\n\r\n");
	lines(TO_SERVER, n, "--b%u--\r\n");
	end();
}

static void mime_parts_of_one_boundary(unsigned n)
{
	smtp_begin();
	app_drive_text(&drive, TO_SERVER, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	lines(TO_SERVER, n, "--b\r\nContent-Disposition: attachment; filename=f%u\r\n\r\nx\r\n");
	end();
}

static void mime_folded_header(unsigned n)
{
	smtp_begin();
	app_drive_text(&drive, TO_SERVER, "Subject: a\r\n");
	lines(TO_SERVER, n, " %u\r\n");
	end();
}

static void mime_headers(unsigned n)
{
	smtp_begin();
	lines(TO_SERVER, n, "X-%u: a\r\n");
	end();
}

// "http:" that is none, again and again in one line (the links of a mail are searched for).
static void mime_almost_links(unsigned n)
{
	smtp_begin();
	app_drive_text(&drive, TO_SERVER, "Content-Type: text/html\r\n\r\n");
	for (unsigned i = 0; i < n; i++)
		app_drive_text(&drive, TO_SERVER, "http://http:/");
	app_drive_text(&drive, TO_SERVER, "\r\n");
	end();
}

static void smtp_recipients(unsigned n)
{
	begin(&smtp_parser, true);
	app_drive_text(&drive, TO_CLIENT, "220 a\r\n");
	app_drive_text(&drive, TO_SERVER, "MAIL FROM:<a@b>\r\n");
	lines(TO_SERVER, n, "RCPT TO:<%u@d>\r\n");
	end();
}

static void sip_headers(unsigned n)
{
	begin(&sip_parser, true);
	app_drive_text(&drive, TO_SERVER, "INVITE sip:a@b SIP/2.0\r\n");
	lines(TO_SERVER, n, "Via: SIP/2.0/TCP h%u\r\n");
	app_drive_text(&drive, TO_SERVER, "\r\n");
	end();
}

// Names of which each points at the one before it (RFC 1035 4.1.4).
static void dns_pointers(unsigned n)
{
	static uint8_t message[65535];
	begin(&dns_parser, false);
	memset(message, 0, sizeof(message));
	uint8_t *at = message + 12;
	message[2] = 1;
	history_put_be(message + 4, n, 2);
	unsigned before = 12;
	memcpy(at, "\1a\0\0\1\0\1", 7);
	at += 7;
	for (unsigned i = 1; i < n && at + 8 < message + sizeof(message); i++) {
		unsigned here = (unsigned)(at - message);
		memcpy(at, "\1a", 2);
		history_put_be(at + 2, 0xc000 | (before & 0x3fff), 2);
		memcpy(at + 4, "\0\1\0\1", 4);
		at += 8;
		before = here < 0x4000 ? here : before;
	}
	app_drive_feed(&drive, TO_SERVER, message, (size_t)(at - message));
	end();
}

// One long message, a byte at a time: what came before must not be looked at again for each. As the stream does, all that was not taken is shown
// where it lies, so that only the parser's work is measured.
static void by_bytes(const struct app_parser *parser, const char *head, unsigned n)
{
	static uint8_t stream[64 * KIB];
	begin(parser, true);
	uint32_t len = 0, taken = 0;
	for (const char *at = head; *at; at += *at == ' ' ? 1 : 2)
		if (*at != ' ')
			stream[len++] = (uint8_t)((strchr("0123456789abcdef", at[0]) - "0123456789abcdef") << 4 |
						  (strchr("0123456789abcdef", at[1]) - "0123456789abcdef"));
	memset(stream + len, 0, n);
	enum app_result result = APP_OK;
	for (uint32_t end_at = len; end_at < len + n && result == APP_OK; end_at++) {
		struct app_input input = { .direction = TO_SERVER,
			.data = span_of(stream + taken, end_at - taken),
			.offset = taken,
			.now_ns = 1,
			.flow = &drive.flow,
			.slab = drive.slab,
			.shared = drive.shared,
			.consumed = end_at - taken };
		result = parser->parse(&input);
		taken += input.consumed;
	}
	end();
}

static void tls_by_bytes(unsigned n)
{
	by_bytes(&tls_parser, "16 0301 4000 01 003ffc 0303", n);
}

static void krb5_by_bytes(unsigned n)
{
	by_bytes(&krb5_parser, "00010000 6a 83 00fffb", n);
}

static void ldap_by_bytes(unsigned n)
{
	by_bytes(&ldap_parser, "30 83 00ffff 020101 63 83 00fff8 0400", n);
}

static void smb_by_bytes(unsigned n)
{
	by_bytes(&smb_parser, "0000ffff fe534d42 4000 0000 00000000 0000 0000 00000000 00000000", n);
}

static void dns_by_bytes(unsigned n)
{
	by_bytes(&dns_parser, "ffff 0102 0100 0001 0000 0000 0000", n);
}

// Every conversation of the fuzz targets by single bytes: as much work as by messages, but for the calls.
static struct history_cost whole_cost, bytes_cost;

static void cut_up(const struct history_seed *seed)
{
	for (int pieces = 0; pieces < 2 && seed->tcp; pieces++) {
		struct app_drive d;
		history_open(&d, seed);
		uint64_t begin_ns = history_cpu_ns();
		for (unsigned i = 0; i < seed->count; i++)
			for (uint32_t at = 0, step = pieces ? 1 : seed->pieces[i].len; at < seed->pieces[i].len;
				at += step)
				app_drive_feed(&d, seed->pieces[i].direction, seed->pieces[i].bytes + at, step);
		*(pieces ? &bytes_cost.cpu_ns : &whole_cost.cpu_ns) += history_cpu_ns() - begin_ns;
		app_drive_close(&d);
	}
}

static void conversations_by_bytes(void **state)
{
	(void)state;
	history_each_seed(cut_up);
	print_message("by messages %.2f ms, by bytes %.2f ms\n", (double)whole_cost.cpu_ns / 1e6,
		(double)bytes_cost.cpu_ns / 1e6);
}

static void work_is_linear(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		history_work *work;
		unsigned n;
	} rows[] = {
		{ "HTTP/1: different headers", http_headers, 2000 },
		{ "HTTP/1: the same header", http_same_header, 2000 },
		{ "HTTP/1: a folded header", http_folded_header, 2000 },
		{ "HTTP/1: a header by bytes", http_header_by_bytes, 1000 },
		{ "HTTP/1: chunks of one byte", http_chunks, 5000 },
		{ "HTTP/2: empty CONTINUATION frames", http2_empty_continuations, 10000 },
		{ "HTTP/2: CONTINUATION frames", http2_continuations, 10000 },
		{ "HTTP/2: references to a large header", hpack_references, 100 },
		{ "HTTP/2: SETTINGS", http2_settings, 5000 },
		{ "MIME: multipart in multipart", mime_nesting, 1000 },
		{ "MIME: parts", mime_parts_of_one_boundary, 1000 },
		{ "MIME: a folded header", mime_folded_header, 5000 },
		{ "MIME: different headers", mime_headers, 5000 },
		{ "MIME: almost links", mime_almost_links, 2000 },
		{ "SMTP: recipients", smtp_recipients, 5000 },
		{ "SIP: headers", sip_headers, 1000 },
		{ "DNS: names that point at names", dns_pointers, 500 },
		{ "TLS: a hello by bytes", tls_by_bytes, 1500 },
		{ "Kerberos: a request by bytes", krb5_by_bytes, 6000 },
		{ "LDAP: a request by bytes", ldap_by_bytes, 6000 },
		{ "SMB: a request by bytes", smb_by_bytes, 6000 },
		{ "DNS: a message by bytes", dns_by_bytes, 6000 },
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_linear(rows[i].what, rows[i].work, rows[i].n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(work_is_linear),
		cmocka_unit_test(conversations_by_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
