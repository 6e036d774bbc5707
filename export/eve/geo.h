// SPDX-License-Identifier: GPL-3.0-or-later
// Geo: country and autonomous system of an address from MaxMind databases.
//
// Memory       databases are mapped files; lookups take none
// Threads      one a worker
#pragma once
#include "export/eve/json.h"

struct geo;

// Paths may be NULL. NULL with the reason logged: a database cannot be opened.
struct geo *geo_new(const char *country_path, const char *asn_path);
void geo_free(struct geo *geo);
// Writes "country", "asn", "as_name" into the open object, those that are known. False: none was.
bool geo_write(const struct geo *geo, struct json *json, const struct address *address);
