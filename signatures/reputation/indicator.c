// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/indicator.h"

const char *const indicator_kind_names[INDICATOR_KINDS] = {
	[INDICATOR_ADDRESS] = "address",
	[INDICATOR_NETWORK] = "network",
	[INDICATOR_ENDPOINT] = "endpoint",
	[INDICATOR_DOMAIN] = "domain",
	[INDICATOR_URL] = "url",
	[INDICATOR_FILE_MD5] = "file_md5",
	[INDICATOR_FILE_SHA1] = "file_sha1",
	[INDICATOR_FILE_SHA256] = "file_sha256",
	[INDICATOR_CERT_SHA1] = "cert_sha1",
	[INDICATOR_CERT_SHA256] = "cert_sha256",
	[INDICATOR_JA3] = "ja3",
	[INDICATOR_JA3S] = "ja3s",
	[INDICATOR_JA4] = "ja4",
	[INDICATOR_USER_AGENT] = "user_agent",
	[INDICATOR_EMAIL] = "email",
};

const uint8_t indicator_kind_bytes[INDICATOR_KINDS] = {
	[INDICATOR_ADDRESS] = 16,
	[INDICATOR_NETWORK] = 16,
	[INDICATOR_ENDPOINT] = 16,
	[INDICATOR_FILE_MD5] = 16,
	[INDICATOR_FILE_SHA1] = 20,
	[INDICATOR_FILE_SHA256] = 32,
	[INDICATOR_CERT_SHA1] = 20,
	[INDICATOR_CERT_SHA256] = 32,
	[INDICATOR_JA3] = 16,
	[INDICATOR_JA3S] = 16,
	[INDICATOR_JA4] = 36,
};
