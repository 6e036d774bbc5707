// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/hunt/hunt_limits.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "decoders/base/log.h"
#include "sensor/feeds/feed_value.h"

bool hunt_kind_take(const char *tool, const char *name, unsigned *kind)
{
	for (*kind = 0; *kind < INDICATOR_KINDS; ++*kind)
		if (strcmp(indicator_kind_names[*kind], name) == 0)
			return true;
	log_error("%s: no kind %s; there are:", tool, name);
	for (unsigned i = 0; i < INDICATOR_KINDS; i++)
		fprintf(stderr, "%s%s", i ? ", " : "  ", indicator_kind_names[i]);
	fprintf(stderr, "\n");
	return false;
}

// An address, or a network of any width.
static bool take_host(const char *tool, struct hunt_limits *limits, const char *text)
{
	struct feed_value value;
	const struct indicator *host = &value.indicator;
	const char *wrong;
	if (hunt_network_parse(span_text(text), &limits->host, &limits->host_bits, &wrong)) {
		if (wrong)
			log_error("%s: --host %s: %s", tool, text, wrong);
		return !wrong;
	}
	if (feed_value_parse(span_text(text), INDICATOR_KINDS, NULL, true, &value) || host->kind != INDICATOR_ADDRESS) {
		log_error("%s: --host %s: neither an address nor a network", tool, text);
		return false;
	}
	limits->host = address_v6(host->value.data);
	limits->host_bits = 128;
	return true;
}

static bool take_time(const char *tool, const char *option, const char *text, uint64_t now_s, uint64_t *out_s)
{
	if (!text || hunt_time_parse(text, now_s, out_s))
		return true;
	log_error("%s: --%s %s: a time is 2026-11-22, 2026-11-22T10:00:00, or how long ago: 30m, 12h, 7d", tool, option,
		text);
	return false;
}

bool hunt_limits_take(const char *tool, const struct hunt_limits_text *text, struct hunt_limits *out)
{
	uint64_t now_s = (uint64_t)time(NULL);
	*out = (struct hunt_limits) { .until_s = INT64_MAX };
	if (!take_time(tool, "since", text->since, now_s, &out->since_s) ||
		!take_time(tool, "until", text->until, now_s, &out->until_s))
		return false;
	if (out->since_s > out->until_s) {
		log_error("%s: --since is after --until: nothing can be of that time", tool);
		return false;
	}
	return !text->host || take_host(tool, out, text->host);
}
