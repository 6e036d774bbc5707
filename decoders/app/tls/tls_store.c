// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps what hellos and certificates said, each part within its bound.
#include "decoders/app/tls/tls_internal.h"
#include "decoders/app/tls/x509.h"
#include <stdio.h>

static uint16_t tls_version_normal(uint16_t version)
{
	// Drafts 1 to 15 of TLS 1.3 had no number of their own: 0x0304, or one below 16
	bool early = version == TLS_V13 || (version >= 0x7f01 && version < 0x7f10);
	return early ? TLS_V13_BEFORE_DRAFT16 : version;
}

static void store_bytes(struct tls_reader *r, struct bytes *to, struct span from, uint32_t max)
{
	if (from.len == 0)
		return;
	if (from.len > max)
		r->shared->counters[TLS_COUNT_OVER_BUDGET]++;
	to->len = 0;
	if (bytes_append(r->input->slab, to, from, max) == 0)
		r->shared->counters[TLS_COUNT_ALLOC]++;
}

// False: no room.
static bool strings_add(struct tls_reader *r, struct tls_strings *list, struct span item, uint32_t max)
{
	uint32_t need = list->bytes.len + (uint32_t)sizeof(item.len) + item.len;
	if (need > max) {
		r->shared->counters[TLS_COUNT_OVER_BUDGET]++;
		return false;
	}
	if (!bytes_reserve(r->input->slab, &list->bytes, need)) {
		r->shared->counters[TLS_COUNT_ALLOC]++;
		return false;
	}
	memcpy(list->bytes.data + list->bytes.len, &item.len, sizeof(item.len));
	if (item.len)
		memcpy(list->bytes.data + list->bytes.len + sizeof(item.len), item.data, item.len);
	list->bytes.len = need;
	list->count++;
	return true;
}

static void add_u16(struct tls_reader *r, struct bytes *list, uint16_t value)
{
	if (tls_is_grease(value))
		return;
	if (bytes_append(r->input->slab, list, span_of(&value, sizeof(value)), TLS_LIST_MAX) != sizeof(value))
		r->shared->counters[TLS_COUNT_OVER_BUDGET]++;
}

static void store_list16(struct tls_reader *r, struct bytes *to, struct span from)
{
	if (!bytes_reserve(r->input->slab, to, from.len < TLS_LIST_MAX ? from.len : TLS_LIST_MAX))
		return;
	for (uint32_t i = 0; i + 2 <= from.len && to->len + 2 <= TLS_LIST_MAX; i += 2)
		add_u16(r, to, be16_at(from.data + i));
}

static void store_lists(struct tls_reader *r, const struct tls_hello *hello)
{
	struct tls_side *side = r->side;
	store_list16(r, &side->ciphers, hello->ciphers);
	store_list16(r, &side->sig_algs, hello->sig_algs);
	uint32_t at = 0;
	uint16_t type;
	struct span value;
	while (tls_next_extension(hello->extensions, &at, &type, &value) && side->extensions.len + 2 <= TLS_LIST_MAX)
		add_u16(r, &side->extensions, type);
	at = 0;
	while (tls_next_alpn(hello->alpn, &at, &value))
		if (!strings_add(r, &side->alpn, value, TLS_LIST_MAX))
			break;
}

static void store_fingerprints(struct tls_reader *r, const struct tls_hello *hello)
{
	struct tls_side *side = r->side;
	struct fingerprints *fp = r->shared->fingerprints;
	if (r->shared->ja3) {
		struct span string = ja3_string(fp, hello);
		store_bytes(r, &side->ja3, string, JA3_STRING_MAX);
		if (!side->ja3.len || !ja3_hash(fp, string, side->ja3_hash))
			side->ja3_hash[0] = 0;
	}
	if (r->shared->ja4 && hello->client && !ja4_hash(fp, hello, false, side->ja4))
		side->ja4[0] = 0;
}

void tls_store_hello(struct tls_reader *r, const struct tls_hello *hello)
{
	struct tls_side *side = r->side;
	side->has_hello = true;
	// A server's version is the one it chose; a client offers several and is known by the legacy one
	side->version =
		hello->client || !hello->has_versions ? tls_version_normal(hello->version) : hello->best_version;
	side->best_version = hello->best_version;
	if (hello->random.len == sizeof(side->random)) {
		memcpy(side->random, hello->random.data, sizeof(side->random));
		side->has_random = true;
	}
	if (hello->session_id.len && hello->session_id.len <= sizeof(side->session_id)) {
		memcpy(side->session_id, hello->session_id.data, hello->session_id.len);
		side->session_id_len = (uint8_t)hello->session_id.len;
	}
	store_bytes(r, &side->sni, hello->sni, TLS_SNI_MAX);
	store_lists(r, hello);
	store_fingerprints(r, hello);
}

static void certificate_event(struct tls_reader *r, enum x509_result result)
{
	static const uint8_t events[] = {
		[X509_LENGTH] = TLS_CERTIFICATE_INVALID_LENGTH,
		[X509_INVALID] = TLS_INVALID_CERTIFICATE,
		[X509_DER] = TLS_CERTIFICATE_INVALID_DER,
		[X509_VERSION] = TLS_CERTIFICATE_INVALID_VERSION,
		[X509_SERIAL] = TLS_CERTIFICATE_INVALID_SERIAL,
		[X509_ALGORITHM] = TLS_CERTIFICATE_INVALID_ALGORITHM,
		[X509_NAME] = TLS_CERTIFICATE_INVALID_NAME,
		[X509_DATE] = TLS_CERTIFICATE_INVALID_DATE,
		[X509_EXTENSIONS] = TLS_CERTIFICATE_INVALID_EXTENSIONS,
	};
	tls_event(r, events[result]);
}

static bool store_name(struct tls_reader *r, struct span name, struct bytes *to)
{
	int len = x509_format_name(name, r->shared->name, sizeof(r->shared->name));
	if (len < 0)
		return false;
	store_bytes(r, to, span_of(r->shared->name, (size_t)len), TLS_NAME_MAX);
	return true;
}

static void store_alt_names(struct tls_reader *r, struct span names, struct tls_certificate *to)
{
	uint32_t at = 0;
	struct span text;
	char buffer[64];
	while (x509_next_name(names, &at, &text, buffer)) {
		if (to->names.count >= TLS_SAN_COUNT_MAX) {
			tls_event(r, TLS_TOO_MANY_SUBJECT_ALT_NAMES);
			return;
		}
		if (!strings_add(r, &to->names, text, TLS_SANS_MAX))
			return;
	}
}

static void store_first(struct tls_reader *r, struct span der)
{
	struct tls_certificate *to = &r->side->certificate;
	struct x509 x509;
	enum x509_result result = x509_read(der, &x509);
	if (result != X509_OK) {
		certificate_event(r, result);
		return;
	}
	if (!store_name(r, x509.subject, &to->subject)) {
		tls_event(r, TLS_CERTIFICATE_INVALID_SUBJECT);
		return;
	}
	if (!store_name(r, x509.issuer, &to->issuer)) {
		tls_event(r, TLS_CERTIFICATE_INVALID_ISSUER);
		return;
	}
	uint32_t len = x509_format_hex(x509.serial, true, r->shared->name, sizeof(r->shared->name));
	store_bytes(r, &to->serial, span_of(r->shared->name, len), TLS_NAME_MAX);
	store_alt_names(r, x509.alt_names, to);
	to->not_before_s = x509.not_before_s;
	to->not_after_s = x509.not_after_s;
	uint8_t sha1[20];
	if (fingerprint_sha1(r->shared->fingerprints, der, sha1))
		to->fingerprint[x509_format_hex(
			span_of(sha1, sizeof(sha1)), false, to->fingerprint, sizeof(to->fingerprint))] = 0;
	to->seen = true;
}

// RFC 5246 7.4.2: a 24-bit length, then certificates with one each.
void tls_store_certificates(struct tls_reader *r, struct span body)
{
	struct tls_side *side = r->side;
	if (side->chain_len)
		return;
	struct cursor c = cursor_on(body);
	struct span list = cursor_span(&c, cursor_be24(&c));
	if (!cursor_ok(&c)) {
		tls_event(r, TLS_INVALID_CERTIFICATE);
		return;
	}
	c = cursor_on(list);
	while (cursor_left(&c)) {
		struct span der = cursor_span(&c, cursor_be24(&c));
		if (!cursor_ok(&c)) {
			tls_event(r, TLS_INVALID_CERTIFICATE);
			return;
		}
		if (side->chain_len++ == 0)
			store_first(r, der);
		if (side->chain.count < TLS_CHAIN_CERTS_MAX)
			(void)strings_add(r, &side->chain, der, r->shared->certificate_max);
	}
}

void tls_trim(struct slab *slab, struct tls_tx *tls)
{
	for (unsigned i = 0; i < 2; i++) {
		struct tls_side *side = &tls->side[i];
		bytes_fini(slab, &side->chain.bytes);
		side->chain.count = 0;
		bytes_fini(slab, &side->ciphers);
		bytes_fini(slab, &side->extensions);
		bytes_fini(slab, &side->sig_algs);
		bytes_fini(slab, &side->message);
		side->message_need = 0;
	}
}

void tls_side_fini(struct slab *slab, struct tls_side *side)
{
	struct bytes *all[] = { &side->sni, &side->alpn.bytes, &side->ciphers, &side->extensions, &side->sig_algs,
		&side->ja3, &side->chain.bytes, &side->message, &side->certificate.subject, &side->certificate.issuer,
		&side->certificate.serial, &side->certificate.names.bytes };
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		bytes_fini(slab, all[i]);
}
