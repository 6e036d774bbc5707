// SPDX-License-Identifier: GPL-3.0-or-later
// Geo country: the country of an address by a MaxMind database, for the keyword geoip.
//
// Memory       the database is mapped, not read
// Threads      read by all
#pragma once
#include "decoders/base/address.h"

struct geo_country;

// NULL with the reason in error (size bytes).
struct geo_country *geo_country_new(const char *path, char *error, size_t size);
void geo_country_free(struct geo_country *geo);
// Two letters, upper case. False: the database does not know.
bool geo_country_of(const struct geo_country *geo, const struct address *address, char code[2]);
