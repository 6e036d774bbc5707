// SPDX-License-Identifier: GPL-3.0-or-later
// Host bits: xbits and hostbits of rules: bits that hang on an address or a pair of them for a time, and tags of hosts.
//
// Life cycle   host_bits_new -> put / has -> host_bits_free
// Memory       a table of fixed size; full: the entry that ends first among those near goes
// Threads      one worker
#pragma once
#include "decoders/base/address.h"

struct host_bits;

struct host_bit_key {
	struct address first, second; // second all zero: one host
	uint16_t bit;
};

struct host_bits *host_bits_new(unsigned entries);
void host_bits_free(struct host_bits *bits);
bool host_bits_has(const struct host_bits *bits, const struct host_bit_key *key, uint64_t now_ns);
void host_bits_put(struct host_bits *bits, const struct host_bit_key *key, uint64_t until_ns);
void host_bits_drop(struct host_bits *bits, const struct host_bit_key *key);
