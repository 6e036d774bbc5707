// SPDX-License-Identifier: GPL-3.0-or-later
// Signing: who a pack is from. pack.manifest lists the SHA-256 of every file of a pack; pack.sig is an ed25519 signature over the manifest's bytes.
//
//   pack.manifest   "SHA256 two-spaces PATH" a line, sorted by path, all files but these two (sha256sum -c reads it)
//   pack.sig        "sekisho-pack 1 PUBLICKEY SIGNATURE" in base64
//
// Sources      RFC 8032 (ed25519); OpenSSL's EVP
#pragma once
#include "sensor/files/files.h"

#define PACK_MANIFEST "pack.manifest"
#define PACK_SIG      "pack.sig"
#define KEY_TEXT_SIZE 45 // base64 of 32 bytes, and the zero
#define SHA256_TEXT   65

// That of the manifest of what is in folder: names the content of the whole tree.
bool tree_sha256(const char *folder, char out[SHA256_TEXT], struct pack_error *error);

// Makes FILE (the private key, PEM, mode 0600, must not exist) and FILE.pub (the public one, PEM). out: the public key as rules.trusted-keys has it.
bool signing_make_key(const char *file, char out[KEY_TEXT_SIZE], struct pack_error *error);
// Writes pack.manifest and pack.sig into folder.
bool signing_sign(const char *folder, const char *key_file, char out[KEY_TEXT_SIZE], struct pack_error *error);

enum signing_result { SIGNING_GOOD, SIGNING_NONE /* no pack.sig */, SIGNING_BAD };

// keys: base64 of public keys, or files with one in PEM. by: the key that signed. SIGNING_NONE, SIGNING_BAD: the reason is in error.
enum signing_result signing_verify(const char *folder, const char *const *keys, size_t key_count,
	char by[KEY_TEXT_SIZE], struct pack_error *error);
