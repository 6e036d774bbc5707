// SPDX-License-Identifier: GPL-3.0-or-later
// Records of a DNS message in EVE: what the events of DNS and of mDNS, and those of DNS in HTTP and QUIC, share.
//
// Memory   nothing is allocated; what a line has no room for is left out, whole records at a time
// Threads  pure functions
#pragma once
#include "decoders/app/dns/dns.h"
#include "export/eve/json.h"

// The name that begins at offset at of the message and ends before limit; *next (unless NULL): where it ends. Gives its enum dns_name_flag.
uint8_t eve_dns_name(
	struct json *json, const char *key, const struct dns_message *m, uint32_t at, uint32_t limit, uint32_t *next);
// "A", "TXT", ... or the number.
void eve_dns_type(struct json *json, const char *key, const struct dns_message *m, uint16_t type);
// False: the line is so full that no more records are told.
bool eve_dns_has_room(const struct json *json);
// The strings of a TXT record (RFC 1035 section 3.3.14), one a call. False when no more can be read.
bool eve_dns_next_string(struct cursor *c, struct span *string);
// "queries": the questions. Nothing when there are none.
void eve_dns_queries(struct json *json, const struct dns_message *m);
// "answers" (when detailed), "authorities", "additionals", and "grouped" (when asked for): values of the answers by type.
void eve_dns_answers(struct json *json, const struct dns_message *m, bool detailed, bool grouped);
