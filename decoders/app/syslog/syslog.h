// SPDX-License-Identifier: GPL-3.0-or-later
// Syslog (RFC 3164 and 5424) over UDP, and over TCP with counted or ended messages (RFC 6587). A message is a transaction.
//
// Memory       worker's slab: facts
// Bounds       SYSLOG_MESSAGE_MAX bytes of a message over TCP; longer ones are passed over up to their end
// Threads      worker of its flow
#pragma once
#include "decoders/app/fact/fact.h"

#define SYSLOG_MESSAGE_MAX 65536

enum syslog_fact {
	SYSLOG_PRIORITY,
	SYSLOG_FACILITY,
	SYSLOG_SEVERITY,
	SYSLOG_VERSION, // of RFC 5424
	SYSLOG_TIMESTAMP,
	SYSLOG_HOSTNAME,
	SYSLOG_PROGRAM,
	SYSLOG_PROCESS_ID,
	SYSLOG_MESSAGE_ID,
	SYSLOG_MESSAGE, // what follows
};

extern const struct fact_name syslog_facts[];
extern const struct app_parser syslog_parser;
