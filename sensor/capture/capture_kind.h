// SPDX-License-Identifier: GPL-3.0-or-later
// Capture kind: what an implementation of capture.h provides. Private to sensor/capture.
#pragma once
#include "sensor/capture/capture.h"

struct capture_kind {
	const char *name;
	enum capture_result (*next)(void *state, struct capture_frame *frame);
	void (*counts)(void *state, struct capture_counts *counts);
	const char *(*source)(const void *state);
	double (*progress)(const void *state);
	unsigned (*failed)(const void *state);
	void (*close)(void *state);
};

struct capture {
	const struct capture_kind *kind;
	void *state;
};

// Takes state. NULL: no memory (state is closed then).
struct capture *capture_make(const struct capture_kind *kind, void *state);
