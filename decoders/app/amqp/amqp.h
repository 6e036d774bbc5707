// SPDX-License-Identifier: GPL-3.0-or-later
// AMQP 0-9-1: methods, each a transaction of its direction: who logs in with what, and which queues and exchanges are used.
//
// Memory       worker's slab: facts
// Bounds       AMQP_FRAME_MAX bytes of a frame are looked at, 32 fields of a table
// Threads      worker of its flow
#pragma once
#include "decoders/app/fact/fact.h"

#define AMQP_FRAME_MAX 8192

enum amqp_fact {
	AMQP_METHOD,
	AMQP_CHANNEL,
	AMQP_PRODUCT, // of who says it
	AMQP_VERSION,
	AMQP_MECHANISM,
	AMQP_USER,
	AMQP_VHOST,
	AMQP_EXCHANGE,
	AMQP_ROUTING_KEY,
	AMQP_QUEUE,
	AMQP_CODE,
	AMQP_TEXT,
};

extern const struct fact_name amqp_facts[];
extern const struct app_parser amqp_parser;
