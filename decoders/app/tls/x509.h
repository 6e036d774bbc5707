// SPDX-License-Identifier: GPL-3.0-or-later
// X.509: what events and rules tell of a certificate (RFC 5280): names, serial number, validity, alternative names. No judgement of trust.
//
// Memory       x509_read takes none (spans point into the certificate); the formatters write to the caller's buffer
// Threads      pure functions
#pragma once
#include "decoders/base/span.h"

enum x509_result {
	X509_OK,
	X509_LENGTH,  // cut: a length leads past the end
	X509_INVALID, // its parts do not fit into each other
	X509_DER,     // no DER
	X509_VERSION,
	X509_SERIAL,
	X509_ALGORITHM,
	X509_NAME,
	X509_DATE,
	X509_EXTENSIONS,
};

struct x509 {
	unsigned version;                  // 1 to 3
	struct span serial;                // integer, as encoded
	struct span issuer, subject;       // contents of the Name sequences
	int64_t not_before_s, not_after_s; // since 1970, UTC
	struct span alt_names;             // contents of the GeneralNames sequence; NULL data when there are none
};

enum x509_result x509_read(struct span der, struct x509 *out);

// Writes a distinguished name as "C=US, O=Example, CN=example.com"; values of one part are joined by " + ". Gives its length, or -1 when it is
// malformed or longer than size.
int x509_format_name(struct span name, char *out, uint32_t size);

// Writes bytes as "00:AA:1B" (upper) or "00:aa:1b". Gives the length; cut at size.
uint32_t x509_format_hex(struct span bytes, bool upper, char *out, uint32_t size);

// Walks alternative names: *at starts at 0. Fills out with the text of the next DNS name, address, URI or mail address: text
// points into names, or to buffer for addresses. False at the end.
bool x509_next_name(struct span names, uint32_t *at, struct span *text, char buffer[64]);

// Seconds since 1970 of a calendar date; any year.
int64_t x509_seconds(int year, unsigned month, unsigned day, unsigned hour, unsigned minute, unsigned second);
