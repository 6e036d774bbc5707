// SPDX-License-Identifier: GPL-3.0-or-later
// Steps: in fuzz builds, counts what parsers do, so that a fuzz target can prove that work grows no faster than the bytes given. Every read of a
// cursor is one; a loop that reads in other ways says so with work_step. Other builds have no trace of it.
//
// Threads      a counter a thread
#pragma once
#include <stdint.h>

#ifdef SEKISHO_COUNT_STEPS
extern _Thread_local uint64_t work_steps;
#define work_step(n) ((void)(work_steps += (n)))
#else
#define work_step(n) ((void)0)
#endif
