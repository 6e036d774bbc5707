// SPDX-License-Identifier: GPL-3.0-or-later
// MMDB file: writes a MaxMind database of a few IPv4 networks and their countries, as the format's specification (2.0) has it, so that tests
// need none from outside.
//
// Threads      the test's
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MMDB_NODES_MAX 512

struct mmdb_country {
	uint8_t network[4];
	unsigned prefix;
	const char *code;
	bool flat; // {"country_code": CODE}; else {"country": {"iso_code": CODE}}
};

struct mmdb_writer {
	uint32_t records[MMDB_NODES_MAX][2]; // 0: nothing; a node; or data, from MMDB_NODES_MAX on
	uint32_t node_count, data_len;
	uint8_t data[4096];
};

static inline void mmdb_put(struct mmdb_writer *w, const void *bytes, size_t len)
{
	if (w->data_len + len > sizeof(w->data))
		abort();
	memcpy(w->data + w->data_len, bytes, len);
	w->data_len += (uint32_t)len;
}

// A control byte: type in its upper three bits, size in the others.
static inline void mmdb_control(struct mmdb_writer *w, unsigned type, unsigned size)
{
	uint8_t bytes[2] = { (uint8_t)((type <= 7 ? type << 5 : 0) | size), (uint8_t)(type - 7) };
	mmdb_put(w, bytes, type <= 7 ? 1 : 2);
}

static inline void mmdb_text(struct mmdb_writer *w, const char *text)
{
	size_t len = strlen(text);
	if (len > 28) {
		uint8_t bytes[2] = { 2 << 5 | 29, (uint8_t)(len - 29) };
		mmdb_put(w, bytes, 2);
	} else {
		mmdb_control(w, 2, (unsigned)len);
	}
	mmdb_put(w, text, len);
}

// type: 5 uint16, 6 uint32, 9 uint64.
static inline void mmdb_number(struct mmdb_writer *w, const char *key, unsigned type, uint16_t value)
{
	uint8_t bytes[2] = { (uint8_t)(value >> 8), (uint8_t)value };
	mmdb_text(w, key);
	mmdb_control(w, type, 2);
	mmdb_put(w, bytes, 2);
}

static inline void mmdb_add(struct mmdb_writer *w, const struct mmdb_country *country)
{
	uint32_t node = 0, at = w->data_len;
	mmdb_control(w, 7, 1);
	mmdb_text(w, country->flat ? "country_code" : "country");
	if (!country->flat) {
		mmdb_control(w, 7, 1);
		mmdb_text(w, "iso_code");
	}
	mmdb_text(w, country->code);
	for (unsigned i = 0; i < country->prefix; i++) {
		uint32_t *record = &w->records[node][country->network[i / 8] >> (7 - i % 8) & 1];
		if (i + 1 == country->prefix) {
			*record = MMDB_NODES_MAX + at;
		} else {
			if (*record == 0)
				*record = w->node_count++;
			node = *record;
		}
	}
}

static inline void mmdb_metadata(struct mmdb_writer *w)
{
	mmdb_put(w,
		"\xab\xcd\xef"
		"MaxMind.com",
		14);
	mmdb_control(w, 7, 9);
	mmdb_number(w, "binary_format_major_version", 5, 2);
	mmdb_number(w, "binary_format_minor_version", 5, 0);
	mmdb_number(w, "build_epoch", 9, 1);
	mmdb_number(w, "ip_version", 5, 4);
	mmdb_number(w, "node_count", 6, (uint16_t)w->node_count);
	mmdb_number(w, "record_size", 5, 24);
	mmdb_text(w, "database_type");
	mmdb_text(w, "test");
	mmdb_text(w, "languages");
	mmdb_control(w, 11, 0);
	mmdb_text(w, "description");
	mmdb_control(w, 7, 0);
}

// False: path cannot be written.
static inline bool mmdb_write(const char *path, const struct mmdb_country *countries, size_t count)
{
	struct mmdb_writer *w = calloc(1, sizeof(*w));
	FILE *out = fopen(path, "w");
	if (!w || !out)
		return false;
	w->node_count = 1;
	for (size_t i = 0; i < count; i++)
		mmdb_add(w, &countries[i]);
	for (uint32_t node = 0; node < w->node_count; node++)
		for (unsigned side = 0; side < 2; side++) {
			uint32_t record = w->records[node][side];
			uint32_t value = record == 0                ? w->node_count
					 : record >= MMDB_NODES_MAX ? record - MMDB_NODES_MAX + w->node_count + 16
								    : record;
			fputc((int)(value >> 16 & 0xff), out);
			fputc((int)(value >> 8 & 0xff), out);
			fputc((int)(value & 0xff), out);
		}
	static const uint8_t gap[16];
	fwrite(gap, 1, sizeof(gap), out);
	mmdb_metadata(w);
	fwrite(w->data, 1, w->data_len, out);
	free(w);
	return fclose(out) == 0;
}
