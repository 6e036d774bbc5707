// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/flow/app_proto.h"
#include <string.h>
#include <strings.h>

#define APP_PROTO_NAME(constant, name) [constant] = name,
static const char *const names[APP_PROTOS_END] = {
	[APP_UNKNOWN] = "unknown", [APP_FAILED] = "failed", APP_PROTOS(APP_PROTO_NAME)
};

// Other spellings that rules use.
static const struct {
	const char *name;
	enum app_proto proto;
} aliases[] = {
	{ "ftp_data", APP_FTP_DATA },
	{ "ftpdata", APP_FTP_DATA },
	{ "ikev2", APP_IKE },
	{ "ssl", APP_TLS },
	{ "bittorrent_dht", APP_BITTORRENT_DHT },
};

const char *app_proto_name(enum app_proto proto)
{
	return proto < APP_PROTOS_END ? names[proto] : "unknown";
}

const char *app_proto_eve_name(enum app_proto proto)
{
	return proto == APP_HTTP1 ? "http" : app_proto_name(proto);
}

enum app_proto app_proto_find(const char *name)
{
	for (int i = APP_HTTP; i < APP_PROTOS_END; i++)
		if (strcasecmp(names[i], name) == 0)
			return (enum app_proto)i;
	for (unsigned i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (strcasecmp(aliases[i].name, name) == 0)
			return aliases[i].proto;
	return APP_UNKNOWN;
}

bool app_proto_matches(enum app_proto want, enum app_proto have)
{
	if (want == have)
		return true;
	switch (want) {
	case APP_HTTP: return have == APP_HTTP1 || have == APP_HTTP2;
	case APP_HTTP2: return have == APP_DOH2;
	case APP_DNS: return have == APP_DOH2;
	case APP_DCERPC: return have == APP_SMB;
	default: return false;
	}
}
