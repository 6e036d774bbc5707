// SPDX-License-Identifier: GPL-3.0-or-later
// Class: decompression bombs. A few kilobytes unfold to gigabytes, or unfold to what unfolds again (HTTP/1 gzip and lzma, brotli, HTTP/2 bodies,
// compressed messages of WebSocket). What comes out of one body is bounded, the work too, it is an event, and the session goes on.
//
// SWF and ZIP inside of files are not unfolded, so there is nothing to bomb.
#include <string.h>
#include <zlib.h>
#include "decoders/app/files/file.h"
#include "decoders/app/http/http.h"
#include "decoders/app/http2/http2.h"
#include "decoders/app/websocket/websocket.h"
#include "tests/support/decoders/history.h"

#define PLAIN_BYTES  (64u * MIB) // what a bomb would come to
#define FILE_BYTES   (2u * MIB)  // of it a body may have: compression-bomb-limit, and the step it was passed in
#define FLOW_BYTES   (4u * MIB)
#define PACKED_BYTES (256u * KIB)

// 16 MiB of one letter in 203 bytes (RFC 7932).
static const char brotli_bomb[] =
	"a5ffff875f22281e0b0472ef1ff4fffff04b00c4611180eefd83feff1f7e0980382c00d0bd7fd0ffffc32f0110870500"
	"baf70ffaff7ff82500e2b00040f7fe41ffff0fbf04401c1600e8de3fe8ffffe1970088c30200ddfb07fdff3ffc120071"
	"5800a07bffa0ffff875f02200e0b0074ef1ff4fffff04b00c4610180eefd83feff1f7e0980382c00d0bd7fd0ffffc32f"
	"0110870500baf70ffaff7ff82500e2b00040f7fe41ffff0fbf04401c1600e8de3fe8ffffe1970088c30200ddfb87faff"
	"7ffc1200715800a07bff00";

// 64 MiB with a window of 4 MiB.
static const char brotli_large_window[] =
	"cbffff3ff82582e2b14020f7fe8fffff7ff04b00c4611180eefd1fffffffe0970088c30200ddfb3ffeffffc12f011087"
	"0500baf77ffcffff835f02200e0b0074effff8ffff07bf04401c1600e8defff1ffff0f7e0980382c00d0bdffcbffff3f"
	"fc1200715800a07bff07";

static uint8_t packed[PACKED_BYTES], twice[PACKED_BYTES];

// count equal bytes by zlib: window_bits 31 gzip, 15 zlib, -15 raw deflate.
static size_t pack_equal(int window_bits, size_t count, uint8_t *out, size_t room)
{
	static uint8_t plain[64 * KIB];
	z_stream z = { .next_out = out, .avail_out = (uInt)room };
	memset(plain, 'A', sizeof(plain));
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window_bits, 9, Z_DEFAULT_STRATEGY), Z_OK);
	for (size_t left = count; left;) {
		z.next_in = plain;
		z.avail_in = (uInt)(left < sizeof(plain) ? left : sizeof(plain));
		left -= z.avail_in;
		assert_int_equal(deflate(&z, left              ? Z_NO_FLUSH
					     : window_bits < 0 ? Z_SYNC_FLUSH
							       : Z_FINISH),
			left || window_bits < 0 ? Z_OK : Z_STREAM_END);
	}
	size_t len = z.total_out;
	deflateEnd(&z);
	return len;
}

static size_t pack(const uint8_t *plain, size_t len, uint8_t *out, size_t room)
{
	uLongf out_len = (uLongf)room;
	z_stream z = { .next_in = (uint8_t *)(uintptr_t)plain,
		.avail_in = (uInt)len,
		.next_out = out,
		.avail_out = (uInt)out_len };
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	len = z.total_out;
	deflateEnd(&z);
	return len;
}

// One response whose body is bytes, by pieces of a segment's size; then another request, which must be read.
static void http_body(const char *coding, const uint8_t *bytes, size_t len, bool limited, const char *event)
{
	static char key[] = "http.libhtp.default-config.response-body-limit", none[] = "0";
	static struct option_pair no_limit[] = { { key, none } };
	struct app_drive drive = { .config = { .file_window_bytes = 64 * KIB } };
	char head[512];
	if (!limited)
		drive.config.protocols = (struct option_map) { no_limit, 1 };
	app_drive_open(&drive, &http_parser, PROTO_TCP, 40000, 80);
	app_drive_text(&drive, TO_SERVER, "GET /bomb HTTP/1.1\r\nHost: a\r\n\r\n");
	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %zu\r\n\r\n", coding,
		len);
	app_drive_text(&drive, TO_CLIENT, head);
	uint64_t begin = history_cpu_ns();
	for (size_t at = 0; at < len; at += 1460)
		assert_true(app_drive_feed(&drive, TO_CLIENT, bytes + at, len - at < 1460 ? len - at : 1460));
	const struct app_tx *tx = app_drive_tx(&drive, 0);
	uint64_t size = tx->files ? tx->files->size : 0;
	print_message("%-12s %7zu bytes to %8llu, %.1f ms, %zu KiB of memory\n", coding, len, (unsigned long long)size,
		(double)(history_cpu_ns() - begin) / 1e6, slab_peak_bytes(drive.slab) / KIB);
	assert_true(size <= FILE_BYTES);
	assert_true(slab_peak_bytes(drive.slab) <= FLOW_BYTES);
	if (event)
		assert_true(app_drive_has_event(&drive, tx, event));
	assert_true(app_drive_text(&drive, TO_SERVER, "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_non_null(app_drive_tx(&drive, 1));
	app_drive_close(&drive);
}

static void http1_gzip_and_deflate(void **state)
{
	(void)state;
	http_body("gzip", packed, pack_equal(31, PLAIN_BYTES, packed, sizeof(packed)), true, NULL);
	http_body("deflate", packed, pack_equal(15, PLAIN_BYTES, packed, sizeof(packed)), true, NULL);
	http_body("gzip", packed, pack_equal(31, PLAIN_BYTES, packed, sizeof(packed)), false, "compression_bomb");
}

static void http1_gzip_in_gzip(void **state)
{
	(void)state;
	size_t len = pack_equal(31, PLAIN_BYTES, packed, sizeof(packed));
	http_body("gzip, gzip", twice, pack(packed, len, twice, sizeof(twice)), true, NULL);
	http_body("gzip, gzip", twice, pack(packed, len, twice, sizeof(twice)), false, "compression_bomb");
	// More codings than are taken off
	char many[200] = "gzip";
	for (int i = 0; i < 30; i++)
		strcat(many, ",gzip");
	http_body(many, twice, pack(packed, len, twice, sizeof(twice)), true, "too_many_encoding_layers");
}

// LZMA alone (properties, dictionary of 2 GiB, unknown size): the dictionary asked for is more than the limit.
static void http1_lzma_dictionary(void **state)
{
	(void)state;
	static uint8_t lzma[4096] = { 0x5d, 0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0 };
	http_body("lzma", lzma, sizeof(lzma), true, NULL);
}

#define H2_START                                                                                                      \
	"505249202a20485454502f322e300d0a0d0a534d0d0a0d0a 000006 04 00 00000000 0003 00000064 000008 01 05 00000001 " \
	"82 84 86 41 03 612e62"

static void http2_open(struct app_drive *drive)
{
	history_open_plain(drive, &http2_parser, true);
	assert_true(app_drive_hex(drive, TO_SERVER, H2_START));
	assert_true(app_drive_hex(drive, TO_CLIENT, "000006 04 00 00000000 0003 00000064"));
	app_drive_clean(drive);
}

static void check_body(struct app_drive *drive, const char *what)
{
	const struct app_tx *tx = drive->flow.app.tx_first;
	while (tx && !tx->files)
		tx = tx->next;
	uint64_t size = tx ? tx->files->size : 0;
	print_message("%-12s to %8llu, %zu KiB of memory\n", what, (unsigned long long)size,
		slab_peak_bytes(drive->slab) / KIB);
	assert_true(size <= FILE_BYTES);
	assert_true(slab_peak_bytes(drive->slab) <= FLOW_BYTES);
}

static void http2_gzip(void **state)
{
	(void)state;
	struct app_drive drive;
	size_t len = pack_equal(31, PLAIN_BYTES, packed, sizeof(packed));
	http2_open(&drive);
	app_drive_hex(&drive, TO_CLIENT, "000008 01 04 00000001 88 0f0b 04 677a6970"); // content-encoding gzip
	for (size_t at = 0, piece; at < len; at += piece) {
		piece = len - at < 1460 ? len - at : 1460;
		uint8_t head[9] = { 0, (uint8_t)(piece >> 8), (uint8_t)piece, 0, at + piece == len, 0, 0, 0, 1 };
		app_drive_feed(&drive, TO_CLIENT, head, sizeof(head));
		app_drive_feed(&drive, TO_CLIENT, packed + at, piece);
	}
	check_body(&drive, "http2 gzip");
	assert_true(app_drive_has_event(&drive, NULL, "compression_bomb"));
	assert_true(app_drive_hex(&drive, TO_SERVER, "000008 01 05 00000003 82 84 86 41 03 612e62"));
	app_drive_close(&drive);
}

static void brotli_body(const char *what, const char *hex)
{
	struct app_drive drive;
	size_t len = strlen(hex) / 2;
	uint8_t head[9] = { 0, (uint8_t)(len >> 8), (uint8_t)len, 0, 1, 0, 0, 0, 1 };
	http2_open(&drive);
	app_drive_hex(&drive, TO_CLIENT, "000006 01 04 00000001 88 0f0b 02 6272"); // content-encoding br
	app_drive_feed(&drive, TO_CLIENT, head, sizeof(head));
	app_drive_hex(&drive, TO_CLIENT, hex);
	check_body(&drive, what);
	assert_true(app_drive_has_event(&drive, NULL, "compression_bomb"));
	app_drive_close(&drive);
}

static void http2_brotli(void **state)
{
	(void)state;
	brotli_body("http2 brotli", brotli_bomb);
	brotli_body("large window", brotli_large_window);
}

// A window is taken for each body; more of them than a worker may have fail, and the rest of the flow goes on.
static void many_large_windows(void **state)
{
	(void)state;
	struct app_drive drive;
	http2_open(&drive);
	for (unsigned stream = 1; stream < 100; stream += 2) {
		uint8_t head[9] = { 0, 0, 40, 0, 0, 0, 0, 0, (uint8_t)stream };
		uint8_t headers[9 + 6] = { 0, 0, 6, 1, 4, 0, 0, 0, (uint8_t)stream, 0x88, 0x0f, 0x0b, 2, 'b', 'r' };
		char part[81] = "";
		memcpy(part, brotli_large_window, 80);
		app_drive_feed(&drive, TO_CLIENT, headers, sizeof(headers));
		app_drive_feed(&drive, TO_CLIENT, head, sizeof(head));
		assert_true(app_drive_hex(&drive, TO_CLIENT, part));
	}
	assert_true(slab_peak_bytes(drive.slab) <= 2 * FLOW_BYTES);
	assert_true(app_drive_hex(&drive, TO_SERVER, "000008 01 05 000000c9 82 84 86 41 03 612e62"));
	app_drive_close(&drive);
}

// permessage-deflate (RFC 7692): one message of 64 MiB in 64 KiB, and a window that goes on from message to message.
static void websocket_deflate(void **state)
{
	(void)state;
	struct app_drive drive;
	size_t len = pack_equal(-15, PLAIN_BYTES, packed, sizeof(packed)) - 4; // less the empty block a flush ends with
	history_open_plain(&drive, &websocket_parser, true);
	assert_true(len <= 65535 + 4096);
	len = len < 65535 ? len : 65535;
	uint8_t head[4] = { 0xc2, 126, (uint8_t)(len >> 8), (uint8_t)len };
	uint64_t begin = history_cpu_ns();
	for (int i = 0; i < 50; i++) {
		assert_true(app_drive_feed(&drive, TO_CLIENT, head, sizeof(head)));
		assert_true(app_drive_feed(&drive, TO_CLIENT, packed, len));
		const struct app_tx *tx = app_drive_tx(&drive, 0);
		assert_true(tx && websocket_tx_of(tx)->len <= WEBSOCKET_PAYLOAD_PRESET);
		app_drive_clean(&drive);
	}
	print_message("websocket    50 messages of %zu bytes, %.1f ms, %zu KiB of memory\n", len,
		(double)(history_cpu_ns() - begin) / 1e6, slab_peak_bytes(drive.slab) / KIB);
	assert_true(slab_peak_bytes(drive.slab) <= FLOW_BYTES);
	app_drive_close(&drive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(http1_gzip_and_deflate),
		cmocka_unit_test(http1_gzip_in_gzip),
		cmocka_unit_test(http1_lzma_dictionary),
		cmocka_unit_test(http2_gzip),
		cmocka_unit_test(http2_brotli),
		cmocka_unit_test(many_large_windows),
		cmocka_unit_test(websocket_deflate),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
