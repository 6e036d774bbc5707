// SPDX-License-Identifier: GPL-3.0-or-later
// Application protocols by the names rules and EVE use (app-layer-protocol, app_proto), those without a parser of ours included.
#pragma once
#include <stdbool.h>
#include <stdint.h>

// X(constant, EVE name)
#define APP_PROTOS(X)                           \
	X(APP_HTTP, "http")                     \
	X(APP_HTTP1, "http1")                   \
	X(APP_HTTP2, "http2")                   \
	X(APP_DOH2, "doh2")                     \
	X(APP_FTP, "ftp")                       \
	X(APP_FTP_DATA, "ftp-data")             \
	X(APP_SMTP, "smtp")                     \
	X(APP_TLS, "tls")                       \
	X(APP_SSH, "ssh")                       \
	X(APP_IMAP, "imap")                     \
	X(APP_JABBER, "jabber")                 \
	X(APP_SMB, "smb")                       \
	X(APP_DCERPC, "dcerpc")                 \
	X(APP_IRC, "irc")                       \
	X(APP_DNS, "dns")                       \
	X(APP_MODBUS, "modbus")                 \
	X(APP_ENIP, "enip")                     \
	X(APP_DNP3, "dnp3")                     \
	X(APP_NFS, "nfs")                       \
	X(APP_NTP, "ntp")                       \
	X(APP_TFTP, "tftp")                     \
	X(APP_IKE, "ike")                       \
	X(APP_KRB5, "krb5")                     \
	X(APP_QUIC, "quic")                     \
	X(APP_DHCP, "dhcp")                     \
	X(APP_SNMP, "snmp")                     \
	X(APP_SIP, "sip")                       \
	X(APP_SDP, "sdp")                       \
	X(APP_RFB, "rfb")                       \
	X(APP_MQTT, "mqtt")                     \
	X(APP_PGSQL, "pgsql")                   \
	X(APP_TELNET, "telnet")                 \
	X(APP_WEBSOCKET, "websocket")           \
	X(APP_LDAP, "ldap")                     \
	X(APP_POP3, "pop3")                     \
	X(APP_RDP, "rdp")                       \
	X(APP_BITTORRENT_DHT, "bittorrent-dht") \
	X(APP_MDNS, "mdns")                     \
	X(APP_TEMPLATE, "template")             \
	X(APP_RADIUS, "radius")                 \
	X(APP_LLMNR, "llmnr")                   \
	X(APP_NBNS, "nbns")                     \
	X(APP_SSDP, "ssdp")                     \
	X(APP_SYSLOG, "syslog")                 \
	X(APP_TDS, "tds")                       \
	X(APP_MYSQL, "mysql")                   \
	X(APP_SOCKS, "socks")                   \
	X(APP_REDIS, "redis")                   \
	X(APP_MONGODB, "mongodb")               \
	X(APP_AMQP, "amqp")                     \
	X(APP_SUNRPC, "sunrpc")                 \
	X(APP_S7COMM, "s7comm")                 \
	X(APP_IEC104, "iec104")                 \
	X(APP_BACNET, "bacnet")                 \
	X(APP_DHCPV6, "dhcpv6")

enum app_proto {
	APP_UNKNOWN, // not decided yet
	APP_FAILED,  // decided: none we know
#define APP_PROTO_CONSTANT(constant, name) constant,
	APP_PROTOS(APP_PROTO_CONSTANT) APP_PROTOS_END,
};

// "unknown", "failed" and the names above. APP_HTTP stands for HTTP of any version in rules; a flow's protocol is APP_HTTP1 (EVE says "http"
// for it) or APP_HTTP2.
const char *app_proto_name(enum app_proto proto);
// Name in EVE's app_proto: as above, but "http" for APP_HTTP1.
const char *app_proto_eve_name(enum app_proto proto);
// By name, rule aliases included ("http1", "ftp-data", "ikev2"). APP_UNKNOWN when there is none.
enum app_proto app_proto_find(const char *name);
// Does a rule for want apply to a flow of have? (http takes http1 and http2, dns takes doh2, dcerpc takes smb)
bool app_proto_matches(enum app_proto want, enum app_proto have);
