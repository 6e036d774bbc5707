// SPDX-License-Identifier: GPL-3.0-or-later
// The joined lists of fields, by hand: a protocol's header (signatures/field/PROTO.h) declares its tables and lists them in
// PROTO_BUFFERS(X), PROTO_NUMBERS(X), PROTO_TESTS(X); each gets one line here.
#include "signatures/field/dns.h"
#include "signatures/field/field.h"
#include "signatures/field/packet.h"
#include "signatures/field/tls.h"
#include "signatures/field/file.h"
#include "signatures/field/http.h"

#define ENTRY(table) &table,

const struct field_buffer *const field_buffers[] = {
	PACKET_BUFFERS(ENTRY) DNS_BUFFERS(ENTRY) TLS_BUFFERS(ENTRY) FILE_BUFFERS(ENTRY) HTTP_BUFFERS(ENTRY) NULL,
};

const struct field_number *const field_numbers[] = {
	DNS_NUMBERS(ENTRY) TLS_NUMBERS(ENTRY) HTTP_NUMBERS(ENTRY) NULL,
};

const struct field_test *const field_tests[] = {
	TLS_TESTS(ENTRY) FILE_TESTS(ENTRY) NULL,
};
