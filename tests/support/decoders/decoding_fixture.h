// SPDX-License-Identifier: GPL-3.0-or-later
// Decoding fixture: a packet decoder with the usual settings, and short ways to ask what came out.
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "decoders/packet/decoder.h"
#include "tests/support/decoders/frame.h"

#define TIME_0 UINT64_C(1000000000000) // ns

struct decoding_fixture {
	struct packet_config config;
	struct packet_decoder *decoder;
	struct packet_batch batch;
	struct frame frame;
	uint64_t now_ns;
};

// cmocka's setup and teardown: *state is a fixture.
int decoding_setup(void **state);
int decoding_teardown(void **state);
// After a change of t->config.
void decoding_restart(struct decoding_fixture *t);

// Decodes t->frame as linktype; gives packet 0.
struct packet *decoding_run(struct decoding_fixture *t, enum linktype linktype);
// Has p this event?
bool has_event(const struct packet *p, uint16_t event);
uint64_t decoding_counter(const struct decoding_fixture *t, enum packet_counter counter);
