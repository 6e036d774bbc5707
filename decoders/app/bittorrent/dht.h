// SPDX-License-Identifier: GPL-3.0-or-later
// BitTorrent's distributed hash table (BEP 5, and BEP 32 for IPv6): queries, responses and errors, bencoded, over UDP; a transaction a message.
//
// Memory       worker's slab: a copy of each datagram
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"

enum dht_event { DHT_MALFORMED_PACKET };

// A bencoded value: a string's bytes, a number, or a list's or dictionary's inside.
struct dht_value {
	uint8_t kind; // 's', 'i', 'l', 'd'; 0: absent
	int64_t number;
	struct span bytes;
};

struct dht_message {
	uint8_t type;                       // 'q', 'r', 'e'; 0: not told
	struct span transaction, version;   // data NULL: absent
	struct span method;                 // of a query: "ping"
	struct span query, response, error; // insides of its dictionary, or of the list of an error
};

// False: malformed; what was read before is there.
bool dht_message_read(struct span data, struct dht_message *message);
// The value of key in a dictionary's inside. False: it is not there.
bool dht_find(struct span dictionary, const char *key, struct dht_value *value);
// The next value of a list's inside, *at from 0. False: no more.
bool dht_next(struct span list, uint32_t *at, struct dht_value *value);

extern const struct app_parser dht_parser;
