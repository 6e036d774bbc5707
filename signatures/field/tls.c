// SPDX-License-Identifier: GPL-3.0-or-later
// Buffers and numbers of TLS; its tests are in tls_tests.c.
#include "signatures/field/tls.h"
#include "decoders/app/quic/quic.h"
#include "decoders/app/tls/tls.h"
#include "decoders/app/tls/fingerprint.h"
#include <ctype.h>

static const struct tls_side *side_of(const struct field_source *source)
{
	return &((const struct tls_tx *)source->tx)->side[source->direction];
}

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
	return index == 0 && bytes_of(&side_of(source)->sni, value);
}

static bool get_subject(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && bytes_of(&side_of(source)->certificate.subject, value);
}

static bool get_issuer(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && bytes_of(&side_of(source)->certificate.issuer, value);
}

static bool get_serial(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && bytes_of(&side_of(source)->certificate.serial, value);
}

static bool get_fingerprint(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && text_of(side_of(source)->certificate.fingerprint, value);
}

static bool get_certs(const struct field_source *source, unsigned index, struct field_value *value)
{
	return nth_of(&side_of(source)->chain, index, value);
}

static bool get_alt_name(const struct field_source *source, unsigned index, struct field_value *value)
{
	return nth_of(&side_of(source)->certificate.names, index, value);
}

static bool get_alpn(const struct field_source *source, unsigned index, struct field_value *value)
{
	return nth_of(&side_of(source)->alpn, index, value);
}

static bool random_part(
	const struct field_source *source, unsigned index, uint32_t from, uint32_t len, struct field_value *value)
{
	const struct tls_side *side = side_of(source);
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
	return index == 0 && text_of(side_of(source)->ja3_hash, value);
}

static bool get_ja3_string(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && bytes_of(&side_of(source)->ja3, value);
}

static bool get_ja4(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && text_of(side_of(source)->ja4, value);
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
	*value = side_of(source)->chain_len;
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

#define NAMES(...)                \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}
#define QUIC(direction, function)                \
	{                                        \
		APP_QUIC, direction, 1, function \
	}
#define CLIENT_HELLO(function)                                      \
	{                                                           \
		APP_TLS, TO_SERVER, TLS_CLIENT_HELLO_DONE, function \
	}
#define SERVER_HELLO(function)                                 \
	{                                                      \
		APP_TLS, TO_CLIENT, TLS_SERVER_HELLO, function \
	}
#define CLIENT_CERT(function)                                      \
	{                                                          \
		APP_TLS, TO_SERVER, TLS_CLIENT_CERT_DONE, function \
	}
#define SERVER_CERT(function)                                      \
	{                                                          \
		APP_TLS, TO_CLIENT, TLS_SERVER_CERT_DONE, function \
	}
#define READERS(...)                  \
	(const struct field_reader[]) \
	{                             \
		__VA_ARGS__,          \
		{                     \
			0             \
		}                     \
	}

const struct field_buffer field_tls_sni = { .name = "tls.sni",
	.sticky = NAMES("tls_sni"),
	.description = "TLS server name",
	.level = FIELD_TX,
	.readers = READERS(CLIENT_HELLO(get_sni)) };
const struct field_buffer field_tls_cert_subject = { .name = "tls.cert_subject",
	.sticky = NAMES("tls_cert_subject"),
	.description = "TLS certificate subject",
	.level = FIELD_TX,
	.readers = READERS(SERVER_CERT(get_subject), CLIENT_CERT(get_subject)) };
const struct field_buffer field_tls_cert_issuer = { .name = "tls.cert_issuer",
	.sticky = NAMES("tls_cert_issuer"),
	.description = "TLS certificate issuer",
	.level = FIELD_TX,
	.readers = READERS(SERVER_CERT(get_issuer), CLIENT_CERT(get_issuer)) };
const struct field_buffer field_tls_cert_serial = { .name = "tls.cert_serial",
	.sticky = NAMES("tls_cert_serial"),
	.description = "TLS certificate serial number",
	.level = FIELD_TX,
	.readers = READERS(SERVER_CERT(get_serial), CLIENT_CERT(get_serial)),
	.check_content = to_upper };
const struct field_buffer field_tls_cert_fingerprint = { .name = "tls.cert_fingerprint",
	.sticky = NAMES("tls_cert_fingerprint"),
	.description = "TLS certificate SHA-1 fingerprint",
	.level = FIELD_TX,
	.readers = READERS(SERVER_CERT(get_fingerprint), CLIENT_CERT(get_fingerprint)),
	.check_content = to_lower };
const struct field_buffer field_tls_certs = { .name = "tls.certs",
	.sticky = NAMES("tls_certs"),
	.description = "TLS certificate (DER)",
	.level = FIELD_TX,
	.flags = FIELD_MULTI,
	.readers = READERS(SERVER_CERT(get_certs), CLIENT_CERT(get_certs)) };
const struct field_buffer field_tls_subjectaltname = { .name = "tls.subjectaltname",
	.description = "TLS certificate alternative name",
	.level = FIELD_TX,
	.flags = FIELD_MULTI,
	.readers = READERS(SERVER_CERT(get_alt_name), CLIENT_CERT(get_alt_name)) };
const struct field_buffer field_tls_alpn = { .name = "tls.alpn",
	.description = "TLS application protocol name",
	.level = FIELD_TX,
	.flags = FIELD_MULTI,
	.readers = READERS(CLIENT_HELLO(get_alpn), SERVER_HELLO(get_alpn)) };
const struct field_buffer field_tls_random = { .name = "tls.random",
	.sticky = NAMES("tls_random"),
	.description = "TLS random",
	.level = FIELD_TX,
	.readers = READERS(CLIENT_HELLO(get_random), SERVER_HELLO(get_random)) };
const struct field_buffer field_tls_random_time = { .name = "tls.random_time",
	.sticky = NAMES("tls_random_time"),
	.description = "TLS random, first 4 bytes",
	.level = FIELD_TX,
	.readers = READERS(CLIENT_HELLO(get_random_time), SERVER_HELLO(get_random_time)) };
const struct field_buffer field_tls_random_bytes = { .name = "tls.random_bytes",
	.sticky = NAMES("tls_random_bytes"),
	.description = "TLS random, last 28 bytes",
	.level = FIELD_TX,
	.readers = READERS(CLIENT_HELLO(get_random_bytes), SERVER_HELLO(get_random_bytes)) };
const struct field_buffer field_ja3_hash = { .name = "ja3.hash",
	.sticky = NAMES("ja3_hash"),
	.description = "JA3 hash",
	.level = FIELD_TX,
	.readers = READERS(CLIENT_HELLO(get_ja3_hash), QUIC(TO_SERVER, quic_ja3_hash)),
	.check_content = to_lower };
const struct field_buffer field_ja3_string = { .name = "ja3.string",
	.sticky = NAMES("ja3_string"),
	.description = "JA3 string",
	.level = FIELD_TX,
	.readers = READERS(CLIENT_HELLO(get_ja3_string), QUIC(TO_SERVER, quic_ja3_string)) };
const struct field_buffer field_ja3s_hash = { .name = "ja3s.hash",
	.sticky = NAMES("ja3s_hash"),
	.description = "JA3S hash",
	.level = FIELD_TX,
	.readers = READERS(SERVER_HELLO(get_ja3_hash), QUIC(TO_CLIENT, quic_ja3_hash)),
	.check_content = to_lower };
const struct field_buffer field_ja3s_string = { .name = "ja3s.string",
	.sticky = NAMES("ja3s_string"),
	.description = "JA3S string",
	.level = FIELD_TX,
	.readers = READERS(SERVER_HELLO(get_ja3_string), QUIC(TO_CLIENT, quic_ja3_string)) };
const struct field_buffer field_ja4_hash = { .name = "ja4.hash",
	.sticky = NAMES("ja4_hash"),
	.description = "JA4 hash",
	.level = FIELD_TX,
	.readers = READERS(CLIENT_HELLO(get_ja4), QUIC(TO_SERVER, quic_ja4)),
	.check_content = to_lower };

const struct field_number field_tls_cert_chain_len = { .name = "tls.cert_chain_len",
	.alias = "tls_cert_chain_len",
	.level = FIELD_TX,
	.bits = 32,
	.readers = (const struct field_number_reader[]) {
		SERVER_CERT(get_chain_len), CLIENT_CERT(get_chain_len), { 0 } } };
