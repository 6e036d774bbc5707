// SPDX-License-Identifier: GPL-3.0-or-later
// Expect: flows that another flow announced: an FTP data channel, a port an endpoint mapper named. The application layer asks here first when a flow's
// first data comes, and gives the flow to the protocol that was announced, unless its first bytes cannot be that (app_decide.c).
//
// Life cycle   app_expect_new -> app_expect_add by parsers, app_expect_take by the application layer -> app_expect_free
// Memory       a fixed table, APP_EXPECT_MAX entries: the oldest gives way, and is counted. Entries end by packet time
// Share        an owner (the client of the flow that announces) has APP_EXPECT_SHARE entries: of more its own oldest gives way, so that nobody pushes out what
//              others announced. Owners that meet in a hash of 512 share one
// Threads      one a worker: both flows have to be that worker's, which holds because frames are spread by address pair
#pragma once
#include "decoders/base/address.h"
#include "decoders/flow/flow.h"

#define APP_EXPECT_MAX        1024
#define APP_EXPECT_SHARE      64
#define APP_EXPECT_NOTE_BYTES 256
#define APP_EXPECT_NS         (UINT64_C(30) * 1000000000) // how long an announcement holds, unless it says otherwise

struct app_expectation {
	struct address initiator, responder;
	struct address owner; // the client of the flow that announces it
	uint16_t port;        // responder's
	uint8_t ip_proto;     // PROTO_TCP or PROTO_UDP
	uint8_t app;          // enum app_proto
	bool any_initiator;
	uint8_t speakers; // directions that may speak first: bits 1 << TO_SERVER and 1 << TO_CLIENT; 0: any
	bool lasting;     // stays for further flows, until it ends
	uint64_t ends_ns; // packet time
	uint64_t parent_id;
	uint16_t note_len;
	uint8_t note[APP_EXPECT_NOTE_BYTES]; // what the announcing parser tells the other; the two agree on its meaning
};

struct app_expect;

struct app_expect *app_expect_new(void); // NULL: no memory
void app_expect_free(struct app_expect *expect);
// Copies the announcement; one of the same responder, port and initiator is replaced.
void app_expect_add(struct app_expect *expect, const struct app_expectation *expectation);
// Was the flow of key announced? Copies it out and, unless it is lasting, takes it away.
bool app_expect_take(
	struct app_expect *expect, const struct flow_key *key, uint64_t now_ns, struct app_expectation *out);
// The same without taking it away. Borrowed until the next call; NULL: it was not announced.
const struct app_expectation *app_expect_peek(struct app_expect *expect, const struct flow_key *key, uint64_t now_ns);

enum app_expect_counter { APP_EXPECT_EVICTED, APP_EXPECT_OVER_SHARE, APP_EXPECT_COUNTERS_END };
uint64_t app_expect_counter(const struct app_expect *expect, enum app_expect_counter counter);
