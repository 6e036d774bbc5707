// SPDX-License-Identifier: GPL-3.0-or-later
// Community ID, version 1: a hash of a conversation's ends that other tools compute too.
//
// Source       github.com/corelight/community-id-spec: SHA-1 over seed, ordered endpoints, protocol, ports; ICMP's type and code stand for ports
// Memory       a hasher holds one OpenSSL context, made at start
// Threads      a hasher belongs to one worker
#pragma once
#include <stddef.h>
#include "decoders/flow/flow.h"

#define COMMUNITY_ID_SIZE 31 // "1:", 28 characters and the zero

struct community_hasher;

// NULL: no memory, or no SHA-1 in OpenSSL.
struct community_hasher *community_hasher_new(uint16_t seed);
void community_hasher_free(struct community_hasher *hasher);
void community_id(struct community_hasher *hasher, const struct flow *flow, char text[COMMUNITY_ID_SIZE]);
