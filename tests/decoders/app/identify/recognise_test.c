// SPDX-License-Identifier: GPL-3.0-or-later
// Recognisers: first bytes of each protocol are known, cut ones wait, and others' are not taken.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "decoders/app/identify/detector.h"
#include "decoders/app/identify/recognise.h"

static const struct app_config config;
static struct app_detector *detector;

struct sample {
	uint8_t transport;
	uint16_t port;
	enum direction direction;
	const char *bytes;
	uint32_t len;
	uint8_t proto; // who must claim it
	bool reversed;
	uint8_t cut; // shortest prefix that must still be undecided (streams); 0: not tested
};

#define BYTES(text) text, sizeof(text) - 1
#define T           PROTO_TCP
#define U           PROTO_UDP

static const struct sample samples[] = {
	{ T, 9, TO_SERVER, BYTES("SSH-2.0-a\r\n"), APP_SSH, false, 3 },
	{ T, 9, TO_CLIENT, BYTES("SSH-1.99-a\n"), APP_SSH, false, 3 },
	{ T, 9, TO_SERVER, BYTES("\0\0\0\x40\xffSMB\x72\0\0\0\0\x18\x01"), APP_SMB, false, 7 },
	{ T, 9, TO_SERVER, BYTES("\0\0\0\x40\xffSMB\x72\0\0\0\0\x98\x01"), APP_SMB, true, 7 },
	{ T, 445, TO_CLIENT, BYTES("\0\0\0\x40\xfeSMB\x40\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0"), APP_SMB, false, 7 },
	{ T, 139, TO_SERVER, BYTES("\x81\0\0\x44 CKFDENECFDEFFCFGEFFCCACACACACA"), APP_SMB, false, 3 },
	{ T, 9, TO_SERVER, BYTES("\x05\0\x0b\x03\x10\0\0\0\x48\0\0\0"), APP_DCERPC, false, 9 },
	{ T, 9, TO_SERVER, BYTES("\x05\0\x0c\x03\x10\0\0\0\x48\0\0\0"), APP_DCERPC, true, 9 },
	{ T, 9, TO_SERVER, BYTES("ehlo mail\r\n"), APP_SMTP, false, 4 },
	{ T, 9, TO_CLIENT, BYTES("220 mx ESMTP ready\r\n"), APP_SMTP, false, 3 },
	{ T, 9, TO_CLIENT, BYTES("220 (vsFTPd 3.0)\r\n"), APP_FTP, false, 3 },
	{ T, 21, TO_CLIENT, BYTES("220 welcome\r\n"), APP_FTP, false, 3 },
	{ T, 9, TO_SERVER, BYTES("USER x\r\n"), APP_FTP, false, 4 },
	{ T, 110, TO_CLIENT, BYTES("+OK ready\r\n"), APP_POP3, false, 3 },
	{ T, 9, TO_CLIENT, BYTES("* OK IMAP4 ready\r\n"), APP_IMAP, false, 4 },
	{ T, 9, TO_SERVER, BYTES("a1 CAPABILITY\r\n"), APP_IMAP, false, 6 },
	{ T, 9, TO_SERVER, BYTES("NICK x\r\n"), APP_IRC, false, 4 },
	{ T, 9, TO_CLIENT, BYTES("RFB 003.008\n"), APP_RFB, false, 5 },
	{ T, 9, TO_SERVER, BYTES("\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0"), APP_RDP, false, 10 },
	{ T, 9, TO_SERVER, BYTES("\x10\x10\0\x04MQTT\x04\x02\0\x3c\0\x04test"), APP_MQTT, false, 7 },
	{ T, 9, TO_SERVER, BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), APP_HTTP2, false, 20 },
	{ T, 9, TO_SERVER, BYTES("INVITE sip:a@b SIP/2.0\r\n"), APP_SIP, false, 8 },
	{ U, 9, TO_SERVER, BYTES("REGISTER sip:a SIP/2.0\r\n"), APP_SIP, false, 0 },
	{ U, 9, TO_SERVER, BYTES("SIP/2.0 200 OK\r\n"), APP_SIP, true, 0 },
	{ U, 9, TO_SERVER, BYTES("d1:ad2:id20:xxxxxxxxxxxxxxxxxxxxe1:q4:ping"), APP_BITTORRENT_DHT, false, 0 },
	{ U, 2049, TO_SERVER, BYTES("\0\0\0\x01\0\0\0\0\0\0\0\x02\0\x01\x86\xa3\0\0\0\x03"), APP_NFS, false, 0 },
	{ U, 161, TO_SERVER, BYTES("\x30\x26\x02\x01\x01\x04\x06public"), APP_SNMP, false, 0 },
	{ U, 9, TO_SERVER, BYTES("\x30\x26\x02\x01\x01\x04\x06public"), APP_UNKNOWN, false, 0 },
	{ T, 389, TO_SERVER, BYTES("\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0"), APP_LDAP, false, 5 },
	{ U, 88, TO_SERVER, BYTES("\x6a\x81\xa0\x30\x81\x9d\xa1\x03\x02\x01\x05\xa2\x03\x02\x01\x0a"), APP_KRB5, false,
		0 },
	{ U, 88, TO_CLIENT, BYTES("\x7e\x81\xa0\x30\x81\x9d\xa0\x03\x02\x01\x05\xa1\x03\x02\x01\x1e"), APP_KRB5, false,
		0 },
	{ U, 69, TO_SERVER,
		BYTES("\0\x01"
		      "file\0octet\0"),
		APP_TFTP, false, 0 },
	{ U, 69, TO_SERVER,
		BYTES("\0\x01"
		      "file\0other\0"),
		APP_UNKNOWN, false, 0 },
	{ U, 443, TO_SERVER, BYTES("\xc3\0\0\0\x01\x08\x01\x02\x03\x04\x05\x06\x07\x08\0\0\x02\0\0"), APP_QUIC, false,
		0 },
	{ T, 502, TO_SERVER, BYTES("\0\x01\0\0\0\x06\x01\x03\0\0\0\x01"), APP_MODBUS, false, 7 },
	{ T, 5432, TO_SERVER, BYTES("\0\0\0\x08\x04\xd2\x16\x2f"), APP_PGSQL, false, 7 },
	{ T, 23, TO_CLIENT, BYTES("\xff\xfd\x18\xff\xfd\x20"), APP_TELNET, false, 2 },
	{ T, 9, TO_SERVER, BYTES("\x01\x02\x03\x04 nothing anybody knows, and long enough\r\n"), APP_UNKNOWN, false,
		0 },
	{ U, 9, TO_SERVER, BYTES("\x01\x02\x03\x04 nothing anybody knows"), APP_UNKNOWN, false, 0 },
};

static struct app_answer ask(const struct sample *s, uint32_t len)
{
	struct flow flow = { .key = { .proto = s->transport, .sport = 40000, .dport = s->port } };
	return app_detector_ask(detector, &flow, s->direction, span_of(s->bytes, len), false, APP_UNKNOWN);
}

static void each_is_known_by_its_first_bytes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const struct sample *s = &samples[i];
		struct app_answer answer = ask(s, s->len);
		const char *said = answer.parser ? app_proto_name(answer.parser->proto) : "unknown";
		assert_string_equal(said, app_proto_name((enum app_proto)s->proto));
		assert_int_equal(answer.reversed, s->reversed);
	}
}

static void what_is_cut_waits(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		for (uint32_t len = 1; len <= samples[i].cut; len++) {
			struct app_answer answer = ask(&samples[i], len);
			assert_null(answer.parser);
			assert_true(answer.undecided);
		}
}

// A client whose server was heard may begin with any command.
static void a_server_vouches_for_its_client(void **state)
{
	(void)state;
	static const struct {
		enum app_proto server;
		const char *line;
		enum app_probe answer;
		app_recogniser *ask;
	} cases[] = {
		{ APP_POP3, "AUTH\r\n", APP_PROBE_YES, recognise_pop3 },
		{ APP_POP3, "noop\r\n", APP_PROBE_YES, recognise_pop3 },
		{ APP_POP3, "no", APP_PROBE_MORE, recognise_pop3 },
		{ APP_POP3, "\x16\x03\x01", APP_PROBE_NO, recognise_pop3 },
		{ APP_UNKNOWN, "noop\r\n", APP_PROBE_NO, recognise_pop3 },
		{ APP_IMAP, "x1 NOOP\r\n", APP_PROBE_YES, recognise_imap },
		{ APP_IMAP, "x1", APP_PROBE_MORE, recognise_imap },
		{ APP_UNKNOWN, "x1 NOOP\r\n", APP_PROBE_NO, recognise_imap },
	};
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct flow flow = { .key = { .proto = T, .sport = 40000, .dport = 9 } };
		flow.app.proto_dir[TO_CLIENT] = (uint8_t)cases[i].server;
		assert_int_equal(cases[i].ask(TO_SERVER, span_text(cases[i].line), &flow), cases[i].answer);
	}
}

static void asking_ends(void **state)
{
	(void)state;
	static char much[APP_DETECT_BYTES];
	memset(much, '<', sizeof(much));
	const struct sample s = { T, 5222, TO_SERVER, much, sizeof(much), APP_UNKNOWN, false, 0 };
	assert_false(ask(&s, s.len).undecided);
}

static int begin(void **state)
{
	(void)state;
	detector = app_detector_new(&config);
	return detector ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	app_detector_free(detector);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_known_by_its_first_bytes),
		cmocka_unit_test(what_is_cut_waits),
		cmocka_unit_test(a_server_vouches_for_its_client),
		cmocka_unit_test(asking_ends),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
