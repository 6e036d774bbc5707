// SPDX-License-Identifier: GPL-3.0-or-later
// Reputation list: indicators (addresses, networks, domains) read from plain files, and looked up.
//
// A file has one indicator a line: an IPv4 or IPv6 address, a network in CIDR notation, or a domain, which stands for itself and all names below
// it. What follows a # is a comment. A line that is none of these, or stands for too much (networks of fewer than 8 bits of IPv4 or 16 of IPv6,
// a top-level domain), is told and left out.
//
// Life cycle   reputation_list_new -> reputation_list_read_file ... -> reputation_list_finish -> lookups -> reputation_list_free
// Memory       malloc while loading, bounded by REPUTATION_INDICATORS_MAX; nothing is allocated or moves after finish
// Threads      loading: one. After finish: read by all
// Cost         address: one hash and a binary search over the networks. Domain: a hash for each label, at most as many as the longest indicator has
#pragma once
#include "decoders/base/address.h"
#include "decoders/base/span.h"

#define REPUTATION_INDICATORS_MAX (16u << 20)
#define REPUTATION_DOMAIN_MAX     253 // bytes: what RFC 1035 leaves of 255 for the text

enum reputation_kind { REPUTATION_ADDRESS, REPUTATION_NETWORK, REPUTATION_DOMAIN, REPUTATION_KINDS };

struct reputation_indicator {
	struct address address; // network: its first
	uint32_t text_offset, text_len;
	uint32_t file;   // index of the file that gave it first
	uint32_t parent; // network: index + 1 of the next wider one around it; 0 none
	uint8_t kind;    // enum reputation_kind
	uint8_t bits;    // network: of the 16-byte form
};

struct reputation_list;

struct reputation_list *reputation_list_new(void); // NULL: no memory
void reputation_list_free(struct reputation_list *list);

// Reads a file. False with the reason logged when it cannot be read; lines that cannot be taken are counted, the first few logged.
bool reputation_list_read_file(struct reputation_list *list, const char *path);
// Adds one line as a file has it (its end not included). NULL, or what is wrong with it; file is an index that lookups give back.
const char *reputation_list_add(struct reputation_list *list, struct span line, uint32_t file);
// Nothing is added after it. False: no memory.
bool reputation_list_finish(struct reputation_list *list);

uint32_t reputation_list_count(const struct reputation_list *list);
uint32_t reputation_list_bad_lines(const struct reputation_list *list);
struct span reputation_list_text(const struct reputation_list *list, const struct reputation_indicator *indicator);
// Path of the file, as it was given; lives as long as list.
const char *reputation_list_file(const struct reputation_list *list, const struct reputation_indicator *indicator);

// The address itself, else the narrowest network around it. NULL: none.
const struct reputation_indicator *reputation_list_find_address(
	const struct reputation_list *list, const struct address *address);
// The longest listed domain that name is or lies below. Case and a dot at the end do not matter; name may be of any length. NULL: none.
const struct reputation_indicator *reputation_list_find_domain(const struct reputation_list *list, struct span name);
