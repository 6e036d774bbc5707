// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as threshold.config, put on rules of every kind of threshold.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "decoders/base/option.h"
#include "signatures/rule/rule_set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char texts[][160] = {
	"alert tcp any any -> any any (msg:\"plain\"; sid:1;)",
	"alert tcp any any -> any any (msg:\"own\"; threshold:type both, track by_src, count 5, seconds 60; sid:2;)",
	"alert tcp any any -> any any (msg:\"detection\"; detection_filter:track by_dst, count 2, seconds 10; sid:3;)",
	"alert tcp any any -> any any (msg:\"other\"; gid:2; sid:1;)",
};

static void on_error(void *context, const struct rule_error *error)
{
	(void)context;
	if (!error->reason[0])
		abort();
}

static void check(const struct rule *rule)
{
	for (unsigned i = 0; i < rule->threshold_count; i++) {
		const struct rule_threshold *threshold = &rule->thresholds[i];
		if (threshold->type == THRESHOLD_SUPPRESS ? threshold->count != 0 : threshold->count == 0)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct option_pair pairs[] = { { "HOME_NET", "[192.168.0.0/16,10.0.0.0/8,fe80::/10]" } };
	static const struct option_map addresses = { pairs, 1 };
	static int fd = -1;
	if (fd < 0)
		fd = memfd_create("threshold", 0);
	if (fd < 0 || size > 16384 || ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		return 0;
	char path[32];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct rule_options options = { .address_groups = &addresses, .threshold_file = path, .on_error = on_error };
	struct rule_set *set = rule_set_new(&options);
	if (!set)
		abort();
	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!rule_set_add(set, texts[i], "fuzz", i + 1))
			abort();
	rule_set_finish(set);
	for (uint32_t i = 0; i < set->count; i++)
		check(set->rules[i]);
	rule_set_free(set);
	return 0;
}
