// SPDX-License-Identifier: GPL-3.0-or-later
// Control: a unix socket that takes commands, a line of JSON each, and answers each with one:
// {"command":"version"} -> {"return":"OK","message":"..."}; {"return":"NOK","message":"what is wrong"}.
// Commands: version, uptime, dump-counters, reload-rules, shutdown, and those of control_dataset.h.
//
// Life cycle   control_start -> commands ... -> control_stop (after reload_stop, which ends a command that waits for it)
// Memory       bounded: CONTROL_CLIENTS_MAX connections with a request of CONTROL_REQUEST_MAX bytes each, one answer
// Threads      one of its own, which serves one command after the other
// Trust        whoever may open the socket (mode 0600: the sensor's user and root) may stop the sensor
#pragma once
#include "sensor/pipeline/pipeline.h"
#include "sensor/reload/reload.h"

#define CONTROL_CLIENTS_MAX 8
#define CONTROL_REQUEST_MAX 4096 // bytes of a line

struct control;

struct control_options {
	const char *path;
	struct pipeline *const *pipelines;
	unsigned count;
	struct reload *reload;
	// What others than workers count
	void (*counters)(void *context, void (*each)(void *to, const char *name, uint64_t value), void *to);
	void *context;
};

// NULL with the reason logged. A socket left by a run that ended is replaced, one that answers is not.
struct control *control_start(const struct control_options *options);
void control_stop(struct control *control);
