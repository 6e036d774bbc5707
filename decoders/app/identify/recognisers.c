// SPDX-License-Identifier: GPL-3.0-or-later
// The list of protocols we know by sight only.
#include "decoders/app/identify/detector.h"
#include "decoders/app/identify/recognise.h"

#define PORTS(...)                \
	(const struct app_port[]) \
	{                         \
		__VA_ARGS__,      \
		{                 \
			0         \
		}                 \
	}
#define TCP_PORT(n)             \
	{                       \
		PROTO_TCP, n, n \
	}

// by content anywhere
#define SIGHT(id, text, is_tcp, is_udp, bytes, ask, ...)                                                     \
	{                                                                                                    \
		.proto = id, .name = text, .tcp = is_tcp, .udp = is_udp, .probe_bytes = bytes, .probe = ask, \
		.ports = PORTS(__VA_ARGS__)                                                                  \
	}

const struct app_parser app_recognisers[] = {
	SIGHT(APP_IRC, "irc", true, false, 5, recognise_irc, TCP_PORT(6667)),
	{ .name = NULL },
};
