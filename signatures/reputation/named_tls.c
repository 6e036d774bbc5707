// SPDX-License-Identifier: GPL-3.0-or-later
// What handshakes of TLS and QUIC name, and certificates.
#include <openssl/evp.h>
#include "decoders/app/quic/quic.h"
#include "decoders/app/tls/tls.h"
#include "decoders/base/hex.h"
#include "signatures/reputation/named_reading.h"

// As the parsers write them: lower case, bytes apart by colons or not.
static bool hex_bytes(const char *text, size_t bytes, uint8_t *out)
{
	size_t at = 0;
	for (; *text && at < 2 * bytes; text++) {
		if (*text == ':')
			continue;
		int value = hex_value((uint8_t)*text);
		if (value < 0)
			return false;
		out[at / 2] = (uint8_t)(at % 2 ? out[at / 2] << 4 | value : value);
		at++;
	}
	return at == 2 * bytes;
}

static void give_md5_text(struct reading *reading, enum indicator_kind kind, enum named_place place, const char *text)
{
	uint8_t bytes[16];
	if (hex_bytes(text, sizeof(bytes), bytes))
		named_give(reading, kind, place, span_of(bytes, sizeof(bytes)));
}

// The name behind the last "CN=" of a subject as text.
static struct span common_name(struct span subject)
{
	for (uint32_t at = subject.len; at >= 3; at--)
		if (memcmp(subject.data + at - 3, "CN=", 3) == 0 && (at == 3 || subject.data[at - 4] == ' '))
			return span_slice(subject, at, span_find(subject, ',', at) - at);
	return span_of(NULL, 0);
}

// "*.example.com" names what is below: the name it is about is looked up.
static void give_certificate_name(struct reading *reading, struct span name)
{
	if (span_starts(name, "*."))
		name = span_from(name, 2);
	if (name.len && span_find(name, '.', 0) < name.len && span_find(name, ' ', 0) == name.len)
		named_give_host(reading, NAMED_TLS_CERTIFICATE_NAME, name);
}

static void read_certificate(struct reading *reading, const struct tls_side *side)
{
	const struct tls_certificate *certificate = &side->certificate;
	uint8_t sha1[20], sha256[32];
	struct span name, der;
	uint32_t at = 0;
	if (reading->reader->certificate_sha256 && tls_strings_next(&side->chain, &at, &der) &&
		EVP_Digest(der.data, der.len, sha256, NULL, EVP_sha256(), NULL))
		named_give(reading, INDICATOR_CERT_SHA256, NAMED_TLS_CERTIFICATE, span_of(sha256, sizeof(sha256)));
	at = 0;
	if (certificate->fingerprint[0] && hex_bytes(certificate->fingerprint, sizeof(sha1), sha1))
		named_give(reading, INDICATOR_CERT_SHA1, NAMED_TLS_CERTIFICATE, span_of(sha1, sizeof(sha1)));
	if (!certificate->seen)
		return;
	give_certificate_name(reading, common_name(bytes_span(&certificate->subject)));
	for (unsigned i = 0; i < NAMED_ALT_NAMES_MAX && tls_strings_next(&certificate->names, &at, &name); i++)
		give_certificate_name(reading, name);
}

bool named_read_tls(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	const struct tls_tx *tls = tx->tls;
	const struct tls_side *side = tls ? &tls->side[direction] : NULL;
	if (!side || !side->has_hello)
		return reading->inspection->flow_ended;
	if (direction == TO_SERVER) {
		named_give_host(reading, NAMED_TLS_SNI, bytes_span(&side->sni));
		give_md5_text(reading, INDICATOR_JA3, NAMED_TLS_JA3, side->ja3_hash);
		if (side->ja4[0])
			named_give(reading, INDICATOR_JA4, NAMED_TLS_JA4, span_text(side->ja4));
		return true;
	}
	// The certificate comes in messages after the hello, or never (TLS 1.3)
	if (!tls_server_is_told(tls) && !reading->inspection->flow_ended)
		return false;
	give_md5_text(reading, INDICATOR_JA3S, NAMED_TLS_JA3S, side->ja3_hash);
	read_certificate(reading, side);
	return true;
}

bool named_read_quic(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	const struct quic_tx *quic = quic_tx_of(tx);
	if (direction != TO_SERVER)
		return true;
	named_give_host(reading, NAMED_QUIC_SNI, quic->sni);
	if (quic->ja3_hash[0])
		give_md5_text(reading, INDICATOR_JA3, NAMED_QUIC_JA3, quic->ja3_hash);
	if (quic->ja4[0])
		named_give(reading, INDICATOR_JA4, NAMED_QUIC_JA4, span_text(quic->ja4));
	return true;
}
