// SPDX-License-Identifier: GPL-3.0-or-later
// Fuzz target: the whole way of a packet, with a few rules of every kind. Input: frames, each a 16-bit length, a 16-bit step in time
// (milliseconds) and its bytes; the first input byte picks the link type.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "decoders/base/clock.h"
#include "decoders/base/cursor.h"
#include "sensor/pipeline/pipeline.h"
#include "sensor/reload/rules_load.h"
#include "tests/support/fuzz/large_blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char rules_text[] =
	"alert tcp any any -> any any (msg:\"stream\"; content:\"abc\"; content:\"def\"; distance:0; within:20; "
	"sid:1;)\n"
	"alert http any any -> any any (msg:\"uri\"; http.uri; content:\"/a\"; pcre:\"/a[bc]+/\"; sid:2;)\n"
	"alert http any any -> any any (msg:\"body\"; file_data; content:\"EICAR\"; sid:3;)\n"
	"alert dns any any -> any any (msg:\"name\"; dns.query; content:\"example\"; nocase; bsize:>5; sid:4;)\n"
	"alert tls any any -> any any (msg:\"sni\"; tls.sni; content:\"example\"; flowbits:set,tls; sid:5;)\n"
	"alert udp any any -> any any (msg:\"udp\"; byte_test:2,>,10,0; flowbits:isset,x; threshold:type limit, track "
	"by_src, count 1, seconds 60; sid:6;)\n"
	"drop icmp any any -> any any (msg:\"icmp\"; itype:8; dsize:>1000; sid:7;)\n"
	"alert ip any any -> any any (msg:\"frag\"; decode-event:ipv4.frag_overlap; sid:8;)\n"
	"alert tcp any any -> any any (msg:\"event\"; stream-event:reassembly_overlap_different_data; sid:9;)\n";

static struct sensor_config config;
static struct rules rules;

// Every input has a pipeline of its own: with tables as large as a sensor's, making them would be all that is done.
static const char *const settings[][2] = {
	{ "app-layer.ndpi.enabled", "no" },
	{ "memory.worker", "16 MiB" },
	{ "memory.record-ring", "1 MiB" },
	{ "defrag.memcap", "1 MiB" },
	{ "defrag.trackers", "64" },
	{ "defrag.max-frags", "256" },
	{ "flow.memcap", "1 MiB" },
	{ "flow.hash-size", "64" },
	{ "stream.memcap", "2 MiB" },
	{ "stream.reassembly.memcap", "4 MiB" },
};

static void set_up(void)
{
	config_init(&config);
	struct config_error error;
	bool good = true;
	for (unsigned i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		good = good && config_set(&config, settings[i][0], settings[i][1], &error);
	char path[] = "/tmp/sekisho-fuzz-XXXXXX";
	int fd = mkstemp(path);
	good = good && fd >= 0 && write(fd, rules_text, sizeof(rules_text) - 1) == (ssize_t)sizeof(rules_text) - 1;
	close(fd);
	struct rules_request request = { .config = &config, .only = path, .drops_enabled = true };
	if (!good || !rules_load(&request, &rules) || rules.errors)
		abort();
	unlink(path);
}

// Whole objects, one a line: nothing a sender chose ends a string or a line early.
static void check_line(const struct record *record)
{
	unsigned depth = 0;
	bool quoted = false;
	assert(record->line_len > 2 && record->line[0] == '{' && record->line[record->line_len - 1] == '\n');
	for (uint32_t i = 0; i + 1 < record->line_len; i++) {
		uint8_t c = (uint8_t)record->line[i];
		assert(c >= 0x20 && c != 0x7f);
		if (quoted && c == '\\') {
			c = (uint8_t)record->line[++i];
			assert(c && strchr("\"\\/bfnrtu", c));
		} else if (c == '"') {
			quoted = !quoted;
		} else if (!quoted && (c == '{' || c == '[')) {
			depth++;
		} else if (!quoted && (c == '}' || c == ']')) {
			assert(depth && (--depth || i + 2 == record->line_len));
		}
	}
	assert(!quoted && !depth);
}

static void drain(struct pipeline *pipeline)
{
	struct record_ring *ring = pipeline_ring(pipeline);
	for (const struct record *record; (record = record_ring_peek(ring)); record_ring_release(ring))
		if (record->type != RECORD_EVIDENCE && record->type != RECORD_OBSERVATION &&
			record->type != RECORD_DOMAIN && record->type != RECORD_RESOLVED && record->type != RECORD_MARK)
			check_line(record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!rules.engine)
		set_up();
	struct pipeline_options options = {
		.config = &config, .engine = rules.engine, .workers = 1, .drops_enabled = size & 1
	};
	large_blocks_begin();
	struct pipeline *pipeline = pipeline_new(&options);
	if (!pipeline)
		abort();
	static const enum linktype links[] = { LINK_ETHERNET, LINK_RAW, LINK_SLL, LINK_PPP, LINK_NULL, LINK_SLL2,
		LINK_CHDLC };
	struct cursor in = cursor_on(span_of(data, size));
	enum linktype link = links[cursor_u8(&in) % (sizeof(links) / sizeof(links[0]))];
	uint64_t now_ns = 1000 * NS_PER_S;
	for (uint64_t number = 1; cursor_left(&in) > 4; number++) {
		uint32_t len = cursor_be16(&in);
		now_ns += cursor_be16(&in) * (NS_PER_S / 1000);
		struct span bytes = cursor_span(&in, len < cursor_left(&in) ? len : cursor_left(&in));
		struct capture_frame frame = {
			.bytes = bytes, .wire_len = bytes.len, .linktype = link, .ts_ns = now_ns, .number = number
		};
		pipeline_frame(pipeline, &frame);
		if (number % 8 == 0)
			pipeline_tick(pipeline, now_ns, number);
		drain(pipeline);
	}
	pipeline_finish(pipeline);
	drain(pipeline);
	pipeline_free(pipeline);
	large_blocks_end();
	return 0;
}
