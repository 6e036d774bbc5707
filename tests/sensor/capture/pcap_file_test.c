// SPDX-License-Identifier: GPL-3.0-or-later
// Capture files: plain and gzip'd, a folder in order of time, and what is broken is told while the rest is read.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/stat.h>
#include <cmocka.h>
#include <zlib.h>
#include "sensor/capture/capture.h"

static char folder[] = "/tmp/sekisho-capture-XXXXXX";

static void put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, 4);
}

// A capture of count frames of 60 bytes, one a second from start_s, numbered in their first byte; cut bytes are missing at its end.
static size_t make(uint8_t *out, uint32_t linktype, uint32_t start_s, unsigned count, size_t cut)
{
	const uint8_t head[20] = { 0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, [16] = 0xff, 0xff, 0, 0 };
	memcpy(out, head, sizeof(head));
	put32(out + 20, linktype);
	size_t at = 24;
	for (unsigned i = 0; i < count; i++) {
		put32(out + at, start_s + i);
		put32(out + at + 4, 500000);
		put32(out + at + 8, 60);
		put32(out + at + 12, 60);
		memset(out + at + 16, (int)i, 60);
		at += 76;
	}
	return at - cut;
}

static void save(const char *name, const uint8_t *bytes, size_t size, bool gzip)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	gzFile file = gzopen(path, gzip ? "wb" : "wbT");
	assert_non_null(file);
	assert_int_equal(gzwrite(file, bytes, (unsigned)size), (int)size);
	gzclose(file);
}

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	uint8_t bytes[4096];
	save("b-late.pcap", bytes, make(bytes, LINK_ETHERNET, 2000, 3, 0), false);
	save("c-early.pcap.gz", bytes, make(bytes, LINK_ETHERNET, 1000, 3, 0), true);
	save("a-broken.pcap", (const uint8_t *)"this is no capture", 18, false);
	save("d-cut.pcap", bytes, make(bytes, LINK_ETHERNET, 3000, 2, 10), false);
	save("e-odd.pcap", bytes, make(bytes, 195, 4000, 2, 0), false); // IEEE 802.15.4
	return 0;
}

static int clean_up(void **state)
{
	(void)state;
	const char *names[] = { "b-late.pcap", "c-early.pcap.gz", "a-broken.pcap", "d-cut.pcap", "e-odd.pcap" };
	char path[128];
	for (unsigned i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

static void test_a_folder_is_read_in_time_order_past_broken_files(void **state)
{
	(void)state;
	struct capture_config config = { 0 };
	struct capture *capture = capture_open_files(&config, folder);
	assert_non_null(capture);
	const uint64_t want_s[] = { 1000, 1001, 1002, 2000, 2001, 2002, 3000 };
	struct capture_frame frame;
	for (unsigned i = 0; i < 7; i++) {
		assert_int_equal(capture_next(capture, &frame), CAPTURE_FRAME);
		assert_int_equal(frame.ts_ns, want_s[i] * 1000000000 + 500000000);
		assert_int_equal(frame.number, i + 1);
		assert_int_equal(frame.bytes.len, 60);
		assert_int_equal(frame.bytes.data[0], want_s[i] % 1000);
	}
	assert_int_equal(capture_next(capture, &frame), CAPTURE_END);
	assert_int_equal(capture_failed(capture), 3); // broken, cut, unsupported link type
	struct capture_counts counts;
	capture_counts(capture, &counts);
	assert_int_equal(counts.received, 7);
	capture_close(capture);
}

static void test_what_does_not_exist_is_refused(void **state)
{
	(void)state;
	struct capture_config config = { 0 };
	assert_null(capture_open_files(&config, "/nonexistent/x.pcap"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_folder_is_read_in_time_order_past_broken_files),
		cmocka_unit_test(test_what_does_not_exist_is_refused),
	};
	return cmocka_run_group_tests(tests, set_up, clean_up);
}
