// SPDX-License-Identifier: GPL-3.0-or-later
// The handshakes of tls_transcripts.h inside another protocol, for tests that included cmocka.h.
#pragma once
#include <stdio.h>
#include "decoders/app/tls/tls.h"
#include "tests/support/decoders/app_drive.h"
#include "tests/support/decoders/tls_transcripts.h"

#define TRANSCRIPT_BYTES_MAX 4096

static inline uint32_t transcript_bytes(const struct transcript_part *part, uint8_t out[TRANSCRIPT_BYTES_MAX])
{
	uint32_t len = 0;
	for (const char *hex = part->hex; hex[0] && hex[1]; hex += 2) {
		unsigned byte = 0;
		assert_true(len < TRANSCRIPT_BYTES_MAX && sscanf(hex, "%2x", &byte) == 1);
		out[len++] = (uint8_t)byte;
	}
	return len;
}

static inline void assert_carried_client(const struct app_tx *tx)
{
	assert_non_null(tx);
	assert_non_null(tx->tls);
	const struct tls_side *client = &tx->tls->side[TO_SERVER];
	assert_true(span_is(span_of(client->sni.data, client->sni.len), "unit.example.com"));
	assert_string_equal(client->ja3_hash, "304734bb1c086c3453b387400cf83f11");
	assert_string_equal(client->ja4, "t13d1812h2_85036bcba153_d41ae481755e");
}

// session_tls12 was read as far as it tells of the server.
static inline void assert_carried_tls12(const struct app_tx *tx)
{
	assert_carried_client(tx);
	const struct tls_side *server = &tx->tls->side[TO_CLIENT];
	assert_string_equal(server->ja3_hash, "e195432758194ce2d482396b82e0d48e");
	assert_string_equal(
		server->certificate.fingerprint, "eb:13:6e:b2:1d:5a:e1:76:7e:f8:55:fa:9d:9c:25:ff:61:ec:48:e6");
	assert_int_equal(server->certificate.names.count, 4);
	assert_int_equal(server->chain.count, 1);
}
