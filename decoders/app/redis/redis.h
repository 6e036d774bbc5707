// SPDX-License-Identifier: GPL-3.0-or-later
// Redis (RESP 2 and 3): a command with the beginning of its answer is a transaction.
//
// Memory       worker's slab: facts
// Bounds       REDIS_LINE_MAX bytes of a line, REDIS_BULK_MAX of a string kept, REDIS_ARGUMENTS_MAX arguments
// Threads      worker of its flow
#pragma once
#include "decoders/app/fact/fact.h"

#define REDIS_LINE_MAX      4096
#define REDIS_BULK_MAX      2048
#define REDIS_ARGUMENTS_MAX 16

enum redis_fact {
	REDIS_COMMAND,
	REDIS_ARGUMENTS,
	REDIS_USER, // of AUTH and HELLO with a user
	REDIS_SUCCESS,
	REDIS_RESPONSE, // a simple string, or the error
};

extern const struct fact_name redis_facts[];
extern const struct app_parser redis_parser;
