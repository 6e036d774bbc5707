// SPDX-License-Identifier: GPL-3.0-or-later
// Heuristics of HTTP: requests that attack, scanners, programs and scripts by their first bytes, sinkholes; and what looks like them and is not.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "decoders/app/http/http.h"
#include "signatures/heuristics/heuristics.h"
#include "tests/support/decoders/app_drive.h"

static void take(void *context, const struct inspection *inspection, const struct named *named)
{
	void **parts = context;
	heuristics_take(parts[0], inspection, named, parts[1]);
}

struct talk {
	const char *request, *answer, *body;
	uint32_t body_len; // 0: of a text
	unsigned want[3];  // findings
};

static const struct heuristics_config config = {
	.enabled = true, .nxdomain_names = 20, .flood_names = 30, .web_paths = 10, .window_s = 60
};

// One conversation; gives the findings as a mask of 1 << sid.
static uint32_t findings_of(struct heuristics_worker *worker, const struct talk *talk)
{
	static struct named_reader reader;
	static struct findings findings;
	struct packet packet = { 0 };
	struct app_drive drive = { 0 };
	uint32_t mask = 0, len = talk->body && !talk->body_len ? (uint32_t)strlen(talk->body) : talk->body_len;
	void *parts[] = { worker, &findings };
	char head[512];
	app_drive_open(&drive, &http_parser, PROTO_TCP, 40000, 80);
	assert_true(
		address_parse("10.0.0.5", &drive.flow.key.src) && address_parse("198.51.100.1", &drive.flow.key.dst));
	if (talk->request)
		app_drive_text(&drive, TO_SERVER, talk->request);
	if (talk->answer) {
		snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\n%sContent-Length: %u\r\n\r\n", talk->answer, len);
		app_drive_text(&drive, TO_CLIENT, head);
		if (len)
			app_drive_feed(&drive, TO_CLIENT, talk->body, len);
	}
	for (int direction = TO_SERVER; direction <= TO_CLIENT; direction++) {
		struct inspection inspection = { &packet, &drive.flow, true, true };
		packet.direction = (enum direction)direction;
		packet.ts_ns = drive.now_ns;
		findings.count = 0;
		heuristics_begin(worker, &inspection, &findings);
		named_each(&reader, &inspection, take, parts);
		for (uint32_t i = 0; i < findings.count; i++) {
			assert_int_equal(findings.items[i].rule->gid, HEURISTICS_GID);
			mask |= 1u << findings.items[i].rule->sid;
		}
	}
	app_drive_close(&drive);
	return mask;
}

static const char pe[] =
	"MZ\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
	"\0\0\0\0\0\x40\0\0\0PE\0\0";
static const char elf[] = "\x7f"
			  "ELF\x02\x01\x01";

static const char swf[] = "CWS\x0a and more";
static const char ciphered[] = "\x9f\x01\xe3\x8a\xbb\x12\xf0\x99\x9f\x01\xe3\x8a\xbb\x12\xf0\x99\x9f\x01\xe3\x8a\xbb"
			       "\x12\xf0\x99\x9f\x01\xe3\x8a\xbb\x12\xf0\x99"
			       "\x9f\x01\xe3\x8a\xbb\x12\xf0\x99\x9f\x01\xe3\x8a\xbb\x12\xf0\x99\x9f\x01\xe3\x8a\xbb"
			       "\x12\xf0\x99\x9f\x01\xe3\x8a\xbb\x12\xf0\x99";

static void findings_by_conversation(void **state)
{
	static const struct talk talks[] = {
		{ "GET /a?id=1%20UNION%20ALL%20SELECT%20x HTTP/1.1\r\nHost: a.test\r\n\r\n", NULL, NULL, 0,
			{ HEURISTICS_SQL } },
		{ "GET /union/select HTTP/1.1\r\nHost: a.test\r\n\r\n", NULL, NULL, 0, { 0 } },
		{ "GET /x HTTP/1.1\r\nHost: a.test\r\nUser-Agent: Mozilla/5.0 zgrab/0.x\r\n\r\n", NULL, NULL, 0,
			{ HEURISTICS_SCANNER } },
		{ "GET http://b.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n", NULL, NULL, 0, { HEURISTICS_PROXY_PROBE } },
		{ "GET http://a.test:8080/ HTTP/1.1\r\nHost: A.test.:8080\r\n\r\n", NULL, NULL, 0, { 0 } },
		{ "GET http://0xa.2/ HTTP/1.1\r\nHost: 0xa.2\r\n\r\n", NULL, NULL, 0, { 0 } },
		{ "GET http://[2001:db8::1]/ HTTP/1.1\r\nHost: [2001:DB8::1]\r\n\r\n", NULL, NULL, 0, { 0 } },
		{ "GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n", NULL, NULL, 0, { 0 } },
		{ "GET /bins/x.mips HTTP/1.1\r\nHost: 198.51.100.1\r\n\r\n", NULL, NULL, 0,
			{ HEURISTICS_BARE_PROGRAM } },
		{ "GET /setup.exe HTTP/1.1\r\nHost: a.test\r\nUser-Agent: curl/8.0\r\n\r\n", NULL, NULL, 0,
			{ HEURISTICS_FETCHED_PROGRAM } },
		{ "GET /setup.exe HTTP/1.1\r\nHost: a.test\r\nUser-Agent: Mozilla/5.0\r\n\r\n", "", pe, sizeof(pe) - 1,
			{ 0 } },
		{ "GET /logo.png HTTP/1.1\r\nHost: a.test\r\n\r\n", "", pe, sizeof(pe) - 1,
			{ HEURISTICS_HIDDEN_PROGRAM } },
		{ "GET /logo HTTP/1.1\r\nHost: a.test\r\n\r\n", "Content-Type: image/png\r\n", elf, sizeof(elf) - 1,
			{ HEURISTICS_HIDDEN_PROGRAM } },
		{ "GET /logo.png HTTP/1.1\r\nHost: a.test\r\n\r\n", "Content-Type: image/png\r\n", "MZ is no program",
			0, { 0 } },
		{ "GET /k1 HTTP/1.1\r\nHost: 198.51.100.1\r\n\r\n", "Content-Type: text/plain\r\n", pe, sizeof(pe) - 1,
			{ HEURISTICS_BARE_PROGRAM } },
		{ "GET /i HTTP/1.1\r\nHost: a.test\r\nUser-Agent: curl/8.0\r\n\r\n", "", "#!/bin/sh\nid\n", 0,
			{ HEURISTICS_SHELL_SCRIPT } },
		{ "GET /i HTTP/1.1\r\nHost: a.test\r\nUser-Agent: Mozilla/5.0\r\n\r\n", "", "#!/bin/sh\nid\n", 0,
			{ 0 } },
		{ "GET /x HTTP/1.1\r\nHost: 198.51.100.1\r\nUser-Agent: a/1\r\n\r\n", "", swf, sizeof(swf) - 1,
			{ HEURISTICS_BARE_PROGRAM } },
		{ "GET /x HTTP/1.1\r\nHost: a.test\r\nUser-Agent: Mozilla/5.0\r\n\r\n", "", swf, sizeof(swf) - 1,
			{ 0 } },
		{ "GET /x HTTP/1.1\r\nHost: 198.51.100.1\r\nUser-Agent: a/1\r\n\r\n",
			"Content-Type: application/x-msdownload\r\n", ciphered, sizeof(ciphered) - 1,
			{ HEURISTICS_CIPHERED_PROGRAM } },
		{ "GET /x HTTP/1.1\r\nHost: a.test\r\nUser-Agent: a/1\r\n\r\n",
			"Content-Type: application/x-msdownload\r\n", ciphered, sizeof(ciphered) - 1, { 0 } },
		{ "GET /x HTTP/1.1\r\nHost: a.test\r\nUser-Agent: rvOg\r\n\r\n", "", pe, sizeof(pe) - 1,
			{ HEURISTICS_RARE_PROGRAM } },
		{ "GET /x HTTP/1.1\r\nHost: a.top\r\nUser-Agent: Mozilla/5.0\r\n\r\n", "", pe, sizeof(pe) - 1,
			{ HEURISTICS_RARE_PROGRAM } },
		{ "GET /x.exe HTTP/1.1\r\nHost: a.test\r\n\r\n", NULL, NULL, 0, { HEURISTICS_RARE_PROGRAM } },
		{ "POST /x HTTP/1.1\r\nHost: 198.51.100.1\r\nContent-Length: 0\r\n\r\n", NULL, NULL, 0,
			{ HEURISTICS_BARE_VISIT } },
		{ "GET /x HTTP/1.1\r\nHost: 198.51.100.1\r\n\r\n", NULL, NULL, 0, { 0 } },
		{ "POST /x HTTP/1.1\r\nHost: 192.168.1.1\r\nContent-Length: 0\r\n\r\n", NULL, NULL, 0, { 0 } },
		{ "GET /x HTTP/1.1\r\nHost: 198.51.100.1\r\nUser-Agent: PC\\x\\y\r\n\r\n", NULL, NULL, 0,
			{ HEURISTICS_BARE_VISIT } },
		{ "GET /x HTTP/1.1\r\nHost: a.icu\r\nUser-Agent: http://a.icu/x\r\n\r\n", NULL, NULL, 0,
			{ HEURISTICS_RARE_VISIT } },
		{ "GET /x HTTP/1.1\r\nHost: a.icu\r\nUser-Agent: some-app\r\n\r\n", NULL, NULL, 0, { 0 } },
		{ "POST /x HTTP/1.1\r\nHost: a.test\r\nUser-Agent: a/1\r\nContent-Length: 27\r\n\r\n"
		  "mail[%23post_render][]=exec",
			NULL, NULL, 0, { HEURISTICS_COMMAND } },
		{ "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", "Server: Sinkhole v1\r\n", NULL, 0,
			{ HEURISTICS_SINKHOLE } },
		{ "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", "X-Sinkhole: Malware\r\n", "ok", 0,
			{ HEURISTICS_SINKHOLE } },
		{ "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", "", "<title>This Domain has been SEIZED by", 0,
			{ HEURISTICS_SINKHOLE } },
		{ "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", "Server: nginx\r\n", "goods were seized at the border", 0,
			{ 0 } },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(talks) / sizeof(talks[0]); i++) {
		struct heuristics_worker *worker = heuristics_worker_new(&config, NULL);
		uint32_t want = 0, found = findings_of(worker, &talks[i]);
		for (unsigned n = 0; n < 3; n++)
			want |= talks[i].want[n] ? 1u << talks[i].want[n] : 0;
		if (found != want)
			fail_msg("%zu: %#x, not %#x: %.40s", i, found, want, talks[i].request);
		heuristics_worker_free(worker);
	}
}

static void many_folders_are_a_search(void **state)
{
	struct heuristics_worker *worker = heuristics_worker_new(&config, NULL);
	char request[128];
	(void)state;
	for (unsigned browser = 0; browser < 2; browser++)
		for (unsigned i = 0; i < 12; i++) {
			const struct talk talk = { .request = request };
			snprintf(request, sizeof(request),
				"GET /dir%u/x HTTP/1.1\r\nHost: a.test\r\nUser-Agent: %s\r\n\r\n", i,
				browser ? "python-requests/2" : "Mozilla/5.0");
			uint32_t want = browser && i == 9 ? 1u << HEURISTICS_WEB_SCAN : 0;
			assert_int_equal(findings_of(worker, &talk), want);
		}
	heuristics_worker_free(worker);
}

static void the_same_of_an_address_again_and_again(void **state)
{
	struct heuristics_worker *worker = heuristics_worker_new(&config, NULL);
	char request[128];
	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		const struct talk talk = { request, i % 3 ? "" : "Content-Type: video/mp4\r\n", "ok", 0, { 0 } };
		snprintf(request, sizeof(request), "GET /%s?%u HTTP/1.1\r\nHost: %s\r\nUser-Agent: Mozilla/5.0\r\n\r\n",
			i % 3 == 2 ? "page" : "gate", i, i % 3 ? "198.51.100.1" : "192.168.1.1");
		assert_int_equal(findings_of(worker, &talk), i == 28 ? 1u << HEURISTICS_BARE_VISIT : 0);
	}
	heuristics_worker_free(worker);
}

static void the_same_is_told_once(void **state)
{
	static const struct talk talk = { .request = "GET /?a=<script> HTTP/1.1\r\nHost: a.test\r\n\r\n" };
	struct heuristics_worker *worker = heuristics_worker_new(&config, NULL);
	(void)state;
	assert_int_equal(findings_of(worker, &talk), 1u << HEURISTICS_SCRIPT);
	assert_int_equal(findings_of(worker, &talk), 0);
	heuristics_worker_free(worker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_by_conversation),
		cmocka_unit_test(many_folders_are_a_search),
		cmocka_unit_test(the_same_of_an_address_again_and_again),
		cmocka_unit_test(the_same_is_told_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
