// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/packs/signing.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_BYTES       32
#define SIGNATURE_BYTES 64
#define SIG_WORD        "sekisho-pack 1"
#define FILE_MAX        ((size_t)256 << 20)

// SHA-256 of bytes as hex.
static void sha256_text(const void *bytes, size_t len, char out[SHA256_TEXT])
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	EVP_Digest(bytes, len, hash, &size, EVP_sha256(), NULL);
	for (unsigned i = 0; i < 32; i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

// The manifest of what is in folder; the caller frees *out.
static bool make_manifest(const char *folder, char **out, size_t *len, struct pack_error *error)
{
	struct tree_list list;
	if (!tree_list(folder, &list, error))
		return false;
	FILE *text = open_memstream(out, len);
	bool good = text != NULL;
	for (size_t i = 0; good && i < list.count; i++) {
		char path[PATH_BYTES], hash[SHA256_TEXT], *bytes;
		size_t size;
		if (strcmp(list.paths[i], PACK_MANIFEST) == 0 || strcmp(list.paths[i], PACK_SIG) == 0)
			continue;
		good = path_join(path, folder, list.paths[i]) && file_read(path, FILE_MAX, &bytes, &size, error);
		if (!good)
			break;
		sha256_text(bytes, size, hash);
		free(bytes);
		fprintf(text, "%s  %s\n", hash, list.paths[i]);
	}
	tree_list_free(&list);
	if (text)
		fclose(text);
	if (!good && text)
		free(*out);
	return good || (text ? false : pack_fail(error, "no memory"));
}

bool tree_sha256(const char *folder, char out[SHA256_TEXT], struct pack_error *error)
{
	char *manifest;
	size_t len;
	if (!make_manifest(folder, &manifest, &len, error))
		return false;
	sha256_text(manifest, len, out);
	free(manifest);
	return true;
}

// Keys ---------------------------------------------------------------------------------------------------------------------------

static bool key_text(EVP_PKEY *key, char out[KEY_TEXT_SIZE])
{
	unsigned char raw[KEY_BYTES];
	size_t len = sizeof(raw);
	if (!key || EVP_PKEY_id(key) != EVP_PKEY_ED25519 || EVP_PKEY_get_raw_public_key(key, raw, &len) != 1)
		return false;
	EVP_EncodeBlock((unsigned char *)out, raw, KEY_BYTES);
	return true;
}

// Base64 of exactly want bytes, which takes want + 1 or + 2 bytes of room.
static bool decode(const char *text, size_t len, unsigned char *out, size_t want)
{
	if (len != (want + 2) / 3 * 4)
		return false;
	unsigned char bytes[96];
	if (EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)len) < (int)want)
		return false;
	memcpy(out, bytes, want);
	return true;
}

static bool write_pem(const char *path, mode_t mode, EVP_PKEY *key, bool private, struct pack_error *error)
{
	// Made here and by nobody else: what waits under that name could be read by others, or be a link
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return pack_fail(error, "%s: %s", path, strerror(errno));
	close(fd);
	BIO *text = BIO_new(BIO_s_mem());
	char *bytes = NULL;
	bool good = text && (private ? PEM_write_bio_PrivateKey(text, key, NULL, NULL, 0, NULL, NULL)
				     : PEM_write_bio_PUBKEY(text, key)) == 1;
	long len = good ? BIO_get_mem_data(text, &bytes) : 0;
	good = good ? file_write(path, bytes, (size_t)len, mode, error)
		    : pack_fail(error, "%s: no key could be made", path);
	BIO_free(text);
	return good;
}

bool signing_make_key(const char *file, char out[KEY_TEXT_SIZE], struct pack_error *error)
{
	char public[PATH_BYTES];
	if (snprintf(public, sizeof(public), "%s.pub", file) >= (int)sizeof(public))
		return pack_fail(error, "%.100s: the path is too long", file);
	if (access(file, F_OK) == 0 || access(public, F_OK) == 0)
		return pack_fail(error, "%s or %s.pub is there already; keys are not written over", file, file);
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	bool good = key_text(key, out) || pack_fail(error, "no key could be made");
	good = good && write_pem(file, 0600, key, true, error) && write_pem(public, 0644, key, false, error);
	EVP_PKEY_free(key);
	return good;
}

static EVP_PKEY *read_private(const char *file, struct pack_error *error)
{
	FILE *in = fopen(file, "r");
	if (!in) {
		pack_fail(error, "%s: %s", file, strerror(errno));
		return NULL;
	}
	EVP_PKEY *key = PEM_read_PrivateKey(in, NULL, NULL, NULL);
	fclose(in);
	if (key && EVP_PKEY_id(key) == EVP_PKEY_ED25519)
		return key;
	EVP_PKEY_free(key);
	pack_fail(error, "%s: not an ed25519 private key in PEM", file);
	return NULL;
}

bool signing_sign(const char *folder, const char *key_file, char out[KEY_TEXT_SIZE], struct pack_error *error)
{
	unsigned char signature[SIGNATURE_BYTES], encoded[96];
	size_t size = sizeof(signature), len = 0;
	char path[PATH_BYTES], line[256], *manifest = NULL;
	EVP_PKEY *key = read_private(key_file, error);
	if (!key)
		return false;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = make_manifest(folder, &manifest, &len, error);
	if (good && !(context && key_text(key, out) && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
			    EVP_DigestSign(context, signature, &size, (const unsigned char *)manifest, len) == 1))
		good = pack_fail(error, "%s: cannot be signed", folder);
	if (good) {
		EVP_EncodeBlock(encoded, signature, SIGNATURE_BYTES);
		int line_len = snprintf(line, sizeof(line), SIG_WORD " %s %s\n", out, (const char *)encoded);
		good = path_join(path, folder, PACK_MANIFEST) && file_write(path, manifest, len, 0644, error) &&
		       path_join(path, folder, PACK_SIG) && file_write(path, line, (size_t)line_len, 0644, error);
	}
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	free(manifest);
	return good;
}

// Verification -------------------------------------------------------------------------------------------------------------------

// A key of the list, as 32 bytes.
static bool read_trusted(const char *text, unsigned char out[KEY_BYTES])
{
	size_t len = sizeof(unsigned char[KEY_BYTES]);
	if (decode(text, strlen(text), out, KEY_BYTES))
		return true;
	FILE *in = fopen(text, "r");
	EVP_PKEY *key = in ? PEM_read_PUBKEY(in, NULL, NULL, NULL) : NULL;
	bool good = key && EVP_PKEY_id(key) == EVP_PKEY_ED25519 && EVP_PKEY_get_raw_public_key(key, out, &len) == 1;
	EVP_PKEY_free(key);
	if (in)
		fclose(in);
	return good;
}

static bool signature_holds(const unsigned char key_bytes[KEY_BYTES], const unsigned char signature[SIGNATURE_BYTES],
	const char *bytes, size_t len)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key_bytes, KEY_BYTES);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = key && context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
		    EVP_DigestVerify(context, signature, SIGNATURE_BYTES, (const unsigned char *)bytes, len) == 1;
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return good;
}

static bool read_signature(const char *text, unsigned char key[KEY_BYTES], unsigned char signature[SIGNATURE_BYTES],
	char by[KEY_TEXT_SIZE])
{
	size_t word = strlen(SIG_WORD);
	if (strncmp(text, SIG_WORD " ", word + 1) != 0)
		return false;
	const char *first = text + word + 1, *second = strchr(first, ' ');
	if (!second || second - first != KEY_TEXT_SIZE - 1)
		return false;
	snprintf(by, KEY_TEXT_SIZE, "%s", first);
	return decode(first, KEY_TEXT_SIZE - 1, key, KEY_BYTES) &&
	       decode(second + 1, strcspn(second + 1, "\n"), signature, SIGNATURE_BYTES);
}

static bool verify_key(const char *folder, const char *const *keys, size_t key_count,
	const unsigned char key[KEY_BYTES], const char *by, struct pack_error *error)
{
	for (size_t i = 0; i < key_count; i++) {
		unsigned char trusted[KEY_BYTES];
		if (!read_trusted(keys[i], trusted))
			return pack_fail(error,
				"rules.trusted-keys: %.200s is neither a key in base64 nor a file with one in PEM",
				keys[i]);
		if (memcmp(trusted, key, KEY_BYTES) == 0)
			return true;
	}
	return pack_fail(error, "%s: is signed by %s, which is not among rules.trusted-keys", folder, by);
}

// Tells which file it is: the signed manifest against what is there.
static bool compare_manifests(const char *folder, const char *told, const char *found, struct pack_error *error)
{
	while (*told && *found) {
		size_t a = strcspn(told, "\n"), b = strcspn(found, "\n");
		if (a == b && memcmp(told, found, a) == 0) {
			told += a + (told[a] == '\n');
			found += b + (found[b] == '\n');
			continue;
		}
		const char *path_a = a > 66 ? told + 66 : "", *path_b = b > 66 ? found + 66 : "";
		size_t len_a = a > 66 ? a - 66 : 0, len_b = b > 66 ? b - 66 : 0;
		if (len_a == len_b && memcmp(path_a, path_b, len_a) == 0)
			return pack_fail(error, "%s: %.*s is not as it was signed", folder, (int)len_a, path_a);
		return pack_fail(error, "%s: the files are not those that were signed, from %.*s on", folder,
			(int)(len_b ? len_b : len_a), len_b ? path_b : path_a);
	}
	if (*told || *found)
		return pack_fail(error, "%s: has %s files than were signed", folder, *told ? "fewer" : "more");
	return true;
}

enum signing_result signing_verify(
	const char *folder, const char *const *keys, size_t key_count, char by[KEY_TEXT_SIZE], struct pack_error *error)
{
	char path[PATH_BYTES], *sig = NULL, *told = NULL, *found = NULL;
	unsigned char key[KEY_BYTES], signature[SIGNATURE_BYTES];
	size_t len, told_len, found_len;
	if (!path_join(path, folder, PACK_SIG) || access(path, F_OK) != 0) {
		pack_fail(error, "%s: is not signed (there is no " PACK_SIG ")", folder);
		return SIGNING_NONE;
	}
	bool good = file_read(path, 4096, &sig, &len, error);
	if (good && !read_signature(sig, key, signature, by))
		good = pack_fail(error, "%s: is no signature of a pack", path);
	good = good && verify_key(folder, keys, key_count, key, by, error) && path_join(path, folder, PACK_MANIFEST) &&
	       file_read(path, (size_t)16 << 20, &told, &told_len, error);
	if (good && !signature_holds(key, signature, told, told_len))
		good = pack_fail(error, "%s: the signature is wrong", folder);
	good = good && make_manifest(folder, &found, &found_len, error) &&
	       compare_manifests(folder, told, found, error);
	free(sig);
	free(told);
	free(found);
	return good ? SIGNING_GOOD : SIGNING_BAD;
}
