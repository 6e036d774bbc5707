// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/geo.h"
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include "decoders/base/log.h"

struct geo {
	MMDB_s country, asn;
	bool has_country, has_asn;
};

static bool open_database(const char *path, MMDB_s *database, bool *has)
{
	*has = false;
	if (!path)
		return true;
	int status = MMDB_open(path, MMDB_MODE_MMAP, database);
	if (status != MMDB_SUCCESS) {
		log_error("%s: %s", path, MMDB_strerror(status));
		return false;
	}
	*has = true;
	return true;
}

struct geo *geo_new(const char *country_path, const char *asn_path)
{
	struct geo *geo = calloc(1, sizeof(*geo));
	if (!geo)
		return NULL;
	if (!open_database(country_path, &geo->country, &geo->has_country) ||
		!open_database(asn_path, &geo->asn, &geo->has_asn)) {
		geo_free(geo);
		return NULL;
	}
	return geo;
}

void geo_free(struct geo *geo)
{
	if (!geo)
		return;
	if (geo->has_country)
		MMDB_close(&geo->country);
	if (geo->has_asn)
		MMDB_close(&geo->asn);
	free(geo);
}

static bool look_up(const MMDB_s *database, const struct address *address, MMDB_entry_s *entry)
{
	int error = MMDB_SUCCESS;
	MMDB_lookup_result_s result;
	if (address_is_v4(address)) {
		struct sockaddr_in in = { .sin_family = AF_INET };
		memcpy(&in.sin_addr, address->bytes + 12, 4);
		result = MMDB_lookup_sockaddr(database, (const struct sockaddr *)&in, &error);
	} else {
		if (database->metadata.ip_version == 4)
			return false;
		struct sockaddr_in6 in = { .sin6_family = AF_INET6 };
		memcpy(&in.sin6_addr, address->bytes, 16);
		result = MMDB_lookup_sockaddr(database, (const struct sockaddr *)&in, &error);
	}
	*entry = result.entry;
	return error == MMDB_SUCCESS && result.found_entry;
}

static bool get_text(MMDB_entry_s *entry, const char *const *path, struct span *text)
{
	MMDB_entry_data_s data;
	if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS || !data.has_data ||
		data.type != MMDB_DATA_TYPE_UTF8_STRING || !data.data_size)
		return false;
	*text = span_of(data.utf8_string, data.data_size);
	return true;
}

// Databases name the same thing in several ways; the first that is there is taken.
static bool write_text(
	struct json *json, const char *key, MMDB_entry_s *entry, const char *const (*paths)[3], size_t count)
{
	struct span text;
	for (size_t i = 0; i < count; i++)
		if (get_text(entry, paths[i], &text)) {
			json_put_span(json, key, text);
			return true;
		}
	return false;
}

bool geo_write(const struct geo *geo, struct json *json, const struct address *address)
{
	static const char *const country_paths[][3] = { { "country", "iso_code" }, { "registered_country", "iso_code" },
		{ "country_code" }, { "country" } };
	static const char *const as_paths[][3] = { { "autonomous_system_organization" }, { "as_name" },
		{ "organization" }, { "name" } };
	static const char *const number_path[] = { "autonomous_system_number", NULL };
	MMDB_entry_s entry;
	bool any = false;
	if (geo->has_country && look_up(&geo->country, address, &entry))
		any |= write_text(
			json, "country", &entry, country_paths, sizeof(country_paths) / sizeof(country_paths[0]));
	if (geo->has_asn && look_up(&geo->asn, address, &entry)) {
		MMDB_entry_data_s data;
		if (MMDB_aget_value(&entry, &data, number_path) == MMDB_SUCCESS && data.has_data &&
			data.type == MMDB_DATA_TYPE_UINT32) {
			json_put_uint(json, "asn", data.uint32);
			any = true;
		}
		any |= write_text(json, "as_name", &entry, as_paths, sizeof(as_paths) / sizeof(as_paths[0]));
	}
	return any;
}
