// SPDX-License-Identifier: GPL-3.0-or-later
// IP reputation: scores of addresses and networks by category, for the keyword iprep. The most specific network that has a score in the
// category counts.
//
// Life cycle   ip_reputation_new -> category lines, then address lines -> ip_reputation_score ... -> ip_reputation_free
// Memory       32 bytes an entry, in a table that doubles while it is loaded
// Threads      loading: one. Then read by all
#pragma once
#include "decoders/base/address.h"
#include "decoders/base/span.h"

#define IP_REPUTATION_CATEGORIES 60  // ids below it
#define IP_REPUTATION_SCORE_MAX  127 // of an entry

struct ip_reputation;

// NULL: no memory.
struct ip_reputation *ip_reputation_new(void);
void ip_reputation_free(struct ip_reputation *reputation);
// "ID,NAME,DESCRIPTION" of the categories file, and "ADDRESS[/PREFIX],CATEGORY ID,SCORE" of a list. NULL when good, else the reason.
const char *ip_reputation_category_line(struct ip_reputation *reputation, struct span line);
const char *ip_reputation_line(struct ip_reputation *reputation, struct span line);
// False: there is no such category.
bool ip_reputation_category(const struct ip_reputation *reputation, struct span name, uint8_t *category);
// 0 to IP_REPUTATION_SCORE_MAX; -1: not listed in the category. Costs a look-up for each length of prefix the lists use.
int ip_reputation_score(const struct ip_reputation *reputation, const struct address *address, uint8_t category);
uint32_t ip_reputation_count(const struct ip_reputation *reputation);
