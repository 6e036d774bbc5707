// SPDX-License-Identifier: GPL-3.0-or-later
// Class: integer wrap in lengths. A length of 0, smaller than the header it counts, of all bits, or of the sign bit: "length - header" became four
// billion, "offset + length" became small, an allocation became 0 bytes (SMB, NFS, TLS, DNS, Kerberos, EtherNet/IP, DCE-RPC of the field).
//
// The table has a message a protocol and says where its length is; it is set to those values, alone and with more behind it. Then every place of every
// conversation of the fuzz targets is taken for a length, of one to four bytes, in either order. Nothing may be read outside of what was given (the
// sanitizer build sees that), no memory may be taken for bytes that never came, and the parser must go on or give up.
#include <string.h>
#include "tests/support/decoders/history.h"

#define FLOW_BYTES (4u * MIB)
#define PLACES     48u // of a conversation, for each value

struct length {
	const char *what;
	enum app_proto proto;
	bool tcp;
	const char *before;  // hex: what opens the conversation, towards the server
	const char *message; // hex
	uint8_t at, width;
	bool little;
	uint8_t header; // bytes that the length counts and no message can be without
};

static const struct length lengths[] = {
	{ "TLS record", APP_TLS, true, "",
		"16 0301 002d 01 000029 0303 0000000000000000000000000000000000000000000000000000000000000000 00 0002 "
		"1301 01 00",
		3, 2, false, 0 },
	{ "TLS handshake", APP_TLS, true, "",
		"16 0301 002d 01 000029 0303 0000000000000000000000000000000000000000000000000000000000000000 00 0002 "
		"1301 01 00",
		6, 3, false, 0 },
	{ "TLS ciphers", APP_TLS, true, "",
		"16 0301 002d 01 000029 0303 0000000000000000000000000000000000000000000000000000000000000000 00 0002 "
		"1301 01 00",
		44, 2, false, 0 },
	{ "DNS over TCP", APP_DNS, true, "", "0013 0102 0100 0001 0000 0000 0000 0161 00 0001 0001", 0, 2, false, 12 },
	{ "DNS label", APP_DNS, false, "", "0102 0100 0001 0000 0000 0000 0161 00 0001 0001", 12, 1, false, 0 },
	{ "DNS questions", APP_DNS, false, "", "0102 0100 0001 0000 0000 0000 0161 00 0001 0001", 4, 2, false, 0 },
	{ "DNS record data", APP_DNS, false, "", "0102 8100 0000 0001 0000 0000 00 0001 0001 00000000 0004 01020304",
		21, 2, false, 0 },
	{ "NetBIOS session", APP_SMB, true, "",
		"00000044 fe534d42 4000 0000 00000000 0000 0100 00000000 00000000 0000000000000000 0000000000000000 "
		"0000000000000000 00000000000000000000000000000000 0400 0000",
		1, 3, false, 64 },
	{ "SMB 2 next command", APP_SMB, true, "",
		"00000044 fe534d42 4000 0000 00000000 0000 0100 00000000 00000000 0000000000000000 0000000000000000 "
		"0000000000000000 00000000000000000000000000000000 0400 0000",
		24, 4, true, 64 },
	{ "SMB 2 write length", APP_SMB, true, "",
		"00000074 fe534d42 4000 0000 00000000 0900 0100 00000000 00000000 0100000000000000 0000000000000000 "
		"0000000000000000 00000000000000000000000000000000 3100 7000 04000000 0000000000000000 "
		"0000000000000000 0000000000000000 00000000 0000 0000 00000000 61626364",
		72, 4, true, 0 },
	{ "SMB 2 write offset", APP_SMB, true, "",
		"00000074 fe534d42 4000 0000 00000000 0900 0100 00000000 00000000 0100000000000000 0000000000000000 "
		"0000000000000000 00000000000000000000000000000000 3100 7000 04000000 0000000000000000 "
		"0000000000000000 0000000000000000 00000000 0000 0000 00000000 61626364",
		70, 2, true, 64 },
	{ "SMB 1 words", APP_SMB, true, "",
		"00000025 ff534d42 2e 00000000 00 0000 0000 0000000000000000 0000 0000 0100 0000 0200 00 0000 0000", 36,
		1, false, 0 },
	{ "DCE-RPC fragment", APP_DCERPC, true, "",
		"05 00 00 03 10000000 001c 0000 01000000 04000000 0000 0000 61626364", 8, 2, true, 16 },
	{ "DCE-RPC authentication", APP_DCERPC, true, "",
		"05 00 00 03 10000000 1c00 0000 01000000 04000000 0000 0000 61626364", 10, 2, true, 8 },
	{ "Kerberos over TCP", APP_KRB5, true, "", "0000000c 6a 0a 30 08 a1 03 020105 a2 01", 0, 4, false, 2 },
	{ "LDAP message", APP_LDAP, true, "", "30 84 0000000c 020101 60 07 020103 0400 8000", 2, 4, false, 2 },
	{ "LDAP bind name", APP_LDAP, true, "", "30 0c 020101 60 07 020103 0400 8000", 11, 1, false, 0 },
	{ "SNMP message", APP_SNMP, false, "",
		"30 82 0026 020101 0406 7075626c6963 a019 020101 020100 020100 300e 300c 06082b06010201010100 0500", 2,
		2, false, 0 },
	{ "NFS fragment", APP_NFS, true, "",
		"80000028 00000001 00000000 00000002 000186a3 00000003 00000000 00000000 00000000 00000000 00000000", 0,
		4, false, 40 },
	{ "NFS credentials", APP_NFS, true, "",
		"80000028 00000001 00000000 00000002 000186a3 00000003 00000001 00000000 00000000 00000000 00000000",
		32, 4, false, 0 },
	{ "MQTT remaining length", APP_MQTT, true, "10 0d 0004 4d515454 04 02 003c 0001 61", "30 05 0001 74 6162", 1, 1,
		false, 2 },
	{ "MQTT topic", APP_MQTT, true, "10 0d 0004 4d515454 04 02 003c 0001 61", "30 05 0001 74 6162", 2, 2, false,
		0 },
	{ "HTTP/2 frame", APP_HTTP2, true, "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a",
		"000008 01 05 00000001 82848641 03612e62", 0, 3, false, 0 },
	{ "HTTP/2 padding", APP_HTTP2, true, "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a",
		"000009 01 0d 00000001 00 82848641 03612e62", 9, 1, false, 0 },
	{ "HPACK string", APP_HTTP2, true, "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a",
		"000008 01 05 00000001 82848641 03612e62", 13, 1, false, 0 },
	{ "WebSocket 64 bits", APP_WEBSOCKET, true, "", "82 ff 0000000000000004 01020304 61626364", 2, 8, false, 0 },
	{ "WebSocket 16 bits", APP_WEBSOCKET, true, "", "82 fe 0004 01020304 61626364", 2, 2, false, 0 },
	{ "SSH packet", APP_SSH, true, "5353482d322e302d610d0a", "0000000c 0a 14 00000000000000000000", 0, 4, false,
		2 },
	{ "RDP (TPKT)", APP_RDP, true, "", "0300 0013 0e e0 0000 0000 00 01 00 0800 03000000", 2, 2, false, 4 },
	{ "TDS packet", APP_TDS, true, "", "12 01 000e 0000 00 00 ff 0000 0000 00", 2, 2, false, 8 },
	{ "MySQL packet", APP_MYSQL, true, "", "05 0000 00 03 31323334", 0, 3, true, 1 },
	{ "PostgreSQL startup", APP_PGSQL, true, "", "00000010 00030000 75736572 00 61 00 00", 0, 4, false, 8 },
	{ "PostgreSQL message", APP_PGSQL, true, "00000010 00030000 75736572 00 61 00 00",
		"51 0000000d 73656c6563742031 00", 1, 4, false, 4 },
	{ "MongoDB message", APP_MONGODB, true, "", "1a000000 01000000 00000000 dd070000 00000000 00 05000000 00", 0, 4,
		true, 16 },
	{ "BSON document", APP_MONGODB, true, "", "1a000000 01000000 00000000 dd070000 00000000 00 05000000 00", 21, 4,
		true, 5 },
	{ "AMQP frame", APP_AMQP, true, "414d515000000901", "01 0000 00000005 003c0014 00 ce", 3, 4, false, 0 },
	{ "RADIUS packet", APP_RADIUS, false, "", "01 01 0019 00000000000000000000000000000000 01 05 616263", 2, 2,
		false, 20 },
	{ "RADIUS attribute", APP_RADIUS, false, "", "01 01 0019 00000000000000000000000000000000 01 05 616263", 21, 1,
		false, 2 },
	{ "IKE message", APP_IKE, false, "",
		"0000000000000001 0000000000000000 21 20 22 08 00000000 00000024 00 00 0008 01010000", 24, 4, false,
		28 },
	{ "IKE payload", APP_IKE, false, "",
		"0000000000000001 0000000000000000 21 20 22 08 00000000 00000024 00 00 0008 01010000", 30, 2, false,
		4 },
	{ "DNP3 link frame", APP_DNP3, true, "", "0564 0b c4 0100 0200 f4f3 c0 c0 01 3c 02 06 0000", 2, 1, false, 5 },
	{ "Modbus", APP_MODBUS, true, "", "0001 0000 0006 01 03 0000 0001", 4, 2, false, 2 },
	{ "EtherNet/IP", APP_ENIP, true, "", "6500 0400 00000000 00000000 0000000000000000 00000000 0100 0000", 2, 2,
		true, 0 },
	{ "EtherNet/IP item", APP_ENIP, true, "",
		"6f00 1000 01000000 00000000 0000000000000000 00000000 00000000 0000 0100 b200 0600", 34, 2, true, 0 },
	{ "SOCKS 5 host", APP_SOCKS, true, "05 01 00", "05 01 00 03 01 61 0050", 4, 1, false, 0 },
	{ "QUIC connection id", APP_QUIC, false, "",
		"c0 00000001 08 0000000000000000 00 00 4010 00000000000000000000000000000000", 5, 1, false, 0 },
	{ "QUIC token", APP_QUIC, false, "",
		"c0 00000001 08 0000000000000000 00 8000 0000 4010 00000000000000000000000000000000", 15, 4, false, 0 },
	{ "RFB cut text", APP_RFB, true, "524642203030332e3030380a 01 01", "06 000000 00000004 61626364", 4, 4, false,
		0 },
	{ "DHCP option", APP_DHCP, false, "",
		"01 01 06 00 00000001 0000 0000 00000000 00000000 00000000 00000000 020000000001 00000000000000000000",
		2, 1, false, 0 },
	{ "BitTorrent string", APP_BITTORRENT_DHT, false, "",
		"64313a6164323a696432303a3030303030303030303030303030303030303030653a", 4, 2, false, 0 },
};

// Of text protocols: the numbers are text.
static const struct {
	const char *what;
	enum app_proto proto;
	const char *before, *format; // one %s: the number
} texts[] = {
	{ "HTTP/1 Content-Length", APP_HTTP1, "", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %s\r\n\r\nabcd" },
	{ "HTTP/1 chunk", APP_HTTP1, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
		"%s\r\nabcd\r\n0\r\n\r\n" },
	{ "HTTP/1 range", APP_HTTP1, "",
		"PUT / HTTP/1.1\r\nHost: a\r\nContent-Range: bytes %s-%s/%s\r\nContent-Length: 4\r\n\r\nabcd" },
	{ "SMTP BDAT", APP_SMTP, "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<a@b>\r\n", "BDAT %s LAST\r\nabcd" },
	{ "SMTP SIZE", APP_SMTP, "EHLO a\r\n", "MAIL FROM:<a@b> SIZE=%s\r\n" },
	{ "IMAP literal", APP_IMAP, "", "a1 LOGIN {%s}\r\nabcd {%s}\r\nabcd\r\n" },
	{ "SIP Content-Length", APP_SIP, "", "INVITE sip:a@b SIP/2.0\r\nContent-Length: %s\r\n\r\nabcd" },
	{ "Redis bulk", APP_REDIS, "", "*%s\r\n$%s\r\nGET\r\n$1\r\na\r\n" },
	{ "FTP port", APP_FTP, "", "EPRT |1|10.0.0.1|%s|\r\nPORT 10,0,0,1,%s,%s\r\nREST %s\r\n" },
	{ "Syslog count", APP_SYSLOG, "", "%s <13>1 - - - - - - a" },
};
static const char *const numbers[] = { "0", "1", "3", "-1", "-4", "255", "256", "65535", "65536", "2147483647",
	"2147483648", "4294967292", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
	"18446744073709551612", "18446744073709551615", "18446744073709551616", "99999999999999999999999999999999",
	"ffffffff", "fffffffffffffffc", "7fffffffffffffff", "" };

static uint8_t junk[64 * KIB];
static unsigned flows;

static size_t from_hex(const char *hex, uint8_t *out)
{
	size_t len = 0;
	for (unsigned value; *hex;)
		if (*hex == ' ')
			hex++;
		else if (sscanf(hex, "%2x", &value) == 1) {
			out[len++] = (uint8_t)value;
			hex += 2;
		}
	return len;
}

static void check(struct app_drive *drive, const char *what)
{
	flows++;
	if (slab_peak_bytes(drive->slab) > FLOW_BYTES)
		fail_msg("%s: %zu bytes of memory", what, slab_peak_bytes(drive->slab));
	app_drive_close(drive);
}

// The message once, again, and then bytes without end: with a length that is too large they are passed over or waited for, no more.
static void show(const struct length *row, enum direction direction, const uint8_t *message, size_t len)
{
	struct app_drive drive;
	uint8_t opening[256];
	const struct app_parser *parser = app_parser_of(row->proto);
	assert_non_null(parser);
	history_open_plain(&drive, parser, row->tcp);
	size_t opening_len = from_hex(row->before, opening);
	if (opening_len)
		app_drive_feed(&drive, TO_SERVER, opening, opening_len);
	for (int i = 0; i < 2; i++)
		app_drive_feed(&drive, direction, message, len);
	for (int i = 0; i < 8 && row->tcp; i++)
		app_drive_feed(&drive, direction, junk, 4096);
	app_drive_feed(&drive, direction_other(direction), message, len);
	app_drive_gap(&drive, direction, 1000);
	app_drive_feed(&drive, direction, message, len);
	app_drive_end(&drive, direction);
	check(&drive, row->what);
}

static void put(uint8_t *at, uint64_t value, unsigned width, bool little)
{
	history_put_be(at, value, width);
	for (unsigned i = 0; little && i < width / 2; i++) {
		uint8_t byte = at[i];
		at[i] = at[width - 1 - i];
		at[width - 1 - i] = byte;
	}
}

static void each_length_of_the_table(void **state)
{
	(void)state;
	uint8_t message[512];
	for (unsigned i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		const struct length *row = &lengths[i];
		size_t len = from_hex(row->message, message);
		uint64_t all = row->width == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * row->width) - 1;
		const uint64_t values[] = { 0, 1, row->header ? row->header - 1u : 2, row->header, row->header + 1u,
			all, all - 1, all - 3, all - row->header, all >> 1, (all >> 1) + 1,
			(all >> 1) + 1 + row->header, all >> 8, (all >> 8) + 1, 127, 128, 0x80000000 & all,
			0xffffffff & all, 0x7fffffff & all };
		if (row->at + row->width > len)
			fail_msg("%s: the length is behind the message", row->what);
		for (unsigned v = 0; v < sizeof(values) / sizeof(*values); v++)
			for (int d = TO_SERVER; d <= TO_CLIENT; d++) {
				put(message + row->at, values[v], row->width, row->little);
				show(row, (enum direction)d, message, len);
			}
	}
}

static void each_number_of_text_protocols(void **state)
{
	(void)state;
	char text[512];
	for (unsigned i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		for (unsigned n = 0; n < sizeof(numbers) / sizeof(*numbers); n++) {
			struct app_drive drive;
			const char *number = numbers[n];
			size_t len = 0;
			for (const char *at = texts[i].format; *at && len + 40 < sizeof(text); at++)
				if (at[0] == '%' && at[1] == 's') {
					len += (size_t)snprintf(text + len, sizeof(text) - len, "%s", number);
					at++;
				} else {
					text[len++] = *at;
				}
			history_open_plain(&drive, app_parser_of(texts[i].proto), true);
			app_drive_text(&drive, TO_SERVER, texts[i].before);
			app_drive_feed(&drive, TO_SERVER, text, len);
			for (int k = 0; k < 8; k++)
				app_drive_feed(&drive, TO_SERVER, junk, 4096);
			app_drive_feed(&drive, TO_SERVER, text, len);
			app_drive_gap(&drive, TO_SERVER, 1000);
			app_drive_feed(&drive, TO_SERVER, text, len);
			app_drive_end(&drive, TO_SERVER);
			check(&drive, texts[i].what);
		}
}

// One piece of a conversation with other bytes at one place.
static void change(const struct history_seed *seed, unsigned piece, uint32_t at, uint64_t value, unsigned width)
{
	struct app_drive drive;
	uint8_t bytes[4096];
	history_open(&drive, seed);
	for (unsigned i = 0; i < seed->count; i++) {
		const struct history_piece *p = &seed->pieces[i];
		memcpy(bytes, p->bytes, p->len);
		if (i == piece)
			history_put_be(bytes + at, value, width);
		app_drive_feed(&drive, p->direction, bytes, p->len);
		if (i == piece)
			app_drive_clean(&drive);
	}
	check(&drive, seed->name);
}

static void change_each_place(const struct history_seed *seed)
{
	static const struct {
		unsigned width;
		uint64_t value;
	} rows[] = { { 1, 0 }, { 1, 0xff }, { 1, 0x80 }, { 2, 0 }, { 2, 0xffff }, { 3, 0xffffff }, { 4, 0 },
		{ 4, 0xffffffff }, { 4, 0x7fffffff }, { 4, 0x80000000 }, { 4, 0xfffffffc }, { 4, 0xfcffffff },
		{ 2, 0x0100 } };
	uint32_t len = 0;
	for (unsigned i = 0; i < seed->count; i++)
		len += seed->pieces[i].len;
	// Of a long conversation not every place has every value
	uint32_t step = 1 + len / PLACES, places = 0;
	for (unsigned i = 0; i < seed->count; i++)
		for (uint32_t at = 0; at < seed->pieces[i].len; at++, places++)
			for (unsigned r = 0; r < sizeof(rows) / sizeof(*rows); r++)
				if ((places + r) % step == 0 && at + rows[r].width <= seed->pieces[i].len)
					change(seed, i, at, rows[r].value, rows[r].width);
}

static void each_place_of_each_conversation(void **state)
{
	(void)state;
	flows = 0;
	history_each_seed(change_each_place);
	print_message("%u conversations\n", flows);
	assert_true(flows > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_length_of_the_table),
		cmocka_unit_test(each_number_of_text_protocols),
		cmocka_unit_test(each_place_of_each_conversation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
