// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/quic/quic_crypto.h"
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include "decoders/base/hex.h"
#include "decoders/base/steps.h"
#include "decoders/packet/packet.h"

#define HASH_BYTES   32
#define BLOCK_BYTES  64 // of SHA-256
#define SAMPLE_BYTES 16
#define TAG_BYTES    16
#define NUMBER_MAX   4
#define HEADER_MAX   2048 // bytes of a packet's header; a token may be long

struct quic_crypto {
	EVP_MD_CTX *digest;
	EVP_MD *sha256, *md5;
	EVP_CIPHER_CTX *cipher;
	EVP_CIPHER *gcm, *ecb;
};

struct quic_crypto *quic_crypto_new(void)
{
	struct quic_crypto *crypto = calloc(1, sizeof(*crypto));
	if (!crypto)
		return NULL;
	crypto->digest = EVP_MD_CTX_new();
	crypto->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	crypto->md5 = EVP_MD_fetch(NULL, "MD5", NULL);
	crypto->cipher = EVP_CIPHER_CTX_new();
	crypto->gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
	crypto->ecb = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
	if (crypto->digest && crypto->sha256 && crypto->md5 && crypto->cipher && crypto->gcm && crypto->ecb)
		return crypto;
	quic_crypto_free(crypto);
	return NULL;
}

void quic_crypto_free(struct quic_crypto *crypto)
{
	if (!crypto)
		return;
	EVP_MD_CTX_free(crypto->digest);
	EVP_MD_free(crypto->sha256);
	EVP_MD_free(crypto->md5);
	EVP_CIPHER_CTX_free(crypto->cipher);
	EVP_CIPHER_free(crypto->gcm);
	EVP_CIPHER_free(crypto->ecb);
	free(crypto);
}

static bool digest(struct quic_crypto *crypto, struct span one, struct span two, uint8_t out[HASH_BYTES])
{
	return EVP_DigestInit_ex2(crypto->digest, crypto->sha256, NULL) == 1 &&
	       EVP_DigestUpdate(crypto->digest, one.data, one.len) == 1 &&
	       EVP_DigestUpdate(crypto->digest, two.data, two.len) == 1 &&
	       EVP_DigestFinal_ex(crypto->digest, out, NULL) == 1;
}

// RFC 2104; key of at most a block.
static bool hmac(struct quic_crypto *crypto, struct span key, struct span message, uint8_t out[HASH_BYTES])
{
	uint8_t inner[BLOCK_BYTES], outer[BLOCK_BYTES], hash[HASH_BYTES];
	for (uint32_t i = 0; i < BLOCK_BYTES; i++) {
		uint8_t byte = i < key.len ? key.data[i] : 0;
		inner[i] = byte ^ 0x36;
		outer[i] = byte ^ 0x5c;
	}
	return digest(crypto, span_of(inner, BLOCK_BYTES), message, hash) &&
	       digest(crypto, span_of(outer, BLOCK_BYTES), span_of(hash, HASH_BYTES), out);
}

// HKDF-Expand-Label (RFC 8446 7.1) without context, of at most one hash.
static bool expand(
	struct quic_crypto *crypto, const uint8_t secret[HASH_BYTES], const char *label, uint8_t *out, uint8_t len)
{
	uint8_t info[40] = { 0, len }, made[HASH_BYTES];
	int label_len = snprintf((char *)info + 3, sizeof(info) - 5, "tls13 %s", label);
	info[2] = (uint8_t)label_len;
	info[3 + label_len] = 0;
	info[4 + label_len] = 1;
	if (!hmac(crypto, span_of(secret, HASH_BYTES), span_of(info, (size_t)label_len + 5), made))
		return false;
	memcpy(out, made, len);
	return true;
}

// What the first secret is made with, by version. Others have that of version 1.
static const struct {
	uint32_t from, to;
	uint8_t salt[20];
} salts[] = {
	{ 0x6b3343cf, 0x6b3343cf,
		{ 0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9,
			0xbd, 0x2e, 0xd9 } },
	{ 0xff00001d, 0xff000020,
		{ 0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43,
			0x90, 0xa8, 0x99 } },
	{ 0xff000017, 0xff00001c,
		{ 0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe,
			0xf9, 0xf5, 0x02 } },
	{ 0xfaceb002, 0xfaceb00e, // Facebook's, as draft 27
		{ 0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe,
			0xf9, 0xf5, 0x02 } },
	{ 0xfaceb001, 0xfaceb001, // Facebook's, as draft 22
		{ 0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a, 0x96, 0xcd, 0x21, 0x51, 0x9e, 0xbd, 0x7a,
			0x02, 0x64, 0x4a } },
	{ 0, UINT32_MAX,
		{ 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc,
			0xbb, 0x7f, 0x0a } },
};

static struct span salt_of(uint32_t version)
{
	unsigned i = 0;
	while (version < salts[i].from || version > salts[i].to)
		i++;
	return span_of(salts[i].salt, sizeof(salts[i].salt));
}

bool quic_initial_keys(struct quic_crypto *crypto, uint32_t version, struct span id, struct quic_keys keys[2])
{
	uint8_t initial[HASH_BYTES], secret[HASH_BYTES];
	bool two = version == 0x6b3343cf;
	work_step(64);
	if (!hmac(crypto, salt_of(version), id, initial))
		return false;
	for (int d = TO_SERVER; d <= TO_CLIENT; d++)
		if (!expand(crypto, initial, d == TO_SERVER ? "client in" : "server in", secret, HASH_BYTES) ||
			!expand(crypto, secret, two ? "quicv2 key" : "quic key", keys[d].key, 16) ||
			!expand(crypto, secret, two ? "quicv2 iv" : "quic iv", keys[d].iv, 12) ||
			!expand(crypto, secret, two ? "quicv2 hp" : "quic hp", keys[d].hp, 16))
			return false;
	return true;
}

// RFC 9001 5.4: the mask over the first byte and the packet number.
static bool header_mask(
	struct quic_crypto *crypto, const struct quic_keys *keys, const uint8_t *sample, uint8_t mask[16])
{
	int len = 0;
	return EVP_CipherInit_ex2(crypto->cipher, crypto->ecb, keys->hp, NULL, 1, NULL) == 1 &&
	       EVP_CIPHER_CTX_set_padding(crypto->cipher, 0) == 1 &&
	       EVP_CipherUpdate(crypto->cipher, mask, &len, sample, SAMPLE_BYTES) == 1 && len == SAMPLE_BYTES;
}

struct span quic_open(struct quic_crypto *crypto, const struct quic_keys *keys, struct span packet, uint32_t number_at,
	uint8_t *out, bool *authentic)
{
	uint8_t header[HEADER_MAX + NUMBER_MAX], mask[16], nonce[12];
	const struct span none = { 0 };
	*authentic = false;
	if (number_at > HEADER_MAX || packet.len < number_at + NUMBER_MAX + SAMPLE_BYTES ||
		!header_mask(crypto, keys, packet.data + number_at + NUMBER_MAX, mask))
		return none;
	memcpy(header, packet.data, number_at + NUMBER_MAX);
	header[0] ^= mask[0] & 0x0f;
	uint32_t number_len = (header[0] & 3u) + 1, at = number_at + number_len;
	if (packet.len < at + TAG_BYTES)
		return none;
	memcpy(nonce, keys->iv, sizeof(nonce));
	for (uint32_t i = 0; i < number_len; i++) {
		header[number_at + i] ^= mask[1 + i];
		nonce[12 - number_len + i] ^= header[number_at + i];
	}
	struct span sealed = span_slice(packet, at, packet.len - at - TAG_BYTES);
	uint8_t tag[TAG_BYTES];
	memcpy(tag, packet.data + packet.len - TAG_BYTES, TAG_BYTES);
	int len = 0, rest = 0;
	if (EVP_CipherInit_ex2(crypto->cipher, crypto->gcm, keys->key, nonce, 0, NULL) != 1 ||
		EVP_CipherUpdate(crypto->cipher, NULL, &len, header, (int)at) != 1 ||
		EVP_CipherUpdate(crypto->cipher, out, &len, sealed.data, (int)sealed.len) != 1 ||
		EVP_CIPHER_CTX_ctrl(crypto->cipher, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, tag) != 1)
		return none;
	*authentic = EVP_CipherFinal_ex(crypto->cipher, out + len, &rest) == 1;
	return (struct span) { out, (uint32_t)len };
}

bool quic_md5(struct quic_crypto *crypto, struct span bytes, char out[33])
{
	uint8_t hash[16];
	if (EVP_DigestInit_ex2(crypto->digest, crypto->md5, NULL) != 1 ||
		EVP_DigestUpdate(crypto->digest, bytes.data, bytes.len) != 1 ||
		EVP_DigestFinal_ex(crypto->digest, hash, NULL) != 1)
		return false;
	*hex_put(out, hash, sizeof(hash)) = 0;
	return true;
}
