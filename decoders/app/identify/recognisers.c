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
#define UDP_PORT(n)             \
	{                       \
		PROTO_UDP, n, n \
	}

// by content anywhere
#define SIGHT(id, text, is_tcp, is_udp, bytes, ask, ...)                                                     \
	{                                                                                                    \
		.proto = id, .name = text, .tcp = is_tcp, .udp = is_udp, .probe_bytes = bytes, .probe = ask, \
		.ports = PORTS(__VA_ARGS__)                                                                  \
	}
// on its ports only
#define SIGHT_ON_PORT(id, text, is_tcp, is_udp, bytes, ask, ...)                                             \
	{                                                                                                    \
		.proto = id, .name = text, .tcp = is_tcp, .udp = is_udp, .probe_bytes = bytes, .probe = ask, \
		.hint_only = true, .ports = PORTS(__VA_ARGS__)                                               \
	}

const struct app_parser app_recognisers[] = {
	SIGHT(APP_SSH, "ssh", true, false, 4, recognise_ssh, TCP_PORT(22)),
	SIGHT(APP_SMB, "smb", true, false, 24, recognise_smb, TCP_PORT(139), TCP_PORT(445)),
	SIGHT(APP_DCERPC, "dcerpc", true, true, 14, recognise_dcerpc, TCP_PORT(135)),
	SIGHT(APP_HTTP2, "http2", true, false, 24, recognise_http2, TCP_PORT(80)),
	SIGHT(APP_IRC, "irc", true, false, 5, recognise_irc, TCP_PORT(6667)),
	SIGHT(APP_JABBER, "jabber", true, false, 160, recognise_jabber, TCP_PORT(5222)),
	SIGHT(APP_QUIC, "quic", false, true, 16, recognise_quic, UDP_PORT(443), UDP_PORT(80)),
	SIGHT_ON_PORT(APP_KRB5, "krb5", true, true, 16, recognise_krb5, TCP_PORT(88), UDP_PORT(88)),
	{ .proto = APP_WEBSOCKET, .name = "websocket", .tcp = true }, // by its upgrade only
	{ .name = NULL },
};
