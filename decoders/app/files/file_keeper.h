// SPDX-License-Identifier: GPL-3.0-or-later
// File keeper: who is given the bytes of carried files as they pass, before it is known which of them rules want kept. The contract between
// the files of a worker and what stores them (sensor/pipeline/pipeline_files.c).
//
// Life cycle   open when a file begins -> data ... -> settled by the one who lent the keeper, or drop when the file goes unsettled
// Memory       the keeper's; a file holds a number only
// Threads      the worker's
#pragma once
#include "decoders/base/span.h"

struct file_keeper {
	void *context;
	uint32_t (*open)(void *context); // a number above 0; 0: no room, the file cannot be kept
	bool (*data)(void *context, uint32_t kept_as, struct span data); // false: lost; it was dropped
	void (*drop)(void *context, uint32_t kept_as);
};
