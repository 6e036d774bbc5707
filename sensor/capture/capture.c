// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include "sensor/capture/capture_kind.h"

struct capture *capture_make(const struct capture_kind *kind, void *state)
{
	struct capture *capture = malloc(sizeof(*capture));
	if (!capture) {
		kind->close(state);
		return NULL;
	}
	*capture = (struct capture) { kind, state };
	return capture;
}

enum capture_result capture_next(struct capture *capture, struct capture_frame *frame)
{
	return capture->kind->next(capture->state, frame);
}

void capture_counts(struct capture *capture, struct capture_counts *counts)
{
	*counts = (struct capture_counts) { 0 };
	capture->kind->counts(capture->state, counts);
}

const char *capture_source(const struct capture *capture)
{
	return capture->kind->source(capture->state);
}

double capture_progress(const struct capture *capture)
{
	return capture->kind->progress(capture->state);
}

unsigned capture_failed(const struct capture *capture)
{
	return capture->kind->failed(capture->state);
}

void capture_close(struct capture *capture)
{
	if (!capture)
		return;
	capture->kind->close(capture->state);
	free(capture);
}
