// SPDX-License-Identifier: GPL-3.0-or-later
// The whole way of packets: what must be told although a sender arranged it so that nobody would look.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "decoders/base/clock.h"
#include "sensor/pipeline/pipeline.h"
#include "sensor/reload/rules_load.h"

struct way {
	struct sensor_config config;
	struct rules rules;
	struct pipeline *pipeline;
	uint64_t frames;
	uint32_t seq[2];   // next of client and server
	uint32_t acked[2]; // by the other side
	unsigned alerts;
	uint16_t client; // which of the client's ports
};

static struct way way;

static void start_with(const char *rules, const char *worker_memory, const char *flow_memory)
{
	char path[] = "/tmp/sekisho-test-XXXXXX";
	int fd = mkstemp(path);
	struct config_error error;
	memset(&way, 0, sizeof(way));
	config_init(&way.config);
	assert_true(config_set(&way.config, "app-layer.ndpi.enabled", "no", &error));
	assert_true(config_set(&way.config, "memory.worker", worker_memory, &error));
	assert_true(config_set(&way.config, "app-layer.flow-memory", flow_memory, &error));
	assert_true(fd >= 0 && write(fd, rules, strlen(rules)) == (ssize_t)strlen(rules));
	close(fd);
	struct rules_request request = { .config = &way.config, .only = path };
	assert_true(rules_load(&request, &way.rules) && !way.rules.errors);
	unlink(path);
	struct pipeline_options options = { .config = &way.config, .engine = way.rules.engine, .workers = 1 };
	way.pipeline = pipeline_new(&options);
	assert_non_null(way.pipeline);
	way.seq[0] = 1000;
	way.seq[1] = 5000;
}

static void start(const char *rules)
{
	start_with(rules, "64 MiB", "16 MiB");
}

static void collect(void)
{
	struct record_ring *ring = pipeline_ring(way.pipeline);
	for (const struct record *record; (record = record_ring_peek(ring)); record_ring_release(ring))
		way.alerts += record->type == RECORD_ALERT;
}

static void put32(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

// A segment from the client (0) or the server (1), which acknowledges all that the other one sent.
static void segment_of(unsigned from, uint8_t flags, const void *payload, size_t len)
{
	static const uint8_t ends[2][4] = { { 10, 0, 0, 1 }, { 192, 0, 2, 1 } };
	const uint8_t ports[2][2] = { { (uint8_t)(4 + way.client / 256), (uint8_t)(1 + way.client % 256) }, { 0, 80 } };
	static uint8_t bytes[60000];
	size_t total = 40 + len;
	assert_true(total <= sizeof(bytes));
	memset(bytes, 0, 40);
	memcpy(bytes, (const uint8_t[]) { 0x45, 0, (uint8_t)(total >> 8), (uint8_t)total, 0, 1, 0, 0, 64, PROTO_TCP },
		10);
	memcpy(bytes + 12, ends[from], 4);
	memcpy(bytes + 16, ends[!from], 4);
	memcpy(bytes + 20, ports[from], 2);
	memcpy(bytes + 22, ports[!from], 2);
	put32(bytes + 24, way.seq[from]);
	put32(bytes + 28, flags & TCP_ACK ? way.seq[!from] : 0);
	memcpy(bytes + 32, (const uint8_t[]) { 0x50, flags, 0xff, 0xff }, 4);
	memcpy(bytes + 40, payload, len);
	way.seq[from] += (uint32_t)len + (flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
	struct capture_frame frame = { .bytes = span_of(bytes, total),
		.wire_len = (uint32_t)total,
		.linktype = LINK_RAW,
		.checksums = FRAME_CHECKSUMS_SKIP,
		.ts_ns = (1000 + ++way.frames) * NS_PER_S,
		.number = way.frames };
	pipeline_frame(way.pipeline, &frame);
	collect();
}

static void segment(unsigned from, uint8_t flags, const char *payload)
{
	segment_of(from, flags, payload, strlen(payload));
}

static void handshake(void)
{
	segment(0, TCP_SYN, "");
	segment(1, TCP_SYN | TCP_ACK, "");
	segment(0, TCP_ACK, "");
}

static void finish(void)
{
	pipeline_finish(way.pipeline);
	collect();
	pipeline_free(way.pipeline);
	rules_unload(&way.rules);
	config_fini(&way.config);
}

// The answer ends HTTP on the flow. It is read with the client's packet that acknowledges it, and freed with the same.
static void an_answer_that_ends_its_protocol_is_inspected(void **state)
{
	(void)state;
	start("alert http any any -> any any (flow:to_server; http.method; content:\"CONNECT\"; sid:1;)\n"
	      "alert http any any -> any any (flow:to_client; http.stat_code; content:\"200\"; sid:2;)\n");
	handshake();
	segment(0, TCP_ACK, "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n");
	segment(1, TCP_ACK, "HTTP/1.1 200 OK\r\n\r\n");
	segment(0, TCP_ACK, "something else than was spoken before");
	finish();
	assert_int_equal(way.alerts, 2);
}

#define DECOYS 400

// More requests at once than a flow may keep open: the first answer ends its transaction with the client's packet.
static void answers_to_a_crowd_are_inspected(void **state)
{
	(void)state;
	static char requests[DECOYS * 32 + 64];
	size_t len = (size_t)snprintf(requests, sizeof(requests), "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n");
	for (unsigned i = 0; i < DECOYS; i++)
		len += (size_t)snprintf(requests + len, sizeof(requests) - len, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	start("alert http any any -> any any (flow:to_client; file_data; content:\"evil\"; sid:1;)\n");
	handshake();
	segment(0, TCP_ACK, requests);
	segment(1, TCP_ACK, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
	segment(0, TCP_ACK, "");
	finish();
	assert_int_equal(way.alerts, 1);
}

// The server's side of a stream is 1 long while it sent nothing: its SYN.
static void a_silent_servers_stream_is_one_long(void **state)
{
	(void)state;
	start("alert tcp any any -> any any (flow:established,to_server; stream_size:server,=,1; dsize:5; "
	      "content:\"hello\"; depth:5; sid:1;)\n");
	handshake();
	segment(0, TCP_ACK, "hello");
	segment(1, TCP_ACK, "answer");
	segment(0, TCP_ACK, "hello");
	finish();
	assert_int_equal(way.alerts, 1);
}

// A DCE-RPC fragment of type (C706 12.6.1), its body filled with fill.
static void fragment(unsigned from, uint8_t type, uint8_t call, uint8_t fill)
{
	uint8_t bytes[64] = { 5, 0, type, 3, 0x10, 0, 0, 0, 64, 0, 0, 0, call };
	memset(bytes + 16, fill, sizeof(bytes) - 16);
	if (type == 0) // 16 alloc hint, context and operation
		memset(bytes + 16, 0, 8);
	segment_of(from, TCP_ACK, bytes, sizeof(bytes));
}

// AUTH3 is no message of its own: the window of raw rules goes on to the request behind it.
static void a_window_ends_where_a_message_ended_just_now(void **state)
{
	(void)state;
	static const uint8_t bind[72] = { 5, 0, 11, 3, 0x10, 0, 0, 0, 72, 0, 0, 0, 1, 0, 0, 0, 0xb8, 0x10, 0xb8, 0x10,
		0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 'i', 'n', 't', 'e', 'r', 'f', 'a', 'c', 'e', '-', 'n', 'u', 'm',
		'b', 'e', 'r', 1, 0, 0, 0, 0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0, 0x2b,
		0x10, 0x48, 0x60, 2, 0, 0, 0 };
	start("alert tcp any any -> any any (flow:established,to_server; content:\"AAAA\"; content:\"BBBB\"; "
	      "distance:0; sid:1;)\n"
	      "alert dcerpc any any -> any any (flow:established,to_server; content:\"interface-number\"; "
	      "content:\"AAAA\"; distance:0; sid:2;)\n");
	handshake();
	segment_of(0, TCP_ACK, bind, sizeof(bind));
	segment(1, TCP_ACK, "");
	fragment(0, 16, 1, 'A');
	segment(1, TCP_ACK, "");
	fragment(0, 0, 2, 'B');
	segment(1, TCP_ACK, "");
	segment(0, TCP_ACK, "");
	finish();
	assert_int_equal(way.alerts, 1); // the first rule's: the bind is a window of its own
}

// What its parser held is told and given back; rules go on with the stream.
static void a_flow_over_its_memory_is_still_inspected(void **state)
{
	(void)state;
	start_with("alert tcp any any -> any any (app-layer-event:applayer_memory_over_budget; sid:1;)\n"
		   "alert ftp any any -> any any (ftp.command; content:\"CWD\"; sid:2;)\n"
		   "alert tcp any any -> any any (content:\"afterwards\"; sid:3;)\n",
		"64 MiB", "4 KiB");
	handshake();
	segment(1, TCP_ACK, "220 FTP\r\n");
	for (unsigned i = 0; i < 3; i++)
		segment(0, TCP_ACK, "NOOP 1\r\nNOOP 2\r\nNOOP 3\r\nNOOP 4\r\nNOOP 5\r\nNOOP 6\r\nNOOP 7\r\nCWD x\r\n");
	segment(1, TCP_ACK, "");
	assert_true(way.alerts >= 2); // the event, and at least one CWD
	unsigned before = way.alerts;
	segment(0, TCP_ACK, "CWD afterwards\r\n");
	segment(1, TCP_ACK, "");
	finish();
	assert_int_equal(way.alerts, before + 1);
}

static uint64_t counter(const char *name)
{
	uint64_t sums[4096] = { 0 };
	size_t count = pipeline_counter_count(way.pipeline);
	assert_true(count <= sizeof(sums) / sizeof(*sums));
	pipeline_publish(way.pipeline);
	pipeline_read(way.pipeline, sums);
	for (size_t i = 0; i < count; i++)
		if (strcmp(pipeline_counter_name(way.pipeline, i), name) == 0)
			return sums[i];
	fail_msg("no counter %s", name);
	return 0;
}

static void next_client(void)
{
	way.client++;
	way.seq[0] = 1000;
	way.seq[1] = 5000;
	handshake();
}

static void evil_request(void)
{
	pipeline_tick(way.pipeline, 1000 * NS_PER_S, way.frames); // no flow is idle yet
	next_client();
	segment(0, TCP_ACK, "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n");
	segment(1, TCP_ACK, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	segment(0, TCP_ACK, "");
}

#define CROWD 200

// Flows that hold what they can until nothing is left: refusals are counted, those that came first and stay silent give way to new ones, and once
// they are gone every flow is inspected as before.
static void a_full_slab_is_survived(void **state)
{
	(void)state;
	static char commands[8 * 500 + 1];
	for (unsigned i = 0; i < 500; i++)
		memcpy(commands + 8 * i, "NOOP 1\r\n", 9);
	start_with("alert http any any -> any any (http.uri; content:\"evil\"; sid:1;)\n", "16 MiB", "0");
	for (unsigned i = 0; i < CROWD; i++) {
		next_client();
		segment(1, TCP_ACK, "220 FTP\r\n");
		for (unsigned k = 0; k < 2; k++)
			segment(0, TCP_ACK, commands);
		segment(1, TCP_ACK, "");
	}
	assert_true(counter("memory.slab_refused") > 0);
	uint64_t refused = counter("memory.slab_refused");
	for (unsigned i = 0; i < 50; i++)
		evil_request();
	assert_true(way.alerts >= 40); // the first flows find nothing left
	assert_true(counter("memory.flows_relieved") > 0);
	print_message("%u of 50 requests seen while the slab is full, %llu refused\n", way.alerts,
		(unsigned long long)(counter("memory.slab_refused") - refused));
	pipeline_restart(way.pipeline);
	refused = counter("memory.slab_refused");
	way.alerts = 0;
	for (unsigned i = 0; i < 50; i++)
		evil_request();
	assert_int_equal(counter("memory.slab_refused"), refused);
	finish();
	assert_int_equal(way.alerts, 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_that_ends_its_protocol_is_inspected),
		cmocka_unit_test(answers_to_a_crowd_are_inspected),
		cmocka_unit_test(a_silent_servers_stream_is_one_long),
		cmocka_unit_test(a_flow_over_its_memory_is_still_inspected),
		cmocka_unit_test(a_full_slab_is_survived),
		cmocka_unit_test(a_window_ends_where_a_message_ended_just_now),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
