// SPDX-License-Identifier: GPL-3.0-or-later
// What else answers and requests hold: service bindings (RFC 9460: SVCB, HTTPS), texts (RFC 1035 section 3.3.14), and messages in URLs (RFC 8484).
//
// Memory       none of its own; spans go into the message given
// Threads      pure functions
#pragma once
#include "decoders/app/dns/dns_message.h"

struct dns_service {
	uint16_t priority;      // 0: an alias
	struct dns_name target; // empty: the owner itself
	struct span parameters; // key, length, value
};

// False: the record is none of these, or broken.
bool dns_record_service(const struct dns_message *message, const struct dns_record *record, struct dns_service *out);
// The next address of ipv4hint and ipv6hint (4 or 16 bytes); *at begins at 0. False: there are no more.
bool dns_service_hint(const struct dns_service *service, uint32_t *at, struct span *address);

// The strings of a TXT record joined, as far as room goes: gives how many bytes.
uint32_t dns_record_text(
	const struct dns_message *message, const struct dns_record *record, uint8_t *out, uint32_t room);

// The value of "dns" in a target's query, still as base64url. False: there is none.
bool dns_query_find(struct span target, struct span *text);
// Decodes it into out, up to what is no digit or to room bytes; gives how many.
uint32_t dns_query_decode(struct span text, uint8_t *out, uint32_t room);
