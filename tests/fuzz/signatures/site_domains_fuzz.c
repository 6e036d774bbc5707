// SPDX-License-Identifier: GPL-3.0-or-later
// The memory of a site's domains: any bytes as its file; then meetings and questions of any keys, hosts and times, in a table so small that it forgets.
#include <stdlib.h>
#include "decoders/base/clock.h"
#include "signatures/heuristics/site_domains.h"

#define STEP_BYTES 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void step(struct site_domains *site, const uint8_t bytes[STEP_BYTES])
{
	struct domain_met met = { .key = (uint64_t)(bytes[0] + 1) << (bytes[1] & 15) << 4,
		.ts_ns = ((uint64_t)bytes[2] << 8 | bytes[3]) * 3600 * NS_PER_S,
		.host = address_v4((const uint8_t[]) { 10, 0, 0, bytes[4] }),
		.far = address_v4((const uint8_t[]) { 10, 0, 0, bytes[5] }),
		.by_dns = bytes[6] & 1,
		.far_inside = bytes[6] & 2 };
	const struct domain_asked asked = { .key = met.key,
		.ts_ns = met.ts_ns,
		.host = met.host,
		.told_if = bytes[6] >> 2 & 3,
		.reasons = bytes[7] & 31,
		.by_dns = met.by_dns };
	struct domain_known known;
	if (bytes[6] & 128)
		site_domains_meet(site, &met);
	bool told = site_domains_ask(site, &asked, &known);
	if ((told && asked.told_if != TOLD_ALWAYS && !known.first_s) || known.hosts > SITE_HOSTS_MAX)
		abort();
	if (told && asked.told_if != TOLD_ALWAYS && asked.told_if != TOLD_IF_RARE && !known.is_new)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct site_domains_config config = {
		.memory_bytes = 4096, .learn_s = 86400, .age_s = 86400, .host_limit = 100
	};
	struct site_domains *site = site_domains_new(&config), *next = site_domains_new(&config);
	const char *reason;
	size_t len;
	if (!site || !next)
		abort();
	(void)site_domains_load(site, data, size, &reason);
	for (size_t at = 0; at + STEP_BYTES <= size; at += STEP_BYTES)
		step(site, data + at);
	void *bytes = site_domains_pack(site, &len);
	if (!bytes || !site_domains_load(next, bytes, len, &reason) ||
		site_domains_count(next) != site_domains_count(site))
		abort();
	free(bytes);
	site_domains_free(next);
	site_domains_free(site);
	return 0;
}
