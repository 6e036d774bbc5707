// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of DNS, mDNS, LLMNR and the NetBIOS name service: names of every section, opcode, rcode, types.
//
// Threads      const tables
#pragma once
#include "signatures/field/field.h"

#define DNS_BUFFERS(X)                    \
	X(dns_query_buffer)               \
	X(dns_query_name_buffer)          \
	X(dns_queries_rrname_buffer)      \
	X(dns_answer_name_buffer)         \
	X(dns_answers_rrname_buffer)      \
	X(dns_authorities_rrname_buffer)  \
	X(dns_additionals_rrname_buffer)  \
	X(dns_response_rrname_buffer)     \
	X(mdns_queries_rrname_buffer)     \
	X(mdns_answers_rrname_buffer)     \
	X(mdns_authorities_rrname_buffer) \
	X(mdns_additionals_rrname_buffer) \
	X(mdns_response_rrname_buffer)    \
	X(llmnr_queries_rrname_buffer)    \
	X(llmnr_answers_rrname_buffer)    \
	X(llmnr_response_rrname_buffer)   \
	X(nbns_queries_rrname_buffer)     \
	X(nbns_answers_rrname_buffer)     \
	X(nbns_additionals_rrname_buffer)
#define DNS_NUMBERS(X) X(dns_opcode_number) X(dns_rcode_number) X(dns_rrtype_number)

#define DNS_DECLARE_BUFFER(name) extern const struct field_buffer name;
#define DNS_DECLARE_NUMBER(name) extern const struct field_number name;
DNS_BUFFERS(DNS_DECLARE_BUFFER)
DNS_NUMBERS(DNS_DECLARE_NUMBER)
