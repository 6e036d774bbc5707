// SPDX-License-Identifier: GPL-3.0-or-later
// MongoDB's wire protocol: commands (OP_MSG, OP_QUERY) with their answers: what is asked of which collection and database, who logs in how, and whether it worked.
//
// Memory       worker's slab: facts
// Bounds       MONGODB_MESSAGE_MAX bytes of a message are looked at, MONGODB_ELEMENTS_MAX elements of a document
// Threads      worker of its flow
#pragma once
#include "decoders/app/fact/fact.h"

#define MONGODB_MESSAGE_MAX  16384
#define MONGODB_ELEMENTS_MAX 64

enum mongodb_fact {
	MONGODB_COMMAND,
	MONGODB_COLLECTION, // or what else the command is about
	MONGODB_DATABASE,
	MONGODB_MECHANISM, // of authentication
	MONGODB_USER,
	MONGODB_APPLICATION,
	MONGODB_DRIVER,
	MONGODB_SUCCESS,
	MONGODB_ERROR_CODE,
	MONGODB_ERROR,
};

extern const struct fact_name mongodb_facts[];
extern const struct app_parser mongodb_parser;
