// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/evidence/pcap_evidence.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "decoders/base/clock.h"
#include "decoders/packet/packet.h"

static char folder[64], file[128], previous[128];
static unsigned char bytes[2 * EVIDENCE_FRAME_MAX];
static struct record *record;

static int setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/sekisho-evidence-XXXXXX");
	record = calloc(1, sizeof(*record) + RECORD_LINE_MAX);
	if (!mkdtemp(folder) || !record)
		return -1;
	evidence_path(folder, file, sizeof(file));
	snprintf(previous, sizeof(previous), "%s/evidence.1.pcap", folder);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 31);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(record);
	unlink(file);
	unlink(previous);
	return rmdir(folder);
}

static void add(struct evidence_writer *writer, size_t len, uint32_t wire_len, uint16_t linktype)
{
	struct evidence_frame frame = { span_of(bytes, len), wire_len, linktype };
	record->type = RECORD_EVIDENCE;
	record->ts_ns = 1700000000 * NS_PER_S + 123456789;
	record->line_len = evidence_pack(record->line, &frame, EVIDENCE_FRAME_MAX);
	evidence_writer_add(writer, record);
}

static uint32_t word(const char *content, size_t at)
{
	uint32_t value;
	memcpy(&value, content + at, sizeof(value));
	return value;
}

static size_t read_file(const char *path, char *content, size_t size)
{
	FILE *in = fopen(path, "rb");
	assert_non_null(in);
	size_t len = fread(content, 1, size, in);
	fclose(in);
	return len;
}

static const struct evidence_config config = {
	.packets_enabled = true, .budget_bytes = 1 << 20, .per_flow = 4, .snaplen_bytes = EVIDENCE_FRAME_MAX
};

static void frames_are_written_as_pcap_with_nanoseconds(void **state)
{
	(void)state;
	struct evidence_writer *writer = evidence_writer_open(&config, folder);
	assert_non_null(writer);
	add(writer, 60, 60, LINK_ETHERNET);
	add(writer, 100, 1500, LINK_ETHERNET);
	struct evidence_counts counts;
	assert_true(evidence_writer_close(writer, &counts));
	char content[512];
	assert_int_equal(read_file(file, content, sizeof(content)), 24 + 16 + 60 + 16 + 100);
	assert_int_equal(counts.bytes, 24 + 16 + 60 + 16 + 100);
	assert_int_equal(counts.frames, 2);
	assert_int_equal(word(content, 0), 0xa1b23c4d);
	assert_int_equal(word(content, 16), EVIDENCE_FRAME_MAX);
	assert_int_equal(word(content, 20), LINK_ETHERNET);
	assert_int_equal(word(content, 24), 1700000000);
	assert_int_equal(word(content, 28), 123456789);
	assert_int_equal(word(content, 32), 60);
	assert_int_equal(word(content, 36), 60);
	assert_memory_equal(content + 40, bytes, 60);
	assert_int_equal(word(content, 24 + 16 + 60 + 8), 100);
	assert_int_equal(word(content, 24 + 16 + 60 + 12), 1500);
}

static void frames_of_another_link_type_are_counted(void **state)
{
	(void)state;
	struct evidence_writer *writer = evidence_writer_open(&config, folder);
	assert_non_null(writer);
	add(writer, 60, 60, LINK_RAW);
	add(writer, 60, 60, LINK_ETHERNET);
	add(writer, 60, 60, LINK_RAW);
	struct evidence_counts counts;
	assert_true(evidence_writer_close(writer, &counts));
	assert_int_equal(counts.frames, 2);
	assert_int_equal(counts.other_link, 1);
	char content[512];
	assert_int_equal(read_file(file, content, sizeof(content)), 24 + 2 * 76);
	assert_int_equal(word(content, 20), LINK_RAW);
}

static void over_budget_the_file_ends_and_the_rest_is_counted(void **state)
{
	(void)state;
	struct evidence_config small = config;
	small.budget_bytes = 24 + 2 * 116 + 50;
	struct evidence_writer *writer = evidence_writer_open(&small, folder);
	assert_non_null(writer);
	for (int i = 0; i < 3; i++)
		add(writer, 100, 100, LINK_ETHERNET);
	add(writer, 20, 20, LINK_ETHERNET); // would fit, but the file has its end
	struct evidence_counts counts;
	assert_true(evidence_writer_close(writer, &counts));
	assert_int_equal(counts.frames, 2);
	assert_int_equal(counts.over_budget, 2);
	assert_int_equal(counts.bytes, 24 + 2 * 116);
	struct stat status;
	assert_int_equal(stat(file, &status), 0);
	assert_int_equal(status.st_size, counts.bytes);
}

static void frames_are_cut_at_the_snap_length(void **state)
{
	(void)state;
	struct evidence_frame frame = { span_of(bytes, sizeof(bytes)), sizeof(bytes), LINK_ETHERNET };
	uint32_t none = evidence_pack(record->line, &(struct evidence_frame) { .linktype = LINK_RAW }, 64);
	assert_int_equal(evidence_pack(record->line, &frame, 64), none + 64);
	assert_int_equal(evidence_pack(record->line, &frame, UINT64_MAX), none + EVIDENCE_FRAME_MAX);
	assert_memory_equal(record->line + none, bytes, EVIDENCE_FRAME_MAX);
}

static void largest_frames_pass_the_buffer(void **state)
{
	(void)state;
	struct evidence_writer *writer = evidence_writer_open(&config, folder);
	assert_non_null(writer);
	for (int i = 0; i < 7; i++)
		add(writer, EVIDENCE_FRAME_MAX, EVIDENCE_FRAME_MAX, LINK_ETHERNET);
	struct evidence_counts counts;
	assert_true(evidence_writer_close(writer, &counts));
	assert_int_equal(counts.frames, 7);
	struct stat status;
	assert_int_equal(stat(file, &status), 0);
	assert_int_equal(status.st_size, 24 + 7 * (16 + EVIDENCE_FRAME_MAX));
}

static void a_run_without_alerts_leaves_an_empty_capture(void **state)
{
	(void)state;
	struct evidence_counts counts;
	assert_true(evidence_writer_close(evidence_writer_open(&config, folder), &counts));
	char content[64];
	assert_int_equal(read_file(file, content, sizeof(content)), 24);
	assert_int_equal(counts.frames, 0);
}

static void the_previous_run_is_kept(void **state)
{
	(void)state;
	struct evidence_counts counts;
	struct evidence_writer *writer = evidence_writer_open(&config, folder);
	assert_non_null(writer);
	add(writer, 60, 60, LINK_ETHERNET);
	assert_true(evidence_writer_close(writer, &counts));
	assert_true(evidence_writer_close(evidence_writer_open(&config, folder), &counts));
	char content[512];
	assert_int_equal(read_file(previous, content, sizeof(content)), 24 + 76);
	assert_int_equal(read_file(file, content, sizeof(content)), 24);
}

static void what_the_disk_refuses_is_counted_and_leaves_whole_frames(void **state)
{
	(void)state;
	struct evidence_counts counts;
	struct evidence_writer *writer = evidence_writer_open(&config, folder);
	assert_non_null(writer);
	add(writer, 100, 100, LINK_ETHERNET);
	evidence_writer_flush(writer);
	struct rlimit before, limit;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 200; // in the middle of the second frame
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	add(writer, 100, 100, LINK_ETHERNET);
	evidence_writer_flush(writer);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	add(writer, 100, 100, LINK_ETHERNET);
	assert_false(evidence_writer_close(writer, &counts));
	assert_int_equal(counts.frames, 1);
	assert_int_equal(counts.failed, 2);
	struct stat status;
	assert_int_equal(stat(file, &status), 0);
	assert_int_equal(status.st_size, 24 + 116);
}

static void a_folder_that_is_not_there_is_a_fault(void **state)
{
	(void)state;
	assert_null(evidence_writer_open(&config, "/nonexistent"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frames_are_written_as_pcap_with_nanoseconds),
		TEST(frames_of_another_link_type_are_counted),
		TEST(over_budget_the_file_ends_and_the_rest_is_counted),
		TEST(frames_are_cut_at_the_snap_length),
		TEST(largest_frames_pass_the_buffer),
		TEST(a_run_without_alerts_leaves_an_empty_capture),
		TEST(the_previous_run_is_kept),
		TEST(what_the_disk_refuses_is_counted_and_leaves_whole_frames),
		TEST(a_folder_that_is_not_there_is_a_fault),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
