// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of protocols whose transactions are facts (decoders/app/fact). Suricata has no event for them and its schema closes the top level: the object named by
// event_type lies below "ndpi", the one open object.
//
// Threads      const tables
#pragma once
#include "export/eve/eve_app.h"

#define FACT_EVENTS(X)          \
	X(APP_SSDP, ssdp)       \
	X(APP_SUNRPC, sunrpc)   \
	X(APP_REDIS, redis)     \
	X(APP_MONGODB, mongodb) \
	X(APP_AMQP, amqp)       \
	X(APP_BACNET, bacnet)   \
	X(APP_DHCPV6, dhcpv6)   \
	X(APP_IEC104, iec104)   \
	X(APP_S7COMM, s7comm)   \
	X(APP_TDS, tds) X(APP_MYSQL, mysql) X(APP_SOCKS, socks) X(APP_SYSLOG, syslog) X(APP_RADIUS, radius)

#define FACT_DECLARE_EVENT(proto, name) extern const struct eve_app eve_##name;
FACT_EVENTS(FACT_DECLARE_EVENT)
