// SPDX-License-Identifier: GPL-3.0-or-later
// Buffers and numbers of TLS; its tests are in tls_tests.c.
#include "signatures/field/tls.h"
#include "decoders/app/quic/quic.h"
#include "decoders/app/tls/tls.h"
#include "decoders/app/tls/fingerprint.h"
#include <ctype.h>
#include "signatures/field/declare.h"
#include "signatures/field/tls_readers.h"

static bool text_of(const char *text, struct field_value *value)
{
	return text[0] && field_whole(value, span_text(text));
}

static bool bytes_of(const struct bytes *bytes, struct field_value *value)
{
	return bytes->len && field_whole(value, bytes_span(bytes));
}

static bool nth_of(const struct tls_strings *list, unsigned index, struct field_value *value)
{
	struct span item;
	uint32_t at = 0;
	if (index >= list->count)
		return false;
	for (unsigned i = 0; tls_strings_next(list, &at, &item); i++)
		if (i == index)
			return field_whole(value, item);
	return false;
}

static bool get_sni(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && bytes_of(&field_tls_side(source)->sni, value);
}

static bool get_subject(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && bytes_of(&field_tls_side(source)->certificate.subject, value);
}

static bool get_issuer(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && bytes_of(&field_tls_side(source)->certificate.issuer, value);
}

static bool get_serial(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && bytes_of(&field_tls_side(source)->certificate.serial, value);
}

static bool get_fingerprint(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && text_of(field_tls_side(source)->certificate.fingerprint, value);
}

static bool get_certs(const struct field_source *source, unsigned index, struct field_value *value)
{
	return nth_of(&field_tls_side(source)->chain, index, value);
}

static bool get_alt_name(const struct field_source *source, unsigned index, struct field_value *value)
{
	return nth_of(&field_tls_side(source)->certificate.names, index, value);
}

static bool get_alpn(const struct field_source *source, unsigned index, struct field_value *value)
{
	return nth_of(&field_tls_side(source)->alpn, index, value);
}

static bool random_part(
	const struct field_source *source, unsigned index, uint32_t from, uint32_t len, struct field_value *value)
{
	const struct tls_side *side = field_tls_side(source);
	return index == 0 && side->has_random && field_whole(value, (struct span) { side->random + from, len });
}

static bool get_random(const struct field_source *source, unsigned index, struct field_value *value)
{
	return random_part(source, index, 0, 32, value);
}

static bool get_random_time(const struct field_source *source, unsigned index, struct field_value *value)
{
	return random_part(source, index, 0, 4, value);
}

static bool get_random_bytes(const struct field_source *source, unsigned index, struct field_value *value)
{
	return random_part(source, index, 4, 28, value);
}

static bool get_ja3_hash(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && text_of(field_tls_side(source)->ja3_hash, value);
}

static bool get_ja3_string(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && bytes_of(&field_tls_side(source)->ja3, value);
}

static bool get_ja4(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && text_of(field_tls_side(source)->ja4, value);
}

static bool quic_ja3_hash(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && text_of(quic_tx_of(source->tx)->ja3_hash, value);
}

static bool quic_ja3_string(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && bytes_of(&quic_tx_of(source->tx)->ja3, value);
}

static bool quic_ja4(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && text_of(quic_tx_of(source->tx)->ja4, value);
}

static bool get_chain_len(const struct field_source *source, unsigned index, uint64_t *value)
{
	*value = field_tls_side(source)->chain_len;
	return index == 0 && *value != 0;
}

// Rules may write hashes and serial numbers in either case; the values have one.
static const char *to_lower(const struct span *content, bool nocase)
{
	(void)nocase;
	uint8_t *at = (uint8_t *)content->data;
	for (uint32_t i = 0; i < content->len; i++)
		at[i] = (uint8_t)tolower(at[i]);
	return NULL;
}

static const char *to_upper(const struct span *content, bool nocase)
{
	// Compared without case it was lower-cased for that already
	uint8_t *at = (uint8_t *)content->data;
	for (uint32_t i = 0; i < content->len && !nocase; i++)
		at[i] = (uint8_t)toupper(at[i]);
	return NULL;
}

#define QUIC(direction, function)                \
	{                                        \
		APP_QUIC, direction, 1, function \
	}
#define READERS(...)                  \
	(const struct field_reader[]) \
	{                             \
		__VA_ARGS__,          \
		{                     \
			0             \
		}                     \
	}

FIELD_BUFFER(
	field_tls_sni, APP_TLS, "tls.sni", FIELD_SPELLINGS("tls_sni"), "TLS server name", 0, CLIENT_HELLO(get_sni));
FIELD_BUFFER(field_tls_cert_subject, APP_TLS, "tls.cert_subject", FIELD_SPELLINGS("tls_cert_subject"),
	"TLS certificate subject", 0, SERVER_CERT(get_subject), CLIENT_CERT(get_subject));
FIELD_BUFFER(field_tls_cert_issuer, APP_TLS, "tls.cert_issuer", FIELD_SPELLINGS("tls_cert_issuer"),
	"TLS certificate issuer", 0, SERVER_CERT(get_issuer), CLIENT_CERT(get_issuer));
const struct field_buffer field_tls_cert_serial = { .name = "tls.cert_serial",
	.sticky = FIELD_SPELLINGS("tls_cert_serial"),
	.description = "TLS certificate serial number",
	.level = FIELD_TX,
	.readers = READERS(SERVER_CERT(get_serial), CLIENT_CERT(get_serial)),
	.check_content = to_upper };
const struct field_buffer field_tls_cert_fingerprint = { .name = "tls.cert_fingerprint",
	.sticky = FIELD_SPELLINGS("tls_cert_fingerprint"),
	.description = "TLS certificate SHA-1 fingerprint",
	.level = FIELD_TX,
	.readers = READERS(SERVER_CERT(get_fingerprint), CLIENT_CERT(get_fingerprint)),
	.check_content = to_lower };
FIELD_BUFFER(field_tls_certs, APP_TLS, "tls.certs", FIELD_SPELLINGS("tls_certs"), "TLS certificate (DER)", FIELD_MULTI,
	SERVER_CERT(get_certs), CLIENT_CERT(get_certs));
FIELD_BUFFER(field_tls_subjectaltname, APP_TLS, "tls.subjectaltname", NULL, "TLS certificate alternative name",
	FIELD_MULTI, SERVER_CERT(get_alt_name), CLIENT_CERT(get_alt_name));
FIELD_BUFFER(field_tls_alpn, APP_TLS, "tls.alpn", NULL, "TLS application protocol name", FIELD_MULTI,
	CLIENT_HELLO(get_alpn), SERVER_HELLO(get_alpn));
FIELD_BUFFER(field_tls_random, APP_TLS, "tls.random", FIELD_SPELLINGS("tls_random"), "TLS random", 0,
	CLIENT_HELLO(get_random), SERVER_HELLO(get_random));
FIELD_BUFFER(field_tls_random_time, APP_TLS, "tls.random_time", FIELD_SPELLINGS("tls_random_time"),
	"TLS random, first 4 bytes", 0, CLIENT_HELLO(get_random_time), SERVER_HELLO(get_random_time));
FIELD_BUFFER(field_tls_random_bytes, APP_TLS, "tls.random_bytes", FIELD_SPELLINGS("tls_random_bytes"),
	"TLS random, last 28 bytes", 0, CLIENT_HELLO(get_random_bytes), SERVER_HELLO(get_random_bytes));
const struct field_buffer field_ja3_hash = { .name = "ja3.hash",
	.sticky = FIELD_SPELLINGS("ja3_hash"),
	.description = "JA3 hash",
	.level = FIELD_TX,
	.readers = READERS(CLIENT_HELLO(get_ja3_hash), QUIC(TO_SERVER, quic_ja3_hash)),
	.check_content = to_lower };
FIELD_BUFFER(field_ja3_string, APP_TLS, "ja3.string", FIELD_SPELLINGS("ja3_string"), "JA3 string", 0,
	CLIENT_HELLO(get_ja3_string), QUIC(TO_SERVER, quic_ja3_string));
const struct field_buffer field_ja3s_hash = { .name = "ja3s.hash",
	.sticky = FIELD_SPELLINGS("ja3s_hash"),
	.description = "JA3S hash",
	.level = FIELD_TX,
	.readers = READERS(SERVER_HELLO(get_ja3_hash), QUIC(TO_CLIENT, quic_ja3_hash)),
	.check_content = to_lower };
FIELD_BUFFER(field_ja3s_string, APP_TLS, "ja3s.string", FIELD_SPELLINGS("ja3s_string"), "JA3S string", 0,
	SERVER_HELLO(get_ja3_string), QUIC(TO_CLIENT, quic_ja3_string));
const struct field_buffer field_ja4_hash = { .name = "ja4.hash",
	.sticky = FIELD_SPELLINGS("ja4_hash"),
	.description = "JA4 hash",
	.level = FIELD_TX,
	.readers = READERS(CLIENT_HELLO(get_ja4), QUIC(TO_SERVER, quic_ja4)),
	.check_content = to_lower };

FIELD_NUMBER(field_tls_cert_chain_len, APP_TLS, "tls.cert_chain_len", "tls_cert_chain_len", 32, 0, NULL,
	SERVER_CERT(get_chain_len), CLIENT_CERT(get_chain_len));
