// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/operand/geo_country.h"
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

struct geo_country {
	MMDB_s database;
};

struct geo_country *geo_country_new(const char *path, char *error, size_t size)
{
	struct geo_country *geo = calloc(1, sizeof(*geo));
	int status = geo ? MMDB_open(path, MMDB_MODE_MMAP, &geo->database) : MMDB_OUT_OF_MEMORY_ERROR;
	if (status == MMDB_SUCCESS)
		return geo;
	snprintf(error, size, "%s", MMDB_strerror(status));
	free(geo);
	return NULL;
}

void geo_country_free(struct geo_country *geo)
{
	if (!geo)
		return;
	MMDB_close(&geo->database);
	free(geo);
}

static bool look_up(const struct geo_country *geo, const struct address *address, MMDB_entry_s *entry)
{
	MMDB_lookup_result_s result;
	int error = MMDB_SUCCESS;
	if (address_is_v4(address)) {
		struct sockaddr_in in = { .sin_family = AF_INET };
		memcpy(&in.sin_addr, address->bytes + 12, 4);
		result = MMDB_lookup_sockaddr(&geo->database, (const struct sockaddr *)&in, &error);
	} else {
		struct sockaddr_in6 in = { .sin6_family = AF_INET6 };
		if (geo->database.metadata.ip_version == 4)
			return false;
		memcpy(&in.sin6_addr, address->bytes, 16);
		result = MMDB_lookup_sockaddr(&geo->database, (const struct sockaddr *)&in, &error);
	}
	*entry = result.entry;
	return error == MMDB_SUCCESS && result.found_entry;
}

bool geo_country_of(const struct geo_country *geo, const struct address *address, char code[2])
{
	// Databases name it in several ways
	static const char *const paths[][3] = { { "country", "iso_code" }, { "country_code" }, { "country" } };
	MMDB_entry_s entry;
	MMDB_entry_data_s data;
	if (!look_up(geo, address, &entry))
		return false;
	for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (MMDB_aget_value(&entry, &data, paths[i]) == MMDB_SUCCESS && data.has_data &&
			data.type == MMDB_DATA_TYPE_UTF8_STRING && data.data_size == 2) {
			for (unsigned k = 0; k < 2; k++)
				code[k] = (char)(data.utf8_string[k] >= 'a' && data.utf8_string[k] <= 'z'
							 ? data.utf8_string[k] - 0x20
							 : data.utf8_string[k]);
			return true;
		}
	return false;
}
