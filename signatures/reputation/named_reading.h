// SPDX-License-Identifier: GPL-3.0-or-later
// Reading: what the readers of named.h's protocols share. Private to the folder.
//
// Memory   values given are borrowed for the call
// Threads  one worker
#pragma once
#include "decoders/app/dns/dns_message.h"
#include "signatures/reputation/named.h"

// One reading: what is given goes to take.
struct reading {
	struct named_reader *reader;
	const struct inspection *inspection;
	named_take *take;
	void *context;
	struct named named; // tx, direction and what a message says of all in it
};

void named_give(struct reading *reading, enum indicator_kind kind, enum named_place place, struct span value);
void named_give_address(struct reading *reading, enum named_place place, const struct address *address, uint16_t port);
// Is text an address, IPv6 in brackets or not?
bool named_address_of(struct span text, struct address *out);
// A host: a name, or an address in its place.
void named_give_host(struct reading *reading, enum named_place place, struct span host);
void named_give_url(struct reading *reading, enum named_place place, const struct canonical_url *url);
// A link in a text: the URL, and its host.
void named_give_link(struct reading *reading, enum named_place place, struct span link);
// Sets bits of a transaction's app_tx.named above those of its directions. False: they were set.
static inline bool named_once(struct app_tx *tx, uint8_t bits)
{
	bool first = !(tx->named & bits);
	tx->named |= bits;
	return first;
}

// A message of DNS, wherever it was carried.
void named_read_message(struct reading *reading, const struct dns_message *message, bool response);

// What a transaction names in a direction. False: not known yet, to be asked again.
bool named_read_dns(struct reading *reading, struct app_tx *tx, enum direction direction);
bool named_read_tls(struct reading *reading, struct app_tx *tx, enum direction direction);
bool named_read_quic(struct reading *reading, struct app_tx *tx, enum direction direction);
bool named_read_http(struct reading *reading, struct app_tx *tx, enum direction direction);
bool named_read_http2(struct reading *reading, struct app_tx *tx, enum direction direction);
bool named_read_smtp(struct reading *reading, struct app_tx *tx, enum direction direction);
bool named_read_imap(struct reading *reading, struct app_tx *tx, enum direction direction);
bool named_read_pop3(struct reading *reading, struct app_tx *tx, enum direction direction);
bool named_read_socks(struct reading *reading, struct app_tx *tx, enum direction direction);
bool named_read_sip(struct reading *reading, struct app_tx *tx, enum direction direction);
bool named_read_dhcp(struct reading *reading, struct app_tx *tx, enum direction direction);
bool named_read_dhcpv6(struct reading *reading, struct app_tx *tx, enum direction direction);
bool named_read_ssdp(struct reading *reading, struct app_tx *tx, enum direction direction);
bool named_read_ftp(struct reading *reading, struct app_tx *tx, enum direction direction);
bool named_read_smb(struct reading *reading, struct app_tx *tx, enum direction direction);
