// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/tls/fingerprint.h"
#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include "decoders/base/hex.h"

#define JA4_LIST_MAX 4096 // ciphers, extensions or signature algorithms counted

struct fingerprints {
	EVP_MD_CTX *context;
	EVP_MD *md5, *sha1, *sha256;
	uint32_t len;
	char text[JA3_STRING_MAX];
	uint16_t sorted[JA4_LIST_MAX];
};

struct fingerprints *fingerprints_new(void)
{
	struct fingerprints *fp = calloc(1, sizeof(*fp));
	if (!fp)
		return NULL;
	fp->context = EVP_MD_CTX_new();
	fp->md5 = EVP_MD_fetch(NULL, "MD5", NULL);
	fp->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	fp->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (fp->context && fp->md5 && fp->sha1 && fp->sha256)
		return fp;
	fingerprints_free(fp);
	return NULL;
}

void fingerprints_free(struct fingerprints *fp)
{
	if (!fp)
		return;
	EVP_MD_free(fp->md5);
	EVP_MD_free(fp->sha1);
	EVP_MD_free(fp->sha256);
	EVP_MD_CTX_free(fp->context);
	free(fp);
}

static bool digest(struct fingerprints *fp, const EVP_MD *md, struct span bytes, uint8_t *out)
{
	return EVP_DigestInit_ex2(fp->context, md, NULL) == 1 &&
	       EVP_DigestUpdate(fp->context, bytes.data, bytes.len) == 1 &&
	       EVP_DigestFinal_ex(fp->context, out, NULL) == 1;
}

bool fingerprint_sha1(struct fingerprints *fp, struct span bytes, uint8_t out[20])
{
	return digest(fp, fp->sha1, bytes, out);
}

static void hex_text(const uint8_t *bytes, unsigned count, char *out)
{
	*hex_put(out, bytes, count) = 0;
}

// Appends number in decimal; separator first unless it is the list's first.
static bool put_number(struct fingerprints *fp, bool first, unsigned number)
{
	if (JA3_STRING_MAX - fp->len < 8)
		return false;
	if (!first)
		fp->text[fp->len++] = '-';
	char digits[6];
	unsigned n = 0;
	do
		digits[n++] = (char)('0' + number % 10);
	while (number /= 10);
	while (n)
		fp->text[fp->len++] = digits[--n];
	return true;
}

static bool put_list16(struct fingerprints *fp, struct span list)
{
	bool first = true;
	for (uint32_t i = 0; i + 2 <= list.len; i += 2) {
		uint16_t value = be16_at(list.data + i);
		if (tls_is_grease(value))
			continue;
		if (!put_number(fp, first, value))
			return false;
		first = false;
	}
	return true;
}

static bool put_list8(struct fingerprints *fp, struct span list)
{
	for (uint32_t i = 0; i < list.len; i++)
		if (!put_number(fp, i == 0, list.data[i]))
			return false;
	return true;
}

static bool put_extension_types(struct fingerprints *fp, struct span extensions)
{
	uint32_t at = 0;
	uint16_t type;
	struct span value;
	bool first = true;
	while (tls_next_extension(extensions, &at, &type, &value)) {
		if (tls_is_grease(type))
			continue;
		if (!put_number(fp, first, type))
			return false;
		first = false;
	}
	return true;
}

static bool put_comma(struct fingerprints *fp)
{
	if (JA3_STRING_MAX - fp->len < 2)
		return false;
	fp->text[fp->len++] = ',';
	return true;
}

struct span ja3_string(struct fingerprints *fp, const struct tls_hello *hello)
{
	fp->len = 0;
	bool fits = put_number(fp, true, hello->version) && put_comma(fp) && put_list16(fp, hello->ciphers) &&
		    put_comma(fp) && put_extension_types(fp, hello->extensions);
	if (fits && hello->client)
		fits = put_comma(fp) && put_list16(fp, hello->groups) && put_comma(fp) &&
		       put_list8(fp, hello->point_formats);
	return fits ? span_of(fp->text, fp->len) : (struct span) { NULL, 0 };
}

bool ja3_hash(struct fingerprints *fp, struct span string, char out[33])
{
	uint8_t md5[16];
	if (!digest(fp, fp->md5, string, md5))
		return false;
	hex_text(md5, 16, out);
	return true;
}

// Shell sort in place: qsort may take memory.
static void sort_u16(uint16_t *values, uint32_t count)
{
	for (uint32_t gap = count / 2; gap; gap /= 2)
		for (uint32_t i = gap; i < count; i++) {
			uint16_t value = values[i];
			uint32_t at = i;
			for (; at >= gap && values[at - gap] > value; at -= gap)
				values[at] = values[at - gap];
			values[at] = value;
		}
}

// Values of a 16-bit list without GREASE, as many as fit.
static uint32_t take_list16(struct fingerprints *fp, struct span list)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i + 2 <= list.len && count < JA4_LIST_MAX; i += 2) {
		uint16_t value = be16_at(list.data + i);
		if (!tls_is_grease(value))
			fp->sorted[count++] = value;
	}
	return count;
}

// Extension types without GREASE; hashed leaves server_name (0) and ALPN (16) out too.
static uint32_t take_extensions(struct fingerprints *fp, struct span extensions, bool hashed)
{
	uint32_t at = 0, count = 0;
	uint16_t type;
	struct span value;
	while (tls_next_extension(extensions, &at, &type, &value) && count < JA4_LIST_MAX)
		if (!tls_is_grease(type) && !(hashed && (type == 0 || type == 16)))
			fp->sorted[count++] = type;
	return count;
}

// Adds the first count of sorted as "1301,1302" to the running digest.
static bool digest_hex_list(struct fingerprints *fp, uint32_t count)
{
	char text[320], *at = text;
	for (uint32_t i = 0; i < count; i++) {
		if (text + sizeof(text) - at < 5) {
			if (EVP_DigestUpdate(fp->context, text, (size_t)(at - text)) != 1)
				return false;
			at = text;
		}
		if (i)
			*at++ = ',';
		at = hex_put(at, (const uint8_t[]) { (uint8_t)(fp->sorted[i] >> 8), (uint8_t)fp->sorted[i] }, 2);
	}
	return at == text || EVP_DigestUpdate(fp->context, text, (size_t)(at - text)) == 1;
}

static bool ja4_begin(struct fingerprints *fp)
{
	return EVP_DigestInit_ex2(fp->context, fp->sha256, NULL) == 1;
}

static bool ja4_end(struct fingerprints *fp, char *out)
{
	uint8_t sha256[32];
	if (EVP_DigestFinal_ex(fp->context, sha256, NULL) != 1)
		return false;
	hex_text(sha256, 6, out);
	return true;
}

static const char *ja4_version(uint16_t version)
{
	switch (version) {
	case 0x0304: return "13";
	case 0x0303: return "12";
	case 0x0302: return "11";
	case 0x0301: return "10";
	case 0x0300: return "s3";
	case 0x0002: return "s2";
	case 0xfeff: return "d1";
	case 0xfefd: return "d2";
	case 0xfefc: return "d3";
	default: return "00";
	}
}

// First and last character of the first name; of names that are not alphanumeric there the outer digits of its hex form.
static void ja4_alpn(struct span alpn, char out[2])
{
	struct span name;
	uint32_t at = 0;
	out[0] = out[1] = '0';
	if (!tls_next_alpn(alpn, &at, &name) || name.len == 0)
		return;
	uint8_t first = name.data[0], last = name.data[name.len - 1];
	if (name.len == 2 && tls_is_grease((uint16_t)(first << 8 | last)))
		return;
	bool plain = first < 0x80 && last < 0x80 && isalnum(first) && isalnum(last);
	out[0] = plain ? (char)first : "0123456789abcdef"[first >> 4];
	out[1] = plain ? (char)last : "0123456789abcdef"[last & 15];
}

bool ja4_hash(struct fingerprints *fp, const struct tls_hello *hello, bool quic, char out[JA4_HASH_LEN + 1])
{
	char alpn[2];
	ja4_alpn(hello->alpn, alpn);
	uint32_t extensions = take_extensions(fp, hello->extensions, false);
	uint32_t ciphers = take_list16(fp, hello->ciphers);
	snprintf(out, JA4_HASH_LEN + 1, "%c%s%c%02u%02u%c%c_", quic ? 'q' : 't', ja4_version(hello->best_version),
		hello->has_sni ? 'd' : 'i', ciphers < 99 ? ciphers : 99, extensions < 99 ? extensions : 99, alpn[0],
		alpn[1]);

	sort_u16(fp->sorted, ciphers);
	if (!ja4_begin(fp) || !digest_hex_list(fp, ciphers) || !ja4_end(fp, out + 11))
		return false;
	out[23] = '_';

	extensions = take_extensions(fp, hello->extensions, true);
	sort_u16(fp->sorted, extensions);
	if (!ja4_begin(fp) || !digest_hex_list(fp, extensions) || EVP_DigestUpdate(fp->context, "_", 1) != 1)
		return false;
	return digest_hex_list(fp, take_list16(fp, hello->sig_algs)) && ja4_end(fp, out + 24);
}
