// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/intel/filter.h"
#include <string.h>
#include <time.h>
#include "decoders/base/log.h"

bool intel_filter_ready(struct intel_filter *filter, const struct intel *intel)
{
	filter->now_s = (uint32_t)time(NULL);
	filter->kind = INDICATOR_KINDS;
	if (filter->feed && strcmp(filter->feed, LOCAL_FEED) != 0 && !feeds_find(&intel->plan->feeds, filter->feed)) {
		log_error("%s: no such feed is configured", filter->feed);
		return false;
	}
	return !filter->kind_name || intel_kind(filter->kind_name, &filter->kind);
}

bool intel_fits(const struct intel_filter *filter, const struct intel_entry *entry)
{
	const struct indicator *indicator = &entry->indicator;
	bool expired = indicator->expiry_s && indicator->expiry_s <= filter->now_s;
	return (filter->kind == INDICATOR_KINDS || filter->kind == indicator->kind) && expired == filter->expired &&
	       filter->allow == ((indicator->flags & INDICATOR_ALLOW) != 0);
}
