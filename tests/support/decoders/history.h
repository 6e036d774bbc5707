// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the field's history share (tests/decoders/history): parsers are held to memory by the slab's peak, to linear work by doing eight
// times as much and measuring, and are shown the conversations that the fuzz targets begin with.
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>
#include "decoders/base/steps.h"
#include "tests/support/decoders/app_drive.h"

#define KIB (1u << 10)
#define MIB (1u << 20)

typedef void history_work(unsigned n);

static inline uint64_t history_cpu_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

struct history_cost {
	uint64_t cpu_ns, steps;
};

// The least of three: others use the machine too.
static inline struct history_cost history_cost_of(history_work *work, unsigned n)
{
	struct history_cost least = { UINT64_MAX, UINT64_MAX };
	for (int i = 0; i < 3; i++) {
#ifdef SEKISHO_COUNT_STEPS
		work_steps = 0;
#endif
		uint64_t begin = history_cpu_ns();
		work(n);
		uint64_t took = history_cpu_ns() - begin;
		least.cpu_ns = took < least.cpu_ns ? took : least.cpu_ns;
#ifdef SEKISHO_COUNT_STEPS
		least.steps = work_steps < least.steps ? work_steps : least.steps;
#endif
	}
	return least;
}

// Sanitizers cost by the place in memory as well: what they take says nothing of the work.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define HISTORY_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define HISTORY_SANITIZED 1
#endif
#endif

// Measured once more where it took too long: a machine that others use is no clock.
#ifdef HISTORY_SANITIZED
#define HISTORY_TRIES 1
#else
#define HISTORY_TRIES 5
#endif

// Eight times as much takes about eight times the CPU time; what is quadratic takes 64 times, however often it is tried. Steps are counted in
// fuzz builds.
static inline void assert_linear(const char *what, history_work *work, unsigned n)
{
	struct history_cost once, more;
	bool quick = false;
	for (int i = 0; i < HISTORY_TRIES && !quick; i++) {
		once = history_cost_of(work, n);
		more = history_cost_of(work, 8 * n);
		print_message("%-44s %7.2f ms, 8 times as much %7.2f ms\n", what, (double)once.cpu_ns / 1e6,
			(double)more.cpu_ns / 1e6);
		quick = more.cpu_ns <= 32 * once.cpu_ns + 5000000;
	}
#ifndef HISTORY_SANITIZED
	if (!quick)
		fail_msg("%s: time grows faster than what is sent", what);
#endif
#ifdef SEKISHO_COUNT_STEPS
	if (more.steps > 16 * once.steps + 10000)
		fail_msg("%s: steps grow faster than what is sent", what);
#endif
}

static inline size_t history_put_be(uint8_t *at, uint64_t value, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		at[i] = (uint8_t)(value >> 8 * (width - 1 - i));
	return width;
}

// One message of a conversation.
struct history_piece {
	enum direction direction;
	uint32_t len;
	const uint8_t *bytes;
};

#define HISTORY_PIECES 48

struct history_seed {
	const struct app_parser *parser;
	char name[512];
	bool tcp, reversed; // reversed: the client has the server's port
	unsigned count;
	struct history_piece pieces[HISTORY_PIECES];
	uint8_t bytes[4096];
};

// Every conversation below tests/fuzz/seeds that is a parser's; see app_drive_fuzz for the format.
void history_each_seed(void (*visit)(const struct history_seed *seed));
void history_open(struct app_drive *drive, const struct history_seed *seed);
// A parser that only one message is shown to.
void history_open_plain(struct app_drive *drive, const struct app_parser *parser, bool tcp);
