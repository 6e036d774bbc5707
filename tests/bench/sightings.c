// SPDX-License-Identifier: GPL-3.0-or-later
// What keeping what was seen costs: sightings FOLDER [SIGHTINGS [MAX-SIZE-MIB]]. Gives synthetic sightings (names, addresses with ports, URLs, fingerprints of 2,000 hosts over
// 30 days; a third was met before) to the thread that keeps them, as fast as it takes them, and prints its CPU time, what it wrote, and how large the database is. Then ask it:
// sekisho hunt ... --set sightings.path=FOLDER. Nothing here is a test.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "sensor/config/config.h"
#include "sensor/process/wall_clock.h"
#include "sensor/sightings/sightings.h"
#include "signatures/reputation/indicator.h"
#include "signatures/reputation/named.h"
#include "signatures/reputation/store_build.h"

#define HOSTS  2000
#define SPAN_S (30 * 86400u)

static uint64_t mixed(uint64_t x) // splitmix64: the nth number of a fixed sequence
{
	x = (x + 1) * 0x9e3779b97f4a7c15ull;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

// The nth value of all: some are met by many, most by few.
static uint32_t value_of(uint64_t n, struct sighting *sighting, char *text, size_t size)
{
	static const char *const tlds[] = { "com", "net", "org", "de", "io", "example" };
	uint64_t x = mixed(n);
	const char *tld = tlds[x % 6];
	switch (x >> 8 & 7) {
	case 0:
	case 1:
	case 2:
		sighting->kind = INDICATOR_DOMAIN;
		return (uint32_t)snprintf(text, size, "h%llu.site%llx.%s", (unsigned long long)(x >> 60),
			(unsigned long long)(x >> 16 & 0xffffff), tld);
	case 3:
	case 4:
		sighting->kind = INDICATOR_URL;
		return (uint32_t)snprintf(text, size, "site%llx.%s/path/%llx", (unsigned long long)(x >> 40 & 0xffff),
			tld, (unsigned long long)(x >> 16 & 0xffffff));
	case 5:
		sighting->kind = INDICATOR_JA4;
		return (uint32_t)snprintf(text, size, "t13d1516h2_%012llx_%012llx",
			(unsigned long long)(x >> 16 & 0xfff), (unsigned long long)(x >> 28 & 0xfff));
	default: {
		struct address address = address_v4(
			(const uint8_t[4]) { (uint8_t)(x >> 56 | 1), (uint8_t)(x >> 48), (uint8_t)(x >> 40), 7 });
		sighting->kind = INDICATOR_ADDRESS;
		memcpy(text, address.bytes, 16);
		text[16] = 1;
		text[17] = (char)(x >> 32 & 3);
		return 18;
	}
	}
}

static void meet(uint64_t i, uint64_t count, struct record *record)
{
	struct sighting sighting = { .count = 1, .proto = 6, .places = 1u << NAMED_TLS_SNI };
	char text[256];
	uint64_t n = i % 3 == 2 ? mixed(i) % (i / 2 + 1) : i; // before
	uint64_t host = mixed(n + (1ull << 40)) % HOSTS;
	uint64_t at_s = 1750000000 + SPAN_S * i / count;
	sighting.len = (uint16_t)value_of(n, &sighting, text, sizeof(text));
	sighting.key = store_key(sighting.kind, span_of(text, sighting.len), 0, 0);
	sighting.first_ns = sighting.last_ns = at_s * NS_PER_S;
	sighting.flow_id = mixed(i) & 0x1fffffffffffff;
	sighting.host = address_v4((const uint8_t[4]) { 10, 0, (uint8_t)(host >> 8), (uint8_t)host });
	sighting.far = address_v4((const uint8_t[4]) { 198, (uint8_t)mixed(n), (uint8_t)(n >> 8), (uint8_t)n });
	memcpy(record->line, &sighting, sizeof(sighting));
	memcpy(record->line + sizeof(sighting), text, sighting.len);
	record->line_len = (uint32_t)sizeof(sighting) + sighting.len;
}

static double cpu_s(int who)
{
	struct rusage used;
	getrusage(who, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 2000000;
	static struct sensor_config config;
	if (argc < 2)
		return 2;
	log_set_level(LOG_WARNING);
	config_init(&config);
	free(config.sightings.path);
	config.sightings.path = strdup(argv[1]);
	if (argc > 3)
		config.sightings.max_bytes = strtoull(argv[3], NULL, 10) << 20;
	const struct sightings_setup setup = { .config = &config.sightings, .eve = &config.eve };
	struct sightings *sightings = sightings_new(&setup);
	struct record *record = calloc(1, sizeof(*record) + RECORD_LINE_MAX);
	if (!sightings || !record || !sightings_start(sightings))
		return 1;
	double began = monotonic_s();
	for (uint64_t i = 0; i < count; i++) {
		meet(i, count, record);
		sightings_take(sightings, record);
	}
	double ours = cpu_s(RUSAGE_THREAD);
	sightings_finish(sightings);
	double seconds = monotonic_s() - began, theirs = cpu_s(RUSAGE_SELF) - ours;
	uint64_t counts[SIGHTINGS_COUNTERS_END];
	sightings_counts(sightings, counts);
	for (int i = 0; i < SIGHTINGS_COUNTERS_END; i++)
		printf("%-36s %llu\n", sightings_counter_names[i], (unsigned long long)counts[i]);
	printf("%.2f s in all, of CPU in the thread %.2f s: %.2f us a sighting, %.0f a second of CPU\n", seconds,
		theirs, theirs * 1e6 / (double)count, (double)count / theirs);
	sightings_free(sightings);
	config_fini(&config);
	free(record);
	return 0;
}
