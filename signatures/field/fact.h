// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of protocols whose transactions are facts (decoders/app/fact): a keyword a value.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

// Of messages that stand alone, in whichever direction they go: X(symbol, protocol, keyword, description, id)
#define FACT_TEXTS_ALONE(X)                                                                        \
	X(ssdp_method, APP_SSDP, "ssdp.method", "ssdp method", SSDP_METHOD)                        \
	X(ssdp_target, APP_SSDP, "ssdp.target", "ssdp search or notification target", SSDP_TARGET) \
	X(ssdp_location, APP_SSDP, "ssdp.location", "ssdp location", SSDP_LOCATION)                \
	X(ssdp_server, APP_SSDP, "ssdp.server", "ssdp server", SSDP_SERVER)                        \
	X(syslog_message, APP_SYSLOG, "syslog.message", "syslog message", SYSLOG_MESSAGE)          \
	X(syslog_hostname, APP_SYSLOG, "syslog.hostname", "syslog host name", SYSLOG_HOSTNAME)     \
	X(syslog_program, APP_SYSLOG, "syslog.program", "syslog program", SYSLOG_PROGRAM)

// Of a direction: X(symbol, protocol, keyword, description, direction, id)
#define FACT_TEXTS(X)

// Numbers: X(symbol, protocol, keyword, bits, direction, id)
#define FACT_VALUES(X) X(syslog_priority, APP_SYSLOG, "syslog.priority", 16, TO_SERVER, SYSLOG_PRIORITY)

#define FACT_DECLARE_TEXT(symbol, ...)  FIELD_DECLARE_BUFFER(field_##symbol)
#define FACT_DECLARE_VALUE(symbol, ...) FIELD_DECLARE_NUMBER(field_##symbol)
FACT_TEXTS_ALONE(FACT_DECLARE_TEXT)
FACT_TEXTS(FACT_DECLARE_TEXT)
FACT_VALUES(FACT_DECLARE_VALUE)

#define FACT_LIST_ENTRY(symbol, ...) &field_##symbol,
