// SPDX-License-Identifier: GPL-3.0-or-later
// Questions to a transaction and to a version number, for rules and events.
#include "decoders/app/tls/tls.h"
#include <stdio.h>

bool tls_version_is_13(uint16_t version)
{
	return version == TLS_V13 || version >> 8 == 0x7f || version >> 8 == 0xfb;
}

const char *tls_version_name(uint16_t version, char buffer[24])
{
	switch (version) {
	case 0: return "UNDETERMINED";
	case TLS_SSLV2: return "SSLv2";
	case TLS_SSLV3: return "SSLv3";
	case TLS_V10: return "TLSv1";
	case TLS_V11: return "TLS 1.1";
	case TLS_V12: return "TLS 1.2";
	case TLS_V13: return "TLS 1.3";
	case TLS_V13_BEFORE_DRAFT16: return "TLS 1.3 draft-<16";
	default: break;
	}
	unsigned draft = version & 0xff;
	if (version >> 8 == 0x7f && draft >= 16 && draft <= 28)
		snprintf(buffer, 24, "TLS 1.3 draft-%u", draft);
	else if (version >> 8 == 0xfb)
		snprintf(buffer, 24, "TLS 1.3 draft-%u-fb", draft);
	else
		snprintf(buffer, 24, "0x%04x", version);
	return buffer;
}

bool tls_tx_is_telling(const struct tls_tx *tls)
{
	return (tls->seen & (TLS_SEEN_CLIENT_HELLO | TLS_SEEN_SERVER_HELLO)) || tls->side[TO_CLIENT].certificate.seen;
}

uint16_t tls_tx_version(const struct tls_tx *tls)
{
	return tls->side[TO_CLIENT].version ? tls->side[TO_CLIENT].version : tls->side[TO_SERVER].best_version;
}

bool tls_tx_is_resumed(const struct tls_tx *tls)
{
	return tls->resumed && !tls->side[TO_CLIENT].certificate.seen && (tls->seen & TLS_SEEN_SERVER_HELLO) &&
	       !tls_version_is_13(tls->side[TO_CLIENT].version);
}

bool tls_server_is_told(const struct tls_tx *tls)
{
	const struct tls_side *server = &tls->side[TO_CLIENT];
	return server->chain_len || server->best_version >= TLS_V13 || server->changed_cipher || tls->encrypted;
}
