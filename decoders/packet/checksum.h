// SPDX-License-Identifier: GPL-3.0-or-later
// Checksum: the Internet's ones' complement sum (RFC 1071), as wide as the machine adds.
#pragma once
#include "decoders/base/address.h"
#include "decoders/base/span.h"

// Sum of bytes as 16-bit words in the machine's order, not folded. A part before the last must be even in length.
uint64_t checksum_sum(struct span bytes);
// The pseudo header of IPv4 and IPv6 (RFC 9293 section 3.1, RFC 8200 section 8.1), not folded: both sum up the same.
uint64_t checksum_pseudo(const uint8_t *src, const uint8_t *dst, unsigned address_len, uint8_t proto, uint32_t len);

static inline uint16_t checksum_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}
