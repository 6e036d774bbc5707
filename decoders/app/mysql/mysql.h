// SPDX-License-Identifier: GPL-3.0-or-later
// MySQL's client/server protocol 10: the login (greeting, user, result) is a transaction, then each command with the beginning of its answer. A client that asks
// for SSL changes the flow to TLS.
//
// Memory       worker's slab: facts
// Bounds       MYSQL_PACKET_MAX bytes of a packet are looked at
// Threads      worker of its flow
#pragma once
#include "decoders/app/fact/fact.h"

#define MYSQL_PACKET_MAX 16384

enum mysql_fact {
	MYSQL_VERSION, // the server's
	MYSQL_CONNECTION_ID,
	MYSQL_USER,
	MYSQL_DATABASE,
	MYSQL_PLUGIN, // of authentication, the last one named
	MYSQL_SSL,    // was asked for
	MYSQL_COMMAND,
	MYSQL_ARGUMENT,
	MYSQL_SUCCESS,
	MYSQL_ROWS, // affected
	MYSQL_ERROR_CODE,
	MYSQL_SQL_STATE,
	MYSQL_ERROR,
};

extern const struct fact_name mysql_facts[];
extern const struct app_parser mysql_parser;
